#include "recorder/gaps/gap_internal.h"

#include <stdlib.h>

#define STOP_SLACK_US US_PER_SECOND       /* a trade that came before the stop may be dated behind it: clocks differ */
#define BEAT_SLACK_US (7 * US_PER_SECOND) /* a recorder that was killed lived on behind its last beat */
#define BEHIND_MAX_US (10 * US_PER_SECOND + GUESS_SLACK_US) /* coverage is told every second, at first by our own clock */

static void open_resumed(struct gaps *g, uint32_t market, const struct resume_market *there, int64_t now_mono_us)
{
	struct market_state *s = &g->states[market];
	for (size_t i = 0; i < there->gap_count; i++) {
		struct gap *gap = gap_add(g, market, &there->gaps[i].mark, there->gaps[i].older_ref_us);
		gap->older = there->gaps[i].older; /* its own, not the tape's last ones */
		gap->newer = there->gaps[i].newer;
		if (gap->mark.to_us == GAP_NOT_OVER)
			s->waiting = gap;
		else
			gap_is_over(g, gap, now_mono_us, true, now_mono_us);
	}
}

/* Is an open gap the one that begins here?  Then it goes on. */
static bool goes_on(const struct gap *gap, int64_t from_us, int64_t next_id)
{
	if (gap->mark.from_id != GAP_NO_ID && next_id != GAP_NO_ID)
		return gap->mark.from_id <= next_id && (gap->mark.to_id == GAP_NO_ID || next_id <= gap->mark.to_id + 1);
	return gap->mark.from_us <= from_us && gap->mark.to_us >= from_us;
}

/* The newest time on the tape is where it ends, unless that is dated ahead, or the exchange's clock was set back: then what
 * arrived last tells, and when the recorder last lived. */
static int64_t tape_ends_us(struct gaps *g, uint32_t market, const struct resume_market *there)
{
	int64_t end_us = there->newest_us, alive_us = g->resume->alive_us + gap_time_of(g, market)->hint_us;
	if (there->arrived_us != 0 && there->arrived_us < end_us)
		end_us = there->arrived_us;
	if (g->resume->alive_us != 0 && end_us > alive_us + (g->resume->stopped_us != 0 ? STOP_SLACK_US : BEAT_SLACK_US))
		end_us = alive_us;
	return end_us;
}

/* Did the ledger get so far, and a kill cut short what it had to say of the rest? */
static bool is_just_before(int64_t told_us, int64_t us)
{
	return told_us < us && told_us > us - BEHIND_MAX_US;
}

/* From the last trade that was stored, or from where the ledger ends where a kill left that behind; a market that had no trade
 * yet, from where it was last known to be received. */
static void open_not_running(struct gaps *g, uint32_t market, const struct resume_market *there)
{
	struct market_state *s = &g->states[market];
	const struct exchange *exchange = gap_exchange_of(g, market);
	int64_t from_us = there->newest_us != INT64_MIN ? tape_ends_us(g, market, there) :
	                  there->covered_to_us != INT64_MIN ? there->covered_to_us - GUESS_SLACK_US : INT64_MIN;
	if (g->resume->alive_us != 0) /* since then nothing carried it */
		s->outage.lost_mono_us = g->resume->alive_us - gap_time_of(g, market)->wall_ahead_us;
	if (s->waiting || from_us == INT64_MIN)
		return;
	from_us -= exchange->lateness_us;
	if (is_just_before(there->covered_to_us, from_us))
		from_us = there->covered_to_us;
	else if (is_just_before(there->gaps_to_us, from_us))
		from_us = there->gaps_to_us;
	for (struct gap *gap = g->open[gaps_exchange(g, exchange)]; gap; gap = gap->next) {
		if (gap->market != market || gap->probe || !goes_on(gap, from_us, s->next_id))
			continue;
		if (is_just_before(there->covered_to_us, gap->mark.from_us))
			gap->mark.from_us = there->covered_to_us;
		gap->mark.to_us = GAP_NOT_OVER;
		gap->mark.to_id = GAP_NO_ID;
		gap->live_mono_us = 0;
		gaps_put(g, gap);
		s->waiting = gap;
		return;
	}
	s->waiting = gap_open(g, market, GAP_NOT_RUNNING, from_us, exchange->ids_step ? s->next_id : GAP_NO_ID);
}

