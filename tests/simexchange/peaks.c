#include "peaks.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"

#define SECOND_US INT64_C(1000000)
#define FIVE_MINUTES_US INT64_C(300000000)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
	int64_t *at_us;       /* owned: when each came */
	size_t len, room;
	size_t second, five;  /* the first within a second of the last, and within five minutes */
	uint64_t most_in_a_second, most_in_five;
} peaks[PEAKS];

uint64_t peak_count(enum peak what)
{
	int64_t now = clock_mono_us();
	uint64_t in_five;

	pthread_mutex_lock(&lock);
	if (peaks[what].len == peaks[what].room) {
		peaks[what].room = peaks[what].room ? peaks[what].room * 2 : 256;
		peaks[what].at_us = realloc(peaks[what].at_us, peaks[what].room * sizeof *peaks[what].at_us);
		if (!peaks[what].at_us) {
			fputs("simexchange: out of memory\n", stderr);
			abort();
		}
	}
	peaks[what].at_us[peaks[what].len++] = now;
	while (peaks[what].at_us[peaks[what].second] <= now - SECOND_US)
		peaks[what].second++;
	while (peaks[what].at_us[peaks[what].five] <= now - FIVE_MINUTES_US)
		peaks[what].five++;
	in_five = peaks[what].len - peaks[what].five;
	if (peaks[what].len - peaks[what].second > peaks[what].most_in_a_second)
		peaks[what].most_in_a_second = peaks[what].len - peaks[what].second;
	if (in_five > peaks[what].most_in_five)
		peaks[what].most_in_five = in_five;
	pthread_mutex_unlock(&lock);
	return in_five;
}

uint64_t peak_second(enum peak what)
{
	return peaks[what].most_in_a_second;
}

uint64_t peak_five_minutes(enum peak what)
{
	return peaks[what].most_in_five;
}

void peaks_release(void)
{
	for (unsigned i = 0; i < PEAKS; i++)
		free(peaks[i].at_us);
}
