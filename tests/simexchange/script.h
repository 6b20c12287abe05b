/*
 * The script of faults: which and when. The language is in README.md; script_words.c reads it, script.c makes things happen.
 *
 * A fault of one connection is carried out by session_fault() in that connection's thread: found there (trade=, each-trade=, conn=) or put into
 * its mail by the script's thread (at=, after=, every=). A fault of the exchange is a function, called once, that changes what others read: the
 * times until which something is so are here, the rest is in door.c, odd.c, lag.c, rest_odd.c and strange.c.
 */
#ifndef SIM_SCRIPT_H
#define SIM_SCRIPT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

struct session;

enum trigger {
	WHEN_AT,         /* seconds after the start */
	WHEN_AFTER,      /* seconds after the first subscription */
	WHEN_EVERY,      /* seconds, over and over */
	WHEN_CONN,       /* the N-th websocket, after its first subscription */
	WHEN_TRADE,      /* the first connection to come to its N-th trade; once */
	WHEN_EACH_TRADE  /* every connection that comes to its N-th trade */
};

/* What happens to a connection. */
enum action {
	DO_NOTHING,
	DO_DROP, DO_FIN, DO_CLOSE, DO_STALL, DO_MUTE, DO_REPEAT, DO_SHUFFLE, DO_GARBAGE, DO_GARBAGE_BUILTIN,
	/* lasting: by at=, after= and every= of all later ones too */
	DO_FRAGMENT, DO_DRIP, DO_COALESCE, DO_TEXT
};

struct fault {
	enum trigger when;
	int64_t when_us;     /* at, after, every */
	uint64_t when_count; /* conn, trade */
	enum action action;
	void (*happen)(const struct fault *f); /* what happens to the exchange, or to connections yet to come; NULL: nothing. Any thread */
	const char *name;    /* the action's word */
	int64_t for_us;
	int64_t by_us;       /* how late, how far, how often; may be negative */
	uint64_t count;      /* fragments, messages, frames, trades, a status, a close code */
	uint64_t more;       /* a second number; 0 when it is not said */
	size_t market;
	char *word;          /* owned; NULL when it is not said */
	char *text;          /* owned: a reason; NULL when it is not said */
	struct buf *lines;   /* owned: a garbage file's frames */
	size_t lines_len;
	/* script thread, or for WHEN_TRADE whoever is first */
	atomic_bool done;
	int64_t due_us;
};

struct script_modes {
	unsigned fragments, coalesce;
	bool drip, text;
};

bool script_load(void);  /* after listing_init(), to whose list it may add; false after saying what is wrong in which line */
void script_start(void);
void script_stop(void);
void script_release(void);

/* script_words.c, before threads: one line, which it cuts up, into a fault. False: it is none. Free what it holds in either case. */
bool fault_parse(char *line, struct fault *f);
void fault_release(struct fault *f);

/* Whether a monotonic time that was set has not come; 0 is not set. Any thread. */
bool script_until(atomic_llong *when);

/* The exchange's, any thread. */
void script_refuse(const struct fault *f);
void script_be_unavailable(const struct fault *f);
void script_mute_market(const struct fault *f);
void script_http(const struct fault *f);
void script_http_stall(const struct fault *f);
void script_truncate(const struct fault *f);
void script_list(const struct fault *f);
void script_delist(const struct fault *f);
void script_be_ageless(const struct fault *f);
void script_shutdown_each(const struct fault *f);
void script_fragment(const struct fault *f);
void script_coalesce(const struct fault *f);
void script_drip(const struct fault *f);
void script_text(const struct fault *f);

/* any thread */
bool script_refusing(void);
bool script_unavailable(uint64_t *retry_after_s); /* 0: nothing is said about that */
bool script_market_muted(size_t market);
int script_http_status(void); /* 0: answer as usual */
bool script_http_stalled(void);
bool script_truncating(void);
bool script_ageless(void); /* --life-ms is over */
bool script_shutting_down(void); /* each new socket is told so */
bool script_waits_for(uint64_t nth); /* a fault may happen before the N-th trade */
struct script_modes script_modes(void); /* for a new connection */

/* connection thread */
void script_on_subscribe(struct session *s, unsigned number);
void script_on_trade(struct session *s, uint64_t nth);

#endif
