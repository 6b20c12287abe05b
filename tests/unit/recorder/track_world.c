#include "track_world.h"

#include "recorder/gaps/gap_internal.h"

#include <stdlib.h>
#include <string.h>

#define NOON_US INT64_C(1795694400000000)
#define MONO_US INT64_C(1000000000) /* at noon */
#define MARKETS_MAX 4
#define SLOTS 2
#define TRADES_MAX 2048
#define ITEMS_MAX 8192
#define MESSAGES_MAX 2048
#define TICK_US US_PER_SECOND
#define PING_US (4 * US_PER_SECOND)
#define NEVER INT64_MAX

const char *const op_words[OP_KINDS] = {
	[OP_TRADES] = "trades", [OP_CUT] = "cut",   [OP_RENEW] = "renew", [OP_LAG] = "lag",   [OP_LOSE] = "lose", [OP_MUTE] = "mute",
	[OP_REFUSE] = "refuse", [OP_FULL] = "full", [OP_SLEEP] = "sleep", [OP_STOP] = "stop", [OP_LIST] = "list", [OP_WAIT] = "wait",
};

struct made { /* a trade, by the exchange */
	uint32_t market;
	int64_t made_us; /* the world's time */
	int64_t time_us, id;
	int64_t arrived_us; /* 0: not on the tape by a socket */
	bool on_tape;
	unsigned on_its_way;
	bool owed; /* by the older of two when one of them ended */
	bool excused, alone; /* alone: no other connection could still bring what lies before it */
};

struct message {
	enum { MSG_TRADE, MSG_TAKEN, MSG_REFUSED } kind;
	int64_t arrives_us;
	uint32_t market;
	size_t trade;
	bool lost;     /* it does not come */
	bool told;     /* and is told of: it could not be read */
};

struct conn {
	bool up, live, open;
	struct carrier carrier;
	const char *keys[MARKETS_MAX];
	uint32_t markets[MARKETS_MAX];
	struct market_set set;
	int64_t asked_us, opened_mono_us; /* when the exchange has the subscription */
	bool sends[MARKETS_MAX];          /* by a market's number */
	size_t answers;                   /* of frames, still to come */
	struct message messages[MESSAGES_MAX];
	size_t head, tail;
	int64_t last_arrival_us, lag_us, lag_until_us;
	bool prompt_pongs;
	int64_t pong_us, pong_sent_mono_us, pinged_us; /* pong_us 0: none is awaited */
	int64_t retire_us, retire_mono_us;             /* 0: no */
};

struct slot { /* an exchange, and the connection to it */
	const struct exchange *exchange;
	int64_t ahead_us; /* its clock */
	struct conn conns[2];
	int64_t connect_us;
	struct gap *asking;
	int64_t asked_us, asked_mono_us, answer_us;
	int64_t hint_us;
};

struct item { /* as it went to the tape */
	enum { ITEM_TRADE, ITEM_ROW, ITEM_COVERED } kind;
	uint32_t market;
	int64_t at_us;
	size_t trade;
	bool by_socket;
	struct gap_mark mark;
	int64_t from_us, to_us;
};

struct listed {
	size_t slot;
	int64_t next_id, last_time_us;
	int64_t required_us; /* from when on its trades are to be recorded, the world's time; NEVER: not yet */
	unsigned lose;       /* so many of the next messages */
	bool lose_told, refuse;
	int64_t muted_until_us; /* 0: it is not */
};

static struct world {
	struct rng rng;
	int64_t now_us, slept_us, wall_ahead_us, tick_us, full_until_us, beat_us;
	struct slot slots[SLOTS];
	size_t slot_count, market_count;
	bool clocks_differ; /* then nothing is held up: what arrives, or our own clock, must tell the exchange's */
	struct listed markets[MARKETS_MAX];
	struct made trades[TRADES_MAX];
	size_t trade_count;
	struct item items[ITEMS_MAX];
	size_t item_count;
	struct gaps gaps;
	struct resume resume;
	struct resume_market there[MARKETS_MAX];
	struct resume_clock clocks[SLOTS];
	struct verdict *verdict;
} w;

static int64_t between(int64_t low, int64_t high)
{
	return low + (int64_t)rng_below(&w.rng, (uint64_t)(high - low + 1));
}

static bool chance(unsigned percent)
{
	return rng_below(&w.rng, 100) < percent;
}

static int64_t mono_us(void)
{
	return w.now_us - NOON_US + MONO_US - w.slept_us;
}

static int64_t wall_us(void)
{
	return w.now_us + w.wall_ahead_us;
}

static int64_t exchange_us(uint32_t market)
{
	return w.now_us + w.slots[w.markets[market].slot].ahead_us;
}

static bool has_ids(uint32_t market)
{
	return w.slots[w.markets[market].slot].exchange->ids_step;
}

static void wrong(const char *words, uint32_t market, int64_t what_us, int64_t id)
{
	if (w.verdict->words[0] == '\0')
		snprintf(w.verdict->words, sizeof w.verdict->words, "%s: market %u (%s), at %.6f, id %lld, found at %.6f", words, market,
		         w.slots[w.markets[market].slot].exchange->name, (double)(what_us - NOON_US) / 1e6, (long long)id,
		         (double)(w.now_us - NOON_US) / 1e6);
}

/* ---- the tape ---- */

bool world_shows;

