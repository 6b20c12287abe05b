/*
 * The market: every trade since the start in one append-only log. One thread makes the trades; everyone reads them.
 *
 * A trade is reached by its place in the log and never changes once published, so readers need no lock: they read market_published() and then
 * anything below it.
 */
#ifndef SIM_MARKET_H
#define SIM_MARKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "listing.h"
#include "text.h"

enum side { SIDE_BUY, SIDE_SELL }; /* the taker's */

struct trade {
	int64_t time_us;    /* as the exchange tells it; whole milliseconds where the dialect knows no finer */
	int64_t made_us;    /* by a clock that nobody sets: never falls along a market, and the same but for odd.c */
	int64_t price_units, size_units;
	uint32_t market;
	uint32_t place;     /* in the log */
	uint32_t serial;    /* 0, 1, 2 ... within the market */
	uint32_t agg;       /* the aggregate it belongs to: 0, 1, 2 ... within the market */
	uint32_t agg_first; /* the first serial in that aggregate (of fills, where the trade is itself an aggregate) */
	uint32_t ticker;    /* 1 + the first of its tickers' places, 0 = it has none */
	uint16_t agg_count; /* how many are in it; 0: it is not complete with this one */
	uint16_t n;         /* 0, 1, 2 ... within the market's millisecond */
	uint16_t late_ms;   /* the socket sends it so much later (--reorder-ms) */
	uint8_t price_scale, size_scale;
	uint8_t side;       /* enum side */
	uint8_t spell;      /* seeded: which spellings this trade's numbers take on the wire */
	uint8_t era;        /* of its market's ids */
	bool in_seconds;    /* sockets tell its time in seconds */
};

/* Before threads. False after saying why on stderr. */
bool market_init(void);
void market_start(void);
void market_stop(void);    /* ends the market thread; the log stays readable */
void market_release(void); /* when no thread reads any more */

/* any thread */
uint64_t market_published(void);
bool market_finished(void); /* no trade will ever follow */
const struct trade *market_trade(uint64_t place);
struct dec trade_price(const struct trade *t);
struct dec trade_size(const struct trade *t);
struct dec trade_size_of_aggregate(const struct trade *t); /* of the trade that completes it */
int64_t trade_ms(const struct trade *t);
int64_t trade_sent_time(const struct trade *t, int64_t unit_us); /* its time as sockets tell it, in this unit or in seconds */
int64_t trade_due_ms(const struct trade *t); /* when it may be sent, by made_us */
const struct era *trade_era(const struct trade *t);
/* Running ids: the serial (or, `aggregates`, the aggregate) of the smallest id there is from this one on; UINT64_MAX: there is none. */
uint64_t market_from_id(const struct market *m, uint64_t id, bool aggregates);
void market_subscribers(int change);
bool market_ever_subscribed(void);

#endif
