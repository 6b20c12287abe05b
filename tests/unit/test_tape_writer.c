/* tape_writer, identity and candle_book together: whatever comes in whatever order, the tape says what a plain list of
 * "the first of each id" says. */
#include "recorder/tape_writer.h"

#include "recorder/clock.h"
#include "schema/timefmt.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAY_US INT64_C(1795305600000000) /* 2026-11-22 */

static struct exchange fake = { .name = "fake", .id_rule = { .per_ms = 10000, .epoch_ms = 0 } };
static struct market markets[] = {
	{ .exchange = &fake, .symbol = "KRW-BTC", .name = "fake:KRW-BTC", .base = "BTC", .quote = "KRW" },
	{ .exchange = &fake, .symbol = "KRW-ETH", .name = "fake:KRW-ETH" },
};
static const char *const symbols[] = { "KRW-BTC", "KRW-ETH" };
static const uint32_t numbers[] = { 0, 1 };
static struct market_plan plan = {
	.markets = markets, .market_count = 2, .feed_count = 1,
	.feeds = { { .set = { .symbols = symbols, .markets = numbers, .count = 2 } } },
};

/* ---- a tape that can be closed and opened again ---- */

struct deck {
	struct tape tape;
	struct tape_writer writer;
	char path[1024];
};

static void deck_open(struct deck *d)
{
	struct err err = { "" };
	if (!tape_open(&d->tape, d->path, TAPE_SYNC_NORMAL, &err) || !tape_writer_init(&d->writer, d->tape.db, &plan, &err))
		fail_msg("%s", err.text);
	sql_run(d->tape.db, "PRAGMA synchronous = OFF");
}

static void deck_close(struct deck *d)
{
	struct err err = { "" };
	tape_writer_release(&d->writer);
	if (!tape_close(&d->tape, &err))
		fail_msg("%s", err.text);
}

static struct deck *deck_new(void)
{
	static struct deck d;
	snprintf(d.path, sizeof d.path, "%s", in_folder("tape.db"));
	deck_open(&d);
	return &d;
}

static struct written deck_write(struct deck *d, const struct item *items, size_t count)
{
	struct written w;
	struct err err = { "" };
	if (tape_writer_write(&d->writer, items, count, &w, &err) != WRITE_DONE)
		fail_msg("%s", err.text);
	return w;
}

static struct item trade_item(uint32_t market, int64_t time_us, const char *id, const char *price, const char *size, enum side side)
{
	struct item item = { .kind = ITEM_TRADE };
	item.trade = (struct trade){ .market = market, .side = side, .time_us = time_us, .recv_wall_us = time_us + 250000,
		                     .price = dec(price), .size = dec(size) };
	if (strlen(id) < 19) {
		item.trade.id = (struct trade_id){ .kind = TRADE_ID_NUMBER, .number = atoll(id) };
	} else {
		item.trade.id.kind = TRADE_ID_LONG;
		snprintf(item.trade.id.digits, sizeof item.trade.id.digits, "%s", id);
	}
	return item;
}

/* ---- what must hold of any tape ---- */

static void sum_is(sqlite3_stmt *stmt, int column, const mpq_t want, const char *what)
{
	struct exact e;
	mpq_t got;
	exact_init(&e);
	mpq_init(got);
	assert_true(exact_column(stmt, column, &e));
	char *text = exact_text(&e);
	mpq_from_text(got, text);
	if (!mpq_equal(got, want))
		fail_msg("%s of a candle is %s", what, text);
	free(text);
	mpq_clear(got);
	exact_release(&e);
}

