/* What is believed of an exchange's clock.  The monotonic times are made up; the wall clock is a day off unless a test says
 * otherwise, so that it is no witness. */
#include "recorder/gaps/exchange_clock.h"

#include "recorder/clock.h"
#include "schema/base/timefmt.h"
#include "support.h"


#define START_US INT64_C(1000000000) /* of the monotonic clock */
#define NOON_US INT64_C(1795694400000000)

static struct exchange_clock exchange;

static int begin(void **state)
{
	(void)state;
	exchange = (struct exchange_clock){ .wall_ahead_us = clock_wall_us() - clock_mono_us() };
	return 0;
}

/* A trade arrives `at_s` after the start, `late_s` after it was made; the exchange's clock is `off_s` from what it was. */
static void trade(double at_s, double late_s, double off_s)
{
	int64_t at_us = (int64_t)(at_s * 1e6);
	exchange_clock_sample(&exchange, NOON_US + at_us - (int64_t)(late_s * 1e6) + (int64_t)(off_s * 1e6), START_US + at_us);
}

static int64_t least_s(double at_s)
{
	int64_t at_us = (int64_t)(at_s * 1e6);
	return (exchange_clock_at_least_us(&exchange, START_US + at_us) - NOON_US - at_us) / US_PER_SECOND;
}

static int64_t most_s(double at_s)
{
	int64_t at_us = (int64_t)(at_s * 1e6);
	return (exchange_clock_at_most_us(&exchange, START_US + at_us) - NOON_US - at_us) / US_PER_SECOND;
}

static void the_clock_is_told_by_three_trades_whatever_our_wall_clock_says(void **state)
{
	(void)state;
	assert_true(exchange_clock_guessed(&exchange));
	for (int i = 0; i < 3; i++) {
		assert_false(exchange_clock_known(&exchange));
		trade(i, 0.05, 0);
	}
	assert_true(exchange_clock_known(&exchange));
	assert_int_equal(least_s(3), 0);
	assert_int_equal(most_s(3), 1); /* 2 s that trades may be on the way, less the 0.05 that these were */
}

static void trades_of_one_market_that_are_ahead_of_time_lead_no_other_astray(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++) {
		trade(i * 0.5, 0.05, 0);
		if (i % 20 < 3) /* three in ten seconds are a minute ahead */
			trade(i * 0.5 + 0.1, 0.05, 60);
	}
	assert_int_equal(least_s(50), 0);
	assert_int_equal(most_s(50), 1);
}

static void one_trade_of_the_year_2106_is_not_believed(void **state)
{
	(void)state;
	trade(0, 0.05, 80.0 * 365 * 86400);
	assert_true(exchange_clock_at_least_us(&exchange, clock_mono_us()) < clock_wall_us() + US_PER_MINUTE);
	trade(1, 0.05, 0);
	trade(2, 0.05, 0);
	assert_int_equal(most_s(2), 1);
	for (int i = 3; i < 60; i++)
		trade(i, 0.05, i == 20 ? 80.0 * 365 * 86400 : 0);
	assert_int_equal(least_s(60), 0);
	assert_int_equal(most_s(60), 1);
}

/* Nothing tells a clock that was set back from data that comes late: it may be either, and both bounds hold for both. */
static void a_clock_that_was_set_back_is_at_least_what_the_newest_trades_say_and_at_most_what_it_was(void **state)
{
	(void)state;
	for (int i = 0; i < 30; i++)
		trade(i, 0.05, 0);
	for (int i = 30; i < 40; i++)
		trade(i, 0.05, -30);
	assert_int_equal(least_s(40), -30);
	assert_int_equal(most_s(40), 1);
	for (int i = 40; i < 40 + 25 * 60; i++)
		trade(i, 0.05, -30);
	assert_int_equal(most_s(40 + 25 * 60), -28); /* after twenty minutes it is not remembered any more */
}

static void data_that_is_late_from_the_start_is_told_by_our_own_clock_where_that_is_near(void **state)
{
	(void)state;
	int64_t ours_us = clock_wall_us() - clock_mono_us();
	for (int i = 0; i < 30; i++) /* the exchange's clock is ours, and all that comes is 12 s late */
		exchange_clock_sample(&exchange, START_US + ours_us + (i - 12) * US_PER_SECOND, START_US + i * US_PER_SECOND);
	int64_t most_us = exchange_clock_at_most_us(&exchange, START_US) - START_US - ours_us;
	assert_true(most_us >= 0 && most_us <= 3 * US_PER_SECOND);
	assert_true(exchange_clock_at_least_us(&exchange, START_US) - START_US - ours_us <= -11 * US_PER_SECOND);
}

static void a_sweep_of_many_trades_is_one_word(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++) /* all at once, an hour ahead */
		trade(0.00001 * i, 0.05, 3600);
	assert_false(exchange_clock_known(&exchange));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_clock_is_told_by_three_trades_whatever_our_wall_clock_says, begin),
		cmocka_unit_test_setup(trades_of_one_market_that_are_ahead_of_time_lead_no_other_astray, begin),
		cmocka_unit_test_setup(one_trade_of_the_year_2106_is_not_believed, begin),
		cmocka_unit_test_setup(a_clock_that_was_set_back_is_at_least_what_the_newest_trades_say_and_at_most_what_it_was, begin),
		cmocka_unit_test_setup(data_that_is_late_from_the_start_is_told_by_our_own_clock_where_that_is_near, begin),
		cmocka_unit_test_setup(a_sweep_of_many_trades_is_one_word, begin),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
