#include "query/screen/columns.h"

#include "watch_tape.h"

#include <stdlib.h>

static struct reader reader;
static struct selection selection;
static struct err err;

static int begin(void **state)
{
	(void)state;
	struct rng rng = { 11 };
	folder_make();
	tape_make();
	tape_market(1, "x", "AAA");
	for (int i = 0; i < 400; i++)
		tape_trade(1, NOON + (int64_t)rng_below(&rng, 90 * 60 * 1000) * 1000, 1000 + (int64_t)rng_below(&rng, 50),
		           1 + (int64_t)rng_below(&rng, 9));
	assert_true(reader_open(&reader, in_folder("tape.db"), &err));
	return selection_load(&selection, &reader, NULL, 0, &err) == EXIT_OK ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	selection_release(&selection);
	reader_close(&reader);
	tape_end();
	folder_remove();
	return 0;
}

static struct columns read_columns(const char *interval, int64_t from_us, int64_t to_us, size_t most)
{
	struct columns c;
	struct interval i;
	assert_true(interval_parse(&i, interval, 0, &err));
	assert_true(columns_init(&c, &i, from_us, to_us, most, &err));
	assert_true(columns_read(&c, 0, &reader, &selection.markets[0], &err));
	return c;
}

static void assert_same(const struct candle *a, const struct candle *b)
{
	assert_int_equal(a->trades, b->trades);
	if (a->trades == 0)
		return;
	assert_int_equal(decimal_compare(&a->open, &b->open), 0);
	assert_int_equal(decimal_compare(&a->high, &b->high), 0);
	assert_int_equal(decimal_compare(&a->low, &b->low), 0);
	assert_int_equal(decimal_compare(&a->close, &b->close), 0);
	assert_int_equal(exact_compare(&a->volume, &b->volume), 0);
}

static void merged_candles_are_the_candles_of_the_longer_interval(void **state)
{
	(void)state;
	struct columns merged = read_columns("1m", NOON, NOON + 90 * MINUTE, 18), five = read_columns("5m", NOON, NOON + 90 * MINUTE, 80);
	assert_int_equal(merged.merged, 5);
	assert_int_equal(merged.count, 18);
	assert_int_equal(five.merged, 1);
	assert_int_equal(five.count, 18);
	for (size_t i = 0; i < 18; i++)
		assert_same(&merged.candles[i], &five.candles[i]);
	struct candle a, b;
	candle_init(&a);
	candle_init(&b);
	columns_sum(&merged, &a);
	columns_sum(&five, &b);
	assert_int_equal(a.trades, 400);
	assert_same(&a, &b);
	candle_release(&a);
	candle_release(&b);
	columns_release(&merged);
	columns_release(&five);
}

static void seconds_come_from_the_trades_and_say_the_same(void **state)
{
	(void)state;
	struct columns seconds = read_columns("15s", NOON, NOON + 90 * MINUTE, 90), minutes = read_columns("1m", NOON, NOON + 90 * MINUTE, 90);
	assert_int_equal(seconds.merged, 4);
	for (size_t i = 0; i < 90; i++)
		assert_same(&seconds.candles[i], &minutes.candles[i]);
	columns_release(&seconds);
	columns_release(&minutes);
}

static void never_more_columns_than_fit_and_none_left_out(void **state)
{
	(void)state;
	for (size_t most = 1; most < 100; most++) {
		struct columns c = read_columns("1m", NOON, NOON + 90 * MINUTE, most);
		struct candle whole;
		candle_init(&whole);
		columns_sum(&c, &whole);
		assert_true(c.count <= most);
		assert_int_equal(whole.trades, 400);
		assert_true(columns_start(&c, c.count) >= NOON + 90 * MINUTE);
		candle_release(&whole);
		columns_release(&c);
	}
}

static void nothing_past_the_end_is_in_the_last_column(void **state)
{
	(void)state;
	struct columns merged = read_columns("1m", NOON, NOON + 31 * MINUTE, 4), exact = read_columns("1m", NOON, NOON + 31 * MINUTE, 31);
	struct candle a, b;
	assert_int_equal(merged.merged, 8);
	candle_init(&a);
	candle_init(&b);
	columns_sum(&merged, &a);
	columns_sum(&exact, &b);
	assert_true(a.trades > 0);
	assert_same(&a, &b);
	candle_release(&a);
	candle_release(&b);
	columns_release(&merged);
	columns_release(&exact);
}

static void the_last_columns_can_be_read_again_alone(void **state)
{
	(void)state;
	struct columns c = read_columns("1m", NOON, NOON + 120 * MINUTE, 60);
	tape_trade(1, NOON + 119 * MINUTE, 5000, 1);
	assert_int_equal(c.candles[59].trades, 0);
	assert_true(columns_read(&c, 58, &reader, &selection.markets[0], &err));
	assert_int_equal(c.candles[59].trades, 1);
	struct columns again = read_columns("1m", NOON, NOON + 120 * MINUTE, 60);
	for (size_t i = 0; i < 60; i++)
		assert_same(&c.candles[i], &again.candles[i]);
	columns_release(&c);
	columns_release(&again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(merged_candles_are_the_candles_of_the_longer_interval, begin, end),
		cmocka_unit_test_setup_teardown(seconds_come_from_the_trades_and_say_the_same, begin, end),
		cmocka_unit_test_setup_teardown(never_more_columns_than_fit_and_none_left_out, begin, end),
		cmocka_unit_test_setup_teardown(nothing_past_the_end_is_in_the_last_column, begin, end),
		cmocka_unit_test_setup_teardown(the_last_columns_can_be_read_again_alone, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
