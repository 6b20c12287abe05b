#include "strange.h"

#include <stdatomic.h>
#include <string.h>

#include "clock.h"
#include "conn.h"
#include "dialect.h"
#include "listing.h"
#include "options.h"
#include "script.h"
#include "session.h"

/* A socket that cannot take so much is sent no more of it. */
#define UNSENT_MAX (256u << 10)

static struct {
	atomic_llong every_us, until_us;
} kinds[STRANGE_KINDS];

static const char *const bad[] = {
	"{", "{\"type\":\"trade\",\"code\":", "{\"e\":\"trade\",\"s\":\"BTC", "[1,2", "nonsense", "{\"a\":1,}", "{\"type\"}", "{\"result\":nul",
};

static void begin(unsigned kind, const struct fault *f)
{
	atomic_store(&kinds[kind].every_us, f->by_us);
	atomic_store(&kinds[kind].until_us, clock_mono_us() + f->for_us);
	conn_wake_all();
}

void strange_ping(const struct fault *f)
{
	begin(STRANGE_PING, f);
}

void strange_news(const struct fault *f)
{
	begin(STRANGE_NEWS, f);
}

void strange_bad(const struct fault *f)
{
	begin(STRANGE_BAD, f);
}

void strange_other_code(const struct fault *f)
{
	struct unkind *u = &market_at(f->market)->unkind;

	atomic_store(&u->other_code, f);
	atomic_store(&u->other_code_until_us, clock_mono_us() + f->for_us);
}

const char *strange_code(size_t market)
{
	struct unkind *u = &market_at(market)->unkind;

	return script_until(&u->other_code_until_us) ? atomic_load(&u->other_code)->word : NULL;
}

static const char *text_of(struct session *s, unsigned kind)
{
	switch (kind) {
	case STRANGE_PING: return "{\"ping\":1}";
	case STRANGE_NEWS: return opt.dialect->news;
	default: return bad[rng_below(&s->c->rng, sizeof bad / sizeof *bad)];
	}
}

void strange_send(struct session *s, int64_t now_us)
{
	for (unsigned i = 0; i < STRANGE_KINDS; i++) {
		int64_t every_us = atomic_load(&kinds[i].every_us), until_us = atomic_load(&kinds[i].until_us);

		if (!s->strange_us[i] && s->subscribed && now_us < until_us)
			s->strange_us[i] = now_us;
		for (; s->strange_us[i] && s->strange_us[i] <= now_us; s->strange_us[i] += every_us) {
			const char *text = text_of(s, i);

			if (s->strange_us[i] >= until_us) {
				s->strange_us[i] = 0;
				break;
			}
			if (s->state == SESSION_LIVE && conn_unsent(s->c) < UNSENT_MAX && now_us >= s->mute_until_us)
				session_send(s, text, strlen(text));
		}
	}
}
