/* The frames with which a socket asks for its markets: which are due, out, taken by the exchange, or refused.  Pure; network
 * thread.
 *
 * A market is live by its own frame's acknowledgement, and by nothing that came for another.  A frame that is refused, or not
 * answered, is asked again, later each time; where frames add up, after the second time in halves, until the market at fault
 * stands alone and all others are live.
 *
 *   DUE --(sent)--> OUT --(acknowledged)--> TAKEN
 *    ^               |
 *    +--- refused, or no answer in time: waits, in halves after the second time */
#ifndef RECORDER_FEEDS_FRAMES_H
#define RECORDER_FEEDS_FRAMES_H

#include "recorder/exchanges/exchange.h"

enum frame_state { FRAME_DUE, FRAME_OUT, FRAME_TAKEN };

struct frame {
	size_t first, count;  /* places in the subscription: its trades, then its tickers */
	int64_t id;           /* of the request, unique on its socket; new each time that it is sent */
	enum frame_state state;
	int64_t at_mono_us;   /* DUE: not before; OUT: since when */
	unsigned failures;    /* in a row, of these markets together */
};

struct frames {
	struct frame *frames; /* owned */
	size_t count, room;
	int64_t last_id;
	bool add_up;          /* one does not replace another, so one may be cut in halves */
};

/* Cut as the exchange wants them.  false: no memory. */
bool frames_init(struct frames *f, const struct subscription *wanted, const struct exchange *exchange);
void frames_release(struct frames *f);

/* The next frame to send now, NULL: none; *next_mono_us: then when there will be one, INT64_MAX for never. */
struct frame *frames_due(struct frames *f, int64_t now_mono_us, int64_t *next_mono_us);
void frames_sent(struct frames *f, struct frame *frame, int64_t now_mono_us); /* with the id that it has now */

/* NULL: no frame that is out has that id. */
struct frame *frames_taken(struct frames *f, int64_t id);
/* Returns the frame as it was, for the log, in *was; false: there is none of that id.  *alone: it is one market, which is at
 * fault by itself. */
bool frames_refused(struct frames *f, int64_t id, int64_t now_mono_us, struct frame *was, bool *alone);
/* One that has waited too long for its answer; FRAME_OLDEST: none has. */
int64_t frames_overdue(const struct frames *f, int64_t wait_us, int64_t now_mono_us);
bool frames_all_taken(const struct frames *f);

/* The markets of a frame as a subscription of its own: borrowed views into `wanted`. */
struct subscription frame_part(const struct subscription *wanted, const struct frame *frame);

#endif
