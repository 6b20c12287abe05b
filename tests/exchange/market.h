/*
 * The market: what is listed, and every trade since the start in one append-only log. One thread makes the trades; everyone reads them.
 *
 * A trade is reached by its place in the log and never changes once published, so readers need no lock: they read market_published() and then
 * anything below it. The per-market index (for history by REST) grows by realloc and is behind the market's lock.
 */
#ifndef SIM_MARKET_H
#define SIM_MARKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

enum side { SIDE_BUY, SIDE_SELL }; /* the taker's */

struct trade {
	int64_t time_ms;
	int64_t price_units, size_units;
	uint32_t market;
	uint32_t serial;   /* 0, 1, 2 ... within the market */
	uint16_t n;        /* 0, 1, 2 ... within the market's millisecond */
	uint16_t late_ms;  /* the socket sends it so much later (--reorder-ms) */
	uint8_t price_scale, size_scale;
	uint8_t side;      /* enum side */
	uint8_t spell;     /* seeded: which spellings this trade's numbers take on the wire */
};

struct market {
	char *symbol;          /* owned */
	bool listed_only;
	uint8_t scale;         /* of price and tick */
	int64_t tick_units;
	int64_t opening_units; /* yesterday's closing price */
	/* market thread only */
	int64_t price_units;
	int64_t last_ms;
	uint16_t next_n;
	/* {market lock} */
	uint32_t *places;      /* owned: where in the log this market's trades are */
	size_t count, room;
};

/* Before threads: makes the list from the options; in a replay, from the codes given by replay.c. False after saying why on stderr. */
bool market_init(void);
void market_add(const char *symbol, size_t len, bool listed_only); /* ignores a second one of that name */
void market_start(void);
void market_stop(void);    /* ends the market thread; the log stays readable */
void market_release(void); /* when no thread reads any more */

/* any thread */
size_t market_count(void);
const struct market *market_at(size_t i);
bool market_find(const char *symbol, size_t len, size_t *found);
uint64_t market_published(void);
bool market_finished(void); /* no trade will ever follow */
const struct trade *market_trade(uint64_t place);
struct dec trade_price(const struct trade *t);
struct dec trade_size(const struct trade *t);
bool market_last(size_t market, uint64_t *place);
/* Newest first, from_ms <= time < to_ms and id < before_id (the dialect's id). Returns how many places were written. */
size_t market_history(size_t market, int64_t from_ms, int64_t to_ms, uint64_t before_id, uint32_t *places, size_t max);
void market_subscribers(int change);
bool market_ever_subscribed(void);

#endif
