#include "query/screen/board.h"

#include "watch_tape.h"

#include <math.h>

static struct reader reader;
static struct board board;
static struct err err;

static int begin(void **state)
{
	(void)state;
	folder_make();
	tape_make();
	tape_market(1, "x", "AAA");
	tape_market(2, "x", "BBB");
	assert_true(reader_open(&reader, in_folder("tape.db"), &err));
	assert_true(board_init(&board, &reader, NULL, 0, &err));
	return 0;
}

static int end(void **state)
{
	(void)state;
	board_release(&board);
	reader_close(&reader);
	tape_end();
	folder_remove();
	return 0;
}

static const struct board_market *see(int64_t now_us, size_t index)
{
	board_step(&board, now_us);
	assert_string_equal(board.trouble, "");
	assert_true(index < board.count);
	return &board.markets[index];
}

static void near(double expected, double found)
{
	if (!(fabs(expected - found) < 1e-9))
		fail_msg("expected %.12f, found %.12f", expected, found);
}

static void the_last_price_is_that_of_the_last_trade_with_its_direction(void **state)
{
	(void)state;
	tape_trade(1, NOON, 1000, 1);
	tape_trade(1, NOON + S, 1010, -2);
	const struct board_market *m = see(NOON + 2 * S, 0);
	struct decimal want = dec("1010");
	assert_int_equal(decimal_compare(&m->price, &want), 0);
	assert_int_equal(m->side, SIDE_SELL);
	assert_int_equal(m->last_us, NOON + S);
	assert_int_equal(m->direction, 1);
	tape_trade(1, NOON + 3 * S, 1005, 1);
	assert_int_equal(see(NOON + 4 * S, 0)->direction, -1);
	tape_trade(1, NOON + 4 * S, 1005, 1); /* the same price: still the way it went */
	assert_int_equal(see(NOON + 5 * S, 0)->direction, -1);
	tape_trade(1, NOON + 2 * S, 99, 1); /* late, and not the last */
	m = see(NOON + 6 * S, 0);
	want = dec("1005");
	assert_int_equal(decimal_compare(&m->price, &want), 0);
	assert_int_equal(board_per_minute(m, NOON + 6 * S), 5);
	assert_false(see(NOON + 6 * S, 1)->traded);
}

static void nothing_written_means_nothing_read_and_no_new_frame(void **state)
{
	(void)state;
	tape_trade(1, NOON, 1000, 1);
	for (int i = 0; i < 5; i++)
		see(NOON + i, 0);
	uint64_t version = board.version;
	see(NOON + 10, 0);
	assert_int_equal(board.version, version);
	tape_trade(2, NOON, 5, 1);
	assert_true(see(NOON + 20, 1)->traded);
	assert_true(board.version > version);
}

static void changes_count_from_midnight_and_from_an_hour_ago(void **state)
{
	(void)state;
	int64_t midnight = NOON - NOON % US_PER_DAY;
	tape_trade(1, midnight - 90 * MINUTE, 500, 1);
	tape_trade(1, midnight - 1, 1000, 1);
	tape_trade(1, midnight, 1500, 1);
	tape_trade(1, NOON - 61 * MINUTE, 2000, 1);
	tape_trade(1, NOON - 60 * MINUTE, 3000, 1);
	tape_trade(1, NOON + S, 2500, 1);
	const struct board_market *m = see(NOON + 2 * S, 0);
	near(150, board_day_change(m, NOON + 2 * S));
	near(25, board_hour_change(m, NOON + 2 * S));
	/* a minute on, the hour begins with the 3000 */
	tape_trade(1, NOON + MINUTE + S, 2400, 1);
	m = see(NOON + MINUTE + 2 * S, 0);
	near(-20, board_hour_change(m, NOON + MINUTE + 2 * S));
	/* the next day: nothing was traded in it yet, then it counts from the 2400 */
	m = see(NOON + US_PER_DAY, 0);
	assert_true(isnan(board_day_change(m, NOON + US_PER_DAY)));
	assert_true(isnan(board_hour_change(m, NOON + US_PER_DAY)));
	tape_trade(1, NOON + US_PER_DAY, 4800, 1);
	m = see(NOON + US_PER_DAY + S, 0);
	near(100, board_day_change(m, NOON + US_PER_DAY + S));
}

static void a_market_without_a_past_counts_from_its_first_trade(void **state)
{
	(void)state;
	tape_trade(1, NOON, 1000, 1);
	tape_trade(1, NOON + S, 1100, 1);
	const struct board_market *m = see(NOON + 2 * S, 0);
	near(10, board_day_change(m, NOON + 2 * S));
	near(10, board_hour_change(m, NOON + 2 * S));
	assert_true(isnan(board_day_change(see(NOON + 2 * S, 1), NOON)));
}

