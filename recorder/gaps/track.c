#include "recorder/gaps/track.h"

#include <stdlib.h>
#include <string.h>

#define BEHIND_US US_PER_SECOND /* one connection brings a thing so much later than another */

void carrier_init(struct carrier *c, struct gaps *gaps, const struct exchange *exchange)
{
	*c = (struct carrier){ .gaps = gaps };
	c->coverage = (struct coverage){ .gaps = gaps, .time = &gaps->times[gaps_exchange(gaps, exchange)] };
}

void carrier_release(struct carrier *c)
{
	free(c->live_mono_us_of);
	c->live_mono_us_of = NULL;
	c->coverage.live_mono_us_of = NULL;
	c->coverage.trades = NULL;
	c->live_room = 0;
}

bool carrier_join(struct carrier *c, const struct market_set *trades, size_t market_count, int64_t now_mono_us)
{
	carrier_release(c);
	c->live_mono_us_of = calloc(market_count, sizeof *c->live_mono_us_of);
	if (!c->live_mono_us_of)
		return false;
	c->live_room = market_count;
	c->coverage.live_mono_us_of = c->live_mono_us_of;
	c->coverage.trades = trades;
	coverage_begin(&c->coverage, now_mono_us);
	return true;
}

bool carrier_carries(const struct carrier *c, uint32_t market)
{
	return market < c->live_room && c->live_mono_us_of[market] != 0;
}

void carrier_live(struct carrier *c, uint32_t market, int64_t now_mono_us)
{
	if (carrier_carries(c, market))
		return;
	c->live_mono_us_of[market] = now_mono_us;
	if (!gaps_knows(c->gaps, market))
		return;
	coverage_start(&c->coverage, market, now_mono_us);
	gaps_live(c->gaps, market, now_mono_us);
}

void carrier_trade(struct carrier *c, const struct trade *trade, enum carried carried, int64_t now_mono_us)
{
	gaps_trade(c->gaps, trade->market, trade, carried, now_mono_us);
	coverage_prove_trade(&c->coverage, trade->time_us, now_mono_us);
}

void carrier_pong(struct carrier *c, int64_t sent_mono_us, int64_t now_mono_us)
{
	coverage_prove_ping(&c->coverage, sent_mono_us, now_mono_us);
}

void carrier_missed(struct carrier *c, uint32_t market, enum gap_reason reason, int64_t now_mono_us)
{
	const struct market_set *trades = c->coverage.trades;
	for (size_t i = 0; trades && i < trades->count; i++)
		if (market == NO_MARKET || market == trades->markets[i])
			gaps_missed(c->gaps, trades->markets[i], reason, now_mono_us);
	if (market != NO_MARKET && carrier_carries(c, market))
		gaps_doubt(c->gaps, market, now_mono_us);
}

void carrier_slept(struct carrier *c, int64_t slept_us)
{
	coverage_slept(&c->coverage, slept_us);
}

void carrier_tell(struct carrier *c, bool last, int64_t now_mono_us)
{
	const struct market_set *trades = c->coverage.trades;
	for (size_t i = 0; trades && i < trades->count; i++)
		if (carrier_carries(c, trades->markets[i]))
			gaps_look_at_doubt(c->gaps, trades->markets[i], last, now_mono_us);
	coverage_push(&c->coverage);
}

bool carrier_is_through(const struct carrier *c, const struct carrier *successor, int64_t since_mono_us)
{
	return c->coverage.ping_mono_us >= since_mono_us && c->coverage.trade_us + BEHIND_US >= successor->coverage.trade_us;
}

void carrier_leave(struct carrier *c, const struct carrier *other, bool is_successor, bool proved, enum gap_reason reason,
                   int64_t now_mono_us)
{
	const struct market_set *trades = c->coverage.trades;
	coverage_push(&c->coverage);
	int64_t proved_us = proved ? INT64_MAX : c->coverage.trade_us; /* its pongs prove the line, not the data */
	for (size_t i = 0; trades && i < trades->count; i++) {
		uint32_t market = trades->markets[i];
		if (!carrier_carries(c, market))
			continue;
		if (!other || !carrier_carries(other, market)) {
			gaps_lost(c->gaps, market, reason, now_mono_us);
			coverage_end(&c->coverage, market);
		} else if (is_successor) {
			gaps_overlapped(c->gaps, market, proved_us, other->live_mono_us_of[market], now_mono_us);
		} else {
			gaps_successor_lost(c->gaps, market);
		}
	}
	if (c->live_mono_us_of)
		memset(c->live_mono_us_of, 0, c->live_room * sizeof *c->live_mono_us_of);
}
