/* What trades, connections and their silence mean for a market: what is proved, and where a gap of it begins and ends. */
#include "recorder/gaps/gap_internal.h"

#include "schema/base/timefmt.h"

#include <stdlib.h>
#include <string.h>

#define APART_US (5 * US_PER_SECOND)        /* between the trades kept as anchors */
#define FAR_US (60 * US_PER_MINUTE)         /* a trade so far beyond the exchange's clock tells nothing about time */
#define OUTAGE_LOOK_US (10 * US_PER_SECOND) /* after an outage: by then what comes is of now */
#define OUTAGE_SLACK_US (5 * US_PER_SECOND)
#define PUT_OFF_MAX_US (30 * US_PER_SECOND)  /* what is missed again and again is asked for then, settled */
#define DOUBT_US (3 * US_PER_SECOND)         /* by then the next trade of a busy market has shown what a lost message was */
#define LATE_MAX_US US_PER_MINUTE          /* a trade so far behind is none that was late: a clock was set, or it is an old one */

/* ---- trades ---- */

static void take_time(struct market_state *s, const struct exchange_clock *e, int64_t time_us, int64_t mono_us)
{
	if (time_us > exchange_clock_at_most_us(e, mono_us) + FAR_US || time_us <= s->newest_us)
		return;
	s->newest_us = time_us;
	s->first_us = s->first_us == INT64_MIN ? time_us : s->first_us;
	if (s->next_older_ref_us == INT64_MIN || time_us - s->next_older_ref_us >= APART_US) {
		s->older_ref_us = s->next_older_ref_us;
		s->next_older_ref_us = time_us;
	}
}

/* While two connections carry it, the one may be behind the other by as much as it likes: that is no lateness. */
static void take_arrival(struct market_state *s, int64_t time_us, int64_t mono_us, enum carried carried)
{
	int64_t behind_us = s->newest_us != INT64_MIN ? s->newest_us - time_us : 0;
	if (carried == CARRIED_ALONE && behind_us > s->late_us && behind_us <= LATE_MAX_US)
		s->late_us = behind_us;
	if (carried == CARRIED_BY_SUCCESSOR) {
		s->by_successor.time_us = time_us;
		s->by_successor.mono_us = mono_us;
		return;
	}
	memmove(&s->arrived[1], &s->arrived[0], (MARKET_ARRIVALS - 1) * sizeof s->arrived[0]);
	s->arrived[0].time_us = time_us;
	s->arrived[0].mono_us = mono_us;
	s->arrivals += s->arrivals < MARKET_ARRIVALS;
}

static void look_at_outage(struct gaps *g, uint32_t market, int64_t mono_us);

/* More is known of the exchange's clock: gaps that are over, and that nothing can fill, end where they really did. */
static void settle_guessed(struct gaps *g, const struct exchange *exchange, int64_t now_mono_us)
{
	for (struct gap *gap = g->open[gaps_exchange(g, exchange)], *next; gap && !exchange->history; gap = next) {
		next = gap->next;
		gaps_look_at_end(g, gap);
		if (gap->mark.state == GAP_OPEN && gap->live_mono_us != 0)
			gap_is_over(g, gap, gap->live_mono_us, true, now_mono_us);
	}
}

/* What came by socket is what REST must know, too. */
static void keep_reference(struct gaps *g, uint32_t market, const struct trade *trade)
{
	struct market_state *s = &g->states[market];
	if (!gap_exchange_of(g, market)->history || (!s->recorded && !(s->recorded = calloc(1, sizeof *s->recorded))))
		return;
	bool again = references_have(s->recorded, trade);
	references_keep_last(s->recorded, trade);
	if (!s->newer_wanted || again)
		return;
	s->newer_wanted = false;
	for (struct gap *gap = g->open[gaps_exchange(g, gap_exchange_of(g, market))]; gap && s->open_gaps > 0; gap = gap->next) {
		if (gap->market != market)
			continue;
		references_keep_first(&gap->newer, trade);
		s->newer_wanted = s->newer_wanted || gap->newer.count < REFERENCES_MAX;
	}
}

