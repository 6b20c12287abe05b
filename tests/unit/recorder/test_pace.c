#include "recorder/net/pace.h"

#include "schema/base/timefmt.h"
#include "support.h"

/* Whoever asks as fast as he can gets as many as are allowed in any five minutes, and no more. */
static void no_five_minutes_hold_more_than_are_allowed(void **state)
{
	(void)state;
	struct pace pace = { .next = 0 };
	static int64_t done[2000];
	size_t count = 0;
	for (int64_t now = US_PER_SECOND; now < 3600 * US_PER_SECOND; now += US_PER_SECOND / 4) {
		if (pace_wait_us(&pace, 300 * US_PER_SECOND, now) != 0)
			continue;
		pace_done(&pace, now);
		done[count++] = now;
	}
	assert_int_equal(count, 12 * PACE_MAX);
	for (size_t i = PACE_MAX; i < count; i++)
		assert_true(done[i] - done[i - PACE_MAX] >= 300 * US_PER_SECOND);
}

static void the_wait_is_told_exactly(void **state)
{
	(void)state;
	struct pace pace = { .next = 0 };
	for (int i = 0; i < PACE_MAX; i++) {
		assert_int_equal(pace_wait_us(&pace, 1000, 5), 0);
		pace_done(&pace, 5);
	}
	assert_int_equal(pace_wait_us(&pace, 1000, 6), 999);
	assert_int_equal(pace_wait_us(&pace, 1000, 1005), 0);
}

static void who_is_told_to_wait_waits_for_the_longest_that_was_told(void **state)
{
	(void)state;
	struct pace pace = { .next = 0 };
	pace_hold(&pace, 5000);
	pace_hold(&pace, 2000);
	assert_int_equal(pace_wait_us(&pace, 1000, 100), 4900);
	assert_int_equal(pace_wait_us(&pace, 1000, 5000), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_five_minutes_hold_more_than_are_allowed),
		cmocka_unit_test(the_wait_is_told_exactly),
		cmocka_unit_test(who_is_told_to_wait_waits_for_the_longest_that_was_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