static void show(const struct item *i)
{
	double now_s = (double)(w.now_us - NOON_US) / 1e6;
	if (i->kind == ITEM_TRADE)
		print_message("%10.6f market %u: trade %lld of %.3f by %s\n", now_s, i->market, (long long)w.trades[i->trade].id,
		              (double)(w.trades[i->trade].time_us - NOON_US) / 1e6, i->by_socket ? "socket" : "REST");
	else if (i->kind == ITEM_COVERED)
		print_message("%10.6f market %u: covered %.6f to %.6f\n", now_s, i->market, (double)(i->from_us - NOON_US) / 1e6,
		              (double)(i->to_us - NOON_US) / 1e6);
	else
		print_message("%10.6f market %u: gap %lld %s %s %.6f to %.6f, ids %lld to %lld\n", now_s, i->market, (long long)i->mark.gap_id,
		              gap_reason_words[i->mark.reason], gap_state_words[i->mark.state], (double)(i->mark.from_us - NOON_US) / 1e6,
		              i->mark.to_us == GAP_NOT_OVER ? 9e9 : (double)(i->mark.to_us - NOON_US) / 1e6, (long long)i->mark.from_id,
		              (long long)i->mark.to_id);
}

static void show_event(const char *what, uint32_t market)
{
	if (world_shows)
		print_message("%10.6f %s %u\n", (double)(w.now_us - NOON_US) / 1e6, what, market);
}

static bool full(void)
{
	return w.now_us < w.full_until_us || w.item_count == ITEMS_MAX;
}

static bool put(struct item item)
{
	if (full())
		return false;
	item.at_us = w.now_us;
	if (world_shows)
		show(&item);
	w.items[w.item_count++] = item;
	return true;
}

static bool on_row(void *arg, uint32_t market, const struct gap_mark *mark)
{
	(void)arg;
	if (mark->from_us >= mark->to_us)
		wrong("a gap ends before it begins", market, mark->from_us, mark->from_id);
	if (mark->to_us == GAP_NOT_OVER && mark->state != GAP_OPEN)
		wrong("a gap that is not over is settled", market, mark->from_us, mark->from_id);
	if (mark->from_us < NOON_US - 10 * US_PER_MINUTE)
		wrong("a gap begins before all", market, mark->from_us, mark->from_id);
	if (mark->to_us != GAP_NOT_OVER && mark->to_us > exchange_us(market) + 2 * US_PER_MINUTE)
		wrong("a gap ends far in the future", market, mark->to_us, mark->to_id);
	return put((struct item){ .kind = ITEM_ROW, .market = market, .mark = *mark });
}

static bool on_coverage(void *arg, uint32_t market, int64_t from_us, int64_t to_us)
{
	const struct exchange_clock *clock = &w.gaps.times[w.markets[market].slot];
	(void)arg;
	if (from_us > to_us)
		wrong("coverage ends before it begins", market, from_us, -1);
	/* what is known of the clock by trades is what the clock was when they were made */
	if (to_us > from_us && to_us > exchange_us(market) && exchange_clock_known(clock))
		wrong("coverage ends later than now", market, to_us, -1);
	return put((struct item){ .kind = ITEM_COVERED, .market = market, .from_us = from_us, .to_us = to_us });
}

static void on_event(void *arg, uint32_t market, const struct gap_mark *mark, const char *event)
{
	(void)arg, (void)market, (void)mark, (void)event;
}

static void on_no_history(void *arg, size_t index, const struct exchange *exchange)
{
	(void)arg, (void)index, (void)exchange;
}

/* The last word on each gap of the market, and its coverage. */
struct ledger {
	size_t count, covered_count;
	struct gap_mark marks[512];
	struct {
		int64_t from_us, to_us;
	} covered[2048];
};

static void read_ledger(uint32_t market, struct ledger *l)
{
	l->count = l->covered_count = 0;
	for (size_t i = 0; i < w.item_count; i++) {
		const struct item *item = &w.items[i];
		size_t k = 0;
		if (item->market != market || item->kind == ITEM_TRADE)
			continue;
		if (item->kind == ITEM_COVERED) { /* what goes on is one */
			k = l->covered_count;
			if (k > 0 && l->covered[k - 1].from_us == item->from_us && item->to_us >= l->covered[k - 1].to_us)
				k--;
			else if (l->covered_count++ == sizeof l->covered / sizeof *l->covered - 1)
				abort();
			l->covered[k].from_us = item->from_us;
			l->covered[k].to_us = item->to_us;
			continue;
		}
		while (k < l->count && l->marks[k].gap_id != item->mark.gap_id)
			k++;
		if (k == sizeof l->marks / sizeof *l->marks)
			abort();
		l->marks[k] = item->mark;
		l->count += k == l->count;
	}
}

/* ---- what must be true ---- */

static bool in_gap(const struct ledger *l, const struct made *t)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct gap_mark *m = &l->marks[i];
		if (m->state != GAP_FILLED && t->time_us >= m->from_us && t->time_us < m->to_us &&
		    (m->from_id == GAP_NO_ID || t->id >= m->from_id) && (m->to_id == GAP_NO_ID || t->id <= m->to_id))
			return true;
	}
	return false;
}

static bool is_carried(uint32_t market)
{
	const struct conn *c = w.slots[w.markets[market].slot].conns;
	return (c[0].up && carrier_carries(&c[0].carrier, market)) || (c[1].up && carrier_carries(&c[1].carrier, market));
}

/* Nobody can know yet: the next id tells it, or the silence. */
static bool not_told_yet(const struct made *t)
{
	const struct listed *m = &w.markets[t->market];
	if (m->muted_until_us != 0 || t->on_its_way > 0 || t->excused)
		return true;
	if (!has_ids(t->market) || !is_carried(t->market))
		return false;
	for (size_t i = (size_t)(t - w.trades) + 1; i < w.trade_count; i++)
		if (w.trades[i].market == t->market && w.trades[i].arrived_us != 0 && w.trades[i].alone)
			return false; /* of two connections either may run ahead */
	return true;
}

