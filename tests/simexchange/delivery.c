/*
 * What a subscriber is sent next. Three sources, in this order: `ready` (trades sent again, shuffled, put back by a fault, snapshots), `held`
 * (trades that are late and now due), and the market's log from the cursor on. In a replay, the frames of the file instead.
 *
 * A batch is gathered in the connection's out up to one TLS record, and the next only when it is written: a slow reader slows its own
 * connection, by way of TCP, and nobody else's.
 */
#include "session.h"

#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "dialect.h"
#include "history.h"
#include "lag.h"
#include "market.h"
#include "options.h"
#include "replay.h"
#include "script.h"
#include "strange.h"
#include "ticker.h"
#include "totals.h"
#include "ws.h"

#define BATCH_BYTES (TLS_RECORD - 1024)
#define EARLIER_MS 3600000

static bool wants(const struct session *s, const struct trade *t)
{
	return s->want[t->market] & WANT_TRADE;
}

/* The time by which late trades become due: the base clock's, or with virtual time that of the newest trade this connection has passed. */
static int64_t market_now(const struct session *s)
{
	if (!opt.virtual_time)
		return clock_base_us() / 1000;
	if (s->cursor == market_published() && market_finished())
		return INT64_MAX;
	return s->cursor ? market_trade(s->cursor - 1)->made_us / 1000 : 0;
}

void delivery_begin(struct session *s)
{
	int64_t now = market_now(s), most = (int64_t)opt.reorder_ms + lag_most_ms();

	s->replay_start_us = clock_mono_us();
	s->last = calloc(SENT_MAX, sizeof *s->last);
	if (!s->last)
		abort();
	/* trades that happened before and are late reach a new subscriber, too */
	for (uint64_t i = s->cursor; most && i > 0; i--) {
		const struct trade *t = market_trade(i - 1);
		struct item it = { .due_ms = trade_due_ms(t), .place = (uint32_t)(i - 1) };

		if (t->made_us / 1000 + most < now)
			break;
		it.lagging = lag_of(t, &it.due_ms);
		if (it.due_ms > now && (t->late_ms || it.lagging) && wants(s, t))
			items_hold(&s->held, it);
	}
}

void delivery_resend(struct session *s, uint64_t count)
{
	struct items newest = { 0 };

	for (uint64_t i = s->cursor; i > 0 && newest.len < count; i--)
		if (wants(s, market_trade(i - 1)))
			items_add(&newest, (struct item){ .place = (uint32_t)(i - 1) });
	while (newest.len)
		items_add(&s->ready, newest.p[--newest.len]);
	free(newest.p);
}

void delivery_repeat(struct session *s, uint64_t count)
{
	if (!s->last)
		return;
	if (count > s->sent)
		count = s->sent;
	for (uint64_t i = s->sent - count; i < s->sent; i++)
		items_add(&s->ready, (struct item){ .place = s->last[i % SENT_MAX] });
}

/* Nothing was traded since the start: the snapshot is of an hour before, which no ledger has, and no REST. */
static void send_earlier(struct session *s, size_t market)
{
	const struct market *m = market_at(market);
	int64_t us = (clock_wall_us() / 1000 - EARLIER_MS) * 1000;
	struct trade t = { .time_us = us, .made_us = us, .market = (uint32_t)market, .price_units = m->opening_units, .price_scale = m->scale, .size_units = 1 };
	char message[MESSAGE_MAX];

	if (clock_mono_us() >= s->mute_until_us && !script_market_muted(market))
		session_send(s, message, (size_t)(opt.dialect->put_trade(message, s, &t, true) - message));
}

void delivery_snapshot(struct session *s, size_t market)
{
	struct item it = { .snapshot = true };
	uint64_t place;

	if (!history_last(market, &place)) {
		send_earlier(s, market);
		return;
	}
	it.place = (uint32_t)place;
	if (!opt.dialect->late_snapshots || rng_below(&s->c->rng, 2)) {
		items_add(&s->ready, it);
		return;
	}
	/* trades that happen meanwhile overtake it */
	it.due_ms = market_now(s) == INT64_MAX ? 0 : market_now(s) + (int64_t)rng_below(&s->c->rng, 300);
	items_hold(&s->held, it);
}

static void shuffle_out(struct session *s)
{
	struct items *q = &s->shuffled;

	for (size_t i = q->len; i > 1; i--) {
		size_t j = (size_t)rng_below(&s->c->rng, i);
		struct item swap = q->p[i - 1];

		q->p[i - 1] = q->p[j];
		q->p[j] = swap;
	}
	for (size_t i = 0; i < q->len; i++)
		items_add(&s->ready, q->p[i]);
	q->len = 0;
	s->shuffle = 0;
}

