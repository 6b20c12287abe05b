#include "recorder/gaps/coverage.h"

#include "recorder/clock.h"
#include "recorder/tape/gap_queue.h"
#include "schema/base/timefmt.h"
#include "support.h"

#include <string.h>

/* Two markets on one connection, and a queue from which the claims are read. */
static struct queue queue;
static struct net net;
static const struct config config = { .address_count = 0, .backfill_since_us = INT64_MAX };
static const struct market_plan plan = { .market_count = 0 };
static const struct resume resume = { .count = 0 };
static struct gaps gaps;
static struct gap_queue gap_queue;
static struct market_set trades;
static int64_t live_mono_us_of[2];
static struct coverage coverage;
static struct exchange_clock exchange_clock;

/* What the recorder thread would be told now. */
static size_t claims(struct item items[static 8])
{
	bool ended;
	return queue_pop(&queue, items, 1, 8, clock_mono_us(), &ended);
}

static int begin(void **state)
{
	(void)state;
	static const char *keys[] = { "A", "B" };
	static uint32_t markets[] = { 0, 1 };
	net = (struct net){ .queue = &queue };
	trades = (struct market_set){ .keys = keys, .markets = markets, .count = 2 };
	live_mono_us_of[0] = live_mono_us_of[1] = 0;
	exchange_clock = (struct exchange_clock){ .wall_ahead_us = clock_wall_us() - clock_mono_us() };
	for (int i = 0; i < 3; i++) /* the exchange's clock is ours */
		exchange_clock_sample(&exchange_clock, clock_wall_us() + i * US_PER_SECOND / 10, clock_mono_us() + i * US_PER_SECOND / 10);
	coverage = (struct coverage){ .gaps = &gaps, .trades = &trades, .live_mono_us_of = live_mono_us_of, .time = &exchange_clock };
	coverage_begin(&coverage, clock_mono_us());
	if (!queue_init(&queue, 100))
		return -1;
	gap_queue_init(&gap_queue, &gaps, &net, &plan, &config, &resume);
	gaps_add_exchange(&gaps, exchange_find("upbit"));
	for (uint32_t market = 0; market < 2; market++)
		gaps_add_market(&gaps, market, exchange_find("upbit"), NULL, clock_mono_us());
	struct item items[8];
	claims(items); /* that they are recorded from now on */
	return 0;
}

static int end(void **state)
{
	(void)state;
	gaps_release(&gaps);
	queue_release(&queue);
	return 0;
}

/* From the start on the tape knows that the market is being recorded; nothing is claimed yet. */
static void start(int64_t mono_us)
{
	struct item items[8];
	for (uint32_t market = 0; market < 2; market++) {
		live_mono_us_of[market] = mono_us;
		coverage_start(&coverage, market, mono_us);
	}
	assert_int_equal(claims(items), 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(items[i].mark.from_us, gaps.states[i].covered_from_us);
		assert_int_equal(items[i].mark.to_us, items[i].mark.from_us);
	}
}

static void nothing_is_claimed_before_the_subscription_was_proved(void **state)
{
	(void)state;
	struct item items[8];
	coverage_prove_trade(&coverage, clock_wall_us() + US_PER_SECOND, clock_mono_us());
	coverage_push(&coverage);
	assert_int_equal(claims(items), 0);
}

static void each_market_is_claimed_up_to_what_was_proved_and_once(void **state)
{
	(void)state;
	struct item items[8];
	start(clock_mono_us());
	int64_t to_us = gaps.states[0].covered_from_us += -9 * US_PER_SECOND;
	gaps.states[1].covered_from_us = to_us;
	to_us += US_PER_SECOND;
	coverage_prove_trade(&coverage, to_us, clock_mono_us());
	coverage_prove_trade(&coverage, to_us - 500000, clock_mono_us()); /* older news takes nothing back */
	coverage_push(&coverage);
	coverage_push(&coverage);
	assert_int_equal(claims(items), 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(items[i].kind, ITEM_COVERAGE);
		assert_int_equal(items[i].market, i);
		assert_int_equal(items[i].mark.from_us, gaps.states[i].covered_from_us);
		assert_int_equal(items[i].mark.to_us, to_us);
	}
}

