#include "query/read/range.h"

#include <string.h>

/* 1970-01-01 was a Thursday: weeks count from the Monday before. */
#define MONDAY_US (-3 * US_PER_DAY)

const struct interval intervals[] = {
	{ "1s", US_PER_SECOND, 0 },       { "5s", 5 * US_PER_SECOND, 0 },   { "15s", 15 * US_PER_SECOND, 0 },
	{ "30s", 30 * US_PER_SECOND, 0 }, { "1m", US_PER_MINUTE, 0 },       { "3m", 3 * US_PER_MINUTE, 0 },
	{ "5m", 5 * US_PER_MINUTE, 0 },   { "15m", 15 * US_PER_MINUTE, 0 }, { "30m", 30 * US_PER_MINUTE, 0 },
	{ "1h", 60 * US_PER_MINUTE, 0 },  { "4h", 240 * US_PER_MINUTE, 0 }, { "1d", US_PER_DAY, 0 },
	{ "1w", 7 * US_PER_DAY, MONDAY_US }, { NULL, 0, 0 },
};

const struct interval *interval_find(const char *name)
{
	for (const struct interval *i = intervals; i->name; i++)
		if (strcmp(i->name, name) == 0)
			return i;
	return NULL;
}

int64_t interval_floor(const struct interval *i, int64_t time_us)
{
	int64_t offset = (time_us - i->origin_us) % i->us;
	return time_us - (offset < 0 ? offset + i->us : offset);
}

int64_t interval_ceil(const struct interval *i, int64_t time_us)
{
	int64_t floor_us = interval_floor(i, time_us);
	return floor_us == time_us ? time_us : floor_us + i->us;
}
