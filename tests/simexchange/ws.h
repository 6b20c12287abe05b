/*
 * WebSocket framing (RFC 6455), server side. Our own, because a test must be able to cut a message into fragments, TLS records and half-open
 * sockets as it likes. No state: a frame is put at the end of a buffer, or taken from the front of one.
 */
#ifndef SIM_WS_H
#define SIM_WS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

enum {
	WS_CONTINUATION = 0,
	WS_TEXT = 1,
	WS_BINARY = 2,
	WS_CLOSE = 8,
	WS_PING = 9,
	WS_PONG = 10
};

struct ws_frame {
	bool fin;
	int opcode;
	const char *data; /* in the buffer, unmasked; good until it changes */
	size_t len;
	size_t used;      /* bytes to drop from the buffer afterwards */
};

#define WS_KEY_ACCEPT 29

void ws_accept(const char *key, char accept[WS_KEY_ACCEPT]);
void ws_put(struct buf *out, bool fin, int opcode, const void *data, size_t len);
/* 1: a frame; 0: not all of it is there; else the close code for what the client did wrong. Looks from offset on. */
int ws_take(struct buf *in, size_t offset, struct ws_frame *f);

#endif