static void trades_a_minute_are_those_of_the_last_60_seconds(void **state)
{
	(void)state;
	for (int i = 0; i < 40; i++)
		tape_trade(1, NOON + i * S, 10, 1);
	for (int i = 0; i < 5; i++)
		tape_trade(1, NOON + MINUTE + i * S, 10, 1);
	tape_trade(1, NOON - MINUTE, 10, 1);
	const struct board_market *m = see(NOON + MINUTE + 15 * S, 0);
	assert_int_equal(board_per_minute(m, NOON + MINUTE + 15 * S), 24 + 5); /* after :15 of the minute before, and this one */
	m = see(NOON + MINUTE + 39 * S, 0);
	assert_int_equal(board_per_minute(m, NOON + MINUTE + 39 * S), 5); /* nothing was written, and time goes on */
	m = see(NOON + 10 * MINUTE, 0);
	assert_int_equal(board_per_minute(m, NOON + 10 * MINUTE), 0);
}

/* 62 trades in the first seconds of a minute, and none for the 58 s behind them: it said 60 and more for a minute. */
static void a_burst_that_is_over_is_no_rate(void **state)
{
	(void)state;
	for (int i = 0; i < 62; i++)
		tape_trade(1, NOON + i * 1000, 10, 1);
	const struct board_market *m = see(NOON + 59 * S, 0);
	assert_int_equal(board_per_minute(m, NOON + 59 * S), 62);
	m = see(NOON + 62 * S, 0);
	assert_int_equal(board_per_minute(m, NOON + 62 * S), 0);
}

static void a_trade_dated_far_ahead_has_no_age_and_takes_no_minutes_place(void **state)
{
	(void)state;
	tape_trade(1, NOON, 1000, 1);
	assert_false(board_ahead(see(NOON + S, 0), NOON + S));
	tape_trade(1, NOON + 640 * MINUTE, 1001, 1); /* 640 = 10 * BOARD_MINUTES */
	const struct board_market *m = see(NOON + 2 * S, 0);
	assert_true(board_ahead(m, NOON + 2 * S));
	assert_int_equal(board_per_minute(m, NOON + 2 * S), 1);
}

static void a_market_that_is_no_longer_wanted_is_neither_quiet_nor_unheard(void **state)
{
	(void)state;
	for (int i = 0; i < 120; i++)
		tape_trade(1, NOON + i * S, 10, 1);
	tape_sql("INSERT INTO coverage VALUES (1, %lld, %lld)", NOON, NOON + 119 * S);
	tape_sql("INSERT INTO gap (market_id, from_us, reason, state, opened_us) VALUES (1, %lld, 'silence', 'open', 6)", NOON + 119 * S);
	see(NOON + 119 * S, 0);
	board_learn_all(&board, NOON + 119 * S);
	int64_t then = NOON + 400 * S;
	const struct board_market *m = see(then, 0);
	assert_true(board_quiet(&board, m, then) && m->unheard);
	assert_int_equal(board.health.open_gaps, 1);
	tape_sql("UPDATE wanted SET to_us = %lld WHERE market_id = 1", NOON + 130 * S);
	m = see(then + 2 * S, 0);
	assert_false(board_quiet(&board, m, then + 2 * S));
	assert_false(m->unheard);
	assert_int_equal(board.health.open_gaps, 0);
}

static void the_sparkline_is_the_close_of_each_minute_of_the_hour(void **state)
{
	(void)state;
	double values[SPARK_MINUTES];
	tape_trade(1, NOON - 10 * MINUTE, 7, 1);
	tape_trade(1, NOON - 10 * MINUTE + S, 8, 1);
	tape_trade(1, NOON - MINUTE, 9, 1);
	tape_trade(1, NOON, 10, 1);
	board_spark(see(NOON + S, 0), NOON + S, values);
	assert_true(isnan(values[48]));
	near(8, values[49]);
	near(8, values[57]);
	near(9, values[58]);
	near(10, values[59]);
	board_spark(see(NOON + 30 * MINUTE, 0), NOON + 30 * MINUTE, values);
	near(8, values[19]);
	near(10, values[59]);
}