static void send_aside(struct session *s, const struct trade *t, enum want what, const struct ticker *k)
{
	char message[MESSAGE_MAX];

	if (clock_mono_us() >= s->mute_until_us && !script_market_muted(t->market))
		session_send(s, message, (size_t)(opt.dialect->put_aside(message, s, t, what, k) - message));
}

static void send_tickers(struct session *s, const struct trade *t)
{
	for (uint64_t place = t->ticker - 1, i = 0; opt.dialect->windows[i].name; i++) {
		const struct ticker *k = ticker_at(place + i);

		if (opt.dialect->format_chooses_windows && !(s->format >> i & 1))
			continue;
		if (s->want[t->market] & WANT_TICKER)
			send_aside(s, t, WANT_TICKER, k);
		if (s->want[t->market] & WANT_MINI_TICKER)
			send_aside(s, t, WANT_MINI_TICKER, k);
	}
}

/* All that is no trade, of a market that has just traded. */
static void send_others(struct session *s, const struct trade *t)
{
	static const struct { enum want what; uint32_t every; } others[] = {
		{ WANT_ORDERBOOK, 3 }, { WANT_BEST, 2 }, { WANT_MARK_PRICE, 7 }, { WANT_CANDLE, 4 },
	};
	uint8_t want = s->want[t->market];

	if (opt.orderbooks && (want & WANT_TRADE) && ++s->since_book % opt.orderbooks == 0)
		send_aside(s, t, WANT_ORDERBOOK, NULL);
	if (want == WANT_TRADE)
		return;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if ((want & others[i].what) && t->serial % others[i].every == 0)
			send_aside(s, t, others[i].what, NULL);
	if ((want & WANT_AGGREGATE) && t->agg_count)
		send_aside(s, t, WANT_AGGREGATE, NULL);
	if (t->ticker)
		send_tickers(s, t);
}

/* The next trade of the log that is wanted, or a late one that is due. */
static bool next_new(struct session *s, struct item *it)
{
	uint64_t end = market_published();

	for (;;) {
		if (s->held.len && s->held.p[0].due_ms <= market_now(s)) {
			*it = items_unhold(&s->held);
			if (!it->lagging)
				return true;
			send_others(s, market_trade(it->place));
			if (wants(s, market_trade(it->place)))
				return true;
			continue;
		}
		if (s->cursor >= end || conn_unsent(s->c) >= BATCH_BYTES)
			return false;
		const struct trade *t = market_trade(s->cursor++);

		if (!s->want[t->market])
			continue;
		*it = (struct item){ .due_ms = trade_due_ms(t), .place = (uint32_t)(s->cursor - 1) };
		it->lagging = lag_of(t, &it->due_ms);
		if (it->lagging) {
			items_hold(&s->held, *it);
			continue;
		}
		send_others(s, t);
		if (!wants(s, t))
			continue;
		if (!t->late_ms)
			return true;
		items_hold(&s->held, *it);
	}
}

static bool next(struct session *s, struct item *it)
{
	for (;;) {
		if (s->ready.head < s->ready.len) {
			*it = s->ready.p[s->ready.head++];
			return true;
		}
		if (!next_new(s, it)) {
			if (!s->shuffled.len || !market_finished() || s->cursor < market_published() || s->held.len)
				return false;
			shuffle_out(s); /* fewer than asked for, but no more will come */
			continue;
		}
		if (!s->shuffle)
			return true;
		items_add(&s->shuffled, *it);
		if (s->shuffled.len >= s->shuffle)
			shuffle_out(s);
	}
}

/* Whether the connection can take another message now. */
static bool open_for_more(const struct session *s)
{
	return s->state == SESSION_LIVE && !s->stall_until_us && conn_unsent(s->c) < BATCH_BYTES &&
	       (s->coalesce < 2 || s->gathered < s->coalesce);
}

/* The faults of the trade about to be sent. True if it may go. */
static bool faults_allow(struct session *s)
{
	if (s->triggered != s->sent + 1) {
		s->triggered = s->sent + 1;
		script_on_trade(s, s->sent + 1);
	}
	return s->state == SESSION_LIVE && !s->stall_until_us;
}

static void fill_replay(struct session *s)
{
	while (open_for_more(s) && s->replay_at < replay_count()) {
		const struct replay_frame *f = replay_frame(s->replay_at);

		if (opt.replay_speed && clock_mono_us() - s->replay_start_us < f->after_us / (int64_t)opt.replay_speed)
			break;
		if (!faults_allow(s))
			break;
		s->replay_at++;
		s->sent++;
		if (clock_mono_us() < s->mute_until_us)
			continue;
		/* the capture's own opcode, unless the script has made all text */
		int opcode = s->opcode;

		s->opcode = opcode == WS_TEXT && opt.dialect->opcode != WS_TEXT ? WS_TEXT : f->opcode;
		session_send(s, f->data, f->len);
		s->opcode = opcode;
		atomic_fetch_add(&totals.sent, 1);
	}
}