void gaps_trade(struct gaps *g, uint32_t market, const struct trade *trade, enum carried carried, int64_t now_mono_us)
{
	struct market_state *s = &g->states[market];
	struct exchange_clock *e = gap_time_of(g, market);
	bool was_known = exchange_clock_known(e);
	if (s->mute)
		gaps_live(g, market, now_mono_us); /* it speaks again */
	exchange_clock_sample(e, trade->time_us, now_mono_us);
	if (!was_known && exchange_clock_known(e))
		settle_guessed(g, gap_exchange_of(g, market), now_mono_us);
	take_arrival(s, trade->time_us, now_mono_us, carried);
	if (gap_exchange_of(g, market)->ids_step && trade->id.kind == TRADE_ID_NUMBER)
		gap_ids_take(g, market, trade->id.number, trade->time_us, carried != CARRIED_ALONE, now_mono_us);
	keep_reference(g, market, trade);
	take_time(s, e, trade->time_us, now_mono_us);
	s->outage.arrivals++;
	if (s->outage.live_mono_us != 0 && now_mono_us - s->outage.live_mono_us >= OUTAGE_LOOK_US && s->outage.arrivals > MARKET_ARRIVALS)
		look_at_outage(g, market, now_mono_us);
}

void gaps_put_back(struct gaps *g, struct gap *gap, const struct trade *trade)
{
	struct market_state *s = &g->states[gap->market];
	bool counts_on = s->waiting == gap || (s->mute && gap_exchange_of(g, gap->market)->ids_step);
	if (counts_on && trade->id.kind == TRADE_ID_NUMBER && trade->id.number >= s->next_id) {
		gap_ids_advance(s, trade->id.number, trade->time_us);
		gap_ids_meet_ahead(s);
	}
}

/* ---- connections ---- */

/* How far the exchange's clock is ahead of our monotonic one by what the market itself has shown: the median of its last
 * trades.  Its times need not be those of the others. */
static bool own_ahead_us(const struct market_state *s, int64_t *ahead_us)
{
	if (s->arrivals < MARKET_ARRIVALS)
		return false;
	int64_t a[MARKET_ARRIVALS];
	for (size_t i = 0; i < MARKET_ARRIVALS; i++)
		a[i] = s->arrived[i].time_us - s->arrived[i].mono_us;
	int64_t low = a[0] < a[1] ? a[0] : a[1], high = a[0] < a[1] ? a[1] : a[0];
	*ahead_us = a[2] < low ? low : a[2] > high ? high : a[2];
	return true;
}

/* It is over at that moment, as far as we know the exchange's clock, and the market's own; and not before the coverage that
 * follows it begins. */
static void end_by_clock(struct gaps *g, struct gap *gap, int64_t mono_us)
{
	const struct market_state *s = &g->states[gap->market];
	int64_t end_us = exchange_clock_at_most_us(gap_time_of(g, gap->market), mono_us), ahead_us;
	if (own_ahead_us(s, &ahead_us) && mono_us + ahead_us > end_us)
		end_us = mono_us + ahead_us + PROOF_SLACK_US;
	if (gap->next_covered_us < s->covered_from_us)
		gap->next_covered_us = s->covered_from_us;
	if (end_us < gap->next_covered_us)
		end_us = gap->next_covered_us;
	bool guessed = !exchange_clock_known(gap_time_of(g, gap->market));
	if (guessed)
		end_us += GUESS_SLACK_US; /* until trades tell */
	gap->ends_by_clock = true;
	gap->end_mono_us = mono_us;
	if (gap->mark.to_us == GAP_NOT_OVER || gap->mark.to_us < end_us || (gap->end_guessed && !guessed))
		gap->mark.to_us = end_us > gap->mark.from_us ? end_us : gap->mark.from_us + 1;
	gap->end_guessed = guessed;
	gap->history.to_us = gap->mark.to_us;
}

void gaps_look_at_end(struct gaps *g, struct gap *gap)
{
	int64_t before_us = gap->mark.to_us;
	if (!gap->ends_by_clock || gap->live_mono_us == 0)
		return;
	end_by_clock(g, gap, gap->end_mono_us);
	if (gap->mark.to_us != before_us)
		gaps_put(g, gap);
}

void gaps_live(struct gaps *g, uint32_t market, int64_t mono_us)
{
	struct market_state *s = &g->states[market];
	struct gap *gap = s->waiting;
	bool mute = s->mute;
	if (s->live)
		return;
	s->live = true;
	s->live_mono_us = mono_us;
	s->mute = false;
	if (!gap)
		return;
	bool bounded = gap->mark.to_id != GAP_NO_ID;
	end_by_clock(g, gap, mono_us);
	s->outage.live_mono_us = mute ? 0 : mono_us; /* its connection lived, and so the exchange's clock is known */
	s->outage.from_us = gap->mark.from_us;
	s->outage.to_us = gap->mark.to_us;
	s->outage.arrivals = 0;
	if (bounded)
		s->waiting = NULL;
	gap_is_over(g, gap, mono_us, bounded, mono_us);
}

