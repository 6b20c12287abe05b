/* Each step of SQLite's, and each allocation of its and ours, fails in turn, the N-th for every N until a run passes clean: opening and upgrading the tape, what a start
 * reads from it, a batch of every kind of item, the last words at a stop.  Whatever is called must fail with words, or come to the
 * very same result; and when the fault is over, the same call succeeds, and the tape is the same.  The files are real; only
 * sqlite3_step, sqlite3_exec, calloc and realloc are wrapped (see CMakeLists.txt); malloc is not: whoever fails there ends (exact.c, GMP). */
#include "recorder/gaps/resume.h"
#include "recorder/tape/batch.h"
#include "schema/tape/steps.h"
#include "schema/base/timefmt.h"
#include "support.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAY_US INT64_C(1795305600000000) /* 2026-11-22 */

int __real_sqlite3_step(sqlite3_stmt *stmt);
int __wrap_sqlite3_step(sqlite3_stmt *stmt);
int __real_sqlite3_exec(sqlite3 *db, const char *sql, int (*row)(void *, int, char **, char **), void *arg, char **words);
int __wrap_sqlite3_exec(sqlite3 *db, const char *sql, int (*row)(void *, int, char **, char **), void *arg, char **words);

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__wrap_realloc(void *block, size_t size);

/* The steps, or allocations, from `first` on fail, `times` of them; 0: none does. */
static struct {
	int first, times, code, count;
	bool memory;
} fault;

/* What is logged meanwhile is not what is looked at. */
static int stderr_before;

struct way {
	int code, times;
	const char *words;
	bool memory; /* allocations fail, not steps */
};

static void arm(int first, const struct way *way)
{
	stderr_before = dup(STDERR_FILENO);
	int silence = open("/dev/null", O_WRONLY);
	dup2(silence, STDERR_FILENO);
	close(silence);
	fault.first = first;
	fault.times = way->times;
	fault.code = way->code;
	fault.memory = way->memory;
	fault.count = 0;
}

/* Did any step fail? */
static bool disarm(void)
{
	bool reached = fault.count >= fault.first;
	fault.first = 0;
	dup2(stderr_before, STDERR_FILENO);
	close(stderr_before);
	return reached;
}

static bool fails(bool memory)
{
	return fault.first > 0 && fault.memory == memory && ++fault.count >= fault.first && fault.count < fault.first + fault.times;
}

int __wrap_sqlite3_step(sqlite3_stmt *stmt)
{
	return fails(false) ? fault.code : __real_sqlite3_step(stmt);
}

int __wrap_sqlite3_exec(sqlite3 *db, const char *sql, int (*row)(void *, int, char **, char **), void *arg, char **words)
{
	return fails(false) ? fault.code : __real_sqlite3_exec(db, sql, row, arg, words);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails(true) ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size)
{
	return fails(true) ? NULL : __real_realloc(block, size);
}

static sqlite3_mem_methods sqlites;

static void *sqlites_malloc(int size)
{
	return fails(true) ? NULL : sqlites.xMalloc(size);
}

static void *sqlites_realloc(void *block, int size)
{
	return fails(true) ? NULL : sqlites.xRealloc(block, size);
}

/* Before SQLite is used for the first time. */
static void watch_sqlites_memory(void)
{
	assert_int_equal(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &sqlites), SQLITE_OK);
	sqlite3_mem_methods watched = sqlites;
	watched.xMalloc = sqlites_malloc;
	watched.xRealloc = sqlites_realloc;
	assert_int_equal(sqlite3_config(SQLITE_CONFIG_MALLOC, &watched), SQLITE_OK);
}

static const struct way ways[] = {
	{ SQLITE_IOERR, 1, "disk I/O error", false }, { SQLITE_IOERR, 2, "disk I/O error", false }, { SQLITE_NOMEM, 1, "out of memory", false },
	{ SQLITE_CORRUPT, 1, "malformed", false },    { SQLITE_CONSTRAINT, 1, "constraint", false },  { SQLITE_NOMEM, 1, "out of memory", true },
};
#define WAYS (sizeof ways / sizeof *ways)

/* Every step in the first way; samples of the others, and of the allocations, of which there are thousands. */
static int stride(const struct way *way, int of_allocations)
{
	return way->memory ? of_allocations : way == ways ? 1 : 4;
}

/* ---- the tape as text ---- */

