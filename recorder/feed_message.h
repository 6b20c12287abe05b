/* From received bytes to trades in the queue: gathers a message from its fragments, has the exchange's parse() read it,
 * and counts and logs what cannot be used.  No fault in a text ends the connection.  Network thread. */
#ifndef RECORDER_FEED_MESSAGE_H
#define RECORDER_FEED_MESSAGE_H

#include "recorder/habit.h"
#include "recorder/market.h"
#include "recorder/net.h"
#include "recorder/stats.h"

#define MESSAGE_BYTES_MAX (1u << 20)  /* longer ones are passed over */
#define MESSAGE_BYTES_END (1ull << 28) /* and a frame that claims more than this can only be waited out by hanging up */

struct feed_message {
	const struct market_plan *plan; /* borrowed, as the next three */
	const struct feed_plan *feed;
	struct net *net;
	struct stats *stats;
	struct habit *habits; /* owned; one for each of the plan's markets */
	char *text;           /* owned; the message so far */
	size_t len, size;
	size_t passed_over;  /* bytes of a message that is too long */
	int64_t recv_wall_us; /* when the message at hand was whole */
	struct json_buffer json;
	uint64_t others; /* messages without a trade in them */
};

bool feed_message_init(struct feed_message *m, const struct market_plan *plan, const struct feed_plan *feed,
                       struct net *net, struct stats *stats);
void feed_message_release(struct feed_message *m);
void feed_message_reset(struct feed_message *m); /* a new connection: what was begun is gone */

enum message_state { MESSAGE_PART, MESSAGE_WHOLE, MESSAGE_ENDLESS };
/* `first`, `final`: this piece begins, ends the message; `announced`: bytes of its frame still to come. */
enum message_state feed_message_take(struct feed_message *m, const void *in, size_t len, bool first, bool final,
                                     size_t announced);

#endif
