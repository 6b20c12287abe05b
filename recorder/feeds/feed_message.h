/* From received bytes to items in the queue: gathers a message from its fragments, has the exchange's parse() read it, and
 * counts and logs what cannot be used.  No fault in a text ends the connection.  Network thread. */
#ifndef RECORDER_FEEDS_FEED_MESSAGE_H
#define RECORDER_FEEDS_FEED_MESSAGE_H

#include "recorder/gaps/track.h"
#include "recorder/markets/plan.h"
#include "recorder/net/net.h"
#include "recorder/counters.h"

#define MESSAGE_BYTES_MAX (1u << 20)   /* longer ones are passed over */
#define MESSAGE_BYTES_END (1ull << 28) /* and a frame that claims more than this can only be waited out by hanging up */

/* What a message says of the subscription; told before feed_message_take returns. */
struct message_events {
	void (*spoke)(void *arg, uint32_t market);          /* a market that was not live did */
	void (*taken)(void *arg, int64_t id);               /* a frame of ours; FRAME_OLDEST: see exchange.h */
	void (*refused)(void *arg, int64_t id, const char *why);
	void (*stranger)(void *arg, const char *code);      /* a trade of a market that was not asked for came */
	void (*missed)(void *arg, uint32_t market, enum gap_reason reason); /* a message of it was lost; NO_MARKET: of who knows which */
	void *arg;
};

struct feed_message {
	struct market_plan *plan; /* borrowed, as the next four */
	const struct exchange_address *address;
	const struct subscription *wanted;  /* what the connection asked for; set by whoever owns it, as the next */
	struct message_events events;
	struct net *net;
	struct carrier *carrier;    /* the same connection, as the gaps see it */
	struct counters *counters;
	uint32_t connection_number; /* goes into the items */
	char *text;           /* owned; the message so far */
	size_t len, size;
	size_t passed_over;   /* bytes of a message that is too long */
	bool no_memory;       /* or for which there was no memory */
	int64_t begun_mono_us; /* when its first piece came */
	int64_t recv_wall_us;  /* when the message at hand was whole */
	struct json_buffer json;
	/* What the connection's messages have said, since feed_message_begin. */
	bool data;            /* a market spoke */
	bool closing;         /* the exchange will close it */
	uint32_t unread;      /* the market of the trade that could not be read; NO_MARKET: unknown */
	enum carried carried; /* by how many connections, and which of them this is; whoever owns it sets this */
};

void feed_message_init(struct feed_message *m, struct market_plan *plan, const struct exchange_address *address,
                       struct net *net, struct carrier *carrier, struct counters *counters);
void feed_message_release(struct feed_message *m);
void feed_message_begin(struct feed_message *m, uint32_t connection_number); /* a new connection */

enum message_state { MESSAGE_PART, MESSAGE_WHOLE, MESSAGE_ENDLESS };
/* `first`, `final`: this piece begins, ends the message; `announced`: bytes of its frame still to come. */
enum message_state feed_message_take(struct feed_message *m, const void *in, size_t len, bool first, bool final,
                                     size_t announced);

#endif