/* Up to when the market itself shows that nothing was missed: its newest trade by arrival, or what REST was asked for since.
 * A pong, or another market's trade, shows that the line lives, and no more.  INT64_MIN: nothing shows it. */
static int64_t own_proof_us(struct gaps *g, uint32_t market, int64_t now_mono_us)
{
	const struct market_state *s = &g->states[market];
	const struct exchange_clock *clock = gap_time_of(g, market);
	int64_t proof_us = s->arrivals == 0 ? s->tape_us : s->arrived[0].time_us;
	int64_t arrived_us = exchange_clock_at_least_us(clock, s->arrivals > 0 ? s->arrived[0].mono_us : now_mono_us);
	if (proof_us > arrived_us)
		proof_us = arrived_us; /* it is dated in the future */
	return s->asked_until_us > proof_us ? s->asked_until_us : proof_us;
}

/* Up to when the ledger speaks of the market already: the end of its gaps that REST is yet to be asked for.  INT64_MIN: none */
static int64_t told_until_us(struct gaps *g, uint32_t market, int64_t now_mono_us)
{
	int64_t us = INT64_MIN, now_us = exchange_clock_at_least_us(gap_time_of(g, market), now_mono_us);
	for (const struct gap *gap = g->open[gaps_exchange(g, gap_exchange_of(g, market))]; gap; gap = gap->next)
		if (gap->market == market && !gap->probe && gap->mark.to_us != GAP_NOT_OVER && !gap->end_guessed && gap->mark.to_us > us)
			us = gap->mark.to_us < now_us ? gap->mark.to_us : now_us;
	return us;
}

/* Where a gap of the market begins that opens now. */
static int64_t begins_us(struct gaps *g, uint32_t market, int64_t now_mono_us)
{
	const struct market_state *s = &g->states[market];
	const struct exchange *exchange = gap_exchange_of(g, market);
	int64_t lateness_us = exchange->lateness_us > 2 * s->late_us ? exchange->lateness_us : 2 * s->late_us;
	int64_t us = own_proof_us(g, market, now_mono_us), told_us = told_until_us(g, market, now_mono_us);
	if (exchange->ids_step && s->next_id != GAP_NO_ID)
		return s->last_us < us || us == INT64_MIN ? s->last_us : us; /* its ids prove: it begins where they end */
	if (us == INT64_MIN) /* not one trade so far: from when it is recorded, by what is known of the clock now */
		us = exchange_clock_at_least_us(gap_time_of(g, market), s->live_mono_us != 0 ? s->live_mono_us : now_mono_us) - PROOF_SLACK_US;
	if (us > s->covered_from_us - PROOF_SLACK_US && s->covered_from_us != 0 && s->arrivals == 0 && s->tape_us == INT64_MIN)
		us = s->covered_from_us - PROOF_SLACK_US;
	us = told_us > us ? told_us : us;
	if (exchange_clock_guessed(gap_time_of(g, market)))
		us -= GUESS_SLACK_US;
	return us - (exchange->ids_step ? PROOF_SLACK_US : lateness_us);
}

static void lose(struct gaps *g, uint32_t market, enum gap_reason reason, int64_t now_mono_us)
{
	struct market_state *s = &g->states[market];
	struct gap *gap = s->waiting;
	if (gap && gap->mark.to_id != GAP_NO_ID) {
		s->waiting = NULL;
		s->accounted_us = gap->mark.to_us;
		gap_is_over(g, gap, now_mono_us, true, now_mono_us);
		gap = NULL;
	} else if (!gap && !s->live && s->newest_us == INT64_MIN) {
		return; /* never recorded */
	}
	s->live = false;
	s->doubt_mono_us = 0; /* the gap holds it */
	s->by_successor.mono_us = 0;
	s->outage.live_mono_us = 0;
	if (s->outage.lost_mono_us == 0 || !gap)
		s->outage.lost_mono_us = s->arrivals > 0 ? s->arrived[0].mono_us : now_mono_us;
	if (!gap) {
		int64_t from_us = begins_us(g, market, now_mono_us);
		if (s->accounted_us != 0 && s->accounted_us < from_us)
			from_us = s->accounted_us; /* ids prove what another connection brought, and its coverage was never told */
		s->waiting = gap_open(g, market, reason, from_us, gap_exchange_of(g, market)->ids_step ? s->next_id : GAP_NO_ID);
		return;
	}
	if (s->accounted_us != 0 && s->accounted_us < gap->mark.from_us)
		gap->mark.from_us = s->accounted_us; /* the last of its coverage found no place */
	gap->mark.to_us = GAP_NOT_OVER;
	gap->live_mono_us = 0;
	gaps_put(g, gap);
}

