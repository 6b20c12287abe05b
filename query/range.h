/* What people write for a time, a span of time or a candle's interval, as microseconds.  Pure; any thread. */
#ifndef QUERY_RANGE_H
#define QUERY_RANGE_H

#include "schema/err.h"
#include "schema/timefmt.h"

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

/* RFC 3339, a date, now, today, yesterday, -8h, an epoch in s, ms or us by its size. */
bool range_time(const char *text, int64_t now_us, int64_t *time_us, struct err *err) MUST_CHECK;

/* 90s, 10m, 1h30m: one or more numbers with a unit each (ms s m h d w).  false: something else, or beyond int64. */
bool range_span(const char *text, int64_t *span_us) MUST_CHECK;

extern const struct interval intervals[]; /* up to one without a name */
const struct interval *interval_find(const char *name); /* NULL: unknown */

int64_t interval_floor(const struct interval *i, int64_t time_us); /* start of the interval that holds time_us */
int64_t interval_ceil(const struct interval *i, int64_t time_us);  /* the first start at or after time_us */

#endif
