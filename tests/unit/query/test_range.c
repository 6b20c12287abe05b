/* query/read/range.c: times, spans and intervals as people write them. */
#include "tests/unit/support.h"

#include "query/read/range.h"
#include "schema/base/zone.h"

#include <string.h>

#define NOW_US INT64_C(1795318320123456) /* 2026-11-22T03:32:00.123456Z */
#define MIDNIGHT_US INT64_C(1795305600000000)

static int64_t time_of(const char *text)
{
	struct err err = { "" };
	int64_t us = -1;
	if (!range_time(text, NOW_US, &us, &err))
		fail_msg("%s: %s", text, err.text);
	return us;
}

static void refuse_time(const char *text)
{
	struct err err = { "" };
	int64_t us;
	if (range_time(text, NOW_US, &us, &err))
		fail_msg("'%s' was taken for a time", text);
	assert_true(err.text[0] != '\0');
}

static void words_are_utc_days(void **state)
{
	(void)state;
	assert_int_equal(time_of("now"), NOW_US);
	assert_int_equal(time_of("today"), MIDNIGHT_US);
	assert_int_equal(time_of("yesterday"), MIDNIGHT_US - US_PER_DAY);
	refuse_time("tomorrow");
	refuse_time("Now");
	refuse_time("");
}

static void spans_count_back_from_now(void **state)
{
	(void)state;
	assert_int_equal(time_of("-8h"), NOW_US - 8 * 60 * US_PER_MINUTE);
	assert_int_equal(time_of("-90m"), NOW_US - 90 * US_PER_MINUTE);
	assert_int_equal(time_of("-1h30m"), NOW_US - 90 * US_PER_MINUTE);
	assert_int_equal(time_of("-250ms"), NOW_US - 250000);
	assert_int_equal(time_of("-0s"), NOW_US);
	assert_int_equal(time_of("-2d"), NOW_US - 2 * US_PER_DAY);
	refuse_time("-8");
	refuse_time("-h");
	refuse_time("--8h");
	refuse_time("-8x");
	refuse_time("-100000000h"); /* before 1970 */
	refuse_time("-99999999999999999999h");
}

static void an_epoch_tells_its_unit_by_its_size(void **state)
{
	(void)state;
	assert_int_equal(time_of("0"), 0);
	assert_int_equal(time_of("1795318320"), INT64_C(1795318320000000));
	assert_int_equal(time_of("99999999999"), INT64_C(99999999999000000));
	assert_int_equal(time_of("100000000000"), INT64_C(100000000000000));
	assert_int_equal(time_of("99999999999999"), INT64_C(99999999999999000));
	assert_int_equal(time_of("100000000000000"), INT64_C(100000000000000));
	assert_int_equal(time_of("99999999999999999"), INT64_C(99999999999999999));
	refuse_time("100000000000000000");
	refuse_time("99999999999999999999999");
	refuse_time("-5");
	refuse_time("1.5");
	assert_int_equal(time_of("100000000"), INT64_C(100000000000000));
}

static void says_both(const char *text, const char *second)
{
	struct err err = { "" };
	int64_t us;
	assert_false(range_time(text, NOW_US, &us, &err));
	if (!strstr(err.text, second) || !strstr(err.text, "date"))
		fail_msg("'%s': %s", text, err.text);
}

static void eight_digits_are_a_date_and_other_small_integers_are_refused_with_both_readings(void **state)
{
	(void)state;
	assert_int_equal(time_of("20261122"), MIDNIGHT_US);
	assert_int_equal(time_of("20240229"), INT64_C(1709164800000000));
	says_both("20261345", "1970-08-23T12:09:05Z");
	says_both("20260229", "1970-08-23T11:50:29Z");
	says_both("2026", "1970-01-01T00:33:46Z");
	says_both("1", "1970-01-01T00:00:01Z");
	says_both("99999999", "1973-03-03T09:46:39Z");
}

static void dates_and_zones_are_read(void **state)
{
	(void)state;
	assert_int_equal(time_of("2026-11-22"), MIDNIGHT_US);
	assert_int_equal(time_of("2026-11-22T03:32:00.123456Z"), NOW_US);
	assert_int_equal(time_of("2026-11-22T12:32:00.123456+09:00"), NOW_US);
	assert_int_equal(time_of("2026-11-22T03:32:00.123456"), NOW_US);
	refuse_time("2026-13-01");
	refuse_time("2026-02-29");
	refuse_time("2026-11-22T25:00:00Z");
	refuse_time("22.11.2026");
}