/* What is not said while mute is never said. */
static bool muted(const struct session *s, const struct trade *t)
{
	return (s->mute_until_us && clock_mono_us() < s->mute_until_us) || script_market_muted(t->market);
}

static void mark_sent(struct session *s, struct item it)
{
	s->last[s->sent++ % SENT_MAX] = it.place;
	atomic_fetch_add_explicit(&totals.sent, 1, memory_order_relaxed);
}

/* A message in which "KRW-BTC" is "krw-btc". */
static void rename_market(struct buf *message, const char *symbol, const char *code)
{
	const char *from = message->p, *end = from + message->len, *at;
	size_t n = strlen(symbol);
	struct buf b = { 0 };

	while ((at = memmem(from, (size_t)(end - from), symbol, n))) {
		bool whole = at > message->p && at[-1] == '"' && at + n < end && at[n] == '"';

		buf_add(&b, from, (size_t)(at - from));
		buf_add_text(&b, whole ? code : symbol);
		from = at + n;
	}
	buf_add(&b, from, (size_t)(end - from));
	buf_release(message);
	*message = b;
}

/* Under the markets' own names, or under others while the script wants that. */
static void send_as(struct session *s, const struct trade *const *t, size_t count, const char *message, const char *end)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < count; i++) {
		const char *code = strange_code(t[i]->market);

		if (code && !b.len)
			buf_add(&b, message, (size_t)(end - message));
		if (code)
			rename_market(&b, market_at(t[i]->market)->symbol, code);
	}
	if (b.len)
		session_send(s, b.p, b.len);
	else
		session_send(s, message, (size_t)(end - message));
	buf_release(&b);
}

/* Several trades in a message, the first of which is allowed; a fault that waits for one of the others ends the list before it. */
static void send_list(struct session *s, struct item it)
{
	const struct trade *list[LIST_MAX];
	char message[MESSAGE_MAX];
	size_t count = 0, most = 1 + (size_t)rng_below(&s->c->rng, LIST_MAX);

	do {
		const struct trade *t = market_trade(it.place);

		if (muted(s, t))
			continue;
		list[count++] = t;
		mark_sent(s, it);
	} while (count < most && !script_waits_for(s->sent + 1) && next(s, &it));
	if (count)
		send_as(s, list, count, message, opt.dialect->put_trades(message, s, list, count));
}

void delivery_fill(struct session *s)
{
	struct item it;

	if (clock_mono_us() >= s->stall_until_us)
		s->stall_until_us = 0;
	if (opt.replay_file) {
		fill_replay(s);
		return;
	}
	while (open_for_more(s) && next(s, &it)) {
		const struct trade *t = market_trade(it.place);
		char message[MESSAGE_MAX];

		if (!faults_allow(s)) {
			items_put_back(&s->ready, it);
			break;
		}
		if (opt.dialect->put_trades) {
			send_list(s, it);
			continue;
		}
		if (muted(s, t))
			continue;
		send_as(s, &t, 1, message, opt.dialect->put_trade(message, s, t, it.snapshot));
		mark_sent(s, it);
	}
	atomic_store(&s->c->cursor, s->cursor);
}

bool delivery_more(const struct session *s, bool finished)
{
	if (opt.replay_file)
		return s->replay_at < replay_count();
	return !finished || s->cursor < market_published() || s->ready.head < s->ready.len || s->held.len || s->shuffled.len;
}

int64_t delivery_wait_ms(const struct session *s)
{
	int64_t ms = INT64_MAX;

	if (s->state != SESSION_LIVE || !s->subscribed || conn_unsent(s->c))
		return ms;
	if (opt.replay_file) {
		if (s->replay_at < replay_count() && opt.replay_speed)
			ms = (s->replay_start_us + replay_frame(s->replay_at)->after_us / (int64_t)opt.replay_speed - clock_mono_us()) / 1000 + 1;
		return ms < 0 ? 0 : ms;
	}
	if (s->cursor < market_published())
		return 0; /* published after the last look */
	if (s->held.len && !opt.virtual_time)
		ms = s->held.p[0].due_ms - clock_base_us() / 1000;
	return ms < 0 ? 0 : ms;
}

void delivery_release(struct session *s)
{
	free(s->ready.p);
	free(s->held.p);
	free(s->shuffled.p);
	free(s->last);
}
