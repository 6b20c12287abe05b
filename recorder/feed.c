#include "recorder/feed_internal.h"

#include "recorder/clock.h"
#include "recorder/log.h"
#include "recorder/reach.h"
#include "schema/timefmt.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WAIT_FIRST_US US_PER_SECOND
#define WAIT_MOST_US (30 * US_PER_SECOND)
#define WAIT_JITTER_PERCENT 30
#define PROVED_US (10 * US_PER_SECOND) /* of messages or pongs: the next wait starts anew */
#define OVERLAP_US US_PER_SECOND        /* two servers of an exchange need not say a thing at the same moment */
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

/* All addresses failed, or a connection ended: wait, then begin anew. */
static void back_off(struct feed *f)
{
	int64_t wait_us = WAIT_MOST_US;
	if (f->failures < 5)
		wait_us = WAIT_FIRST_US << f->failures;
	uint32_t random;
	lws_get_random(f->net->context, &random, sizeof random);
	wait_us -= wait_us * WAIT_JITTER_PERCENT / 100 * (random % 1000) / 1000;
	f->failures++;

	char key[REASON_SIZE + EXCHANGE_NAME_SIZE], quoted[REASON_SIZE];
	snprintf(key, sizeof key, "%s %s", f->exchange->name, f->reason);
	log_folded(key, LOG_ODD, f->state >= OPEN ? "disconnected" : "connect-failed",
	           "exchange=%s reason=%s wait_ms=%lld", f->exchange->name,
	           log_quote(quoted, sizeof quoted, f->reason, strlen(f->reason)), (long long)(wait_us / 1000));
	if (f->opened_mono_us == 0 && !f->replaces)
		reach_failed(f->net, gaps_exchange(f->gaps, f->exchange), f->exchange->name, f->failures, f->reason);
	if (f->state == LIVE)
		stats_add(&f->stats->disconnects, 1);
	f->state = IDLE;
	lws_sul_schedule(f->net->context, 0, &f->retry, on_retry, wait_us);
}

static void set_reason(struct feed *f, const char *text)
{
	if (f->reason[0] == '\0')
		snprintf(f->reason, sizeof f->reason, "%s", text);
}

/* What its end means for the markets. */
static void lose(struct feed *f)
{
	const struct feed *other = f->heir ? f->heir : f->replaces;
	coverage_push(&f->coverage);
	if (!other || other->state != LIVE) {
		gaps_lost(f->gaps, f->connection, f->loss, coverage_to_us(&f->coverage));
		coverage_end(&f->coverage);
		return;
	}
	if (f->replaces)
		f->replaces->retire_mono_us = 0;
	if (f->heir && f->state == LIVE)
		gaps_overlapped(f->gaps, f->connection, coverage_to_us(&f->coverage), f->heir->live_mono_us);
}

static void cancel_timers(struct feed *f)
{
	lws_sul_cancel(&f->tick);
	lws_sul_cancel(&f->send);
	lws_sul_cancel(&f->retry);
}

/* Frees the feed: the heir is all that there is now. */
static void leave_to_heir(struct feed *f)
{
	struct feed *heir = f->heir;
	heir->replaces = NULL;
	f->heir = NULL;
	f->connection->feed = heir;
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
	coverage_push(&f->coverage);
	gaps_overlapped(f->gaps, f->connection, INT64_MAX, f->heir->live_mono_us);
	leave_to_heir(f);
}

/* The connection, or the attempt, is over: once for each.  The feed may be gone afterwards. */
static void ended(struct feed *f, const char *reason)
{
	set_reason(f, reason);
	if (f->heir && f->wsi)
		lws_set_opaque_user_data(f->wsi, NULL); /* the library has more to say of it, and the feed will be gone */
	f->wsi = NULL;
	cancel_timers(f);
	if (f->state == CONNECTING) {
		/* From the loop: this may be an event inside the call that connects. */
		lws_sul_schedule(f->net->context, 0, &f->retry, on_next_address, 1);
		return;
	}
	lose(f);
	if (f->heir)
		leave_to_heir(f);
	else
		back_off(f);
}

