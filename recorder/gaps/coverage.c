#include "recorder/gaps/coverage.h"

/* What finds no place is said again with the next, which reaches farther. */
static void tell(struct coverage *c, uint32_t market, int64_t from_us, int64_t to_us)
{
	struct market_state *state = &c->gaps->states[market];
	if (c->gaps->sink.coverage(c->gaps->sink.arg, market, from_us, to_us) && to_us > state->accounted_us)
		state->accounted_us = to_us;
}

void coverage_begin(struct coverage *c, int64_t now_mono_us)
{
	c->trade_us = c->ping_mono_us = c->told_us = 0;
	c->moved_mono_us = now_mono_us;
}

void coverage_start(struct coverage *c, uint32_t market, int64_t now_mono_us)
{
	struct market_state *state = &c->gaps->states[market];
	int64_t from_us = exchange_clock_at_most_us(c->time, now_mono_us);
	if (state->covered_from_us != 0)
		return;
	state->covered_from_us = from_us;
	/* nothing yet; but from now on the tape knows that the market is being recorded */
	tell(c, market, from_us, from_us);
}

/* A trade from beyond the exchange's clock proves no more than that clock. */
void coverage_prove_trade(struct coverage *c, int64_t time_us, int64_t now_mono_us)
{
	int64_t clock_us = exchange_clock_at_most_us(c->time, now_mono_us);
	if (time_us > clock_us)
		time_us = clock_us;
	if (time_us <= c->trade_us)
		return;
	c->trade_us = time_us;
	c->moved_mono_us = now_mono_us;
}

void coverage_prove_ping(struct coverage *c, int64_t sent_mono_us, int64_t now_mono_us)
{
	if (sent_mono_us <= c->ping_mono_us)
		return;
	c->ping_mono_us = sent_mono_us;
	c->moved_mono_us = now_mono_us;
}

void coverage_slept(struct coverage *c, int64_t slept_us)
{
	if (c->ping_mono_us == 0)
		return;
	int64_t ping_us = exchange_clock_at_least_us(c->time, c->ping_mono_us);
	if (exchange_clock_guessed(c->time))
		ping_us -= slept_us; /* the guess is by a wall clock that went on */
	if (ping_us > c->trade_us)
		c->trade_us = ping_us;
	c->ping_mono_us = 0;
}

int64_t coverage_to_us(const struct coverage *c)
{
	int64_t ping_us = c->ping_mono_us != 0 ? exchange_clock_at_least_us(c->time, c->ping_mono_us) : 0;
	return ping_us > c->trade_us ? ping_us : c->trade_us;
}

void coverage_push(struct coverage *c)
{
	int64_t to_us = coverage_to_us(c);
	if (c->told_us >= to_us)
		return;
	c->told_us = to_us;
	for (size_t i = 0; c->trades && i < c->trades->count; i++) {
		uint32_t market = c->trades->markets[i];
		const struct market_state *state = &c->gaps->states[market];
		if (c->live_mono_us_of[market] != 0 && state->covered_from_us != 0 && to_us >= state->covered_from_us)
			tell(c, market, state->covered_from_us, to_us);
	}
}

void coverage_end(struct coverage *c, uint32_t market)
{
	c->gaps->states[market].covered_from_us = 0;
}