/* What was traded since then is asked for once, however often the recorder starts. */
static void open_since(struct gaps *g, uint32_t market, const struct resume_market *there, int64_t now_mono_us)
{
	int64_t since_us = g->backfill_since_us;
	struct market_state *s = &g->states[market];
	if (since_us == INT64_MAX || (there && since_us >= there->asked_since_us))
		return;
	bool none_yet = !there || there->oldest_us == INT64_MIN;
	if (none_yet && !s->waiting) {
		s->waiting = gap_open(g, market, GAP_BACKFILL_SINCE, since_us, GAP_NO_ID);
		return;
	}
	int64_t until_us = none_yet ? s->waiting->mark.from_us : there->oldest_us; /* from there on it is asked for anyway */
	if (since_us >= until_us)
		return;
	if (gap_widen_newest(g, market, since_us, until_us + 1000, GAP_NO_ID, GAP_NO_ID))
		return;
	struct gap *gap = gap_open(g, market, GAP_BACKFILL_SINCE, since_us, GAP_NO_ID);
	gap->mark.to_us = until_us + 1000; /* other trades of that millisecond may be missing */
	gap_is_over(g, gap, now_mono_us, true, now_mono_us);
}

/* Says on the tape that the market is recorded from now on, so that a recorder killed before its first trade was committed
 * leaves a trace: the next one knows what it may have missed. */
static void note_first_start(struct gaps *g, uint32_t market, int64_t now_mono_us)
{
	int64_t now_us = exchange_clock_at_least_us(gap_time_of(g, market), now_mono_us);
	bool said = g->sink.coverage(g->sink.arg, market, now_us, now_us);
	g->states[market].start_unsaid = !said;
	g->starts_unsaid = g->starts_unsaid || !said;
}

/* As of now: until now nothing of the market found room either. */
void gap_say_starts(struct gaps *g, int64_t now_mono_us)
{
	if (!g->starts_unsaid)
		return;
	g->starts_unsaid = false;
	for (size_t i = 0; i < g->market_count; i++)
		if (g->states[i].start_unsaid)
			note_first_start(g, (uint32_t)i, now_mono_us);
}

static const struct market_state state_none = {
	.newest_us = INT64_MIN, .tape_us = INT64_MIN, .first_us = INT64_MIN, .older_ref_us = INT64_MIN, .next_older_ref_us = INT64_MIN,
	.asked_until_us = INT64_MIN, .next_id = GAP_NO_ID, .ahead_from_id = GAP_NO_ID,
};

static struct market_state *add_state(struct gaps *g, uint32_t market, const struct exchange *exchange)
{
	if (market >= g->market_count) {
		size_t count = 2 * (size_t)market + 1;
		struct market_state *grown = realloc(g->states, count * sizeof *grown);
		if (!grown)
			abort(); /* nothing of it could be proved, nor called missing */
		for (size_t i = g->market_count; i < count; i++)
			grown[i] = state_none;
		g->states = grown;
		g->market_count = count;
	}
	free(g->states[market].recorded);
	g->states[market] = state_none;
	g->states[market].exchange = exchange;
	return &g->states[market];
}

void gaps_add_market(struct gaps *g, uint32_t market, const struct exchange *exchange, const struct resume_market *there,
                     int64_t now_mono_us)
{
	struct market_state *s = add_state(g, market, exchange);
	if (there && there->recorded.count > 0 && exchange->history) {
		s->recorded = malloc(sizeof *s->recorded);
		if (s->recorded)
			*s->recorded = there->recorded;
	}
	if (there) {
		open_resumed(g, market, there, now_mono_us);
		s->newest_us = s->tape_us = there->newest_us;
		s->first_us = there->oldest_us;
		s->next_older_ref_us = there->before_newest_us;
		if (exchange->ids_step && there->newest_id != GAP_NO_ID)
			gap_ids_advance(s, there->newest_id, there->newest_us);
		open_not_running(g, market, there);
	}
	if (!there || (there->newest_us == INT64_MIN && there->covered_to_us == INT64_MIN))
		note_first_start(g, market, now_mono_us);
	open_since(g, market, there, now_mono_us);
}
