#include "recorder/gap_internal.h"

#include "recorder/clock.h"
#include "recorder/log.h"
#include "schema/timefmt.h"

#include <stdlib.h>
#include <string.h>

#define APART_US (5 * US_PER_SECOND)        /* between the trades kept as anchors */
#define OPEN_MOST 32                        /* of one market: beyond that, the newest is made longer */
#define FAR_US (60 * US_PER_MINUTE)         /* a trade so far beyond the exchange's clock tells nothing about time */

const char *const gap_reason_words[GAP_REASONS] = {
	[GAP_NOT_RUNNING] = "not-running", [GAP_DISCONNECT] = "disconnect",   [GAP_SILENCE] = "silence",
	[GAP_ASLEEP] = "asleep",           [GAP_OVERFLOW] = "overflow",       [GAP_UNPARSEABLE] = "unparseable",
	[GAP_ID_SKIP] = "id-skip",         [GAP_BACKFILL_SINCE] = "backfill-since",
};
const char *const gap_state_words[] = { [GAP_OPEN] = "open", [GAP_FILLED] = "filled", [GAP_UNFILLABLE] = "unfillable" };

void gaps_init(struct gaps *g, struct net *net, struct market_plan *plan, const struct config *config,
               const struct resume *resume)
{
	*g = (struct gaps){ .net = net, .plan = plan, .config = config, .resume = resume };
	atomic_store(&g->next_gap_id, resume->last_gap_id + 1);
	for (size_t i = 0; i < config->address_count; i++)
		for (size_t k = 0; k < resume->clock_count; k++)
			if (strcmp(resume->clocks[k].exchange, config->addresses[i].exchange->name) == 0)
				g->times[i].hint_us = resume->clocks[k].ahead_us;
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
}

size_t gaps_exchange(const struct gaps *g, const struct exchange *exchange)
{
	size_t i = 0;
	while (i + 1 < g->config->address_count && g->config->addresses[i].exchange != exchange)
		i++;
	return i;
}

const struct exchange *gap_exchange_of(const struct gaps *g, uint32_t market)
{
	return g->plan->markets[market]->exchange;
}

static struct market_state *state_of(const struct gaps *g, const struct gap *gap)
{
	return &g->plan->states[gap->market];
}

struct exchange_time *gap_time_of(struct gaps *g, uint32_t market)
{
	return &g->times[gaps_exchange(g, gap_exchange_of(g, market))];
}

/* ---- the ledger's rows ---- */

void gaps_put(struct gaps *g, struct gap *gap)
{
	struct item item = { .kind = ITEM_GAP, .market = gap->market, .gap = gap->mark };
	if (item.gap.to_id != GAP_NO_ID && item.gap.to_id < item.gap.from_id)
		item.gap.from_id = item.gap.to_id = GAP_NO_ID; /* the ids showed that nothing is missing */
	switch (queue_push(g->net->queue, &item)) {
	case QUEUE_FULL:
		net_throttle(g->net);
		gap->unsaid = false;
		break;
	case QUEUE_OVERFLOWED:
		gap->unsaid = true; /* gaps_flush says it */
		break;
	case QUEUE_OPEN:
	default:
		gap->unsaid = false;
		break;
	}
}

static void changed(struct gaps *g, const struct gap *gap)
{
	if (g->changed)
		g->changed(g->changed_arg, gaps_exchange(g, gap_exchange_of(g, gap->market)));
}

struct gap *gap_add(struct gaps *g, uint32_t market, const struct gap_mark *mark, int64_t anchor_us)
{
	struct gap *gap = calloc(1, sizeof *gap);
	if (!gap)
		abort(); /* a hole that is not written down would be a lie */
	struct gap **list = &g->open[gaps_exchange(g, gap_exchange_of(g, market))];
	*gap = (struct gap){ .next = *list, .mark = *mark, .market = market, .anchor_us = anchor_us };
	*list = gap;
	g->plan->states[market].open_gaps++;
	return gap;
}

/* A trade that was recorded before `from_us`, the newest that we know; where there is none, the first of all. */
static int64_t anchor_before(const struct market_state *s, int64_t from_us)
{
	return s->newest_us < from_us ? s->newest_us : s->next_anchor_us < from_us && s->next_anchor_us != INT64_MIN ? s->next_anchor_us :
	       s->anchor_us < from_us && s->anchor_us != INT64_MIN ? s->anchor_us : s->first_us;
}

static struct gap *newest_of(struct gaps *g, uint32_t market)
{
	struct gap *gap = g->open[gaps_exchange(g, gap_exchange_of(g, market))];
	while (gap && (gap->market != market || gap->mark.state != GAP_OPEN))
		gap = gap->next;
	return gap;
}

