#include "recorder/writer.h"

#include "recorder/clock.h"
#include "schema/timefmt.h"
#include "support.h"

#include <string.h>
#include <unistd.h>

static struct market market = { .symbol = "KRW-BTC", .name = "upbit:KRW-BTC" };

struct desk {
	struct tape tape;
	struct tape_writer tape_writer;
	struct queue queue;
	struct stats stats;
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
	if (!tape_open(&d->tape, in_folder("tape.db"), TAPE_SYNC_NORMAL, &err) || !tape_writer_init(&d->tape_writer, d->tape.db, 100, &err) ||
	    tape_writer_write(&d->tape_writer, &introduction, 1, &written, &err) != WRITE_DONE)
		fail_msg("%s", err.text);
	assert_true(queue_init(&d->queue, 1000));
	assert_int_equal(sqlite3_open_v2(in_folder("tape.db"), &d->watch, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	sqlite3_busy_timeout(d->watch, 2000);
	return d;
}

static void desk_start(struct desk *d)
{
	struct err err = { "" };
	assert_true(writer_start(&d->writer, &d->queue, &d->tape_writer, &d->stats, &d->config, &err));
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
	tape_writer_release(&d->tape_writer);
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

static int64_t rows(struct desk *d)
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
	assert_int_equal(d->stats.stored, 60);
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
	assert_int_equal(d->stats.stored, 300);
	assert_int_equal(d->stats.repeated, 300);
	desk_close(d);
}

static void coverage_alone_is_written_within_a_few_seconds(void **state)
{
	(void)state;
	struct desk *d = desk_open(100, 20);
	struct item item = { .kind = ITEM_COVERAGE };
	item.mark = (struct coverage_mark){ .from_us = 1000, .to_us = 2000 };
	desk_start(d);
	queue_push(&d->queue, &item);
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
	assert_false(queue_has_room(&d->queue));
	sql_run(d->tape.db, "PRAGMA max_page_count = 1000000");
	assert_true(wait_for_rows(d, 3000, 15 * US_PER_SECOND) >= 0);
	assert_true(queue_has_room(&d->queue));
	desk_stop(d);
	assert_int_equal(rows(d), 3000);
	assert_int_equal(sql_int(d->watch, "SELECT sum(trades) FROM candle_1m"), 3000);
	assert_int_equal(d->stats.stored, 3000);
	assert_int_equal(d->writer.failed, EXIT_OK);
	desk_close(d);
}

static void only_a_stop_ends_the_trying_and_then_the_loss_is_told(void **state)
{
	(void)state;
	struct desk *d = desk_open(200, 20);
	limit_pages(d, 0);
	desk_start(d);
	push_trades(d, 0, 700);
	usleep(700000);
	assert_int_equal(d->writer.failed, EXIT_OK);
	atomic_store(&d->writer.stop_mono_us, clock_mono_us() - 60 * US_PER_SECOND);
	desk_stop(d);
	assert_int_equal(d->writer.failed, EXIT_FAILED);
	desk_close(d);
}

static void a_damaged_tape_ends_the_writing_with_its_own_code(void **state)
{
	(void)state;
	struct desk *d = desk_open(10, 20);
	sql_run(d->tape.db, "INSERT INTO candle_1m VALUES (1, 29921760, 'oh', 0, 0, 0, 0, 0, 0, 1)");
	desk_start(d);
	push_trades(d, 0, 10);
	desk_stop(d);
	assert_int_equal(d->writer.failed, EXIT_TAPE);
	assert_int_equal(rows(d), 0);
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
		cmocka_unit_test(only_a_stop_ends_the_trying_and_then_the_loss_is_told),
		cmocka_unit_test(a_damaged_tape_ends_the_writing_with_its_own_code),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
