/* What REST is to be asked for, gap by gap, and when a gap is given whole: backfill.c does the asking. */
#include "recorder/gaps/gap_internal.h"

#include "schema/base/timefmt.h"

#define END_SLACK_US (3 * US_PER_SECOND) /* the first trades may have been late, and the exchange's clock is farther than they told */
#define LEAD_US (30 * US_PER_SECOND)    /* references that are older may be out of REST's reach */
#define LAG_MAX_US (5 * US_PER_MINUTE)   /* no REST is so far behind the sockets */

struct gap *gaps_next(const struct gaps *g, size_t exchange, int64_t now_mono_us, int64_t *next_mono_us)
{
	struct gap *best = NULL;
	*next_mono_us = INT64_MAX;
	for (struct gap *gap = g->open[exchange]; gap; gap = gap->next) {
		if (gap->mark.state != GAP_OPEN || gap->live_mono_us == 0)
			continue;
		if (gap->not_before_mono_us > now_mono_us)
			*next_mono_us = gap->not_before_mono_us < *next_mono_us ? gap->not_before_mono_us : *next_mono_us;
		else if (!best || (best->probe && !gap->probe) || (best->probe == gap->probe && gap->mark.from_us > best->mark.from_us))
			best = gap;
	}
	return best;
}

bool gaps_nothing_left(const struct gap *gap)
{
	int64_t next_id = gap->history.begun ? gap->history.next_id : gap->mark.from_id;
	return gap->mark.from_id != GAP_NO_ID && gap->mark.to_id != GAP_NO_ID && next_id > gap->mark.to_id;
}

/* The oldest trade behind the gap that we know of: when REST knows it, too, it knows all of the gap.  What ended long ago
 * needs none. */
static int64_t newer_ref_of(const struct market_state *s, int64_t to_us, int64_t exchange_now_us)
{
	const int64_t known_us[] = { s->older_ref_us, s->next_older_ref_us, s->newest_us };
	for (size_t i = 0; i < sizeof known_us / sizeof *known_us && to_us > exchange_now_us - LAG_MAX_US; i++)
		if (known_us[i] >= to_us && known_us[i] <= exchange_now_us + LAG_MAX_US)
			return known_us[i];
	return INT64_MIN;
}

void gaps_ask(struct gaps *g, struct gap *gap, const char *symbol, int64_t oldest_us, int64_t exchange_now_us)
{
	const struct exchange *exchange = gap_exchange_of(g, gap->market);
	bool newest_first = exchange->history->newest_first, known = exchange_clock_known(gap_time_of(g, gap->market));
	struct market_state *s = &g->states[gap->market];
	if (gap->mark.reason != GAP_NOT_RUNNING)
		oldest_us = INT64_MIN;
	gaps_look_at_end(g, gap);
	int64_t to_us = gap->mark.to_us;
	if (gap->ends_by_clock)
		to_us = !known ? INT64_MAX : newest_first ? to_us + END_SLACK_US : to_us;
	gap->asked = true;
	gap->compared = gap->compared && newest_first;
	gap->laters = gap->failures = 0;
	gap->history = (struct history){
		.symbol = symbol,
		.from_us = newest_first && gap->mark.from_us < oldest_us ? oldest_us : gap->mark.from_us,
		.to_us = to_us,
		.from_id = gap->mark.from_id,
		.to_id = gap->mark.to_id,
		.lead = newest_first || gap->mark.from_id == GAP_NO_ID ? 0 :
		        references_before(&gap->older, gap->mark.from_id, gap->mark.from_us - LEAD_US),
		.older_ref_us = gap->older_ref_us,
		.newer_ref_us = newest_first ? newer_ref_of(s, gap->mark.to_us, exchange_now_us) : INT64_MIN,
	};
	if (s->waiting == gap && newest_first)
		s->waiting = NULL; /* what is lost from now on is another gap's */
}

void gaps_given(struct gaps *g, struct gap *gap, int64_t asked_mono_us, int64_t now_mono_us)
{
	bool newest_first = gap_exchange_of(g, gap->market)->history->newest_first;
	bool open_end = !newest_first && gap->mark.to_id == GAP_NO_ID;
	/* An end that no trade has shown is one only if REST was asked long enough after the stream was whole again. */
	if (gap->live_mono_us == 0 || (open_end && asked_mono_us < gap->live_mono_us + GAP_SETTLE_US)) {
		gap->not_before_mono_us = gap->live_mono_us + GAP_SETTLE_US;
		return;
	}
	if (newest_first && gap->history.from_us > gap->mark.from_us) {
		gap->history.cut = (struct history_cut){ gap->mark.from_us, gap->history.from_us, HISTORY_NO_ID, HISTORY_NO_ID };
		gaps_cut(g, gap, "older than --fill-limit", now_mono_us);
		return;
	}
	gaps_look_at_end(g, gap);
	if (gap->end_guessed && gap->mark.to_us - GUESS_SLACK_US > gap->mark.from_us)
		gap->mark.to_us -= GUESS_SLACK_US; /* REST gave all up to its newest */
	gaps_close(g, gap, GAP_FILLED, "", now_mono_us);
}
