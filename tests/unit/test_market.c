#include "recorder/market.h"

#include "support.h"

#include <string.h>

static struct config config;
static struct market_list list;
static struct market_plan plan;
static struct err err;

static bool plans(char *const *wanted, size_t count)
{
	market_plan_release(&plan);
	config.wanted = wanted;
	config.wanted_count = count;
	config.address_count = 1;
	config.addresses[0].exchange = exchange_find("upbit");
	err.text[0] = '\0';
	return market_plan_make(&plan, &config, &list, &err);
}

static int setup(void **state)
{
	static const struct listed_market rows[] = { { "KRW-BTC", "BTC", "KRW" }, { "BTC-ETH", "ETH", "BTC" }, { "KRW-ETH", "ETH", "KRW" },
		                                     { "KRW-XRP", "XRP", "KRW" }, { "USDT-BTC", "BTC", "USDT" } };
	(void)state;
	list = (struct market_list){ .had = true };
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		market_list_add(&list, &rows[i]);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	market_plan_release(&plan);
	market_list_release(&list);
	memset(&plan, 0, sizeof plan);
	return 0;
}

static void named_markets_come_with_base_and_quote(void **state)
{
	(void)state;
	char *const wanted[] = { "upbit:KRW-XRP", "upbit:KRW-BTC" };
	assert_true(plans(wanted, 2));
	assert_int_equal(plan.market_count, 2);
	assert_string_equal(plan.markets[0].name, "upbit:KRW-XRP");
	assert_string_equal(plan.markets[1].base, "BTC");
	assert_string_equal(plan.markets[1].quote, "KRW");
	assert_int_equal(plan.feed_count, 1);
	/* sorted, as market_set_find needs it */
	const struct market_set *set = &plan.feeds[0].set;
	assert_int_equal(set->count, 2);
	assert_string_equal(set->symbols[0], "KRW-BTC");
	assert_int_equal(set->markets[0], 1);
	uint32_t market;
	assert_true(market_set_find(set, "KRW-XRP", &market));
	assert_int_equal(market, 0);
}

static void a_pattern_stands_for_all_that_match(void **state)
{
	(void)state;
	char *const krw[] = { "upbit:KRW-*" }, *const some[] = { "upbit:?*?-ETH" }, *const set[] = { "upbit:[BU]*" }, *const all[] = { "upbit:*" };
	assert_true(plans(krw, 1));
	assert_int_equal(plan.market_count, 3);
	assert_true(plans(some, 1));
	assert_int_equal(plan.market_count, 2);
	assert_true(plans(set, 1));
	assert_int_equal(plan.market_count, 2);
	assert_true(plans(all, 1));
	assert_int_equal(plan.market_count, 5);
}

static void a_market_named_twice_is_recorded_once(void **state)
{
	(void)state;
	char *const wanted[] = { "upbit:KRW-BTC", "upbit:KRW-*", "upbit:KRW-BTC", "upbit:*-BTC" };
	assert_true(plans(wanted, 4));
	assert_int_equal(plan.market_count, 4);
	assert_int_equal(plan.feeds[0].set.count, 4);
	for (size_t i = 1; i < 4; i++)
		assert_true(strcmp(plan.feeds[0].set.symbols[i - 1], plan.feeds[0].set.symbols[i]) < 0);
}

static void a_market_that_is_not_listed_is_refused_with_the_nearest(void **state)
{
	(void)state;
	char *const swapped[] = { "upbit:BTC-KRW" }, *const lower[] = { "upbit:KRW-ETH", "upbit:krw-xrp" }, *const far[] = { "upbit:NOTHING-LIKE-IT" };
	assert_false(plans(swapped, 1));
	assert_contains(err.text, "upbit:BTC-KRW is not among the 5");
	assert_contains(err.text, "nearest: upbit:KRW-BTC");
	assert_false(plans(lower, 2));
	assert_contains(err.text, "nearest: upbit:KRW-XRP");
	assert_false(plans(far, 1));
	assert_null(strstr(err.text, "nearest"));
}

static void a_pattern_that_fits_nothing_is_refused(void **state)
{
	(void)state;
	char *const wanted[] = { "upbit:EUR-*" };
	assert_false(plans(wanted, 1));
	assert_contains(err.text, "upbit:EUR-* fits none of the 5");
}

static void without_a_list_names_are_taken_and_patterns_are_not(void **state)
{
	(void)state;
	char *const names[] = { "upbit:ANY-THING", "upbit:KRW-BTC", "upbit:KRW-BTC" }, *const pattern[] = { "upbit:KRW-*" };
	list.had = false;
	snprintf(list.reason, sizeof list.reason, "connection refused");
	assert_true(plans(names, 3));
	assert_int_equal(plan.market_count, 2);
	assert_string_equal(plan.markets[0].name, "upbit:ANY-THING");
	assert_string_equal(plan.markets[0].base, "");
	assert_false(plans(pattern, 1));
	assert_contains(err.text, "connection refused");
}

static void a_list_may_be_long(void **state)
{
	(void)state;
	char *const all[] = { "upbit:KRW-A*" };
	for (int i = 0; i < 2000; i++) {
		char symbol[SYMBOL_SIZE];
		snprintf(symbol, sizeof symbol, "KRW-A%d", i);
		market_list_add(&list, &(struct listed_market){ .symbol = symbol, .base = symbol + 4, .quote = "KRW" });
	}
	assert_true(plans(all, 1));
	assert_int_equal(plan.market_count, 2000);
	uint32_t market;
	assert_true(market_set_find(&plan.feeds[0].set, "KRW-A1999", &market));
	assert_string_equal(plan.markets[market].symbol, "KRW-A1999");
}

#define planned(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		planned(named_markets_come_with_base_and_quote),
		planned(a_pattern_stands_for_all_that_match),
		planned(a_market_named_twice_is_recorded_once),
		planned(a_market_that_is_not_listed_is_refused_with_the_nearest),
		planned(a_pattern_that_fits_nothing_is_refused),
		planned(without_a_list_names_are_taken_and_patterns_are_not),
		planned(a_list_may_be_long),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
