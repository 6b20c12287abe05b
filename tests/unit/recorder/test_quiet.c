#include "recorder/feeds/quiet.h"

#include "schema/base/timefmt.h"
#include "support.h"

static int64_t trade_every(struct quiet *h, int64_t now_us, int64_t pause_us, int times)
{
	for (int i = 0; i < times; i++)
		quiet_trade(h, now_us += pause_us);
	return now_us;
}

static void a_new_market_has_no_habit(void **state)
{
	(void)state;
	struct quiet h = { 0 };
	assert_false(quiet_suspicious(&h, INT64_C(1000000000000)));
	int64_t now = trade_every(&h, 5, US_PER_SECOND, 10); /* 9 pauses */
	assert_false(quiet_suspicious(&h, now + INT64_C(1000000000000)));
	now = trade_every(&h, now, US_PER_SECOND, 1);
	assert_true(quiet_suspicious(&h, now + INT64_C(1000000000000)));
}

/* A sweep that takes a hundred orders at once says nothing of how often the market trades. */
static void a_burst_is_one_event(void **state)
{
	(void)state;
	struct quiet h = { 0 };
	int64_t now = 0;
	for (int burst = 0; burst < 10; burst++)
		now = trade_every(&h, now + 10 * US_PER_SECOND, 100, 500);
	assert_false(quiet_suspicious(&h, now + INT64_C(1000000000000))); /* 9 pauses */
	now = trade_every(&h, now + 10 * US_PER_SECOND, 100, 500);
	assert_false(quiet_suspicious(&h, now + 399 * US_PER_SECOND));
	assert_true(quiet_suspicious(&h, now + 401 * US_PER_SECOND));
}

static void a_busy_market_is_given_half_a_minute(void **state)
{
	(void)state;
	struct quiet h = { 0 };
	int64_t now = trade_every(&h, 0, US_PER_SECOND / 10, 1000);
	assert_false(quiet_suspicious(&h, now + 30 * US_PER_SECOND - 1));
	assert_true(quiet_suspicious(&h, now + 30 * US_PER_SECOND));
}

static void a_quiet_market_is_not_killed_for_being_quiet(void **state)
{
	(void)state;
	struct quiet h = { 0 };
	int64_t hour = 60 * US_PER_MINUTE, now = trade_every(&h, 0, hour, 100);
	assert_false(quiet_suspicious(&h, now + 39 * hour));
	assert_true(quiet_suspicious(&h, now + 41 * hour));
}

static void a_long_pause_of_late_is_remembered(void **state)
{
	(void)state;
	struct quiet h = { 0 };
	int64_t now = trade_every(&h, 0, US_PER_SECOND, 100);
	now = trade_every(&h, now, 10 * US_PER_MINUTE, 1);
	now = trade_every(&h, now, US_PER_SECOND, 10);
	assert_false(quiet_suspicious(&h, now + 50 * US_PER_MINUTE));
	/* and forgotten */
	now = trade_every(&h, now, US_PER_SECOND, 3000);
	assert_true(quiet_suspicious(&h, now + 5 * US_PER_MINUTE));
}

static void suspicion_is_told_once_and_again_after_a_trade(void **state)
{
	(void)state;
	struct quiet h = { 0 };
	int64_t now = trade_every(&h, 0, US_PER_SECOND / 10, 400);
	assert_true(quiet_suspicious(&h, now + US_PER_DAY));
	assert_false(quiet_suspicious(&h, now + US_PER_DAY + 1));
	now = trade_every(&h, now, US_PER_SECOND / 10, 1000);
	assert_true(quiet_suspicious(&h, now + US_PER_DAY));
}

static void time_in_which_nothing_could_come_does_not_count(void **state)
{
	(void)state;
	struct quiet h = { 0 };
	int64_t now = trade_every(&h, 0, US_PER_SECOND / 10, 100), mean_us = h.mean_pause_us;
	quiet_excuse(&h, now + US_PER_DAY);
	assert_false(quiet_suspicious(&h, now + US_PER_DAY + 29 * US_PER_SECOND));
	quiet_trade(&h, now + US_PER_DAY + US_PER_SECOND / 10);
	assert_true(h.mean_pause_us <= mean_us + 1);
	struct quiet none = { 0 };
	quiet_excuse(&none, 77);
	assert_int_equal(none.last_mono_us, 0); /* its first trade is still to come */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_market_has_no_habit),
		cmocka_unit_test(a_burst_is_one_event),
		cmocka_unit_test(a_busy_market_is_given_half_a_minute),
		cmocka_unit_test(a_quiet_market_is_not_killed_for_being_quiet),
		cmocka_unit_test(a_long_pause_of_late_is_remembered),
		cmocka_unit_test(suspicion_is_told_once_and_again_after_a_trade),
		cmocka_unit_test(time_in_which_nothing_could_come_does_not_count),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
