/* A feed's inside, shared by feed.c (its states, what comes in) and feed_watch.c (what is looked after once a second).
 * Network thread. */
#ifndef RECORDER_FEEDS_FEED_INTERNAL_H
#define RECORDER_FEEDS_FEED_INTERNAL_H

#include "recorder/gaps/track.h"
#include "recorder/net/dial.h"
#include "recorder/feeds/feed.h"
#include "recorder/feeds/feed_message.h"
#include "recorder/feeds/frames.h"

#define TICK_US US_PER_SECOND
#define REASON_SIZE 240
#define OVERLAP_US US_PER_SECOND /* two servers of an exchange need not say a thing at the same moment */

enum state { IDLE, LOOKUP, CONNECTING, OPEN, LIVE };

struct feed {
	struct peer peer;
	struct net *net;                    /* borrowed */
	struct market_plan *plan;           /* borrowed */
	struct connection_plan *connection; /* borrowed */
	const struct exchange *exchange;    /* borrowed */
	struct gaps *gaps;                  /* borrowed */
	struct counters *counters;                /* borrowed */
	struct feed *successor, *replaces;       /* the successor is owned; each other's */
	bool renew_wanted;                  /* once this one is live and alone */
	int64_t renew_not_before_mono_us;   /* the exchange announced an end */
	unsigned notices;                   /* connections in a row that were announced to end while they were young */

	enum state state;
	struct lws *wsi; /* NULL: none */
	struct dial dial;
	lws_sorted_usec_list_t retry, tick, send;
	unsigned mutes;    /* connections in a row on which no market said anything */
	unsigned failures; /* rounds of addresses since a connection proved itself */
	uint32_t number;   /* of the connection at hand, over all feeds; part of the ticket */
	char address[ADDRESS_SIZE];
	char path[PATH_SIZE + 64];
	char reason[REASON_SIZE]; /* why the connection ends, set by whoever ends it first */
	enum gap_reason loss;     /* and what that is called in the ledger of gaps */

	struct subscription wanted;  /* owned; what this connection asked for: its own copy */
	struct frames frames;        /* owned; and how */
	bool subscribed;             /* every frame was sent once */
	bool sending_pause;          /* between two frames */
	bool ping_wanted, ping_sent, pings_answered, paused;
	int64_t opened_mono_us, heard_mono_us;         /* monotonic: the 101; the last message or pong */
	int64_t ping_mono_us, ping_open_since_mono_us; /* the last ping; the first unanswered one, 0 if none */
	int64_t live_mono_us, retire_mono_us;          /* when it was LIVE; when it may go, 0: no successor is live */
	struct carrier carrier;                        /* owned; as the gaps see it */
	struct quiet line;                             /* of the connection as a whole */
	int64_t quiet_not_before_us;                   /* monotonic: the next reconnect for a quiet market */

	struct { /* a market's code that came and was not asked for */
		char code[SYMBOL_SIZE];
		int64_t first_mono_us;
		bool told;
	} stranger;

	struct { /* messages of nobody knows which market were lost */
		int64_t told_mono_us; /* when all markets' gaps last heard of it; 0: never */
		bool again;           /* and since then once more */
		enum gap_reason reason;
	} all_missed;

	struct feed_message message;
};

void feed_on_tick(lws_sorted_usec_list_t *sul);
/* Ends the connection ourselves; its end follows from the loop. */
void feed_hang_up(struct feed *f, enum gap_reason loss, const char *reason);
void feed_retire(struct feed *f); /* its successor is live, and all that this one was sent has come; frees the feed */
bool feed_may_ping(const struct feed *f);
void feed_excuse_markets(struct feed *f, int64_t now_mono_us); /* nothing could have come */
int feed_write(struct feed *f, const char *text, size_t len, enum lws_write_protocol kind); /* non-zero: it cannot be sent */

/* feed_subscribe.c */
bool feed_subscription_begin(struct feed *f); /* of a new connection; false: no memory */
void feed_subscription_release(struct feed *f);
struct message_events feed_events(struct feed *f);
int feed_send_frame(struct feed *f, struct frame *frame); /* non-zero: it cannot be sent */
void feed_on_send(lws_sorted_usec_list_t *sul);
void feed_watch_frames(struct feed *f, int64_t now_mono_us); /* once a second: what was not answered, what is to be sent again */
void feed_tell_missed(struct feed *f, int64_t now_mono_us); /* once a second; INT64_MAX at the end: of what was lost lately */
/* The connection is over, or its successor goes on alone.  `proved`: all that was sent to it had come. */
void feed_lose(struct feed *f, bool proved);
void feed_give_up_subscription(struct feed *f); /* nothing of it was taken: the ledger says so */

#endif
