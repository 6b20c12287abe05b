/* A tape for the tests of what `watch` reads: trades with plain integers for numbers, their candles kept as the recorder
 * keeps them, all written by SQL. */
#ifndef TESTS_UNIT_WATCH_TAPE_H
#define TESTS_UNIT_WATCH_TAPE_H

#include "schema/tape/schema.h"
#include "support.h"

#include <string.h>
#include <unistd.h>

#define S INT64_C(1000000)
#define MINUTE (60 * S)
#define NOON INT64_C(1795348800000000) /* 2026-11-22T12:00Z */

static struct tape tape;
static int64_t next_id;

static inline void tape_sql(const char *format, ...)
{
	char *sql;
	va_list args;
	va_start(args, format);
	sql = sqlite3_vmprintf(format, args);
	va_end(args);
	sql_run(tape.db, sql);
	sqlite3_free(sql);
}

static inline void tape_make(void)
{
	struct err err;
	if (!tape_open(&tape, in_folder("tape.db"), TAPE_SYNC_NORMAL, &err))
		fail_msg("%s", err.text);
	next_id = 1;
}

static inline void tape_end(void)
{
	struct err err;
	if (tape.db)
		assert_true(tape_close(&tape, &err));
}

static inline void tape_market(int id, const char *exchange, const char *symbol)
{
	tape_sql("INSERT INTO market (market_id, exchange, symbol) VALUES (%d, %Q, %Q)", id, exchange, symbol);
	tape_sql("INSERT INTO wanted VALUES (%d, 0, NULL)", id);
}

/* One trade, committed with its candle. */
static inline void tape_trade(int market, int64_t time_us, int64_t price, int64_t size)
{
	sql_run(tape.db, "BEGIN");
	tape_sql("INSERT INTO trade VALUES (%d, %lld, %lld, %lld, %lld, 50000)", market, (long long)time_us, (long long)next_id++,
	         (long long)price * 16, (long long)size * 16);
	tape_sql("REPLACE INTO candle_1m SELECT market_id, time_us / 60000000,"
	         " (SELECT price FROM trade WHERE market_id = %d AND time_us / 60000000 = %lld ORDER BY time_us, id LIMIT 1),"
	         " max(price), min(price),"
	         " (SELECT price FROM trade WHERE market_id = %d AND time_us / 60000000 = %lld ORDER BY time_us DESC, id DESC LIMIT 1),"
	         " sum(abs(size)), 0, 0, count(*)"
	         " FROM trade WHERE market_id = %d AND time_us / 60000000 = %lld",
	         market, (long long)(time_us / MINUTE), market, (long long)(time_us / MINUTE), market, (long long)(time_us / MINUTE));
	sql_run(tape.db, "COMMIT");
}

#endif
