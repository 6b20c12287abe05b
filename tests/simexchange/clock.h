/*
 * Time, read in one place. The wall clock is shifted by --clock-shift, so a test can put the exchange at midnight; the monotonic one never is.
 * Any thread.
 */
#ifndef SIM_CLOCK_H
#define SIM_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define DAY_MS INT64_C(86400000)

int64_t clock_wall_us(void);
int64_t clock_base_us(void); /* the same without what `set-clock` has done */
int64_t clock_set_us(void);
void clock_set_by(int64_t us); /* from now on */
int64_t clock_mono_us(void);
void clock_sleep_us(int64_t us);

struct civil {
	int year, month, day, hour, minute, second;
};

struct civil civil_from_ms(int64_t time_ms); /* UTC */
/* RFC 3339, with Z or an offset; false if it is none. */
bool clock_parse(const char *text, int64_t *time_us);

#endif
