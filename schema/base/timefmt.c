#include "schema/base/timefmt.h"

#include "schema/base/zone.h"

#include <string.h>

/* Both ways by counting in 400-year eras that begin on 1 March, so that the leap day is the last of its year
 * (the method of Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms", 2014). */
#define DAYS_PER_ERA 146097
#define DAYS_TO_1970 719468 /* from 0000-03-01 */

int64_t days_from_date(int64_t year, unsigned month, unsigned day)
{
	if (month <= 2)
		year--;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	unsigned year_of_era = (unsigned)(year - era * 400);
	unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
	return era * DAYS_PER_ERA + (int64_t)day_of_era - DAYS_TO_1970;
}

void date_from_days(unsigned days, unsigned *year, unsigned *month, unsigned *day)
{
	days += DAYS_TO_1970;
	unsigned era = days / DAYS_PER_ERA;
	unsigned day_of_era = days % DAYS_PER_ERA;
	unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	unsigned shifted = (5 * day_of_year + 2) / 153;
	*day = day_of_year - (153 * shifted + 2) / 5 + 1;
	*month = shifted < 10 ? shifted + 3 : shifted - 9;
	*year = year_of_era + era * 400 + (*month <= 2);
}

/* Two digits, 0..99, out of a table: an export prints millions of times, and dividing by ten doubles their cost. */
static char *put2(char *out, unsigned value)
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
	                            "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
	                            "8081828384858687888990919293949596979899";
	memcpy(out, pairs + (size_t)value * 2, 2);
	return out + 2;
}

#define SECOND_LENGTH 19 /* 2026-11-22T03:32:00 */

static char *put_zone(char *out, int64_t offset_us)
{
	if (zone_is_utc()) {
		*out++ = 'Z';
	} else {
		unsigned minutes = (unsigned)((offset_us < 0 ? -offset_us : offset_us) / US_PER_MINUTE);
		*out++ = offset_us < 0 ? '-' : '+';
		out = put2(out, minutes / 60);
		*out++ = ':';
		out = put2(out, minutes % 60);
	}
	*out = '\0';
	return out;
}

size_t time_format(int64_t time_us, char text[static TIME_TEXT_SIZE])
{
	if (time_us < 0)
		time_us = 0;
	if (time_us > TIME_US_MAX)
		time_us = TIME_US_MAX;
	int64_t offset_us = 0;
	if (!zone_is_utc()) {
		offset_us = zone_offset_us(time_us);
		if (time_us + offset_us < 0 || time_us + offset_us > TIME_US_MAX)
			offset_us = 0; /* no year of four digits there */
		time_us += offset_us;
	}
	unsigned year, month, day;
	uint64_t seconds = (uint64_t)time_us / US_PER_SECOND; /* unsigned: their divisions are the shorter ones */
	unsigned us = (unsigned)((uint64_t)time_us - seconds * US_PER_SECOND);
	unsigned days = (unsigned)(seconds / 86400), second = (unsigned)(seconds - days * UINT64_C(86400));
	date_from_days(days, &year, &month, &day);

	char *out = put2(put2(text, year / 100), year % 100);
	*out++ = '-';
	out = put2(out, month);
	*out++ = '-';
	out = put2(out, day);
	*out++ = 'T';
	out = put2(out, second / 3600);
	*out++ = ':';
	out = put2(out, second / 60 % 60);
	*out++ = ':';
	out = put2(out, second % 60);
	*out++ = '.';
	out = put2(put2(put2(out, us / 10000), us / 100 % 100), us % 100);
	out = put_zone(out, offset_us);
	return (size_t)(out - text);
}

size_t time_format_second(int64_t time_us, char text[static TIME_TEXT_SIZE])
{
	char whole[TIME_TEXT_SIZE];
	time_format(time_us, whole);
	memcpy(text, whole, SECOND_LENGTH);
	return (size_t)(stpcpy(text + SECOND_LENGTH, whole + SECOND_LENGTH + strlen(".123456")) - text);
}

/* Exactly `width` digits at *p. */
static bool take(const char **p, int width, unsigned *value)
{
	*value = 0;
	for (int i = 0; i < width; i++, (*p)++) {
		if (**p < '0' || **p > '9')
			return false;
		*value = *value * 10 + (unsigned)(**p - '0');
	}
	return true;
}

static bool take_char(const char **p, char c)
{
	if (**p != c)
		return false;
	(*p)++;
	return true;
}

static unsigned days_in_month(unsigned year, unsigned month)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return days[month - 1] + (month == 2 && leap ? 1U : 0U);
}

/* [:SS[.ffffff]], into microseconds */
static bool take_second(const char **p, int64_t *us)
{
	unsigned second = 0, fraction = 0;
	if (take_char(p, ':')) {
		if (!take(p, 2, &second) || second > 59)
			return false;
		if (take_char(p, '.')) {
			unsigned weight = 100000;
			if (**p < '0' || **p > '9')
				return false;
			for (; **p >= '0' && **p <= '9'; (*p)++, weight /= 10)
				fraction += weight * (unsigned)(**p - '0');
		}
	}
	*us = (int64_t)second * US_PER_SECOND + fraction;
	return true;
}

/* Z, +HH:MM, -HH:MM or nothing, as minutes east of UTC */
static bool take_zone(const char **p, int *minutes, bool *given)
{
	*minutes = 0;
	*given = **p != '\0';
	if (!*given || take_char(p, 'Z') || take_char(p, 'z'))
		return true;
	int sign = **p == '-' ? -1 : 1;
	unsigned hour, minute;
	if (!(take_char(p, '+') || take_char(p, '-')) || !take(p, 2, &hour))
		return false;
	take_char(p, ':');
	if (!take(p, 2, &minute) || hour > 23 || minute > 59)
		return false;
	*minutes = sign * (int)(hour * 60 + minute);
	return true;
}

bool time_parse(const char *text, int64_t *time_us)
{
	const char *p = text;
	unsigned year, month, day, hour = 0, minute = 0;
	int64_t second_us = 0;
	int zone_minutes = 0;
	bool zone_given = false;
	if (!take(&p, 4, &year) || !take_char(&p, '-') || !take(&p, 2, &month) || !take_char(&p, '-') || !take(&p, 2, &day) ||
	    month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
		return false;
	if (take_char(&p, 'T') || take_char(&p, 't') || take_char(&p, ' ')) {
		if (!take(&p, 2, &hour) || !take_char(&p, ':') || !take(&p, 2, &minute) || hour > 23 || minute > 59 ||
		    !take_second(&p, &second_us) || !take_zone(&p, &zone_minutes, &zone_given))
			return false;
	}
	if (*p != '\0')
		return false;
	int64_t us = days_from_date(year, month, day) * US_PER_DAY +
	             ((int64_t)hour * 60 + (int64_t)minute - zone_minutes) * US_PER_MINUTE + second_us;
	if (!zone_given) {
		us = zone_time_us(us);
		if (us < 0 && us > -US_PER_DAY) /* 1970 begins earlier there */
			us = 0;
	}
	if (us < 0 || us > TIME_US_MAX)
		return false;
	*time_us = us;
	return true;
}