/* Candles from the readable view, by rationals. */
static void candles_are_what_their_trades_say(sqlite3 *db)
{
	sqlite3_stmt *candles, *trades;
	sqlite3_prepare_v2(db, "SELECT c.*, m.symbol FROM candle_1m c JOIN market m USING (market_id) ORDER BY 1, 2", -1, &candles, NULL);
	sqlite3_prepare_v2(db, "SELECT price, size, side FROM trades WHERE symbol = ?1 AND time >= ?2 AND time < ?3 "
	                       "ORDER BY time, length(trade_id), trade_id", -1, &trades, NULL);
	mpq_t price, size, open, high, low, close, volume, buy, turnover;
	mpq_inits(price, size, open, high, low, close, volume, buy, turnover, NULL);
	int64_t in_candles = 0;
	while (sqlite3_step(candles) == SQLITE_ROW) {
		char from[TIME_TEXT_SIZE], to[TIME_TEXT_SIZE];
		int64_t minute = sqlite3_column_int64(candles, 1), count = 0;
		time_format(minute * US_PER_MINUTE, from);
		time_format((minute + 1) * US_PER_MINUTE, to);
		if ((minute + 1) * US_PER_MINUTE > TIME_US_MAX)
			to[0] = 'x'; /* after all */
		sqlite3_bind_text(trades, 1, (const char *)sqlite3_column_text(candles, 10), -1, SQLITE_TRANSIENT);
		sqlite3_bind_text(trades, 2, from, -1, SQLITE_TRANSIENT);
		sqlite3_bind_text(trades, 3, to, -1, SQLITE_TRANSIENT);
		mpq_set_ui(volume, 0, 1);
		mpq_set_ui(buy, 0, 1);
		mpq_set_ui(turnover, 0, 1);
		for (; sqlite3_step(trades) == SQLITE_ROW; count++) {
			mpq_from_text(price, (const char *)sqlite3_column_text(trades, 0));
			mpq_from_text(size, (const char *)sqlite3_column_text(trades, 1));
			if (count == 0) {
				mpq_set(open, price);
				mpq_set(high, price);
				mpq_set(low, price);
			}
			if (mpq_cmp(price, high) > 0)
				mpq_set(high, price);
			if (mpq_cmp(price, low) < 0)
				mpq_set(low, price);
			mpq_set(close, price);
			mpq_add(volume, volume, size);
			if (strcmp((const char *)sqlite3_column_text(trades, 2), "buy") == 0)
				mpq_add(buy, buy, size);
			mpq_mul(price, price, size);
			mpq_add(turnover, turnover, price);
		}
		sqlite3_reset(trades);
		assert_int_equal(count, sqlite3_column_int64(candles, 9));
		sum_is(candles, 2, open, "open");
		sum_is(candles, 3, high, "high");
		sum_is(candles, 4, low, "low");
		sum_is(candles, 5, close, "close");
		sum_is(candles, 6, volume, "volume");
		sum_is(candles, 7, buy, "buy_volume");
		sum_is(candles, 8, turnover, "turnover");
		in_candles += count;
	}
	assert_int_equal(in_candles, sql_int(db, "SELECT count(*) FROM trade"));
	mpq_clears(price, size, open, high, low, close, volume, buy, turnover, NULL);
	sqlite3_finalize(candles);
	sqlite3_finalize(trades);
}

/* 0001_init.sql: without those in stray_id, ids ascend by (time_us, id); and every stray stands where stray_id says. */
static void strays_are_all_that_breaks_the_order(sqlite3 *db)
{
	sqlite3_stmt *rows;
	sqlite3_prepare_v2(db,
		"SELECT t.market_id, t.time_us, CASE typeof(t.id) WHEN 'integer' THEN "
		"       CAST(t.id + (t.time_us / 1000 - m.id_epoch_ms) * m.id_per_ms AS TEXT) ELSE substr(t.id, 3) END AS trade_id, "
		"       (SELECT s.time_us FROM stray_id s WHERE s.market_id = t.market_id AND s.trade_id = CASE typeof(t.id) "
		"        WHEN 'integer' THEN t.id + (t.time_us / 1000 - m.id_epoch_ms) * m.id_per_ms ELSE t.id END) "
		"  FROM trade t JOIN market m USING (market_id) ORDER BY t.market_id, t.time_us, t.id", -1, &rows, NULL);
	int64_t market = -1, strays = 0;
	mpz_t last, id;
	mpz_inits(last, id, NULL);
	while (sqlite3_step(rows) == SQLITE_ROW) {
		if (sqlite3_column_type(rows, 3) != SQLITE_NULL) {
			assert_int_equal(sqlite3_column_int64(rows, 3), sqlite3_column_int64(rows, 1));
			strays++;
			continue;
		}
		assert_int_equal(mpz_set_str(id, (const char *)sqlite3_column_text(rows, 2), 10), 0);
		if (sqlite3_column_int64(rows, 0) == market)
			assert_true(mpz_cmp(last, id) < 0);
		market = sqlite3_column_int64(rows, 0);
		mpz_set(last, id);
	}
	mpz_clears(last, id, NULL);
	sqlite3_finalize(rows);
	assert_int_equal(strays, sql_int(db, "SELECT count(*) FROM stray_id"));
}

