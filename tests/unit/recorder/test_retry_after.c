#include "recorder/net/retry_after.h"

#include "schema/base/timefmt.h"
#include "support.h"

#define NOW_US (INT64_C(1795680000) * US_PER_SECOND) /* 2026-11-26T08:00:00Z */

static void seconds_are_taken_as_they_are(void **state)
{
	(void)state;
	assert_int_equal(retry_after_s("120", NOW_US), 120);
	assert_int_equal(retry_after_s("1", NOW_US), 1);
}

static void a_date_is_so_far_from_now(void **state)
{
	(void)state;
	assert_int_equal(retry_after_s("Thu, 26 Nov 2026 08:02:05 GMT", NOW_US), 125);
	assert_int_equal(retry_after_s("Thu, 26 Nov 2026 07:59:59 GMT", NOW_US), 0); /* over */
}

static void what_is_neither_or_beyond_belief_says_nothing(void **state)
{
	(void)state;
	static const char *const texts[] = { "", "soon", "-5", "0", "12 apples", "99999999999999999999999", "604800", "Thu, 26 Nov 2099 08:02:05 GMT",
		                             "Thu, 26 Nov 2026 08:02:05 KST" };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_int_equal(retry_after_s(texts[i], NOW_US), 0);
	assert_int_equal(retry_after_s("604799", NOW_US), 604799);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seconds_are_taken_as_they_are),
		cmocka_unit_test(a_date_is_so_far_from_now),
		cmocka_unit_test(what_is_neither_or_beyond_belief_says_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
