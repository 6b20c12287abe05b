#include "schema/base/when.h"

#include "schema/base/timefmt.h"
#include "schema/base/zone.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The digits at *p.  false: none, or beyond int64. */
static bool take_integer(const char **p, int64_t *value)
{
	if (!is_digit(**p))
		return false;
	*value = 0;
	for (; is_digit(**p); (*p)++)
		if (__builtin_mul_overflow(*value, 10, value) || __builtin_add_overflow(*value, **p - '0', value))
			return false;
	return true;
}

bool range_span(const char *text, int64_t *span_us)
{
	static const struct {
		const char *name;
		int64_t us;
	} units[] = {
		{ "ms", 1000 }, /* before m */
		{ "s", US_PER_SECOND },
		{ "m", US_PER_MINUTE },
		{ "h", 60 * US_PER_MINUTE },
		{ "d", US_PER_DAY },
		{ "w", 7 * US_PER_DAY },
	};
	int64_t total_us = 0;
	const char *p = text;
	do {
		int64_t part;
		size_t unit = 0, count = sizeof units / sizeof *units;
		if (!take_integer(&p, &part))
			return false;
		while (unit < count && strncmp(p, units[unit].name, strlen(units[unit].name)) != 0)
			unit++;
		if (unit == count || __builtin_mul_overflow(part, units[unit].us, &part) ||
		    __builtin_add_overflow(total_us, part, &total_us))
			return false;
		p += strlen(units[unit].name);
	} while (*p);
	*span_us = total_us;
	return true;
}

static bool is_integer(const char *text)
{
	return text[0] && text[strspn(text, "0123456789")] == '\0';
}

#define EPOCH_S_MIN INT64_C(100000000) /* smaller ones are dates or slips; as seconds they lie before March 1973 */

/* An integer epoch tells its unit by its size: seconds reach the year 5138, and milliseconds begin in 1973. */
static bool epoch(const char *text, int64_t *time_us, struct err *err)
{
	const char *p = text;
	int64_t value;
	if (!take_integer(&p, &value) || value >= INT64_C(100000000000000000))
		return err_set(err, "'%s' is too large for a time: seconds are below 10^11, ms below 10^14, us below 10^17", text);
	if (value != 0 && value < EPOCH_S_MIN) {
		char second[TIME_TEXT_SIZE];
		time_format_second(value * US_PER_SECOND, second);
		return err_set(err, "'%s' is the second %s, or a date that there is not; write the one as %s, the other as 2026-11-22 "
		                    "or 20261122", text, second, second);
	}
	if (value < INT64_C(100000000000))
		value *= US_PER_SECOND;
	else if (value < INT64_C(100000000000000))
		value *= 1000;
	*time_us = value;
	return true;
}

/* One or two digits at *p, as two. */
static bool take_pair(const char **p, char **to)
{
	if (!is_digit(**p))
		return false;
	bool two = is_digit((*p)[1]);
	*(*to)++ = two ? *(*p)++ : '0';
	*(*to)++ = *(*p)++;
	return true;
}

#define SPELLED_SIZE 64 /* of a date, a clock and a zone, each as time_parse wants it */

/* 2026-11-25, 2026/11/25, 2026.11.25, 20261125; months and days may have one digit where something is between them. */
static bool take_date(const char **p, char **to)
{
	if (strspn(*p, "0123456789") == 8) {
		*to += sprintf(*to, "%.4s-%.2s-%.2s", *p, *p + 4, *p + 6);
		*p += 8;
		return true;
	}
	if (strspn(*p, "0123456789") != 4 || !(*p)[4] || !strchr("-/.", (*p)[4]))
		return false;
	char between = (*p)[4];
	*to = stpncpy(*to, *p, 4);
	*p += 4;
	for (int i = 0; i < 2; i++) {
		if (*(*p)++ != between)
			return false;
		*(*to)++ = '-';
		if (!take_pair(p, to))
			return false;
	}
	return true;
}

/* 9:00, 09:00:30, 09:00:30.5; 24:00 is the end of its day, so *days becomes 1. */
static bool take_clock(const char **p, char **to, int *days)
{
	char *start = *to;
	if (!take_pair(p, to) || **p != ':')
		return false;
	size_t rest = strspn(*p, "0123456789:.");
	if (rest >= SPELLED_SIZE / 2)
		return false;
	if (strncmp(start, "24", 2) == 0) {
		if (strspn(*p, "0:.") != rest)
			return false;
		memcpy(start, "00", 2);
		*days = 1;
	}
	*to = stpncpy(*to, *p, rest);
	*p += rest;
	return true;
}

/* Nothing, Z, +09, +9, +0900, +09:00, behind a blank, too. */
static bool take_zone(const char **p, char **to)
{
	if (**p == ' ' && (*p)[1])
		(*p)++;
	if (**p == '\0') {
		;
	} else if (**p == 'Z' || **p == 'z') {
		*(*to)++ = *(*p)++;
	} else if (**p == '+' || **p == '-') {
		*(*to)++ = *(*p)++;
		if (!take_pair(p, to))
			return false;
		*(*to)++ = ':';
		if (**p == ':')
			(*p)++;
		if (**p == '\0')
			*to = stpcpy(*to, "00");
		else if (!is_digit((*p)[0]) || !is_digit((*p)[1]) || !take_pair(p, to))
			return false;
	} else {
		return false;
	}
	**to = '\0';
	return **p == '\0';
}

