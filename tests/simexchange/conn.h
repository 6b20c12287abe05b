/*
 * A TLS connection and its thread; and the list of all connections. A connection's struct belongs to its own thread,
 * but for the fields marked otherwise.
 */
#ifndef SIM_CONN_H
#define SIM_CONN_H

#include <openssl/ssl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "rng.h"
#include "text.h"

#define CONN_MAIL 16
#define TLS_RECORD 16384

struct fault;

struct conn {
	/* set before its thread starts */
	int fd;
	int wake_fd;       /* an eventfd: something happened that is not on the socket */
	unsigned number;   /* 1, 2, 3 ... of all connections */
	struct rng rng;

	/* its thread only */
	SSL *ssl;          /* owned; made by the accepting thread */
	struct buf in;     /* read, not yet consumed */
	struct buf out;    /* to be written; out_done bytes of it are */
	size_t out_done;
	size_t retry_len;  /* OpenSSL wants the same length again after it could not write */
	bool drip;         /* a few bytes a TLS record */

	/* any thread */
	atomic_bool asleep;            /* about to wait: whoever has news writes to wake_fd */
	atomic_bool subscribed;
	atomic_bool served;            /* nothing left to send for now */
	atomic_uint_fast64_t cursor;   /* how far in the market's log */

	/* {conn list lock} */
	bool websocket;
	const struct fault *mail[CONN_MAIL]; /* faults to happen here, put by the script's thread */
	unsigned mail_len;
	struct conn *next;
};

enum conn_end {
	CONN_END_TLS, /* in order: close_notify, FIN */
	CONN_END_FIN, /* FIN alone */
	CONN_END_RST
};

void conn_start(int fd, SSL_CTX *tls); /* accepting thread: takes the socket over and gives it a thread */
void conn_stop(void);                  /* main thread: tells everyone to end */
void conn_close_all(void);             /* main thread, after the accepting one has ended: waits for them */

/* its own thread */
bool conn_read(struct conn *c);  /* takes what is there; false: the peer is gone */
bool conn_flush(struct conn *c); /* writes what it can now; false: the peer is gone */
bool conn_flush_for(struct conn *c, int64_t ms); /* waits for it */
size_t conn_unsent(const struct conn *c);
/* Until something can be read (or written, if out is not empty), or news, or the time is over. `deaf`: the socket is not looked at. */
void conn_wait(struct conn *c, int64_t ms, bool deaf);
void conn_end(struct conn *c, enum conn_end how);
const struct fault *conn_take_mail(struct conn *c);
void conn_is_websocket(struct conn *c);

/* any thread */
bool conn_stopping(void);
void conn_wake_all(void);
void conn_mail_all(const struct fault *f);  /* to every websocket there is */
uint64_t conn_slowest(uint64_t otherwise);  /* the smallest cursor of the subscribed */
bool conn_all_served(void);                 /* all that subscribed, if any is left, have been sent everything */

#endif
