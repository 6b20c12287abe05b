#include "recorder/feeds/feed_internal.h"

#include "recorder/clock.h"
#include "recorder/log.h"
#include "recorder/net/reach.h"
#include "schema/base/timefmt.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WAIT_FIRST_US US_PER_SECOND
#define WAIT_MAX_US (30 * US_PER_SECOND)
#define WAIT_JITTER_PERCENT 30
#define PROVED_US (10 * US_PER_SECOND) /* of messages or pongs: the next wait starts anew */
#define OLD_US (10 * US_PER_MINUTE)     /* a connection that has lived as long: its announced end is the first */
#define YOUNG_US (30 * US_PER_SECOND)   /* after some in a row it lives at least so long, and twice as long each time */
#define NOTICES_HEEDED 3
#define NOTICES_MAX 8
#define HOLD_MAX_US (5 * US_PER_MINUTE)
#define CONNECTS_WITHIN_US (5 * US_PER_MINUTE) /* of PACE_MAX attempts: Binance allows 300 */
#define PING_SIZE 20 /* a number in hexadecimal, and NUL */

static void connect_next(struct feed *f);
static void on_next_address(lws_sorted_usec_list_t *sul);

static void on_retry(lws_sorted_usec_list_t *sul)
{
	struct feed *f = lws_container_of(sul, struct feed, retry);
	f->state = LOOKUP;
	switch (dial_start(&f->dial, f->net, f->connection->address->ws.host)) {
	case DIAL_WAIT:
		break;
	case DIAL_READY:
	case DIAL_FAILED:
		connect_next(f);
		break;
	}
}

static void set_reason(struct feed *f, const char *text)
{
	if (f->reason[0] == '\0')
		snprintf(f->reason, sizeof f->reason, "%s", text);
}

/* All addresses failed, or a connection ended: wait, then begin anew. */
static void back_off(struct feed *f)
{
	int64_t wait_us = WAIT_MAX_US;
	if (f->failures < 5)
		wait_us = WAIT_FIRST_US << f->failures;
	uint32_t random;
	lws_get_random(f->net->context, &random, sizeof random);
	wait_us -= wait_us * WAIT_JITTER_PERCENT / 100 * (random % 1000) / 1000;
	int64_t held_us = f->plan->connects[gaps_exchange(f->gaps, f->exchange)].hold_until_mono_us - clock_mono_us();
	wait_us = held_us > wait_us ? held_us : wait_us;
	f->failures++;

	char key[REASON_SIZE + EXCHANGE_NAME_SIZE], quoted[REASON_SIZE];
	snprintf(key, sizeof key, "%s %s", f->exchange->name, f->reason);
	log_folded(key, LOG_WARNING, f->state >= OPEN ? "disconnected" : "connect-failed",
	           "exchange=%s reason=%s wait_ms=%lld", f->exchange->name,
	           log_quote(quoted, sizeof quoted, f->reason, strlen(f->reason)), (long long)(wait_us / 1000));
	if (f->opened_mono_us == 0 && !f->replaces)
		reach_failed(f->net, gaps_exchange(f->gaps, f->exchange), f->exchange->name, f->failures, f->reason);
	if (f->state == LIVE)
		counters_add(&f->counters->disconnects, 1);
	f->state = IDLE;
	lws_sul_schedule(f->net->context, 0, &f->retry, on_retry, wait_us);
}

static void cancel_timers(struct feed *f)
{
	lws_sul_cancel(&f->tick);
	lws_sul_cancel(&f->send);
	lws_sul_cancel(&f->retry);
}

