#include "query/screen/pace.h"

#include "schema/base/timefmt.h"
#include "support.h"

#define S US_PER_SECOND

/* A market that trades every `pause_s` seconds; returns the time of its last trade. */
static int64_t trades(struct pace *p, int count, int64_t pause_s)
{
	int64_t at_us = 1000 * S;
	*p = (struct pace){ .last_us = 0 };
	for (int i = 0; i < count; i++)
		pace_trade(p, at_us += pause_s * S);
	return at_us;
}

static void a_busy_market_is_quiet_after_half_a_minute_a_slow_one_much_later(void **state)
{
	(void)state;
	struct pace busy, slow;
	int64_t busy_us = trades(&busy, 50, 1), slow_us = trades(&slow, 50, 600);
	assert_false(pace_quiet(&busy, busy_us + 39 * S));
	assert_true(pace_quiet(&busy, busy_us + 41 * S));
	assert_false(pace_quiet(&slow, slow_us + 3600 * S)); /* merely slow */
	assert_true(pace_quiet(&slow, slow_us + 40 * 600 * S));
}

static void never_before_half_a_minute_however_busy(void **state)
{
	(void)state;
	struct pace p = { .last_us = 0 };
	int64_t at_us = 1000 * S;
	for (int i = 0; i < 100; i++)
		pace_trade(&p, at_us += S + 1);
	p.mean_us = S / 10;
	p.longest_us = S;
	assert_false(pace_quiet(&p, at_us + 29 * S));
	assert_true(pace_quiet(&p, at_us + 30 * S));
}

static void a_long_pause_that_is_usual_is_not_quiet(void **state)
{
	(void)state;
	struct pace p;
	int64_t at_us = trades(&p, 50, 1);
	pace_pause(&p, 300 * S); /* the night's */
	assert_false(pace_quiet(&p, at_us + 599 * S));
	assert_true(pace_quiet(&p, at_us + 600 * S));
	pace_pause(&p, 10 * S); /* a shorter one says nothing new */
	assert_int_equal(p.longest_us, 300 * S);
}

static void who_has_no_habit_yet_is_never_quiet(void **state)
{
	(void)state;
	struct pace p;
	int64_t at_us = trades(&p, 10, 1); /* nine pauses */
	assert_int_equal(p.pauses, 9);
	assert_false(pace_quiet(&p, at_us + US_PER_DAY));
	pace_trade(&p, at_us + S);
	assert_true(pace_quiet(&p, at_us + US_PER_DAY));
}

static void trades_of_one_second_are_one_event(void **state)
{
	(void)state;
	struct pace p = { .last_us = 0 };
	for (int burst = 0; burst < 20; burst++)
		for (int i = 0; i < 10; i++)
			pace_trade(&p, (1000 + 10 * burst) * S + i);
	assert_int_equal(p.pauses, 19);
	assert_in_range(p.mean_us, 9 * S, 10 * S);
}

static void what_is_late_counts_nothing(void **state)
{
	(void)state;
	struct pace p;
	int64_t at_us = trades(&p, 20, 5);
	struct pace before = p;
	pace_trade(&p, at_us - 3 * S);
	assert_memory_equal(&p, &before, sizeof p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_busy_market_is_quiet_after_half_a_minute_a_slow_one_much_later),
		cmocka_unit_test(never_before_half_a_minute_however_busy),
		cmocka_unit_test(a_long_pause_that_is_usual_is_not_quiet),
		cmocka_unit_test(who_has_no_habit_yet_is_never_quiet),
		cmocka_unit_test(trades_of_one_second_are_one_event),
		cmocka_unit_test(what_is_late_counts_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
