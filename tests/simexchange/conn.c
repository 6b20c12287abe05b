/*
 * Sockets are non-blocking and each thread waits in poll() on two descriptors: its socket, and an eventfd for all other news. `asleep` is set
 * before the last look at the log, so that a trade published in between still finds someone to wake.
 */
#include "conn.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "http.h"
#include "options.h"
#include "totals.h"

#define IN_MAX (1 << 20)

static atomic_bool stopping;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* the list, and mail */
static pthread_cond_t gone = PTHREAD_COND_INITIALIZER;
static struct conn *list;

static void nudge(int fd)
{
	uint64_t one = 1;

	if (write(fd, &one, sizeof one) < 0) {
		/* full: it is awake already */
	}
}

bool conn_stopping(void)
{
	return atomic_load(&stopping);
}

void conn_stop(void)
{
	atomic_store(&stopping, true);
}

void conn_wake_all(void)
{
	pthread_mutex_lock(&lock);
	for (struct conn *c = list; c; c = c->next)
		if (atomic_exchange(&c->asleep, false))
			nudge(c->wake_fd);
	pthread_mutex_unlock(&lock);
}

void conn_mail_all(const struct fault *f)
{
	pthread_mutex_lock(&lock);
	for (struct conn *c = list; c; c = c->next) {
		if (!c->websocket || c->mail_len == CONN_MAIL)
			continue;
		c->mail[c->mail_len++] = f;
		nudge(c->wake_fd);
	}
	pthread_mutex_unlock(&lock);
}

const struct fault *conn_take_mail(struct conn *c)
{
	const struct fault *f = NULL;

	pthread_mutex_lock(&lock);
	if (c->mail_len) {
		f = c->mail[0];
		memmove(c->mail, c->mail + 1, --c->mail_len * sizeof *c->mail);
	}
	pthread_mutex_unlock(&lock);
	return f;
}

void conn_is_websocket(struct conn *c)
{
	pthread_mutex_lock(&lock);
	c->websocket = true;
	pthread_mutex_unlock(&lock);
}

uint64_t conn_slowest(uint64_t otherwise)
{
	pthread_mutex_lock(&lock);
	for (struct conn *c = list; c; c = c->next)
		if (atomic_load(&c->subscribed) && atomic_load(&c->cursor) < otherwise)
			otherwise = atomic_load(&c->cursor);
	pthread_mutex_unlock(&lock);
	return otherwise;
}

bool conn_all_served(void)
{
	bool all = true;

	pthread_mutex_lock(&lock);
	for (struct conn *c = list; c; c = c->next)
		all = all && (!atomic_load(&c->subscribed) || atomic_load(&c->served));
	pthread_mutex_unlock(&lock);
	return all;
}

bool conn_read(struct conn *c)
{
	while (c->in.len < IN_MAX) {
		int n;

		ERR_clear_error();
		n = SSL_read(c->ssl, buf_room(&c->in, TLS_RECORD), TLS_RECORD);
		if (n <= 0) {
			int why = SSL_get_error(c->ssl, n);

			return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
		}
		c->in.len += (size_t)n;
	}
	return true;
}

size_t conn_unsent(const struct conn *c)
{
	return c->out.len - c->out_done;
}

bool conn_flush(struct conn *c)
{
	/* dripping, stop in between: the client's pings want an answer even while a long message trickles */
	for (int records = 0; conn_unsent(c) && (!c->drip || records < 4096); records++) {
		size_t len = conn_unsent(c);
		int n;

		if (c->retry_len)
			len = c->retry_len;
		else if (c->drip && len > 1)
			len = 1 + rng_below(&c->rng, len < 7 ? len : 7);
		else if (len > TLS_RECORD)
			len = TLS_RECORD;
		ERR_clear_error();
		n = SSL_write(c->ssl, c->out.p + c->out_done, (int)len);
		if (n <= 0) {
			int why = SSL_get_error(c->ssl, n);

			c->retry_len = len;
			return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
		}
		c->retry_len = 0;
		c->out_done += (size_t)n;
	}
	if (!conn_unsent(c)) {
		c->out.len = c->out_done = 0;
		if (c->out.cap > (1u << 20))
			buf_release(&c->out);
	}
	return true;
}

