#include "http.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "clock.h"
#include "conn.h"
#include "day.h"
#include "dialect.h"
#include "options.h"
#include "peaks.h"
#include "script.h"
#include "session.h"
#include "totals.h"
#include "ws.h"

#define HEAD_MAX 16384
#define KEEP_ALIVE_MS 30000
#define SECOND_US 1000000
#define GROUPS 8

/* The limits count per address at the exchange. Here all come from one machine, so there is one count. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
	int64_t window;       /* monotonic time, in windows */
	uint64_t used;
} groups[GROUPS];
static struct {
	unsigned strikes;     /* refusals in this window */
	int64_t window_us;
	int64_t until_us;
	int64_t length_us;    /* doubles each time */
} ban;
static int64_t last_origin_us = INT64_MIN / 2;
static int64_t connect_second;
static uint64_t connects;

static const char *reason(int status)
{
	switch (status) {
	case 200: return "OK";
	case 400: return "Bad Request";
	case 401: return "Unauthorized";
	case 403: return "Forbidden";
	case 404: return "Not Found";
	case 405: return "Method Not Allowed";
	case 418: return "I'm a teapot";
	case 429: return "Too Many Requests";
	case 451: return "Unavailable For Legal Reasons";
	case 500: return "Internal Server Error";
	case 502: return "Bad Gateway";
	case 503: return "Service Unavailable";
	default: return "Other";
	}
}

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static void decode(const char *from, size_t len, char *to, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < len && n + 1 < size; i++) {
		if (from[i] == '%' && i + 2 < len && hex(from[i + 1]) >= 0 && hex(from[i + 2]) >= 0) {
			to[n++] = (char)(hex(from[i + 1]) << 4 | hex(from[i + 2]));
			i += 2;
		} else {
			to[n++] = from[i] == '+' ? ' ' : from[i];
		}
	}
	to[n] = 0;
}

bool request_parameter(const struct request *r, const char *name, char *value, size_t size)
{
	size_t name_len = strlen(name);

	for (const char *p = r->query; *p;) {
		size_t n = strcspn(p, "&");

		if (n > name_len && !strncmp(p, name, name_len) && p[name_len] == '=') {
			decode(p + name_len + 1, n - name_len - 1, value, size);
			return true;
		}
		p += n + (p[n] == '&');
	}
	return false;
}

bool request_number(const struct request *r, const char *name, uint64_t low, uint64_t high, uint64_t *value)
{
	char text[32], *end;

	if (!request_parameter(r, name, text, sizeof text) || !*text)
		return true;
	if (*text < '0' || *text > '9')
		return false;
	*value = strtoull(text, &end, 10);
	return !*end && *value >= low && *value <= high;
}

bool request_clock_time(const struct request *r, const char *name, int64_t *ms)
{
	char text[32];
	int h, m, s, n = 0;

	if (!request_parameter(r, name, text, sizeof text) || !*text)
		return true;
	if ((sscanf(text, "%2d%2d%2d%n", &h, &m, &s, &n) != 3 || text[n]) && (sscanf(text, "%2d:%2d:%2d%n", &h, &m, &s, &n) != 3 || text[n]))
		return false;
	if (h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 59)
		return false;
	*ms = ((h * 60 + m) * 60 + s) * INT64_C(1000);
	return true;
}

static bool header_is(const char *line, const char *name, const char **value)
{
	size_t n = strlen(name);

	if (strncasecmp(line, name, n) || line[n] != ':')
		return false;
	*value = line + n + 1 + strspn(line + n + 1, " \t");
	return true;
}

/* The head is NUL-terminated and ends in an empty line. */
static bool parse_head(char *head, struct request *r)
{
	char target[10240], version[16];
	char *line, *save = NULL;
	const char *value;
	size_t n;

	*r = (struct request){ 0 };
	line = strtok_r(head, "\r\n", &save);
	if (!line || sscanf(line, "%7s %10239s %15s", r->method, target, version) != 3)
		return false;
	if (strncmp(version, "HTTP/1.", 7) || target[0] != '/')
		return false;
	r->close = !strcmp(version, "HTTP/1.0");
	n = strcspn(target, "?");
	decode(target, n, r->path, sizeof r->path);
	if (target[n])
		snprintf(r->query, sizeof r->query, "%.*s", (int)sizeof r->query - 1, target + n + 1);
	while ((line = strtok_r(NULL, "\r\n", &save))) {
		if (header_is(line, "connection", &value)) {
			if (strcasestr(value, "close"))
				r->close = true;
		} else if (header_is(line, "upgrade", &value)) {
			r->upgrade = !strcasecmp(value, "websocket");
		} else if (header_is(line, "origin", &value)) {
			r->origin = true;
		} else if (header_is(line, "x-mbx-time-unit", &value)) {
			r->microseconds = !strcasecmp(value, "MICROSECOND");
		} else if (header_is(line, "sec-websocket-key", &value)) {
			snprintf(r->key, sizeof r->key, "%.63s", value);
		}
	}
	return true;
}

