/* batch_writer, identity and candle_book together: whatever comes in whatever order, the tape says what a plain list of
 * "the first of each id" says. */
#include "recorder/tape/batch.h"

#include "recorder/clock.h"
#include "recorder/tape/duplicates.h"
#include "schema/base/timefmt.h"
#include "support.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAY_US INT64_C(1795305600000000) /* 2026-11-22 */

static struct exchange fake = { .name = "fake", .id_rule = { .per_ms = 10000, .epoch_ms = 0 } };
static struct market markets[] = {
	{ .exchange = &fake, .symbol = "KRW-BTC", .name = "fake:KRW-BTC", .base = "BTC", .quote = "KRW" },
	{ .exchange = &fake, .symbol = "KRW-ETH", .name = "fake:KRW-ETH" },
};

/* ---- a tape that can be closed and opened again ---- */

static _Atomic int64_t next_gap_id = 1;

struct deck {
	struct tape tape;
	struct batch_writer writer;
	char path[1024];
};

static struct written deck_write(struct deck *d, struct item *items, size_t count)
{
	struct written w;
	struct err err = { "" };
	if (batch_writer_write(&d->writer, items, count, &w, &err) != WRITE_DONE)
		fail_msg("%s", err.text);
	return w;
}

static struct item market_item(uint32_t index)
{
	return (struct item){ .kind = ITEM_MARKET, .market = index, .introduced = &markets[index] };
}

/* A disk that fails, where a trigger says so. */
static void not_today(sqlite3_context *context, int count, sqlite3_value **values)
{
	(void)count;
	(void)values;
	sqlite3_result_error(context, "not today", -1);
	sqlite3_result_error_code(context, SQLITE_IOERR);
}

static void deck_open(struct deck *d)
{
	struct err err = { "" };
	if (!tape_open(&d->tape, d->path, TAPE_SYNC_NORMAL, &err) || !batch_writer_init(&d->writer, d->tape.db, 100, &next_gap_id, &err))
		fail_msg("%s", err.text);
	sql_run(d->tape.db, "PRAGMA synchronous = OFF");
	sqlite3_create_function_v2(d->tape.db, "not_today", 0, SQLITE_UTF8, NULL, not_today, NULL, NULL, NULL);
	struct item introductions[] = { market_item(0), market_item(1) };
	deck_write(d, introductions, 2);
}

