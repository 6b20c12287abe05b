/* For how long nothing was missed on a connection, told to the recorder thread market by market.  Network thread.
 *
 * Only what is proved is claimed.  A trade proves that all came that was sent before it, up to its own time and not beyond
 * our clock's; a pong, that all came up to when its ping was sent.  Both may have lain unread for long, so the time at which
 * we read them proves nothing. */
#ifndef RECORDER_COVERAGE_H
#define RECORDER_COVERAGE_H

#include "recorder/market.h"
#include "recorder/net.h"

struct coverage {
	struct net *net;                          /* borrowed, as the next two */
	struct market_plan *plan;
	const struct connection_plan *connection;
	int64_t to_us;           /* proved; 0: nothing yet */
	int64_t told_us;         /* the queue was told */
	int64_t moved_mono_us;   /* when to_us last moved */
	int64_t clock_offset_us; /* wall - monotonic clock; 0: not looked at yet */
};

void coverage_begin(struct coverage *c, int64_t now_mono_us); /* a new connection: nothing is covered */
/* Markets of the connection without coverage have it from now on: the whole subscription was read. */
void coverage_start(struct coverage *c);
void coverage_prove(struct coverage *c, int64_t to_us, int64_t now_mono_us);
void coverage_push(struct coverage *c);  /* now and then, and at the end */
void coverage_end(struct coverage *c);   /* what was claimed stands */
void coverage_break(struct coverage *c); /* and begins anew: something in between may have been missed */
/* The market whose habit this is had gone quiet long before it was noticed: what was claimed since its last trade is taken
 * back. */
void coverage_cut(struct coverage *c, const struct habit *quiet);
/* true: the wall clock was set.  Coverage was broken, since it would claim hours that never were, or lie in the future. */
bool coverage_clock_stepped(struct coverage *c, int64_t now_mono_us);

#endif
