/* The markets that this run records, and which connection carries each: what the command line wanted, put beside what the
 * exchanges list.
 *
 * Made on the main thread before the others start; then the network thread's, which adds markets that are newly listed.
 * A struct market never changes nor moves once it is in the plan, so the recorder thread may keep pointers to it. */
#ifndef RECORDER_MARKETS_PLAN_H
#define RECORDER_MARKETS_PLAN_H

#include "recorder/config.h"
#include "recorder/feeds/quiet.h"
#include "recorder/net/pace.h"

enum channel { CHANNEL_TRADES, CHANNEL_TICKER };

struct market {
	const struct exchange *exchange;
	enum channel channel;
	char symbol[SYMBOL_SIZE], base[SYMBOL_SIZE], quote[SYMBOL_SIZE]; /* base, quote: "" where the list was not to be had */
	char window[WINDOW_SIZE];                     /* of a ticker */
	char key[SYMBOL_SIZE + WINDOW_SIZE];          /* in the market_set */
	char name[MARKET_NAME_SIZE + WINDOW_SIZE + 8]; /* EXCHANGE:SYMBOL, EXCHANGE:SYMBOL@ticker:WINDOW */
	bool unchecked;                               /* the list, or its page, was not to be had */
};

struct feed;

struct market_heard { /* network thread */
	struct quiet quiet;
	bool told_ahead; /* the log has said that a trade is dated ahead of our clock */
};

struct connection_plan { /* one connection to one exchange, and what it carries */
	const struct exchange_address *address;
	struct subscription wanted; /* its arrays are owned */
	struct feed *feed;          /* network thread; owned by feeds; the connection at hand */
};

/* A socket's own copy of what it asks for: the plan's grows in place, and no market is live by a socket that did not ask for
 * it.  The texts stay the plan's.  false: no memory. */
bool subscription_copy(struct subscription *copy, const struct subscription *wanted) MUST_CHECK;
void subscription_release(struct subscription *copy);

struct market_plan {
	const struct config *config;  /* borrowed */
	struct market **markets;      /* owned; the index is the market's number in this run */
	struct market_heard *heard;   /* owned; likewise */
	size_t market_count;
	struct connection_plan **connections; /* owned; the pointers stay */
	size_t connection_count;
	struct pace connects[EXCHANGES_MAX]; /* network thread: attempts to connect, by the address in the config */
	struct delisted_market {
		const struct exchange *exchange;
		char symbol[SYMBOL_SIZE];
	} *delisted;                  /* owned; asked for, on the tape, and listed no more: left out */
	size_t delisted_count;
	const char **waiting;         /* owned, the texts are the config's; patterns whose list was not to be had, or not whole */
	size_t waiting_count;
};

/* An exchange's own list, as it was fetched. */
struct market_list {
	bool had;               /* false: not to be had, and `reason` says why */
	bool partial;           /* a page of it is missing, and `reason` says why: a name that it lacks may be listed there */
	bool no_memory;         /* for all its rows */
	unsigned missing_pages; /* bit i: the page of market_list_paths[i] */
	char reason[256];
	struct listed_row {
		char symbol[SYMBOL_SIZE], base[SYMBOL_SIZE], quote[SYMBOL_SIZE];
	} *rows; /* owned */
	size_t count;
};
void market_list_add(void *list, const struct listed_market *row); /* the callback of parse_market_list */
/* false: what is missing of it may hold something that a pattern of the command line wants. */
bool market_list_suffices(const struct market_list *list, const struct config *config, const struct exchange *exchange);
/* Does a pattern of the command line want that symbol, and is it not in the plan? */
bool market_is_missing(const struct market_plan *plan, const struct config *config, const struct exchange *exchange, const char *symbol);
void market_list_release(struct market_list *list);

/* lists[i] belongs to config->addresses[i].  A pattern whose list is not to be had waits for it (see new_listings.h).  false: a
 * market is not listed (err names the nearest), a pattern fits none, the exchange has no such ticker. */
bool market_plan_make(struct market_plan *plan, const struct config *config, const struct market_list *lists,
                      struct err *err) MUST_CHECK;
/* Adds what `list` has and the patterns of the command line want; *added: how many.  Markets that are gone stay. */
bool market_plan_extend(struct market_plan *plan, const struct config *config, const struct exchange_address *address,
                        const struct market_list *list, size_t *added, struct err *err) MUST_CHECK;
bool market_is_of(const char *name, const struct exchange *exchange); /* EXCHANGE:..., a pattern too */
void market_plan_release(struct market_plan *plan);

#endif
