/* One connection, to a real server: its states as the log and the queue show them. */
#include "recorder/feeds/feed_internal.h"

#include "loopback.h"
#include "recorder/clock.h"
#include "recorder/tape/gap_queue.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

static struct {
	struct queue queue;
	struct net net;
	struct loopback server;
	struct config config;
	struct market_list list;
	struct market_plan plan;
	struct resume resume;
	struct gaps gaps;
	struct gap_queue gap_queue;
	struct counters counters;
	struct feed *feed;
	struct item items[1000];
	size_t count;
	bool (*what)(void);
	bool came;
} t;
static char asked[4096]; /* the frame that the server got; its thread writes it before it answers */

static int begin(void **state)
{
	static char *wanted[] = { "upbit:KRW-*" };
	static const struct listed_market rows[] = { { "KRW-BTC", "BTC", "KRW" }, { "KRW-ETH", "ETH", "KRW" } };
	struct err err = { "" };
	(void)state;
	memset(&t, 0, sizeof t);
	asked[0] = '\0';
	t.config = (struct config){ .wanted = wanted, .wanted_count = 1, .address_count = 1, .backfill_since_us = INT64_MAX };
	t.config.addresses[0].exchange = exchange_find("upbit");
	t.list.had = true;
	for (size_t i = 0; i < 2; i++)
		market_list_add(&t.list, &rows[i]);
	if (!queue_init(&t.queue, 1000) || !net_init(&t.net, loopback_ca(), &t.queue, &err) || !market_plan_make(&t.plan, &t.config, &t.list, &err))
		fail_msg("%s", err.text);
	gap_queue_init(&t.gap_queue, &t.gaps, &t.net, &t.plan, &t.config, &t.resume);
	for (uint32_t i = 0; i < 2; i++)
		gaps_add_market(&t.gaps, i, t.config.addresses[0].exchange, NULL, clock_mono_us());
	return 0;
}

static int end(void **state)
{
	(void)state;
	if (t.plan.connections[0]->feed)
		feed_finish(t.plan.connections[0]->feed);
	net_release(&t.net);
	if (t.plan.connections[0]->feed)
		feed_free(t.plan.connections[0]->feed);
	loopback_stop(&t.server);
	gaps_release(&t.gaps);
	market_plan_release(&t.plan);
	market_list_release(&t.list);
	queue_release(&t.queue);
	return 0;
}

static void run_until(void *arg)
{
	t.came = loopback_serve_net(&t.net, t.what, *(unsigned *)arg);
}

/* The log until `what`; the caller frees it. */
static char *served(bool (*what)(void), unsigned ms)
{
	t.what = what;
	return captured(2, run_until, &ms);
}

static char *connect_to(loopback_serve *serve, bool (*what)(void), unsigned ms)
{
	loopback_start(&t.server, serve);
	t.config.addresses[0].ws = loopback_url(&t.server, "127.0.0.1");
	snprintf(t.config.addresses[0].ws.path, sizeof t.config.addresses[0].ws.path, "/websocket/v1");
	t.feed = feed_new(&t.net, &t.plan, t.plan.connections[0], &t.gaps, &t.counters);
	assert_non_null(t.feed);
	feed_start(t.feed);
	return served(what, ms);
}

static void take_items(void)
{
	bool ended;
	t.count += queue_pop(&t.queue, t.items + t.count, 0, sizeof t.items / sizeof *t.items - t.count, clock_mono_us(), &ended);
}

static size_t count_of(int kind)
{
	size_t n = 0;
	take_items();
	for (size_t i = 0; i < t.count; i++)
		n += (int)t.items[i].kind == kind;
	return n;
}

static bool has_trade(void)
{
	return count_of(ITEM_TRADE) >= 1;
}

static bool waits(void)
{
	return t.feed->state == IDLE && t.feed->failures > 0;
}

static bool never(void)
{
	return false;
}

static void answer_subscription(struct loopback_conn *c)
{
	int opcode;
	loopback_upgrade(c);
	do
		opcode = loopback_read_frame(c, asked, sizeof asked);
	while (opcode != 1 && opcode != -1);
}

static void trade(struct loopback_conn *c, const char *code)
{
	char text[400];
	long long ms = (long long)(clock_wall_us() / 1000);
	snprintf(text, sizeof text,
	         "{\"type\":\"trade\",\"code\":\"%s\",\"trade_price\":145000000.5,\"trade_volume\":0.01,\"ask_bid\":\"BID\",\"trade_timestamp\":%lld,"
	         "\"timestamp\":%lld,\"sequential_id\":%lld0000,\"stream_type\":\"REALTIME\"}", code, ms, ms, ms);
	loopback_text(c, text);
}

/* ---- from the look-up to the queue ---- */

static void serve_a_trade(struct loopback_conn *c)
{
	answer_subscription(c);
	trade(c, "KRW-BTC");
	loopback_pause_ms(300);
}

