#include "recorder/gaps/gap_internal.h"

#define ABSURD_SKIP 1000000                 /* ids: one such id alone is not believed */
#define BELIEVED_MAX (INT64_MAX / 2)      /* no exchange has counted so far: the sum of two is a number yet */
#define RUN_ANEW 3                          /* ids in a row below those that came, with newer times: they begin again */
#define JOIN_SKIP 1000                      /* a new skip so near behind an open one makes that longer */

void gap_ids_advance(struct market_state *s, int64_t id, int64_t time_us)
{
	s->next_id = id + 1;
	s->last_us = time_us;
	s->doubt_mono_us = 0;
}

/* A run of ids that was ahead is met. */
void gap_ids_meet_ahead(struct market_state *s)
{
	if (s->ahead_from_id == GAP_NO_ID || s->next_id < s->ahead_from_id)
		return;
	if (s->ahead_next_id > s->next_id)
		s->next_id = s->ahead_next_id;
	s->ahead_from_id = GAP_NO_ID;
}

/* The ids from next_id to `to_id` did not come, and one of time_us behind them did. */
static void skip(struct gaps *g, uint32_t market, int64_t from_id, int64_t to_id, int64_t time_us, int64_t now_mono_us)
{
	struct market_state *s = &g->states[market];
	int64_t end_us = (time_us > s->last_us ? time_us : s->last_us) + 1;
	struct gap *gap = s->skip;
	if (gap && from_id - gap->mark.to_id <= JOIN_SKIP && from_id > gap->mark.from_id) {
		gap->mark.to_us = end_us > gap->mark.to_us ? end_us : gap->mark.to_us;
		gap->mark.to_id = gap->history.to_id = to_id;
		gap->history.to_us = gap->mark.to_us;
		gaps_put(g, gap);
		return;
	}
	int64_t from_us = s->last_us < time_us ? s->last_us : time_us;
	if (gap_widen_newest(g, market, from_us, end_us, from_id, to_id))
		return;
	gap = gap_open(g, market, GAP_ID_SKIP, from_us, from_id);
	gap->mark.to_us = end_us;
	gap->mark.to_id = to_id;
	s->skip = gap;
	gap_is_over(g, gap, now_mono_us, true, now_mono_us);
}

void gap_ids_accept_ahead(struct gaps *g, uint32_t market, int64_t now_mono_us)
{
	struct market_state *s = &g->states[market];
	if (s->ahead_from_id == GAP_NO_ID)
		return;
	if (s->ahead_next_id == s->ahead_from_id + 1 && s->ahead_from_id - s->next_id > ABSURD_SKIP) {
		s->ahead_from_id = GAP_NO_ID; /* it stood alone, and nothing followed it */
		return;
	}
	if (s->next_id < s->ahead_from_id)
		skip(g, market, s->next_id, s->ahead_from_id - 1, s->ahead_us, now_mono_us);
	s->next_id = s->next_id > s->ahead_next_id ? s->next_id : s->ahead_next_id;
	s->last_us = s->ahead_us;
	s->ahead_from_id = GAP_NO_ID;
}

/* Beyond what came so far: it may be the other connection's, or an absurd one. */
static void run_ahead(struct gaps *g, uint32_t market, int64_t id, int64_t time_us, bool overlapping, int64_t now_mono_us)
{
	struct market_state *s = &g->states[market];
	if (s->ahead_from_id == GAP_NO_ID || (!overlapping && id != s->ahead_next_id)) {
		s->ahead_from_id = id;
	} else if (id < s->ahead_from_id) {
		skip(g, market, s->next_id, id - 1, time_us, now_mono_us);
		gap_ids_advance(s, id, time_us);
		gap_ids_meet_ahead(s);
		return;
	} else if (id < s->ahead_next_id) {
		return;
	} else if (id > s->ahead_next_id) {
		skip(g, market, s->ahead_next_id, id - 1, time_us, now_mono_us);
	}
	bool confirmed = id != s->ahead_from_id;
	s->ahead_next_id = id + 1;
	s->ahead_us = time_us;
	if (confirmed && !overlapping)
		gap_ids_accept_ahead(g, market, now_mono_us);
}

/* The gap's last id is known: it ends with the trade before `id`. */
static void bound(struct gaps *g, uint32_t market, int64_t id, int64_t time_us, int64_t now_mono_us)
{
	struct market_state *s = &g->states[market];
	struct gap *gap = s->waiting;
	gap->mark.to_id = gap->history.to_id = id - 1;
	int64_t end_us = (time_us > gap->mark.from_us ? time_us : gap->mark.from_us) + 1;
	if (gap->end_guessed) /* the trade tells better, and coverage begins where it begins */
		gap->mark.to_us = gap->next_covered_us;
	gap->end_guessed = false;
	gap->mark.to_us = gap->mark.to_us == GAP_NOT_OVER || gap->mark.to_us < end_us ? end_us : gap->mark.to_us;
	gap->history.to_us = gap->mark.to_us;
	if (!s->live)
		return; /* gaps_live ends it: until then its time is not over */
	s->waiting = NULL;
	gap_is_over(g, gap, now_mono_us, true, now_mono_us);
}

/* Ids below what came are repeats, unless they go on by one with times that are newer: then the exchange counts anew, and nobody
 * knows what it counted in between. */
static void begin_again(struct gaps *g, uint32_t market, int64_t id, int64_t time_us, int64_t now_mono_us)
{
	struct market_state *s = &g->states[market];
	bool goes_on = id == s->low_next_id && time_us >= s->low_us;
	if (time_us <= s->last_us)
		return;
	s->low_count = goes_on ? s->low_count + 1 : 1;
	s->low_first_us = goes_on ? s->low_first_us : time_us;
	s->low_next_id = id + 1;
	s->low_us = time_us;
	if (s->low_count < RUN_ANEW)
		return;
	gap_ids_end_run(g, market, s->low_first_us, now_mono_us);
	gap_ids_advance(s, id, time_us);
}

void gap_ids_take(struct gaps *g, uint32_t market, int64_t id, int64_t time_us, bool overlapping, int64_t now_mono_us)
{
	struct market_state *s = &g->states[market];
	bool bounded = s->waiting && s->waiting->mark.to_id != GAP_NO_ID;
	if (id < 0 || id > BELIEVED_MAX)
		return; /* nothing is counted so */
	if (s->next_id != GAP_NO_ID && id < s->next_id) {
		if (!overlapping)
			begin_again(g, market, id, time_us, now_mono_us);
		return; /* again */
	}
	s->low_count = 0;
	if (s->waiting && !bounded && (s->next_id == GAP_NO_ID || id - s->next_id <= ABSURD_SKIP)) {
		bound(g, market, id, time_us, now_mono_us);
	} else if (s->next_id != GAP_NO_ID && id != s->next_id) {
		if (overlapping || id - s->next_id > ABSURD_SKIP) {
			run_ahead(g, market, id, time_us, overlapping, now_mono_us);
			return;
		}
		skip(g, market, s->next_id, id - 1, time_us, now_mono_us);
	}
	gap_ids_advance(s, id, time_us);
	gap_ids_meet_ahead(s);
}