static void check_trades(uint32_t market, const struct ledger *l)
{
	for (size_t i = 0; i < w.trade_count; i++) {
		const struct made *t = &w.trades[i];
		if (t->market != market || t->on_tape || t->made_us < w.markets[market].required_us || not_told_yet(t))
			continue;
		w.verdict->lost++;
		if (!in_gap(l, t))
			wrong("a trade is missing in silence", market, t->time_us, t->id);
	}
}

/* From the first moment on all time is covered, or in a gap. */
static void check_time(uint32_t market, const struct ledger *l)
{
	int64_t at_us = INT64_MAX, end_us = INT64_MIN;
	for (size_t i = 0; i < l->covered_count; i++) /* an empty one only says that it is recorded */
		if (l->covered[i].to_us > l->covered[i].from_us && l->covered[i].from_us < at_us)
			at_us = l->covered[i].from_us;
	if (at_us == INT64_MAX)
		return;
	for (bool moved = true; moved;) {
		moved = false;
		for (size_t i = 0; i < l->covered_count; i++)
			if (l->covered[i].from_us <= at_us && l->covered[i].to_us > at_us) {
				at_us = l->covered[i].to_us;
				moved = true;
			}
		for (size_t i = 0; i < l->count; i++)
			if (l->marks[i].from_us <= at_us && l->marks[i].to_us > at_us) {
				at_us = l->marks[i].to_us;
				moved = true;
			}
	}
	for (size_t i = 0; i < l->covered_count; i++)
		end_us = l->covered[i].to_us > l->covered[i].from_us && l->covered[i].to_us > end_us ? l->covered[i].to_us : end_us;
	for (size_t i = 0; i < l->count; i++)
		end_us = l->marks[i].to_us > end_us ? l->marks[i].to_us : end_us;
	bool known = exchange_clock_known(&w.gaps.times[w.markets[market].slot]); /* else coverage is behind what ids prove, for now */
	bool settled = w.now_us - w.full_until_us > 10 * US_PER_SECOND; /* coverage that had no place is told with the next */
	if (at_us < end_us && ((known && settled) || !is_carried(market)))
		wrong("a time is neither covered nor in a gap", market, at_us, -1);
	if (w.markets[market].required_us != NEVER && !is_carried(market) && at_us != GAP_NOT_OVER)
		wrong("nothing carries it, and no gap is open", market, at_us, -1);
}

static void check(void)
{
	static struct ledger l;
	if (full())
		return; /* what it would say has no place yet */
	gaps_flush(&w.gaps, mono_us());
	for (size_t i = 0; i < 2 * w.slot_count; i++)
		if (w.slots[i / 2].conns[i % 2].up)
			carrier_tell(&w.slots[i / 2].conns[i % 2].carrier, false, mono_us());
	for (uint32_t market = 0; market < w.market_count; market++) {
		read_ledger(market, &l);
		check_trades(market, &l);
		check_time(market, &l);
	}
}

/* ---- connections ---- */

static void required_from(uint32_t market, int64_t us)
{
	if (us < w.markets[market].required_us)
		w.markets[market].required_us = us;
}

static void enqueue(struct conn *c, struct message m, int64_t delay_us)
{
	int64_t lag_us = w.now_us < c->lag_until_us ? c->lag_us : 0;
	m.arrives_us = w.now_us + delay_us + lag_us;
	if (m.arrives_us < c->last_arrival_us)
		m.arrives_us = c->last_arrival_us;
	c->last_arrival_us = m.arrives_us;
	if (c->tail < MESSAGES_MAX)
		c->messages[c->tail++] = m;
	if (m.kind == MSG_TRADE && c->tail < MESSAGES_MAX)
		w.trades[m.trade].on_its_way++;
}

static void connect(struct slot *s, struct conn *c)
{
	bool *refuse;
	show_event("connected", (uint32_t)(c - s->conns));
	carrier_release(&c->carrier);
	*c = (struct conn){ .up = true, .opened_mono_us = mono_us(), .pinged_us = w.now_us, .prompt_pongs = chance(50) };
	for (uint32_t i = 0; i < w.market_count; i++)
		if (&w.slots[w.markets[i].slot] == s) {
			c->keys[c->set.count] = "";
			c->markets[c->set.count++] = i;
		}
	c->set.keys = c->keys;
	c->set.markets = c->markets;
	carrier_init(&c->carrier, &w.gaps, s->exchange);
	if (!carrier_join(&c->carrier, &c->set, w.market_count, mono_us()))
		abort();
	c->asked_us = w.now_us;
	for (size_t i = 0; i < c->set.count; i++) {
		uint32_t market = c->markets[i];
		refuse = &w.markets[market].refuse;
		enqueue(c, (struct message){ .kind = *refuse ? MSG_REFUSED : MSG_TAKEN, .market = market }, between(20000, 300000));
		c->sends[market] = !*refuse;
		*refuse = false;
		c->answers++;
	}
}

/* `c` of the slot is over. */
static void leave(struct slot *s, struct conn *c, bool proved, enum gap_reason reason)
{
	struct conn *other = c == &s->conns[0] ? &s->conns[1] : &s->conns[0];
	bool is_successor = other->up && other == &s->conns[1];
	show_event(is_successor ? "replaced: connection" : "over: connection", (uint32_t)(c - s->conns));
	for (size_t i = s->conns[0].head; s->conns[1].up && i < s->conns[0].tail; i++)
		if (s->conns[0].messages[i].kind == MSG_TRADE)
			w.trades[s->conns[0].messages[i].trade].owed = true;
	for (; c->head < c->tail; c->head++)
		if (c->messages[c->head].kind == MSG_TRADE)
			w.trades[c->messages[c->head].trade].on_its_way--;
	s->conns[0].retire_us = 0;
	carrier_leave(&c->carrier, other->up ? &other->carrier : NULL, is_successor, proved, reason, mono_us());
	carrier_release(&c->carrier);
	c->up = false;
	if (is_successor) { /* it goes on in its place: what it points to moves along */
		static struct conn moved;
		moved = *other;
		other->up = false;
		other->carrier.live_mono_us_of = NULL;
		*c = moved;
		c->set.keys = c->keys;
		c->set.markets = c->markets;
		c->carrier.coverage.trades = &c->set;
	}
	if (!s->conns[0].up)
		s->connect_us = w.now_us + between(US_PER_SECOND / 2, 6 * US_PER_SECOND);
}