/* Frees the feed: the successor is all that there is now. */
static void leave_to_successor(struct feed *f)
{
	struct feed *successor = f->successor;
	successor->replaces = NULL;
	f->successor = NULL;
	f->connection->feed = successor;
	cancel_timers(f);
	net_remove_peer(f->net, &f->peer);
	if (f->wsi) {
		lws_set_opaque_user_data(f->wsi, NULL); /* its end is no event any more */
		lws_set_timeout(f->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
	}
	feed_free(f);
}

void feed_retire(struct feed *f)
{
	char key[EXCHANGE_NAME_SIZE + 16];
	snprintf(key, sizeof key, "replaced %s", f->exchange->name);
	log_folded(key, LOG_INFO, "replaced", "exchange=%s age_s=%lld", f->exchange->name,
	           (long long)((clock_mono_us() - f->opened_mono_us) / US_PER_SECOND));
	feed_lose(f, true);
	leave_to_successor(f);
}

/* The connection, or the attempt, is over: once for each.  The feed may be gone afterwards. */
static void ended(struct feed *f, const char *reason)
{
	set_reason(f, reason);
	if (f->successor && f->wsi)
		lws_set_opaque_user_data(f->wsi, NULL); /* the library has more to say of it, and the feed will be gone */
	f->wsi = NULL;
	cancel_timers(f);
	if (f->state == CONNECTING) {
		/* From the loop: this may be an event inside the call that connects. */
		lws_sul_schedule(f->net->context, 0, &f->retry, on_next_address, 1);
		return;
	}
	if (f->replaces)
		f->replaces->retire_mono_us = 0;
	feed_lose(f, false);
	if (f->successor)
		leave_to_successor(f);
	else
		back_off(f);
}

static void connect_next(struct feed *f)
{
	struct pace *pace = &f->plan->connects[gaps_exchange(f->gaps, f->exchange)];
	int64_t now = clock_mono_us(), wait_us = pace_wait_us(pace, CONNECTS_WITHIN_US, now);
	if (pace->hold_until_mono_us > now) {
		if (f->state == LOOKUP)
			f->reason[0] = '\0'; /* of the connection before */
		set_reason(f, "the exchange told another connection to wait");
		back_off(f);
		return;
	}
	if (wait_us > 0) {
		char key[EXCHANGE_NAME_SIZE + 8];
		snprintf(key, sizeof key, "paced %s", f->exchange->name);
		log_folded(key, LOG_WARNING, "connects-paced", "exchange=%s %d connections in 5 minutes are enough: the next in %lld s",
		           f->exchange->name, PACE_MAX, (long long)(wait_us / US_PER_SECOND));
		lws_sul_schedule(f->net->context, 0, &f->retry, on_next_address, wait_us);
		return;
	}
	const char *address = dial_next(&f->dial);
	if (!address) {
		if (f->dial.found.count == 0)
			snprintf(f->reason, sizeof f->reason, "look-up of %s: %s", f->connection->address->ws.host, f->dial.found.reason);
		back_off(f);
		return;
	}
	const struct url *url = &f->connection->address->ws;
	pace_done(pace, now);
	f->state = CONNECTING;
	f->reason[0] = '\0';
	f->loss = GAP_DISCONNECT;
	f->subscribed = f->sending_pause = f->paused = false;
	f->ping_wanted = f->ping_sent = f->pings_answered = false;
	f->ping_mono_us = f->ping_open_since_mono_us = f->live_mono_us = f->retire_mono_us = 0;
	f->line = (struct quiet){ .last_mono_us = 0 };
	feed_message_begin(&f->message, f->number);
	snprintf(f->address, sizeof f->address, "%s", address);
	const char *query = f->exchange->ws_query;
	snprintf(f->path, sizeof f->path, "%s%s%s", url->path[0] ? url->path : "/",
	         query[0] == '\0' ? "" : strchr(url->path, '?') ? "&" : "?", query);
	if (!net_connect(f->net, &f->peer, NET_WEBSOCKET, url, f->path, address, &f->wsi))
		ended(f, "the connection cannot be started"); /* perhaps no event told so */
}

static void on_next_address(lws_sorted_usec_list_t *sul)
{
	connect_next(lws_container_of(sul, struct feed, retry));
}

void feed_hang_up(struct feed *f, enum gap_reason loss, const char *reason)
{
	set_reason(f, reason);
	f->loss = loss;
	lws_set_timeout(f->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
}

/* A piece of a message, a whole one, or a pong: the line lives. */
static void line_lives(struct feed *f)
{
	f->heard_mono_us = clock_mono_us();
	f->ping_open_since_mono_us = 0;
	if (f->failures > 0 && f->heard_mono_us - f->opened_mono_us >= PROVED_US)
		f->failures = 0;
}

static void heard_message(struct feed *f)
{
	line_lives(f);
	quiet_trade(&f->line, f->heard_mono_us);
}

/* A ping carries our monotonic time, and its pong brings it back: all that was sent before that time has come. */
static void heard_pong(struct feed *f, const char *payload, size_t len)
{
	char text[PING_SIZE];
	line_lives(f);
	f->pings_answered = true;
	if (len == 0 || len >= sizeof text)
		return;
	memcpy(text, payload, len);
	text[len] = '\0';
	int64_t sent_mono_us = strtoll(text, NULL, 16);
	if (sent_mono_us < f->opened_mono_us || sent_mono_us > f->ping_mono_us)
		return; /* none of ours */
	carrier_pong(&f->carrier, sent_mono_us, f->heard_mono_us);
	if (f->retire_mono_us != 0 && carrier_is_through(&f->carrier, &f->successor->carrier, f->retire_mono_us))
		feed_retire(f);
}

static int opened(struct feed *f)
{
	f->state = OPEN;
	f->number = ++f->net->connections;
	feed_message_begin(&f->message, f->number);
	f->opened_mono_us = f->heard_mono_us = f->ping_mono_us = clock_mono_us();
	if (!feed_subscription_begin(f)) {
		set_reason(f, "out of memory");
		return -1;
	}
	lws_sul_schedule(f->net->context, 0, &f->tick, feed_on_tick, TICK_US);
	lws_callback_on_writable(f->wsi);
	f->peer.wake(&f->peer);
	return 0;
}

int feed_write(struct feed *f, const char *text, size_t len, enum lws_write_protocol kind)
{
	unsigned char *frame = malloc(LWS_PRE + len + 1);
	if (!frame)
		return -1;
	memcpy(frame + LWS_PRE, text, len);
	int written = lws_write(f->wsi, frame + LWS_PRE, len, kind);
	free(frame);
	return written < (int)len ? -1 : 0;
}

/* The next frame of the subscription, one at a time, as far apart as the exchange wants. */
static int send_subscription(struct feed *f)
{
	int64_t next_mono_us;
	struct frame *frame = f->sending_pause ? NULL : frames_due(&f->frames, clock_mono_us(), &next_mono_us);
	if (frame && feed_send_frame(f, frame) != 0) {
		set_reason(f, "the subscription could not be sent");
		return -1;
	}
	if (!frame && !f->sending_pause && !f->subscribed) {
		f->subscribed = true;
		f->ping_wanted = !f->ping_sent || feed_may_ping(f); /* its pong is the first proof of how far all has come */
	}
	return 0;
}

/* The library also calls this unasked, after a pong of its own. */
static int writeable(struct feed *f)
{
	if (send_subscription(f) != 0)
		return -1;
	if (f->subscribed && f->ping_wanted) {
		f->ping_wanted = false;
		f->ping_sent = true;
		f->ping_mono_us = clock_mono_us();
		if (f->ping_open_since_mono_us == 0)
			f->ping_open_since_mono_us = f->ping_mono_us;
		char payload[PING_SIZE];
		int len = snprintf(payload, sizeof payload, "%llx", (unsigned long long)f->ping_mono_us);
		return feed_write(f, payload, (size_t)len, LWS_WRITE_PING);
	}
	return 0;
}

void feed_renew(struct feed *f)
{
	f->renew_wanted = f->state >= OPEN; /* else the next connection asks for all */
	if (f->state != LIVE || f->replaces)
		return;
	f->renew_wanted = false;
	if (f->successor) {
		f->successor->renew_wanted = f->successor->state >= OPEN;
		return;
	}
	f->successor = feed_new(f->net, f->plan, f->connection, f->gaps, f->counters);
	if (!f->successor)
		return; /* no memory: at the next tick */
	f->successor->replaces = f;
	f->successor->notices = f->notices;
	feed_start(f->successor);
}

/* Heeded at once; but its successor may be told the same as soon as it stands: that one is given time, more each time, so that no
 * exchange is asked for a connection every second. */
static void end_is_announced(struct feed *f)
{
	int64_t now = clock_mono_us();
	if (now - f->opened_mono_us >= OLD_US)
		f->notices = 0;
	f->renew_not_before_mono_us = f->opened_mono_us + (f->notices < NOTICES_HEEDED ? 0 : YOUNG_US << (f->notices - NOTICES_HEEDED));
	f->notices += f->notices < NOTICES_MAX;
	f->renew_wanted = true;
	if (now >= f->renew_not_before_mono_us)
		feed_renew(f);
}

void feed_slept(struct feed *f, int64_t slept_us)
{
	carrier_slept(&f->carrier, slept_us);
	if (f->wsi && f->state >= OPEN) {
		f->opened_mono_us = clock_mono_us(); /* a pong of before proves nothing any more */
		feed_hang_up(f, GAP_ASLEEP, "the host slept");
	}
	if (f->successor)
		feed_slept(f->successor, slept_us);
}

static int received(struct feed *f, struct lws *wsi, const void *in, size_t len)
{
	atomic_fetch_add(&f->counters->events, 1);
	f->message.carried = f->replaces ? CARRIED_BY_SUCCESSOR : f->successor && f->successor->state >= OPEN ? CARRIED_BY_OLDER :
	                     CARRIED_ALONE; /* one that only tries says nothing */
	f->mutes = f->message.data ? 0 : f->mutes;
	switch (feed_message_take(&f->message, in, len, lws_is_first_fragment(wsi) != 0,
	                          lws_is_final_fragment(wsi) && lws_remaining_packet_payload(wsi) == 0,
	                          lws_remaining_packet_payload(wsi))) {
	case MESSAGE_PART:
		if (len > 0)
			line_lives(f);
		return 0;
	case MESSAGE_WHOLE:
		heard_message(f);
		if (f->message.closing) {
			f->message.closing = false;
			end_is_announced(f);
		}
		return 0;
	case MESSAGE_ENDLESS:
	default:
		set_reason(f, "a message without end");
		return -1;
	}
}

static void peer_closes(struct feed *f, const unsigned char *in, size_t len)
{
	char reason[REASON_SIZE];
	if (len < 2)
		snprintf(reason, sizeof reason, "closed by the exchange");
	else
		snprintf(reason, sizeof reason, "closed by the exchange: %u%s%.*s", (unsigned)in[0] << 8 | in[1], len > 2 ? " " : "",
		         (int)(len - 2), (const char *)in + 2);
	set_reason(f, reason);
}

/* The exchange says when to come again: to all connections of this machine.  A ban is waited out whatever it takes; what only is
 * unavailable may be there sooner than it says. */
static void heed_retry_after(struct feed *f, struct lws *wsi, const char *words)
{
	int64_t wait_us = net_retry_after_s(wsi) * US_PER_SECOND;
	unsigned status = lws_http_client_http_response(wsi);
	char key[EXCHANGE_NAME_SIZE + 8], quoted[REASON_SIZE];
	if (wait_us == 0)
		return;
	if (status != 429 && status != 418 && wait_us > HOLD_MAX_US)
		wait_us = HOLD_MAX_US;
	pace_hold(&f->plan->connects[gaps_exchange(f->gaps, f->exchange)], clock_mono_us() + wait_us);
	snprintf(key, sizeof key, "held %s", f->exchange->name);
	log_folded(key, LOG_WARNING, "connects-held", "exchange=%s reason=%s again_in_s=%lld", f->exchange->name,
	           log_quote(quoted, sizeof quoted, words, strlen(words)), (long long)(wait_us / US_PER_SECOND));
}

static int on_event(struct peer *peer, struct lws *wsi, enum lws_callback_reasons reason, void *in, size_t len)
{
	struct feed *f = lws_container_of(peer, struct feed, peer);
	if (wsi != f->wsi)
		return 0;
	switch ((int)reason) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		return opened(f);
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return writeable(f);
	case LWS_CALLBACK_CLIENT_RECEIVE:
		return received(f, wsi, in, len);
	case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
		heard_pong(f, in, len);
		return 0;
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		peer_closes(f, in, len);
		return 0;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR: {
		char why[REASON_SIZE], words[REASON_SIZE];
		snprintf(words, sizeof words, "%s: %.180s", f->address, net_failure(f->net, wsi, in, len, why, sizeof why));
		heed_retry_after(f, wsi, words);
		ended(f, words);
		return 0;
	}
	case LWS_CALLBACK_CLIENT_CLOSED:
		ended(f, "the connection broke off");
		return 0;
	case LWS_CALLBACK_CLOSED_CLIENT_HTTP: /* all that comes where the 101 never does */
		ended(f, "no answer to the request for a WebSocket");
		return 0;
	default:
		return 0;
	}
}

/* Its share of the queue is full, or has room again. */
static void heed_throttle(struct feed *f)
{
	char key[EXCHANGE_NAME_SIZE + 16];
	bool throttled = net_is_throttled(f->net, gaps_exchange(f->gaps, f->exchange));
	if (f->paused == throttled)
		return;
	f->paused = throttled;
	snprintf(key, sizeof key, "%s %s", throttled ? "throttled" : "reading-on", f->exchange->name);
	if (throttled)
		log_folded(key, LOG_WARNING, "throttled", "exchange=%s its share of the queue is full: it is not read until the disk has caught up",
		           f->exchange->name);
	else
		log_folded(key, LOG_INFO, "reading-on", "exchange=%s its share of the queue has room again", f->exchange->name);
	lws_rx_flow_control(f->wsi, !throttled);
}

static void on_wake(struct peer *peer)
{
	struct feed *f = lws_container_of(peer, struct feed, peer);
	if (f->state == LOOKUP) {
		if (dial_collect(&f->dial) != DIAL_WAIT)
			connect_next(f);
		return;
	}
	if (f->state >= OPEN && f->wsi)
		heed_throttle(f);
}

struct feed *feed_new(struct net *net, struct market_plan *plan, struct connection_plan *connection, struct gaps *gaps,
                      struct counters *counters)
{
	struct feed *f = calloc(1, sizeof *f);
	if (!f)
		return NULL;
	f->peer = (struct peer){ .handle = on_event, .wake = on_wake, .host = connection->address->ws.host };
	f->net = net;
	f->plan = plan;
	f->connection = connection;
	f->exchange = connection->address->exchange;
	f->gaps = gaps;
	f->counters = counters;
	carrier_init(&f->carrier, gaps, f->exchange);
	feed_message_init(&f->message, plan, connection->address, net, &f->carrier, counters);
	f->message.events = feed_events(f);
	net_add_peer(net, &f->peer);
	if (!connection->feed)
		connection->feed = f;
	return f;
}

void feed_start(struct feed *f)
{
	lws_sul_schedule(f->net->context, 0, &f->retry, on_retry, 1);
}

void feed_finish(struct feed *f)
{
	if (f->successor)
		feed_finish(f->successor);
	if (f->wsi)
		lws_set_opaque_user_data(f->wsi, NULL); /* its end is no event any more */
	cancel_timers(f);
	feed_tell_missed(f, INT64_MAX);
	carrier_tell(&f->carrier, true, clock_mono_us());
	net_remove_peer(f->net, &f->peer);
}

void feed_free(struct feed *f)
{
	if (!f)
		return;
	feed_free(f->successor);
	feed_message_release(&f->message);
	feed_subscription_release(f);
	free(f);
}