static const char *const tables[] = {
	"SELECT group_concat(market_id || ',' || exchange || ',' || symbol || ',' || base || ',' || ids_step || ',' || ids_unordered, ';') FROM market",
	"SELECT group_concat(market_id || ',' || time_us || ',' || quote(id) || ',' || quote(price) || ',' || quote(size) || ',' || ifnull(lag_us, 'none'), ';') FROM trade",
	"SELECT group_concat(market_id || ',' || quote(trade_id) || ',' || time_us, ';') FROM stray_id",
	"SELECT group_concat(market_id || ',' || from_us, ';') FROM id_epoch",
	"SELECT group_concat(market_id || ',' || minute || ',' || open || ',' || high || ',' || low || ',' || close || ',' || volume || ',' || "
	"buy_volume || ',' || turnover || ',' || trades, ';') FROM candle_1m",
	"SELECT group_concat(market_id || ',' || from_us || ',' || to_us, ';') FROM coverage",
	"SELECT group_concat(gap_id || ',' || market_id || ',' || from_us || ',' || ifnull(to_us, 'on') || ',' || ifnull(from_id, 'none') || ',' || "
	"ifnull(to_id, 'none') || ',' || reason || ',' || state || ',' || filled || ',' || note, ';') FROM gap",
	"SELECT group_concat(market_id || ',' || time_us || ',' || \"window\" || ',' || close, ';') FROM ticker",
	"SELECT group_concat(exchange || ',' || ahead_us || ',' || measured_us, ';') FROM exchange_clock",
	"SELECT group_concat((stopped_us IS NULL) || ',' || queue_rows || ',' || received || ',' || lost, ';') FROM recorder",
	"SELECT group_concat(name, ';') FROM (SELECT name FROM sqlite_schema ORDER BY name)",
	"SELECT user_version || ' ' || journal_mode FROM pragma_user_version, pragma_journal_mode",
};

static char *text_of(sqlite3 *db)
{
	char *all = NULL;
	size_t size;
	FILE *out = open_memstream(&all, &size);
	assert_non_null(out);
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		char *text = sql_text(db, tables[i]);
		fprintf(out, "%s\n", text);
		free(text);
	}
	fclose(out);
	return all;
}

static void same(const char *what, int nth, const struct way *way, const char *want, const char *got)
{
	if (strcmp(want, got) == 0)
		return;
	size_t at = 0;
	while (want[at] == got[at])
		at++;
	fail_msg("%s, step %d (%s x %d): wanted '%.120s', got '%.120s'", what, nth, way->words, way->times, want + (at > 30 ? at - 30 : 0),
	         got + (at > 30 ? at - 30 : 0));
}

static void told(const char *what, int nth, const struct way *way, const struct err *err)
{
	if (!strstr(err->text, way->words))
		fail_msg("%s, step %d fails with '%s', and what is told is '%s'", what, nth, way->words, err->text);
}

/* ---- opening ---- */

/* A tape of the first schema, with a trade on it. */
static void make_old(const char *path)
{
	sqlite3 *db;
	char sql[200];
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	sql_run(db, schema_steps[0]);
	snprintf(sql, sizeof sql, "PRAGMA application_id = %d; PRAGMA user_version = 1; PRAGMA journal_mode = WAL; "
	                          "INSERT INTO schema_step VALUES (1, 5, 'test')", TAPE_APPLICATION_ID);
	sql_run(db, sql);
	sql_run(db, "INSERT INTO market (exchange, symbol) VALUES ('upbit', 'KRW-BTC'); INSERT INTO trade VALUES (1, 5, 6, 16, 16, 1)");
	sqlite3_close(db);
}

static void open_with_faults(const char *what, const char *from, const struct way *way)
{
	char *clean = NULL;
	bool reached = true;
	for (int nth = 0; reached; nth += stride(way, 211)) {
		const char *path = in_folder("opened.db"), *const files[] = { path, in_folder("opened.db-wal"), in_folder("opened.db-shm") };
		struct tape tape;
		struct err err = { "" };
		for (int i = 0; i < 3; i++)
			unlink(files[i]);
		if (from)
			file_copy(in_folder(from), path);
		arm(nth, way);
		bool ok = tape_open(&tape, path, TAPE_SYNC_NORMAL, &err);
		reached = disarm() || nth == 0;
		if (!ok) {
			told(what, nth, way, &err);
			assert_null(tape.db);
			if (!tape_open(&tape, path, TAPE_SYNC_NORMAL, &err))
				fail_msg("%s: after step %d had failed: %s", what, nth, err.text);
		}
		char *text = text_of(tape.db);
		if (nth == 0)
			clean = text;
		else
			same(what, nth, way, clean, text);
		if (nth > 0)
			free(text);
		assert_true(tape_close(&tape, &err));
	}
	free(clean);
}

