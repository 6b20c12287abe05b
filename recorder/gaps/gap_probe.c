/* Where ids prove, a market that says nothing may be quiet, or deaf: REST is asked now and then whether it has more.  That is a gap
 * of no ledger until it has: then the market is mute (gaps_mute), and what it says is asked for as for any other gap. */
#include "recorder/gaps/gap_internal.h"

void gaps_probe(struct gaps *g, uint32_t market, int64_t quiet_us, int64_t now_mono_us)
{
	struct market_state *s = &g->states[market];
	const struct exchange *exchange = gap_exchange_of(g, market);
	int64_t heard_mono_us = s->arrivals > 0 && s->arrived[0].mono_us > s->live_mono_us ? s->arrived[0].mono_us : s->live_mono_us;
	if (!exchange->ids_step || !exchange->history || s->probed || (!s->mute && (!s->live || s->waiting)) ||
	    now_mono_us - heard_mono_us < quiet_us)
		return;
	int64_t live_us = exchange_clock_at_least_us(gap_time_of(g, market), s->live_mono_us);
	struct gap_mark mark = { .from_us = s->next_id != GAP_NO_ID ? s->last_us : live_us, .from_id = s->next_id, .to_id = GAP_NO_ID,
		                 .reason = GAP_AUDIT };
	mark.to_us = exchange_clock_at_most_us(gap_time_of(g, market), now_mono_us);
	if (mark.to_us <= mark.from_us)
		return; /* it is dated ahead */
	struct gap *gap = gap_add(g, market, &mark, INT64_MIN);
	gap->probe = s->probed = true;
	gap->history.to_us = mark.to_us;
	gap_is_over(g, gap, now_mono_us, true, now_mono_us);
}

bool gaps_probe_finds(struct gaps *g, const struct gap *gap, const struct trade *trade, int64_t now_mono_us)
{
	const struct market_state *s = &g->states[gap->market];
	int64_t settled_us = exchange_clock_at_least_us(gap_time_of(g, gap->market), now_mono_us - GAP_SETTLE_US);
	return trade->id.kind == TRADE_ID_NUMBER && (s->next_id == GAP_NO_ID || trade->id.number >= s->next_id) &&
	       trade->time_us >= gap->mark.from_us && (s->mute || trade->time_us < settled_us); /* else it may be on its way */
}

void gaps_probed(struct gaps *g, struct gap *gap, bool found, int64_t now_mono_us)
{
	uint32_t market = gap->market;
	const struct market_state *s = &g->states[market];
	gaps_close(g, gap, GAP_FILLED, "", now_mono_us);
	if (found && (s->mute || (s->live && !s->waiting)))
		gaps_mute(g, market, now_mono_us);
	else if (!found && s->mute)
		gaps_live(g, market, now_mono_us); /* nothing more is traded there: nothing is missed */
}
