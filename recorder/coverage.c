#include "recorder/coverage.h"

static void tell(struct coverage *c, uint32_t market, struct coverage_mark mark)
{
	struct item item = { .kind = ITEM_COVERAGE, .market = market, .mark = mark };
	if (queue_push(c->net->queue, &item) == QUEUE_FULL)
		net_throttle(c->net);
}

/* The n-th of the connection's markets whose trades are recorded; NULL behind the last. */
static struct market_state *nth(const struct coverage *c, size_t n, uint32_t *market)
{
	const struct market_set *set = &c->connection->wanted.trades;
	if (n >= set->count)
		return NULL;
	*market = set->markets[n];
	return &c->plan->states[*market];
}

void coverage_begin(struct coverage *c, int64_t now_mono_us)
{
	c->to_us = c->told_us = 0;
	c->moved_mono_us = now_mono_us;
}

void coverage_start(struct coverage *c, int64_t now_mono_us)
{
	struct market_state *state;
	uint32_t market;
	int64_t from_us = exchange_time_at_most_us(c->time, now_mono_us);
	for (size_t i = 0; (state = nth(c, i, &market)); i++)
		if (state->covered_from_us == 0)
			state->covered_from_us = from_us;
}

void coverage_prove(struct coverage *c, int64_t to_us, int64_t now_mono_us)
{
	int64_t clock_us = exchange_time_at_most_us(c->time, now_mono_us);
	if (to_us > clock_us)
		to_us = clock_us;
	if (to_us <= c->to_us)
		return;
	c->to_us = to_us;
	c->moved_mono_us = now_mono_us;
}

void coverage_push(struct coverage *c)
{
	struct market_state *state;
	uint32_t market;
	if (c->told_us >= c->to_us)
		return;
	c->told_us = c->to_us;
	for (size_t i = 0; (state = nth(c, i, &market)); i++)
		if (state->covered_from_us != 0 && c->to_us >= state->covered_from_us)
			tell(c, market, (struct coverage_mark){ .from_us = state->covered_from_us, .to_us = c->to_us });
}

void coverage_end(struct coverage *c)
{
	struct market_state *state;
	uint32_t market;
	coverage_push(c);
	for (size_t i = 0; (state = nth(c, i, &market)); i++)
		state->covered_from_us = 0;
	c->to_us = c->told_us = 0;
}