static char *lines_of(sqlite3 *db)
{
	return sql_text(db, "SELECT group_concat(line, char(10)) FROM (SELECT symbol || ' ' || trade_id || ' ' || time || ' ' || price || "
	                    "' ' || size || ' ' || side AS line FROM trades ORDER BY symbol, length(trade_id), trade_id)");
}

/* The same text from the trades as they came: the first of each id. */
struct known {
	uint32_t market;
	char id[TRADE_ID_TEXT_SIZE];
	size_t at;
};

static int compare_known(const void *a, const void *b)
{
	const struct known *x = a, *y = b;
	if (x->market != y->market)
		return x->market < y->market ? -1 : 1;
	size_t x_len = strlen(x->id), y_len = strlen(y->id);
	if (x_len != y_len)
		return x_len < y_len ? -1 : 1;
	int order = strcmp(x->id, y->id);
	return order ? order : (x->at > y->at) - (x->at < y->at);
}

static char *lines_wanted(const struct item *items, size_t count, size_t *distinct)
{
	struct known *known = calloc(count + 1, sizeof *known);
	char *text = calloc(count + 1, 256), *out = text;
	assert_non_null(known);
	assert_non_null(text);
	for (size_t i = 0; i < count; i++) {
		known[i].market = items[i].trade.market;
		known[i].at = i;
		trade_id_format(&items[i].trade.id, known[i].id);
	}
	qsort(known, count, sizeof *known, compare_known);
	*distinct = 0;
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && known[i].market == known[i - 1].market && strcmp(known[i].id, known[i - 1].id) == 0)
			continue;
		const struct trade *t = &items[known[i].at].trade;
		char time[TIME_TEXT_SIZE], price[DECIMAL_TEXT_SIZE], size[DECIMAL_TEXT_SIZE];
		time_format(t->time_us, time);
		decimal_format(&t->price, price);
		decimal_format(&t->size, size);
		out += sprintf(out, "%s%s %s %s %s %s %s", out == text ? "" : "\n", markets[t->market].symbol, known[i].id, time, price, size,
		               side_name(t->side));
		++*distinct;
	}
	free(known);
	return text;
}

static void tape_holds(struct deck *d, const struct item *items, size_t count)
{
	size_t distinct;
	char *want = lines_wanted(items, count, &distinct), *got = lines_of(d->tape.db);
	if (strcmp(want, got) != 0) {
		size_t at = 0;
		while (want[at] == got[at])
			at++;
		fail_msg("at %zu: wanted '%.90s', got '%.90s'", at, want + at, got + at);
	}
	assert_int_equal(sql_int(d->tape.db, "SELECT count(*) FROM trade"), distinct);
	free(want);
	free(got);
	strays_are_all_that_breaks_the_order(d->tape.db);
	candles_are_what_their_trades_say(d->tape.db);
	char *check = sql_text(d->tape.db, "PRAGMA integrity_check");
	assert_string_equal(check, "ok");
	free(check);
}

/* ---- streams ---- */

enum stream {
	IN_ORDER, LATE_ARRIVALS, SHUFFLED, UNRELATED_IDS, DESCENDING_IDS, TIME_BACKWARDS_IDS_FORWARDS, CRAZY_ID_FIRST, CRAZY_TIME_FIRST,
	CRAZY_NOW_AND_THEN, EQUAL_TIMES, SMALL_IDS_LATER, LONG_IDS, STREAM_COUNT
};
static const char *const stream_names[] = { "in order", "late arrivals", "shuffled", "ids unrelated to time", "ids descending",
	"time backwards, ids forwards", "a crazy id first", "a crazy time first", "crazy ids now and then", "equal times",
	"small ids after large", "ids beyond an int64" };

