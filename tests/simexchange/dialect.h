/*
 * A dialect is one exchange's way to speak: its subscription frame, its messages, its REST, its limits. One file and one const struct each; the
 * array in dialect.c is the only other line to touch. Written from the exchange's documents, never from the recorder's drivers.
 */
#ifndef SIM_DIALECT_H
#define SIM_DIALECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

struct answer;
struct request;
struct session;
struct ticker;
struct ticker_window;
struct trade;

/* Large enough for any one message that a dialect writes. */
#define MESSAGE_MAX 8192
/* Trades in one message, where there may be several. */
#define LIST_MAX 8

/* What a subscriber wants of a market. Trades have their own slot below; all else goes through put_aside(). */
enum want {
	WANT_TRADE = 1,
	WANT_ORDERBOOK = 2,
	WANT_TICKER = 4,
	WANT_AGGREGATE = 8,
	WANT_MINI_TICKER = 16,
	WANT_BEST = 32,      /* bid and ask */
	WANT_MARK_PRICE = 64,
	WANT_CANDLE = 128
};

/* How a request stands with the limits. */
struct limit_state {
	const char *group;
	uint64_t used, limit; /* in this window; limit 0 is none */
	int64_t retry_s;      /* until it is worth asking again */
};

struct dialect {
	const char *name;
	const char *ws_path;
	int opcode;                /* of data frames: WS_TEXT or WS_BINARY */
	int64_t time_unit_us;      /* the resolution of a trade's time: 1 or 1000; the ledger's unit */
	int64_t ticker_unit_us;    /* the same of a ticker's */

	/* Limits and life: what the options are when the command line does not say. 0 is none. */
	unsigned messages_a_second, messages_a_minute; /* from a client, at most 100 */
	bool control_counts;       /* pings and pongs are messages, too */
	uint64_t idle_ms, server_ping_ms, pong_wait_ms, life_ms;
	uint64_t rest_limit, rest_window_ms, history_hours;

	/* The trade's id as a number that grows along a market; NULL: there is none. Any thread. */
	uint64_t (*trade_id)(const struct trade *t);

	/* Connection thread. Which paths are sockets; NULL: ws_path is. */
	bool (*route)(const struct request *r);
	/* The socket is open; may be NULL. */
	void (*open)(struct session *s, const struct request *r);
	/* A whole message came from the client. Answers by session_send(), session_subscribe(), session_fail(). */
	void (*message)(struct session *s, const char *text, size_t len);
	/* A subscription that is refused because the script says so (door.c): answer it. code is the script's, NULL: the dialect's own. */
	void (*refuse)(struct session *s, const char *code, const char *words);
	/* session_wake_in() has come; may be NULL. */
	void (*wake)(struct session *s);
	/* This socket will end soon: say so. May be NULL. */
	void (*farewell)(struct session *s);
	/* Frees s->own; may be NULL. */
	void (*release)(struct session *s);

	/* Connection thread: write one message for the session's format into MESSAGE_MAX bytes at d, return its end. */
	char *(*put_trade)(char *d, const struct session *s, const struct trade *t, bool snapshot);
	/* Or several trades in one message, and put_trade is NULL. */
	char *(*put_trades)(char *d, const struct session *s, const struct trade *const *t, size_t count);
	/* One of the others, about the market of a trade just made; k only with tickers. */
	char *(*put_aside)(char *d, const struct session *s, const struct trade *t, enum want what, const struct ticker *k);
	const struct ticker_window *windows; /* ends with a name NULL; at most WINDOWS_MAX */
	bool format_chooses_windows;         /* bit n of the session's format: window n is wanted */
	bool late_snapshots;                 /* a live trade may come before its market's snapshot */

	/* Connection thread of a REST request: fills the answer. The limits have been checked. */
	void (*rest)(const struct request *r, struct answer *a);
	/* Which group of the limits a path belongs to (a small number), its name for the headers, and what the request costs. */
	unsigned (*rest_group)(const struct request *r, const char **name, uint64_t *cost);
	void (*rest_headers)(struct answer *a, const struct limit_state *l); /* a->status is known */
	/* The body of an answer in this dialect's shape, for the limits and scripted faults. */
	void (*refusal)(struct answer *a, int status, const char *words);

	const char *news; /* a message that is no trade, of a kind that nobody has heard of */
	/* Messages that look nearly right, NULL at the end; '%' stands for a market that the client asked for, '^' for the same in small letters. */
	const char *const *garbage;
	/* The market named first in a captured frame, or in the rest of one; NULL if none is. Points into text. */
	const char *(*replay_code)(const char *text, size_t len, size_t *code_len);

	void (*split)(const char *symbol, char *base, char *quote); /* NAME_MAX_BYTES each */
	bool decimal_ticks;               /* prices are cut by powers of ten, not as the won's */
	bool merges_fills;                /* a trade is an aggregate; fills have ids of their own */
	unsigned size_decimals;           /* at most 8 */
	const char *const *usual_markets; /* what a generated list begins with; NULL at the end */
	const char *generated_prefix;     /* and the rest: prefix + three letters + suffix */
	const char *generated_suffix;
};

extern const struct dialect dialect_upbit, dialect_bithumb, dialect_bithumb_legacy, dialect_binance, dialect_binance_usdm;

const struct dialect *dialect_find(const char *name);

/* The text behind the first of these keys in a frame. A search will do: captures are trusted, and hold no such text elsewhere. */
const char *dialect_key_value(const char *text, size_t len, const char *const *keys, size_t *value_len);

#endif