/* Memory has an end: of many holes the newest takes the next one in, with what lies between.  The ledger may say too much,
 * not too little. */
struct gap *gap_widen_newest(struct gaps *g, uint32_t market, int64_t from_us, int64_t to_us, int64_t from_id, int64_t to_id)
{
	struct gap *gap = g->plan->states[market].open_gaps >= OPEN_MOST ? newest_of(g, market) : NULL;
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

static void log_gap(struct gaps *g, const struct gap *gap, const char *event)
{
	char key[96], from[TIME_TEXT_SIZE], to[TIME_TEXT_SIZE] = "";
	const struct market *m = g->plan->markets[gap->market];
	snprintf(key, sizeof key, "%s %s %s", event, m->exchange->name, gap_reason_words[gap->mark.reason]);
	time_format(gap->mark.from_us, from);
	if (gap->mark.to_us != GAP_NOT_OVER)
		time_format(gap->mark.to_us, to);
	log_folded(key, gap->mark.state == GAP_UNFILLABLE ? LOG_BROKEN : LOG_ODD, event, "market=%s reason=%s from=%s to=%s%s%s", m->name,
	           gap_reason_words[gap->mark.reason], from, to, gap->mark.note[0] ? " note=" : "", gap->mark.note);
}

struct gap *gap_open(struct gaps *g, uint32_t market, enum gap_reason reason, int64_t from_us, int64_t from_id)
{
	struct market_state *s = &g->plan->states[market];
	struct gap_mark mark = { .from_us = from_us, .to_us = GAP_NOT_OVER, .from_id = from_id, .to_id = GAP_NO_ID, .reason = reason };
	struct gap *gap = gap_widen_newest(g, market, from_us, GAP_NOT_OVER, from_id, GAP_NO_ID);
	if (gap) {
		gap->live_mono_us = 0;
	} else {
		mark.gap_id = atomic_fetch_add(&g->next_gap_id, 1);
		gap = gap_add(g, market, &mark, anchor_before(s, from_us));
		gaps_put(g, gap);
	}
	log_gap(g, gap, "hole");
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

void gaps_close(struct gaps *g, struct gap *gap, enum gap_state state, const char *note)
{
	struct market_state *s = state_of(g, gap);
	gap->mark.state = state;
	snprintf(gap->mark.note, sizeof gap->mark.note, "%s", note);
	if (s->waiting == gap)
		s->waiting = NULL;
	if (s->skip == gap)
		s->skip = NULL;
	gaps_put(g, gap);
	log_gap(g, gap, state == GAP_FILLED ? "filled" : "unfillable");
	if (!gap->unsaid)
		forget(g, gap);
}

void gaps_flush(struct gaps *g)
{
	gap_say_starts(g);
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

/* Where there is no history to ask, a hole that is over is settled. */
void gap_is_over(struct gaps *g, struct gap *gap, int64_t live_mono_us, bool settled)
{
	const struct exchange *exchange = gap_exchange_of(g, gap->market);
	size_t index = gaps_exchange(g, exchange);
	gap->live_mono_us = live_mono_us;
	gap->not_before_mono_us = settled ? 0 : live_mono_us + GAP_SETTLE_US;
	if (exchange->history) {
		gaps_put(g, gap);
		changed(g, gap);
		return;
	}
	if (!g->told_no_history[index])
		log_event(LOG_ODD, "no-history", "exchange=%s %s", exchange->name, exchange->no_history_words);
	g->told_no_history[index] = true;
	gaps_close(g, gap, GAP_UNFILLABLE, exchange->no_history_words);
}

/* ---- trades ---- */

static void take_time(struct market_state *s, const struct exchange_time *e, int64_t time_us, int64_t mono_us)
{
	if (time_us > exchange_time_at_most_us(e, mono_us) + FAR_US || time_us <= s->newest_us)
		return;
	s->newest_us = time_us;
	s->first_us = s->first_us == INT64_MIN ? time_us : s->first_us;
	if (s->next_anchor_us == INT64_MIN || time_us - s->next_anchor_us >= APART_US) {
		s->anchor_us = s->next_anchor_us;
		s->next_anchor_us = time_us;
	}
}

void gaps_trade(struct gaps *g, uint32_t market, const struct trade *trade, bool overlapping)
{
	struct market_state *s = &g->plan->states[market];
	struct exchange_time *e = gap_time_of(g, market);
	int64_t now = clock_mono_us();
	exchange_time_sample(e, trade->time_us, now);
	if (gap_exchange_of(g, market)->ids_step && trade->id.kind == TRADE_ID_NUMBER)
		gap_ids_take(g, market, trade->id.number, trade->time_us, overlapping);
	take_time(s, e, trade->time_us, now);
}

void gaps_put_back(struct gaps *g, struct gap *gap, const struct trade *trade)
{
	struct market_state *s = state_of(g, gap);
	if (s->waiting == gap && trade->id.kind == TRADE_ID_NUMBER && trade->id.number >= s->next_id) {
		gap_ids_advance(s, trade->id.number, trade->time_us);
		gap_ids_meet_ahead(s);
	}
}

/* ---- connections ---- */

/* It is over at that moment, as far as we know the exchange's clock; and not before the coverage that follows it begins. */
static void end_by_clock(struct gaps *g, struct gap *gap, int64_t mono_us)
{
	int64_t end_us = exchange_time_at_most_us(gap_time_of(g, gap->market), mono_us);
	if (end_us < state_of(g, gap)->covered_from_us)
		end_us = state_of(g, gap)->covered_from_us;
	gap->ends_by_clock = true;
	if (gap->mark.to_us == GAP_NOT_OVER || gap->mark.to_us < end_us)
		gap->mark.to_us = end_us > gap->mark.from_us ? end_us : gap->mark.from_us + 1;
	gap->history.to_us = gap->mark.to_us;
}

void gaps_look_at_end(struct gaps *g, struct gap *gap)
{
	int64_t before_us = gap->mark.to_us;
	if (!gap->ends_by_clock || gap->live_mono_us == 0)
		return;
	end_by_clock(g, gap, gap->live_mono_us);
	if (gap->mark.to_us != before_us)
		gaps_put(g, gap);
}

void gaps_live(struct gaps *g, const struct connection_plan *connection, int64_t mono_us)
{
	const struct market_set *set = &connection->wanted.trades;
	for (size_t i = 0; i < set->count; i++) {
		uint32_t market = set->markets[i];
		struct market_state *s = &g->plan->states[market];
		struct gap *gap = s->waiting;
		if (s->live)
			continue;
		s->live = true;
		if (!gap)
			continue;
		bool bounded = gap->mark.to_id != GAP_NO_ID;
		end_by_clock(g, gap, mono_us);
		if (bounded)
			s->waiting = NULL;
		gap_is_over(g, gap, mono_us, bounded);
	}
}

/* Where the stream was whole for certain, when it was proved up to proved_us. */
static int64_t whole_until_us(struct gaps *g, uint32_t market, int64_t proved_us)
{
	const struct market_state *s = &g->plan->states[market];
	const struct exchange *exchange = gap_exchange_of(g, market);
	if (proved_us == 0) /* nothing came yet, since it was subscribed to */
		proved_us = s->covered_from_us != 0 ? s->covered_from_us - PROOF_SLACK_US :
		            s->newest_us != INT64_MIN ? s->newest_us : exchange_time_at_least_us(gap_time_of(g, market), clock_mono_us());
	if (exchange_time_guessed(gap_time_of(g, market)))
		proved_us -= GUESS_SLACK_US;
	if (!exchange->ids_step)
		return proved_us - exchange->lateness_us;
	int64_t us = proved_us - PROOF_SLACK_US;
	return s->next_id != GAP_NO_ID && s->last_us > us ? s->last_us : us;
}

static void lose(struct gaps *g, uint32_t market, enum gap_reason reason, int64_t from_us)
{
	struct market_state *s = &g->plan->states[market];
	struct gap *gap = s->waiting;
	if (gap && gap->mark.to_id != GAP_NO_ID) {
		s->waiting = NULL;
		s->accounted_us = gap->mark.to_us;
		gap_is_over(g, gap, clock_mono_us(), true);
		gap = NULL;
	} else if (!gap && !s->live && s->newest_us == INT64_MIN) {
		return; /* never recorded */
	}
	s->live = false;
	if (!gap) {
		if (s->accounted_us != 0 && s->accounted_us < from_us)
			from_us = s->accounted_us; /* ids prove what another connection brought, and its coverage was never told */
		s->waiting = gap_open(g, market, reason, from_us, gap_exchange_of(g, market)->ids_step ? s->next_id : GAP_NO_ID);
		return;
	}
	gap->mark.to_us = GAP_NOT_OVER;
	gap->live_mono_us = 0;
	gaps_put(g, gap);
}

/* A market is only proved up to its own newest trade, or to what the connection proves for all. */
void gaps_lost(struct gaps *g, const struct connection_plan *connection, enum gap_reason reason, int64_t proved_us)
{
	const struct market_set *set = &connection->wanted.trades;
	for (size_t i = 0; i < set->count; i++) {
		gap_ids_accept_ahead(g, set->markets[i]);
		lose(g, set->markets[i], reason, whole_until_us(g, set->markets[i], proved_us));
	}
}

void gaps_silent(struct gaps *g, uint32_t market)
{
	const struct market_state *s = &g->plan->states[market];
	int64_t since_us = s->newest_us != INT64_MIN ? s->newest_us : s->covered_from_us;
	if (g->plan->markets[market]->channel == CHANNEL_TRADES)
		lose(g, market, GAP_SILENCE, whole_until_us(g, market, since_us));
}

/* From from_us until now something may be missing, and the stream goes on. */
static void miss(struct gaps *g, uint32_t market, enum gap_reason reason, int64_t from_us, int64_t until_mono_us)
{
	struct market_state *s = &g->plan->states[market];
	bool ids = gap_exchange_of(g, market)->ids_step;
	if (!s->live)
		return; /* a hole is open, or it was never recorded */
	struct gap *gap = s->waiting;
	if (!gap || gap->asked)
		gap = gap_open(g, market, reason, from_us, ids ? s->next_id : GAP_NO_ID);
	s->waiting = gap;
	end_by_clock(g, gap, until_mono_us);
	gap_is_over(g, gap, until_mono_us, false);
}

void gaps_missed(struct gaps *g, const struct connection_plan *connection, uint32_t market, enum gap_reason reason,
                 int64_t proved_us)
{
	const struct market_set *set = &connection->wanted.trades;
	int64_t now = clock_mono_us();
	for (size_t i = 0; i < set->count; i++)
		if (market == NO_MARKET || market == set->markets[i])
			miss(g, set->markets[i], reason, whole_until_us(g, set->markets[i], proved_us), now);
}

void gaps_overlapped(struct gaps *g, const struct connection_plan *connection, int64_t proved_us, int64_t live_mono_us)
{
	const struct market_set *set = &connection->wanted.trades;
	for (size_t i = 0; i < set->count; i++) {
		uint32_t market = set->markets[i];
		gap_ids_accept_ahead(g, market);
		if (!gap_exchange_of(g, market)->ids_step && proved_us < exchange_time_at_most_us(gap_time_of(g, market), live_mono_us))
			miss(g, market, GAP_DISCONNECT, whole_until_us(g, market, proved_us), live_mono_us);
	}
}

/* ---- what REST cannot give ---- */

static struct gap *part(struct gaps *g, const struct gap *of, int64_t from_us, int64_t to_us, int64_t from_id, int64_t to_id)
{
	struct gap_mark mark = { .gap_id = atomic_fetch_add(&g->next_gap_id, 1), .from_us = from_us, .to_us = to_us, .from_id = from_id, .to_id = to_id,
		                 .reason = of->mark.reason };
	struct gap *gap = gap_add(g, of->market, &mark, of->anchor_us);
	gap->live_mono_us = of->live_mono_us;
	return gap;
}

static void set_range(struct gap *gap, int64_t from_us, int64_t to_us, int64_t from_id, int64_t to_id)
{
	gap->mark.from_us = from_us;
	gap->mark.to_us = to_us > from_us ? to_us : from_us + 1;
	gap->mark.from_id = from_id;
	gap->mark.to_id = to_id;
}

void gaps_cut(struct gaps *g, struct gap *gap, const char *note)
{
	struct market_state *s = state_of(g, gap);
	struct history_cut cut = gap->history.cut;
	const struct gap_mark was = gap->mark;
	bool newest_first = gap_exchange_of(g, gap->market)->history->newest_first;
	if (newest_first && cut.from_us >= was.to_us)
		return; /* beyond the hole: where its end was not known by the exchange's clock, all was asked for */
	if (cut.to_us > was.to_us)
		cut.to_us = was.to_us;
	/* pages came from the one end, and go on to the other */
	bool has_done = newest_first ? cut.to_us < was.to_us : was.from_id != GAP_NO_ID && cut.from_id > was.from_id;
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
		gaps_close(g, lost, GAP_UNFILLABLE, note);
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
			set_range(gap, was.from_us, cut.from_us, was.from_id, cut.from_id - 1);
		gaps_close(g, gap, GAP_FILLED, "");
	} else if (!has_rest) {
		set_range(gap, cut.from_us, cut.to_us, cut.from_id, cut.to_id);
		gaps_close(g, gap, GAP_UNFILLABLE, note);
	}
}
