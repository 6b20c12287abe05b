#include "query/screen/board.h"

#include "query/context.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define NOTE_US (60 * US_PER_SECOND)
#define LAG_US (60 * US_PER_SECOND)

double decimal_double(const struct decimal *d)
{
	double mantissa = ((double)d->limb[2] * 0x1p64 + (double)d->limb[1]) * 0x1p64 + (double)d->limb[0];
	return mantissa / pow(10, d->scale);
}

double exact_double(const struct exact *e)
{
	return mpz_get_d(e->mantissa) / pow(10, e->scale);
}

void board_say(struct board *b, int64_t now_us, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(b->note, sizeof b->note, format, args);
	va_end(args);
	b->note_until_us = now_us + NOTE_US;
	b->version++;
}

static double change(const struct board_market *m, const struct decimal *from)
{
	double before = decimal_double(from);
	return before > 0 ? (decimal_double(&m->price) - before) / before * 100 : NAN;
}

double board_day_change(const struct board_market *m, int64_t now_us)
{
	bool today = m->traded && m->last_us >= now_us - now_us % US_PER_DAY;
	return today && m->has_day ? change(m, &m->day_price) : NAN;
}

double board_hour_change(const struct board_market *m, int64_t now_us)
{
	bool lately = m->traded && m->last_us >= now_us - 60 * US_PER_MINUTE;
	return lately && m->has_hour ? change(m, &m->hour_price) : NAN;
}

static const struct board_minute *minute_of(const struct board_market *m, int64_t minute)
{
	const struct board_minute *at = &m->minutes[(uint64_t)minute % BOARD_MINUTES];
	return at->minute == minute && at->trades > 0 ? at : NULL;
}

int64_t board_per_minute(const struct board_market *m, int64_t now_us)
{
	int64_t minute = now_us / US_PER_MINUTE;
	const struct board_minute *now = minute_of(m, minute);
	return (now ? now->trades : 0) + (m->tail_minute == minute ? m->tail : 0);
}

void board_spark(const struct board_market *m, int64_t now_us, double values[static SPARK_MINUTES])
{
	int64_t first = now_us / US_PER_MINUTE - SPARK_MINUTES + 1;
	double price = NAN;
	for (int64_t minute = first + SPARK_MINUTES - BOARD_MINUTES; minute < first; minute++)
		if (minute_of(m, minute))
			price = decimal_double(&minute_of(m, minute)->close);
	for (int i = 0; i < SPARK_MINUTES; i++) {
		const struct board_minute *at = minute_of(m, first + i);
		if (at)
			price = decimal_double(&at->close);
		values[i] = price;
	}
}

bool board_ahead(const struct board_market *m, int64_t now_us)
{
	return m->traded && m->last_us - now_us > AHEAD_US;
}

bool board_quiet(const struct board *b, const struct board_market *m, int64_t now_us)
{
	enum life life = b->health.life.life;
	bool listening = m->market.wanted && (life == LIFE_ALIVE || life == LIFE_NEVER);
	return listening && m->traded && pace_quiet(&m->pace, now_us);
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

bool board_lag(const struct board *b, int64_t now_us, int64_t *lag_us)
{
	int64_t *lags = malloc((b->count + 1) * sizeof *lags);
	size_t count = 0;
	for (size_t i = 0; lags && i < b->count; i++) {
		const struct board_market *m = &b->markets[i];
		if (m->traded && m->received && m->last_us >= now_us - LAG_US && !board_ahead(m, now_us))
			lags[count++] = m->lag_us;
	}
	if (count > 0) {
		qsort(lags, count, sizeof *lags, by_value);
		*lag_us = lags[count / 2];
	}
	free(lags);
	return count > 0;
}
