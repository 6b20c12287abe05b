#include "recorder/gaps/gap_internal.h"

#include "schema/base/timefmt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPEN_MAX 32                        /* of one market: beyond that, the newest is made longer */

const char *const gap_reason_words[GAP_REASONS] = {
	[GAP_NOT_RUNNING] = "not-running", [GAP_DISCONNECT] = "disconnect",   [GAP_SILENCE] = "silence",
	[GAP_ASLEEP] = "asleep",           [GAP_OVERFLOW] = "overflow",       [GAP_UNPARSEABLE] = "unparseable",
	[GAP_ID_SKIP] = "id-skip",         [GAP_BACKFILL_SINCE] = "backfill-since", [GAP_REFUSED] = "refused",
	[GAP_DELISTED] = "delisted",       [GAP_NEW_IDS] = "new-ids",           [GAP_AUDIT] = "audit",
};
const char *const gap_state_words[] = { [GAP_OPEN] = "open", [GAP_FILLED] = "filled", [GAP_UNFILLABLE] = "unfillable" };

void gaps_init(struct gaps *g, const struct gap_sink *sink, const struct resume *resume, int64_t backfill_since_us)
{
	*g = (struct gaps){ .sink = *sink, .resume = resume, .backfill_since_us = backfill_since_us };
	atomic_store(&g->next_gap_id, resume->last_gap_id + 1);
}

void gaps_add_exchange(struct gaps *g, const struct exchange *exchange)
{
	size_t index = g->exchange_count++;
	g->exchanges[index] = exchange;
	for (size_t i = 0; i < g->resume->clock_count; i++)
		if (strcmp(g->resume->clocks[i].exchange, exchange->name) == 0)
			g->times[index].hint_us = g->resume->clocks[i].ahead_us;
}

void gaps_set_wall(struct gaps *g, int64_t wall_ahead_us)
{
	for (size_t i = 0; i < EXCHANGES_MAX; i++)
		g->times[i].wall_ahead_us = wall_ahead_us;
}

void gaps_forget_clocks(struct gaps *g, int64_t wall_ahead_us)
{
	for (size_t i = 0; i < EXCHANGES_MAX; i++)
		g->times[i] = (struct exchange_clock){ .wall_ahead_us = wall_ahead_us };
}

void gaps_release(struct gaps *g)
{
	for (size_t i = 0; i < EXCHANGES_MAX; i++) {
		for (struct gap *gap = g->open[i], *next; gap; gap = next) {
			next = gap->next;
			free(gap);
		}
		g->open[i] = NULL;
	}
	for (size_t i = 0; i < g->market_count; i++)
		free(g->states[i].recorded);
	free(g->states);
	g->states = NULL;
	g->market_count = 0;
}

size_t gaps_exchange(const struct gaps *g, const struct exchange *exchange)
{
	size_t i = 0;
	while (i + 1 < g->exchange_count && g->exchanges[i] != exchange)
		i++;
	return i;
}

bool gaps_knows(const struct gaps *g, uint32_t market)
{
	return market < g->market_count && g->states[market].exchange;
}

const struct exchange *gap_exchange_of(const struct gaps *g, uint32_t market)
{
	return g->states[market].exchange;
}

static struct market_state *state_of(const struct gaps *g, const struct gap *gap)
{
	return &g->states[gap->market];
}

struct exchange_clock *gap_time_of(struct gaps *g, uint32_t market)
{
	return &g->times[gaps_exchange(g, gap_exchange_of(g, market))];
}

/* ---- the ledger's rows ---- */

void gaps_put(struct gaps *g, struct gap *gap)
{
	struct gap_mark mark = gap->mark;
	if (gap->probe)
		return;
	if (mark.to_id != GAP_NO_ID && mark.to_id < mark.from_id)
		mark.from_id = mark.to_id = GAP_NO_ID; /* the ids showed that nothing is missing */
	gap->unsaid = !g->sink.row(g->sink.arg, gap->market, &mark); /* then gaps_flush says it */
	g->unsaid = g->unsaid || gap->unsaid;
}

static void changed(struct gaps *g, const struct gap *gap)
{
	if (g->changed)
		g->changed(g->changed_arg, gaps_exchange(g, gap_exchange_of(g, gap->market)));
}

struct gap *gap_add(struct gaps *g, uint32_t market, const struct gap_mark *mark, int64_t older_ref_us)
{
	struct gap *gap = calloc(1, sizeof *gap);
	if (!gap)
		abort(); /* a gap that is not written down would be a lie */
	struct gap **list = &g->open[gaps_exchange(g, gap_exchange_of(g, market))];
	*gap = (struct gap){ .next = *list, .mark = *mark, .market = market, .older_ref_us = older_ref_us };
	*list = gap;
	g->states[market].open_gaps++;
	g->states[market].newer_wanted = true;
	if (g->states[market].recorded)
		gap->older = *g->states[market].recorded;
	return gap;
}

/* A trade that was recorded before `from_us`, the newest that we know; where there is none, the first of all. */
static int64_t older_ref_before(const struct market_state *s, int64_t from_us)
{
	return s->newest_us < from_us ? s->newest_us : s->next_older_ref_us < from_us && s->next_older_ref_us != INT64_MIN ? s->next_older_ref_us :
	       s->older_ref_us < from_us && s->older_ref_us != INT64_MIN ? s->older_ref_us : s->first_us;
}

