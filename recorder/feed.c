#include "recorder/feed.h"

#include "recorder/clock.h"
#include "recorder/dial.h"
#include "recorder/feed_message.h"
#include "recorder/log.h"
#include "schema/timefmt.h"

#include <stdlib.h>
#include <string.h>

#define WAIT_FIRST_US US_PER_SECOND
#define WAIT_MOST_US (30 * US_PER_SECOND)
#define WAIT_JITTER_PERCENT 30
#define PROVED_US (10 * US_PER_SECOND) /* of messages or pongs: the next wait starts anew */

#define TICK_US US_PER_SECOND
#define PING_IDLE_US (4 * US_PER_SECOND) /* keeps coverage moving through silence, and every 60 s idle timer away */
#define PING_BUSY_US (25 * US_PER_SECOND) /* data is flowing, but some servers only count what we send */
#define PONG_WAIT_US (15 * US_PER_SECOND)

#define REASON_SIZE 240

enum state { IDLE, LOOKUP, CONNECTING, OPEN, LIVE };

struct feed {
	struct peer peer;
	struct net *net;                 /* borrowed */
	const struct market_plan *plan;  /* borrowed */
	const struct feed_plan *feed;    /* borrowed */
	const struct exchange *exchange; /* borrowed */
	struct stats *stats;             /* borrowed */
	uint32_t number;

	enum state state;
	struct lws *wsi; /* NULL: none */
	struct dial dial;
	lws_sorted_usec_list_t retry, tick;
	unsigned failures;   /* rounds of addresses since a connection proved itself */
	uint64_t connection; /* counts; part of the ticket */
	char address[ADDRESS_SIZE];
	char reason[REASON_SIZE]; /* why the connection ends, set by whoever ends it first */

	bool subscribed, ping_wanted, paused;
	int64_t opened_mono_us, heard_mono_us;         /* monotonic: the 101; the last message or pong */
	int64_t ping_mono_us, ping_open_since_mono_us; /* the last ping; the first unanswered one, 0 if none */
	struct coverage_mark coverage;                 /* from_us 0: not live */
	int64_t coverage_pushed_us;

	struct feed_message message;
};

static void connect_next(struct feed *f);
static void on_next_address(lws_sorted_usec_list_t *sul);

static void push_coverage(struct feed *f, bool last)
{
	if (f->coverage.from_us == 0 || (!last && f->coverage.to_us == f->coverage_pushed_us))
		return;
	f->coverage_pushed_us = f->coverage.to_us;
	struct item item = { .kind = ITEM_COVERAGE, .mark = f->coverage };
	item.mark.feed = f->number;
	item.mark.last = last;
	if (queue_push(f->net->queue, &item) == QUEUE_FULL)
		net_throttle(f->net);
}