/* Waits for a whole head and takes it out of the buffer. False: closed, timed out, or not HTTP. */
static bool read_head(struct conn *c, struct request *r)
{
	int64_t until = clock_mono_us() + KEEP_ALIVE_MS * 1000;

	while (!conn_stopping() && clock_mono_us() < until) {
		char *end;
		bool alive = conn_read(c);

		buf_room(&c->in, 1)[0] = 0;
		end = c->in.len ? strstr(c->in.p, "\r\n\r\n") : NULL;
		if (end) {
			size_t used = (size_t)(end + 4 - c->in.p);
			bool ok;

			end[2] = 0;
			ok = parse_head(c->in.p, r);
			buf_drop(&c->in, used);
			return ok;
		}
		if (!alive || c->in.len > HEAD_MAX)
			return false;
		conn_wait(c, 1000, false);
	}
	return false;
}

static void send_answer(struct conn *c, const struct request *r, struct answer *a)
{
	char line[256];
	size_t at = 0;

	snprintf(line, sizeof line, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\n", a->status, reason(a->status),
		 a->type ? a->type : "application/json;charset=UTF-8");
	buf_add_text(&c->out, line);
	buf_add(&c->out, a->headers.p, a->headers.len);
	buf_add_text(&c->out, r->close ? "Connection: close\r\n" : "Connection: keep-alive\r\n");
	if (!opt.chunked) {
		snprintf(line, sizeof line, "Content-Length: %zu\r\n\r\n", a->body.len);
		buf_add_text(&c->out, line);
		buf_add(&c->out, a->body.p, a->body.len);
		return;
	}
	buf_add_text(&c->out, "Transfer-Encoding: chunked\r\n\r\n");
	while (at < a->body.len) { /* of odd sizes, so that rows are cut anywhere */
		size_t n = 1 + rng_below(&c->rng, 4000);

		if (n > a->body.len - at)
			n = a->body.len - at;
		snprintf(line, sizeof line, "%zx\r\n", n);
		buf_add_text(&c->out, line);
		buf_add(&c->out, a->body.p + at, n);
		buf_add_text(&c->out, "\r\n");
		at += n;
	}
	buf_add_text(&c->out, "0\r\n\r\n");
}

static void refuse(struct answer *a, int status, const char *words)
{
	a->status = status;
	a->body.len = 0;
	if (status >= 500) { /* this is what stands before the exchange speaking, and it speaks HTML */
		a->type = "text/html";
		buf_add_text(&a->body, "<html><head><title>");
		buf_add_text(&a->body, reason(status));
		buf_add_text(&a->body, "</title></head><body></body></html>\n");
		return;
	}
	opt.dialect->refusal(a, status, words);
}

/* True if a header Origin is here again within 10 s. */
static bool origin_refused(const struct request *r)
{
	int64_t now = clock_mono_us();
	bool refused = false;

	if (!r->origin)
		return false;
	pthread_mutex_lock(&lock);
	if (now - last_origin_us < 10 * SECOND_US)
		refused = true;
	else
		last_origin_us = now;
	pthread_mutex_unlock(&lock);
	return refused;
}

/* Who is refused counts, too. */
static bool connect_refused(uint64_t in_five_minutes)
{
	int64_t second = clock_mono_us() / SECOND_US;
	bool refused;

	pthread_mutex_lock(&lock);
	if (second != connect_second)
		connects = 0;
	connect_second = second;
	refused = opt.connect_limit && ++connects > opt.connect_limit;
	pthread_mutex_unlock(&lock);
	return refused || (opt.connect_limit_5min && in_five_minutes > opt.connect_limit_5min);
}