static void fill(struct rng *r, enum stream kind, struct item *items, size_t count)
{
	int64_t time_us = DAY_US;
	for (size_t i = 0; i < count; i++) {
		char id[TRADE_ID_TEXT_SIZE], price[32], size[48];
		if (kind == TIME_BACKWARDS_IDS_FORWARDS)
			time_us -= (int64_t)rng_below(r, 1000) * 1000;
		else if (kind != EQUAL_TIMES || rng_below(r, 50) == 0)
			time_us += (int64_t)rng_below(r, 1000) * 1000;
		long long number = time_us / 1000 * 10000 + (long long)(i % 10000);
		if (kind == UNRELATED_IDS)
			number = (long long)rng_below(r, UINT64_C(1000000000000000));
		else if (kind == DESCENDING_IDS)
			number = (long long)(10000000 - i);
		else if (kind == TIME_BACKWARDS_IDS_FORWARDS)
			number = (long long)i + 1;
		else if (kind == SMALL_IDS_LATER && i > count / 2)
			number = (long long)i;
		snprintf(id, sizeof id, "%lld", number);
		if ((kind == CRAZY_ID_FIRST && i == 0) || (kind == CRAZY_NOW_AND_THEN && rng_below(r, 100) == 0))
			snprintf(id, sizeof id, "%lld", 900000000000000000LL - (long long)rng_below(r, 1000000000));
		if (kind == LONG_IDS)
			snprintf(id, sizeof id, "%s%019lld", i % 3 ? "7" : i % 2 ? "1234567890123456789" : "", number);
		if (kind == LONG_IDS && id[0] == '0')
			snprintf(id, sizeof id, "%lld", number);
		snprintf(price, sizeof price, "%llu.%llu", (unsigned long long)rng_below(r, 2000), (unsigned long long)rng_below(r, 1000));
		snprintf(size, sizeof size, rng_below(r, 20) ? "%llue-8" : "%llu.12345678901", (unsigned long long)(rng_next(r) >> (8 + rng_below(r, 50))));
		items[i] = trade_item((uint32_t)(rng_below(r, 4) == 0), time_us, id, price, size, rng_below(r, 2) ? SIDE_BUY : SIDE_SELL);
		if (kind == CRAZY_TIME_FIRST && i == 0)
			items[i].trade.time_us = TIME_US_MAX;
	}
	size_t reach = kind == SHUFFLED ? count : kind == LATE_ARRIVALS ? 20 : 0;
	for (size_t i = count - 1; reach > 0 && i > 0; i--) {
		size_t low = i > reach ? i - reach : 0, k = low + rng_below(r, i - low + 1);
		struct item swap = items[i];
		items[i] = items[k];
		items[k] = swap;
	}
	/* repeats: as they were, at another time, with another price */
	for (size_t i = 1; i < count; i++) {
		if (rng_below(r, 6) != 0)
			continue;
		items[i] = items[rng_below(r, 4) ? i - 1 - rng_below(r, i < 30 ? i : 30) : rng_below(r, i)];
		switch (rng_below(r, 4)) {
		case 0:
			items[i].trade.time_us += ((int64_t)rng_below(r, 400000) - 200000) * 1000;
			if (items[i].trade.time_us > TIME_US_MAX)
				items[i].trade.time_us = TIME_US_MAX;
			break;
		case 1:
			items[i].trade.price = dec("77.7");
			break;
		default:
			break;
		}
	}
}

static void write_in_batches(struct rng *r, struct deck *d, const struct item *items, size_t count, bool reopen)
{
	uint64_t stored = 0, repeated = 0;
	for (size_t i = 0; i < count;) {
		size_t batch = 1 + rng_below(r, rng_below(r, 3) ? 100 : 3);
		if (batch > count - i)
			batch = count - i;
		struct written w = deck_write(d, items + i, batch);
		stored += w.stored;
		repeated += w.repeated;
		i += batch;
		if (reopen && rng_below(r, 20) == 0) {
			deck_close(d);
			deck_open(d);
		}
	}
	assert_int_equal(stored + repeated, count);
	assert_int_equal(stored, sql_int(d->tape.db, "SELECT count(*) FROM trade"));
}

static void any_stream_leaves_the_first_of_each_id_and_its_candles(void **state)
{
	(void)state;
	size_t count = 300;
	struct item *items = calloc(count, sizeof *items);
	assert_non_null(items);
	static const struct id_rule rules[] = { { 10000, 0 }, { 0, 0 }, { 1 << 25, INT64_C(1757948400000) } };
	for (int kind = 0; kind < STREAM_COUNT; kind++) {
		for (uint64_t seed = 0; seed < 3; seed++) {
			/* a rule must give the stream's own times a place in an int64: the last does not reach year 9999 */
			if (kind == CRAZY_TIME_FIRST && seed == 2)
				continue;
			struct rng r = { seed * 1000 + (uint64_t)kind };
			fake.id_rule = rules[seed];
			folder_make();
			struct deck *d = deck_new();
			fill(&r, (enum stream)kind, items, count);
			write_in_batches(&r, d, items, count, seed > 0);
			tape_holds(d, items, count);
			deck_close(d);
			folder_remove();
		}
	}
	fake.id_rule = rules[0];
	free(items);
}