static void it_asks_for_all_its_markets_and_its_trades_go_into_the_queue(void **state)
{
	(void)state;
	char *log = connect_to(serve_a_trade, has_trade, 10000);
	assert_true(t.came);
	assert_contains(asked, "\"KRW-BTC\",\"KRW-ETH\"");
	assert_contains(log, "first-trade market=upbit:KRW-BTC");
	assert_int_equal(t.feed->state, OPEN); /* one frame asks for all, and nothing is acknowledged: */
	assert_true(carrier_carries(&t.feed->carrier, 0)); /* each is live by its own data */
	assert_false(carrier_carries(&t.feed->carrier, 1));
	for (size_t i = 0; i < t.count; i++)
		if (t.items[i].kind == ITEM_TRADE)
			assert_int_equal(t.items[i].connection, t.feed->number);
	free(log);
}

static bool is_lost(void)
{
	return t.feed->state == IDLE && t.counters.disconnects > 0;
}

static void serve_both(struct loopback_conn *c)
{
	answer_subscription(c);
	trade(c, "KRW-BTC");
	trade(c, "KRW-ETH");
	loopback_pause_ms(300);
}

static void when_it_breaks_off_each_market_has_a_gap_and_it_connects_again(void **state)
{
	(void)state;
	char *log = connect_to(serve_both, is_lost, 10000);
	assert_true(t.came);
	assert_contains(log, "disconnected exchange=upbit reason=\"the connection broke off\"");
	assert_int_equal(count_of(ITEM_GAP), 2);
	assert_false(carrier_carries(&t.feed->carrier, 0));
	free(log);
	free(served(has_trade, 0));
	unsigned before = t.server.connections;
	for (int i = 0; i < 50 && t.server.connections == before; i++)
		free(served(never, 100));
	assert_int_equal(t.server.connections, before + 1);
}

static void serve_a_close(struct loopback_conn *c)
{
	answer_subscription(c);
	loopback_close(c, 1008, "too many \"requests\"");
	loopback_pause_ms(200);
}

static void a_close_code_and_its_reason_are_logged_as_they_came(void **state)
{
	(void)state;
	char *log = connect_to(serve_a_close, waits, 10000);
	assert_true(t.came);
	assert_contains(log, "closed by the exchange: 1008 too many \\\"requests\\\"");
	free(log);
}

static void serve_a_bare_close(struct loopback_conn *c)
{
	answer_subscription(c);
	loopback_close(c, 4001, "");
	loopback_pause_ms(200);
}

static void a_close_code_without_a_reason_is_logged_alone(void **state)
{
	(void)state;
	char *log = connect_to(serve_a_bare_close, waits, 10000);
	assert_true(t.came);
	assert_contains(log, "reason=\"closed by the exchange: 4001\"");
	free(log);
}

/* ---- handshakes ---- */

static void serve_429(struct loopback_conn *c)
{
	loopback_send(c, "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 40\r\nContent-Length: 0\r\n\r\n");
}

static void a_handshake_that_says_when_to_come_again_is_heeded(void **state)
{
	(void)state;
	char *log = connect_to(serve_429, waits, 10000);
	assert_true(t.came);
	assert_contains(log, "connects-held exchange=upbit reason=\"127.0.0.1: HTTP status 429 Too Many Requests\" again_in_s=40");
	assert_contains(log, "connect-failed exchange=upbit reason=\"127.0.0.1: HTTP status 429 Too Many Requests\"");
	free(log);
	free(served(never, 2500)); /* else it would come after 1 s */
	assert_int_equal(t.server.connections, 1);
	int64_t wait_us = pace_wait_us(&t.plan.connects[0], 1, clock_mono_us());
	assert_in_range(wait_us, 30 * US_PER_SECOND, 40 * US_PER_SECOND);
}

static void serve_503(struct loopback_conn *c)
{
	loopback_send(c, "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 86400\r\nContent-Length: 0\r\n\r\n");
}

static void what_is_only_unavailable_is_not_left_alone_for_a_day(void **state)
{
	(void)state;
	char *log = connect_to(serve_503, waits, 10000);
	assert_contains(log, "HTTP status 503 Service Unavailable\" again_in_s=300");
	free(log);
}

