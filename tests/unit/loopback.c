#include "loopback.h"

#include "recorder/clock.h"
#include "schema/base/timefmt.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define POLL_MS 20
#define KEY_SIZE 64

static EVP_PKEY *key;
static X509 *certificate;
static char ca_path[64];

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "loopback: %s\n", what);
	abort();
}

static void add_extension(int nid, const char *value)
{
	X509V3_CTX ctx;
	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, certificate, certificate, NULL, NULL, 0);
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	must(extension && X509_add_ext(certificate, extension, -1), value);
	X509_EXTENSION_free(extension);
}

const char *loopback_ca(void)
{
	if (ca_path[0])
		return ca_path;
	key = EVP_EC_gen("P-256");
	certificate = X509_new();
	must(key && certificate, "no key");
	X509_set_version(certificate, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
	X509_gmtime_adj(X509_getm_notBefore(certificate), -86400);
	X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
	X509_set_pubkey(certificate, key);
	X509_NAME *name = X509_get_subject_name(certificate);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost", -1, -1, 0);
	X509_set_issuer_name(certificate, name);
	add_extension(NID_basic_constraints, "critical,CA:TRUE");
	add_extension(NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
	must(X509_sign(certificate, key, EVP_sha256()) > 0, "no certificate");
	snprintf(ca_path, sizeof ca_path, "/tmp/tapedeck-ca-XXXXXX");
	int fd = mkstemp(ca_path);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	must(file && PEM_write_X509(file, certificate) && fclose(file) == 0, "no CA file");
	return ca_path;
}

void loopback_remove_ca(void)
{
	unlink(ca_path);
	ca_path[0] = '\0';
	X509_free(certificate);
	EVP_PKEY_free(key);
}

/* ---- the server ---- */

static bool read_head(struct loopback_conn *c)
{
	size_t len = 0;
	while (len + 1 < sizeof c->head && !strstr(c->head, "\r\n\r\n")) {
		int got = SSL_read(c->ssl, c->head + len, 1);
		if (got <= 0)
			return false;
		c->head[++len] = '\0';
	}
	return true;
}

static void serve_one(struct loopback *l, int fd)
{
	struct loopback_conn c = { .fd = fd, .number = atomic_fetch_add(&l->connections, 1) + 1 };
	struct timeval patience = { .tv_sec = 5 };
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	c.ssl = SSL_new(l->tls);
	must(c.ssl && SSL_set_fd(c.ssl, fd) == 1, "no TLS");
	if (SSL_accept(c.ssl) == 1 && read_head(&c)) {
		l->serve(&c);
		SSL_shutdown(c.ssl);
	}
	SSL_free(c.ssl);
	close(fd);
}

static void *run(void *arg)
{
	struct loopback *l = arg;
	while (!atomic_load(&l->stop)) {
		struct pollfd at = { .fd = l->listener, .events = POLLIN };
		if (poll(&at, 1, POLL_MS) <= 0)
			continue;
		int fd = accept(l->listener, NULL, NULL);
		if (fd >= 0)
			serve_one(l, fd);
	}
	return NULL;
}

void loopback_start(struct loopback *l, loopback_serve *serve)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_ANY) };
	socklen_t len = sizeof address;
	loopback_ca();
	*l = (struct loopback){ .serve = serve, .listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), .tls = SSL_CTX_new(TLS_server_method()) };
	must(l->tls && SSL_CTX_use_certificate(l->tls, certificate) == 1 && SSL_CTX_use_PrivateKey(l->tls, key) == 1, "no TLS");
	must(bind(l->listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(l->listener, 16) == 0 &&
	     getsockname(l->listener, (struct sockaddr *)&address, &len) == 0, "no port");
	l->port = ntohs(address.sin_port);
	must(pthread_create(&l->thread, NULL, run, l) == 0, "no thread");
}

void loopback_stop(struct loopback *l)
{
	atomic_store(&l->stop, true);
	pthread_join(l->thread, NULL);
	close(l->listener);
	SSL_CTX_free(l->tls);
}