static void spellings_with_one_reading_are_understood(void **state)
{
	(void)state;
	const int64_t hour_us = 60 * US_PER_MINUTE;
	static const char *const same[] = { "2026/11/22", "2026.11.22", "2026/11/22 00:00", "20261122T00:00:00Z", "2026-11-21T24:00",
		                            "2026-11-21 24:00:00.0Z", "2026-11-22T09:00+09", "2026-11-22T09:00+9", "2026-11-22 9:00 +0900",
		                            "00:00", "0:00", "00:00:00Z", "09:00+09", "09:00+09:00", "sunday", "Sun" };
	for (size_t i = 0; i < sizeof same / sizeof *same; i++)
		if (time_of(same[i]) != MIDNIGHT_US)
			fail_msg("%s is another time", same[i]);
	assert_int_equal(time_of("2026-1-5"), time_of("2026-01-05"));
	assert_int_equal(time_of("09:00"), MIDNIGHT_US + 9 * hour_us); /* today's, though it is yet to come */
	assert_int_equal(time_of("09:00:30.5"), MIDNIGHT_US + 9 * hour_us + 30500000);
	assert_int_equal(time_of("24:00"), MIDNIGHT_US + US_PER_DAY);
	assert_int_equal(time_of("23:00-09"), MIDNIGHT_US + 8 * hour_us); /* there it is still the day before */
	assert_int_equal(time_of("monday"), MIDNIGHT_US - 6 * US_PER_DAY);
	assert_int_equal(time_of("saturday"), MIDNIGHT_US - US_PER_DAY);
	assert_int_equal(time_of("8h"), NOW_US - 8 * hour_us);
	assert_int_equal(time_of("8h ago"), NOW_US - 8 * hour_us);
	assert_int_equal(time_of("1h30m ago"), NOW_US - 90 * US_PER_MINUTE);
	static const char *const none[] = { "24:01", "25:00", "2026-11-22T24:30", "09", "09:0", "9:", ":00", "09:60", "2026/11-22", "2026-11",
		                            "2026/13/01", "20261122T", "20261122 ", "2026-11-22 09:00+", "09:00+09:0", "09:00 ", "-8h ago", "ago",
		                            " ago", "mo", "mond", "9999-12-31T24:00", "8h ago ago", "2026-11-22T09:00+24", "+8h",
		                            "09:00:00.00000000000000000000000000000000000000000000000000000000000000000000" };
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		refuse_time(none[i]);
}

static void spans_need_units_and_do_not_overflow(void **state)
{
	(void)state;
	int64_t us;
	assert_true(range_span("10s", &us));
	assert_int_equal(us, 10 * US_PER_SECOND);
	assert_true(range_span("1w2d", &us));
	assert_int_equal(us, 9 * US_PER_DAY);
	assert_false(range_span("", &us));
	assert_false(range_span("10", &us));
	assert_false(range_span("s", &us));
	assert_false(range_span("1h30", &us));
	assert_false(range_span("9223372036854775807s", &us));
	assert_false(range_span("9223372036854775808ms", &us));
	assert_false(range_span("9223372036854ms9223372036854s", &us));
}

static struct interval interval(const char *text, int64_t offset_us)
{
	struct interval i;
	struct err err = { "" };
	if (!interval_parse(&i, text, offset_us, &err))
		fail_msg("%s: %s", text, err.text);
	return i;
}

static int64_t at(const char *text)
{
	int64_t us;
	if (!time_parse(text, &us))
		fail_msg("%s is no time", text);
	return us;
}

static void intervals_begin_at_their_multiples_and_weeks_on_monday(void **state)
{
	(void)state;
	const struct interval week = interval("1w", 0), four_hours = interval("4h", 0), month = interval("1M", 0), quarter = interval("3M", 0);
	const int64_t monday_us = INT64_C(1795392000000000); /* 2026-11-23 */
	assert_int_equal(interval_floor(&week, monday_us), monday_us);
	assert_int_equal(interval_floor(&week, monday_us - 1), monday_us - 7 * US_PER_DAY);
	assert_int_equal(interval_ceil(&week, monday_us + 1), monday_us + 7 * US_PER_DAY);
	assert_int_equal(interval_ceil(&week, monday_us), monday_us);
	assert_int_equal(interval_floor(&week, 0), -3 * US_PER_DAY);
	assert_int_equal(interval_floor(&four_hours, NOW_US), MIDNIGHT_US);
	assert_int_equal(interval_ceil(&four_hours, NOW_US), MIDNIGHT_US + 240 * US_PER_MINUTE);
	assert_int_equal(interval_floor(&month, at("2026-11-22T03:32Z")), at("2026-11-01"));
	assert_int_equal(interval_next(&month, at("2026-12-01")), at("2027-01-01"));
	assert_int_equal(interval_ceil(&month, at("2024-02-29")), at("2024-03-01"));
	assert_int_equal(interval_floor(&quarter, at("2026-11-22")), at("2026-10-01"));
	assert_int_equal(interval_floor(&month, 0), 0);
}