static void a_time_that_the_id_rule_cannot_reach_keeps_its_identity(void **state)
{
	(void)state;
	fake.id_rule = (struct id_rule){ 1 << 25, INT64_C(1757948400000) }; /* overflows an int64 from the year 2034 on */
	folder_make();
	struct deck *d = deck_new();
	struct item items[] = {
		trade_item(0, TIME_US_MAX - 5, "1000", "1", "1", SIDE_BUY),
		trade_item(0, TIME_US_MAX - 5, "1000", "1", "1", SIDE_BUY),
		trade_item(0, TIME_US_MAX - 5, "999", "2", "1", SIDE_BUY),
		trade_item(0, TIME_US_MAX - 5, "1001", "3", "1", SIDE_BUY),
	};
	deck_write(d, items, 1);
	deck_close(d);
	deck_open(d);
	deck_write(d, items, 4);
	tape_holds(d, items, 4);
	deck_close(d);
	folder_remove();
	fake.id_rule = (struct id_rule){ 10000, 0 };
}

static void a_full_disk_undoes_the_batch_and_the_retry_writes_the_same_tape(void **state)
{
	(void)state;
	size_t count = 1500, at = 0;
	struct item *items = calloc(count, sizeof *items);
	assert_non_null(items);
	struct rng r = { 99 };
	folder_make();
	struct deck *d = deck_new();
	fill(&r, SHUFFLED, items, count);
	int refused = 0;
	while (at < count) {
		size_t batch = count - at < 250 ? count - at : 250;
		char sql[64];
		struct written w;
		struct err err = { "" };
		/* room for a part of it, then for a little more, until it fits */
		for (int64_t room = sql_int(d->tape.db, "PRAGMA page_count");; room++) {
			snprintf(sql, sizeof sql, "PRAGMA max_page_count = %lld", (long long)room);
			sql_run(d->tape.db, sql);
			enum write_result result = tape_writer_write(&d->writer, items + at, batch, &w, &err);
			if (result == WRITE_DONE)
				break;
			assert_int_equal(result, WRITE_AGAIN);
			assert_contains(err.text, "full");
			assert_int_equal(w.stored + w.repeated, 0);
			assert_true(sqlite3_get_autocommit(d->tape.db));
			refused++;
		}
		assert_int_equal(w.stored + w.repeated, batch);
		at += batch;
	}
	assert_true(refused > 3);
	sql_run(d->tape.db, "PRAGMA max_page_count = 1000000");
	tape_holds(d, items, count);
	deck_close(d);
	folder_remove();
	free(items);
}

/* Any read or write of SQLite's fails once: nothing is called damage, and the retry writes the same tape. */
static int fail_after;
static int (*real_read)(sqlite3_file *, void *, int, sqlite3_int64);

static int failing_read(sqlite3_file *file, void *out, int len, sqlite3_int64 at)
{
	if (fail_after > 0 && --fail_after == 0)
		return SQLITE_IOERR_READ;
	return real_read(file, out, len, at);
}

