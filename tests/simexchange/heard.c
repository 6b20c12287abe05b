/* What a client says on its socket: pings, pongs, its close, and messages in one frame or several. */
#include "session.h"

#include "clock.h"
#include "dialect.h"
#include "options.h"
#include "totals.h"
#include "ws.h"

#define SECOND_US 1000000

/* More than so many within so long, this one included. */
static bool more_than(const struct session *s, unsigned limit, int64_t within_us, int64_t now)
{
	int64_t then = s->heard[(s->heard_at + HEARD_MAX - limit % HEARD_MAX) % HEARD_MAX];

	return limit && then && now - then < within_us;
}

static bool too_talkative(struct session *s, int64_t now)
{
	bool too = more_than(s, opt.dialect->messages_a_second, SECOND_US, now) || more_than(s, opt.dialect->messages_a_minute, 60 * INT64_C(1000000), now);

	s->heard[s->heard_at] = now;
	s->heard_at = (s->heard_at + 1) % HEARD_MAX;
	return too;
}

/* Only the answer to our last ping counts; a pong that nobody asked for does not. */
static void take_pong(struct session *s, const struct ws_frame *f)
{
	if (s->pong_due_us && f->len == strlen(s->ping) && !memcmp(f->data, s->ping, f->len))
		s->pong_due_us = 0;
}

static void take_message(struct session *s, const char *data, size_t len)
{
	say("ws=%u got %.*s", s->number, (int)(len < 300 ? len : 300), data);
	if (too_talkative(s, clock_mono_us()))
		session_close(s, 1008, "too many messages");
	else
		opt.dialect->message(s, data, len);
}

/* The answers to what a fault has pinged are nobody's fault. */
static bool counts(const struct ws_frame *f)
{
	if (!opt.dialect->control_counts || (f->opcode != WS_PING && f->opcode != WS_PONG))
		return false;
	return f->len != sizeof SESSION_FAULT_PING - 1 || memcmp(f->data, SESSION_FAULT_PING, f->len) != 0;
}

static void take_frame(struct session *s, const struct ws_frame *f)
{
	if (counts(f) && too_talkative(s, clock_mono_us())) {
		session_close(s, 1008, "too many messages");
		return;
	}
	switch (f->opcode) {
	case WS_PING:
		if (!opt.no_pong)
			ws_put(&s->c->out, true, WS_PONG, f->data, f->len);
		return;
	case WS_PONG:
		take_pong(s, f);
		return;
	case WS_CLOSE:
		if (s->state == SESSION_LIVE)
			ws_put(&s->c->out, true, WS_CLOSE, f->data, f->len < 2 ? f->len : 2);
		conn_flush_for(s->c, 500);
		s->state = SESSION_OVER;
		s->end = CONN_END_TLS;
		return;
	default:
		if ((f->opcode == WS_CONTINUATION) != s->in_message) {
			session_close(s, 1002, "continuation");
			return;
		}
		if (f->fin && !s->in_message) {
			take_message(s, f->data, f->len);
			return;
		}
		buf_add(&s->message, f->data, f->len);
		s->in_message = !f->fin;
		if (s->message.len > (1u << 20)) {
			session_close(s, 1009, "too big");
		} else if (f->fin) {
			take_message(s, s->message.p, s->message.len);
			s->message.len = 0;
		}
	}
}

/* All whole frames in the buffer. */
void session_take_frames(struct session *s)
{
	struct buf *in = &s->c->in;
	size_t at = 0;

	while (s->state != SESSION_OVER) {
		struct ws_frame f;
		int got = ws_take(in, at, &f);

		if (got == 0)
			break;
		if (got != 1) {
			session_close(s, (unsigned)got, "bad frame");
			at = in->len;
			break;
		}
		s->heard_us = clock_mono_us();
		take_frame(s, &f);
		at += f.used;
	}
	buf_drop(in, at);
}