static void no_step_of_opening_or_upgrading_fails_unnoticed(void **state)
{
	(void)state;
	make_old(in_folder("old.db"));
	file_write(in_folder("empty.db"), "", 0);
	for (size_t i = 0; i < WAYS; i++) {
		if (ways[i].code != SQLITE_IOERR && !ways[i].memory)
			continue; /* they are told alike */
		open_with_faults("a new tape", NULL, &ways[i]);
		open_with_faults("an empty file", "empty.db", &ways[i]);
		open_with_faults("an old tape", "old.db", &ways[i]);
	}
}

/* ---- a tape with some of everything ---- */

static struct exchange stepping = { .name = "stepping", .ids_step = true };
static struct exchange bare = { .name = "bare", .id_rule = { .per_ms = 10000 } };
static const struct market markets[] = {
	{ .exchange = &stepping, .symbol = "BTCUSDT", .name = "stepping:BTCUSDT", .base = "BTC", .quote = "USDT" },
	{ .exchange = &bare, .symbol = "KRW-BTC", .name = "bare:KRW-BTC" },
	{ .exchange = &bare, .symbol = "KRW-BTC", .name = "bare:KRW-BTC@ticker:1D", .channel = CHANNEL_TICKER, .window = "1D" },
};

static struct item market_item(uint32_t index)
{
	return (struct item){ .kind = ITEM_MARKET, .market = index, .introduced = &markets[index] };
}

static struct item trade_item(uint32_t market, int64_t id, int64_t after_us, const char *price)
{
	struct item item = { .kind = ITEM_TRADE, .market = market, .connection = 1 };
	item.trade = (struct trade){ .market = market, .side = SIDE_SELL, .time_us = DAY_US + after_us, .recv_wall_us = DAY_US + after_us + 5,
		                     .price = dec(price), .size = dec("0.5"), .id = { .kind = id < 0 ? TRADE_ID_NONE : TRADE_ID_NUMBER, .number = id } };
	return item;
}

static struct item gap_item(int64_t gap_id, uint32_t market, int64_t from_us, int64_t to_us, enum gap_state state)
{
	return (struct item){ .kind = ITEM_GAP, .market = market, .gap = { .gap_id = gap_id, .from_us = from_us, .to_us = to_us, .from_id = GAP_NO_ID,
	                                                                   .to_id = GAP_NO_ID, .reason = GAP_DISCONNECT, .state = state } };
}

static struct item coverage_item(uint32_t market, int64_t from_us, int64_t to_us)
{
	return (struct item){ .kind = ITEM_COVERAGE, .market = market, .mark = { .from_us = from_us, .to_us = to_us } };
}

#define ITEMS_MAX 40
static size_t first_items(struct item *items)
{
	size_t n = 0;
	items[n++] = market_item(0);
	items[n++] = market_item(1);
	items[n++] = market_item(2);
	for (int64_t i = 0; i < 5; i++)
		items[n++] = trade_item(0, 100 + i, i * 7 * US_PER_SECOND, "10");
	items[n++] = trade_item(0, 108, 60 * US_PER_SECOND, "11"); /* behind a skip */
	items[n++] = trade_item(1, 5000, US_PER_SECOND, "12");
	items[n++] = trade_item(1, 17, 2 * US_PER_SECOND, "12.5"); /* a stray */
	items[n++] = gap_item(1, 1, DAY_US, DAY_US + 9 * US_PER_SECOND, GAP_OPEN);
	items[n++] = trade_item(1, -1, 3 * US_PER_SECOND, "13");   /* as REST gave it */
	items[n - 1].gap_id = 1;
	items[n++] = gap_item(1, 1, DAY_US, DAY_US + 9 * US_PER_SECOND, GAP_FILLED);
	items[n++] = gap_item(2, 1, DAY_US + 20 * US_PER_SECOND, GAP_NOT_OVER, GAP_OPEN);
	items[n++] = gap_item(3, 0, DAY_US + 62 * US_PER_SECOND, DAY_US + 70 * US_PER_SECOND, GAP_OPEN);
	items[n++] = coverage_item(0, DAY_US, DAY_US + 30 * US_PER_SECOND);
	items[n++] = (struct item){ .kind = ITEM_CLOCK, .clock = { .exchange = "bare", .ahead_us = 77, .wall_us = 88 } };
	return n;
}

