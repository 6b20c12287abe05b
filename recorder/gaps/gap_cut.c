/* What REST cannot give of a gap: that part becomes a row of its own, and the rest goes on. */
#include "recorder/gaps/gap_internal.h"

#include <stddef.h>
#include <stdio.h>

static struct gap *part(struct gaps *g, const struct gap *of, int64_t from_us, int64_t to_us, int64_t from_id, int64_t to_id)
{
	struct gap_mark mark = { .gap_id = atomic_fetch_add(&g->next_gap_id, 1), .from_us = from_us, .to_us = to_us, .from_id = from_id, .to_id = to_id,
		                 .reason = of->mark.reason };
	struct gap *gap = gap_add(g, of->market, &mark, of->older_ref_us);
	gap->live_mono_us = of->live_mono_us;
	gap->older = of->older;
	gap->newer = of->newer;
	return gap;
}

void gaps_doubt_part(struct gaps *g, const struct gap *gap, const struct history_cut *lost, const char *note, int64_t again_mono_us)
{
	struct gap *doubted = part(g, gap, lost->from_us, lost->to_us, lost->from_id, lost->to_id);
	snprintf(doubted->mark.note, sizeof doubted->mark.note, "%s", note);
	doubted->doubted = true;
	doubted->not_before_mono_us = again_mono_us;
	gaps_put(g, doubted);
}

static void set_range(struct gap *gap, int64_t from_us, int64_t to_us, int64_t from_id, int64_t to_id)
{
	gap->mark.from_us = from_us;
	gap->mark.to_us = to_us > from_us ? to_us : from_us + 1;
	gap->mark.from_id = from_id;
	gap->mark.to_id = to_id;
}

void gaps_cut(struct gaps *g, struct gap *gap, const char *note, int64_t now_mono_us)
{
	struct market_state *s = &g->states[gap->market];
	struct history_cut cut = gap->history.cut;
	const struct gap_mark was = gap->mark;
	bool newest_first = gap_exchange_of(g, gap->market)->history->newest_first;
	if (newest_first && cut.from_us >= was.to_us)
		return; /* beyond the gap: where its end was not known by the exchange's clock, all was asked for */
	if (cut.to_us > was.to_us)
		cut.to_us = was.to_us;
	if (cut.to_us <= cut.from_us)
		cut.to_us = cut.from_us + 1; /* REST has an older trade behind it: one of an earlier counting of ids */
	/* pages came from the one end, and go on to the other */
	bool has_done = newest_first ? cut.to_us < was.to_us : was.from_id != GAP_NO_ID ? cut.from_id > was.from_id : cut.from_us > was.from_us;
	bool ends_by_time = was.to_id == GAP_NO_ID && cut.to_id == GAP_NO_ID;
	bool has_rest = newest_first ? was.from_us < cut.from_us : ends_by_time ? cut.to_us < was.to_us : was.to_id == GAP_NO_ID || cut.to_id < was.to_id;

	struct gap *rest = has_rest ? gap : NULL;
	if (has_done && has_rest) {
		rest = part(g, gap, 0, was.to_us, GAP_NO_ID, GAP_NO_ID);
		rest->asked = true;
		rest->history = gap->history;
		s->waiting = s->waiting == gap ? rest : s->waiting;
		s->skip = s->skip == gap ? NULL : s->skip;
	}
	if (has_done || has_rest) {
		struct gap *lost = part(g, gap, cut.from_us, cut.to_us, cut.from_id, cut.to_id);
		gaps_close(g, lost, GAP_UNFILLABLE, note, now_mono_us);
	}
	if (rest) {
		if (newest_first)
			set_range(rest, was.from_us, cut.from_us, GAP_NO_ID, GAP_NO_ID);
		else
			set_range(rest, cut.to_us - 1, was.to_us, cut.to_id == GAP_NO_ID ? GAP_NO_ID : cut.to_id + 1, was.to_id);
		rest->history.from_us = rest->mark.from_us;
		rest->history.to_us = rest->mark.to_us;
		rest->history.from_id = rest->mark.from_id;
		gaps_put(g, rest);
	}
	if (has_done) {
		if (newest_first)
			set_range(gap, cut.to_us, was.to_us, GAP_NO_ID, GAP_NO_ID);
		else
			set_range(gap, was.from_us, cut.from_us, was.from_id, cut.from_id == GAP_NO_ID ? GAP_NO_ID : cut.from_id - 1);
		gaps_close(g, gap, GAP_FILLED, "", now_mono_us);
	} else if (!has_rest) {
		set_range(gap, cut.from_us, cut.to_us, cut.from_id, cut.to_id);
		gaps_close(g, gap, GAP_UNFILLABLE, note, now_mono_us);
	}
}
