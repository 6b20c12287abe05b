/* What people write for a moment or a span of time, on both programs' command lines, as microseconds.  Pure; any thread. */
#ifndef SCHEMA_BASE_WHEN_H
#define SCHEMA_BASE_WHEN_H

#include "schema/base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* RFC 3339 or a date, also as 2026/11/22, 20261122, 24:00, +09; 09:00, of today; now, today, yesterday, monday (the last that
 * has begun); -8h, 8h, 8h ago; an epoch in s, ms or us by its size.  UTC where no zone is given.  What has two readings is
 * refused with both. */
bool range_time(const char *text, int64_t now_us, int64_t *time_us, struct err *err) MUST_CHECK;

/* 90s, 10m, 1h30m: one or more numbers with a unit each (ms s m h d w).  false: something else, or beyond int64. */
bool range_span(const char *text, int64_t *span_us) MUST_CHECK;

#endif
