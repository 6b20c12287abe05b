#include "recorder/net/net.h"

#include "recorder/clock.h"
#include "recorder/log.h"
#include "recorder/net/retry_after.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

/* Both at least one TLS record of 16 KiB, or libwebsockets can loop for ever; larger ones also cost less CPU. */
#define RX_BUFFER_BYTES 131072
#define SERV_BUFFER_BYTES 131072
#define HEADER_BYTES 16384
#define CONNECT_TIMEOUT_S 5

static struct net *logging_net; /* the library's log has no argument to pass; one context a process */

/* The library's INFO lines hold the only copy of OpenSSL's words. */
static void on_library_log(int level, const char *line)
{
	(void)level;
	const char *words = strstr(line, "openssl error: ");
	if (words && logging_net)
		snprintf(logging_net->tls_words, sizeof logging_net->tls_words, "%.*s", (int)strcspn(words, "\n"), words);
}

/* Peers look at it when they are woken. */
static void look_who_is_throttled(struct net *net)
{
	net->throttled = queue_throttled(net->queue);
}

/* Non-zero: refused. */
static int check_host(struct lws *wsi, X509_STORE_CTX *chain)
{
	const struct peer *peer = wsi ? lws_get_opaque_user_data(wsi) : NULL;
	X509 *certificate = X509_STORE_CTX_get_current_cert(chain);
	if (X509_STORE_CTX_get_error_depth(chain) != 0 || X509_STORE_CTX_get_error(chain) != X509_V_OK)
		return 0; /* not the server's own, or refused already */
	if (!peer || !certificate)
		return 1;
	if (X509_check_host(certificate, peer->host, 0, 0, NULL) == 1 || X509_check_ip_asc(certificate, peer->host, 0) == 1)
		return 0;
	X509_STORE_CTX_set_error(chain, X509_V_ERR_HOSTNAME_MISMATCH);
	return 1;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	switch (reason) {
	case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS:
		SSL_CTX_set_min_proto_version(user, TLS1_2_VERSION);
		return 0;
	case LWS_CALLBACK_EVENT_WAIT_CANCELLED: {
		struct net *net = lws_context_user(lws_get_context(wsi));
		look_who_is_throttled(net);
		for (struct peer *p = net->peers, *next; p; p = next) {
			next = p->next; /* wake() may remove it */
			p->wake(p);
		}
		return 0;
	}
	case LWS_CALLBACK_OPENSSL_PERFORM_SERVER_CERT_VERIFICATION:
		return check_host(wsi, user);
	default: {
		struct peer *peer = wsi ? lws_get_opaque_user_data(wsi) : NULL;
		return peer ? peer->handle(peer, wsi, reason, in, len) : 0;
	}
	}
}

static const struct lws_protocols protocols[] = {
	{ .name = "tapedeck", .callback = on_event, .rx_buffer_size = RX_BUFFER_BYTES },
	{ 0 },
};

/* All zero: the library neither pings nor hangs up by itself.  It would take a flow of data without pongs for death. */
static const lws_retry_bo_t no_library_pings = { .secs_since_valid_ping = 0, .secs_since_valid_hangup = 0 };

/* They are taken out of our environment, so that whatever the library knows of them we connect directly. */
static void forget_proxies(void)
{
	static const char *const names[] = { "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "socks_proxy" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *value = getenv(names[i]);
		if (value && value[0] != '\0')
			log_event(LOG_WARNING, "proxy-ignored", "variable=%s tapedeckd connects directly; --ws-url and --rest-url take another address",
			          names[i]);
		unsetenv(names[i]);
	}
}

bool net_init(struct net *net, const char *ca_file, struct queue *queue, struct err *err)
{
	*net = (struct net){ .queue = queue };
	logging_net = net;
	forget_proxies();
	lws_set_log_level(LLL_ERR | LLL_WARN | LLL_INFO, on_library_log);
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN,
		.protocols = protocols,
		.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | (ca_file ? LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS : 0),
		.client_ssl_ca_filepath = ca_file,
		.pt_serv_buf_size = SERV_BUFFER_BYTES,
		.max_http_header_data = HEADER_BYTES,
		.timeout_secs = CONNECT_TIMEOUT_S,
		.connect_timeout_secs = CONNECT_TIMEOUT_S,
		.retry_and_idle_policy = &no_library_pings,
		.user = net,
	};
	net->context = lws_create_context(&info);
	if (!net->context)
		return err_set(err, "libwebsockets cannot start");
	net->lookup = lookup_new(net_wake, net);
	if (!net->lookup) {
		lws_context_destroy(net->context);
		return err_set(err, "the look-up thread cannot start");
	}
	return true;
}

void net_release(struct net *net)
{
	lookup_free(net->lookup); /* first: it wakes the context */
	lws_context_destroy(net->context);
	logging_net = NULL;
}

void net_add_peer(struct net *net, struct peer *peer)
{
	peer->next = net->peers;
	net->peers = peer;
}

void net_remove_peer(struct net *net, struct peer *peer)
{
	for (struct peer **p = &net->peers; *p; p = &(*p)->next) {
		if (*p == peer) {
			*p = peer->next;
			return;
		}
	}
}