static void cut(struct slot *s, struct conn *c, enum gap_reason reason)
{
	leave(s, c, false, reason);
	check();
}

static void look_if_live(struct slot *s, struct conn *c)
{
	if (c->answers > 0 || c->live)
		return;
	c->live = true;
	if (c == &s->conns[1] && s->conns[0].up)
		s->conns[0].retire_us = w.now_us + US_PER_SECOND + s->exchange->lateness_us;
}

static void go_live(struct conn *c, uint32_t market)
{
	required_from(market, w.now_us);
	show_event("live", market);
	carrier_live(&c->carrier, market, mono_us());
}

static bool any_arrived(uint32_t market)
{
	for (size_t i = 0; i < w.trade_count; i++)
		if (w.trades[i].market == market && w.trades[i].on_tape)
			return true;
	return false;
}

/* As feed_message.c does: first onto the tape, then to the carrier. */
static void arrive(struct conn *c, const struct message *m, enum carried carried)
{
	struct made *t = &w.trades[m->trade];
	struct trade trade = { .market = t->market, .time_us = t->time_us, .id = { .kind = TRADE_ID_NUMBER, .number = t->id } };
	t->on_its_way--;
	if (m->lost && (m->told || any_arrived(t->market))) { /* before the first id, nothing would tell */
		show_event("lost a message", t->market);
		if (m->told)
			carrier_missed(&c->carrier, chance(70) ? t->market : NO_MARKET, GAP_UNPARSEABLE, mono_us());
		return;
	}
	if (w.gaps.unsaid)
		gaps_flush(&w.gaps, mono_us());
	if (!put((struct item){ .kind = ITEM_TRADE, .market = t->market, .trade = m->trade, .by_socket = true })) {
		carrier_missed(&c->carrier, t->market, GAP_OVERFLOW, mono_us());
		return;
	}
	if (carried == CARRIED_BY_SUCCESSOR && !any_arrived(t->market)) /* nothing tells what the older one owes */
		for (size_t i = 0; i < w.trade_count; i++)
			w.trades[i].excused |= w.trades[i].market == t->market && w.trades[i].on_its_way > 0 && has_ids(t->market);
	t->on_tape = true;
	t->arrived_us = w.now_us;
	t->alone = t->alone || carried == CARRIED_ALONE;
	if (!carrier_carries(&c->carrier, t->market))
		go_live(c, t->market);
	carrier_trade(&c->carrier, &trade, carried, mono_us());
}

static void take_message(struct slot *s, struct conn *c)
{
	struct message m = c->messages[c->head++];
	if (m.kind == MSG_TRADE) {
		arrive(c, &m, c == &s->conns[1] ? CARRIED_BY_SUCCESSOR : s->conns[1].up ? CARRIED_BY_OLDER : CARRIED_ALONE);
		return;
	}
	c->answers--;
	if (m.kind == MSG_TAKEN)
		go_live(c, m.market);
	else
		gaps_refused(&w.gaps, m.market, c->opened_mono_us);
	if (m.kind == MSG_REFUSED)
		required_from(m.market, c->opened_mono_us - MONO_US + NOON_US + w.slept_us);
	look_if_live(s, c);
}

static bool retire_if_through(struct slot *s, struct conn *c)
{
	struct conn *successor = &s->conns[1];
	if (c->retire_mono_us == 0 || c == successor || !successor->up ||
	    !carrier_is_through(&c->carrier, &successor->carrier, c->retire_mono_us))
		return false;
	bool quiet = successor->carrier.coverage.trade_us <= c->carrier.coverage.trade_us;
	for (size_t i = c->head; quiet && i < c->tail; i++)
		if (c->messages[i].kind == MSG_TRADE)
			w.trades[c->messages[i].trade].excused = true; /* nobody could tell that anything was on its way */
	leave(s, c, true, GAP_DISCONNECT);
	check();
	return true;
}

static void take_pong(struct slot *s, struct conn *c)
{
	c->pong_us = 0;
	carrier_pong(&c->carrier, c->pong_sent_mono_us, mono_us());
	retire_if_through(s, c);
}

/* ---- REST ---- */

static void give(struct gap *gap, struct made *t)
{
	struct trade trade = { .market = t->market, .time_us = t->time_us, .id = { .kind = TRADE_ID_NUMBER, .number = t->id } };
	if (put((struct item){ .kind = ITEM_TRADE, .market = t->market, .trade = (size_t)(t - w.trades) })) {
		t->on_tape = true;
		gaps_put_back(&w.gaps, gap, &trade);
	}
}

/* REST does not know it at once. */
static void later(struct gap *gap)
{
	if (++gap->laters < 10)
		gap->not_before_mono_us = mono_us() + US_PER_SECOND * gap->laters;
	else
		gap->history.newer_ref_us = INT64_MIN;
}

