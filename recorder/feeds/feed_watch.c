#include "recorder/feeds/feed_internal.h"

#include "recorder/clock.h"
#include "recorder/log.h"

#define PING_IDLE_US (4 * US_PER_SECOND) /* keeps coverage moving through silence, and every 60 s idle timer away */
#define PING_BUSY_US (25 * US_PER_SECOND) /* data is flowing, but some servers only count what we send */
#define PONG_WAIT_US (15 * US_PER_SECOND)
#define MUTES_MAX 5 /* doublings of the exchange's mute_alarm_s */
#define NEWS_WAIT_US (120 * US_PER_SECOND) /* where pings are not answered: an empty line is tried anew */
#define SUBSCRIBED_WITHIN_US (60 * US_PER_SECOND) /* some part of it */
#define RETIRE_US (20 * US_PER_SECOND)  /* for the proof that nothing is on its way any more */
#define QUIET_AGAIN_US (600 * US_PER_SECOND) /* when a whole exchange pauses, one reconnect is enough */

/* The markets of both channels, one after the other; NULL behind the last. */
static struct quiet *nth_quiet(struct feed *f, size_t n, const char **name, uint32_t *market)
{
	const struct market_set *set = &f->wanted.trades;
	if (n >= set->count) {
		n -= set->count;
		set = &f->wanted.tickers;
	}
	if (n >= set->count)
		return NULL;
	*name = set->keys[n];
	*market = set->markets[n];
	return &f->plan->heard[*market].quiet;
}

static bool hang_up_if_quiet(struct feed *f, struct quiet *h, const char *name, uint32_t market, int64_t now)
{
	char reason[REASON_SIZE];
	if (now < f->quiet_not_before_us || !quiet_suspicious(h, now))
		return false;
	f->quiet_not_before_us = now + QUIET_AGAIN_US;
	snprintf(reason, sizeof reason, "%s quiet beyond its habit: %lld s, mean pause %lld ms, longest %lld ms", name,
	         (long long)((now - h->last_mono_us) / US_PER_SECOND), (long long)(h->mean_pause_us / 1000),
	         (long long)(h->longest_pause_us / 1000));
	if (market != NO_MARKET)
		gaps_silent(f->gaps, market, now);
	feed_hang_up(f, GAP_SILENCE, reason);
	return true;
}

void feed_excuse_markets(struct feed *f, int64_t now)
{
	const char *name;
	uint32_t market;
	struct quiet *h;
	for (size_t i = 0; (h = nth_quiet(f, i, &name, &market)); i++)
		quiet_excuse(h, now);
	quiet_excuse(&f->line, now);
}

/* Is the line dead?  true: hung up. */
static bool watch_line(struct feed *f, int64_t now)
{
	if (f->ping_open_since_mono_us != 0 && now - f->ping_open_since_mono_us >= PONG_WAIT_US) {
		if (f->exchange->pings == ANSWERS_PINGS || f->pings_answered) {
			feed_hang_up(f, GAP_SILENCE, "silent: a ping unanswered for 15 s and nothing else came");
			return true;
		}
		f->ping_open_since_mono_us = 0; /* it does not answer them: we send none any more */
	}
	/* a market that has closed is mute, too: each time it is believed for longer */
	unsigned mute_s = f->exchange->mute_alarm_s << (f->mutes < MUTES_MAX ? f->mutes : MUTES_MAX);
	if (mute_s > 0 && f->subscribed && !f->message.data && now - f->opened_mono_us >= mute_s * US_PER_SECOND) {
		log_folded(f->exchange->name, LOG_ERROR, "mute",
		           "exchange=%s connected for %u s, and no market says anything; is %s still the right address?",
		           f->exchange->name, mute_s, f->connection->address->ws.host);
		f->mutes++;
		feed_hang_up(f, GAP_SILENCE, "mute: no market says anything");
		return true;
	}
	if (f->exchange->pings == UNKNOWN_PINGS && !f->pings_answered) {
		if (hang_up_if_quiet(f, &f->line, "the connection is", NO_MARKET, now))
			return true;
		if (now - f->heard_mono_us >= NEWS_WAIT_US && !f->message.data && f->state == OPEN) {
			feed_hang_up(f, GAP_SILENCE, "silent: not a word for 120 s");
			return true;
		}
	}
	return false;
}

/* Was nothing of what we asked for taken?  true: hung up. */
static bool watch_subscription(struct feed *f, int64_t now)
{
	feed_watch_frames(f, now);
	if (f->state != OPEN || f->message.data || f->paused || now - f->opened_mono_us < SUBSCRIBED_WITHIN_US)
		return false;
	feed_give_up_subscription(f);
	feed_hang_up(f, GAP_REFUSED, "the subscription was not taken");
	return true;
}

bool feed_may_ping(const struct feed *f)
{
	return f->subscribed && (f->exchange->pings == ANSWERS_PINGS || f->pings_answered);
}

/* Is it time for another connection in its place?  true: this one is gone, or going. */
static bool watch_age(struct feed *f, int64_t now)
{
	int64_t life_us = f->plan->config->renew_after_us ? f->plan->config->renew_after_us : f->exchange->life_us;
	if (f->retire_mono_us != 0 && now - f->retire_mono_us >= RETIRE_US) {
		feed_hang_up(f, GAP_DISCONNECT, "replaced, and it did not prove that all had come");
		return true;
	}
	if (f->retire_mono_us != 0 && now >= f->retire_mono_us) {
		if (!feed_may_ping(f)) {
			feed_retire(f); /* there is no proof to be had */
			return true;
		}
		if (carrier_is_through(&f->carrier, &f->successor->carrier, f->retire_mono_us)) {
			feed_retire(f);
			return true;
		}
		if (f->ping_mono_us < f->retire_mono_us) {
			f->ping_wanted = true;
			lws_callback_on_writable(f->wsi);
		}
	}
	if (f->state == LIVE && !f->successor && !f->replaces &&
	    ((f->renew_wanted && now >= f->renew_not_before_mono_us) || (life_us > 0 && now - f->opened_mono_us >= life_us)))
		feed_renew(f);
	return false;
}

void feed_on_tick(lws_sorted_usec_list_t *sul)
{
	struct feed *f = lws_container_of(sul, struct feed, tick);
	int64_t now = clock_mono_us();
	lws_sul_schedule(f->net->context, 0, &f->tick, feed_on_tick, TICK_US);
	feed_tell_missed(f, now);
	carrier_tell(&f->carrier, false, clock_mono_us());
	if (f->paused) {
		/* We are not reading: its silence proves nothing, and pongs wait unread. */
		f->heard_mono_us = now;
		f->ping_open_since_mono_us = 0;
		feed_excuse_markets(f, now);
	}
	if (watch_line(f, now) || watch_subscription(f, now))
		return;
	int64_t since_ping = now - f->ping_mono_us;
	if (feed_may_ping(f) &&
	    ((now - f->carrier.coverage.moved_mono_us >= PING_IDLE_US && since_ping >= PING_IDLE_US) || since_ping >= PING_BUSY_US)) {
		f->ping_wanted = true;
		lws_callback_on_writable(f->wsi);
	}
	if (watch_age(f, now))
		return;
	const char *name;
	uint32_t market;
	struct quiet *h;
	for (size_t i = 0; !f->paused && f->state == LIVE && (h = nth_quiet(f, i, &name, &market)); i++)
		if (hang_up_if_quiet(f, h, name, market, now))
			return;
}
