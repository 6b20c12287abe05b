#include "clock.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "options.h"

static atomic_llong set_us;

static int64_t read_us(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t clock_wall_us(void)
{
	return clock_base_us() + clock_set_us();
}

int64_t clock_base_us(void)
{
	return read_us(CLOCK_REALTIME) + opt.clock_shift_us;
}

int64_t clock_set_us(void)
{
	return atomic_load(&set_us);
}

void clock_set_by(int64_t us)
{
	atomic_fetch_add(&set_us, us);
}

int64_t clock_mono_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

void clock_sleep_us(int64_t us)
{
	struct timespec ts;

	if (us <= 0)
		return;
	ts.tv_sec = us / 1000000;
	ts.tv_nsec = us % 1000000 * 1000;
	nanosleep(&ts, NULL); /* a signal cuts it short, and every caller loops */
}

/* Days are counted in eras of 400 years that begin in March, so that the leap day is the last day of a year. */
struct civil civil_from_ms(int64_t time_ms)
{
	int64_t days = time_ms / DAY_MS;
	int64_t rest = time_ms % DAY_MS;
	int64_t era, doe, yoe, doy, mp;
	struct civil c;

	if (rest < 0) {
		rest += DAY_MS;
		days--;
	}
	days += 719468;
	era = (days >= 0 ? days : days - 146096) / 146097;
	doe = days - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	c.day = (int)(doy - (153 * mp + 2) / 5 + 1);
	c.month = (int)(mp < 10 ? mp + 3 : mp - 9);
	c.year = (int)(yoe + era * 400 + (c.month <= 2));
	rest /= 1000;
	c.hour = (int)(rest / 3600);
	c.minute = (int)(rest / 60 % 60);
	c.second = (int)(rest % 60);
	return c;
}

static int64_t days_from_civil(int64_t y, int64_t m, int64_t d)
{
	int64_t era, yoe, doy;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = y - era * 400;
	doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

bool clock_parse(const char *text, int64_t *time_us)
{
	int y, mo, d, h, mi, s, used = 0;
	int64_t us = 0, offset_min = 0;

	if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d%n", &y, &mo, &d, &h, &mi, &s, &used) != 6)
		return false;
	if (mo < 1 || mo > 12 || d < 1 || d > 31 || h > 23 || mi > 59 || s > 60)
		return false;
	text += used;
	if (*text == '.') {
		int64_t unit = 100000;

		for (text++; *text >= '0' && *text <= '9'; text++, unit /= 10)
			us += (*text - '0') * unit;
	}
	if (*text == '+' || *text == '-') {
		int oh, om, n = 0;

		if (sscanf(text + 1, "%2d:%2d%n", &oh, &om, &n) != 2)
			return false;
		offset_min = (*text == '-' ? -1 : 1) * (oh * 60 + om);
		text += 1 + n;
	} else if (*text == 'Z') {
		text++;
	}
	if (*text)
		return false;
	us += ((days_from_civil(y, mo, d) * 24 + h) * 60 + mi - offset_min) * INT64_C(60000000) + s * INT64_C(1000000);
	*time_us = us;
	return true;
}