/* By time, from the newest on; all that REST knew at known_us. */
static void answer_backward(struct slot *s, struct gap *gap, int64_t known_us)
{
	struct history *h = &gap->history;
	int64_t from_us = h->from_us, newest_us = INT64_MIN, end_us = h->to_us;
	for (size_t i = 0; i < w.trade_count; i++)
		if (w.trades[i].market == gap->market && w.trades[i].made_us <= known_us && w.trades[i].time_us > newest_us)
			newest_us = w.trades[i].time_us;
	if (h->newer_ref_us != INT64_MIN && newest_us < h->newer_ref_us) {
		later(gap);
		return;
	}
	bool short_of = chance(15), part = !short_of && chance(20);
	int64_t mark_end_us = gap->mark.to_us;
	if ((short_of || part) && mark_end_us > from_us + 2)
		from_us += between(1, mark_end_us - from_us - 1);
	for (size_t i = 0; i < w.trade_count; i++) {
		struct made *t = &w.trades[i];
		if (t->market == gap->market && t->made_us <= known_us && t->time_us >= from_us && t->time_us < end_us)
			give(gap, t);
	}
	if (part)
		return;
	if (short_of && from_us > h->from_us) {
		h->cut = (struct history_cut){ h->from_us, from_us, HISTORY_NO_ID, HISTORY_NO_ID };
		gaps_cut(&w.gaps, gap, "REST reaches no farther back", mono_us());
		return;
	}
	gaps_given(&w.gaps, gap, s->asked_mono_us, mono_us());
}

/* By id, from the first that is missing on. */
static void answer_forward(struct slot *s, struct gap *gap, int64_t known_us)
{
	struct history *h = &gap->history;
	size_t room = (size_t)between(1, 40);
	if (!h->begun) {
		h->next_id = h->from_id;
		h->reached_us = h->from_us;
	}
	bool skips = chance(10), located = h->from_id != HISTORY_NO_ID || h->begun;
	for (size_t i = 0; i < w.trade_count; i++) {
		struct made *t = &w.trades[i];
		if (t->market != gap->market || t->made_us > known_us || (located ? t->id < h->next_id : t->time_us < h->from_us) ||
		    (h->to_id != HISTORY_NO_ID ? t->id > h->to_id : t->time_us >= h->to_us))
			continue;
		if (skips && h->begun && t->id == h->next_id && t->id + 1 < (h->to_id == HISTORY_NO_ID ? t->id : h->to_id)) { /* it lacks that */
			h->cut = (struct history_cut){ h->reached_us, t->time_us + 1, t->id, t->id };
			gaps_cut(&w.gaps, gap, "REST does not have these ids", mono_us());
			return;
		}
		if (room-- == 0)
			return; /* the next page */
		give(gap, t);
		h->begun = located = true;
		h->next_id = t->id + 1;
		h->reached_us = t->time_us;
	}
	if (h->to_id != HISTORY_NO_ID && h->next_id <= h->to_id)
		gap->not_before_mono_us = mono_us() + US_PER_SECOND;
	else
		gaps_given(&w.gaps, gap, s->asked_mono_us, mono_us());
}

static void take_answer(struct slot *s)
{
	struct gap *gap = s->asking;
	s->asking = NULL;
	if (!gap->asked || full())
		return; /* it became longer meanwhile, and is asked for anew */
	if (chance(15)) { /* no answer */
		gap->not_before_mono_us = mono_us() + US_PER_SECOND;
		return;
	}
	int64_t known_us = s->asked_us - between(0, 5 * US_PER_SECOND);
	if (s->exchange->history->newest_first)
		answer_backward(s, gap, known_us);
	else
		answer_forward(s, gap, known_us);
	w.verdict->filled++;
}

static void ask(struct slot *s)
{
	int64_t next_mono_us;
	struct gap *gap = s->asking || !s->exchange->history ? NULL : gaps_next(&w.gaps, (size_t)(s - w.slots), mono_us(), &next_mono_us);
	if (!gap)
		return;
	if (gaps_nothing_left(gap)) {
		gaps_close(&w.gaps, gap, GAP_FILLED, "", mono_us());
		return;
	}
	if (!gap->asked)
		gaps_ask(&w.gaps, gap, "", INT64_MIN, exchange_clock_at_least_us(gap_time_of(&w.gaps, gap->market), mono_us()));
	s->asking = gap;
	s->asked_us = w.now_us;
	s->asked_mono_us = mono_us();
	s->answer_us = w.now_us + between(50000, 900000);
}

/* ---- the recorder's start and end ---- */

static int by_time(const void *a, const void *b)
{
	const struct made *x = *(const struct made *const *)a, *y = *(const struct made *const *)b;
	return x->time_us != y->time_us ? (x->time_us < y->time_us ? -1 : 1) : x->id < y->id ? -1 : x->id > y->id;
}

/* As resume.c reads it. */
static bool skip_is_in_gap(const struct ledger *l, const struct made *before, const struct made *t)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct gap_mark *m = &l->marks[i];
		if (m->state != GAP_FILLED && m->from_us <= t->time_us && m->to_us > before->time_us &&
		    (m->from_id == GAP_NO_ID || m->from_id <= before->id + 1) && (m->to_id == GAP_NO_ID || m->to_id >= t->id - 1))
			return true;
	}
	return false;
}

static void resume_gaps(struct resume_market *r, const struct ledger *l, struct made **on_tape, size_t count)
{
	r->gaps = calloc(l->count + 1, sizeof *r->gaps);
	for (size_t i = 0; i < l->count; i++) {
		struct resume_gap gap = { .mark = l->marks[i], .older_ref_us = INT64_MIN };
		if (gap.mark.state != GAP_OPEN)
			continue;
		for (size_t k = 0; k < count && on_tape[k]->time_us < gap.mark.from_us; k++)
			gap.older_ref_us = on_tape[k]->time_us;
		if (gap.older_ref_us == INT64_MIN && count > 0 && r->oldest_us < gap.mark.to_us)
			gap.older_ref_us = r->oldest_us;
		gap.mark.note[0] = '\0';
		r->gaps[r->gap_count++] = gap;
	}
}

