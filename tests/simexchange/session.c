#include "session.h"

#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "dialect.h"
#include "http.h"
#include "market.h"
#include "options.h"
#include "script.h"
#include "totals.h"
#include "ws.h"

#define FAIL_US 150000
#define GATHER_US 1000000
#define CLOSE_WAIT_US 1000000

static void put_message(struct session *s, const void *data, size_t len)
{
	const char *p = data;
	struct buf *out = &s->c->out;
	size_t at = 0;

	if (s->fragments < 2) {
		ws_put(out, true, s->opcode, data, len);
		return;
	}
	for (unsigned i = 0; i < s->fragments; i++) {
		bool last = i + 1 == s->fragments;
		size_t n = len - at;

		if (!last) /* an empty one now and then, and the cuts anywhere, in the middle of a letter too */
			n = rng_below(&s->c->rng, 4) ? rng_below(&s->c->rng, 2 * n / (s->fragments - i) + 1) : 0;
		if (n > len - at)
			n = len - at;
		ws_put(out, last, i ? WS_CONTINUATION : s->opcode, p + at, n);
		at += n;
		if (!last && rng_below(&s->c->rng, 3) == 0)
			ws_put(out, true, WS_PING, SESSION_FAULT_PING, sizeof SESSION_FAULT_PING - 1);
	}
}

void session_send(struct session *s, const void *data, size_t len)
{
	if (s->state != SESSION_LIVE)
		return;
	if (!s->gathered++)
		s->gathered_us = clock_mono_us();
	put_message(s, data, len);
}

void session_close(struct session *s, unsigned code, const char *text)
{
	char payload[125];
	size_t n = text ? strlen(text) : 0;

	if (s->state != SESSION_LIVE)
		return;
	if (n > sizeof payload - 2)
		n = sizeof payload - 2;
	payload[0] = (char)(code >> 8);
	payload[1] = (char)code;
	if (n)
		memcpy(payload + 2, text, n);
	ws_put(&s->c->out, true, WS_CLOSE, payload, n + 2);
	s->state = SESSION_CLOSING;
	s->close_us = clock_mono_us() + CLOSE_WAIT_US;
	say("ws=%u close %u", s->number, code);
}

void session_fail(struct session *s, const char *json)
{
	session_send(s, json, strlen(json));
	s->fail_us = clock_mono_us() + FAIL_US;
	say("ws=%u %s", s->number, json);
}

void session_status_on(struct session *s, int64_t every_us, const char *text)
{
	session_send(s, text, strlen(text));
	s->status_us = clock_mono_us() + every_us;
	s->status_every_us = every_us;
	s->status_text = text;
}

void session_subscribe(struct session *s, uint8_t *want, int format, bool snapshot, bool realtime)
{
	bool first = !s->subscribed;
	size_t codes = 0;

	free(s->want);
	s->want = want;
	s->format = format;
	s->subscribed = true;
	for (size_t i = 0; i < market_count(); i++)
		codes += want[i] != 0;
	say("ws=%u subscribed codes=%zu", s->number, codes);
	if (first) {
		s->cursor = market_published();
		atomic_store(&s->c->cursor, s->cursor);
		atomic_store(&s->c->subscribed, true);
	}
	if (opt.resend)
		delivery_resend(s, opt.resend);
	for (size_t i = 0; snapshot && i < market_count(); i++)
		if (want[i] & WANT_TRADE)
			delivery_snapshot(s, i);
	if (!realtime)
		memset(want, 0, market_count());
	if (first) {
		delivery_begin(s);
		market_subscribers(1); /* the market may begin now, and this connection misses nothing of it */
		if (script_shutting_down() && opt.dialect->farewell)
			opt.dialect->farewell(s);
		script_on_subscribe(s, s->number);
	}
}

void session_wake_in(struct session *s, int64_t ms)
{
	s->wake_us = clock_mono_us() + ms * 1000;
}

static void ping(struct session *s, int64_t now)
{
	snprintf(s->ping, sizeof s->ping, "%lld", (long long)(clock_wall_us() / 1000));
	ws_put(&s->c->out, true, WS_PING, s->ping, strlen(s->ping));
	s->ping_us = now + (int64_t)opt.server_ping_ms * 1000;
	if (!s->pong_due_us && opt.pong_wait_ms)
		s->pong_due_us = now + (int64_t)opt.pong_wait_ms * 1000;
}

/* Our pings and their answers, and the end of a life that is long enough. */
static void age(struct session *s, int64_t now)
{
	if (s->state != SESSION_LIVE)
		return;
	if (script_ageless())
		s->life_us = s->notice_us = 0;
	if (s->pong_due_us && now >= s->pong_due_us)
		session_close(s, 1008, "Pong timeout");
	else if (s->life_us && now >= s->life_us)
		session_close(s, 1001, "");
	else if (s->ping_us && now >= s->ping_us)
		ping(s, now);
	if (s->state == SESSION_LIVE && s->notice_us && now >= s->notice_us) {
		s->notice_us = 0;
		if (opt.dialect->farewell)
			opt.dialect->farewell(s);
	}
}