void gaps_lost(struct gaps *g, uint32_t market, enum gap_reason reason, int64_t now_mono_us)
{
	gap_ids_accept_ahead(g, market, now_mono_us);
	lose(g, market, reason, now_mono_us);
}

void gaps_refused(struct gaps *g, uint32_t market, int64_t asked_mono_us)
{
	struct market_state *s = &g->states[market];
	if (s->live || s->waiting)
		return; /* another connection carries it; or its gap stands already */
	int64_t from_us = exchange_clock_at_least_us(gap_time_of(g, market), asked_mono_us);
	if (exchange_clock_guessed(gap_time_of(g, market)))
		from_us -= GUESS_SLACK_US;
	s->waiting = gap_open(g, market, GAP_REFUSED, from_us, GAP_NO_ID);
}

void gaps_silent(struct gaps *g, uint32_t market, int64_t now_mono_us)
{
	if (gaps_knows(g, market))
		lose(g, market, GAP_SILENCE, now_mono_us);
}

/* The exchange's clock may have been set while nothing carried the market: then its times now tell when that was by the new one,
 * and a gap that was told by the old one does not hold what was missed. */
static void look_at_outage(struct gaps *g, uint32_t market, int64_t mono_us)
{
	struct market_state *s = &g->states[market];
	const struct exchange *exchange = gap_exchange_of(g, market);
	int64_t ahead_us = 0, live_mono_us = s->outage.live_mono_us;
	s->outage.live_mono_us = 0;
	if (s->outage.lost_mono_us == 0 || (exchange->ids_step && s->next_id != GAP_NO_ID) || !own_ahead_us(s, &ahead_us))
		return; /* nobody knows since when; or ids tell what was missed, whatever the time */
	int64_t from_us = ahead_us + s->outage.lost_mono_us - exchange->lateness_us, to_us = ahead_us + live_mono_us + PROOF_SLACK_US;
	if (from_us >= s->outage.from_us - OUTAGE_SLACK_US && to_us <= s->outage.to_us + OUTAGE_SLACK_US)
		return;
	struct gap *gap = gap_open(g, market, GAP_DISCONNECT, from_us, GAP_NO_ID);
	gap->mark.to_us = to_us > from_us ? to_us : from_us + 1;
	gap_is_over(g, gap, mono_us, true, mono_us);
}

/* Something may be missing from the market's last trade until now, and the stream goes on.  What is missed soon after is part
 * of the same gap, until REST is asked for it, or it has been put off long enough. */
static void miss(struct gaps *g, uint32_t market, enum gap_reason reason, int64_t until_mono_us, int64_t now_mono_us)
{
	struct market_state *s = &g->states[market];
	struct gap *gap = s->waiting;
	if (!s->live)
		return; /* a gap is open, or it was never recorded */
	if (gap && gap->missed_mono_us != 0 && !gap->asked && gap->end_mono_us > until_mono_us - US_PER_SECOND)
		return; /* it reaches as far already */
	if (!gap || gap->asked || (gap->missed_mono_us != 0 && until_mono_us > gap->missed_mono_us + PUT_OFF_MAX_US))
		gap = gap_open(g, market, reason, begins_us(g, market, now_mono_us),
		               gap_exchange_of(g, market)->ids_step ? s->next_id : GAP_NO_ID);
	s->waiting = gap;
	if (gap->missed_mono_us == 0)
		gap->missed_mono_us = until_mono_us;
	end_by_clock(g, gap, until_mono_us);
	gap_is_over(g, gap, until_mono_us, false, now_mono_us);
}

void gaps_missed(struct gaps *g, uint32_t market, enum gap_reason reason, int64_t now_mono_us)
{
	struct market_state *s = &g->states[market];
	if (reason == GAP_UNPARSEABLE && gap_exchange_of(g, market)->ids_step && s->next_id != GAP_NO_ID)
		return; /* if it was a trade, its id will show; or see gaps_doubt */
	miss(g, market, reason, now_mono_us, now_mono_us);
}

void gaps_doubt(struct gaps *g, uint32_t market, int64_t now_mono_us)
{
	struct market_state *s = &g->states[market];
	if (!gaps_knows(g, market) || !s->live || s->doubt_mono_us != 0 || s->next_id == GAP_NO_ID)
		return;
	s->doubt_mono_us = now_mono_us;
	s->doubt_reason = GAP_UNPARSEABLE;
}

