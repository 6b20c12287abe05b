/* The one place where the recorder reads a clock.  Any thread.
 * Wall time (`_wall_us`) is what people and exchanges call the time, and may step; monotonic time (`_mono_us`) measures
 * how long something took.  Never subtract one from the other. */
#ifndef RECORDER_CLOCK_H
#define RECORDER_CLOCK_H

#include <stdint.h>

int64_t clock_wall_us(void); /* microseconds since 1970 UTC; test builds add TAPEDECK_TEST_WALL_SHIFT_S seconds */
int64_t clock_mono_us(void);
int64_t clock_boot_us(void); /* monotonic, and counts on while the host sleeps; test builds: TAPEDECK_TEST_SLEEP, AFTER_S:FOR_S */

#endif
