#include "recorder/gap.h"

#include "recorder/clock.h"
#include "recorder/log.h"
#include "schema/timefmt.h"

#include <stdlib.h>
#include <string.h>

#define APART_US (5 * US_PER_SECOND)        /* between the trades kept as anchors */
#define PROOF_SLACK_US (2 * US_PER_SECOND)  /* what our idea of the exchange's clock may be off */
#define GUESS_SLACK_US US_PER_MINUTE         /* and where it is only our wall clock's */
#define ABSURD_SKIP 1000000                 /* ids: one such id alone is not believed */
#define JOIN_SKIP 1000                      /* a new skip so near behind an open one makes that longer */
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
	*g = (struct gaps){ .net = net, .plan = plan, .config = config, .resume = resume, .next_gap_id = resume->last_gap_id + 1 };
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

static const struct exchange *exchange_of(const struct gaps *g, uint32_t market)
{
	return g->plan->markets[market]->exchange;
}

static struct market_state *state_of(const struct gaps *g, const struct gap *gap)
{
	return &g->plan->states[gap->market];
}

static struct exchange_time *time_of(struct gaps *g, uint32_t market)
{
	return &g->times[gaps_exchange(g, exchange_of(g, market))];
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
		g->changed(g->changed_arg, gaps_exchange(g, exchange_of(g, gap->market)));
}

