#include "recorder/net/http_get.h"

#include "schema/base/timefmt.h"

#include <stdlib.h>
#include <string.h>

#define BODY_TIMEOUT_US (20 * US_PER_SECOND) /* some lists are megabytes, and some lines slow */

void http_get_stop(struct http_get *r)
{
	lws_sul_cancel(&r->deadline);
	lws_sul_cancel(&r->retry);
	net_remove_peer(r->net, &r->peer);
	if (r->looking_up)
		dial_stop(&r->dial);
	r->looking_up = false;
	if (r->wsi) {
		lws_set_opaque_user_data(r->wsi, NULL); /* it ends by itself, unheard */
		lws_set_timeout(r->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
		r->wsi = NULL;
	}
}

static void finish(struct http_get *r, int status)
{
	http_get_stop(r);
	r->status = status;
	r->done(r, r->arg);
}

static void on_retry(lws_sorted_usec_list_t *sul);

/* The next address, from the loop: `done` must not be called from inside http_get_start or an event. */
static void soon(struct http_get *r)
{
	lws_sul_schedule(r->net->context, 0, &r->retry, on_retry, 1);
}

static void on_retry(lws_sorted_usec_list_t *sul)
{
	struct http_get *r = lws_container_of(sul, struct http_get, retry);
	if (r->hopeless) {
		finish(r, 0);
		return;
	}
	const char *address = dial_next(&r->dial);
	if (!address) {
		if (r->dial.found.count == 0)
			snprintf(r->reason, sizeof r->reason, "%s: %s", r->url->host, r->dial.found.reason);
		finish(r, 0);
		return;
	}
	r->body_len = 0;
	r->complete = false;
	r->status = 0;
	r->retry_after_s = 0;
	r->limit[0] = '\0';
	if (!net_connect(r->net, &r->peer, NET_GET, r->url, r->path, address, &r->wsi) && r->reason[0] == '\0')
		snprintf(r->reason, sizeof r->reason, "%s: the connection cannot be started", address);
	if (!r->wsi)
		soon(r);
}

static void on_deadline(lws_sorted_usec_list_t *sul)
{
	struct http_get *r = lws_container_of(sul, struct http_get, deadline);
	snprintf(r->reason, sizeof r->reason, "no whole answer in time");
	finish(r, 0);
}

static void on_wake(struct peer *peer)
{
	struct http_get *r = lws_container_of(peer, struct http_get, peer);
	if (r->looking_up && dial_collect(&r->dial) != DIAL_WAIT) {
		r->looking_up = false;
		soon(r);
	}
}

/* Another address would not help. */
static bool give_up(struct http_get *r, const char *why)
{
	r->hopeless = true;
	snprintf(r->reason, sizeof r->reason, "%s", why);
	return false;
}

static bool fits(struct http_get *r, unsigned long long len)
{
	char why[sizeof r->reason];
	snprintf(why, sizeof why, "%s: the answer is larger than we take: %u MiB", r->url->host, REST_BODY_MAX >> 20);
	return len <= REST_BODY_MAX || give_up(r, why);
}

static bool take_body(struct http_get *r, const void *in, size_t len)
{
	if (!fits(r, r->body_len + len))
		return false;
	if (r->body_len + len > r->body_size) {
		size_t size = 2 * (r->body_len + len);
		char *grown = realloc(r->body, size);
		if (!grown)
			return give_up(r, "out of memory");
		r->body = grown;
		r->body_size = size;
	}
	memcpy(r->body + r->body_len, in, len);
	r->body_len += len;
	return true;
}

static int add_headers(const struct http_get *r, struct lws *wsi, unsigned char **at, size_t room)
{
	static const char agent[] = "tapedeck/" TAPEDECK_VERSION;
	unsigned char *end = *at + room;
	if (lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_USER_AGENT, (const unsigned char *)agent, (int)sizeof agent - 1, at, end))
		return -1;
	const char *colon = r->headers.request ? strchr(r->headers.request, ':') : NULL;
	if (!colon)
		return 0;
	char name[64];
	snprintf(name, sizeof name, "%.*s", (int)(colon - r->headers.request + 1), r->headers.request);
	const char *value = colon + 1 + strspn(colon + 1, " ");
	return lws_add_http_header_by_name(wsi, (const unsigned char *)name, (const unsigned char *)value, (int)strlen(value), at, end);
}

/* They can only be read while the head of the answer is at hand.  false: it announces more than is taken. */
static bool read_headers(struct http_get *r, struct lws *wsi)
{
	char text[32];
	r->retry_after_s = net_retry_after_s(wsi);
	if (r->headers.limit &&
	    lws_hdr_custom_copy(wsi, r->limit, (int)sizeof r->limit, r->headers.limit, (int)strlen(r->headers.limit)) < 0)
		r->limit[0] = '\0';
	int len = lws_hdr_copy(wsi, text, sizeof text, WSI_TOKEN_HTTP_CONTENT_LENGTH);
	return len <= 0 || fits(r, strtoull(text, NULL, 10));
}

static int on_event(struct peer *peer, struct lws *wsi, enum lws_callback_reasons reason, void *in, size_t len)
{
	struct http_get *r = lws_container_of(peer, struct http_get, peer);
	if (wsi != r->wsi)
		return 0;
	switch ((int)reason) {
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		return add_headers(r, wsi, in, len);
	case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:
		r->status = (int)lws_http_client_http_response(wsi);
		if (!read_headers(r, wsi))
			return -1;
		lws_sul_schedule(r->net->context, 0, &r->deadline, on_deadline, BODY_TIMEOUT_US);
		return 0;
	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP: {
		char chunk[LWS_PRE + 16384], *at = chunk + LWS_PRE;
		int room = (int)sizeof chunk - LWS_PRE;
		return lws_http_client_read(wsi, &at, &room) < 0 ? -1 : 0;
	}
	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ:
		return take_body(r, in, len) ? 0 : -1;
	case LWS_CALLBACK_COMPLETED_CLIENT_HTTP:
		r->complete = true;
		return 0;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR: {
		if (!r->hopeless) {
			char why[160];
			snprintf(r->reason, sizeof r->reason, "%s: %s", r->url->host, net_failure(r->net, wsi, in, len, why, sizeof why));
		}
		r->wsi = NULL;
		soon(r);
		return 0;
	}
	case LWS_CALLBACK_CLOSED_CLIENT_HTTP:
		r->wsi = NULL;
		if (r->complete && r->status > 0) {
			finish(r, r->status);
		} else {
			if (!r->hopeless)
				snprintf(r->reason, sizeof r->reason, "%s: the answer broke off", r->url->host);
			soon(r);
		}
		return 0;
	default:
		return 0;
	}
}

void http_get_start(struct http_get *r, struct net *net, const struct url *url, const char *path, struct http_get_headers headers,
                int64_t answer_timeout_us, void (*done)(struct http_get *rest, void *arg), void *arg)
{
	*r = (struct http_get){ .peer = { .handle = on_event, .wake = on_wake, .host = url->host }, .net = net, .url = url,
		            .headers = headers, .done = done, .arg = arg };
	snprintf(r->path, sizeof r->path, "%s%s", url->path, path);
	net_add_peer(net, &r->peer);
	lws_sul_schedule(net->context, 0, &r->deadline, on_deadline, answer_timeout_us);
	r->looking_up = dial_start(&r->dial, net, url->host) == DIAL_WAIT;
	if (!r->looking_up)
		soon(r);
}

void http_get_release(struct http_get *r)
{
	free(r->body);
	r->body = NULL;
	r->body_len = r->body_size = 0;
}