static void resume_market(uint32_t market, struct resume_market *r)
{
	static struct ledger l;
	static struct made *on_tape[TRADES_MAX];
	size_t count = 0;
	int64_t arrived_us = INT64_MIN;
	*r = (struct resume_market){ .oldest_us = INT64_MIN, .newest_us = INT64_MIN, .newest_id = GAP_NO_ID, .covered_to_us = INT64_MIN,
		                     .gaps_to_us = INT64_MIN,
		                     .before_newest_us = INT64_MIN, .asked_since_us = INT64_MAX };
	read_ledger(market, &l);
	for (size_t i = 0; i < w.trade_count; i++)
		if (w.trades[i].market == market && w.trades[i].on_tape)
			on_tape[count++] = &w.trades[i];
	qsort(on_tape, count, sizeof *on_tape, by_time);
	if (count > 0) {
		size_t newest = count - 1;
		r->oldest_us = on_tape[0]->time_us;
		for (size_t i = count - 1; has_ids(market) && i > 0 && on_tape[i]->time_us >= on_tape[count - 1]->time_us - US_PER_MINUTE; i--)
			if (on_tape[i]->id > on_tape[i - 1]->id + 1 && !skip_is_in_gap(&l, on_tape[i - 1], on_tape[i]))
				newest = i - 1;
		r->newest_us = on_tape[newest]->time_us;
		r->newest_id = has_ids(market) ? on_tape[newest]->id : GAP_NO_ID;
		for (size_t i = 0; i < count; i++) {
			if (on_tape[i]->time_us < r->newest_us - 5 * US_PER_SECOND)
				r->before_newest_us = on_tape[i]->time_us;
			if (on_tape[i]->time_us >= r->newest_us - 2 * US_PER_MINUTE && on_tape[i]->arrived_us != 0 &&
			    on_tape[i]->arrived_us > arrived_us) {
				arrived_us = on_tape[i]->arrived_us;
				r->arrived_us = on_tape[i]->time_us;
			}
		}
	}
	int64_t started_us = INT64_MIN;
	for (size_t i = 0; i < l.count; i++)
		if (l.marks[i].to_us != GAP_NOT_OVER && l.marks[i].to_us > r->gaps_to_us)
			r->gaps_to_us = l.marks[i].to_us;
	for (size_t i = 0; i < l.covered_count; i++) {
		if (l.covered[i].to_us > l.covered[i].from_us && l.covered[i].to_us > r->covered_to_us)
			r->covered_to_us = l.covered[i].to_us;
		started_us = l.covered[i].to_us > started_us ? l.covered[i].to_us : started_us;
	}
	if (r->covered_to_us == INT64_MIN)
		r->covered_to_us = started_us;
	resume_gaps(r, &l, on_tape, count);
}

static void release_resume(void)
{
	for (size_t i = 0; i < MARKETS_MAX; i++)
		free(w.there[i].gaps);
	memset(w.there, 0, sizeof w.there);
}

/* `again`: there is a tape. */
static void start(bool again)
{
	static const struct gap_sink sink = { .row = on_row, .coverage = on_coverage, .event = on_event, .no_history = on_no_history };
	w.resume.clocks = w.clocks;
	for (size_t i = 0; i < w.item_count; i++)
		if (w.items[i].kind == ITEM_ROW && w.items[i].mark.gap_id > w.resume.last_gap_id)
			w.resume.last_gap_id = w.items[i].mark.gap_id;
	for (size_t i = 0; again && i < w.slot_count; i++) {
		if (w.slots[i].hint_us == 0)
			continue;
		struct resume_clock *clock = &w.clocks[w.resume.clock_count++];
		snprintf(clock->exchange, sizeof clock->exchange, "%s", w.slots[i].exchange->name);
		clock->ahead_us = w.slots[i].hint_us;
	}
	gaps_init(&w.gaps, &sink, &w.resume, INT64_MAX);
	for (size_t i = 0; i < w.slot_count; i++)
		gaps_add_exchange(&w.gaps, w.slots[i].exchange);
	gaps_set_wall(&w.gaps, wall_us() - mono_us());
	for (uint32_t i = 0; i < w.market_count; i++) {
		if (again)
			resume_market(i, &w.there[i]);
		gaps_add_market(&w.gaps, i, w.slots[w.markets[i].slot].exchange, again ? &w.there[i] : NULL, mono_us());
	}
	for (size_t i = 0; i < w.slot_count; i++) {
		w.slots[i].connect_us = w.now_us + between(100000, US_PER_SECOND);
		w.slots[i].asking = NULL;
	}
	w.tick_us = w.now_us + TICK_US;
}

static void end(void)
{
	for (size_t i = 0; i < w.slot_count; i++)
		for (size_t k = 0; k < 2; k++) {
			struct conn *c = &w.slots[i].conns[k];
			if (c->up)
				carrier_tell(&c->carrier, false, mono_us());
			carrier_release(&c->carrier);
		}
	for (size_t i = 0; i < w.trade_count; i++) {
		const struct listed *m = &w.markets[w.trades[i].market];
		/* what the older of two owed is known to nobody who only reads the tape */
		w.trades[i].excused = w.trades[i].excused || (w.trades[i].on_its_way > 0 && w.slots[m->slot].conns[1].up);
		w.trades[i].on_its_way = 0;
	}
	for (size_t i = 0; i < 2 * w.slot_count; i++)
		w.slots[i / 2].conns[i % 2].up = false;
	gaps_release(&w.gaps);
	release_resume();
}

