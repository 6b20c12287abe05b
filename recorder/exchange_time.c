#include "recorder/exchange_time.h"

#include "recorder/clock.h"
#include "schema/timefmt.h"

#define BUCKET_US (10 * US_PER_MINUTE)
#define ON_THE_WAY_US (2 * US_PER_SECOND) /* the fastest of some trades is no longer than that */

void exchange_time_sample(struct exchange_time *e, int64_t trade_us, int64_t mono_us)
{
	int64_t ahead_us = trade_us - mono_us;
	if (e->now.count == EXCHANGE_TIME_BEST && mono_us - e->began_mono_us > BUCKET_US) {
		e->before = e->now;
		e->now.count = 0;
	}
	if (e->now.count == 0)
		e->began_mono_us = mono_us;
	unsigned at = e->now.count < EXCHANGE_TIME_BEST ? e->now.count++ : EXCHANGE_TIME_BEST;
	for (; at > 0 && e->now.best_us[at - 1] < ahead_us; at--)
		if (at < EXCHANGE_TIME_BEST)
			e->now.best_us[at] = e->now.best_us[at - 1];
	if (at < EXCHANGE_TIME_BEST)
		e->now.best_us[at] = ahead_us;
}

bool exchange_time_known(const struct exchange_time *e)
{
	return e->now.count == EXCHANGE_TIME_BEST || e->before.count == EXCHANGE_TIME_BEST;
}

bool exchange_time_guessed(const struct exchange_time *e)
{
	return e->now.count == 0 && e->before.count == 0;
}

static int64_t offset_us(const struct exchange_time *e)
{
	const int third = EXCHANGE_TIME_BEST - 1;
	bool now = e->now.count == EXCHANGE_TIME_BEST, before = e->before.count == EXCHANGE_TIME_BEST;
	if (now && before)
		return e->now.best_us[third] > e->before.best_us[third] ? e->now.best_us[third] : e->before.best_us[third];
	return now ? e->now.best_us[third] : e->before.best_us[third];
}

static int64_t wall_offset_us(void)
{
	return clock_wall_us() - clock_mono_us();
}

int64_t exchange_time_at_least_us(const struct exchange_time *e, int64_t mono_us)
{
	if (exchange_time_guessed(e))
		return mono_us + wall_offset_us() + (e->hint_us < 0 ? e->hint_us : 0);
	if (!exchange_time_known(e)) /* so far it was there, by the slowest of one or two trades */
		return mono_us + e->now.best_us[e->now.count - 1];
	return mono_us + offset_us(e);
}

int64_t exchange_time_at_most_us(const struct exchange_time *e, int64_t mono_us)
{
	if (!exchange_time_known(e))
		return mono_us + wall_offset_us() + (e->hint_us > 0 ? e->hint_us : 0) + ON_THE_WAY_US;
	return mono_us + offset_us(e) + ON_THE_WAY_US;
}
