/* What a trade says of itself, and how running ids lead to it. */
#include "market.h"

struct dec trade_price(const struct trade *t)
{
	return (struct dec){ t->price_units, t->price_scale };
}

struct dec trade_size(const struct trade *t)
{
	return (struct dec){ t->size_units, t->size_scale };
}

struct dec trade_size_of_aggregate(const struct trade *t)
{
	static const int64_t power[] = { 100000000, 10000000, 1000000, 100000, 10000, 1000, 100, 10, 1 };
	int64_t units = 0;

	/* a burst lies in the log without a gap */
	for (uint32_t i = 0; i < t->agg_count; i++) {
		const struct trade *part = market_trade(t->place - i);

		units += part->size_units * power[part->size_scale];
	}
	return (struct dec){ units, 8 };
}

int64_t trade_ms(const struct trade *t)
{
	return t->time_us / 1000;
}

int64_t trade_sent_time(const struct trade *t, int64_t unit_us)
{
	return t->time_us / (t->in_seconds ? 1000000 : unit_us);
}

int64_t trade_due_ms(const struct trade *t)
{
	return t->made_us / 1000 + t->late_ms;
}

const struct era *trade_era(const struct trade *t)
{
	return &market_at(t->market)->eras[t->era];
}

uint64_t market_from_id(const struct market *m, uint64_t id, bool aggregates)
{
	unsigned len = atomic_load(&m->eras_len);
	uint64_t best = UINT64_MAX, found = UINT64_MAX;

	for (unsigned i = 0; i < len; i++) {
		const struct era *e = &m->eras[i];
		uint64_t first = aggregates ? e->first_other : e->first_id, begin = aggregates ? e->agg : e->serial;
		uint64_t count = i + 1 == len ? UINT32_MAX : (aggregates ? m->eras[i + 1].agg : m->eras[i + 1].serial) - begin;
		uint64_t at = id > first ? id - first : 0;

		if (e->forget)
			best = found = UINT64_MAX;
		if (at < count && first + at < best) {
			best = first + at;
			found = begin + at;
		}
	}
	return found;
}