/* What was not committed yet is not on the tape. */
static void lose_uncommitted(int64_t since_us)
{
	for (size_t i = 0; i < w.trade_count; i++) {
		w.trades[i].excused = w.trades[i].excused || w.trades[i].owed;
		w.trades[i].on_tape = false;
	}
	for (; w.item_count > 0 && w.items[w.item_count - 1].at_us > since_us; w.item_count--) {
		const struct item *item = &w.items[w.item_count - 1];
		if (item->kind == ITEM_TRADE && item->by_socket && !w.trades[item->trade].alone)
			w.trades[item->trade].excused = true; /* by the older of two: as in end() */
	}
	for (size_t i = 0; i < w.item_count; i++)
		if (w.items[i].kind == ITEM_TRADE)
			w.trades[w.items[i].trade].on_tape = true;
	for (uint32_t market = 0; market < w.market_count; market++) {
		bool known = false;
		for (size_t i = 0; i < w.item_count; i++)
			known = known || w.items[i].market == market;
		if (!known)
			w.markets[market].required_us = NEVER; /* the tape never heard of it */
	}
}

static void restart(const struct op *op)
{
	bool killed = op->a % 2 == 0;
	int64_t uncommitted_us = between(0, 700000), down_us = between(0, 20 * US_PER_SECOND);
	w.full_until_us = killed ? w.full_until_us : 0; /* who stops in an orderly way writes all */
	if (!killed && w.gaps.states)
		gaps_flush(&w.gaps, mono_us());
	end();
	w.resume = (struct resume){ .alive_us = killed ? w.beat_us : wall_us(), .stopped_us = killed ? 0 : wall_us() };
	if (killed)
		lose_uncommitted(w.now_us - uncommitted_us);
	w.now_us += down_us;
	w.full_until_us = 0;
	start(true);
	check();
}

/* ---- time goes on ---- */

static void tick(void)
{
	w.tick_us = w.now_us + TICK_US;
	gaps_set_wall(&w.gaps, wall_us() - mono_us());
	for (size_t i = 0; i < w.slot_count; i++) {
		struct slot *s = &w.slots[i];
		for (size_t k = 0; k < 2; k++) {
			struct conn *c = &s->conns[k];
			if (!c->up)
				continue;
			carrier_tell(&c->carrier, false, mono_us());
			bool retires = c->retire_us != 0 && w.now_us >= c->retire_us;
			if (retires && c->retire_mono_us == 0)
				c->retire_mono_us = mono_us();
			if (c->pong_us == 0 && c->answers == 0 && (retires || w.now_us - c->pinged_us >= PING_US)) {
				c->pinged_us = w.now_us;
				c->pong_sent_mono_us = mono_us();
				c->pong_us = w.now_us + between(30000, 600000);
				if (!c->prompt_pongs && c->pong_us < c->last_arrival_us)
					c->pong_us = c->last_arrival_us;
			}
			if (retires && retire_if_through(s, c))
				continue;
			if (retires && w.now_us - c->retire_us >= 20 * US_PER_SECOND)
				cut(s, c, GAP_DISCONNECT);
		}
		ask(s);
		if (exchange_clock_known(&w.gaps.times[i]))
			s->hint_us = exchange_clock_at_least_us(&w.gaps.times[i], mono_us()) - wall_us();
	}
	for (uint32_t i = 0; i < w.market_count; i++) {
		struct listed *m = &w.markets[i];
		if (m->muted_until_us == 0 || w.now_us < m->muted_until_us)
			continue;
		m->muted_until_us = 0;
		if (w.slots[m->slot].conns[0].up) {
			gaps_silent(&w.gaps, i, mono_us());
			cut(&w.slots[m->slot], &w.slots[m->slot].conns[0], GAP_SILENCE);
		}
	}
	gaps_flush(&w.gaps, mono_us());
	if (wall_us() - w.beat_us >= 5 * US_PER_SECOND)
		w.beat_us = wall_us();
}

static void advance(int64_t to_us)
{
	for (;;) {
		int64_t next_us = w.tick_us;
		struct slot *slot = NULL;
		struct conn *conn = NULL;
		bool pong = false, answer = false;
		for (size_t i = 0; i < w.slot_count; i++) {
			struct slot *s = &w.slots[i];
			if (!s->conns[0].up && s->connect_us < next_us) {
				next_us = s->connect_us;
				slot = s;
				conn = NULL;
				pong = answer = false;
			}
			if (s->asking && s->answer_us < next_us) {
				next_us = s->answer_us;
				slot = s;
				answer = true;
			}
			for (size_t k = 0; k < 2; k++) {
				struct conn *c = &s->conns[k];
				if (c->up && c->head < c->tail && c->messages[c->head].arrives_us < next_us) {
					next_us = c->messages[c->head].arrives_us;
					slot = s;
					conn = c;
					pong = answer = false;
				}
				if (c->up && c->pong_us != 0 && c->pong_us < next_us) {
					next_us = c->pong_us;
					slot = s;
					conn = c;
					pong = true;
					answer = false;
				}
			}
		}
		if (next_us > to_us)
			break;
		w.now_us = next_us > w.now_us ? next_us : w.now_us;
		if (answer)
			take_answer(slot);
		else if (pong)
			take_pong(slot, conn);
		else if (conn)
			take_message(slot, conn);
		else if (slot)
			connect(slot, &slot->conns[0]);
		else
			tick();
	}
	w.now_us = to_us > w.now_us ? to_us : w.now_us;
}

/* ---- what happens ---- */

static void make_trade(uint32_t market)
{
	struct listed *m = &w.markets[market];
	struct slot *s = &w.slots[m->slot];
	if (w.trade_count == TRADES_MAX)
		return;
	struct made *t = &w.trades[w.trade_count];
	*t = (struct made){ .market = market, .made_us = w.now_us, .id = m->next_id++ };
	t->time_us = exchange_us(market) / 1000 * 1000;
	int64_t late_max_us = w.clocks_differ ? US_PER_SECOND : s->exchange->lateness_us - US_PER_SECOND;
	int64_t late_us = s->exchange->ids_step || chance(80) ? 0 : between(0, late_max_us);
	t->time_us -= late_us;
	t->made_us -= late_us; /* REST has it in its place */
	for (size_t k = 0; k < 2; k++) {
		struct conn *c = &s->conns[k];
		if (!c->up || market >= MARKETS_MAX || !c->sends[market] || m->muted_until_us != 0)
			continue;
		struct message message = { .kind = MSG_TRADE, .market = market, .trade = w.trade_count,
			                   .lost = m->lose > 0, .told = m->lose_told };
		enqueue(c, message, between(5000, 400000));
	}
	m->lose -= m->lose > 0;
	w.trade_count++;
}

