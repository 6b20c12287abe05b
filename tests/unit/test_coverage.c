#include "recorder/coverage.h"

#include "recorder/clock.h"
#include "schema/timefmt.h"
#include "support.h"

#include <string.h>

/* Two markets on one connection, and a queue from which the claims are read. */
static struct queue queue;
static struct net net;
static struct market_state states[2];
static struct market_plan plan;
static struct connection_plan connection;
static struct coverage coverage;

static int begin(void **state)
{
	(void)state;
	static const char *keys[] = { "A", "B" };
	static uint32_t markets[] = { 0, 1 };
	memset(states, 0, sizeof states);
	net = (struct net){ .queue = &queue };
	plan = (struct market_plan){ .states = states, .market_count = 2 };
	connection = (struct connection_plan){ .wanted = { .trades = { .keys = keys, .markets = markets, .count = 2 } } };
	coverage = (struct coverage){ .net = &net, .plan = &plan, .connection = &connection };
	coverage_begin(&coverage, clock_mono_us());
	return queue_init(&queue, 100) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	queue_release(&queue);
	return 0;
}

/* What the recorder thread would be told now. */
static size_t claims(struct item items[static 8])
{
	bool ended;
	return queue_pop(&queue, items, 1, 8, clock_mono_us(), &ended);
}

static void nothing_is_claimed_before_the_subscription_was_proved(void **state)
{
	(void)state;
	struct item items[8];
	coverage_prove(&coverage, clock_wall_us() + US_PER_SECOND, clock_mono_us());
	coverage_push(&coverage);
	assert_int_equal(claims(items), 0);
}

static void each_market_is_claimed_up_to_what_was_proved_and_once(void **state)
{
	(void)state;
	struct item items[8];
	coverage_start(&coverage);
	int64_t to_us = clock_wall_us() + US_PER_SECOND;
	coverage_prove(&coverage, to_us, clock_mono_us());
	coverage_prove(&coverage, to_us - 500000, clock_mono_us()); /* older news takes nothing back */
	coverage_push(&coverage);
	coverage_push(&coverage);
	assert_int_equal(claims(items), 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(items[i].kind, ITEM_COVERAGE);
		assert_int_equal(items[i].market, i);
		assert_int_equal(items[i].mark.from_us, states[i].covered_from_us);
		assert_int_equal(items[i].mark.to_us, to_us);
		assert_false(items[i].mark.cut);
	}
}

static void a_break_keeps_the_old_claim_and_begins_a_new_one(void **state)
{
	(void)state;
	struct item items[8];
	coverage_start(&coverage);
	int64_t from_us = states[0].covered_from_us = states[1].covered_from_us -= 9 * US_PER_SECOND;
	int64_t to_us = from_us + US_PER_SECOND;
	coverage_prove(&coverage, to_us, clock_mono_us());
	coverage_break(&coverage);
	assert_int_equal(claims(items), 2); /* what was proved before it stands */
	assert_int_equal(items[0].mark.to_us, to_us);
	assert_true(states[0].covered_from_us > to_us);
	coverage_prove(&coverage, to_us + 1, clock_mono_us()); /* a trade from before the break */
	coverage_push(&coverage);
	assert_int_equal(claims(items), 0);
	coverage_prove(&coverage, clock_wall_us() + US_PER_SECOND, clock_mono_us());
	coverage_push(&coverage);
	assert_int_equal(claims(items), 2);
	assert_true(items[0].mark.from_us > to_us);
}

static void a_market_found_dead_is_cut_back_to_its_last_trade_alone(void **state)
{
	(void)state;
	struct item items[8];
	coverage_start(&coverage);
	int64_t from_us = states[1].covered_from_us;
	states[1].newest_us = from_us + 1000;
	coverage_prove(&coverage, from_us + US_PER_SECOND, clock_mono_us());
	coverage_cut(&coverage, &states[1].habit);
	assert_int_equal(claims(items), 3); /* both as proved, then the one taken back */
	assert_true(items[2].mark.cut);
	assert_int_equal(items[2].market, 1);
	assert_int_equal(items[2].mark.from_us, from_us);
	assert_int_equal(items[2].mark.to_us, from_us + 1000);
	coverage_prove(&coverage, from_us + 2 * US_PER_SECOND, clock_mono_us());
	coverage_push(&coverage);
	assert_int_equal(claims(items), 1);
	assert_int_equal(items[0].market, 0);
}

static void a_clock_that_was_set_breaks_coverage_and_one_that_drifts_does_not(void **state)
{
	(void)state;
	coverage_start(&coverage);
	assert_false(coverage_clock_stepped(&coverage, clock_mono_us()));
	coverage.clock_offset_us += US_PER_SECOND / 2; /* as if the clocks had drifted apart since */
	assert_false(coverage_clock_stepped(&coverage, clock_mono_us()));
	states[0].covered_from_us -= US_PER_DAY;
	int64_t before_us = states[0].covered_from_us;
	coverage.clock_offset_us -= 3600 * US_PER_SECOND; /* as if it had been set forward by an hour */
	assert_true(coverage_clock_stepped(&coverage, clock_mono_us()));
	assert_true(states[0].covered_from_us > before_us);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_claimed_before_the_subscription_was_proved, begin, end),
		cmocka_unit_test_setup_teardown(each_market_is_claimed_up_to_what_was_proved_and_once, begin, end),
		cmocka_unit_test_setup_teardown(a_break_keeps_the_old_claim_and_begins_a_new_one, begin, end),
		cmocka_unit_test_setup_teardown(a_market_found_dead_is_cut_back_to_its_last_trade_alone, begin, end),
		cmocka_unit_test_setup_teardown(a_clock_that_was_set_breaks_coverage_and_one_that_drifts_does_not, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
