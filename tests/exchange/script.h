/*
 * The script of faults: which, when, and the state of those that concern the whole exchange. The language is in README.md.
 *
 * A fault of one connection is carried out by session_fault() in that connection's thread: found there (trade=, each-trade=, conn=) or put into
 * its mail by the script's thread (at=, after=, every=). A fault of the exchange is a time until which something is so, read by whoever needs it.
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

enum action {
	/* of a connection */
	DO_DROP, DO_FIN, DO_CLOSE, DO_STALL, DO_MUTE, DO_REPEAT, DO_SHUFFLE, DO_GARBAGE, DO_GARBAGE_BUILTIN,
	/* of a connection, lasting: by at=, after= and every= of all later ones too */
	DO_FRAGMENT, DO_DRIP, DO_COALESCE, DO_TEXT,
	/* of the exchange */
	DO_REFUSE, DO_UNAVAILABLE, DO_MUTE_MARKET, DO_HTTP, DO_HTTP_STALL, DO_TRUNCATE, DO_LIST, DO_DELIST, DO_AGELESS
};

struct fault {
	enum trigger when;
	int64_t when_us;     /* at, after, every */
	uint64_t when_count; /* conn, trade */
	enum action action;
	const char *name;    /* the action's word */
	int64_t for_us;
	uint64_t count;      /* fragments, messages, a status, a close code, a market */
	char *text;          /* owned: a close reason */
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

/* any thread */
bool script_refusing(void);
bool script_unavailable(void);
bool script_market_muted(size_t market);
int script_http_status(void); /* 0: answer as usual */
bool script_http_stalled(void);
bool script_truncating(void);
bool script_ageless(void); /* --life-ms is over */
bool script_waits_for(uint64_t nth); /* a fault may happen before the N-th trade */
struct script_modes script_modes(void); /* for a new connection */

/* connection thread */
void script_on_subscribe(struct session *s, unsigned number);
void script_on_trade(struct session *s, uint64_t nth);

#endif