/* The same clock time of the day after, in the zone of zone.h. */
static int64_t next_day(int64_t time_us)
{
	return zone_time_us(zone_clock_us(time_us) + US_PER_DAY);
}

/* A date, with or without a clock; in the spellings that have one reading. */
static bool date_time(const char *text, int64_t *time_us)
{
	char spelled[SPELLED_SIZE] = "", *to = spelled;
	const char *p = text;
	int days = 0;
	if (!take_date(&p, &to))
		return false;
	if (*p == 'T' || *p == 't' || *p == ' ') {
		p++;
		*to++ = 'T';
		if (!take_clock(&p, &to, &days) || !take_zone(&p, &to))
			return false;
	}
	*to = '\0';
	int64_t us;
	if (*p || !time_parse(spelled, &us) || us > TIME_US_MAX - days * US_PER_DAY)
		return false;
	*time_us = days ? next_day(us) : us;
	return true;
}

/* A clock alone: of today, in the zone that stands behind it, else in that of zone.h. */
static bool clock_time(const char *text, int64_t now_us, int64_t *time_us)
{
	static const char some_day[] = "2000-01-02T";
	char clock[SPELLED_SIZE] = "", zoned[SPELLED_SIZE] = "", *to = stpcpy(clock, some_day);
	char *zone = stpcpy(stpcpy(zoned, some_day), "00:00"), *bare = zone;
	const char *p = text;
	int days = 0;
	int64_t clock_us, day_us, zoned_us;
	if (!take_clock(&p, &to, &days) || !take_zone(&p, &zone))
		return false;
	bool given = zone != bare;
	*to++ = 'Z';
	*to = '\0';
	if (!time_parse(clock, &clock_us) || !time_parse("2000-01-02T00:00Z", &day_us) || !time_parse(zoned, &zoned_us))
		return false;
	clock_us += days * US_PER_DAY - day_us;
	if (given) {
		int64_t east_us = day_us - zoned_us, there_us = now_us + east_us;
		*time_us = there_us - there_us % US_PER_DAY + clock_us - east_us;
	} else {
		int64_t there_us = zone_clock_us(now_us);
		*time_us = zone_time_us(there_us - there_us % US_PER_DAY + clock_us);
	}
	return *time_us >= 0 && *time_us <= TIME_US_MAX;
}

/* monday, mon: the last one that has begun, today or before. */
static bool weekday_time(const char *text, int64_t now_us, int64_t *time_us)
{
	static const char *const names[] = { "thursday", "friday", "saturday", "sunday", "monday", "tuesday", "wednesday" };
	int64_t today = zone_clock_us(now_us) / US_PER_DAY;
	for (int64_t i = 0; i < 7; i++) { /* 1970-01-01 was a Thursday */
		if (strcasecmp(text, names[i]) != 0 && (strlen(text) != 3 || strncasecmp(text, names[i], 3) != 0))
			continue;
		*time_us = zone_time_us((today - (today - i + 7) % 7) * US_PER_DAY);
		return *time_us >= 0;
	}
	return false;
}

/* -8h, 8h, 8h ago. */
static bool span_before(const char *text, int64_t *span_us)
{
	static const char ago[] = " ago";
	char span[SPELLED_SIZE];
	bool minus = text[0] == '-';
	size_t len = strlen(text + minus), ago_len = strlen(ago);
	if (len >= sizeof span)
		return false;
	stpcpy(span, text + minus);
	if (!minus && len > ago_len && strcmp(span + len - ago_len, ago) == 0)
		span[len - ago_len] = '\0';
	return range_span(span, span_us);
}

bool range_time(const char *text, int64_t now_us, int64_t *time_us, struct err *err)
{
	if (strcmp(text, "now") == 0) {
		*time_us = now_us;
		return true;
	}
	bool yesterday = strcmp(text, "yesterday") == 0;
	if (yesterday || strcmp(text, "today") == 0) {
		int64_t clock_us = zone_clock_us(now_us);
		*time_us = zone_time_us(clock_us - clock_us % US_PER_DAY - (yesterday ? US_PER_DAY : 0));
		return true;
	}
	int64_t span_us;
	if (span_before(text, &span_us)) {
		if (span_us > now_us)
			return err_set(err, "'%s' reaches back beyond 1970", text);
		*time_us = now_us - span_us;
		return true;
	}
	if (date_time(text, time_us))
		return true;
	if (is_integer(text))
		return epoch(text, time_us, err);
	if (clock_time(text, now_us, time_us) || weekday_time(text, now_us, time_us))
		return true;
	return err_set(err, "'%s' is no time; write 2026-11-22T03:32:00Z, 2026-11-22, 09:00, now, today, yesterday, monday, -8h, "
	                    "or an epoch in s, ms or us", text);
}
