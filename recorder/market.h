/* The markets that this run records: what the command line wanted, put beside what the exchanges list.
 * Made on the main thread before the others start, read-only afterwards. */
#ifndef RECORDER_MARKET_H
#define RECORDER_MARKET_H

#include "recorder/config.h"

struct market {
	const struct exchange *exchange;
	char symbol[SYMBOL_SIZE], base[SYMBOL_SIZE], quote[SYMBOL_SIZE]; /* base, quote: "" where the list was not to be had */
	char name[MARKET_NAME_SIZE]; /* EXCHANGE:SYMBOL */
};

/* The connection to one exchange and what it carries. */
struct feed_plan {
	const struct exchange_address *address;
	struct market_set set; /* .symbols, .markets: owned by the plan */
};

struct market_plan {
	struct market *markets; /* owned; the index is the market's number in this run */
	size_t market_count;
	struct feed_plan feeds[EXCHANGES_MAX];
	size_t feed_count;
};

/* An exchange's own list, as it was fetched. */
struct market_list {
	bool had;               /* false: not to be had, and `reason` says why */
	char reason[256];
	struct market *rows;    /* owned */
	size_t count, capacity;
};
void market_list_add(void *list, const struct listed_market *row); /* the callback of parse_market_list */
void market_list_release(struct market_list *list);

/* lists[i] belongs to config->addresses[i].  false: a market is not listed (err names the nearest), or a pattern fits none
 * or cannot be expanded. */
bool market_plan_make(struct market_plan *plan, const struct config *config, const struct market_list *lists,
                      struct err *err) MUST_CHECK;
void market_plan_release(struct market_plan *plan);

#endif