void gaps_look_at_doubt(struct gaps *g, uint32_t market, bool at_once, int64_t now_mono_us)
{
	struct market_state *s = &g->states[market];
	if (s->doubt_mono_us == 0 || (!at_once && now_mono_us - s->doubt_mono_us < DOUBT_US))
		return;
	s->doubt_mono_us = 0;
	miss(g, market, s->doubt_reason, now_mono_us, now_mono_us);
}

int64_t gaps_accounted_us(struct gaps *g, uint32_t market, int64_t now_mono_us)
{
	const struct market_state *s = &g->states[market];
	int64_t proof_us = own_proof_us(g, market, now_mono_us), told_us = told_until_us(g, market, now_mono_us);
	if (s->mute && s->waiting)
		return s->waiting->mark.from_us;
	if (!s->live)
		return INT64_MAX; /* a gap is open, or it was never recorded */
	if (proof_us == INT64_MIN) /* not one trade so far: from when it is recorded */
		proof_us = s->covered_from_us != 0 ? s->covered_from_us : INT64_MAX;
	/* What came last may have been old trades again: a newer one that the tape has is had, unless its time is absurd. */
	if (s->newest_us > proof_us && s->newest_us <= exchange_clock_at_most_us(gap_time_of(g, market), now_mono_us))
		proof_us = s->newest_us;
	return told_us > proof_us ? told_us : proof_us;
}

/* The ledger says so until it speaks again.  What was missed so far is over, so that REST may be asked for it now. */
void gaps_mute(struct gaps *g, uint32_t market, int64_t now_mono_us)
{
	struct market_state *s = &g->states[market];
	if (s->live)
		lose(g, market, GAP_AUDIT, now_mono_us);
	else if (!s->mute)
		return; /* nothing carries it, and its gap is there */
	struct gap *gap = s->waiting;
	s->mute = gap != NULL;
	if (!gap || !gap_exchange_of(g, market)->history)
		return; /* nobody can be asked for what was missed so far */
	end_by_clock(g, gap, now_mono_us);
	int64_t until_us = gap->mark.to_us - (gap->end_guessed ? GUESS_SLACK_US : 0); /* the next one begins before now, not ahead of time */
	s->waiting = NULL;
	gap_is_over(g, gap, now_mono_us, false, now_mono_us);
	s->waiting = gap_open(g, market, GAP_AUDIT, until_us, GAP_NO_ID);
}

void gaps_overlapped(struct gaps *g, uint32_t market, int64_t proved_us, int64_t live_mono_us, int64_t now_mono_us)
{
	struct market_state *s = &g->states[market];
	gap_ids_accept_ahead(g, market, now_mono_us);
	bool ids_prove = gap_exchange_of(g, market)->ids_step && s->next_id != GAP_NO_ID;
	bool short_of = proved_us < exchange_clock_at_most_us(gap_time_of(g, market), live_mono_us);
	if (short_of && !ids_prove)
		miss(g, market, GAP_DISCONNECT, live_mono_us, now_mono_us);
	/* Its ids show a loss with the next trade; a market that trades no more has none. */
	if (short_of && ids_prove && s->live && s->doubt_mono_us == 0 && (s->arrivals == 0 || s->arrived[0].mono_us < live_mono_us)) {
		s->doubt_mono_us = now_mono_us;
		s->doubt_reason = GAP_DISCONNECT;
	}
	if (s->by_successor.mono_us != 0)
		take_arrival(s, s->by_successor.time_us, s->by_successor.mono_us, CARRIED_BY_OLDER); /* it carries the market alone now */
	s->by_successor.mono_us = 0;
}

void gaps_successor_lost(struct gaps *g, uint32_t market)
{
	g->states[market].by_successor.mono_us = 0;
}

void gap_ids_end_run(struct gaps *g, uint32_t market, int64_t first_us, int64_t now_mono_us)
{
	struct market_state *s = &g->states[market];
	struct gap *gap = s->waiting ? s->waiting : gap_open(g, market, GAP_NEW_IDS, s->last_us, GAP_NO_ID);
	gap->mark.from_id = gap->mark.to_id = GAP_NO_ID;
	int64_t end_us = first_us >= gap->next_covered_us ? first_us + 1 : gap->next_covered_us;
	gap->mark.to_us = end_us > gap->mark.from_us ? end_us : gap->mark.from_us + 1;
	s->waiting = s->skip = NULL;
	s->ahead_from_id = GAP_NO_ID;
	gaps_close(g, gap, GAP_UNFILLABLE, "the exchange's ids begin again: none tells what was before", now_mono_us);
}