static void deck_close(struct deck *d)
{
	struct err err = { "" };
	batch_writer_release(&d->writer);
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

static struct item trade_item(uint32_t market, int64_t time_us, const char *id, const char *price, const char *size, enum side side)
{
	struct item item = { .kind = ITEM_TRADE, .market = market, .connection = 1 };
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
		"        WHEN 'integer' THEN t.id + (t.time_us / 1000 - m.id_epoch_ms) * m.id_per_ms ELSE t.id END "
		"        AND (SELECT count(*) FROM id_epoch e WHERE e.market_id = t.market_id AND e.from_us <= t.time_us)"
		"          = (SELECT count(*) FROM id_epoch e WHERE e.market_id = t.market_id AND e.from_us <= s.time_us)), "
		"       (SELECT count(*) FROM id_epoch e WHERE e.market_id = t.market_id AND e.from_us <= t.time_us) "
		"  FROM trade t JOIN market m USING (market_id) ORDER BY t.market_id, t.time_us, t.id", -1, &rows, NULL);
	int64_t market = -1, epoch = -1, strays = 0;
	mpz_t last, id;
	mpz_inits(last, id, NULL);
	while (sqlite3_step(rows) == SQLITE_ROW) {
		if (sqlite3_column_type(rows, 3) != SQLITE_NULL) {
			assert_int_equal(sqlite3_column_int64(rows, 3), sqlite3_column_int64(rows, 1));
			strays++;
			continue;
		}
		assert_int_equal(mpz_set_str(id, (const char *)sqlite3_column_text(rows, 2), 10), 0);
		if (sqlite3_column_int64(rows, 0) == market && sqlite3_column_int64(rows, 4) == epoch)
			assert_true(mpz_cmp(last, id) < 0);
		market = sqlite3_column_int64(rows, 0);
		epoch = sqlite3_column_int64(rows, 4);
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

static void write_in_batches(struct rng *r, struct deck *d, struct item *items, size_t count, bool reopen)
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
	size_t count = 120;
	struct item *items = calloc(count, sizeof *items);
	assert_non_null(items);
	static const struct id_rule rules[] = { { 10000, 0 }, { 0, 0 }, { 1 << 25, INT64_C(1757948400000) } };
	for (int kind = 0; kind < STREAM_COUNT; kind++) {
		for (uint64_t seed = 0; seed < 3; seed++) {
			/* a rule must give the stream's own times a place in an int64: the last does not reach year 9999 */
			if (kind == CRAZY_TIME_FIRST && seed == 2)
				continue;
			if (seed == ((uint64_t)kind + 2) % 3)
				continue; /* two of the three rules for each kind: enough, and quick */
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
	size_t count = 500, at = 0;
	struct item *items = calloc(count, sizeof *items);
	assert_non_null(items);
	struct rng r = { 99 };
	folder_make();
	struct deck *d = deck_new();
	fill(&r, SHUFFLED, items, count);
	int refused = 0;
	while (at < count) {
		size_t batch = count - at < 100 ? count - at : 100;
		char sql[64];
		struct written w;
		struct err err = { "" };
		/* room for a part of it, then for a little more, until it fits */
		for (int64_t room = sql_int(d->tape.db, "PRAGMA page_count");; room++) {
			snprintf(sql, sizeof sql, "PRAGMA max_page_count = %lld", (long long)room);
			sql_run(d->tape.db, sql);
			enum write_result result = batch_writer_write(&d->writer, items + at, batch, &w, &err);
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
	for (int nth = 1; nth < 40; nth += 7) {
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
		enum write_result result = batch_writer_write(&d->writer, items + count, count, &w, &err);
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

static struct item coverage_item(uint32_t market, int64_t from_us, int64_t to_us)
{
	struct item item = { .kind = ITEM_COVERAGE, .market = market };
	item.mark = (struct coverage_mark){ .from_us = from_us, .to_us = to_us };
	return item;
}

static void coverage_moves_on_and_never_back(void **state)
{
	(void)state;
	struct deck *d = deck_new();
	struct item items[] = { coverage_item(0, 100, 200), coverage_item(1, 100, 500), coverage_item(0, 100, 500), coverage_item(0, 100, 300),
		                coverage_item(1, 100, 300), coverage_item(0, 900, 900), coverage_item(1, 900, 900) };
	deck_write(d, items, 7);
	char *text = sql_text(d->tape.db, "SELECT group_concat(market_id || ' ' || from_us || ' ' || to_us, ';') FROM coverage");
	assert_string_equal(text, "1 100 500;1 900 900;2 100 500;2 900 900");
	free(text);
	deck_close(d);
}

static void trades_candles_and_coverage_are_one_transaction(void **state)
{
	(void)state;
	struct deck *d = deck_new();
	struct item items[] = { coverage_item(0, DAY_US, DAY_US + 1), coverage_item(1, DAY_US, DAY_US + 1), trade_item(0, DAY_US, "1", "5", "1", SIDE_BUY),
		                trade_item(0, DAY_US, "2", "6", "1", SIDE_BUY) };
	sql_run(d->tape.db, "CREATE TEMP TRIGGER refuse BEFORE INSERT ON candle_1m BEGIN SELECT not_today(); END");
	struct written w;
	struct err err = { "" };
	assert_int_equal(batch_writer_write(&d->writer, items, 4, &w, &err), WRITE_AGAIN);
	assert_contains(err.text, "not today");
	assert_int_equal(w.items, 0);
	assert_int_equal(sql_int(d->tape.db, "SELECT (SELECT count(*) FROM trade) + (SELECT count(*) FROM coverage) + (SELECT count(*) FROM candle_1m)"), 0);
	sql_run(d->tape.db, "DROP TRIGGER refuse");
	deck_write(d, items, 4);
	assert_int_equal(sql_int(d->tape.db, "SELECT (SELECT count(*) FROM trade) + (SELECT count(*) FROM coverage) + (SELECT count(*) FROM candle_1m)"), 5);
	deck_close(d);
}

static void *written_again; /* cmocka's captured() passes one pointer */

static void write_differing(void *arg)
{
	deck_write(written_again, arg, 1);
}

static void write_many_differing(void *arg)
{
	for (int i = 0; i < 200; i++) {
		struct item other = *(struct item *)arg;
		char price[16];
		snprintf(price, sizeof price, "%d", 101 + i);
		other.trade.price = dec(price);
		deck_write(written_again, &other, 1);
	}
}

static void each_of_many_differences_is_logged(void **state)
{
	(void)state;
	struct deck *d = deck_new();
	struct item first = trade_item(0, DAY_US, "17898744375740001", "100", "0.5", SIDE_BUY);
	deck_write(d, &first, 1);
	written_again = d;
	char *log = captured(STDERR_FILENO, write_many_differing, &first);
	for (int i = 0; i < 200; i++) {
		char came[32];
		snprintf(came, sizeof came, "Z,%d,0.5,buy\n", 101 + i);
		assert_contains(log, came);
	}
	free(log);
	tape_holds(d, &first, 1);
	deck_close(d);
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

static void an_id_that_another_trade_has_leaves_a_gap_where_the_second_would_stand(void **state)
{
	(void)state;
	struct deck *d = deck_new();
	const int64_t gaps_before = sql_int(d->tape.db, "SELECT count(*) FROM gap");
	struct item items[] = {
		trade_item(0, DAY_US, "5", "20", "1", SIDE_BUY),
		trade_item(0, DAY_US + 9, "5", "20", "1", SIDE_BUY),           /* another time alone */
		trade_item(0, DAY_US, "5", "21", "1", SIDE_BUY),               /* another price alone */
		trade_item(0, DAY_US + 1000000, "5", "30", "1", SIDE_BUY),
		trade_item(0, DAY_US + 3000000, "5", "31", "1", SIDE_BUY),     /* near: the same gap */
		trade_item(0, DAY_US + 9000000000, "5", "32", "1", SIDE_BUY),
	};
	deck_write(d, items, 3);
	assert_int_equal(sql_int(d->tape.db, "SELECT count(*) FROM gap"), gaps_before);
	deck_write(d, items + 3, 3);
	assert_int_equal(sql_int(d->tape.db, "SELECT count(*) FROM trade"), 1);
	assert_int_equal(sql_int(d->tape.db, "SELECT count(*) FROM gap WHERE state = 'unfillable' AND reason = 'new-ids'"), 2);
	assert_int_equal(sql_int(d->tape.db, "SELECT min(from_us) FROM gap"), DAY_US + 1000000);
	assert_int_equal(sql_int(d->tape.db, "SELECT min(to_us) FROM gap"), DAY_US + 3000001);
	deck_close(d);
}

static struct item numbered(int64_t id, int64_t second, int price)
{
	char number[24], money[24];
	snprintf(number, sizeof number, "%lld", (long long)id);
	snprintf(money, sizeof money, "%d", price);
	return trade_item(0, DAY_US + second * US_PER_SECOND, number, money, "1", SIDE_BUY);
}

static void ids_that_begin_again_are_numbered_apart(void **state)
{
	(void)state;
	for (int reopened = 0; reopened < 2; reopened++) {
		struct deck *d = deck_new();
		for (int64_t id = 10; id < 20; id++) {
			struct item item = numbered(id, id, 100 + (int)id);
			deck_write(d, &item, 1);
		}
		for (int64_t id = 5; id < 30; id++) { /* twice each, as two connections bring them; some at the price of their namesake */
			struct item item[] = { numbered(id, 100 + id, (id == 11 ? 100 : 300) + (int)id), numbered(id, 100 + id, (id == 11 ? 100 : 300) + (int)id) };
			deck_write(d, item, 2);
			if (reopened && id == 15) {
				deck_close(d);
				deck_open(d);
			}
		}
		struct item late[] = { numbered(20, 20, 120), numbered(15, 15, 115), numbered(4, 104, 304), numbered(12, 112, 312), numbered(20, 20, 120) };
		deck_write(d, late, 5);
		assert_int_equal(sql_int(d->tape.db, "SELECT count(*) FROM trade"), 10 + 25 + 2);
		assert_int_equal(sql_int(d->tape.db, "SELECT count(*) FROM id_epoch"), 1);
		assert_int_equal(sql_int(d->tape.db, "SELECT count(DISTINCT price) FROM trade"), 10 + 25 - 1 + 2);
		assert_int_equal(sql_int(d->tape.db, "SELECT count(*) FROM gap WHERE reason = 'new-ids' AND state = 'filled' AND filled = 0"), 1);
		assert_int_equal(sql_int(d->tape.db, "SELECT count(*) FROM gap WHERE state <> 'filled'"), 0);
		strays_are_all_that_breaks_the_order(d->tape.db);
		candles_are_what_their_trades_say(d->tape.db);
		deck_close(d);
	}
}

static void ids_that_begin_again_often_are_numbered_apart_each_time(void **state)
{
	(void)state;
	struct deck *d = deck_new();
	for (int epoch = 0; epoch < 4; epoch++)
		for (int64_t id = 1; id < 200; id++) {
			struct item item = numbered(id, 1000 * epoch + id, 1000 * (epoch + 1) + (int)id);
			deck_write(d, &item, 1);
		}
	for (int64_t id = 199; id > 0; id--) /* all of an epoch that is over, again */
		for (int epoch = 0; epoch < 4; epoch += 2) {
			struct item item = numbered(id, 1000 * epoch + id, 1000 * (epoch + 1) + (int)id);
			deck_write(d, &item, 1);
		}
	assert_int_equal(sql_int(d->tape.db, "SELECT count(*) FROM trade"), 4 * 199);
	assert_int_equal(sql_int(d->tape.db, "SELECT count(*) FROM id_epoch"), 3);
	strays_are_all_that_breaks_the_order(d->tape.db);
	candles_are_what_their_trades_say(d->tape.db);
	deck_close(d);
}

static void single_ids_that_come_again_are_no_new_numbering(void **state)
{
	(void)state;
	struct deck *d = deck_new();
	for (int64_t id = 1; id < 50; id++) {
		struct item item[] = { numbered(id, 2 * id, 100 + (int)id), numbered(id / 2, 2 * id + 1, 500 + (int)id) };
		deck_write(d, item, id > 4 ? 2 : 1);
	}
	assert_int_equal(sql_int(d->tape.db, "SELECT count(*) FROM trade"), 49);
	assert_int_equal(sql_int(d->tape.db, "SELECT count(*) FROM id_epoch"), 0);
	assert_int_equal(sql_int(d->tape.db, "SELECT count(*) FROM gap WHERE state = 'filled'"), 0);
	for (int64_t id = 49; id > 0; id--) { /* descending: an old page, with times of its own */
		struct item item = numbered(id, 1000 - id, 900);
		deck_write(d, &item, 1);
	}
	assert_int_equal(sql_int(d->tape.db, "SELECT count(*) FROM trade"), 49);
	deck_close(d);
}

/* Market 0 is covered from second 100 to second 200, with a gap from 150 to 160. */
static void what_rest_has_where_nothing_was_missed_is_put_back_and_said(void **state)
{
	(void)state;
	struct deck *d = deck_new();
	int64_t from_us = DAY_US + 100 * US_PER_SECOND;
	struct item items[] = {
		numbered(1, 110, 10),
		coverage_item(0, from_us, from_us + 100 * US_PER_SECOND),
		{ .kind = ITEM_GAP, .market = 0, .gap = { .gap_id = 77, .from_us = from_us + 50 * US_PER_SECOND, .to_us = from_us + 60 * US_PER_SECOND,
		                                          .from_id = GAP_NO_ID, .to_id = GAP_NO_ID, .state = GAP_OPEN } },
		numbered(1, 110, 10), numbered(2, 111, 20), numbered(3, 112, 30), numbered(4, 155, 40), numbered(5, 90, 50), numbered(6, 201, 60),
		numbered(2, 111, 20),
	};
	for (size_t i = 3; i < sizeof items / sizeof *items; i++) {
		items[i].gap_id = ITEM_WITNESS;
		items[i].trade.recv_wall_us = 0;
	}
	struct written w = deck_write(d, items, sizeof items / sizeof *items);
	assert_int_equal(w.stored, 3);
	assert_int_equal(sql_int(d->tape.db, "SELECT count(*) FROM trade"), 3);
	assert_int_equal(sql_int(d->tape.db, "SELECT count(*) FROM trade WHERE lag_us IS NULL"), 2);
	assert_int_equal(sql_int(d->tape.db, "SELECT filled FROM gap WHERE reason = 'audit' AND state = 'filled'"), 2);
	assert_int_equal(sql_int(d->tape.db, "SELECT from_us FROM gap WHERE reason = 'audit'"), from_us + 11 * US_PER_SECOND);
	assert_int_equal(sql_int(d->tape.db, "SELECT to_us FROM gap WHERE reason = 'audit'"), from_us + 12 * US_PER_SECOND + 1);
	candles_are_what_their_trades_say(d->tape.db);
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

/* ---- one absurd trade, and ids without order ---- */

static int64_t stray_count(struct deck *d)
{
	return sql_int(d->tape.db, "SELECT count(*) FROM stray_id");
}

static struct item nth_item(int64_t n)
{
	char id[TRADE_ID_TEXT_SIZE];
	snprintf(id, sizeof id, "%lld", (long long)(DAY_US / 1000 * 10000 + n * 10000));
	return trade_item(0, DAY_US + n * 1000, id, "5", "1", SIDE_BUY);
}

/* `crazy` comes as the `at`-th; in order before and after it. */
static void few_strays(struct item crazy, size_t at, bool reopen)
{
	enum { COUNT = 200 };
	static struct item items[COUNT];
	for (size_t i = 0; i < COUNT; i++)
		items[i] = i == at ? crazy : nth_item((int64_t)i);
	folder_make();
	struct deck *d = deck_new();
	for (size_t i = 0; i < COUNT; i += 50) {
		assert_int_equal(deck_write(d, items + i, 50).stored, 50);
		if (reopen) {
			deck_close(d);
			deck_open(d);
		}
	}
	assert_true(stray_count(d) <= 2);
	assert_int_equal(deck_write(d, items, COUNT).repeated, COUNT);
	assert_true(stray_count(d) <= 2);
	tape_holds(d, items, COUNT);
	deck_close(d);
	folder_remove();
}

static void one_absurd_trade_does_not_make_strays_of_those_that_follow(void **state)
{
	(void)state;
	static const size_t places[] = { 0, 75, 199 };
	struct item far_time = nth_item(0), far_past = nth_item(0);
	far_time.trade.id.number += 777;
	far_time.trade.time_us = TIME_US_MAX;
	far_past.trade.id.number += 778;
	far_past.trade.time_us = 1000;
	struct item huge = trade_item(0, DAY_US + 5, "900000000000000000", "5", "1", SIDE_BUY);
	struct item longest = trade_item(0, DAY_US + 5, "1234567890123456789012345678901234567890", "5", "1", SIDE_BUY);
	struct item both = trade_item(0, TIME_US_MAX, "900000000000000000", "5", "1", SIDE_BUY);
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		bool reopen = i == 1;
		huge.trade.time_us = longest.trade.time_us = DAY_US + (int64_t)places[i] * 1000;
		few_strays(huge, places[i], reopen);
		few_strays(longest, places[i], reopen);
		few_strays(far_time, places[i], reopen);
		few_strays(far_past, places[i], reopen);
		few_strays(both, places[i], reopen);
	}
}

static int64_t place_unrelated(struct deck *d, struct item *items, size_t count)
{
	int64_t begin_us = clock_mono_us();
	for (size_t at = 0; at < count; at += 1000)
		assert_int_equal(deck_write(d, items + at, 1000).stored, 1000);
	return clock_mono_us() - begin_us;
}

static void ids_that_have_nothing_to_do_with_time_are_placed_in_linear_time(void **state)
{
	(void)state;
	enum { COUNT = 20000 };
	struct item *items = calloc(COUNT, sizeof *items);
	assert_non_null(items);
	fake.id_rule = (struct id_rule){ 0, 0 };
	for (size_t i = 0; i < COUNT; i++) {
		char id[TRADE_ID_TEXT_SIZE];
		/* a permutation of 0..2^40-1, so that no id comes twice */
		snprintf(id, sizeof id, "%llu", (unsigned long long)((i * UINT64_C(0x9e3779b97f4a7c15)) & ((UINT64_C(1) << 40) - 1)));
		items[i] = trade_item(0, DAY_US + (int64_t)i * 1000, id, "5", "1", SIDE_SELL);
	}
	struct deck *d = deck_new();
	int64_t half_us = place_unrelated(d, items, COUNT / 2), rest_us = place_unrelated(d, items + COUNT / 2, COUNT / 2);
	print_message("%d trades of unrelated ids: %lld ms, then %lld ms\n", COUNT, (long long)half_us / 1000, (long long)rest_us / 1000);
	assert_true(rest_us < 2 * half_us + US_PER_SECOND); /* the second half costs no more than the first */
	assert_int_equal(sql_int(d->tape.db, "SELECT ids_unordered FROM market WHERE market_id = 1"), 1);
	assert_int_equal(sql_int(d->tape.db, "SELECT ids_unordered FROM market WHERE market_id = 2"), 0);
	assert_int_equal(stray_count(d), COUNT);
	deck_close(d);
	deck_open(d);
	for (size_t i = 0; i < COUNT; i += 3)
		items[i].trade.time_us += 60000000; /* the time is no part of it */
	int before = dup(STDERR_FILENO), silence = open("/dev/null", O_WRONLY);
	dup2(silence, STDERR_FILENO);
	assert_int_equal(deck_write(d, items, COUNT).repeated, COUNT);
	dup2(before, STDERR_FILENO);
	close(before);
	close(silence);
	struct item one_more = trade_item(0, DAY_US, "1099511627777", "5", "1", SIDE_SELL);
	assert_int_equal(deck_write(d, &one_more, 1).stored, 1);
	assert_int_equal(deck_write(d, &one_more, 1).repeated, 1);
	assert_int_equal(sql_int(d->tape.db, "SELECT count(*) FROM trade"), COUNT + 1);
	strays_are_all_that_breaks_the_order(d->tape.db);
	deck_close(d);
	free(items);
	fake.id_rule = (struct id_rule){ 10000, 0 };
}

/* The batch in which the order is given up may have to be written again. */
static void giving_up_order_can_be_undone(void **state)
{
	(void)state;
	enum { COUNT = 3000 };
	struct item *items = calloc(COUNT, sizeof *items);
	assert_non_null(items);
	fake.id_rule = (struct id_rule){ 0, 0 };
	for (size_t i = 0; i < COUNT; i++) {
		char id[TRADE_ID_TEXT_SIZE];
		snprintf(id, sizeof id, "%llu", (unsigned long long)((i * UINT64_C(0x9e3779b97f4a7c15)) & ((UINT64_C(1) << 40) - 1)));
		items[i] = trade_item(0, DAY_US + (int64_t)i * 1000, id, "5", "1", SIDE_SELL);
	}
	struct deck *d = deck_new();
	struct written w;
	struct err err = { "" };
	sql_run(d->tape.db, "CREATE TEMP TRIGGER refuse BEFORE UPDATE OF ids_unordered ON market BEGIN SELECT not_today(); END");
	size_t at = 0;
	enum write_result result = WRITE_DONE;
	for (; at < COUNT && result == WRITE_DONE; at += result == WRITE_DONE ? 250 : 0)
		result = batch_writer_write(&d->writer, items + at, 250, &w, &err);
	assert_true(at < COUNT);
	assert_contains(err.text, "not today");
	sql_run(d->tape.db, "DROP TRIGGER refuse");
	for (; at < COUNT; at += 250)
		assert_int_equal(deck_write(d, items + at, 250).stored, 250);
	assert_int_equal(deck_write(d, items, COUNT).repeated, COUNT);
	tape_holds(d, items, COUNT);
	deck_close(d);
	free(items);
	fake.id_rule = (struct id_rule){ 10000, 0 };
}

/* ---- trades without an id ---- */

static struct item no_id(uint32_t connection, int64_t time_us, const char *price, const char *size, enum side side)
{
	struct item item = trade_item(0, time_us, "0", price, size, side);
	item.connection = connection;
	item.trade.id = (struct trade_id){ .kind = TRADE_ID_NONE };
	return item;
}

static uint64_t stored_of(struct deck *d, const struct item *items, size_t count)
{
	struct item copy[16]; /* the writer fills in places; a repetition comes without */
	memcpy(copy, items, count * sizeof *items);
	return deck_write(d, copy, count).stored;
}

static void equal_rows_of_one_connection_are_different_trades(void **state)
{
	(void)state;
	struct deck *d = deck_new();
	struct item a = no_id(1, DAY_US, "7.5", "2", SIDE_BUY), items[] = { a, a, a };
	assert_int_equal(stored_of(d, items, 3), 3);
	assert_int_equal(stored_of(d, items, 2), 2); /* later, too */
	assert_int_equal(sql_int(d->tape.db, "SELECT count(*) FROM trades WHERE trade_id = '' AND price = '7.5' AND side = 'buy'"), 5);
	assert_int_equal(sql_int(d->tape.db, "SELECT trades FROM candle_1m"), 5);
	assert_int_equal(stray_count(d), 0);
	deck_close(d);
}

static void of_two_connections_the_larger_count_stands(void **state)
{
	(void)state;
	struct deck *d = deck_new();
	struct item a = no_id(1, DAY_US, "7.5", "2", SIDE_BUY), b = a;
	b.connection = 2;
	struct item first[] = { a, a, a }, second[] = { b, b, b, b };
	assert_int_equal(stored_of(d, first, 3), 3);
	assert_int_equal(stored_of(d, second, 2), 0);
	assert_int_equal(stored_of(d, second, 2), 1); /* its third and fourth */
	assert_int_equal(stored_of(d, first, 1), 0);  /* the first's fourth is the second's */
	assert_int_equal(stored_of(d, first, 1), 1);
	struct item mixed[] = { a, b, a, b, b };
	mixed[0].trade.time_us = mixed[1].trade.time_us = mixed[2].trade.time_us = mixed[3].trade.time_us = mixed[4].trade.time_us = DAY_US + 1;
	assert_int_equal(stored_of(d, mixed, 5), 3);
	deck_close(d);
	deck_open(d); /* a restart is another connection */
	struct item c = a;
	c.connection = 1;
	struct item again[] = { c, c, c, c, c, c };
	assert_int_equal(stored_of(d, again, 6), 1);
	assert_int_equal(sql_int(d->tape.db, "SELECT count(*) FROM trade"), 9);
	deck_close(d);
}

/* REST put it back, for a gap that ended just before; or the gap was not yet filled when the recorder was killed, and is
 * open again without an end. */
static void a_row_that_rest_gave_gets_its_id_after_a_restart(void **state)
{
	(void)state;
	struct deck *d = deck_new();
	struct gap_mark mark = { .gap_id = 1, .from_us = DAY_US - 5 * US_PER_SECOND, .to_us = DAY_US - US_PER_SECOND, .from_id = GAP_NO_ID,
		                 .to_id = GAP_NO_ID, .reason = GAP_DISCONNECT, .state = GAP_OPEN };
	struct item gap = { .kind = ITEM_GAP, .market = 0, .gap = mark }, rest = no_id(7, DAY_US, "10", "1", SIDE_BUY);
	rest.gap_id = 1;
	rest.trade.recv_wall_us = 0;
	deck_write(d, &gap, 1);
	assert_int_equal(deck_write(d, &rest, 1).stored, 1);
	deck_close(d);
	deck_open(d);
	struct item socket = trade_item(0, DAY_US, "17953056000000000", "10", "1", SIDE_BUY);
	assert_int_equal(deck_write(d, &socket, 1).stored, 0);
	rest.trade.time_us = socket.trade.time_us = DAY_US + 3600 * US_PER_SECOND;
	rest.connection++;
	assert_int_equal(deck_write(d, &rest, 1).stored, 1);
	deck_close(d);
	deck_open(d);
	gap.gap.to_us = GAP_NOT_OVER;
	deck_write(d, &gap, 1);
	socket.trade.id.number++;
	assert_int_equal(deck_write(d, &socket, 1).stored, 0);
	assert_int_equal(sql_int(d->tape.db, "SELECT count(*) FROM trades WHERE trade_id = '17953056000000000'"), 1);
	deck_close(d);
}

static void rows_that_differ_in_anything_are_different_trades(void **state)
{
	(void)state;
	struct deck *d = deck_new();
	struct item first[] = { no_id(1, DAY_US, "7.5", "2", SIDE_BUY), no_id(1, DAY_US, "7.5", "2", SIDE_SELL), no_id(1, DAY_US, "7.6", "2", SIDE_BUY),
		                no_id(1, DAY_US, "7.5", "3", SIDE_BUY), no_id(1, DAY_US + 1, "7.5", "2", SIDE_BUY), no_id(1, DAY_US, "7.5", "2", SIDE_BUY) };
	first[5].trade.market = first[5].market = 1;
	assert_int_equal(stored_of(d, first, 6), 6);
	for (size_t i = 0; i < 6; i++)
		first[i].connection = 2;
	first[0].trade.price = dec("7.500"); /* the same number */
	assert_int_equal(stored_of(d, first, 6), 0);
	assert_int_equal(sql_int(d->tape.db, "SELECT count(*) FROM trade"), 6);
	deck_close(d);
}

static void a_rollback_undoes_the_counting_of_equal_rows(void **state)
{
	(void)state;
	struct deck *d = deck_new();
	struct item a = no_id(1, DAY_US, "7.5", "2", SIDE_BUY), other = no_id(1, DAY_US, "8", "2", SIDE_BUY), b = a;
	b.connection = 2;
	assert_int_equal(stored_of(d, &a, 1), 1);
	struct item batch[] = { a, other, b, a, b, b };
	struct written w;
	struct err err = { "" };
	for (int fails = 0; fails < 3; fails++) {
		sql_run(d->tape.db, "CREATE TEMP TRIGGER refuse BEFORE INSERT ON candle_1m BEGIN SELECT not_today(); END");
		struct item copy[6];
		memcpy(copy, batch, sizeof copy);
		assert_true(batch_writer_write(&d->writer, fails == 2 ? batch : copy, 6, &w, &err) != WRITE_DONE);
		sql_run(d->tape.db, "DROP TRIGGER refuse");
	}
	/* the very items that failed are what is tried again: a has three, b three, so three stand */
	w = deck_write(d, batch, 6);
	assert_int_equal(w.stored, 3);
	assert_int_equal(w.repeated, 3);
	assert_int_equal(stored_of(d, &b, 1), 1);
	assert_int_equal(sql_int(d->tape.db, "SELECT count(*) FROM trade"), 5);
	assert_int_equal(sql_int(d->tape.db, "SELECT trades FROM candle_1m"), 5);
	deck_close(d);
}

static void among_equal_times_without_ids_the_order_of_arrival_is_kept(void **state)
{
	(void)state;
	enum { COUNT = 700 }; /* more than a byte counts */
	struct deck *d = deck_new();
	for (int i = 0; i < COUNT; i++) {
		char price[32];
		snprintf(price, sizeof price, "%d", (i * 389) % 701 + 1);
		struct item item = no_id(1 + (uint32_t)i % 2, DAY_US, price, "1", SIDE_BUY);
		assert_int_equal(deck_write(d, &item, 1).stored, 1);
		if (i == COUNT / 2) {
			deck_close(d);
			deck_open(d);
		}
	}
	sqlite3_stmt *rows;
	sqlite3_prepare_v2(d->tape.db, "SELECT price FROM trade ORDER BY market_id, time_us, id", -1, &rows, NULL);
	for (int i = 0; i < COUNT; i++) {
		assert_int_equal(sqlite3_step(rows), SQLITE_ROW);
		assert_int_equal(sqlite3_column_int64(rows, 0), ((i * 389) % 701 + 1) << 4);
	}
	assert_int_equal(sqlite3_step(rows), SQLITE_DONE);
	sqlite3_finalize(rows);
	assert_int_equal(sql_int(d->tape.db, "SELECT open FROM candle_1m"), 1 << 4);
	assert_int_equal(sql_int(d->tape.db, "SELECT close FROM candle_1m"), ((COUNT - 1) * 389 % 701 + 1) << 4);
	deck_close(d);
}

/* Two connections of the same trades, interleaved at random, with restarts: the larger count of each stands. */
static void two_connections_merge_as_multisets(void **state)
{
	(void)state;
	enum { KINDS = 40, COUNT = 600 };
	struct rng r = { 12 };
	struct deck *d = deck_new();
	int64_t counts[3][KINDS] = { { 0 } }, want = 0;
	for (int i = 0; i < COUNT; i++) {
		uint32_t connection = 1 + (uint32_t)rng_below(&r, 2);
		size_t kind = rng_below(&r, KINDS);
		char price[32];
		snprintf(price, sizeof price, "%zu", kind / 4 + 1);
		struct item item = no_id(connection, DAY_US + (int64_t)(kind % 2) * 1000, price, "1", kind % 4 < 2 ? SIDE_BUY : SIDE_SELL);
		counts[connection][kind]++;
		struct written w = deck_write(d, &item, 1);
		int64_t most = counts[0][kind];
		if (counts[connection][kind] > most)
			counts[0][kind] = counts[connection][kind];
		assert_int_equal(w.stored, counts[0][kind] - most);
	}
	for (size_t kind = 0; kind < KINDS; kind++)
		want += counts[0][kind];
	assert_int_equal(sql_int(d->tape.db, "SELECT count(*) FROM trade"), want);
	assert_int_equal(sql_int(d->tape.db, "SELECT sum(trades) FROM candle_1m"), want);
	deck_close(d);
}

static void more_trades_than_are_remembered_do_no_harm(void **state)
{
	(void)state;
	struct duplicates *twins = duplicates_new();
	assert_non_null(twins);
	for (int round = 0; round < 3; round++) {
		for (int64_t i = 0; i < 70000; i++) {
			struct item item = no_id(1, DAY_US + i, "7.5", "2", SIDE_BUY);
			size_t n = duplicates_count(twins, 1, (uint32_t)round, &item.trade);
			assert_int_equal(n, 1);
		}
		struct item newest = no_id(1, DAY_US + 69999, "7.5", "2", SIDE_BUY);
		assert_int_equal(duplicates_count(twins, 1, (uint32_t)round, &newest.trade), 2);
		if (round == 1) {
			duplicates_forget(twins);
			assert_int_equal(duplicates_count(twins, 1, 1, &newest.trade), 1);
		} else {
			duplicates_commit(twins);
			assert_int_equal(duplicates_count(twins, 1, (uint32_t)round, &newest.trade), 3);
			duplicates_forget(twins);
			assert_int_equal(duplicates_count(twins, 1, (uint32_t)round, &newest.trade), 3);
		}
		duplicates_commit(twins);
	}
	duplicates_free(twins);
}

/* ---- tickers, markets ---- */

static struct item ticker_item(uint32_t market, int64_t time_us, const char *close)
{
	struct item item = { .kind = ITEM_TICKER, .market = market };
	item.ticker = (struct ticker){ .time_us = time_us, .recv_wall_us = time_us + 70, .open = dec("1"), .high = dec("9"), .low = dec("0.5"),
		                       .close = dec(close), .volume = dec("123456789012345678901234567890.5") };
	return item;
}

static void a_ticker_of_the_same_words_at_the_same_time_is_one_row(void **state)
{
	(void)state;
	static struct market tickers[] = {
		{ .exchange = &fake, .channel = CHANNEL_TICKER, .symbol = "KRW-BTC", .window = "24H", .name = "fake:KRW-BTC@ticker:24H", .base = "BTC", .quote = "KRW" },
		{ .exchange = &fake, .channel = CHANNEL_TICKER, .symbol = "KRW-BTC", .window = "1H", .name = "fake:KRW-BTC@ticker:1H" },
	};
	struct deck *d = deck_new();
	struct item items[] = {
		{ .kind = ITEM_MARKET, .market = 2, .introduced = &tickers[0] }, { .kind = ITEM_MARKET, .market = 3, .introduced = &tickers[1] },
		ticker_item(2, DAY_US, "2"), ticker_item(2, DAY_US, "2.0"), ticker_item(2, DAY_US, "3"), ticker_item(2, DAY_US + 1, "2"), ticker_item(3, DAY_US, "2"),
	};
	items[3].ticker.recv_wall_us += 5000; /* the first stays */
	struct written w = deck_write(d, items, 7);
	assert_int_equal(w.stored + w.repeated, 0); /* these count trades */
	deck_write(d, items, 7);
	char *text = sql_text(d->tape.db, "SELECT group_concat(line, ';') FROM (SELECT market_id || ' ' || \"window\" || ' ' || (time_us - 1795305600000000) || ' ' || close || "
	                                  "' ' || volume || ' ' || lag_us AS line FROM ticker ORDER BY market_id, \"window\", time_us, close)");
	assert_string_equal(text, "1 1H 0 32 123456789012345678901234567890.5 70;1 24H 0 32 123456789012345678901234567890.5 70;"
	                          "1 24H 0 48 123456789012345678901234567890.5 70;1 24H 1 32 123456789012345678901234567890.5 70");
	free(text);
	assert_int_equal(sql_int(d->tape.db, "SELECT count(*) FROM market"), 2); /* the ticker's market is the trades' */
	assert_int_equal(sql_int(d->tape.db, "SELECT count(*) FROM trade"), 0);
	deck_close(d);
}

static void a_market_introduced_twice_is_one(void **state)
{
	(void)state;
	struct deck *d = deck_new();
	struct item items[] = { market_item(0), nth_item(1), market_item(0), nth_item(1), nth_item(2), market_item(1), market_item(0), nth_item(3) };
	struct written w = deck_write(d, items, 8);
	assert_int_equal(w.stored, 3);
	assert_int_equal(w.repeated, 1);
	assert_int_equal(sql_int(d->tape.db, "SELECT count(*) FROM market"), 2);
	/* as another number of the run, and later with or without what the list said */
	static struct market unchecked = { .exchange = &fake, .symbol = "KRW-BTC", .name = "fake:KRW-BTC" };
	static struct market listed = { .exchange = &fake, .symbol = "KRW-ETH", .name = "fake:KRW-ETH", .base = "ETH", .quote = "KRW" };
	struct item more[] = { { .kind = ITEM_MARKET, .market = 9, .introduced = &unchecked }, { .kind = ITEM_MARKET, .market = 5, .introduced = &listed }, nth_item(2) };
	more[2].market = more[2].trade.market = 9;
	w = deck_write(d, more, 3);
	assert_int_equal(w.repeated, 1);
	char *text = sql_text(d->tape.db, "SELECT group_concat(market_id || symbol || base || quote) FROM market");
	assert_string_equal(text, "1KRW-BTCBTCKRW,2KRW-ETHETHKRW");
	free(text);
	deck_close(d);
}

static void an_introduction_that_is_undone_is_made_again(void **state)
{
	(void)state;
	struct deck *d = deck_new();
	static struct market another = { .exchange = &fake, .symbol = "KRW-XRP", .name = "fake:KRW-XRP", .base = "XRP", .quote = "KRW" };
	struct item items[] = { { .kind = ITEM_MARKET, .market = 2, .introduced = &another }, nth_item(1), coverage_item(2, 5, 6) };
	items[1].market = items[1].trade.market = 2;
	struct written w;
	struct err err = { "" };
	sql_run(d->tape.db, "CREATE TEMP TRIGGER refuse BEFORE INSERT ON candle_1m BEGIN SELECT not_today(); END");
	assert_true(batch_writer_write(&d->writer, items, 3, &w, &err) != WRITE_DONE);
	assert_int_equal(sql_int(d->tape.db, "SELECT count(*) FROM market"), 2);
	sql_run(d->tape.db, "DROP TRIGGER refuse");
	assert_int_equal(deck_write(d, items, 3).stored, 1);
	assert_int_equal(deck_write(d, items, 3).repeated, 1);
	assert_int_equal(sql_int(d->tape.db, "SELECT count(*) FROM market m JOIN trade USING (market_id) JOIN coverage USING (market_id) WHERE symbol = 'KRW-XRP'"), 1);
	deck_close(d);
}

static void write_of_a_stranger(void *arg)
{
	deck_write(written_again, arg, 4);
}

/* It was looked up beyond the end of the array. */
static void what_is_of_a_market_that_was_never_introduced_is_refused_in_words(void **state)
{
	(void)state;
	struct deck *d = deck_new();
	struct item items[] = { nth_item(1), nth_item(2), coverage_item(70000, 5, 6), nth_item(3) };
	items[1].market = items[1].trade.market = 70000;
	written_again = d;
	char *log = captured(STDERR_FILENO, write_of_a_stranger, items);
	assert_contains(log, "row-refused market=none what=trade reason=\"market number 70000 was never introduced to the tape\"");
	free(log);
	assert_int_equal(sql_int(d->tape.db, "SELECT count(*) FROM trade"), 2);
	assert_int_equal(sql_int(d->tape.db, "SELECT count(*) FROM coverage"), 0);
	deck_close(d);
}

/* Not judged, only told: how the ways of arriving compare. */
static void the_cost_of_hostile_ids_is_told(void **state)
{
	(void)state;
	static const struct {
		enum stream kind;
		size_t count;
	} runs[] = { { IN_ORDER, 2000 }, { LATE_ARRIVALS, 2000 }, { DESCENDING_IDS, 2000 }, { CRAZY_ID_FIRST, 2000 }, { CRAZY_TIME_FIRST, 2000 },
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
		with_folder(each_of_many_differences_is_logged),
		cmocka_unit_test(any_stream_leaves_the_first_of_each_id_and_its_candles),
		cmocka_unit_test(a_time_that_the_id_rule_cannot_reach_keeps_its_identity),
		cmocka_unit_test(a_full_disk_undoes_the_batch_and_the_retry_writes_the_same_tape),
		cmocka_unit_test(a_read_that_fails_once_is_not_taken_for_damage),
		with_folder(among_equal_times_the_id_decides_open_and_close),
		with_folder(coverage_moves_on_and_never_back),
		with_folder(trades_candles_and_coverage_are_one_transaction),
		with_folder(an_id_that_another_trade_has_leaves_a_gap_where_the_second_would_stand),
		with_folder(ids_that_begin_again_are_numbered_apart),
		with_folder(ids_that_begin_again_often_are_numbered_apart_each_time),
		with_folder(single_ids_that_come_again_are_no_new_numbering),
		with_folder(what_rest_has_where_nothing_was_missed_is_put_back_and_said),
		with_folder(markets_keep_their_numbers_and_their_rule),
		cmocka_unit_test(one_absurd_trade_does_not_make_strays_of_those_that_follow),
		with_folder(ids_that_have_nothing_to_do_with_time_are_placed_in_linear_time),
		with_folder(giving_up_order_can_be_undone),
		with_folder(equal_rows_of_one_connection_are_different_trades),
		with_folder(of_two_connections_the_larger_count_stands),
		with_folder(a_row_that_rest_gave_gets_its_id_after_a_restart),
		with_folder(rows_that_differ_in_anything_are_different_trades),
		with_folder(a_rollback_undoes_the_counting_of_equal_rows),
		with_folder(among_equal_times_without_ids_the_order_of_arrival_is_kept),
		with_folder(two_connections_merge_as_multisets),
		cmocka_unit_test(more_trades_than_are_remembered_do_no_harm),
		with_folder(a_ticker_of_the_same_words_at_the_same_time_is_one_row),
		with_folder(a_market_introduced_twice_is_one),
		with_folder(an_introduction_that_is_undone_is_made_again),
		with_folder(what_is_of_a_market_that_was_never_introduced_is_refused_in_words),
		cmocka_unit_test(the_cost_of_hostile_ids_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
