#include "recorder/gaps/exchange_clock.h"

#include "schema/base/timefmt.h"

#include <string.h>

#define STRETCH_US (5 * US_PER_SECOND)
#define LEAST_SAMPLES 3
#define APART_US (US_PER_SECOND / 20)     /* between two samples: a sweep of many trades is one */
#define REMEMBERED_US (20 * US_PER_MINUTE)
#define ON_THE_WAY_US (2 * US_PER_SECOND) /* half of all trades are no longer than that */
#define OURS_OFF_US US_PER_MINUTE         /* our wall clock is no witness where it is farther off than this */

static int64_t median(const struct exchange_clock *c)
{
	return c->stretch.ahead_us[(c->stretch.count - 1) / 2];
}

static void end_stretch(struct exchange_clock *c, int64_t mono_us)
{
	size_t kept = c->stretch_count < EXCHANGE_CLOCK_STRETCHES ? c->stretch_count++ : EXCHANGE_CLOCK_STRETCHES - 1;
	memmove(&c->stretches[1], &c->stretches[0], kept * sizeof c->stretches[0]);
	c->stretches[0].ahead_us = median(c);
	c->stretches[0].ended_mono_us = mono_us;
	while (c->stretch_count > 1 && mono_us - c->stretches[c->stretch_count - 1].ended_mono_us > REMEMBERED_US)
		c->stretch_count--;
	c->stretch.count = 0;
}

void exchange_clock_sample(struct exchange_clock *c, int64_t trade_us, int64_t mono_us)
{
	int64_t ahead_us = trade_us - mono_us;
	if (c->stretch.count >= LEAST_SAMPLES && mono_us - c->stretch.began_mono_us > STRETCH_US)
		end_stretch(c, mono_us);
	if (c->stretch.count == 0)
		c->stretch.began_mono_us = mono_us;
	else if (mono_us - c->stretch.taken_mono_us < APART_US || c->stretch.count == EXCHANGE_CLOCK_SAMPLES)
		return;
	c->stretch.taken_mono_us = mono_us;
	size_t at = c->stretch.count++;
	for (; at > 0 && c->stretch.ahead_us[at - 1] > ahead_us; at--)
		c->stretch.ahead_us[at] = c->stretch.ahead_us[at - 1];
	c->stretch.ahead_us[at] = ahead_us;
	if (c->stretch_count == 0 && c->stretch.count == LEAST_SAMPLES)
		end_stretch(c, mono_us); /* the first word on it is wanted soon */
}

bool exchange_clock_known(const struct exchange_clock *c)
{
	return c->stretch_count > 0;
}

bool exchange_clock_guessed(const struct exchange_clock *c)
{
	return c->stretch.count == 0 && c->stretch_count == 0;
}

/* The second largest: one stretch may have held nothing but nonsense. */
static int64_t most_ahead_us(const struct exchange_clock *c)
{
	int64_t most_us = INT64_MIN, second_us = INT64_MIN;
	for (size_t i = 0; i < c->stretch_count; i++) {
		int64_t ahead_us = c->stretches[i].ahead_us;
		if (ahead_us > most_us) {
			second_us = most_us;
			most_us = ahead_us;
		} else if (ahead_us > second_us) {
			second_us = ahead_us;
		}
	}
	return c->stretch_count > 1 ? second_us : most_us;
}

static int64_t least_ahead_us(const struct exchange_clock *c)
{
	int64_t most_us = most_ahead_us(c), newest_us = c->stretches[0].ahead_us;
	if (c->stretch.count >= LEAST_SAMPLES && median(c) < newest_us)
		newest_us = median(c);
	return newest_us < most_us ? newest_us : most_us;
}

int64_t exchange_clock_at_least_us(const struct exchange_clock *c, int64_t mono_us)
{
	if (exchange_clock_guessed(c))
		return mono_us + c->wall_ahead_us + (c->hint_us < 0 ? c->hint_us : 0);
	if (!exchange_clock_known(c)) { /* by the slowest of one or two trades, which may be of any time: not beyond our own clock */
		int64_t ours_us = c->wall_ahead_us + (c->hint_us > 0 ? c->hint_us : 0) + ON_THE_WAY_US;
		return mono_us + (c->stretch.ahead_us[0] < ours_us ? c->stretch.ahead_us[0] : ours_us);
	}
	return mono_us + least_ahead_us(c);
}

int64_t exchange_clock_at_most_us(const struct exchange_clock *c, int64_t mono_us)
{
	int64_t ours_us = c->wall_ahead_us;
	if (!exchange_clock_known(c))
		return mono_us + ours_us + (c->hint_us > 0 ? c->hint_us : 0) + ON_THE_WAY_US;
	/* All that came may have been late from the start; our own clock knows better, if it is any good. */
	int64_t ahead_us = most_ahead_us(c);
	if (ours_us > ahead_us && ours_us - ahead_us <= OURS_OFF_US)
		ahead_us = ours_us;
	return mono_us + ahead_us + ON_THE_WAY_US;
}