static struct gap *newest_of(struct gaps *g, uint32_t market)
{
	struct gap *gap = g->open[gaps_exchange(g, gap_exchange_of(g, market))];
	while (gap && (gap->market != market || gap->mark.state != GAP_OPEN || gap->probe))
		gap = gap->next;
	return gap;
}

/* Memory has an end: of many gaps the newest takes the next one in, with what lies between.  The ledger may say too much,
 * not too little. */
struct gap *gap_widen_newest(struct gaps *g, uint32_t market, int64_t from_us, int64_t to_us, int64_t from_id, int64_t to_id)
{
	struct gap *gap = g->states[market].open_gaps >= OPEN_MAX ? newest_of(g, market) : NULL;
	if (!gap)
		return NULL;
	struct gap_mark *mark = &gap->mark;
	mark->from_us = from_us < mark->from_us ? from_us : mark->from_us;
	mark->to_us = to_us > mark->to_us ? to_us : mark->to_us;
	mark->from_id = from_id < mark->from_id ? from_id : mark->from_id; /* GAP_NO_ID is less than all */
	mark->to_id = to_id == GAP_NO_ID || mark->to_id == GAP_NO_ID ? GAP_NO_ID : to_id > mark->to_id ? to_id : mark->to_id;
	gap->asked = false;
	if (state_of(g, gap)->skip == gap && mark->to_id == GAP_NO_ID)
		state_of(g, gap)->skip = NULL;
	gaps_put(g, gap);
	return gap;
}

struct gap *gap_open(struct gaps *g, uint32_t market, enum gap_reason reason, int64_t from_us, int64_t from_id)
{
	struct market_state *s = &g->states[market];
	struct gap_mark mark = { .from_us = from_us, .to_us = GAP_NOT_OVER, .from_id = from_id, .to_id = GAP_NO_ID, .reason = reason };
	struct gap *gap = gap_widen_newest(g, market, from_us, GAP_NOT_OVER, from_id, GAP_NO_ID);
	if (gap) {
		gap->live_mono_us = 0;
	} else {
		mark.gap_id = atomic_fetch_add(&g->next_gap_id, 1);
		gap = gap_add(g, market, &mark, older_ref_before(s, from_us));
		gaps_put(g, gap);
	}
	g->sink.event(g->sink.arg, gap->market, &gap->mark, "gap");
	return gap;
}

static void forget(struct gaps *g, struct gap *gap)
{
	struct market_state *s = state_of(g, gap);
	struct gap **p = &g->open[gaps_exchange(g, gap_exchange_of(g, gap->market))];
	while (*p && *p != gap)
		p = &(*p)->next;
	if (*p)
		*p = gap->next;
	s->open_gaps--;
	free(gap);
}

void gaps_close(struct gaps *g, struct gap *gap, enum gap_state state, const char *note, int64_t now_mono_us)
{
	struct market_state *s = state_of(g, gap);
	if (gap->probe) {
		s->probed = false;
		forget(g, gap);
		return;
	}
	gap->mark.state = state;
	snprintf(gap->mark.note, sizeof gap->mark.note, "%s", note);
	if (s->waiting == gap)
		s->waiting = NULL;
	if (s->skip == gap)
		s->skip = NULL;
	int64_t now_us = exchange_clock_at_least_us(gap_time_of(g, gap->market), now_mono_us - GAP_SETTLE_US); /* REST is so far behind */
	int64_t until_us = gap->mark.to_us < now_us ? gap->mark.to_us : now_us;
	if (until_us > s->asked_until_us && exchange_clock_known(gap_time_of(g, gap->market)))
		s->asked_until_us = until_us;
	gaps_put(g, gap);
	g->sink.event(g->sink.arg, gap->market, &gap->mark, state == GAP_FILLED ? "filled" : "unfillable");
	if (!gap->unsaid)
		forget(g, gap);
}

void gaps_flush(struct gaps *g, int64_t now_mono_us)
{
	gap_say_starts(g, now_mono_us);
	g->unsaid = false;
	for (size_t i = 0; i < EXCHANGES_MAX; i++) {
		for (struct gap *gap = g->open[i], *next; gap; gap = next) {
			next = gap->next;
			if (gap->unsaid)
				gaps_put(g, gap);
			if (!gap->unsaid && gap->mark.state != GAP_OPEN)
				forget(g, gap);
		}
	}
}

/* Where there is no history to ask, a gap that is over is settled. */
void gap_is_over(struct gaps *g, struct gap *gap, int64_t live_mono_us, bool settled, int64_t now_mono_us)
{
	const struct exchange *exchange = gap_exchange_of(g, gap->market);
	gap->live_mono_us = live_mono_us;
	gap->not_before_mono_us = settled ? 0 : live_mono_us + GAP_SETTLE_US;
	if (exchange->history) {
		gaps_put(g, gap);
		changed(g, gap);
		return;
	}
	if (gap->ends_by_clock && !exchange_clock_known(gap_time_of(g, gap->market))) {
		gaps_put(g, gap); /* where it ends is a guess: see settle_guessed */
		return;
	}
	g->sink.no_history(g->sink.arg, gaps_exchange(g, exchange), exchange);
	gaps_close(g, gap, GAP_UNFILLABLE, exchange->no_history_words, now_mono_us);
}