static void gone_quiet_differs_from_slow(void **state)
{
	(void)state;
	for (int i = 0; i < 120; i++)
		tape_trade(1, NOON + i * S, 10, 1);
	for (int i = 0; i < 20; i++)
		tape_trade(2, NOON + (i - 18) * 300 * S, 10, 1);
	int64_t then = NOON + 119 * S;
	tape_sql("INSERT INTO coverage VALUES (1, %lld, %lld)", NOON, then);
	see(then, 0);
	board_learn_all(&board, then);
	assert_false(board_quiet(&board, &board.markets[0], then + 30 * S));
	assert_true(board_quiet(&board, &board.markets[0], then + 60 * S));
	assert_false(board_quiet(&board, &board.markets[1], then + 1800 * S)); /* merely slow */
	/* a pause of ten minutes that coverage proves: it is its habit */
	tape_trade(1, NOON - 10 * MINUTE, 10, 1);
	tape_sql("INSERT INTO coverage VALUES (1, %lld, %lld)", NOON - 20 * MINUTE, NOON + MINUTE);
	board.markets[0].learned = false;
	see(then + S, 0);
	board_learn_all(&board, then + S);
	assert_false(board_quiet(&board, &board.markets[0], then + 1000 * S));
	assert_true(board_quiet(&board, &board.markets[0], then + 1300 * S));
	/* where nobody records, the silence is ours */
	tape_sql("INSERT INTO recorder VALUES (1, 7, 'v', %lld, %lld, %lld, 0, 9, 0, 0, 0, 0)", NOON, then, then);
	see(then + 3000 * S, 0);
	assert_false(board_quiet(&board, &board.markets[0], then + 3000 * S));
}

static void a_pause_while_nobody_recorded_is_no_habit(void **state)
{
	(void)state;
	tape_trade(1, NOON - 300 * MINUTE, 10, 1);
	for (int i = 0; i < 260; i++) /* as many as tell the pace */
		tape_trade(1, NOON + i * S, 10, 1);
	int64_t then = NOON + 260 * S;
	see(then, 0);
	board_learn_all(&board, then);
	assert_true(board.markets[0].pace.longest_us < 2 * S);
	assert_true(board_quiet(&board, &board.markets[0], then + 60 * S));
}

static void the_recorders_health_is_told_from_its_row(void **state)
{
	(void)state;
	see(NOON, 0);
	assert_int_equal(board.health.life.life, LIFE_NEVER);
	tape_sql("INSERT INTO recorder VALUES (1, 7, 'v', %lld, %lld, NULL, 3, 9, 4, 0, 0, 0)", NOON - 100 * S, NOON + S);
	see(NOON + 2 * S, 0);
	see(NOON + 20 * S, 0);
	assert_int_equal(board.health.life.life, LIFE_ALIVE);
	assert_int_equal(board.health.life.disconnects, 4);
	assert_int_equal(board.health.life.queue_rows, 3);
	assert_string_equal(board.note, "");
	see(NOON + 21 * S, 0);
	assert_int_equal(board.health.life.life, LIFE_DEAD);
	assert_contains(board.note, "without a word");
	tape_sql("UPDATE recorder SET pid = 8, started_us = %lld, beat_us = %lld", NOON + 31 * S, NOON + 31 * S);
	see(NOON + 32 * S, 0);
	assert_contains(board.note, "started again (pid 8)");
	tape_sql("UPDATE recorder SET stopped_us = %lld", NOON + 40 * S);
	see(NOON + 41 * S, 0);
	assert_int_equal(board.health.life.life, LIFE_STOPPED);
	assert_contains(board.note, "stopped");
	see(NOON + 200 * S, 0);
	assert_string_equal(board.note, ""); /* news grow old */
}

static void open_gaps_are_counted_and_their_market_marked(void **state)
{
	(void)state;
	static const char sql[] = "INSERT INTO gap (market_id, from_us, to_us, reason, state, opened_us)"
	                          " VALUES (%d, 5, %s, 'disconnect', '%s', 6)";
	tape_sql(sql, 1, "9", "open");
	tape_sql(sql, 1, "9", "filled");
	tape_sql(sql, 2, "NULL", "open");
	tape_sql(sql, 2, "9", "unfillable");
	see(NOON, 0);
	assert_int_equal(board.health.open_gaps, 2);
	assert_false(board.markets[0].unheard);
	assert_true(board.markets[1].unheard);
}

static void lag_is_the_middle_of_the_last_minutes_trades(void **state)
{
	(void)state;
	int64_t lag_us;
	assert_false(board_lag(&board, NOON, &lag_us));
	tape_trade(1, NOON, 10, 1);
	tape_sql("UPDATE trade SET lag_us = 80000");
	see(NOON + S, 0);
	assert_true(board_lag(&board, NOON + S, &lag_us));
	assert_int_equal(lag_us, 80000);
	assert_false(board_lag(&board, NOON + 2 * MINUTE, &lag_us));
}