static size_t more_items(struct item *items)
{
	size_t n = 0;
	items[n++] = market_item(0);
	items[n++] = market_item(1);
	items[n++] = market_item(2);
	items[n++] = trade_item(0, 102, 14 * US_PER_SECOND, "10");        /* again */
	items[n++] = trade_item(0, 105, 35 * US_PER_SECOND, "9.25");      /* late */
	items[n++] = trade_item(0, 109, 61 * US_PER_SECOND, "12");
	items[n++] = trade_item(1, 16, 130 * US_PER_SECOND, "14");        /* a stray more */
	for (int64_t i = 0; i < 4; i++)
		items[n++] = trade_item(0, 100 + i, (200 + i) * US_PER_SECOND, "10.5"); /* its ids begin again */
	items[n++] = trade_item(1, 4000, 3 * US_PER_SECOND, "13");        /* by socket now: the row gets its id */
	items[n++] = trade_item(1, -1, 4 * US_PER_SECOND, "15");
	items[n++] = trade_item(1, -1, 4 * US_PER_SECOND, "15");          /* an equal one */
	items[n - 1].gap_id = items[n - 2].gap_id = 2;
	items[n++] = gap_item(2, 1, DAY_US + 20 * US_PER_SECOND, DAY_US + 40 * US_PER_SECOND, GAP_FILLED);
	items[n++] = gap_item(4, 0, DAY_US + 61 * US_PER_SECOND, GAP_NOT_OVER, GAP_OPEN);
	items[n++] = coverage_item(0, DAY_US, DAY_US + 90 * US_PER_SECOND);
	items[n++] = (struct item){ .kind = ITEM_TICKER, .market = 2, .ticker = { .time_us = DAY_US, .recv_wall_us = DAY_US + 9, .open = dec("1"),
	                            .high = dec("2"), .low = dec("1"), .close = dec("1.5"), .volume = dec("12345678901234567890.5") } };
	items[n++] = (struct item){ .kind = ITEM_HEARTBEAT, .beat = { .wall_us = DAY_US, .received = 9, .queue_rows = 3, .lost = 1 } };
	items[n++] = (struct item){ .kind = ITEM_CLOCK, .clock = { .exchange = "bare", .ahead_us = 78, .wall_us = 99 } };
	return n;
}

static struct tape tape;
static struct batch_writer writer;
static _Atomic int64_t next_gap_id;

static void open_writer(const char *path)
{
	struct err err = { "" };
	next_gap_id = 100;
	if (!tape_open(&tape, path, TAPE_SYNC_NORMAL, &err) || !batch_writer_init(&writer, tape.db, 100, &next_gap_id, &err))
		fail_msg("%s", err.text);
	sql_run(tape.db, "PRAGMA synchronous = OFF");
}

static void close_writer(void)
{
	struct err err = { "" };
	batch_writer_release(&writer);
	assert_true(tape_close(&tape, &err));
}

static void write_rest(struct item *items, size_t count)
{
	struct written written;
	struct err err = { "" };
	if (batch_writer_write(&writer, items, count, &written, &err) != WRITE_DONE)
		fail_msg("%s", err.text);
	assert_int_equal(written.items, count);
}

static const char *made(void)
{
	static char path[1024];
	snprintf(path, sizeof path, "%s", in_folder("made.db"));
	struct item items[ITEMS_MAX];
	open_writer(path);
	write_rest(items, first_items(items));
	close_writer();
	return path;
}

/* ---- what a start reads ---- */

static char *resume_text(const struct resume *r)
{
	char *all = NULL;
	size_t size;
	FILE *out = open_memstream(&all, &size);
	assert_non_null(out);
	for (size_t i = 0; i < r->count; i++) {
		const struct resume_market *m = &r->markets[i];
		fprintf(out, "%s:%s %lld oldest %lld newest %lld id %lld covered %lld before %lld since %lld\n", m->exchange, m->symbol,
		        (long long)m->market_id, (long long)m->oldest_us, (long long)m->newest_us, (long long)m->newest_id,
		        (long long)m->covered_to_us, (long long)m->before_newest_us, (long long)m->asked_since_us);
		for (size_t k = 0; k < m->gap_count; k++)
			fprintf(out, "  %lld %lld %lld reason %d anchor %lld\n", (long long)m->gaps[k].mark.gap_id, (long long)m->gaps[k].mark.from_us,
			        (long long)m->gaps[k].mark.to_us, (int)m->gaps[k].mark.reason, (long long)m->gaps[k].older_ref_us);
	}
	for (size_t i = 0; i < r->clock_count; i++)
		fprintf(out, "%s %lld\n", r->clocks[i].exchange, (long long)r->clocks[i].ahead_us);
	fprintf(out, "last %lld\n", (long long)r->last_gap_id);
	fclose(out);
	return all;
}