static void on_retry(lws_sorted_usec_list_t *sul)
{
	struct feed *f = lws_container_of(sul, struct feed, retry);
	f->state = LOOKUP;
	switch (dial_start(&f->dial, f->net, f->feed->address->ws.host)) {
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

/* The connection, or the attempt, is over: once for each. */
static void ended(struct feed *f, const char *reason)
{
	set_reason(f, reason);
	f->wsi = NULL;
	lws_sul_schedule(f->net->context, 0, &f->tick, NULL, LWS_SET_TIMER_USEC_CANCEL);
	feed_message_reset(&f->message);
	if (f->state == CONNECTING) {
		/* From the loop: this may be an event inside the call that connects. */
		lws_sul_schedule(f->net->context, 0, &f->retry, on_next_address, 1);
		return;
	}
	push_coverage(f, true);
	back_off(f);
}

static void connect_next(struct feed *f)
{
	const char *address = dial_next(&f->dial);
	if (!address) {
		if (f->dial.found.count == 0)
			snprintf(f->reason, sizeof f->reason, "look-up of %s: %s", f->feed->address->ws.host, f->dial.found.reason);
		back_off(f);
		return;
	}
	const struct url *url = &f->feed->address->ws;
	f->state = CONNECTING;
	f->reason[0] = '\0';
	f->subscribed = f->ping_wanted = f->paused = false;
	f->coverage = (struct coverage_mark){ .from_us = 0 };
	f->coverage_pushed_us = f->ping_mono_us = f->ping_open_since_mono_us = 0;
	snprintf(f->address, sizeof f->address, "%s", address);
	if (!net_connect(f->net, &f->peer, NET_WEBSOCKET, url, url->path[0] ? url->path : "/", address, &f->wsi))
		ended(f, "the connection cannot be started"); /* perhaps no event told so */
}

static void on_next_address(lws_sorted_usec_list_t *sul)
{
	connect_next(lws_container_of(sul, struct feed, retry));
}

/* Ends the connection ourselves; `ended` follows from the loop. */
static void hang_up(struct feed *f, const char *reason)
{
	set_reason(f, reason);
	lws_set_timeout(f->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
}

static void watch_markets(struct feed *f, int64_t now)
{
	const struct market_set *set = &f->feed->set;
	for (size_t i = 0; i < set->count; i++) {
		struct habit *h = &f->message.habits[set->markets[i]];
		if (!habit_suspicious(h, now))
			continue;
		char reason[REASON_SIZE];
		snprintf(reason, sizeof reason, "%s quiet beyond its habit: %lld s, mean pause %lld ms, longest %lld ms",
		         set->symbols[i], (long long)((now - h->last_mono_us) / US_PER_SECOND),
		         (long long)(h->mean_pause_us / 1000), (long long)(h->longest_pause_us / 1000));
		hang_up(f, reason);
		return;
	}
}

static void excuse_markets(struct feed *f, int64_t now)
{
	for (size_t i = 0; i < f->feed->set.count; i++)
		habit_excuse(&f->message.habits[f->feed->set.markets[i]], now);
}

static void on_tick(lws_sorted_usec_list_t *sul)
{
	struct feed *f = lws_container_of(sul, struct feed, tick);
	int64_t now = clock_mono_us();
	lws_sul_schedule(f->net->context, 0, &f->tick, on_tick, TICK_US);
	push_coverage(f, false);
	if (f->paused) {
		/* We are not reading: its silence proves nothing, and pongs wait unread. */
		f->heard_mono_us = now;
		f->ping_open_since_mono_us = 0;
		excuse_markets(f, now);
	}
	if (f->ping_open_since_mono_us != 0 && now - f->ping_open_since_mono_us >= PONG_WAIT_US) {
		hang_up(f, "silent: a ping unanswered for 15 s and nothing else came");
		return;
	}
	int64_t since_ping = now - f->ping_mono_us;
	if ((now - f->heard_mono_us >= PING_IDLE_US && since_ping >= PING_IDLE_US) || since_ping >= PING_BUSY_US) {
		f->ping_wanted = true;
		lws_callback_on_writable(f->wsi);
	}
	if (!f->paused && f->state == LIVE)
		watch_markets(f, now);
}

/* A whole message, or a pong. */
static void heard(struct feed *f)
{
	int64_t now = clock_mono_us();
	f->heard_mono_us = now;
	f->ping_open_since_mono_us = 0;
	if (f->failures > 0 && now - f->opened_mono_us >= PROVED_US)
		f->failures = 0;
	if (!f->subscribed)
		return;
	f->coverage.to_us = clock_wall_us();
	if (f->state == OPEN) {
		f->state = LIVE;
		f->coverage.from_us = f->coverage.to_us;
		excuse_markets(f, now);
		log_folded(f->exchange->ws_url, LOG_INFO, "live", "exchange=%s address=%s markets=%zu", f->exchange->name, f->address,
		           f->feed->set.count);
	}
}

static int opened(struct feed *f)
{
	f->state = OPEN;
	f->connection++;
	f->opened_mono_us = f->heard_mono_us = f->ping_mono_us = clock_mono_us();
	lws_sul_schedule(f->net->context, 0, &f->tick, on_tick, TICK_US);
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

/* The library also calls this unasked, after a pong of its own. */
static int writeable(struct feed *f)
{
	if (!f->subscribed) {
		char ticket[48];
		snprintf(ticket, sizeof ticket, "tapedeck-%llx-%llu", (unsigned long long)clock_wall_us(),
		         (unsigned long long)f->connection);
		char *text = f->exchange->subscribe(&f->feed->set, ticket);
		int rc = text ? write_frame(f->wsi, text, strlen(text), LWS_WRITE_TEXT) : -1;
		free(text);
		if (rc != 0) {
			set_reason(f, "the subscription could not be sent");
			return -1;
		}
		f->subscribed = true;
		f->ping_wanted = true; /* its pong proves that the subscription was read */
		lws_callback_on_writable(f->wsi);
		return 0;
	}
	if (f->ping_wanted) {
		f->ping_wanted = false;
		f->ping_mono_us = clock_mono_us();
		if (f->ping_open_since_mono_us == 0)
			f->ping_open_since_mono_us = f->ping_mono_us;
		return write_frame(f->wsi, "", 0, LWS_WRITE_PING);
	}
	return 0;
}

static int received(struct feed *f, struct lws *wsi, const void *in, size_t len)
{
	switch (feed_message_take(&f->message, in, len, lws_is_first_fragment(wsi) != 0,
	                          lws_is_final_fragment(wsi) && lws_remaining_packet_payload(wsi) == 0,
	                          lws_remaining_packet_payload(wsi))) {
	case MESSAGE_PART:
		return 0;
	case MESSAGE_WHOLE:
		heard(f);
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
		heard(f);
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
	if (f->state == LOOKUP && dial_collect(&f->dial) != DIAL_WAIT)
		connect_next(f);
	if (f->state >= OPEN && f->wsi && f->paused != f->net->throttled) {
		f->paused = f->net->throttled;
		lws_rx_flow_control(f->wsi, !f->paused);
	}
}

struct feed *feed_new(struct net *net, const struct market_plan *plan, uint32_t number, struct stats *stats)
{
	struct feed *f = calloc(1, sizeof *f);
	if (!f)
		return NULL;
	*f = (struct feed){ .peer = { .handle = on_event, .wake = on_wake,
		                      .host = plan->feeds[number].address->ws.host }, .net = net, .plan = plan, .stats = stats,
		            .feed = &plan->feeds[number], .exchange = plan->feeds[number].address->exchange, .number = number };
	if (!feed_message_init(&f->message, plan, f->feed, net, stats)) {
		free(f);
		return NULL;
	}
	net_add_peer(net, &f->peer);
	return f;
}

void feed_start(struct feed *f)
{
	lws_sul_schedule(f->net->context, 0, &f->retry, on_retry, 1);
}

void feed_finish(struct feed *f)
{
	if (f->wsi)
		lws_set_opaque_user_data(f->wsi, NULL); /* its end is no event any more */
	lws_sul_schedule(f->net->context, 0, &f->tick, NULL, LWS_SET_TIMER_USEC_CANCEL);
	lws_sul_schedule(f->net->context, 0, &f->retry, NULL, LWS_SET_TIMER_USEC_CANCEL);
	if (f->state == LIVE)
		push_coverage(f, true);
	net_remove_peer(f->net, &f->peer);
}

void feed_free(struct feed *f)
{
	if (!f)
		return;
	feed_message_release(&f->message);
	free(f);
}
