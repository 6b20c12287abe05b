/* Markets that join while the queue is full. */
#include "recorder/markets/new_listings.h"

#include "recorder/clock.h"
#include "recorder/tape/gap_queue.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

static struct queue queue;
static struct net net;
static struct config config;
static struct market_list list;
static struct market_plan plan;
static struct resume resume;
static struct gaps gaps;
static struct gap_queue gap_queue;
static struct counters counters;
static struct feeds feeds;

static int begin(void **state)
{
	static char *wanted[] = { "upbit:KRW-*" };
	static const struct listed_market rows[] = { { "KRW-A", "A", "KRW" }, { "KRW-B", "B", "KRW" }, { "KRW-C", "C", "KRW" },
		                                     { "KRW-D", "D", "KRW" }, { "KRW-E", "E", "KRW" } };
	(void)state;
	struct err err = { "" };
	config = (struct config){ .wanted = wanted, .wanted_count = 1, .address_count = 1, .backfill_since_us = INT64_MAX };
	config.addresses[0].exchange = exchange_find("upbit");
	snprintf(config.addresses[0].ws.host, sizeof config.addresses[0].ws.host, "localhost");
	list = (struct market_list){ .had = true };
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		market_list_add(&list, &rows[i]);
	if (!queue_init(&queue, 10) || !net_init(&net, NULL, &queue, &err) || !market_plan_make(&plan, &config, &list, &err))
		fail_msg("%s", err.text);
	resume = (struct resume){ .count = 0 };
	gap_queue_init(&gap_queue, &gaps, &net, &plan, &config, &resume);
	feeds = (struct feeds){ .net = &net, .config = &config, .plan = &plan, .gaps = &gaps, .counters = &counters };
	return 0;
}

static int end(void **state)
{
	(void)state;
	feeds_finish(&feeds);
	net_release(&net);
	feeds_release(&feeds);
	gaps_release(&gaps);
	market_plan_release(&plan);
	market_list_release(&list);
	queue_release(&queue);
	return 0;
}

/* Counts what is in the queue of each kind, and empties it.  Nothing of a market may stand before its introduction. */
static void take(size_t *markets, size_t *starts)
{
	static struct item items[QUEUE_SPARE_ROWS + 100];
	static size_t introduced;
	bool ended;
	size_t count = queue_pop(&queue, items, 1, QUEUE_SPARE_ROWS + 100, clock_mono_us(), &ended);
	*markets = *starts = 0;
	for (size_t i = 0; i < count; i++) {
		*markets += items[i].kind == ITEM_MARKET;
		*starts += items[i].kind == ITEM_COVERAGE;
		if (items[i].kind == ITEM_MARKET)
			assert_int_equal(items[i].market, introduced++);
		else if (items[i].kind != ITEM_HEARTBEAT)
			assert_true(items[i].market < introduced);
	}
}

/* Those left over were recorded all the same, and the tape did not know whose their trades were. */
static void markets_that_find_no_place_in_the_queue_wait_and_nothing_of_them_is_recorded_before(void **state)
{
	(void)state;
	struct err err = { "" };
	struct item beat = { .kind = ITEM_HEARTBEAT }, of_the_last = { .kind = ITEM_TRADE, .market = 4 };
	size_t markets, starts;
	while (queue_count(&queue) < queue.capacity - 3)
		assert_int_not_equal(queue_push(&queue, &beat), QUEUE_OVERFLOWED);
	assert_false(feeds_grow(&feeds, &err));
	assert_contains(err.text, "raise --queue-rows");
	assert_null(plan.connections[0]->feed); /* nobody subscribes to them yet */
	take(&markets, &starts);
	assert_int_equal(markets, 3);
	assert_int_equal(starts, 0);
	assert_int_equal(queue_push(&queue, &of_the_last), QUEUE_OVERFLOWED);
	feeds_go_on(&feeds);
	gaps_flush(&gaps, clock_mono_us());
	assert_non_null(plan.connections[0]->feed);
	take(&markets, &starts);
	assert_int_equal(markets, 2);
	assert_int_equal(starts, 5); /* that they are recorded from now on is said late, and said */
	assert_int_not_equal(queue_push(&queue, &of_the_last), QUEUE_OVERFLOWED);
	feeds_go_on(&feeds); /* once is enough */
	gaps_flush(&gaps, clock_mono_us());
	take(&markets, &starts);
	assert_int_equal(markets + starts, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(markets_that_find_no_place_in_the_queue_wait_and_nothing_of_them_is_recorded_before, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