static void serve_502(struct loopback_conn *c)
{
	loopback_send(c, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
}

static bool came_twice(void)
{
	return t.server.connections >= 2;
}

static void a_handshake_refused_without_a_time_is_tried_again_within_seconds(void **state)
{
	(void)state;
	char *log = connect_to(serve_502, came_twice, 10000);
	assert_true(t.came);
	assert_contains(log, "HTTP status 502 Bad Gateway");
	assert_null(strstr(log, "connects-held"));
	free(log);
}

/* ---- what cannot be read ---- */

static void serve_bad_frames(struct loopback_conn *c)
{
	answer_subscription(c);
	trade(c, "KRW-BTC");
	trade(c, "KRW-ETH");
	for (int i = 0; i < 700; i++) {
		loopback_text(c, "{\"type\":\"trade\",");
		loopback_pause_ms(3);
	}
	loopback_pause_ms(1500);
}

static bool all_bad(void)
{
	return t.counters.bad >= 700 && !t.feed->all_missed.again;
}

static void hundreds_of_bad_frames_a_second_are_one_gap_a_market(void **state)
{
	(void)state;
	char *log = connect_to(serve_bad_frames, all_bad, 20000);
	assert_true(t.came);
	size_t gaps = 0;
	int64_t last_us = 0;
	take_items();
	for (size_t i = 0; i < t.count; i++) {
		if (t.items[i].kind != ITEM_GAP)
			continue;
		gaps++;
		assert_int_equal(t.items[i].gap.reason, GAP_UNPARSEABLE);
		last_us = t.items[i].gap.to_us;
	}
	assert_int_equal(t.gaps.next_gap_id - 1, 2); /* one of each market */
	assert_in_range(gaps, 2, 2 * 12);            /* told once a second, not 700 times */
	assert_true(last_us > clock_wall_us() - 4 * US_PER_SECOND); /* and it reaches to the last of them */
	size_t lines = 0;
	for (const char *p = log; (p = strstr(p, "bad-message")); p++)
		lines++;
	assert_in_range(lines, 1, 30);
	free(log);
}

static _Atomic int64_t last_bad_us; /* the server's time of it */

static void serve_two_bad_frames(struct loopback_conn *c)
{
	answer_subscription(c);
	trade(c, "KRW-BTC");
	trade(c, "KRW-ETH");
	loopback_text(c, "{\"type\":\"trade\",");
	loopback_pause_ms(900);
	last_bad_us = clock_wall_us();
	loopback_text(c, "{\"type\":\"trade\",");
	loopback_pause_ms(4000);
}

static bool gaps_reach_it(void)
{
	size_t reaching = 0;
	take_items();
	for (size_t i = 0; i < t.count; i++)
		reaching += t.items[i].kind == ITEM_GAP && last_bad_us != 0 && t.items[i].gap.to_us >= last_bad_us;
	return reaching >= 2;
}

/* It comes within the second after the first, in which nothing more is told. */
static void the_last_of_some_bad_frames_lies_in_the_gap_too(void **state)
{
	(void)state;
	last_bad_us = 0;
	char *log = connect_to(serve_two_bad_frames, gaps_reach_it, 3900);
	assert_true(t.came);
	assert_int_equal(t.gaps.next_gap_id - 1, 2);
	free(log);
}

static void serve_pongs(struct loopback_conn *c)
{
	char payload[126] = "";
	answer_subscription(c);
	for (int opcode = 0; opcode != -1;) {
		unsigned char frame[2 + sizeof payload];
		memset(payload, 0, sizeof payload);
		if ((opcode = loopback_read_frame(c, payload, sizeof payload)) != 9)
			continue;
		frame[0] = 0x8a;
		frame[1] = (unsigned char)strlen(payload);
		memcpy(frame + 2, payload, strlen(payload));
		loopback_send_bytes(c, frame, 2 + strlen(payload));
	}
}

static bool pong_came(void)
{
	return t.feed->pings_answered;
}

static void a_pong_proves_the_line_and_no_subscription(void **state)
{
	(void)state;
	char *log = connect_to(serve_pongs, pong_came, 10000);
	assert_true(t.came);
	assert_int_equal(t.feed->state, OPEN);
	assert_false(carrier_carries(&t.feed->carrier, 0) || carrier_carries(&t.feed->carrier, 1));
	free(log);
}

static void serve_strange_messages(struct loopback_conn *c)
{
	answer_subscription(c);
	trade(c, "KRW-BTC");
	trade(c, "KRW-ETH");
	for (int i = 0; i < 50; i++)
		loopback_text(c, "{\"ping\":1}");
	loopback_pause_ms(300);
}

static bool fifty_bad(void)
{
	return t.counters.bad >= 50;
}

static void what_is_no_trade_by_its_own_words_opens_no_gap(void **state)
{
	(void)state;
	char *log = connect_to(serve_strange_messages, fifty_bad, 10000);
	assert_true(t.came);
	assert_contains(log, "bad-message exchange=upbit");
	assert_int_equal(count_of(ITEM_GAP), 0);
	free(log);
}

static int remove_ca(void **state)
{
	(void)state;
	loopback_remove_ca();
	return 0;
}

#define TRY(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TRY(it_asks_for_all_its_markets_and_its_trades_go_into_the_queue),
		TRY(when_it_breaks_off_each_market_has_a_gap_and_it_connects_again),
		TRY(a_close_code_and_its_reason_are_logged_as_they_came),
		TRY(a_close_code_without_a_reason_is_logged_alone),
		TRY(a_handshake_that_says_when_to_come_again_is_heeded),
		TRY(a_pong_proves_the_line_and_no_subscription),
		TRY(what_is_no_trade_by_its_own_words_opens_no_gap),
		TRY(what_is_only_unavailable_is_not_left_alone_for_a_day),
		TRY(a_handshake_refused_without_a_time_is_tried_again_within_seconds),
		TRY(hundreds_of_bad_frames_a_second_are_one_gap_a_market),
		TRY(the_last_of_some_bad_frames_lies_in_the_gap_too),
	};
	return cmocka_run_group_tests(tests, NULL, remove_ca);
}
