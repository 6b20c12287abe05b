/* What the script does to one connection, in its thread. */
#include "session.h"

#include "clock.h"
#include "dialect.h"
#include "script.h"
#include "totals.h"
#include "ws.h"

void session_fault(struct session *s, const struct fault *f)
{
	int64_t now = clock_mono_us();

	if (s->state == SESSION_OVER)
		return;
	atomic_fetch_add(&totals.faults, 1);
	say("ws=%u fault %s", s->number, f->name);
	switch (f->action) {
	case DO_DROP:
	case DO_FIN:
		/* what came before the fault goes out first; a reset may still take with it what the peer has not read */
		conn_flush_for(s->c, 500);
		s->state = SESSION_OVER;
		s->end = f->action == DO_DROP ? CONN_END_RST : CONN_END_FIN;
		break;
	case DO_CLOSE:
		session_close(s, (unsigned)f->count, f->text);
		break;
	case DO_STALL:
		conn_flush_for(s->c, 500);
		s->stall_until_us = now + f->for_us;
		break;
	case DO_MUTE:
		s->mute_until_us = now + f->for_us;
		break;
	case DO_REPEAT:
		delivery_repeat(s, f->count);
		break;
	case DO_SHUFFLE:
		s->shuffle = f->count;
		break;
	case DO_GARBAGE:
		for (size_t i = 0; i < f->lines_len; i++)
			session_send(s, f->lines[i].p, f->lines[i].len);
		break;
	case DO_GARBAGE_BUILTIN:
		garbage_send(s);
		break;
	case DO_FRAGMENT:
		s->fragments = (unsigned)f->count;
		break;
	case DO_DRIP:
		conn_flush_for(s->c, 500);
		s->c->drip = true;
		break;
	case DO_COALESCE:
		conn_flush_for(s->c, 500);
		s->gathered = 0;
		s->coalesce = (unsigned)f->count;
		break;
	case DO_TEXT:
		s->opcode = WS_TEXT;
		break;
	default:
		break;
	}
}