static struct gap *add(struct gaps *g, uint32_t market, const struct gap_mark *mark, int64_t anchor_us)
{
	struct gap *gap = calloc(1, sizeof *gap);
	if (!gap)
		abort(); /* a hole that is not written down would be a lie */
	struct gap **list = &g->open[gaps_exchange(g, exchange_of(g, market))];
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
	struct gap *gap = g->open[gaps_exchange(g, exchange_of(g, market))];
	while (gap && gap->market != market)
		gap = gap->next;
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

static struct gap *open_gap(struct gaps *g, uint32_t market, enum gap_reason reason, int64_t from_us, int64_t from_id)
{
	struct market_state *s = &g->plan->states[market];
	struct gap_mark mark = { .from_us = from_us, .to_us = GAP_NOT_OVER, .from_id = from_id, .to_id = GAP_NO_ID, .reason = reason };
	struct gap *gap = s->open_gaps >= OPEN_MOST ? newest_of(g, market) : NULL;
	if (gap) { /* with what lies between: memory has an end, and the ledger may say too much, not too little */
		gap->mark.to_us = GAP_NOT_OVER;
		gap->mark.to_id = GAP_NO_ID;
		gap->asked = false;
		gap->live_mono_us = 0;
	} else {
		mark.gap_id = g->next_gap_id++;
		gap = add(g, market, &mark, anchor_before(s, from_us));
	}
	gaps_put(g, gap);
	log_gap(g, gap, "hole");
	return gap;
}

static void forget(struct gaps *g, struct gap *gap)
{
	struct market_state *s = state_of(g, gap);
	struct gap **p = &g->open[gaps_exchange(g, exchange_of(g, gap->market))];
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
static void is_over(struct gaps *g, struct gap *gap, int64_t live_mono_us, bool settled)
{
	const struct exchange *exchange = exchange_of(g, gap->market);
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

/* ---- ids ---- */

static void advance(struct market_state *s, int64_t id, int64_t time_us)
{
	s->next_id = id + 1;
	s->last_us = time_us;
}

/* A run of ids that was ahead is met. */
static void meet_ahead(struct market_state *s)
{
	if (s->ahead_from_id == GAP_NO_ID || s->next_id < s->ahead_from_id)
		return;
	if (s->ahead_next_id > s->next_id)
		s->next_id = s->ahead_next_id;
	s->ahead_from_id = GAP_NO_ID;
}

/* The ids from next_id to `to_id` did not come, and one of time_us behind them did. */
static void skip(struct gaps *g, uint32_t market, int64_t from_id, int64_t to_id, int64_t time_us)
{
	struct market_state *s = &g->plan->states[market];
	int64_t end_us = (time_us > s->last_us ? time_us : s->last_us) + 1;
	struct gap *gap = s->skip;
	if (gap && from_id - gap->mark.to_id <= JOIN_SKIP && from_id > gap->mark.from_id) {
		gap->mark.to_us = end_us > gap->mark.to_us ? end_us : gap->mark.to_us;
		gap->mark.to_id = gap->history.to_id = to_id;
		gap->history.to_us = gap->mark.to_us;
		gaps_put(g, gap);
		return;
	}
	gap = open_gap(g, market, GAP_ID_SKIP, s->last_us < time_us ? s->last_us : time_us, from_id);
	gap->mark.to_us = end_us;
	gap->mark.to_id = to_id;
	if (gap->mark.reason == GAP_ID_SKIP)
		s->skip = gap;
	is_over(g, gap, clock_mono_us(), true);
}

static void accept_ahead(struct gaps *g, uint32_t market)
{
	struct market_state *s = &g->plan->states[market];
	if (s->ahead_from_id == GAP_NO_ID)
		return;
	if (s->next_id < s->ahead_from_id)
		skip(g, market, s->next_id, s->ahead_from_id - 1, s->ahead_us);
	s->next_id = s->next_id > s->ahead_next_id ? s->next_id : s->ahead_next_id;
	s->last_us = s->ahead_us;
	s->ahead_from_id = GAP_NO_ID;
}

/* Beyond what came so far: it may be the other connection's, or an absurd one. */
static void run_ahead(struct gaps *g, uint32_t market, int64_t id, int64_t time_us, bool overlapping)
{
	struct market_state *s = &g->plan->states[market];
	if (s->ahead_from_id == GAP_NO_ID || (!overlapping && id != s->ahead_next_id)) {
		s->ahead_from_id = id;
	} else if (id < s->ahead_from_id) {
		skip(g, market, s->next_id, id - 1, time_us);
		advance(s, id, time_us);
		meet_ahead(s);
		return;
	} else if (id < s->ahead_next_id) {
		return;
	} else if (id > s->ahead_next_id) {
		skip(g, market, s->ahead_next_id, id - 1, time_us);
	}
	bool confirmed = id != s->ahead_from_id;
	s->ahead_next_id = id + 1;
	s->ahead_us = time_us;
	if (confirmed && !overlapping)
		accept_ahead(g, market);
}

/* The hole's last id is known: it ends with the trade before `id`. */
static void bound(struct gaps *g, uint32_t market, int64_t id, int64_t time_us)
{
	struct market_state *s = &g->plan->states[market];
	struct gap *gap = s->waiting;
	gap->mark.to_id = gap->history.to_id = id - 1;
	int64_t end_us = (time_us > gap->mark.from_us ? time_us : gap->mark.from_us) + 1;
	gap->mark.to_us = gap->mark.to_us == GAP_NOT_OVER || gap->mark.to_us < end_us ? end_us : gap->mark.to_us;
	gap->history.to_us = gap->mark.to_us;
	if (!s->live)
		return; /* gaps_live ends it: until then its time is not over */
	s->waiting = NULL;
	is_over(g, gap, clock_mono_us(), true);
}

static void take_id(struct gaps *g, uint32_t market, int64_t id, int64_t time_us, bool overlapping)
{
	struct market_state *s = &g->plan->states[market];
	bool bounded = s->waiting && s->waiting->mark.to_id != GAP_NO_ID;
	if (s->next_id != GAP_NO_ID && id < s->next_id)
		return; /* again */
	if (s->waiting && !bounded && (s->next_id == GAP_NO_ID || id - s->next_id <= ABSURD_SKIP)) {
		bound(g, market, id, time_us);
	} else if (s->next_id != GAP_NO_ID && id != s->next_id) {
		if (overlapping || id - s->next_id > ABSURD_SKIP) {
			run_ahead(g, market, id, time_us, overlapping);
			return;
		}
		skip(g, market, s->next_id, id - 1, time_us);
	}
	advance(s, id, time_us);
	meet_ahead(s);
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
	struct exchange_time *e = time_of(g, market);
	int64_t now = clock_mono_us();
	exchange_time_sample(e, trade->time_us, now);
	if (exchange_of(g, market)->ids_step && trade->id.kind == TRADE_ID_NUMBER)
		take_id(g, market, trade->id.number, trade->time_us, overlapping);
	take_time(s, e, trade->time_us, now);
}

void gaps_put_back(struct gaps *g, struct gap *gap, const struct trade *trade)
{
	struct market_state *s = state_of(g, gap);
	if (s->waiting == gap && trade->id.kind == TRADE_ID_NUMBER && trade->id.number >= s->next_id) {
		advance(s, trade->id.number, trade->time_us);
		meet_ahead(s);
	}
}

/* ---- connections ---- */

/* It is over at that moment, as far as we know the exchange's clock. */
static void end_by_clock(struct gaps *g, struct gap *gap, int64_t mono_us)
{
	int64_t end_us = exchange_time_at_most_us(time_of(g, gap->market), mono_us);
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
		is_over(g, gap, mono_us, bounded);
	}
}

/* Where the stream was whole for certain, when it was proved up to proved_us. */
static int64_t whole_until_us(struct gaps *g, uint32_t market, int64_t proved_us)
{
	const struct market_state *s = &g->plan->states[market];
	const struct exchange *exchange = exchange_of(g, market);
	if (proved_us == 0) /* nothing came yet, since it was subscribed to */
		proved_us = s->covered_from_us != 0 ? s->covered_from_us - PROOF_SLACK_US :
		            s->newest_us != INT64_MIN ? s->newest_us : exchange_time_at_least_us(time_of(g, market), clock_mono_us());
	if (exchange_time_guessed(time_of(g, market)))
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
		is_over(g, gap, clock_mono_us(), true);
		gap = NULL;
	} else if (!gap && !s->live) {
		return; /* never recorded */
	}
	s->live = false;
	if (!gap) {
		s->waiting = open_gap(g, market, reason, from_us, exchange_of(g, market)->ids_step ? s->next_id : GAP_NO_ID);
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
		accept_ahead(g, set->markets[i]);
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
	bool ids = exchange_of(g, market)->ids_step;
	if (!s->live)
		return; /* a hole is open, or it was never recorded */
	struct gap *gap = s->waiting;
	if (!gap || gap->asked)
		gap = open_gap(g, market, reason, from_us, ids ? s->next_id : GAP_NO_ID);
	s->waiting = gap;
	end_by_clock(g, gap, until_mono_us);
	is_over(g, gap, until_mono_us, false);
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
		accept_ahead(g, market);
		if (!exchange_of(g, market)->ids_step && proved_us < exchange_time_at_most_us(time_of(g, market), live_mono_us))
			miss(g, market, GAP_DISCONNECT, whole_until_us(g, market, proved_us), live_mono_us);
	}
}

/* ---- what REST cannot give ---- */

static struct gap *part(struct gaps *g, const struct gap *of, int64_t from_us, int64_t to_us, int64_t from_id, int64_t to_id)
{
	struct gap_mark mark = { .gap_id = g->next_gap_id++, .from_us = from_us, .to_us = to_us, .from_id = from_id, .to_id = to_id,
		                 .reason = of->mark.reason };
	struct gap *gap = add(g, of->market, &mark, of->anchor_us);
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
	bool newest_first = exchange_of(g, gap->market)->history->newest_first;
	if (cut.to_us > was.to_us)
		cut.to_us = was.to_us;
	/* pages came from the one end, and go on to the other */
	bool has_done = newest_first ? cut.to_us < was.to_us : was.from_id != GAP_NO_ID && cut.from_id > was.from_id;
	bool has_rest = newest_first ? was.from_us < cut.from_us : was.to_id == GAP_NO_ID || cut.to_id < was.to_id;

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
			set_range(rest, cut.to_us - 1, was.to_us, cut.to_id + 1, was.to_id);
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

/* ---- the start ---- */

static void open_resumed(struct gaps *g, uint32_t market, const struct resume_market *there)
{
	struct market_state *s = &g->plan->states[market];
	for (size_t i = 0; i < there->gap_count; i++) {
		struct gap *gap = add(g, market, &there->gaps[i].mark, there->gaps[i].anchor_us);
		if (gap->mark.to_us == GAP_NOT_OVER)
			s->waiting = gap;
		else
			is_over(g, gap, clock_mono_us(), true);
	}
}

/* Is an open hole the one that begins here?  Then it goes on. */
static bool goes_on(const struct gap *gap, int64_t from_us, int64_t next_id)
{
	if (gap->mark.from_id != GAP_NO_ID && next_id != GAP_NO_ID)
		return gap->mark.from_id <= next_id && (gap->mark.to_id == GAP_NO_ID || next_id <= gap->mark.to_id + 1);
	return gap->mark.from_us <= from_us && gap->mark.to_us >= from_us;
}

/* From the last trade that was stored; a market that had none yet, from where it was last known to be received. */
static void open_not_running(struct gaps *g, uint32_t market, const struct resume_market *there)
{
	struct market_state *s = &g->plan->states[market];
	const struct exchange *exchange = exchange_of(g, market);
	int64_t from_us = there->newest_us != INT64_MIN ? there->newest_us :
	                  there->covered_to_us != INT64_MIN ? there->covered_to_us - GUESS_SLACK_US : INT64_MIN;
	if (s->waiting || from_us == INT64_MIN)
		return;
	from_us -= exchange->lateness_us;
	for (struct gap *gap = g->open[gaps_exchange(g, exchange)]; gap; gap = gap->next) {
		if (gap->market != market || !goes_on(gap, from_us, s->next_id))
			continue;
		gap->mark.to_us = GAP_NOT_OVER;
		gap->mark.to_id = GAP_NO_ID;
		gap->live_mono_us = 0;
		gaps_put(g, gap);
		s->waiting = gap;
		return;
	}
	s->waiting = open_gap(g, market, GAP_NOT_RUNNING, from_us, exchange->ids_step ? s->next_id : GAP_NO_ID);
}

/* What was traded since then is asked for once, however often the recorder starts. */
static void open_since(struct gaps *g, uint32_t market, const struct resume_market *there)
{
	int64_t since_us = g->config->backfill_since_us;
	struct market_state *s = &g->plan->states[market];
	if (since_us == INT64_MAX || (there && since_us >= there->asked_since_us))
		return;
	if (!there || there->oldest_us == INT64_MIN) {
		if (!s->waiting)
			s->waiting = open_gap(g, market, GAP_BACKFILL_SINCE, since_us, GAP_NO_ID);
		return;
	}
	if (since_us >= there->oldest_us)
		return;
	struct gap *gap = open_gap(g, market, GAP_BACKFILL_SINCE, since_us, GAP_NO_ID);
	gap->mark.to_us = there->oldest_us + 1000; /* other trades of that millisecond may be missing */
	is_over(g, gap, clock_mono_us(), true);
}

/* Says on the tape that the market is recorded from now on, so that a recorder killed before its first trade was committed
 * leaves a trace: the next one knows what it may have missed. */
static void note_first_start(struct gaps *g, uint32_t market)
{
	int64_t now_us = exchange_time_at_least_us(time_of(g, market), clock_mono_us());
	struct item item = { .kind = ITEM_COVERAGE, .market = market, .mark = { .from_us = now_us, .to_us = now_us } };
	queue_push(g->net->queue, &item);
}

void gaps_add_market(struct gaps *g, uint32_t market)
{
	const struct market *m = g->plan->markets[market];
	struct market_state *s = &g->plan->states[market];
	const struct resume_market *there = resume_find(g->resume, m->exchange->name, m->symbol);
	if (m->channel != CHANNEL_TRADES)
		return;
	if (there) {
		open_resumed(g, market, there);
		s->newest_us = there->newest_us;
		s->first_us = there->oldest_us;
		s->next_anchor_us = there->before_newest_us;
		if (m->exchange->ids_step && there->newest_id != GAP_NO_ID)
			advance(s, there->newest_id, there->newest_us);
		open_not_running(g, market, there);
	}
	if (!there || (there->newest_us == INT64_MIN && there->covered_to_us == INT64_MIN))
		note_first_start(g, market);
	open_since(g, market, there);
}