static void connect_next(struct feed *f)
{
	const char *address = dial_next(&f->dial);
	if (!address) {
		if (f->dial.found.count == 0)
			snprintf(f->reason, sizeof f->reason, "look-up of %s: %s", f->connection->address->ws.host, f->dial.found.reason);
		back_off(f);
		return;
	}
	const struct url *url = &f->connection->address->ws;
	f->state = CONNECTING;
	f->reason[0] = '\0';
	f->loss = GAP_DISCONNECT;
	f->subscribed = f->sending_pause = f->paused = false;
	f->ping_wanted = f->ping_sent = f->pings_answered = false;
	f->frames_sent = 0;
	f->subscribed_mono_us = f->ping_mono_us = f->ping_open_since_mono_us = f->live_mono_us = f->retire_mono_us = 0;
	f->line = (struct habit){ .last_mono_us = 0 };
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

/* Something came back that shows that the whole subscription was read. */
static void subscription_proved(struct feed *f)
{
	if (f->state == LIVE)
		return;
	f->state = LIVE;
	f->live_mono_us = clock_mono_us();
	coverage_start(&f->coverage, f->live_mono_us);
	gaps_live(f->gaps, f->connection, f->live_mono_us);
	if (f->replaces)
		f->replaces->retire_mono_us = f->live_mono_us + OVERLAP_US + f->exchange->lateness_us;
	feed_excuse_markets(f, f->heard_mono_us);
	char key[EXCHANGE_NAME_SIZE + 8];
	snprintf(key, sizeof key, "live %s", f->exchange->name);
	log_folded(key, LOG_INFO, "live", "exchange=%s address=%s markets=%zu", f->exchange->name, f->address,
	           f->connection->wanted.trades.count + f->connection->wanted.tickers.count);
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
	habit_trade(&f->line, f->heard_mono_us);
	bool said = f->message.data && f->frames_sent == 1;
	if (f->subscribed && (said || (f->message.acknowledged >= f->frames_sent && !f->message.refused)))
		subscription_proved(f);
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
	coverage_prove_ping(&f->coverage, sent_mono_us, f->heard_mono_us);
	if (f->subscribed && sent_mono_us >= f->subscribed_mono_us && (f->message.data || !f->message.refused))
		subscription_proved(f);
	if (f->retire_mono_us != 0 && sent_mono_us >= f->retire_mono_us)
		feed_retire(f);
}

static void on_send(lws_sorted_usec_list_t *sul)
{
	struct feed *f = lws_container_of(sul, struct feed, send);
	f->sending_pause = false;
	lws_callback_on_writable(f->wsi);
}

static int opened(struct feed *f)
{
	f->state = OPEN;
	f->number = ++f->net->connections;
	feed_message_begin(&f->message, f->number);
	f->opened_mono_us = f->heard_mono_us = f->ping_mono_us = clock_mono_us();
	coverage_begin(&f->coverage, f->opened_mono_us);
	lws_sul_schedule(f->net->context, 0, &f->tick, feed_on_tick, TICK_US);
	lws_callback_on_writable(f->wsi);
	f->peer.wake(&f->peer);
	return 0;
}

static int write_frame(struct lws *wsi, const char *text, size_t len, enum lws_write_protocol kind)
{
	unsigned char *frame = malloc(LWS_PRE + len + 1);
	if (!frame)
		return -1;
	memcpy(frame + LWS_PRE, text, len);
	int written = lws_write(wsi, frame + LWS_PRE, len, kind);
	free(frame);
	return written < (int)len ? -1 : 0;
}

/* The next frame of the subscription, one at a time, as far apart as the exchange wants. */
static int send_subscription(struct feed *f)
{
	char ticket[64];
	snprintf(ticket, sizeof ticket, "tapedeck-%llx-%u", (unsigned long long)f->opened_mono_us ^ (unsigned long long)getpid() << 40,
	         f->number);
	char *text = f->exchange->subscribe(&f->connection->wanted, ticket, f->frames_sent);
	int rc = !text ? -1 : text[0] ? write_frame(f->wsi, text, strlen(text), LWS_WRITE_TEXT) : 0;
	if (rc != 0) {
		set_reason(f, text ? "the subscription could not be sent" : "out of memory");
	} else if (text[0]) {
		f->frames_sent++;
		f->sending_pause = true;
		lws_sul_schedule(f->net->context, 0, &f->send, on_send, 1 + f->exchange->frame_pause_ms * INT64_C(1000));
	} else {
		f->subscribed = true;
		f->subscribed_mono_us = clock_mono_us();
		f->ping_wanted = !f->ping_sent || feed_may_ping(f); /* its pong proves that the subscription was read */
		lws_callback_on_writable(f->wsi);
	}
	free(text);
	return rc;
}

/* The library also calls this unasked, after a pong of its own. */
static int writeable(struct feed *f)
{
	if (!f->subscribed) {
		return f->sending_pause ? 0 : send_subscription(f);
	}
	if (f->ping_wanted) {
		f->ping_wanted = false;
		f->ping_sent = true;
		f->ping_mono_us = clock_mono_us();
		if (f->ping_open_since_mono_us == 0)
			f->ping_open_since_mono_us = f->ping_mono_us;
		char payload[PING_SIZE];
		int len = snprintf(payload, sizeof payload, "%llx", (unsigned long long)f->ping_mono_us);
		return write_frame(f->wsi, payload, (size_t)len, LWS_WRITE_PING);
	}
	return 0;
}

void feed_renew(struct feed *f)
{
	f->renew_wanted = f->state >= OPEN; /* else the next connection asks for all */
	if (f->state != LIVE || f->replaces)
		return;
	f->renew_wanted = false;
	if (f->heir) {
		f->heir->renew_wanted = f->heir->state >= OPEN;
		return;
	}
	f->heir = feed_new(f->net, f->plan, f->connection, f->gaps, f->stats);
	if (!f->heir)
		return; /* no memory: at the next tick */
	f->heir->replaces = f;
	feed_start(f->heir);
}

void feed_slept(struct feed *f, int64_t slept_us)
{
	coverage_slept(&f->coverage, slept_us);
	if (f->wsi && f->state >= OPEN) {
		f->opened_mono_us = clock_mono_us(); /* a pong of before proves nothing any more */
		feed_hang_up(f, GAP_ASLEEP, "the host slept");
	}
	if (f->heir)
		feed_slept(f->heir, slept_us);
}

static int received(struct feed *f, struct lws *wsi, const void *in, size_t len)
{
	atomic_fetch_add(&f->stats->events, 1);
	f->message.overlapping = (f->heir && f->heir->state >= OPEN) || f->replaces; /* one that only tries says nothing */
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
			feed_renew(f);
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
		snprintf(reason, sizeof reason, "closed by the exchange: %u %.*s", (unsigned)in[0] << 8 | in[1], (int)(len - 2),
		         (const char *)in + 2);
	set_reason(f, reason);
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

static void on_wake(struct peer *peer)
{
	struct feed *f = lws_container_of(peer, struct feed, peer);
	if (f->state == LOOKUP) {
		if (dial_collect(&f->dial) != DIAL_WAIT)
			connect_next(f);
		return;
	}
	if (f->state >= OPEN && f->wsi && f->paused != f->net->throttled) {
		f->paused = f->net->throttled;
		lws_rx_flow_control(f->wsi, !f->paused);
	}
}

struct feed *feed_new(struct net *net, struct market_plan *plan, struct connection_plan *connection, struct gaps *gaps,
                      struct stats *stats)
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
	f->stats = stats;
	f->coverage = (struct coverage){ .net = net, .plan = plan, .connection = connection,
		                         .time = &gaps->times[gaps_exchange(gaps, f->exchange)] };
	feed_message_init(&f->message, plan, connection, net, gaps, &f->coverage, stats);
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
	if (f->heir)
		feed_finish(f->heir);
	if (f->wsi)
		lws_set_opaque_user_data(f->wsi, NULL); /* its end is no event any more */
	cancel_timers(f);
	coverage_push(&f->coverage);
	net_remove_peer(f->net, &f->peer);
}

void feed_free(struct feed *f)
{
	if (!f)
		return;
	feed_free(f->heir);
	feed_message_release(&f->message);
	free(f);
}