void net_serve(struct net *net)
{
	lws_service(net->context, 0);
}

void net_run(struct net *net)
{
	while (!atomic_load(&net->stop))
		net_serve(net);
}

void net_wake(void *net)
{
	lws_cancel_service(((struct net *)net)->context);
}

void net_stop(struct net *net)
{
	atomic_store(&net->stop, true);
	net_wake(net);
}

void net_throttle(struct net *net)
{
	uint32_t before = net->throttled;
	look_who_is_throttled(net);
	for (struct peer *p = net->peers, *next; p && net->throttled != before; p = next) {
		next = p->next; /* wake() may remove it */
		p->wake(p);
	}
}

bool net_is_throttled(const struct net *net, size_t exchange)
{
	return net->throttled >> exchange & 1;
}

struct lws *net_connect(struct net *net, struct peer *peer, enum net_kind kind, const struct url *url, const char *path,
                        const char *address, struct lws **wsi)
{
	/* What goes into the Host header; certificates are checked against the name in it. */
	char host[HOST_SIZE + 8];
	if (url->port == 443)
		snprintf(host, sizeof host, "%s", url->host);
	else
		snprintf(host, sizeof host, "%s:%u", url->host, url->port);
	net->tls_words[0] = '\0';
	struct lws_client_connect_info info = {
		.context = net->context,
		.address = address,
		.port = url->port,
		.path = path,
		.host = strchr(url->host, ':') ? url->host : host,
		.ssl_connection = LCCSCF_USE_SSL | LCCSCF_HTTP_NO_FOLLOW_REDIRECT,
		.method = kind == NET_GET ? "GET" : NULL,
		.alpn = "http/1.1",
		.local_protocol_name = protocols[0].name,
		.opaque_user_data = peer,
		.pwsi = wsi,
		.retry_and_idle_policy = &no_library_pings,
	};
	return lws_client_connect_via_info(&info);
}

/* "error:0A00042E:SSL routines::tlsv1 alert protocol version": the last part is for people. */
static const char *openssl_words(const char *line)
{
	const char *last = strrchr(line, ':');
	return last && last[1] != '\0' ? last + 1 : line;
}

/* Each version of the library words it in its own way; a user should read the same on all. */
static void plain_words(const char *in, size_t len, char *out, size_t size)
{
	char said[200];
	int error = 0;
	snprintf(said, sizeof said, "%.*s", (int)len, in ? in : "");
	if (strcmp(said, "Unable to connect") == 0) /* 4.1 */
		snprintf(out, size, "cannot connect");
	else if (sscanf(said, "conn fail: %d", &error) == 1 || sscanf(said, "conn fail: errno %d", &error) == 1) /* 4.3 */
		snprintf(out, size, "cannot connect: %s", strerror(error));
	else if (strncmp(said, "tls: ", 5) == 0) /* 4.3 */
		snprintf(out, size, "TLS: %s", openssl_words(said));
	else
		snprintf(out, size, "%s", said);
}

const char *net_status(int status, char out[static NET_STATUS_SIZE])
{
	int len = snprintf(out, NET_STATUS_SIZE, "HTTP status %d", status);
	if (status == 451 || status == 403)
		snprintf(out + len, NET_STATUS_SIZE - (size_t)len, ": the exchange seems to refuse this region; --ws-url EXCHANGE=URL and "
		         "--rest-url EXCHANGE=URL take another address");
	return out;
}

int64_t net_retry_after_s(struct lws *wsi)
{
	char text[64];
	int len = lws_hdr_copy(wsi, text, sizeof text, WSI_TOKEN_HTTP_RETRY_AFTER);
	return len > 0 ? retry_after_s(text, clock_wall_us()) : 0;
}

/* "429 Too Many Requests", as it came.  false: no answer with a status. */
static bool status_line(struct lws *wsi, char *out, size_t size)
{
	int len = lws_hdr_copy(wsi, out, (int)size, WSI_TOKEN_HTTP);
	return len > 0 && out[0] >= '1' && out[0] <= '9';
}

const char *net_failure(struct net *net, struct lws *wsi, const char *in, size_t len, char *out, size_t size)
{
	SSL *ssl = lws_get_ssl(wsi);
	long verdict = ssl ? SSL_get_verify_result(ssl) : X509_V_OK;
	int status = (int)lws_http_client_http_response(wsi);
	char words[NET_STATUS_SIZE], line[80];
	if (verdict != X509_V_OK)
		snprintf(out, size, "certificate refused: %s", X509_verify_cert_error_string(verdict));
	else if (net->tls_words[0])
		snprintf(out, size, "TLS: %s", openssl_words(net->tls_words));
	else if (status >= 100 && status != 403 && status != 451 && status_line(wsi, line, sizeof line))
		snprintf(out, size, "HTTP status %s", line);
	else if (status >= 100)
		snprintf(out, size, "%s", net_status(status, words));
	else
		plain_words(in, len, out, size);
	return out[0] ? out : "no answer";
}
