/* One GET over HTTPS.  Network thread (main's before that thread starts).  Every address of the host is tried; `done` is
 * called exactly once, from the loop and never from http_get_start, and may release the struct. */
#ifndef RECORDER_NET_HTTP_GET_H
#define RECORDER_NET_HTTP_GET_H

#include "recorder/net/dial.h"

#define REST_BODY_MAX (16u << 20)

struct http_get_headers {
	const char *request; /* borrowed; "Name: value" that the request has; NULL: none */
	const char *limit;   /* borrowed; "name:" in lower case, a header of the answer that tells how much may still be asked */
};

struct http_get {
	struct peer peer;
	struct dial dial;
	struct net *net;
	const struct url *url; /* borrowed */
	char path[PATH_SIZE];
	struct lws *wsi; /* NULL: no connection */
	lws_sorted_usec_list_t deadline; /* for the beginning of an answer, then for its end */
	lws_sorted_usec_list_t retry;    /* the next address, from the loop */
	bool looking_up, complete;
	bool hopeless; /* the answer is one that cannot be taken, from whatever address */
	struct http_get_headers headers;
	int status;
	int64_t retry_after_s; /* of the answer; 0: it did not say, or nothing to believe */
	char limit[96];        /* the value of headers.limit; "": it had none */
	char *body; /* owned */
	size_t body_len, body_size;
	char reason[240]; /* why it failed; "" while it has not */
	void (*done)(struct http_get *rest, void *arg); /* status 0: no whole answer, see reason; else status and body */
	void *arg;
};

void http_get_start(struct http_get *rest, struct net *net, const struct url *url, const char *path, struct http_get_headers headers,
                int64_t answer_timeout_us, void (*done)(struct http_get *rest, void *arg), void *arg);
void http_get_stop(struct http_get *rest); /* forgets it, if it still runs; `done` is not called any more */
void http_get_release(struct http_get *rest);

#endif
