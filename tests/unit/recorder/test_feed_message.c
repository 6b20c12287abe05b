/* A message for which there is no memory. */
#include "recorder/feeds/feed_message.h"

#include "recorder/clock.h"
#include "recorder/tape/gap_queue.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *__real_realloc(void *block, size_t size);
void *__wrap_realloc(void *block, size_t size);
static bool no_memory;

void *__wrap_realloc(void *block, size_t size)
{
	return no_memory ? NULL : __real_realloc(block, size);
}

static void take_without_memory(void *arg)
{
	static const char text[] = "{\"ty\":\"trade\"}";
	no_memory = true;
	assert_int_equal(feed_message_take(arg, text, strlen(text), true, true, 0), MESSAGE_WHOLE);
	no_memory = false;
}

/* It was called longer than 1 MiB. */
static void on_missed(void *arg, uint32_t market, enum gap_reason reason)
{
	(void)market; /* who knows which */
	gaps_missed(arg, 0, reason, clock_mono_us());
}

static void a_message_that_finds_no_memory_is_told_as_such_and_leaves_a_gap(void **state)
{
	(void)state;
	static const char *keys[] = { "KRW-BTC" };
	static uint32_t numbers[] = { 0 };
	static struct market market = { .symbol = "KRW-BTC", .name = "upbit:KRW-BTC" };
	static struct market *markets[] = { &market };
	struct queue queue;
	struct net net = { .queue = &queue };
	struct config config = { .address_count = 1, .backfill_since_us = INT64_MAX };
	struct market_heard of_it = { .told_ahead = false };
	struct market_plan plan = { .markets = markets, .heard = &of_it, .market_count = 1 };
	struct resume resume = { .count = 0 };
	struct counters counters = { .bad = 0 };
	struct gaps gaps;
	struct gap_queue gap_queue;
	struct feed_message message;
	config.addresses[0].exchange = market.exchange = exchange_find("upbit");
	struct subscription wanted = { .trades = { keys, numbers, 1 } };
	assert_true(queue_init(&queue, 100));
	gap_queue_init(&gap_queue, &gaps, &net, &plan, &config, &resume);
	gaps_add_market(&gaps, 0, market.exchange, NULL, clock_mono_us());
	struct carrier carrier;
	carrier_init(&carrier, &gaps, market.exchange);
	assert_true(carrier_join(&carrier, &wanted.trades, 1, clock_mono_us()));
	feed_message_init(&message, &plan, &config.addresses[0], &net, &carrier, &counters);
	message.wanted = &wanted;
	message.events = (struct message_events){ .missed = on_missed, .arg = &gaps };
	feed_message_begin(&message, 1);
	carrier_live(&carrier, 0, clock_mono_us());
	char *log = captured(STDERR_FILENO, take_without_memory, &message);
	assert_contains(log, "bad-message exchange=upbit reason=\"out of memory\"");
	free(log);
	assert_int_equal(counters.bad, 1);
	assert_non_null(gaps.open[0]);
	assert_int_equal(gaps.open[0]->mark.reason, GAP_UNPARSEABLE);
	feed_message_release(&message);
	carrier_release(&carrier);
	gaps_release(&gaps);
	queue_release(&queue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_that_finds_no_memory_is_told_as_such_and_leaves_a_gap),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