static void no_step_of_what_a_start_reads_fails_unnoticed(void **state)
{
	(void)state;
	struct err err = { "" };
	assert_true(tape_open(&tape, made(), TAPE_SYNC_NORMAL, &err));
	for (size_t i = 0; i < WAYS; i++) {
		char *clean = NULL;
		int failed = 0;
		bool reached = true;
		for (int nth = 0; reached; nth += stride(&ways[i], 11)) {
			struct resume resume;
			arm(nth, &ways[i]);
			bool ok = resume_load(&resume, tape.db, DAY_US + 60 * US_PER_MINUTE, &err);
			reached = disarm() || nth == 0;
			if (nth == 0)
				clean = resume_text(&resume);
			if (ok && nth > 0) {
				char *text = resume_text(&resume);
				same("resume", nth, &ways[i], clean, text);
				free(text);
			} else if (!ok) {
				told("resume", nth, &ways[i], &err);
				failed++;
			}
			resume_release(&resume);
		}
		assert_contains(clean, "stepping:BTCUSDT 1 oldest 1795305600000000 newest 1795305628000000 id 104"); /* before the skip */
		print_message("of a start, %d steps failed: %s\n", failed, ways[i].words);
		assert_true(i > 0 || failed >= 20);
		free(clean);
	}
	assert_true(tape_close(&tape, &err));
}

/* ---- batches ---- */

static void write_with_faults(const char *from, const struct way *way)
{
	char *clean = NULL;
	int failed = 0;
	bool reached = true;
	for (int nth = 0; reached; nth += stride(way, 23)) {
		struct item items[ITEMS_MAX];
		size_t count = more_items(items);
		struct written written;
		struct err err = { "" };
		file_copy(from, in_folder("batch.db"));
		open_writer(in_folder("batch.db"));
		arm(nth, way);
		enum write_result result = batch_writer_write(&writer, items, count, &written, &err);
		reached = disarm() || nth == 0;
		if (result != WRITE_DONE) {
			told("a batch", nth, way, &err);
			assert_int_equal(result, way->code == SQLITE_CORRUPT || way->code == SQLITE_CONSTRAINT ? WRITE_FATAL : WRITE_AGAIN);
			write_rest(items + written.items, count - written.items);
			failed++;
		}
		char *text = text_of(tape.db);
		if (nth == 0)
			clean = text;
		else if (result != WRITE_DONE || written.refused == 0)
			same("a batch", nth, way, clean, text);
		if (nth > 0)
			free(text);
		close_writer();
		unlink(in_folder("batch.db-wal"));
		unlink(in_folder("batch.db-shm"));
	}
	print_message("of a batch, %d steps failed: %s\n", failed, way->words);
	assert_true(way != ways || failed > 60);
	free(clean);
}

static void no_step_of_a_batch_fails_unnoticed(void **state)
{
	(void)state;
	const char *from = made();
	for (size_t i = 0; i < WAYS; i++)
		write_with_faults(from, &ways[i]);
}

static void no_step_of_the_last_words_fails_unnoticed(void **state)
{
	(void)state;
	const char *from = made();
	for (size_t i = 0; i < WAYS; i++) {
		char *clean = NULL;
		bool reached = true;
		for (int nth = 0; reached; nth += stride(&ways[i], 23)) {
			struct item items[ITEMS_MAX];
			size_t count = more_items(items);
			struct loss loss = { .items = 0 };
			struct err err = { "" };
			file_copy(from, in_folder("last.db"));
			open_writer(in_folder("last.db"));
			loss_add(&loss, items, count);
			arm(nth, &ways[i]);
			bool ok = batch_writer_give_up(&writer, &loss, 7, &err);
			reached = disarm() || nth == 0;
			if (!ok) {
				told("last words", nth, &ways[i], &err);
				next_gap_id = 100;
				assert_true(batch_writer_give_up(&writer, &loss, 7, &err));
			}
			char *text = text_of(tape.db);
			if (nth == 0)
				clean = text;
			else
				same("last words", nth, &ways[i], clean, text);
			if (nth > 0)
				free(text);
			loss_release(&loss);
			close_writer();
			unlink(in_folder("last.db-wal"));
			unlink(in_folder("last.db-shm"));
		}
		free(clean);
	}
}

int main(void)
{
	watch_sqlites_memory();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(no_step_of_opening_or_upgrading_fails_unnoticed, folder_setup, folder_teardown),
		cmocka_unit_test_setup_teardown(no_step_of_what_a_start_reads_fails_unnoticed, folder_setup, folder_teardown),
		cmocka_unit_test_setup_teardown(no_step_of_a_batch_fails_unnoticed, folder_setup, folder_teardown),
		cmocka_unit_test_setup_teardown(no_step_of_the_last_words_fails_unnoticed, folder_setup, folder_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
