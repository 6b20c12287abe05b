/* For how long nothing was missed on a connection, told to the recorder thread market by market.  Network thread.
 *
 * Only what is proved is claimed, in the exchange's time.  A trade proves that all came that was sent before it, up to its
 * own time; a pong, that all came up to when its ping was sent.  Both may have lain unread for long, so the time at which
 * we read them proves nothing.  What may be missing within is a gap's matter (gap.h), and gaps are taken off whatever
 * is claimed here. */
#ifndef RECORDER_GAPS_COVERAGE_H
#define RECORDER_GAPS_COVERAGE_H

#include "recorder/gaps/gap.h"

struct coverage {
	struct gaps *gaps;                        /* borrowed, as the next three */
	const struct market_set *trades;          /* that the connection asked for; changes from one connection to the next */
	const int64_t *live_mono_us_of;           /* by a market's number: since when this connection is subscribed to it; 0: it is not */
	const struct exchange_clock *time;
	int64_t trade_us;        /* proved by a trade, exchange's time; 0: none yet */
	int64_t ping_mono_us;    /* proved by a pong, when its ping went; 0: none yet */
	int64_t told_us;         /* the queue was told */
	int64_t moved_mono_us;   /* when the proof last moved */
};

void coverage_begin(struct coverage *c, int64_t now_mono_us); /* a new connection: nothing is covered */
/* The market has coverage from now on, unless it has already: its subscription was taken. */
void coverage_start(struct coverage *c, uint32_t market, int64_t now_mono_us);
void coverage_prove_trade(struct coverage *c, int64_t time_us, int64_t now_mono_us);
void coverage_prove_ping(struct coverage *c, int64_t sent_mono_us, int64_t now_mono_us);
/* Up to when nothing was missed, by what is known of the exchange's clock now.  0: nothing is proved. */
int64_t coverage_to_us(const struct coverage *c);
/* The host slept for so long, and the monotonic clock stood still: what a pong proved is told in the exchange's time now. */
void coverage_slept(struct coverage *c, int64_t slept_us);
void coverage_push(struct coverage *c);  /* of all live markets; now and then, and at the end */
void coverage_end(struct coverage *c, uint32_t market); /* no connection carries it any more; what was claimed stands */

#endif