static void a_tape_that_goes_away_is_trouble_until_it_is_back(void **state)
{
	(void)state;
	tape_trade(1, NOON, 1000, 1);
	see(NOON, 0);
	assert_int_equal(rename(in_folder("tape.db"), in_folder("away.db")), 0);
	board_step(&board, NOON + S);
	assert_contains(board.trouble, "there is no tape");
	assert_int_equal(board.count, 2); /* what was known stays on the screen */
	assert_int_equal(rename(in_folder("away.db"), in_folder("tape.db")), 0);
	board_step(&board, NOON + 2 * S);
	assert_string_equal(board.trouble, "");
	assert_contains(board.note, "can be read again");
	tape_trade(1, NOON + 2 * S, 1001, 1);
	assert_int_equal(see(NOON + 3 * S, 0)->last_us, NOON + 2 * S);
}

static void another_tape_under_the_name_is_read_from_its_beginning(void **state)
{
	(void)state;
	tape_trade(1, NOON, 1000, 1);
	see(NOON, 0);
	tape_end();
	assert_int_equal(rename(in_folder("tape.db"), in_folder("old.db")), 0);
	tape_make();
	tape_market(1, "x", "AAA"); /* of the same name and number, and yet nothing of it is known */
	tape_market(2, "y", "CCC");
	tape_trade(2, NOON + S, 5, 1);
	const struct board_market *m = see(NOON + 2 * S, 1);
	assert_contains(board.note, "another tape");
	assert_int_equal(board.count, 2);
	assert_string_equal(m->market.name, "y:CCC");
	assert_int_equal(m->last_us, NOON + S);
	assert_false(board.markets[0].traded);
}

static void a_market_that_joins_in_is_shown(void **state)
{
	(void)state;
	see(NOON, 0);
	tape_market(3, "x", "AAB");
	tape_trade(3, NOON, 1000, 1);
	const struct board_market *m = see(NOON + 2 * S, 1);
	assert_int_equal(board.count, 3);
	assert_string_equal(m->market.name, "x:AAB");
	assert_true(m->traded);
}

static void no_transaction_outlives_a_step(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++) {
		tape_trade(1, NOON + i * S, 1000, 1);
		see(NOON + i * S, 0);
		assert_int_equal(sqlite3_txn_state(reader.db, NULL), SQLITE_TXN_NONE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_last_price_is_that_of_the_last_trade_with_its_direction, begin, end),
		cmocka_unit_test_setup_teardown(nothing_written_means_nothing_read_and_no_new_frame, begin, end),
		cmocka_unit_test_setup_teardown(changes_count_from_midnight_and_from_an_hour_ago, begin, end),
		cmocka_unit_test_setup_teardown(a_market_without_a_past_counts_from_its_first_trade, begin, end),
		cmocka_unit_test_setup_teardown(trades_a_minute_are_those_of_the_last_60_seconds, begin, end),
		cmocka_unit_test_setup_teardown(a_burst_that_is_over_is_no_rate, begin, end),
		cmocka_unit_test_setup_teardown(a_trade_dated_far_ahead_has_no_age_and_takes_no_minutes_place, begin, end),
		cmocka_unit_test_setup_teardown(a_market_that_is_no_longer_wanted_is_neither_quiet_nor_unheard, begin, end),
		cmocka_unit_test_setup_teardown(the_sparkline_is_the_close_of_each_minute_of_the_hour, begin, end),
		cmocka_unit_test_setup_teardown(gone_quiet_differs_from_slow, begin, end),
		cmocka_unit_test_setup_teardown(a_pause_while_nobody_recorded_is_no_habit, begin, end),
		cmocka_unit_test_setup_teardown(the_recorders_health_is_told_from_its_row, begin, end),
		cmocka_unit_test_setup_teardown(open_gaps_are_counted_and_their_market_marked, begin, end),
		cmocka_unit_test_setup_teardown(lag_is_the_middle_of_the_last_minutes_trades, begin, end),
		cmocka_unit_test_setup_teardown(a_tape_that_goes_away_is_trouble_until_it_is_back, begin, end),
		cmocka_unit_test_setup_teardown(another_tape_under_the_name_is_read_from_its_beginning, begin, end),
		cmocka_unit_test_setup_teardown(a_market_that_joins_in_is_shown, begin, end),
		cmocka_unit_test_setup_teardown(no_transaction_outlives_a_step, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