static void a_read_that_fails_once_is_not_taken_for_damage(void **state)
{
	(void)state;
	size_t count = 250;
	struct item *items = calloc(2 * count, sizeof *items);
	assert_non_null(items);
	struct rng r = { 5 };
	fill(&r, UNRELATED_IDS, items, count);
	fill(&r, UNRELATED_IDS, items + count, count);
	int failed = 0;
	for (int nth = 1; nth < 40; nth += 4) {
		folder_make();
		struct deck *d = deck_new();
		deck_write(d, items, count);
		sql_run(d->tape.db, "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA cache_size = 1");
		sqlite3_db_release_memory(d->tape.db);
		sqlite3_file *file;
		sqlite3_file_control(d->tape.db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
		static sqlite3_io_methods methods;
		const sqlite3_io_methods *before = file->pMethods;
		methods = *before;
		real_read = methods.xRead;
		methods.xRead = failing_read;
		methods.iVersion = methods.iVersion > 2 ? 2 : methods.iVersion;
		file->pMethods = &methods;
		fail_after = nth;
		struct written w;
		struct err err = { "" };
		enum write_result result = tape_writer_write(&d->writer, items + count, count, &w, &err);
		fail_after = 0;
		file->pMethods = before;
		if (result != WRITE_DONE) {
			if (result != WRITE_AGAIN)
				fail_msg("read %d: %s", nth, err.text);
			failed++;
			deck_write(d, items + count, count);
		}
		tape_holds(d, items, 2 * count);
		deck_close(d);
		folder_remove();
	}
	free(items);
	assert_true(failed > 0);
}

/* Open and close are read back from the rows after a restart: by id where times are equal. */
static void among_equal_times_the_id_decides_open_and_close(void **state)
{
	(void)state;
	fake.id_rule = (struct id_rule){ .per_ms = 10000 };
	struct deck *d = deck_new();
	struct item items[] = { trade_item(0, DAY_US, "17953056000000002", "20", "1", SIDE_BUY), trade_item(0, DAY_US, "17953056000000006", "60", "1", SIDE_BUY),
		                trade_item(0, DAY_US, "17953056000000004", "40", "1", SIDE_BUY) };
	deck_write(d, items, 2);
	deck_close(d);
	deck_open(d);
	deck_write(d, items + 2, 1);
	tape_holds(d, items, 3);
	assert_int_equal(sql_int(d->tape.db, "SELECT open FROM candle_1m"), 20 << 4);
	assert_int_equal(sql_int(d->tape.db, "SELECT close FROM candle_1m"), 60 << 4);
	deck_close(d);
}

static struct item coverage_item(int64_t from_us, int64_t to_us)
{
	struct item item = { .kind = ITEM_COVERAGE };
	item.mark = (struct coverage_mark){ .feed = 0, .from_us = from_us, .to_us = to_us };
	return item;
}

static void coverage_moves_on_and_never_back(void **state)
{
	(void)state;
	struct deck *d = deck_new();
	struct item items[] = { coverage_item(100, 200), coverage_item(100, 500), coverage_item(100, 300), coverage_item(900, 900) };
	deck_write(d, items, 4);
	char *text = sql_text(d->tape.db, "SELECT group_concat(market_id || ' ' || from_us || ' ' || to_us, ';') FROM coverage");
	assert_string_equal(text, "1 100 500;1 900 900;2 100 500;2 900 900");
	free(text);
	deck_close(d);
}

static void trades_candles_and_coverage_are_one_transaction(void **state)
{
	(void)state;
	struct deck *d = deck_new();
	struct item items[] = { coverage_item(DAY_US, DAY_US + 1), trade_item(0, DAY_US, "1", "5", "1", SIDE_BUY),
		                trade_item(0, DAY_US, "2", "6", "1", SIDE_BUY) };
	sql_run(d->tape.db, "CREATE TEMP TRIGGER refuse BEFORE INSERT ON candle_1m BEGIN SELECT raise(ABORT, 'no candle today'); END");
	struct written w;
	struct err err = { "" };
	assert_int_equal(tape_writer_write(&d->writer, items, 3, &w, &err), WRITE_FATAL);
	assert_contains(err.text, "no candle today");
	assert_int_equal(sql_int(d->tape.db, "SELECT (SELECT count(*) FROM trade) + (SELECT count(*) FROM coverage) + (SELECT count(*) FROM candle_1m)"), 0);
	sql_run(d->tape.db, "DROP TRIGGER refuse");
	deck_write(d, items, 3);
	assert_int_equal(sql_int(d->tape.db, "SELECT (SELECT count(*) FROM trade) + (SELECT count(*) FROM coverage) + (SELECT count(*) FROM candle_1m)"), 5);
	deck_close(d);
}

static void *written_again; /* cmocka's captured() passes one pointer */

static void write_differing(void *arg)
{
	deck_write(written_again, arg, 1);
}

static void the_first_of_two_differing_trades_stays_and_the_difference_is_logged(void **state)
{
	(void)state;
	struct deck *d = deck_new();
	struct item first = trade_item(0, DAY_US, "17898744375740001", "100", "0.5", SIDE_BUY);
	deck_write(d, &first, 1);
	struct item other = first;
	other.trade.price = dec("101");
	other.trade.time_us += 5000000;
	written_again = d;
	char *log = captured(STDERR_FILENO, write_differing, &other);
	assert_contains(log, "trade-differs");
	assert_contains(log, "trade_id=17898744375740001");
	assert_contains(log, "00:00:00.000000Z,100,0.5,buy");
	assert_contains(log, "00:00:05.000000Z,101,0.5,buy");
	free(log);
	other = first; /* received later: no difference */
	other.trade.recv_wall_us += 999;
	log = captured(STDERR_FILENO, write_differing, &other);
	assert_string_equal(log, "");
	free(log);
	tape_holds(d, &first, 1);
	deck_close(d);
}

static void markets_keep_their_numbers_and_their_rule(void **state)
{
	(void)state;
	fake.id_rule = (struct id_rule){ .per_ms = 10000 };
	struct deck *d = deck_new();
	struct item items[] = { trade_item(1, DAY_US, "17953056000000001", "1", "1", SIDE_BUY) };
	deck_write(d, items, 1);
	deck_close(d);
	/* a later build with another rule goes on by the tape's */
	fake.id_rule = (struct id_rule){ .per_ms = 77, .epoch_ms = 5 };
	deck_open(d);
	assert_int_equal(deck_write(d, items, 1).repeated, 1);
	tape_holds(d, items, 1);
	assert_int_equal(sql_int(d->tape.db, "SELECT count(*) FROM market"), 2);
	assert_int_equal(sql_int(d->tape.db, "SELECT id_per_ms FROM market WHERE symbol = 'KRW-ETH'"), 10000);
	deck_close(d);
	fake.id_rule = (struct id_rule){ .per_ms = 10000 };
}

/* Not judged, only told: how the ways of arriving compare. */
static void the_cost_of_hostile_ids_is_told(void **state)
{
	(void)state;
	static const struct {
		enum stream kind;
		size_t count;
	} runs[] = { { IN_ORDER, 20000 }, { LATE_ARRIVALS, 20000 }, { DESCENDING_IDS, 20000 }, { CRAZY_ID_FIRST, 20000 }, { CRAZY_TIME_FIRST, 20000 },
		     { UNRELATED_IDS, 1000 }, { UNRELATED_IDS, 2000 }, { TIME_BACKWARDS_IDS_FORWARDS, 1000 }, { TIME_BACKWARDS_IDS_FORWARDS, 2000 } };
	const char *scale = getenv("TAPEDECK_UNIT_SCALE");
	size_t times = scale ? (size_t)atoi(scale) : 1;
	for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
		struct rng r = { i };
		size_t count = runs[i].count * times;
		struct item *items = calloc(count, sizeof *items);
		assert_non_null(items);
		fill(&r, runs[i].kind, items, count);
		folder_make();
		struct deck *d = deck_new();
		int64_t begin_us = clock_mono_us();
		for (size_t at = 0; at < count; at += 5000)
			deck_write(d, items + at, count - at < 5000 ? count - at : 5000);
		int64_t took_us = clock_mono_us() - begin_us;
		print_message("%-30s %7zu trades in %6lld ms, %lld ns each, %lld strays\n", stream_names[runs[i].kind], count,
		              (long long)(took_us / 1000), (long long)(took_us * 1000 / (int64_t)count),
		              (long long)sql_int(d->tape.db, "SELECT count(*) FROM stray_id"));
		deck_close(d);
		folder_remove();
		free(items);
	}
}

#define with_folder(test) cmocka_unit_test_setup_teardown(test, folder_setup, folder_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		/* first, while the log does not fold yet */
		with_folder(the_first_of_two_differing_trades_stays_and_the_difference_is_logged),
		cmocka_unit_test(any_stream_leaves_the_first_of_each_id_and_its_candles),
		cmocka_unit_test(a_time_that_the_id_rule_cannot_reach_keeps_its_identity),
		cmocka_unit_test(a_full_disk_undoes_the_batch_and_the_retry_writes_the_same_tape),
		cmocka_unit_test(a_read_that_fails_once_is_not_taken_for_damage),
		with_folder(among_equal_times_the_id_decides_open_and_close),
		with_folder(coverage_moves_on_and_never_back),
		with_folder(trades_candles_and_coverage_are_one_transaction),
		with_folder(markets_keep_their_numbers_and_their_rule),
		cmocka_unit_test(the_cost_of_hostile_ids_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
