/*
 * The built-in garbage: what a recorder must survive and none of which belongs on its tape. The dialect brings messages that look nearly right,
 * this file those that are wrong in any language.
 */
#include "session.h"

#include <stdlib.h>

#include "dialect.h"
#include "market.h"
#include "options.h"

#define BIG ((size_t)16 << 20)

static const char *const plain[] = {
	"{", "}", "[", "[]", "{}", "[{}]", "null", "true", "0", "-1", "\"text\"", "nonsense", "{\"a\":", "{\"a\":1,}", "{'a':1}", "[1,2",
	"{\"type\"}", "{\"a\":01}", "{\"a\":1 \"b\":2}", "\xef\xbb\xbf{}", "{\"a\":\"\\u12\"}", "{\"a\":\"\\ud800\"}", "   ",
	"{\"status\":\"UP\"}", "{\"a\":\"unfinished", "\xff\xfe\xfd", "{\"a\":\"\xc3\x28\"}", "{\"a\":\"\xed\xa0\x80\"}",
};

/* The first market the client asked for: garbage about that one hits harder. */
static const struct market *asked_for(const struct session *s)
{
	for (size_t i = 0; s->want && i < market_count(); i++)
		if (s->want[i])
			return market_at(i);
	return market_count() ? market_at(0) : NULL;
}

/* Whether this is UTF-8, surrogates and overlong forms not allowed. */
static bool is_utf8(const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text, *end = p + len;

	while (p < end) {
		unsigned more = *p < 0x80 ? 0 : *p >= 0xc2 && *p <= 0xdf ? 1 : *p >= 0xe0 && *p <= 0xef ? 2 : *p >= 0xf0 && *p <= 0xf4 ? 3 : 4;

		if (more == 4 || (size_t)(end - p) <= more)
			return false;
		if ((*p == 0xe0 && p[1] < 0xa0) || (*p == 0xed && p[1] > 0x9f) || (*p == 0xf0 && p[1] < 0x90) || (*p == 0xf4 && p[1] > 0x8f))
			return false;
		for (p++; more; more--, p++)
			if ((*p & 0xc0) != 0x80)
				return false;
	}
	return true;
}

static void send_template(struct session *s, const char *text)
{
	const struct market *m = asked_for(s);
	struct buf b = { 0 };

	for (; *text; text++) {
		if (*text == '%')
			buf_add_text(&b, m ? m->symbol : "BTC");
		else if (*text == '^')
			buf_add_text(&b, m ? m->lower : "btc");
		else
			buf_add(&b, text, 1);
	}
	session_send(s, b.p, b.len);
	buf_release(&b);
}

static void send_deep(struct session *s, const char *open, const char *inner, const char *close, unsigned depth)
{
	struct buf b = { 0 };

	for (unsigned i = 0; i < depth; i++)
		buf_add_text(&b, open);
	buf_add_text(&b, inner);
	for (unsigned i = 0; i < depth; i++)
		buf_add_text(&b, close);
	session_send(s, b.p, b.len);
	buf_release(&b);
}

/* A message of 16 MiB: well-formed, of no known type, and nearly all of it one string. */
static void send_big(struct session *s)
{
	struct buf b = { 0 };
	static const char head[] = "{\"type\":\"big\",\"code\":\"", tail[] = "\"}";
	size_t fill = BIG - (sizeof head - 1) - (sizeof tail - 1);

	buf_add_text(&b, head);
	memset(buf_room(&b, fill), 'A', fill);
	b.len += fill;
	buf_add_text(&b, tail);
	session_send(s, b.p, b.len);
	buf_release(&b);
}

void garbage_send(struct session *s)
{
	static const char zeros[64];

	session_send(s, "", 0);
	session_send(s, zeros, sizeof zeros);
	send_deep(s, "[", "", "]", 100);
	send_deep(s, "{\"a\":", "1", "}", 100);
	send_deep(s, "[", "", "", 100000);
	send_big(s);
	/* in text frames, bad UTF-8 is a reason to hang up: those last, so that all others arrive */
	for (int good = 1; good >= 0; good--) {
		for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
			if (is_utf8(plain[i], strlen(plain[i])) == good)
				session_send(s, plain[i], strlen(plain[i]));
		for (const char *const *g = opt.dialect->garbage; *g; g++)
			if (is_utf8(*g, strlen(*g)) == good)
				send_template(s, *g);
	}
}
