#include "schema/when.h"

#include "schema/timefmt.h"

#include <string.h>

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

/* An integer epoch tells its unit by its size: seconds reach the year 5138, and milliseconds begin in 1973. */
static bool epoch(const char *text, int64_t *time_us, struct err *err)
{
	const char *p = text;
	int64_t value;
	if (!take_integer(&p, &value) || value >= INT64_C(100000000000000000))
		return err_set(err, "'%s' is too large for a time: seconds are below 10^11, ms below 10^14, us below 10^17", text);
	if (value < INT64_C(100000000000))
		value *= US_PER_SECOND;
	else if (value < INT64_C(100000000000000))
		value *= 1000;
	*time_us = value;
	return true;
}

bool range_time(const char *text, int64_t now_us, int64_t *time_us, struct err *err)
{
	if (strcmp(text, "now") == 0) {
		*time_us = now_us;
		return true;
	}
	bool yesterday = strcmp(text, "yesterday") == 0;
	if (yesterday || strcmp(text, "today") == 0) {
		*time_us = now_us - now_us % US_PER_DAY - (yesterday ? US_PER_DAY : 0);
		return true;
	}
	int64_t span_us;
	if (text[0] == '-' && range_span(text + 1, &span_us)) {
		if (span_us > now_us)
			return err_set(err, "'%s' reaches back beyond 1970", text);
		*time_us = now_us - span_us;
		return true;
	}
	if (text[0] && text[strspn(text, "0123456789")] == '\0')
		return epoch(text, time_us, err);
	if (time_parse(text, time_us))
		return true;
	return err_set(err, "'%s' is no time; write 2026-11-22T03:32:00Z, 2026-11-22, now, today, yesterday, -8h, or an epoch "
	                    "in s, ms or us", text);
}
