/*
 * One websocket, from its upgrade to its end: the state, and what the parts do with it. session.c is the loop, heard.c takes the frames that come
 * in, delivery.c chooses what goes out, fault.c does what the script says. All in the connection's thread.
 */
#ifndef SIM_SESSION_H
#define SIM_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conn.h"
#include "items.h"
#include "strange.h"
#include "text.h"

struct fault;
struct request;

enum session_state {
	SESSION_LIVE,
	SESSION_CLOSING, /* our close frame is out; waiting for the other's */
	SESSION_OVER     /* ends as `end` says */
};

/* As many messages of the client as a limit may speak of. */
#define HEARD_MAX 100
/* What a fault pings with between fragments. */
#define SESSION_FAULT_PING "between"
/* How far back `repeat` can go. */
#define SENT_MAX 16384

struct session {
	struct conn *c;        /* borrowed: outlives the session */
	unsigned number;       /* 1, 2, 3 ... of all websockets */
	enum session_state state;
	enum conn_end end;

	/* what was asked for; the dialect gives the format its meaning */
	bool subscribed;
	uint8_t *want;         /* owned: WANT_* per market */
	int format;
	unsigned frames;       /* that asked for a subscription */
	void *own;             /* the dialect's; freed by its release() */

	/* delivery */
	uint64_t cursor;
	uint64_t sent;         /* trade messages */
	uint64_t triggered;    /* the trade whose faults have happened */
	struct items ready;    /* before anything new: resent, shuffled, late, put back */
	struct items held;     /* a heap by due_ms: trades that are late */
	struct items shuffled; /* being gathered */
	size_t shuffle;        /* how many to gather */
	uint32_t *last;        /* owned: ring of the places sent last */
	uint64_t since_book;
	size_t replay_at;
	int64_t replay_start_us;

	/* how messages are cut */
	int opcode;
	unsigned fragments, coalesce;
	unsigned gathered;     /* messages in out that wait for company */
	int64_t gathered_us;

	/* times, monotonic */
	int64_t stall_until_us, mute_until_us, fail_us, close_us, heard_us, status_us;
	int64_t status_every_us;
	const char *status_text; /* borrowed from the dialect: a constant */
	int64_t wake_us;       /* the dialect wants to be called then; 0 = no */
	int64_t ping_us;       /* the next ping of ours */
	int64_t pong_due_us;   /* the answer must be here by then; 0 = none is due */
	int64_t life_us, notice_us;
	int64_t strange_us[STRANGE_KINDS]; /* the next one of each; 0: none is due */
	char ping[24];         /* what the answer must hold */
	int64_t heard[HEARD_MAX]; /* ring: when the last messages came */
	size_t heard_at;

	struct buf message;    /* fragments of the client's message */
	bool in_message;
};

/* The whole life; the upgrade's answer is in the connection's out. */
void session_run(struct conn *c, const struct request *r);

/* All whole frames that have been read (heard.c). */
void session_take_frames(struct session *s);

/* For dialects. */
void session_send(struct session *s, const void *data, size_t len); /* one message, cut as the script wants it */
/* Takes ownership of want. Replaces what was subscribed before. */
void session_subscribe(struct session *s, uint8_t *want, int format, bool snapshot, bool realtime);
void session_fail(struct session *s, const char *json);             /* the error form, then close 1000 after 150 ms */
/* Sends text now and from now on again and again; text is a constant. */
void session_status_on(struct session *s, int64_t every_us, const char *text);
void session_wake_in(struct session *s, int64_t ms); /* once: the dialect's wake() */

/* For the script and its faults. */
void session_close(struct session *s, unsigned code, const char *text);
void session_fault(struct session *s, const struct fault *f);
void garbage_send(struct session *s);

/* delivery.c */
void delivery_begin(struct session *s);                     /* at the first subscription */
void delivery_resend(struct session *s, uint64_t count);    /* the newest trades of the wanted markets */
void delivery_repeat(struct session *s, uint64_t count);    /* what this connection was sent last */
void delivery_snapshot(struct session *s, size_t market);
void delivery_fill(struct session *s);                      /* until there is a batch, or nothing more */
bool delivery_more(const struct session *s, bool finished); /* something is still to come of what exists */
int64_t delivery_wait_ms(const struct session *s);          /* until something held is due */
void delivery_release(struct session *s);

#endif
