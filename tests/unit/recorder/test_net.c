/* The loop and who is throttled; connections are tried in test_http_get.c and test_feed.c. */
#include "recorder/net/net.h"

#include "recorder/clock.h"
#include "schema/base/timefmt.h"
#include "support.h"

#include <pthread.h>
#include <string.h>

static struct queue queue;
static struct net net;

struct counted {
	struct peer peer;
	unsigned wakes;
	bool goes; /* when it is woken */
};

static void on_wake(struct peer *peer)
{
	struct counted *c = (struct counted *)peer;
	c->wakes++;
	if (c->goes)
		net_remove_peer(&net, peer);
}

static int begin(void **state)
{
	struct err err = { "" };
	(void)state;
	if (!queue_init_shares(&queue, 30, 3) || !net_init(&net, NULL, &queue, &err))
		return -1;
	queue.on_room = net_wake;
	queue.on_room_arg = &net;
	for (uint32_t i = 0; i < 3; i++)
		assert_true(queue_assign(&queue, i, i));
	return 0;
}

static int end(void **state)
{
	(void)state;
	net_release(&net);
	queue_release(&queue);
	return 0;
}

static void fill(uint32_t market)
{
	struct item item = { .kind = ITEM_TRADE, .market = market };
	while (queue_push(&queue, &item) == QUEUE_OPEN)
		;
}

static void only_who_fills_its_share_is_throttled_and_peers_hear_of_it_once(void **state)
{
	(void)state;
	struct counted a = { .peer = { .wake = on_wake } }, b = { .peer = { .wake = on_wake } };
	struct item out[100];
	bool ended;
	net_add_peer(&net, &a.peer);
	net_add_peer(&net, &b.peer);
	net_throttle(&net); /* nobody is */
	assert_int_equal(a.wakes, 0);
	fill(1);
	net_throttle(&net);
	assert_false(net_is_throttled(&net, 0));
	assert_true(net_is_throttled(&net, 1));
	assert_false(net_is_throttled(&net, 2));
	net_throttle(&net); /* as each row of a message does */
	assert_int_equal(a.wakes, 1);
	assert_int_equal(b.wakes, 1);
	fill(2);
	net_throttle(&net);
	assert_true(net_is_throttled(&net, 1) && net_is_throttled(&net, 2));
	assert_int_equal(a.wakes, 2);
	while (queue_count(&queue) > 0)
		queue_pop(&queue, out, 1, 100, clock_mono_us(), &ended);
	assert_true(net_is_throttled(&net, 1)); /* until the loop hears of the room */
	for (int i = 0; i < 10 && net.throttled != 0; i++)
		net_serve(&net);
	assert_int_equal(net.throttled, 0);
	assert_true(a.wakes > 2 && b.wakes > 2);
	net_remove_peer(&net, &a.peer);
	net_remove_peer(&net, &b.peer);
}

static void a_peer_may_go_while_all_are_woken(void **state)
{
	(void)state;
	struct counted first = { .peer = { .wake = on_wake } }, going = { .peer = { .wake = on_wake }, .goes = true }, last = { .peer = { .wake = on_wake } };
	net_add_peer(&net, &first.peer);
	net_add_peer(&net, &going.peer);
	net_add_peer(&net, &last.peer);
	net_wake(&net);
	for (int i = 0; i < 10 && first.wakes == 0; i++)
		net_serve(&net);
	assert_int_equal(first.wakes, 1);
	assert_int_equal(last.wakes, 1);
	assert_int_equal(going.wakes, 1);
	fill(0);
	net_throttle(&net);
	assert_int_equal(going.wakes, 1);
	assert_int_equal(first.wakes, 2);
	net_remove_peer(&net, &first.peer);
	net_remove_peer(&net, &last.peer);
	net_remove_peer(&net, &last.peer); /* one that is not there is no harm */
	assert_null(net.peers);
}

static void *stop_it(void *arg)
{
	net_stop(arg);
	return NULL;
}

static void the_loop_ends_when_another_thread_says_so(void **state)
{
	(void)state;
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, stop_it, &net), 0);
	net_run(&net);
	pthread_join(thread, NULL);
}

static void a_status_that_refuses_the_region_says_what_to_do(void **state)
{
	(void)state;
	char words[NET_STATUS_SIZE];
	assert_string_equal(net_status(500, words), "HTTP status 500");
	assert_contains(net_status(451, words), "HTTP status 451: the exchange seems to refuse this region");
	assert_contains(net_status(403, words), "--rest-url EXCHANGE=URL take another address");
}

#define TRY(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TRY(only_who_fills_its_share_is_throttled_and_peers_hear_of_it_once),
		TRY(a_peer_may_go_while_all_are_woken),
		TRY(the_loop_ends_when_another_thread_says_so),
		TRY(a_status_that_refuses_the_region_says_what_to_do),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