struct url loopback_url(const struct loopback *l, const char *host)
{
	struct url url = { .port = l->port };
	snprintf(url.host, sizeof url.host, "%s", host);
	return url;
}

/* ---- what it says ---- */

void loopback_send_bytes(struct loopback_conn *c, const void *bytes, size_t len)
{
	(void)SSL_write(c->ssl, bytes, (int)len); /* the client may have gone */
}

void loopback_send(struct loopback_conn *c, const char *text)
{
	loopback_send_bytes(c, text, strlen(text));
}

void loopback_pause_ms(unsigned ms)
{
	usleep(ms * 1000);
}

void loopback_upgrade(struct loopback_conn *c)
{
	static const char name[] = "sec-websocket-key:";
	char text[256], *at = strcasestr(c->head, name);
	unsigned char sum[SHA_DIGEST_LENGTH], accept[KEY_SIZE];
	must(at, "no key asks for a WebSocket");
	at += strlen(name);
	at += strspn(at, " ");
	snprintf(text, sizeof text, "%.*s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", (int)strcspn(at, "\r"), at);
	SHA1((const unsigned char *)text, strlen(text), sum);
	EVP_EncodeBlock(accept, sum, sizeof sum);
	snprintf(text, sizeof text, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
	         accept);
	loopback_send(c, text);
}

static void send_frame(struct loopback_conn *c, unsigned opcode, const void *payload, size_t len)
{
	unsigned char frame[4 + 1024] = { (unsigned char)(0x80 | opcode) };
	size_t head = len < 126 ? 2 : 4;
	must(len <= sizeof frame - head, "too long a frame");
	frame[1] = (unsigned char)(len < 126 ? len : 126);
	if (len >= 126) {
		frame[2] = (unsigned char)(len >> 8);
		frame[3] = (unsigned char)len;
	}
	memcpy(frame + head, payload, len);
	loopback_send_bytes(c, frame, head + len);
}

void loopback_text(struct loopback_conn *c, const char *text)
{
	send_frame(c, 1, text, strlen(text));
}

void loopback_close(struct loopback_conn *c, unsigned code, const char *reason)
{
	char payload[125] = { (char)(code >> 8), (char)code };
	snprintf(payload + 2, sizeof payload - 2, "%s", reason);
	send_frame(c, 8, payload, 2 + strlen(reason));
}

static bool read_all(struct loopback_conn *c, void *to, size_t len)
{
	size_t got = 0;
	return len == 0 || (SSL_read_ex(c->ssl, to, len, &got) == 1 && (got == len || read_all(c, (char *)to + got, len - got)));
}

int loopback_read_frame(struct loopback_conn *c, char *payload, size_t size)
{
	unsigned char head[2], more[2], mask[4];
	if (!read_all(c, head, 2))
		return -1;
	size_t len = head[1] & 0x7f;
	if (len == 126) {
		if (!read_all(c, more, 2))
			return -1;
		len = (size_t)more[0] << 8 | more[1];
	}
	must(len < size, "a longer frame than was thought of");
	if (!read_all(c, mask, 4) || !read_all(c, payload, len))
		return -1;
	for (size_t i = 0; i < len; i++)
		payload[i] = (char)(payload[i] ^ mask[i % 4]);
	payload[len] = '\0';
	return head[0] & 0xf;
}

/* ---- the loop ---- */

static void on_time(lws_sorted_usec_list_t *sul)
{
	(void)sul; /* the loop returns, and that is all */
}

bool loopback_serve_net(struct net *net, bool (*what)(void), unsigned ms)
{
	lws_sorted_usec_list_t timer;
	memset(&timer, 0, sizeof timer);
	int64_t until_us = clock_mono_us() + ms * INT64_C(1000);
	while (!what() && clock_mono_us() < until_us) {
		lws_sul_schedule(net->context, 0, &timer, on_time, 10000);
		net_serve(net);
	}
	lws_sul_cancel(&timer);
	return what();
}
