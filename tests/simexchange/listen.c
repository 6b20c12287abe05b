#include "listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "conn.h"
#include "options.h"
#include "script.h"
#include "totals.h"

static SSL_CTX *tls;                    /* owned */
static struct sockaddr_storage address; /* with the port, once bound */
static socklen_t address_len;
static pthread_t thread;

static int open_listener(void)
{
	int on = 1;
	int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, (struct sockaddr *)&address, address_len) != 0 || listen(fd, 128) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void *accept_run(void *arg)
{
	int fd = (int)(intptr_t)arg;

	while (!conn_stopping()) {
		struct pollfd p = { .fd = fd, .events = POLLIN };

		if (script_refusing()) {
			if (fd >= 0)
				close(fd);
			fd = -1;
			clock_sleep_us(2000);
			continue;
		}
		if (fd < 0 && (fd = open_listener()) < 0) {
			clock_sleep_us(5000);
			continue;
		}
		if (poll(&p, 1, 10) > 0) {
			int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

			if (peer >= 0)
				conn_start(peer, tls);
		}
	}
	if (fd >= 0)
		close(fd);
	return NULL;
}

static bool parse_address(const char *text)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&address;
	const char *colon = strrchr(text, ':');
	char host[64] = "", *end;
	unsigned long port;

	if (!colon || (size_t)(colon - text) >= sizeof host)
		return false;
	memcpy(host, text, (size_t)(colon - text));
	port = strtoul(colon + 1, &end, 10);
	if (*end || end == colon + 1 || port > 65535)
		return false;
	if (host[0] == '[' && host[strlen(host) - 1] == ']') {
		host[strlen(host) - 1] = 0;
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)port);
		address_len = sizeof *v6;
		return inet_pton(AF_INET6, host + 1, &v6->sin6_addr) == 1;
	}
	v4->sin_family = AF_INET;
	v4->sin_port = htons((uint16_t)port);
	address_len = sizeof *v4;
	return inet_pton(AF_INET, strcmp(host, "localhost") ? host : "127.0.0.1", &v4->sin_addr) == 1;
}

/* A reader of the file never sees half of it. */
static bool write_port(void)
{
	unsigned port = ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
							   : ((struct sockaddr_in *)&address)->sin_port);
	char path[4096];
	FILE *f;

	say("listening port=%u", port);
	if (!opt.port_file)
		return true;
	snprintf(path, sizeof path, "%s.new", opt.port_file);
	f = fopen(path, "w");
	if (!f || fprintf(f, "%u\n", port) < 0 || fclose(f) != 0 || rename(path, opt.port_file) != 0) {
		fprintf(stderr, "simexchange: %s: %s\n", opt.port_file, strerror(errno));
		return false;
	}
	return true;
}

static bool tls_init(void)
{
	tls = SSL_CTX_new(TLS_server_method());
	if (!tls)
		return false;
	SSL_CTX_set_mode(tls, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_options(tls, SSL_OP_NO_RENEGOTIATION);
	if (opt.tls_max && opt.tls_max < TLS1_2_VERSION) {
		/* a server of the old days; OpenSSL's level 1 and above refuse its signatures */
		SSL_CTX_set_min_proto_version(tls, TLS1_VERSION);
		if (SSL_CTX_set_cipher_list(tls, "ALL:@SECLEVEL=0") != 1)
			return false;
	}
	if (opt.tls_max)
		SSL_CTX_set_max_proto_version(tls, opt.tls_max);
	return SSL_CTX_use_certificate_chain_file(tls, opt.cert_file) == 1 &&
	       SSL_CTX_use_PrivateKey_file(tls, opt.key_file, SSL_FILETYPE_PEM) == 1 && SSL_CTX_check_private_key(tls) == 1;
}

bool listen_start(void)
{
	int fd;

	if (!tls_init()) {
		fprintf(stderr, "simexchange: cannot use %s with %s\n", opt.cert_file, opt.key_file);
		return false;
	}
	if (!parse_address(opt.listen)) {
		fprintf(stderr, "simexchange: --listen %s: want ADDRESS:PORT or [ADDRESS]:PORT\n", opt.listen);
		return false;
	}
	fd = open_listener();
	if (fd < 0 || getsockname(fd, (struct sockaddr *)&address, &address_len) != 0) {
		fprintf(stderr, "simexchange: --listen %s: %s\n", opt.listen, strerror(errno));
		if (fd >= 0)
			close(fd);
		return false;
	}
	if (!write_port() || pthread_create(&thread, NULL, accept_run, (void *)(intptr_t)fd) != 0) {
		close(fd);
		return false;
	}
	return true;
}

void listen_stop(void)
{
	conn_stop();
	pthread_join(thread, NULL);
	conn_close_all();
	SSL_CTX_free(tls);
}
