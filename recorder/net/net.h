/* The network: libwebsockets' context, its loop, and what all connections share.  The network thread only, but for
 * net_wake and net_stop; before that thread starts, main runs the same loop to fetch the lists of markets.
 *
 * A connection is a `peer`: libwebsockets' events reach its handle().  Traps of the library that shaped this file:
 * receive buffers below 16 KiB can spin for ever; addresses must be resolved before (a blocking getaddrinfo in the loop);
 * TLS below 1.2 and redirects must be switched off; the system's CAs are added to a CA file unless told otherwise; the host
 * that it checks a certificate against is cut at the first colon of an IPv6 address, so the check is made here again; it heeds
 * http_proxy, and looks up that host in the loop, but neither https_proxy nor no_proxy: so none is heeded, and that is said. */
#ifndef RECORDER_NET_NET_H
#define RECORDER_NET_NET_H

#include "recorder/net/lookup.h"
#include "recorder/tape/queue.h"

#include <libwebsockets.h>
#include <stdatomic.h>

struct peer {
	/* Returns non-zero to have the connection closed.  `in` and `len` as libwebsockets gives them. */
	int (*handle)(struct peer *peer, struct lws *wsi, enum lws_callback_reasons reason, void *in, size_t len);
	void (*wake)(struct peer *peer); /* the look-up thread may have answered, the queue may have room */
	const char *host; /* borrowed; the certificate must be for it */
	struct peer *next;
};

struct net {
	struct lws_context *context; /* owned */
	struct lookup *lookup;       /* owned */
	struct queue *queue;         /* borrowed */
	struct peer *peers;          /* borrowed, a list */
	uint32_t connections;        /* counted, pages of REST too: equal trades of one are told from a repetition by another */
	unsigned told_unreachable;   /* bit i: of the exchange of address i it was said what to check */
	uint32_t throttled;          /* bit i: the sockets of the exchange of address i are not read, its share of the queue is full */
	atomic_bool stop;
	char tls_words[200]; /* OpenSSL's last complaint, for the connection that fails next */
};

bool net_init(struct net *net, const char *ca_file, struct queue *queue, struct err *err) MUST_CHECK;
void net_release(struct net *net); /* ends every connection: their handle() hears of it */

void net_add_peer(struct net *net, struct peer *peer);
void net_remove_peer(struct net *net, struct peer *peer);

void net_serve(struct net *net); /* one round of the loop; returns after an event or a timer */
void net_run(struct net *net);   /* until net_stop */
void net_wake(void *net);        /* any thread */
void net_stop(struct net *net);  /* any thread */

void net_throttle(struct net *net); /* stop reading the exchanges whose share of the queue is full, until it has room */
bool net_is_throttled(const struct net *net, size_t exchange); /* the index of its address */

enum net_kind { NET_WEBSOCKET, NET_GET };
/* Starts connecting to `address` as url->host.  Events may come before it returns.  *wsi is set first of all; NULL
 * returned: it failed at once, and perhaps no event told so. */
struct lws *net_connect(struct net *net, struct peer *peer, enum net_kind kind, const struct url *url, const char *path,
                        const char *address, struct lws **wsi);

/* An HTTP status in words; where it looks like a refusal of the place that we ask from, with what to do. */
#define NET_STATUS_SIZE 160
const char *net_status(int status, char out[static NET_STATUS_SIZE]);

/* What the answer at hand says about when to come again, in seconds; 0: nothing.  While its head is there, and at
 * LWS_CALLBACK_CLIENT_CONNECTION_ERROR. */
int64_t net_retry_after_s(struct lws *wsi);

/* Why a connection attempt failed, in words, at LWS_CALLBACK_CLIENT_CONNECTION_ERROR. */
const char *net_failure(struct net *net, struct lws *wsi, const char *in, size_t len, char *out, size_t size);

#endif
