#include "recorder/tape/writer.h"

#include "recorder/clock.h"
#include "schema/base/timefmt.h"
#include "support.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct market market = { .symbol = "KRW-BTC", .name = "upbit:KRW-BTC" };

static _Atomic int64_t next_gap_id = 1;

struct desk {
	struct tape tape;
	struct batch_writer batch_writer;
	struct queue queue;
	struct counters counters;
	struct writer writer;
	struct config config;
	sqlite3 *watch; /* a second handle, to see what is committed */
};
static struct desk desk;

static struct desk *desk_open(int64_t batch_rows, int64_t batch_ms)
{
	struct desk *d = &desk;
	struct err err = { "" };
	struct item introduction = { .kind = ITEM_MARKET, .market = 0, .introduced = &market };
	struct written written;
	memset(d, 0, sizeof *d);
	folder_make();
	market.exchange = exchange_find("upbit");
	d->config.batch_rows = batch_rows;
	d->config.batch_us = batch_ms * 1000;
	if (!tape_open(&d->tape, in_folder("tape.db"), TAPE_SYNC_NORMAL, &err) || !batch_writer_init(&d->batch_writer, d->tape.db, 100, &next_gap_id, &err) ||
	    batch_writer_write(&d->batch_writer, &introduction, 1, &written, &err) != WRITE_DONE)
		fail_msg("%s", err.text);
	assert_true(queue_init(&d->queue, 1000));
	assert_int_equal(sqlite3_open_v2(in_folder("tape.db"), &d->watch, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	sqlite3_busy_timeout(d->watch, 2000);
	return d;
}

static void desk_start(struct desk *d)
{
	struct err err = { "" };
	assert_true(writer_start(&d->writer, &d->queue, &d->batch_writer, &d->counters, &d->config, &err));
}

static void desk_stop(struct desk *d)
{
	queue_close(&d->queue);
	assert_true(writer_join(&d->writer, 20 * US_PER_SECOND));
}

static void desk_close(struct desk *d)
{
	struct err err = { "" };
	sqlite3_close(d->watch);
	batch_writer_release(&d->batch_writer);
	tape_close(&d->tape, &err);
	writer_release(&d->writer);
	queue_release(&d->queue);
	folder_remove();
}

static void push_trades(struct desk *d, int64_t from, int64_t to)
{
	for (int64_t i = from; i < to; i++) {
		struct item item = { .kind = ITEM_TRADE };
		item.trade = (struct trade){ .time_us = INT64_C(1795305600000000) + i * 1000, .recv_wall_us = INT64_C(1795305600000000) + i * 1000 + 5,
			                     .price = dec("127.5"), .size = dec("0.25"),
			                     .id = { .kind = TRADE_ID_NUMBER, .number = INT64_C(17953056000000000) + i * 10000 } };
		while (queue_push(&d->queue, &item) == QUEUE_OVERFLOWED)
			usleep(1000);
	}
}

static int64_t rows(const struct desk *d)
{
	return sql_int(d->watch, "SELECT count(*) FROM trade");
}

/* Waits for `want` rows, at most so long, and tells how long it took; -1: they did not come. */
static int64_t wait_for_rows(struct desk *d, int64_t want, int64_t at_most_us)
{
	int64_t begin_us = clock_mono_us();
	while (clock_mono_us() - begin_us < at_most_us) {
		if (rows(d) >= want)
			return clock_mono_us() - begin_us;
		usleep(2000);
	}
	return -1;
}

static void a_batch_is_written_when_its_rows_are_there(void **state)
{
	(void)state;
	struct desk *d = desk_open(50, 60000);
	desk_start(d);
	push_trades(d, 0, 49);
	usleep(150000);
	assert_int_equal(rows(d), 0);
	push_trades(d, 49, 60);
	assert_true(wait_for_rows(d, 50, 10 * US_PER_SECOND) >= 0);
	assert_int_equal(rows(d), 50); /* the other ten wait for theirs */
	desk_stop(d);
	assert_int_equal(rows(d), 60);
	assert_int_equal(d->counters.stored, 60);
	desk_close(d);
}

static void a_batch_is_written_when_its_time_is_up(void **state)
{
	(void)state;
	struct desk *d = desk_open(5000, 300);
	desk_start(d);
	int64_t begin_us = clock_mono_us();
	push_trades(d, 0, 1);
	assert_true(wait_for_rows(d, 1, 10 * US_PER_SECOND) >= 0);
	assert_true(clock_mono_us() - begin_us >= 300000); /* not one by one */
	desk_stop(d);
	desk_close(d);
}

static void closing_the_queue_writes_all_that_is_in_it_at_once(void **state)
{
	(void)state;
	struct desk *d = desk_open(5000, 60000);
	push_trades(d, 0, 777);
	desk_start(d);
	int64_t begin_us = clock_mono_us();
	desk_stop(d);
	assert_true(clock_mono_us() - begin_us < 20 * US_PER_SECOND);
	assert_int_equal(rows(d), 777);
	assert_int_equal(d->writer.failed, EXIT_OK);
	desk_close(d);
}

static void repeats_are_counted_and_not_stored(void **state)
{
	(void)state;
	struct desk *d = desk_open(100, 50);
	push_trades(d, 0, 300);
	push_trades(d, 0, 300);
	desk_start(d);
	desk_stop(d);
	assert_int_equal(rows(d), 300);
	assert_int_equal(d->counters.stored, 300);
	assert_int_equal(d->counters.repeated, 300);
	desk_close(d);
}

static void coverage_alone_is_written_within_a_few_seconds(void **state)
{
	(void)state;
	struct desk *d = desk_open(100, 20);
	struct item item = { .kind = ITEM_COVERAGE };
	item.mark = (struct coverage_mark){ .from_us = 1000, .to_us = 2000 };
	desk_start(d);
	assert_int_equal(queue_push(&d->queue, &item), QUEUE_OPEN);
	int64_t begin_us = clock_mono_us();
	while (sql_int(d->watch, "SELECT count(*) FROM coverage") == 0 && clock_mono_us() - begin_us < 10 * US_PER_SECOND)
		usleep(5000);
	assert_true(clock_mono_us() - begin_us < 8 * US_PER_SECOND);
	desk_stop(d);
	desk_close(d);
}

static void limit_pages(struct desk *d, int64_t more)
{
	char sql[64];
	snprintf(sql, sizeof sql, "PRAGMA max_page_count = %lld", (long long)(sql_int(d->tape.db, "PRAGMA page_count") + more));
	sql_run(d->tape.db, sql);
}

/* The writer's own thread holds the handle; SQLite's mutex makes the limit ours to move. */
static void while_the_disk_is_full_trades_are_held_and_written_later(void **state)
{
	(void)state;
	struct desk *d = desk_open(200, 20);
	limit_pages(d, 2);
	desk_start(d);
	push_trades(d, 0, 3000); /* three times what the queue holds before it wants to be left alone */
	usleep(600000);
	assert_true(rows(d) < 3000);
	assert_int_equal(d->writer.failed, EXIT_OK);
	assert_int_equal(queue_throttled(&d->queue), 1);
	sql_run(d->tape.db, "PRAGMA max_page_count = 1000000");
	assert_true(wait_for_rows(d, 3000, 15 * US_PER_SECOND) >= 0);
	assert_int_equal(queue_throttled(&d->queue), 0);
	desk_stop(d);
	assert_int_equal(rows(d), 3000);
	assert_int_equal(sql_int(d->watch, "SELECT sum(trades) FROM candle_1m"), 3000);
	assert_int_equal(d->counters.stored, 3000);
	assert_int_equal(d->writer.failed, EXIT_OK);
	desk_close(d);
}

static void push_item(struct desk *d, struct item item)
{
	assert_int_not_equal(queue_push(&d->queue, &item), QUEUE_OVERFLOWED);
}

/* A batch is held by a full disk, 700 trades in all; the stop came long ago. */
static void stop_while_full(void *arg)
{
	struct desk *d = arg;
	desk_start(d);
	push_trades(d, 0, 700);
	usleep(700000);
	assert_int_equal(d->writer.failed, EXIT_OK);
	/* a gap that was filled by trades that are lost is open again */
	push_item(d, (struct item){ .kind = ITEM_GAP, .gap = { .gap_id = 900, .from_us = 10, .to_us = 20, .from_id = GAP_NO_ID, .to_id = GAP_NO_ID,
	                                                       .state = GAP_FILLED } });
	atomic_store(&d->writer.stop_mono_us, clock_mono_us() - 60 * US_PER_SECOND);
	desk_stop(d);
	assert_int_equal(d->writer.failed, EXIT_FAILED);
}

static struct desk *desk_with_a_beat(void)
{
	struct desk *d = desk_open(200, 20);
	push_item(d, (struct item){ .kind = ITEM_HEARTBEAT, .beat = { .wall_us = 5, .received = 7 } });
	desk_start(d);
	desk_stop(d);
	writer_release(&d->writer);
	queue_release(&d->queue);
	assert_true(queue_init(&d->queue, 1000));
	limit_pages(d, 0);
	return d;
}

static void only_a_stop_ends_the_trying_and_then_the_loss_is_counted_and_its_gap_is_in_the_ledger(void **state)
{
	(void)state;
	struct desk *d = desk_with_a_beat();
	char *log = captured(STDERR_FILENO, stop_while_full, d);
	assert_contains(log, "trades-lost");
	assert_contains(log, "rows=701 trades=700 could not be written");
	assert_contains(log, "loss-in-ledger");
	free(log);
	assert_int_equal(rows(d), 0);
	assert_int_equal(d->counters.lost, 700);
	assert_int_equal(sql_int(d->watch, "SELECT lost FROM recorder WHERE stopped_us IS NOT NULL AND queue_rows = 0"), 700);
	char *text = sql_text(d->watch, "SELECT group_concat(from_us || ',' || to_us || ',' || reason || ',' || state, ';') FROM "
	                                "(SELECT * FROM gap ORDER BY from_us)");
	assert_string_equal(text, "10,20,not-running,open;1795305595000000,1795305600699001,overflow,open");
	free(text);
	desk_close(d);
}

static void where_not_even_the_gap_can_be_written_the_log_says_what_to_do(void **state)
{
	(void)state;
	struct desk *d = desk_with_a_beat();
	sql_run(d->tape.db, "CREATE TEMP TRIGGER refuse BEFORE INSERT ON gap BEGIN SELECT raise(ABORT, 'not now'); END");
	char *log = captured(STDERR_FILENO, stop_while_full, d);
	assert_contains(log, "loss-not-in-ledger reason=\"not now\" make room and start tapedeckd");
	free(log);
	assert_int_equal(d->counters.lost, 700);
	assert_int_equal(sql_int(d->watch, "SELECT lost FROM recorder WHERE stopped_us IS NULL"), 0);
	desk_close(d);
}

static void a_damaged_tape_ends_the_writing_with_its_own_code(void **state)
{
	(void)state;
	struct desk *d = desk_open(10, 20);
	off_t at = (off_t)((sql_int(d->tape.db, "SELECT rootpage FROM sqlite_schema WHERE name = 'candle_1m'") - 1) *
	                   sql_int(d->tape.db, "PRAGMA page_size"));
	sql_run(d->tape.db, "PRAGMA wal_checkpoint(TRUNCATE)");
	sqlite3_db_release_memory(d->tape.db);
	int fd = open(in_folder("tape.db"), O_WRONLY);
	assert_int_equal(pwrite(fd, "this is no page of SQLite's", 27, at), 27);
	desk_start(d);
	push_trades(d, 0, 10);
	desk_stop(d);
	close(fd); /* not before: it would drop SQLite's locks */
	assert_int_equal(d->writer.failed, EXIT_TAPE);
	assert_int_equal(rows(d), 0);
	assert_int_equal(d->counters.lost, 10);
	desk_close(d);
}

static void write_what_is_refused(void *arg)
{
	struct desk *d = arg;
	desk_start(d);
	push_trades(d, 0, 100);         /* of a minute whose candle makes no sense */
	push_trades(d, 90000, 90050);   /* the next one */
	push_trades(d, 180000, 180010); /* a column that SQLite does not take it in */
	push_trades(d, 270000, 270050);
	desk_stop(d);
}

/* It ended the night. */
static void a_row_that_the_tape_refuses_costs_itself_only_and_is_a_gap(void **state)
{
	(void)state;
	struct desk *d = desk_open(5000, 20);
	sql_run(d->tape.db, "INSERT INTO candle_1m VALUES (1, 29921760, 'oh', 0, 0, 0, 0, 0, 0, 1); "
	                    "CREATE TEMP TRIGGER refuse BEFORE INSERT ON trade WHEN new.time_us BETWEEN 1795305780000000 AND 1795305781000000 "
	                    "BEGIN SELECT raise(ABORT, 'no such price'); END");
	char *log = captured(STDERR_FILENO, write_what_is_refused, d);
	assert_int_equal(d->writer.failed, EXIT_OK);
	assert_int_equal(rows(d), 100);
	assert_int_equal(sql_int(d->watch, "SELECT sum(trades) FROM candle_1m WHERE minute > 29921760"), 100);
	assert_int_equal(d->counters.stored, 100);
	assert_int_equal(d->counters.lost, 110);
	char *text = sql_text(d->watch, "SELECT group_concat(from_us || ',' || to_us || ',' || reason || ',' || state || ',' || note, ';') FROM gap");
	assert_string_equal(text, "1795305600000000,1795305600099001,unparseable,unfillable,the tape refused it: a row of the tape makes no sense;"
	                          "1795305780000000,1795305780009001,unparseable,unfillable,the tape refused it: no such price");
	free(text);
	assert_contains(log, "row-refused market=upbit:KRW-BTC what=trade reason=\"a row of the tape makes no sense\"");
	free(log);
	desk_close(d);
}

static bool wall_clock_back; /* by an hour, as the kernel will see it */
int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	int rc = __real_clock_gettime(clock, now);
	if (clock == CLOCK_REALTIME && wall_clock_back)
		now->tv_sec -= 3600;
	return rc;
}

/* It gave up at once, and what was not committed was lost. */
static void a_step_of_the_wall_clock_does_not_shorten_a_stop(void **state)
{
	(void)state;
	struct desk *d = desk_open(200, 20);
	sql_run(d->watch, "BEGIN");
	assert_int_equal(rows(d), 0);
	sqlite3 *other; /* holds the one place for writers for a while */
	assert_int_equal(sqlite3_open(in_folder("tape.db"), &other), SQLITE_OK);
	sql_run(other, "BEGIN IMMEDIATE");
	desk_start(d);
	push_trades(d, 0, 300);
	queue_close(&d->queue);
	wall_clock_back = true; /* = it steps on between the two looks at it */
	assert_false(writer_join(&d->writer, US_PER_SECOND / 5)); /* it waits as long as it was told, */
	sql_run(other, "ROLLBACK");
	assert_true(writer_join(&d->writer, 20 * US_PER_SECOND)); /* and no less */
	wall_clock_back = false;
	sql_run(d->watch, "ROLLBACK");
	assert_int_equal(rows(d), 300);
	sqlite3_close(other);
	desk_close(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_batch_is_written_when_its_rows_are_there),
		cmocka_unit_test(a_batch_is_written_when_its_time_is_up),
		cmocka_unit_test(closing_the_queue_writes_all_that_is_in_it_at_once),
		cmocka_unit_test(repeats_are_counted_and_not_stored),
		cmocka_unit_test(coverage_alone_is_written_within_a_few_seconds),
		cmocka_unit_test(while_the_disk_is_full_trades_are_held_and_written_later),
		cmocka_unit_test(only_a_stop_ends_the_trying_and_then_the_loss_is_counted_and_its_gap_is_in_the_ledger),
		cmocka_unit_test(where_not_even_the_gap_can_be_written_the_log_says_what_to_do),
		cmocka_unit_test(a_row_that_the_tape_refuses_costs_itself_only_and_is_a_gap),
		cmocka_unit_test(a_step_of_the_wall_clock_does_not_shorten_a_stop),
		cmocka_unit_test(a_damaged_tape_ends_the_writing_with_its_own_code),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
