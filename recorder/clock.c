#include "recorder/clock.h"

#include "schema/timefmt.h"

#include <stdlib.h>
#include <time.h>

static int64_t read_us(clockid_t id)
{
	struct timespec now;
	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000;
}

int64_t clock_wall_us(void)
{
	int64_t shift_us = 0;
#ifdef TAPEDECK_TEST_CLOCK
	const char *shift_s = getenv("TAPEDECK_TEST_WALL_SHIFT_S");
	if (shift_s)
		shift_us = atoll(shift_s) * US_PER_SECOND;
#endif
	return read_us(CLOCK_REALTIME) + shift_us;
}

int64_t clock_mono_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}
