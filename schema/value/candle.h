/* A candle (OHLC) in the making: add trades in any order, merge candles of adjoining intervals in order of time.
 * One thread at a time.  The struct owns its sums: candle_init first, candle_release last. */
#ifndef SCHEMA_VALUE_CANDLE_H
#define SCHEMA_VALUE_CANDLE_H

#include "schema/value/exact.h"
#include "schema/value/trade.h"

struct candle {
	int64_t trades; /* 0: empty, and the prices mean nothing */
	struct decimal open, high, low, close;
	struct exact volume, buy_volume, turnover; /* owned; base asset, base asset bought by takers, quote asset */
	/* The trades that gave open and close: later ones in any order of arrival are compared with them. */
	int64_t open_time_us, close_time_us;
	struct trade_id open_id, close_id;
};

void candle_init(struct candle *c); /* empty */
void candle_release(struct candle *c);
void candle_clear(struct candle *c); /* empty again */
void candle_add(struct candle *c, const struct trade *t);
/* `later` lies wholly after `c` in time: its close becomes the close. */
void candle_append(struct candle *c, const struct candle *later);

/* candle_1m's columns open, high, low, close, volume, buy_volume, turnover, trades, from `column` on.  Sets all but the
 * times and ids of open and close.  false where the tape is damaged. */
bool candle_column(sqlite3_stmt *stmt, int column, struct candle *c);
int candle_bind(sqlite3_stmt *stmt, int index, const struct candle *c);

#endif