static void sleep_host(int64_t for_us)
{
	w.now_us += for_us;
	w.slept_us += for_us;
	w.tick_us = w.now_us + TICK_US;
	for (size_t i = 0; i < w.slot_count; i++)
		for (size_t k = 0; k < 2; k++)
			if (w.slots[i].conns[k].up)
				carrier_slept(&w.slots[i].conns[k].carrier, for_us);
	gaps_forget_clocks(&w.gaps, wall_us() - mono_us());
	for (size_t i = 0; i < w.slot_count; i++)
		for (size_t k = 2; k-- > 0;)
			if (w.slots[i].conns[k].up)
				leave(&w.slots[i], &w.slots[i].conns[k], false, GAP_ASLEEP);
	check();
}

static void list_market(size_t slot)
{
	if (w.market_count == MARKETS_MAX)
		return;
	w.markets[w.market_count++] = (struct listed){ .slot = slot, .next_id = between(1, 1000000), .required_us = NEVER };
}

static void happen(const struct op *op)
{
	uint32_t market = op->a % (uint32_t)w.market_count;
	struct listed *m = &w.markets[market];
	struct slot *s = &w.slots[m->slot];
	struct conn *c = &s->conns[op->b % 2 && s->conns[1].up];
	switch (op->kind) {
	case OP_TRADES:
		for (uint32_t i = 0; i < 1 + op->b % 12; i++) {
			make_trade(market);
			advance(w.now_us + between(0, US_PER_SECOND / (1 + op->b % 7)));
		}
		break;
	case OP_CUT:
		if (c->up)
			cut(s, c, GAP_DISCONNECT);
		break;
	case OP_RENEW:
		if (s->conns[0].live && s->conns[0].up && !s->conns[1].up && m->muted_until_us == 0)
			connect(s, &s->conns[1]);
		break;
	case OP_LAG:
		if (w.clocks_differ)
			break;
		c->lag_us = (int64_t)(op->b % 12) * US_PER_SECOND;
		c->lag_until_us = w.now_us + (int64_t)(op->b / 12 % 20) * US_PER_SECOND;
		break;
	case OP_LOSE:
		m->lose = 1 + op->b % 3;
		m->lose_told = !s->exchange->ids_step || op->b / 3 % 2;
		break;
	case OP_MUTE:
		if (s->conns[0].up && !s->conns[1].up)
			m->muted_until_us = w.now_us + (int64_t)(op->b % 10) * US_PER_SECOND;
		break;
	case OP_REFUSE:
		m->refuse = true;
		break;
	case OP_FULL:
		w.full_until_us = w.now_us + (int64_t)(op->b % 4000) * 1000;
		break;
	case OP_SLEEP:
		sleep_host((int64_t)(2 + op->b % 60) * US_PER_SECOND);
		break;
	case OP_STOP:
		restart(op);
		break;
	case OP_LIST:
		if (w.market_count < MARKETS_MAX) {
			list_market(op->b % w.slot_count);
			gaps_add_market(&w.gaps, (uint32_t)w.market_count - 1, w.slots[w.markets[w.market_count - 1].slot].exchange, NULL, mono_us());
		}
		break;
	case OP_WAIT:
	default:
		advance(w.now_us + (int64_t)(op->b % 15) * US_PER_SECOND);
		break;
	}
}

void world_run(const struct script *script, struct verdict *verdict)
{
	static const char *const names[] = { "binance", "upbit", "bithumb-legacy" };
	memset(&w, 0, offsetof(struct world, trades));
	w.trade_count = w.item_count = 0;
	w.resume = (struct resume){ .count = 0 };
	*verdict = (struct verdict){ .trades = 0 };
	w.verdict = verdict;
	w.rng.state = script->seed;
	w.now_us = NOON_US;
	w.clocks_differ = chance(40);
	w.beat_us = wall_us();
	w.slot_count = (size_t)between(1, SLOTS);
	uint64_t first = rng_below(&w.rng, 3);
	for (size_t i = 0; i < w.slot_count; i++) {
		w.slots[i].exchange = exchange_find(names[(first + i) % 3]);
		w.slots[i].ahead_us = w.clocks_differ ? between(-20, 20) * US_PER_SECOND : between(-500000, 500000);
	}
	for (size_t i = 0, n = (size_t)between(1, 3); i < n; i++)
		list_market(rng_below(&w.rng, w.slot_count));
	start(false);
	for (size_t i = 0; i < script->count && !verdict->words[0]; i++) {
		advance(w.now_us + script->ops[i].wait_us);
		show_event(op_words[script->ops[i].kind], script->ops[i].a % (uint32_t)w.market_count);
		if (!verdict->words[0])
			happen(&script->ops[i]);
	}
	if (w.full_until_us > w.now_us)
		w.full_until_us = w.now_us;
	for (size_t i = 0; i < w.slot_count && !verdict->words[0]; i++)
		for (size_t k = 2; k-- > 0;)
			if (w.slots[i].conns[k].up)
				cut(&w.slots[i], &w.slots[i].conns[k], GAP_DISCONNECT);
	check();
	verdict->trades = w.trade_count;
	for (size_t i = 0; i < w.item_count; i++)
		verdict->gaps += w.items[i].kind == ITEM_ROW;
	end();
}