/* Things that happen by the clock. */
static void by_the_clock(struct session *s, int64_t now)
{
	if (s->wake_us && now >= s->wake_us && s->state == SESSION_LIVE) {
		s->wake_us = 0;
		opt.dialect->wake(s);
	}
	age(s, now);
	if (s->fail_us && now >= s->fail_us) {
		s->fail_us = 0;
		session_close(s, 1000, "");
	}
	strange_send(s, now);
	if (s->status_us && now >= s->status_us)
		session_status_on(s, s->status_every_us, s->status_text);
	if (s->state == SESSION_CLOSING && now >= s->close_us) {
		s->state = SESSION_OVER;
		s->end = CONN_END_TLS;
	}
	/* as the real one: no close frame, no word */
	if (opt.idle_ms && now - s->heard_us > (int64_t)opt.idle_ms * 1000) {
		say("ws=%u idle", s->number);
		s->state = SESSION_OVER;
		s->end = CONN_END_FIN;
	}
}

/* Messages wait for company, but not for ever. */
static bool gathering(const struct session *s, int64_t now)
{
	return s->coalesce > 1 && s->state == SESSION_LIVE && s->gathered && s->gathered < s->coalesce &&
	       now - s->gathered_us < GATHER_US && !market_finished();
}

static int64_t wait_ms(struct session *s, int64_t now)
{
	int64_t ms = 200; /* the coarse things need no better */
	int64_t at[] = { s->fail_us, s->state == SESSION_CLOSING ? s->close_us : 0, s->gathered ? s->gathered_us + GATHER_US : 0,
			 s->stall_until_us, s->mute_until_us, s->wake_us, s->ping_us, s->pong_due_us, s->life_us, s->notice_us,
			 s->strange_us[STRANGE_PING], s->strange_us[STRANGE_NEWS], s->strange_us[STRANGE_BAD] };
	int64_t held = delivery_wait_ms(s);

	for (size_t i = 0; i < sizeof at / sizeof *at; i++)
		if (at[i] > now && (at[i] - now) / 1000 + 1 < ms)
			ms = (at[i] - now) / 1000 + 1;
	return held < ms ? held : ms;
}

static void session_loop(struct session *s)
{
	struct conn *c = s->c;

	for (;;) {
		int64_t now = clock_mono_us();
		const struct fault *f;
		bool finished;

		if (conn_stopping()) {
			session_close(s, 1001, "");
			conn_flush_for(c, 300);
			return;
		}
		while ((f = conn_take_mail(c)))
			session_fault(s, f);
		if (s->state == SESSION_OVER)
			return;
		if (now < s->stall_until_us) {
			conn_wait(c, (s->stall_until_us - now) / 1000 + 1, true);
			continue;
		}
		if (!conn_read(c)) {
			say("ws=%u peer gone", s->number);
			return;
		}
		session_take_frames(s);
		by_the_clock(s, clock_mono_us());
		if (s->state == SESSION_OVER)
			return;
		atomic_store(&c->asleep, true); /* before the look at the log */
		finished = market_finished();
		if (s->state == SESSION_LIVE && s->subscribed && !s->fail_us && (!conn_unsent(c) || gathering(s, now)))
			delivery_fill(s);
		if (!gathering(s, clock_mono_us())) {
			bool had = conn_unsent(c) > 0;

			if (!conn_flush(c)) {
				say("ws=%u peer gone", s->number);
				return;
			}
			if (!conn_unsent(c))
				s->gathered = 0;
			if (had && !conn_unsent(c) && s->state == SESSION_LIVE)
				continue; /* the batch went out at once: the next */
		}
		if (s->state == SESSION_OVER)
			continue;
		atomic_store(&c->served, s->subscribed && finished && !conn_unsent(c) && !delivery_more(s, finished));
		conn_wait(c, wait_ms(s, clock_mono_us()), false);
		atomic_store(&c->asleep, false);
	}
}

static void set_times(struct session *s, int64_t now)
{
	s->heard_us = now;
	if (opt.server_ping_ms)
		s->ping_us = now + (int64_t)opt.server_ping_ms * 1000;
	if (opt.life_ms)
		s->life_us = now + (int64_t)opt.life_ms * 1000;
	if (opt.life_ms && opt.shutdown_notice_ms)
		s->notice_us = now + ((int64_t)opt.life_ms - (int64_t)opt.shutdown_notice_ms) * 1000;
}

void session_run(struct conn *c, const struct request *r)
{
	struct session *s = calloc(1, sizeof *s);
	struct script_modes modes = script_modes();

	if (!s)
		return;
	s->c = c;
	s->number = (unsigned)atomic_fetch_add(&totals.sockets, 1) + 1;
	s->opcode = modes.text ? WS_TEXT : opt.dialect->opcode;
	s->fragments = modes.fragments;
	s->coalesce = modes.coalesce;
	set_times(s, clock_mono_us());
	s->end = CONN_END_TLS;
	conn_is_websocket(c);
	say("ws=%u open conn=%u", s->number, c->number);
	if (conn_flush_for(c, 10000)) {
		c->drip = modes.drip;
		if (opt.dialect->open)
			opt.dialect->open(s, r);
		session_loop(s);
	}
	atomic_store(&c->asleep, false);
	if (s->subscribed) {
		atomic_store(&c->subscribed, false);
		market_subscribers(-1);
	}
	say("ws=%u over sent=%llu", s->number, (unsigned long long)s->sent);
	conn_end(c, s->end);
	if (opt.dialect->release)
		opt.dialect->release(s);
	delivery_release(s);
	buf_release(&s->message);
	free(s->want);
	free(s);
}
