/* Times are int64_t microseconds since 1970-01-01T00:00:00Z (`_us`), text is RFC 3339, in UTC or in the zone of
 * zone.h.  Any thread. */
#ifndef SCHEMA_BASE_TIMEFMT_H
#define SCHEMA_BASE_TIMEFMT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TIME_TEXT_SIZE 33                                      /* 2026-11-22T12:32:00.123456+09:00 and NUL */
#define TIME_US_MAX INT64_C(253402300799999999)                /* the last microsecond of year 9999 */
#define US_PER_SECOND INT64_C(1000000)
#define US_PER_MINUTE (60 * US_PER_SECOND)
#define US_PER_DAY (1440 * US_PER_MINUTE)

/* time_us within 0..TIME_US_MAX; others are shown as the nearest of these.  Returns the length: 27 in UTC, else 32. */
size_t time_format(int64_t time_us, char text[static TIME_TEXT_SIZE]);
/* The same without a fraction: 2026-11-22T03:32:00Z. */
size_t time_format_second(int64_t time_us, char text[static TIME_TEXT_SIZE]);

/* `2026-11-22T03:32:00.123456Z`, `... +09:00`, `2026-11-22 03:32`, `2026-11-22`; the zone of zone.h where none is given; digits
 * after the microsecond are cut.  false: no such time, or outside 0..TIME_US_MAX. */
bool time_parse(const char *text, int64_t *time_us);

/* Of a day number since 1970-01-01, 0 or more. */
void date_from_days(unsigned days, unsigned *year, unsigned *month, unsigned *day);
/* Day number since 1970-01-01 of a date of the proleptic Gregorian calendar (month 1..12). */
int64_t days_from_date(int64_t year, unsigned month, unsigned day);

#endif
