#include "schema/base/timefmt.h"

#include "support.h"

#include <string.h>
#include <time.h>

static void shows(int64_t time_us, const char *want)
{
	char text[TIME_TEXT_SIZE];
	assert_int_equal(time_format(time_us, text), 27);
	assert_string_equal(text, want);
}

static void means(const char *text, int64_t want)
{
	int64_t got;
	if (!time_parse(text, &got))
		fail_msg("'%s' was refused", text);
	if (got != want)
		fail_msg("'%s' is %lld, not %lld", text, (long long)got, (long long)want);
}

static void no_time(const char *text)
{
	int64_t got;
	if (time_parse(text, &got))
		fail_msg("'%s' was taken as %lld", text, (long long)got);
}

static void the_edges_are_shown(void **state)
{
	(void)state;
	shows(0, "1970-01-01T00:00:00.000000Z");
	shows(1, "1970-01-01T00:00:00.000001Z");
	shows(999999, "1970-01-01T00:00:00.999999Z");
	shows(INT64_C(951782400000000), "2000-02-29T00:00:00.000000Z");
	shows(INT64_C(951868799999999), "2000-02-29T23:59:59.999999Z");
	shows(INT64_C(4107542400000000), "2100-03-01T00:00:00.000000Z");
	shows(INT64_C(4107542399999999), "2100-02-28T23:59:59.999999Z");
	shows(INT64_C(1618678262712000), "2021-04-17T16:51:02.712000Z");
	shows(TIME_US_MAX, "9999-12-31T23:59:59.999999Z");
}

static void times_beyond_the_edges_are_shown_as_the_edges(void **state)
{
	(void)state;
	shows(-1, "1970-01-01T00:00:00.000000Z");
	shows(INT64_MIN, "1970-01-01T00:00:00.000000Z");
	shows(TIME_US_MAX + 1, "9999-12-31T23:59:59.999999Z");
	shows(INT64_MAX, "9999-12-31T23:59:59.999999Z");
}

static void all_spellings_of_a_time_are_read(void **state)
{
	(void)state;
	means("1970-01-01", 0);
	means("1970-01-01T00:00:00.000001Z", 1);
	means("2026-11-22T03:32:00.123456Z", INT64_C(1795318320123456));
	means("2026-11-22t03:32:00.123456z", INT64_C(1795318320123456));
	means("2026-11-22 03:32:00.123456", INT64_C(1795318320123456));
	means("2026-11-22T03:32:00.1234569999999999999999999", INT64_C(1795318320123456));
	means("2026-11-22T03:32:00.1Z", INT64_C(1795318320100000));
	means("2026-11-22 03:32", INT64_C(1795318320000000));
	means("2026-11-22T12:32:00+09:00", INT64_C(1795318320000000));
	means("2026-11-22T12:32:00+0900", INT64_C(1795318320000000));
	means("2026-11-22T12:32+09:00", INT64_C(1795318320000000));
	means("2026-11-21T22:02:00.5-05:30", INT64_C(1795318320500000));
	means("1970-01-01T09:00:00+09:00", 0);
	means("2000-02-29", INT64_C(951782400000000));
	means("2024-02-29", INT64_C(1709164800000000));
	means("9999-12-31T23:59:59.999999Z", TIME_US_MAX);
}

static void what_is_no_time_is_refused(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"", "now", "2026", "2026-11", "2026-11-2", "2026-1-22", "26-11-22", "2026/11/22", "2026-00-10", "2026-13-01",
		"2026-11-00", "2026-11-31", "2026-02-29", "2100-02-29", "1900-02-28", "2026-11-22T", "2026-11-22T03", "2026-11-22T3:32",
		"2026-11-22T24:00", "2026-11-22T03:60", "2026-11-22T03:32:60", "2026-11-22T03:32:0", "2026-11-22T03:32:00.",
		"2026-11-22T03:32:00.Z", "2026-11-22T03:32:00ZZ", "2026-11-22T03:32:00 Z", "2026-11-22T03:32:00+", "2026-11-22T03:32:00+9",
		"2026-11-22T03:32:00+24:00", "2026-11-22T03:32:00+09:60", "2026-11-22T03:32:00KST", "-2026-11-22", " 2026-11-22",
		"2026-11-22 ", "1969-12-31T23:59:59.999999Z", "1970-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "0000-01-01",
		"2026-11-22T03:32:00.12345a", "+2026-11-22",
	};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		no_time(texts[i]);
}

static void every_day_to_9999_agrees_with_the_c_library(void **state)
{
	(void)state;
	for (int64_t day = 0; day <= TIME_US_MAX / US_PER_DAY; day++) {
		time_t seconds = (time_t)(day * 86400 + day % 86400);
		struct tm tm;
		char want[64], got[TIME_TEXT_SIZE];
		int64_t us = (int64_t)seconds * US_PER_SECOND + day % 1000000, back;
		gmtime_r(&seconds, &tm);
		snprintf(want, sizeof want, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
		         tm.tm_min, tm.tm_sec, (int)(us % US_PER_SECOND));
		time_format(us, got);
		assert_string_equal(got, want);
		assert_true(time_parse(got, &back));
		assert_int_equal(back, us);
		assert_int_equal(days_from_date(tm.tm_year + 1900, (unsigned)tm.tm_mon + 1, (unsigned)tm.tm_mday), seconds / 86400);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_edges_are_shown),
		cmocka_unit_test(times_beyond_the_edges_are_shown_as_the_edges),
		cmocka_unit_test(all_spellings_of_a_time_are_read),
		cmocka_unit_test(what_is_no_time_is_refused),
		cmocka_unit_test(every_day_to_9999_agrees_with_the_c_library),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