/* 429 when the window is used up; who goes on asking (3 refusals within 10 s) is banned, 418, twice as long each time. */
static int over_limit(const struct request *r, struct answer *a)
{
	struct limit_state l = { .group = "default", .limit = opt.rest_limit };
	uint64_t cost = 1;
	unsigned group = opt.dialect->rest_group(r, &l.group, &cost) % GROUPS;
	int64_t now = clock_mono_us(), window_us = (int64_t)opt.rest_window_ms * 1000, again;
	int status = 0;

	pthread_mutex_lock(&lock);
	if (groups[group].window != now / window_us)
		groups[group].used = 0;
	groups[group].window = now / window_us;
	again = window_us - now % window_us;
	if (now < ban.until_us) {
		status = 418;
	} else if ((groups[group].used += cost) > opt.rest_limit && opt.rest_limit) {
		status = 429;
		if (now - ban.window_us > 10 * SECOND_US) {
			ban.window_us = now;
			ban.strikes = 0;
		}
		if (++ban.strikes > 3 && opt.ban_seconds) {
			status = 418;
			ban.strikes = 0;
			ban.length_us = ban.length_us ? ban.length_us * 2 : (int64_t)opt.ban_seconds * SECOND_US;
			ban.until_us = now + ban.length_us;
		}
	}
	l.used = groups[group].used;
	if (now < ban.until_us)
		again = ban.until_us - now;
	l.retry_s = (again + SECOND_US - 1) / SECOND_US;
	pthread_mutex_unlock(&lock);
	a->status = status ? status : 200;
	opt.dialect->rest_headers(a, &l);
	return status;
}

static void answer_rest(const struct request *r, struct answer *a)
{
	int status = script_http_status();

	if (!status)
		status = day_status(r->path);
	if (status)
		refuse(a, status, "scripted");
	else if (strcmp(r->method, "GET"))
		refuse(a, 405, "GET only");
	else if (origin_refused(r))
		refuse(a, 429, "one request in 10 s with an Origin");
	else if ((status = over_limit(r, a)) != 0)
		refuse(a, status, "too many requests");
	else
		opt.dialect->rest(r, a);
}

/* True once the 101 is in the buffer. */
static bool upgrade(struct conn *c, const struct request *r, struct answer *a)
{
	char accept[WS_KEY_ACCEPT];
	uint64_t in_five_minutes = peak_count(PEAK_SOCKETS), retry_after_s;

	if (script_unavailable(&retry_after_s)) {
		char line[64];

		refuse(a, 503, "");
		snprintf(line, sizeof line, "Retry-After: %llu\r\n", (unsigned long long)retry_after_s);
		if (retry_after_s)
			buf_add_text(&a->headers, line);
	}
	else if (opt.dialect->route ? !opt.dialect->route(r) : strcmp(r->path, opt.dialect->ws_path) != 0)
		refuse(a, 404, "no such socket");
	else if (!r->key[0])
		refuse(a, 400, "no Sec-WebSocket-Key");
	else if (origin_refused(r))
		refuse(a, 429, "one connection in 10 s with an Origin");
	else if (connect_refused(in_five_minutes))
		refuse(a, 429, "too many connections");
	else {
		ws_accept(r->key, accept);
		buf_add_text(&c->out, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ");
		buf_add_text(&c->out, accept);
		buf_add_text(&c->out, "\r\n\r\n");
		return true;
	}
	return false;
}

void http_serve(struct conn *c)
{
	struct request r = { 0 };

	while (!r.close && read_head(c, &r)) {
		struct answer a = { .status = 200 };
		bool sent;

		if (r.upgrade) {
			if (upgrade(c, &r, &a)) {
				session_run(c, &r);
				return;
			}
			r.close = true;
		} else {
			atomic_fetch_add(&totals.requests, 1);
			peak_count(PEAK_REQUESTS);
			while (script_http_stalled() && !conn_stopping())
				conn_wait(c, 20, true);
			answer_rest(&r, &a);
			atomic_fetch_add(&totals.rest_bytes, a.body.len);
		}
		say("conn=%u %s %s?%s status=%d", c->number, r.method, r.path, r.query, a.status);
		send_answer(c, &r, &a);
		buf_release(&a.headers);
		buf_release(&a.body);
		sent = conn_flush_for(c, 30000);
		if (!sent)
			return;
	}
}
