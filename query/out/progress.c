#include "query/out/progress.h"

#include "query/out/out.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define FIRST_US US_PER_SECOND
#define EVERY_US (US_PER_SECOND / 4)

static int64_t mono_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000;
}

void progress_init(struct progress *p, bool wanted)
{
	*p = (struct progress){ .start_us = mono_us(), .wanted = wanted && isatty(STDERR_FILENO) };
}

/* 12345678 as 12,345,678: for the eye, never for data. */
static void with_commas(uint64_t value, char *text)
{
	char digits[INTEGER_TEXT_SIZE];
	size_t len = integer_format((int64_t)value, digits);
	for (size_t i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			*text++ = ',';
		*text++ = digits[i];
	}
	*text = '\0';
}

void progress_tick(struct progress *p, uint64_t rows, const char *market)
{
	if (!p->wanted)
		return;
	int64_t now_us = mono_us(), took_us = now_us - p->start_us;
	if (took_us < FIRST_US || now_us - p->shown_us < EVERY_US)
		return;
	p->shown_us = now_us;
	p->visible = true;
	char count[2 * INTEGER_TEXT_SIZE], rate[2 * INTEGER_TEXT_SIZE];
	with_commas(rows, count);
	with_commas(rows * 1000 / (uint64_t)(took_us / 1000), rate);
	fprintf(stderr, "\r\033[K%s trades, %s a second, at %s", count, rate, market);
	fflush(stderr);
}

void progress_clear(struct progress *p)
{
	if (p->visible)
		fputs("\r\033[K", stderr);
	p->visible = false;
}
