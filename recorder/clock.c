#include "recorder/clock.h"

#include "schema/base/timefmt.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
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

int64_t clock_boot_us(void)
{
	int64_t slept_us = 0;
#ifdef TAPEDECK_TEST_CLOCK
	static _Atomic int64_t first_us;
	const char *sleep = getenv("TAPEDECK_TEST_SLEEP"), *colon = sleep ? strchr(sleep, ':') : NULL;
	int64_t none = 0;
	atomic_compare_exchange_strong(&first_us, &none, clock_mono_us());
	if (colon && clock_mono_us() - atomic_load(&first_us) >= atoll(sleep) * US_PER_SECOND)
		slept_us = atoll(colon + 1) * US_PER_SECOND;
#endif
	return read_us(CLOCK_BOOTTIME) + slept_us;
}