bool conn_flush_for(struct conn *c, int64_t ms)
{
	int64_t until = clock_mono_us() + ms * 1000;

	for (;;) {
		struct pollfd p = { .fd = c->fd, .events = POLLOUT };

		if (!conn_flush(c))
			return false;
		if (!conn_unsent(c))
			return true;
		if (clock_mono_us() >= until)
			return false;
		if (c->retry_len)
			poll(&p, 1, 20);
	}
}

void conn_wait(struct conn *c, int64_t ms, bool deaf)
{
	struct pollfd p[2] = {
		{ .fd = c->wake_fd, .events = POLLIN },
		{ .fd = c->fd, .events = POLLIN },
	};

	if (ms < 0)
		ms = 0;
	if (conn_unsent(c))
		p[1].events |= POLLOUT;
	if (poll(p, deaf ? 1 : 2, (int)(ms < 60000 ? ms : 60000)) > 0 && (p[0].revents & POLLIN)) {
		uint64_t count;

		if (read(c->wake_fd, &count, sizeof count) < 0) {
			/* another wait took it */
		}
	}
}

void conn_end(struct conn *c, enum conn_end how)
{
	if (c->fd < 0)
		return;
	if (how == CONN_END_RST) {
		struct linger hard = { .l_onoff = 1, .l_linger = 0 };

		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
	} else {
		int64_t until = clock_mono_us() + 1000000;

		if (how == CONN_END_TLS && c->ssl && SSL_is_init_finished(c->ssl))
			SSL_shutdown(c->ssl);
		shutdown(c->fd, SHUT_WR);
		/* what the peer still sends must be read: closing over unread bytes would send RST instead of FIN, and take our last bytes with it */
		for (;;) {
			struct pollfd p = { .fd = c->fd, .events = POLLIN };
			char sink[4096];

			if (clock_mono_us() >= until || conn_stopping())
				break;
			if (poll(&p, 1, 50) > 0 && recv(c->fd, sink, sizeof sink, 0) <= 0)
				break;
		}
	}
	close(c->fd);
	c->fd = -1;
}

static bool tls_accept(struct conn *c)
{
	int64_t until = clock_mono_us() + 10000000;

	if (!c->ssl || SSL_set_fd(c->ssl, c->fd) != 1)
		return false;
	for (;;) {
		int n, why;

		ERR_clear_error();
		n = SSL_accept(c->ssl);
		if (n == 1)
			return true;
		why = SSL_get_error(c->ssl, n);
		if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) {
			char text[160] = "closed";

			if (ERR_peek_error())
				ERR_error_string_n(ERR_peek_error(), text, sizeof text);
			say("conn=%u tls refused: %s", c->number, text);
			return false;
		}
		if (clock_mono_us() >= until || conn_stopping())
			return false;
		conn_wait(c, 100, false);
	}
}

static void *conn_thread(void *arg)
{
	struct conn *c = arg;
	struct conn **at;

	if (tls_accept(c))
		http_serve(c);
	conn_end(c, CONN_END_TLS);
	SSL_free(c->ssl);
	OPENSSL_thread_stop(); /* before the count goes down: after that the program may end */
	buf_release(&c->in);
	buf_release(&c->out);
	pthread_mutex_lock(&lock);
	for (at = &list; *at != c; at = &(*at)->next)
		;
	*at = c->next;
	close(c->wake_fd);
	free(c);
	pthread_cond_signal(&gone);
	pthread_mutex_unlock(&lock);
	return NULL;
}

void conn_start(int fd, SSL_CTX *tls)
{
	static unsigned number;
	struct conn *c = calloc(1, sizeof *c);
	pthread_attr_t attr;
	pthread_t thread;
	int on = 1;

	if (!c || (c->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) < 0) {
		free(c);
		close(fd);
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	c->fd = fd;
	c->ssl = SSL_new(tls);
	c->number = ++number;
	c->rng = rng_fork(opt.seed, 1000000 + c->number);
	atomic_fetch_add(&totals.connections, 1);
	pthread_mutex_lock(&lock);
	c->next = list;
	list = c;
	pthread_mutex_unlock(&lock);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, 1 << 20);
	if (pthread_create(&thread, &attr, conn_thread, c) != 0) {
		fputs("simexchange: no thread for a connection\n", stderr);
		abort();
	}
	pthread_attr_destroy(&attr);
}

void conn_close_all(void)
{
	pthread_mutex_lock(&lock);
	for (struct conn *c = list; c; c = c->next)
		nudge(c->wake_fd);
	while (list)
		pthread_cond_wait(&gone, &lock);
	pthread_mutex_unlock(&lock);
}
