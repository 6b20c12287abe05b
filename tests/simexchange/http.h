/*
 * HTTP/1.1 on a TLS connection: requests one after another, until one is an upgrade (session.c takes over) or says close. Answers REST out of
 * the dialect, behind the limits. Connection thread.
 */
#ifndef SIM_HTTP_H
#define SIM_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

struct conn;

struct request {
	char method[8];
	char path[1024];  /* decoded, without the query */
	char query[8192]; /* as sent */
	char key[64];     /* Sec-WebSocket-Key */
	bool upgrade;
	bool origin;      /* there is an Origin header */
	bool microseconds; /* X-MBX-TIME-UNIT says so */
	bool close;       /* the connection ends after the answer */
};

struct answer {
	int status;
	const char *type;
	struct buf headers; /* whole lines with CRLF */
	struct buf body;
};

void http_serve(struct conn *c);

/* A parameter of the query, decoded; false if it isn't there. An empty one is there. */
bool request_parameter(const struct request *r, const char *name, char *value, size_t size);
/* One that is a number within these bounds; absent or empty leaves *value as it is. False: it is something else. */
bool request_number(const struct request *r, const char *name, uint64_t low, uint64_t high, uint64_t *value);
/* HHmmss or HH:mm:ss, as milliseconds into the day; likewise. */
bool request_clock_time(const struct request *r, const char *name, int64_t *ms);

#endif
