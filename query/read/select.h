/* Which markets of the tape are meant by the names and patterns of the command line.  One thread. */
#ifndef QUERY_READ_SELECT_H
#define QUERY_READ_SELECT_H

#include "schema/base/market_name.h"
#include "schema/tape/reader.h"
#include "schema/value/trade.h"

#define PAIR_NAME_SIZE (EXCHANGE_NAME_SIZE + SYMBOL_SIZE)

#define NEVER_WANTED_US INT64_MIN

struct market {
	int64_t id;
	struct id_rule rule;
	char exchange[EXCHANGE_NAME_SIZE];
	char symbol[SYMBOL_SIZE];
	char name[MARKET_NAME_SIZE];
	char pair[PAIR_NAME_SIZE]; /* EXCHANGE:BASE/QUOTE; "" where the tape does not say */
	bool wanted;               /* its trades are asked for by the recorder that wrote last */
	int64_t ended_us;          /* else: our clock; until then they were; NEVER_WANTED_US: they never were */
	size_t asked;              /* which of the words on the command line, from 0 on, was the first that meant it */
	bool named;                /* asked for by a name that means it alone, not by a pattern */
};

struct selection {
	struct market *markets; /* owned; by name */
	size_t count;
};

/* Could `name` be a market's, or a pattern of them?  false: wrong usage. */
bool market_name_fits(const char *name, struct err *err) MUST_CHECK;

/* The markets that `names` mean, or all if there are none: EXCHANGE:SYMBOL or a pattern of it; where that fits none,
 * EXCHANGE:BASE/QUOTE or a pattern of that.  EXIT_OK, EXIT_NO_DATA for a name that is not on the tape (err
 * holds the nearest), or EXIT_TAPE. */
enum exit_code selection_load(struct selection *s, struct reader *r, const char *const *names, size_t count, struct err *err);
/* How many markets the tape has by now: one that is listed later may fit a pattern. */
bool selection_markets(struct reader *r, int64_t *count, struct err *err) MUST_CHECK;
void selection_release(struct selection *s);

#endif
