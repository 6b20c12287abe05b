/* The time zone in which a program prints and reads times: UTC, unless one is asked for.  Set once, before a second thread runs;
 * afterwards any thread of a program that never sets one, else one thread. */
#ifndef SCHEMA_BASE_ZONE_H
#define SCHEMA_BASE_ZONE_H

#include "schema/base/err.h"

#include <stdint.h>

/* A name of the tz database (Asia/Seoul), UTC, an offset (+09:00), or `local`: that of the machine, or of $TZ. */
bool zone_set(const char *name, struct err *err) MUST_CHECK;
bool zone_is_utc(void);
/* How far clocks there are ahead of UTC at that moment. */
int64_t zone_offset_us(int64_t time_us);
/* What a clock there shows, as microseconds since its own 1970, and back.  A clock time that comes twice is the first of them; one
 * that clocks leap over is as much later as they leap. */
int64_t zone_clock_us(int64_t time_us);
int64_t zone_time_us(int64_t clock_us);
/* For people: UTC, KST, +0545. */
#define ZONE_LABEL_SIZE 16
const char *zone_label(int64_t time_us, char text[static ZONE_LABEL_SIZE]);

#endif
