/* A trade: the row that both programs speak.  Plain values, no pointers: copied into queues and across threads. */
#ifndef SCHEMA_VALUE_TRADE_H
#define SCHEMA_VALUE_TRADE_H

#include "schema/value/decimal.h"

enum side { SIDE_BUY, SIDE_SELL }; /* always the taker's */

#define TRADE_ID_TEXT_SIZE (DECIMAL_DIGITS_MAX + 1)

enum trade_id_kind {
	TRADE_ID_NONE,   /* the exchange gave none; number = order of arrival among equal times */
	TRADE_ID_NUMBER, /* number */
	TRADE_ID_LONG,   /* more than an int64 holds: digits, without leading zeros */
};

struct trade_id {
	enum trade_id_kind kind;
	int64_t number;
	char digits[TRADE_ID_TEXT_SIZE];
};

struct trade {
	uint32_t market;      /* whose: an index of the recorder's, a market_id of the tape's; the user of the struct says */
	enum side side;
	int64_t time_us;      /* exchange's time of the trade, microseconds since 1970 UTC */
	int64_t recv_wall_us; /* our wall clock when it came; 0 for a trade that came by backfill */
	struct decimal price;
	struct decimal size;
	struct trade_id id;
};

/* How a market's exchange makes its ids out of the time (0, 0: not at all); see schema/0001_init.sql. */
struct id_rule {
	int64_t per_ms;
	int64_t epoch_ms;
};

/* Order of trades: time, then id as a number.  <0, 0, >0; 0 only for the same time and id. */
int trade_id_compare(const struct trade_id *a, const struct trade_id *b);
int trade_compare(const struct trade *a, const struct trade *b);

/* The tape's column trade.id, from and to.  trade_id_column: false where the tape is damaged. */
int trade_id_bind(sqlite3_stmt *stmt, int index, const struct trade_id *id, int64_t time_us, struct id_rule rule);
bool trade_id_column(sqlite3_stmt *stmt, int column, struct trade_id *id, int64_t time_us, struct id_rule rule);
/* Decimal text and NUL, "" for none; returns the length. */
size_t trade_id_format(const struct trade_id *id, char text[static TRADE_ID_TEXT_SIZE]);

/* Reads a row whose columns, from `column` on, are: time_us, id, price, size, lag_us.  Sets all but `market`.
 * false where the tape is damaged. */
bool trade_column(sqlite3_stmt *stmt, int column, struct id_rule rule, struct trade *t);

const char *side_name(enum side side); /* "buy", "sell" */

#endif
