/* A TLS server of the test's own on the loopback, in a thread: what tries the network's parts without a fake.  What it answers
 * is a function of the test's.  Its certificate is for localhost and 127.0.0.1, and made anew for each process. */
#ifndef TESTS_UNIT_LOOPBACK_H
#define TESTS_UNIT_LOOPBACK_H

#include "recorder/net/net.h"

#include <openssl/ssl.h>
#include <pthread.h>

struct loopback_conn {
	SSL *ssl;        /* NULL: the handshake failed */
	int fd;
	unsigned number; /* counts from 1 */
	char head[4096]; /* the request, as it came */
};

/* Server thread: the request's head has been read; the connection is closed when it returns. */
typedef void loopback_serve(struct loopback_conn *c);

struct loopback {
	int listener;
	uint16_t port;
	SSL_CTX *tls;
	loopback_serve *serve;
	pthread_t thread;
	atomic_uint connections;
	atomic_bool stop;
};

const char *loopback_ca(void); /* the PEM file to trust; made at first, removed by loopback_remove_ca */
void loopback_remove_ca(void);
void loopback_start(struct loopback *l, loopback_serve *serve);
void loopback_stop(struct loopback *l);
struct url loopback_url(const struct loopback *l, const char *host);

/* Server thread. */
void loopback_send(struct loopback_conn *c, const char *text);
void loopback_send_bytes(struct loopback_conn *c, const void *bytes, size_t len);
void loopback_pause_ms(unsigned ms);
void loopback_upgrade(struct loopback_conn *c);                           /* answers 101 */
void loopback_text(struct loopback_conn *c, const char *text);            /* a text frame */
void loopback_close(struct loopback_conn *c, unsigned code, const char *reason); /* a close frame */
/* The next frame that the client sends, unmasked; returns its opcode, -1 where the connection is over. */
int loopback_read_frame(struct loopback_conn *c, char *payload, size_t size);

/* Test's thread: serves the loop until `what` is true; false: it was not in that time. */
bool loopback_serve_net(struct net *net, bool (*what)(void), unsigned ms);

#endif
