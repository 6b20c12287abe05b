/* Times are int64_t microseconds since 1970-01-01T00:00:00Z (`_us`), text is RFC 3339 in UTC.  Any thread. */
#ifndef SCHEMA_BASE_TIMEFMT_H
#define SCHEMA_BASE_TIMEFMT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TIME_TEXT_SIZE 28                                      /* 2026-11-22T03:32:00.123456Z and NUL */
#define TIME_US_MAX INT64_C(253402300799999999)                /* the last microsecond of year 9999 */
#define US_PER_SECOND INT64_C(1000000)
#define US_PER_MINUTE (60 * US_PER_SECOND)
#define US_PER_DAY (1440 * US_PER_MINUTE)

/* time_us within 0..TIME_US_MAX; others are shown as the nearest of these.  Returns the length, 27. */
size_t time_format(int64_t time_us, char text[static TIME_TEXT_SIZE]);

/* `2026-11-22T03:32:00.123456Z`, `... +09:00`, `2026-11-22 03:32`, `2026-11-22`; UTC where no zone is given; digits
 * after the microsecond are cut.  false: no such time, or outside 0..TIME_US_MAX. */
bool time_parse(const char *text, int64_t *time_us);

/* Day number since 1970-01-01 of a date of the proleptic Gregorian calendar (month 1..12). */
int64_t days_from_date(int64_t year, unsigned month, unsigned day);

#endif