static void an_interval_is_a_number_and_a_unit_and_may_begin_later(void **state)
{
	(void)state;
	static const char *const refused[] = { "", "m", "0m", "-1m", "1", "1x", "1.5m", "m1", "1mm", "1h30m", "9999999999s", "200000000h", " 1m" };
	struct interval i;
	struct err err = { "" };
	for (size_t n = 0; n < sizeof refused / sizeof *refused; n++)
		if (interval_parse(&i, refused[n], 0, &err))
			fail_msg("'%s' was taken", refused[n]);
	i = interval("10m", 0);
	assert_string_equal(i.name, "10m");
	assert_int_equal(i.us, 10 * US_PER_MINUTE);
	assert_true(interval_on_minutes(&i));
	i = interval("90s", 0);
	assert_false(interval_on_minutes(&i));
	i = interval("1m", 30 * US_PER_SECOND);
	assert_false(interval_on_minutes(&i));
	assert_int_equal(interval_floor(&i, MIDNIGHT_US), MIDNIGHT_US - 30 * US_PER_SECOND);
	i = interval("1d", 9 * 60 * US_PER_MINUTE);
	assert_int_equal(interval_floor(&i, at("2026-11-22T08:59:59Z")), at("2026-11-21T09:00Z"));
	assert_int_equal(interval_next(&i, at("2026-11-21T09:00Z")), at("2026-11-22T09:00Z"));
	assert_false(interval_parse(&i, "1m", US_PER_MINUTE, &err));
}

/* The zone is the program's: this one goes back to UTC. */
static void days_weeks_and_months_begin_by_the_clocks_of_the_zone(void **state)
{
	(void)state;
	struct err err = { "" };
	char text[TIME_TEXT_SIZE];
	int64_t us;
	assert_true(zone_set("Asia/Seoul", &err));
	struct interval day = interval("1d", 0), week = interval("1w", 0), month = interval("1M", 0), hours = interval("4h", 0);
	assert_int_equal(interval_floor(&day, at("2026-11-22T14:59:59Z")), at("2026-11-21T15:00:00Z"));
	assert_int_equal(interval_floor(&day, at("2026-11-22T15:00:00Z")), at("2026-11-22T15:00:00Z"));
	assert_int_equal(interval_floor(&week, at("2026-11-23T00:00:00Z")), at("2026-11-22T15:00:00Z"));
	assert_int_equal(interval_floor(&month, at("2026-11-30T15:00:00Z")), at("2026-11-30T15:00:00Z"));
	assert_int_equal(interval_floor(&hours, at("2026-11-22T15:00:00Z")), at("2026-11-22T12:00:00Z"));
	time_format(at("2026-11-22T15:00:00.5Z"), text);
	assert_string_equal(text, "2026-11-23T00:00:00.500000+09:00");
	time_format_second(at("2026-11-22T15:00:00.5Z"), text);
	assert_string_equal(text, "2026-11-23T00:00:00+09:00");
	assert_int_equal(at("2026-11-23T00:00"), at("2026-11-22T15:00Z"));
	assert_int_equal(at("2026-11-23"), at("2026-11-22T15:00Z"));
	assert_int_equal(at("1970-01-01"), 0);
	int64_t now_us = at("2026-11-22T16:30:00Z"); /* 01:30 of Monday the 23rd there */
	struct { const char *word, *time; } words[] = {
		{ "today", "2026-11-22T15:00:00Z" }, { "yesterday", "2026-11-21T15:00:00Z" }, { "monday", "2026-11-22T15:00:00Z" },
		{ "sunday", "2026-11-21T15:00:00Z" }, { "09:00", "2026-11-23T00:00:00Z" }, { "24:00", "2026-11-23T15:00:00Z" },
		{ "09:00Z", "2026-11-22T09:00:00Z" }, { "20261122", "2026-11-21T15:00:00Z" }, { "2026/11/22 09:00", "2026-11-22T00:00:00Z" },
		{ "2026-11-22T24:00", "2026-11-22T15:00:00Z" }, { "2026-11-22 09:00 +01", "2026-11-22T08:00:00Z" },
	};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (!range_time(words[i].word, now_us, &us, &err) || us != at(words[i].time))
			fail_msg("%s: %s", words[i].word, err.text);
	}
	assert_true(zone_set("UTC", &err));
}

