/*
 * A dialect is one exchange's way to speak: its subscription frame, its messages, its REST. One file and one const struct each; the array in
 * dialect.c is the only other line to touch. Written from the exchange's documents, never from the recorder's drivers.
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
struct trade;

/* Large enough for any one message that a dialect writes. */
#define MESSAGE_MAX 8192

/* What a subscriber wants of a market. */
enum {
	WANT_TRADE = 1,
	WANT_ORDERBOOK = 2,
	WANT_TICKER = 4
};

struct dialect {
	const char *name;
	const char *ws_path;
	int opcode;                /* of data frames: WS_TEXT or WS_BINARY */

	/* The trade's id as a number that grows along a market. Any thread. */
	uint64_t (*trade_id)(const struct trade *t);

	/* Connection thread: a whole message came from the client. Answers by session_send(), session_subscribe(), session_fail(). */
	void (*message)(struct session *s, const char *text, size_t len);

	/* Connection thread: write one message for the session's format into MESSAGE_MAX bytes at d, return its end. */
	char *(*put_trade)(char *d, const struct session *s, const struct trade *t, bool snapshot);
	char *(*put_orderbook)(char *d, const struct session *s, const struct trade *t);
	char *(*put_ticker)(char *d, const struct session *s, const struct trade *t);

	/* Connection thread of a REST request: fills the answer. The limits have been checked. */
	void (*rest)(const struct request *r, struct answer *a);
	/* Which group of the limits a path belongs to; a small number, and its name for the headers. */
	unsigned (*rest_group)(const char *path, const char **name);

	/* Messages that look nearly right, NULL at the end; '%' stands for a market that the client asked for. */
	const char *const *garbage;
	/* The market named in a captured frame; NULL if it names none. Points into text. */
	const char *(*replay_code)(const char *text, size_t len, size_t *code_len);

	const char *const *usual_markets; /* what a generated list begins with; NULL at the end */
	const char *generated_prefix;     /* and the rest: prefix + three letters */
};

extern const struct dialect dialect_upbit;

const struct dialect *dialect_find(const char *name);

#endif