static void a_market_that_the_connection_is_not_subscribed_to_is_not_claimed(void **state)
{
	(void)state;
	struct item items[8];
	int64_t mono_us = clock_mono_us();
	live_mono_us_of[1] = mono_us;
	coverage_start(&coverage, 1, mono_us);
	assert_int_equal(claims(items), 1);
	coverage_prove_trade(&coverage, gaps.states[1].covered_from_us + US_PER_SECOND, mono_us + 9 * US_PER_SECOND);
	coverage_push(&coverage);
	assert_int_equal(claims(items), 1);
	assert_int_equal(items[0].market, 1);
}

static void a_trade_from_the_future_proves_no_more_than_the_exchanges_clock(void **state)
{
	(void)state;
	struct item items[8];
	start(clock_mono_us());
	int64_t now_us = clock_wall_us();
	coverage_prove_trade(&coverage, now_us + US_PER_DAY, clock_mono_us() + 5 * US_PER_SECOND);
	coverage_push(&coverage);
	assert_int_equal(claims(items), 2);
	assert_true(items[0].mark.to_us >= now_us + 5 * US_PER_SECOND);
	assert_true(items[0].mark.to_us <= now_us + 9 * US_PER_SECOND);
}

static void what_was_claimed_stands_and_a_new_connection_claims_anew(void **state)
{
	(void)state;
	struct item items[8];
	start(clock_mono_us());
	int64_t to_us = gaps.states[0].covered_from_us + US_PER_SECOND;
	coverage_prove_trade(&coverage, to_us, clock_mono_us() + 9 * US_PER_SECOND);
	coverage_push(&coverage);
	assert_int_equal(claims(items), 2);
	coverage_end(&coverage, 0);
	coverage_end(&coverage, 1);
	coverage_begin(&coverage, clock_mono_us());
	assert_int_equal(items[0].mark.to_us, to_us);
	assert_int_equal(gaps.states[0].covered_from_us, 0);
	start(clock_mono_us() + 20 * US_PER_SECOND);
	coverage_push(&coverage);
	assert_int_equal(claims(items), 0);
	assert_true(gaps.states[0].covered_from_us > to_us);
}

static void a_sleep_does_not_move_what_a_pong_had_proved(void **state)
{
	(void)state;
	int64_t mono_us = clock_mono_us();
	coverage_prove_ping(&coverage, mono_us, mono_us);
	int64_t before_us = coverage_to_us(&coverage);
	coverage_slept(&coverage, 3600 * US_PER_SECOND);
	exchange_clock = (struct exchange_clock){ .wall_ahead_us = clock_wall_us() - clock_mono_us() }; /* and the wall clock went on */
	assert_int_equal(coverage_to_us(&coverage), before_us);
	/* where only the wall clock was known, it has gone on already */
	coverage_begin(&coverage, mono_us);
	coverage_prove_ping(&coverage, mono_us, mono_us);
	before_us = coverage_to_us(&coverage);
	coverage_slept(&coverage, 3600 * US_PER_SECOND);
	assert_true(coverage_to_us(&coverage) <= before_us - 3599 * US_PER_SECOND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_claimed_before_the_subscription_was_proved, begin, end),
		cmocka_unit_test_setup_teardown(each_market_is_claimed_up_to_what_was_proved_and_once, begin, end),
		cmocka_unit_test_setup_teardown(a_market_that_the_connection_is_not_subscribed_to_is_not_claimed, begin, end),
		cmocka_unit_test_setup_teardown(a_trade_from_the_future_proves_no_more_than_the_exchanges_clock, begin, end),
		cmocka_unit_test_setup_teardown(what_was_claimed_stands_and_a_new_connection_claims_anew, begin, end),
		cmocka_unit_test_setup_teardown(a_sleep_does_not_move_what_a_pong_had_proved, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
