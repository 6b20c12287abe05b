#include "door.h"

#include <stdatomic.h>
#include <string.h>

#include "dialect.h"
#include "listing.h"
#include "options.h"
#include "script.h"
#include "session.h"
#include "totals.h"

/* A fault, once it has happened, stays where it is until the end: its words can be borrowed. */
static atomic_ullong refuse_left, ignore_left;
static const struct fault *_Atomic refused_next, *_Atomic refused_frame, *_Atomic ignored_frame;

void door_refuse_next(const struct fault *f)
{
	atomic_store(&refused_next, f);
	atomic_store(&refuse_left, f->count);
}

void door_ignore_next(const struct fault *f)
{
	atomic_store(&ignore_left, f->count);
}

void door_refuse_frame(const struct fault *f)
{
	atomic_store(&refused_frame, f);
}

void door_ignore_frame(const struct fault *f)
{
	atomic_store(&ignored_frame, f);
}

void door_refuse_market(const struct fault *f)
{
	atomic_store(&market_at(f->market)->unkind.refused, f);
}

void door_deafen(const struct fault *f)
{
	atomic_store(&market_at(f->market)->unkind.muted_until_us, INT64_MAX);
}

/* One of several that are left; false when none is. */
static bool take_one(atomic_ullong *left)
{
	unsigned long long n = atomic_load(left);

	while (n && !atomic_compare_exchange_weak(left, &n, n - 1))
		;
	return n > 0;
}

/* "KRW-BTC" and "krw-btc", "btcusdt@trade", "KRW-BTC.15": between a quote and what no name holds. */
static bool names(const char *text, size_t len, const char *symbol)
{
	size_t n = strlen(symbol);
	const char *end = text + len;

	for (const char *p = text; (p = memmem(p, (size_t)(end - p), symbol, n)); p++)
		if (p > text && p[-1] == '"' && p + n < end && strchr("\"@.", p[n]))
			return true;
	return false;
}

static const struct fault *refused_market(const char *text, size_t len)
{
	for (size_t i = 0; i < market_count(); i++) {
		const struct fault *f = atomic_load(&market_at(i)->unkind.refused);

		if (f && (names(text, len, market_at(i)->symbol) || names(text, len, market_at(i)->lower)))
			return f;
	}
	return NULL;
}

bool door_open(struct session *s, const char *text, size_t len)
{
	const struct fault *f = atomic_load(&ignored_frame);

	s->frames++;
	if ((f && f->count == s->frames) || take_one(&ignore_left)) {
		say("ws=%u subscription ignored", s->number);
		return false;
	}
	f = atomic_load(&refused_frame);
	if (!f || f->count != s->frames)
		f = take_one(&refuse_left) ? atomic_load(&refused_next) : refused_market(text, len);
	if (!f)
		return true;
	say("ws=%u subscription refused", s->number);
	opt.dialect->refuse(s, f->word, f->text ? f->text : "Too many subscriptions");
	return false;
}