static void daylight_saving_makes_days_of_23_and_25_hours(void **state)
{
	(void)state;
	struct err err = { "" };
	char text[TIME_TEXT_SIZE];
	assert_true(zone_set("America/New_York", &err));
	struct interval day = interval("1d", 0);
	int64_t spring_us = at("2026-03-08T05:00:00Z"), autumn_us = at("2026-11-01T04:00:00Z"); /* their midnights */
	assert_int_equal(interval_floor(&day, at("2026-03-08T20:00:00Z")), spring_us);
	assert_int_equal(interval_next(&day, spring_us) - spring_us, 23 * 60 * US_PER_MINUTE);
	assert_int_equal(interval_floor(&day, at("2026-11-02T04:59:59Z")), autumn_us);
	assert_int_equal(interval_next(&day, autumn_us) - autumn_us, 25 * 60 * US_PER_MINUTE);
	struct interval nine = interval("1d", 9 * 60 * US_PER_MINUTE);
	assert_int_equal(interval_floor(&nine, at("2026-03-08T20:00")), at("2026-03-08T09:00"));
	assert_int_equal(interval_floor(&nine, at("2026-11-01T08:59:59")), at("2026-10-31T09:00"));
	assert_int_equal(interval_next(&nine, at("2026-10-31T09:00")), at("2026-11-01T09:00"));
	assert_int_equal(at("2026-11-01T01:30"), at("2026-11-01T05:30Z")); /* comes twice: the first */
	assert_int_equal(at("2026-03-08T02:30"), at("2026-03-08T07:30Z")); /* clocks leap over it */
	time_format_second(at("2026-03-08T07:30Z"), text);
	assert_string_equal(text, "2026-03-08T03:30:00-04:00");
	for (int64_t us = at("2025-12-28"); us < at("2027-01-10"); us = interval_next(&day, us)) {
		assert_int_equal(interval_floor(&day, us), us);
		assert_int_equal(interval_floor(&day, us - 1) < us, true);
		time_format(us, text);
		assert_memory_equal(text + 10, "T00:00:00.000000", 16);
	}
	assert_true(zone_set("UTC", &err));
}

static void a_zone_is_a_name_or_an_offset_and_others_get_the_one_that_is_meant(void **state)
{
	(void)state;
	struct err err = { "" };
	struct { const char *name; int minutes; } offsets[] = { { "+09:00", 540 }, { "-0330", -210 }, { "+9", 540 }, { "+05:45", 345 }, { "UTC", 0 } };
	for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
		assert_true(zone_set(offsets[i].name, &err));
		assert_int_equal(zone_offset_us(NOW_US), offsets[i].minutes * US_PER_MINUTE);
	}
	assert_false(zone_set("seoul", &err));
	assert_non_null(strstr(err.text, "did you mean Asia/Seoul?"));
	static const char *const refused[] = { "", "Nowhere", "../zoneinfo/Asia/Seoul", "/etc/localtime", "+25:00", "+9x", "Asia" };
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		if (zone_set(refused[i], &err))
			fail_msg("'%s' was taken", refused[i]);
	assert_true(zone_set("UTC", &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_utc_days),
		cmocka_unit_test(spans_count_back_from_now),
		cmocka_unit_test(an_epoch_tells_its_unit_by_its_size),
		cmocka_unit_test(eight_digits_are_a_date_and_other_small_integers_are_refused_with_both_readings),
		cmocka_unit_test(dates_and_zones_are_read),
		cmocka_unit_test(spellings_with_one_reading_are_understood),
		cmocka_unit_test(spans_need_units_and_do_not_overflow),
		cmocka_unit_test(intervals_begin_at_their_multiples_and_weeks_on_monday),
		cmocka_unit_test(an_interval_is_a_number_and_a_unit_and_may_begin_later),
		cmocka_unit_test(days_weeks_and_months_begin_by_the_clocks_of_the_zone),
		cmocka_unit_test(daylight_saving_makes_days_of_23_and_25_hours),
		cmocka_unit_test(a_zone_is_a_name_or_an_offset_and_others_get_the_one_that_is_meant),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
