#include "query/read/range.h"

#include "schema/base/zone.h"

#include <stdio.h>
#include <string.h>

/* 1970-01-01 was a Thursday: weeks count from the Monday before. */
#define MONDAY_US (-3 * US_PER_DAY)
#define DAYS_A_MONTH 30
#define LONGEST_US (36525 * US_PER_DAY)

bool interval_parse(struct interval *i, const char *text, int64_t offset_us, struct err *err)
{
	static const struct {
		char letter;
		enum interval_kind kind;
		int64_t us, count;
	} units[] = {
		{ 's', INTERVAL_FIXED, US_PER_SECOND, 0 },    { 'm', INTERVAL_FIXED, US_PER_MINUTE, 0 },
		{ 'h', INTERVAL_FIXED, 60 * US_PER_MINUTE, 0 }, { 'd', INTERVAL_DAYS, US_PER_DAY, 1 },
		{ 'w', INTERVAL_DAYS, 7 * US_PER_DAY, 7 },    { 'M', INTERVAL_MONTHS, DAYS_A_MONTH * US_PER_DAY, 1 },
	};
	int n = 0;
	size_t unit = 0, digits = strspn(text, "0123456789");
	while (unit < sizeof units / sizeof *units && (units[unit].letter != text[digits] || text[digits + 1]))
		unit++;
	if (digits == 0 || digits > 9 || unit == sizeof units / sizeof *units || sscanf(text, "%9d", &n) != 1 || n < 1 ||
	    n > LONGEST_US / units[unit].us)
		return err_set(err, "'%.20s' is no interval; write a number and s, m, h, d, w or M (a month), as in 10s, 5m, 4h, 1d, 1w, 1M", text);
	*i = (struct interval){ .kind = units[unit].kind, .us = n * units[unit].us, .count = n * units[unit].count, .offset_us = offset_us };
	snprintf(i->name, sizeof i->name, "%d%c", n, text[digits]);
	if (text[digits] == 'w')
		i->origin_us = MONDAY_US;
	if (offset_us >= i->us)
		return err_set(err, "--offset is as long as the interval %s or longer: it moves the start of candles within one", i->name);
	return true;
}

bool interval_on_minutes(const struct interval *i)
{
	return i->us % US_PER_MINUTE == 0 && i->offset_us % US_PER_MINUTE == 0;
}

static int64_t floor_to(int64_t value, int64_t step)
{
	int64_t rest = value % step;
	return value - (rest < 0 ? rest + step : rest);
}

/* The first clock time of that month, counted from January 1970 on. */
static int64_t month_clock_us(int64_t month)
{
	return days_from_date(1970 + month / 12, (unsigned)(month % 12) + 1, 1) * US_PER_DAY;
}

static int64_t month_of(int64_t clock_us)
{
	unsigned year, month, day;
	if (clock_us < 0)
		return 0;
	date_from_days((unsigned)(clock_us / US_PER_DAY), &year, &month, &day);
	return ((int64_t)year - 1970) * 12 + (int64_t)month - 1;
}

/* Of the interval that is `ahead` behind the one that holds the time.  Days and months are moved by the clock, too. */
static int64_t start_of(const struct interval *i, int64_t time_us, int64_t ahead)
{
	int64_t clock_us = zone_clock_us(time_us) - i->offset_us;
	switch (i->kind) {
	case INTERVAL_DAYS:
		return zone_time_us(i->origin_us + floor_to(clock_us - i->origin_us, i->us) + ahead * i->us + i->offset_us);
	case INTERVAL_MONTHS:
		return zone_time_us(month_clock_us(floor_to(month_of(clock_us), i->count) + ahead * i->count) + i->offset_us);
	case INTERVAL_FIXED:
	default:
		return floor_to(time_us - i->offset_us, i->us) + ahead * i->us + i->offset_us;
	}
}

int64_t interval_floor(const struct interval *i, int64_t time_us)
{
	return start_of(i, time_us, 0);
}

int64_t interval_ceil(const struct interval *i, int64_t time_us)
{
	int64_t floor_us = interval_floor(i, time_us);
	return floor_us == time_us ? time_us : interval_next(i, floor_us);
}

int64_t interval_next(const struct interval *i, int64_t start_us)
{
	return start_of(i, start_us, 1);
}
