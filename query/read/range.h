/* A range of time and a candle's interval, as microseconds.  Pure; any thread. */
#ifndef QUERY_READ_RANGE_H
#define QUERY_READ_RANGE_H

#include "schema/base/timefmt.h"
#include "schema/base/when.h"

struct interval {
	const char *name;
	int64_t us;
	int64_t origin_us; /* every interval begins at origin_us + n * us */
};

/* Half-open: from_us is in it, to_us is not. */
struct range {
	int64_t from_us, to_us;
	bool has_from, has_to; /* else that end is the tape's own, and from_us or to_us lies beyond all times */
};

extern const struct interval intervals[]; /* up to one without a name */
const struct interval *interval_find(const char *name); /* NULL: unknown */

int64_t interval_floor(const struct interval *i, int64_t time_us); /* start of the interval that holds time_us */
int64_t interval_ceil(const struct interval *i, int64_t time_us);  /* the first start at or after time_us */

#endif
