#include "query/screen/watch.h"

#include "support.h"

#include <string.h>

#define NOW INT64_C(1795348800000000)

static struct board_market markets[5];
static struct board board;
static struct watch w;

static void market(size_t i, const char *name, const char *pair, const char *price, int64_t age_us)
{
	markets[i] = (struct board_market){ .traded = price != NULL, .last_us = NOW - age_us };
	strcpy(markets[i].market.name, name);
	strcpy(markets[i].market.pair, pair);
	if (price)
		markets[i].price = dec(price);
}

static int begin(void **state)
{
	(void)state;
	market(0, "a:BTC", "a:BTC/KRW", "100", 5);
	market(1, "a:DOGE", "a:DOGE/KRW", NULL, 0);
	market(2, "a:ETH", "", "20", 1);
	market(3, "b:BTC", "b:XBT/USDT", "300.5", 9);
	market(4, "b:ETH", "", "20", 1);
	board = (struct board){ .markets = markets, .count = 5 };
	w = (struct watch){ .page = 3 };
	return watch_arrange(&w, &board, NOW) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	watch_release(&w);
	return 0;
}

static void press(uint32_t key)
{
	watch_press(&w, key);
	assert_true(watch_arrange(&w, &board, NOW));
}

/* The order as digits of places, as "01234". */
static const char *order(void)
{
	static char text[8];
	for (size_t i = 0; i < w.count; i++)
		text[i] = (char)('0' + w.order[i]);
	text[w.count] = '\0';
	return text;
}

static void columns_sort_the_largest_first_and_the_unknown_last(void **state)
{
	(void)state;
	assert_string_equal(order(), "01234");
	press('1');
	assert_string_equal(order(), "43210");
	press('2');
	assert_string_equal(order(), "30241");
	press('2');
	assert_string_equal(order(), "24031");
	press('6');
	assert_string_equal(order(), "24031");
	press('r');
	assert_string_equal(order(), "30241");
	press('<');
	assert_int_equal(w.sort, SORT_RATE);
	press('>');
	press('>');
	assert_int_equal(w.sort, SORT_MARKET);
	assert_string_equal(order(), "01234");
}

static void a_filter_is_a_part_of_the_name_or_of_the_assets(void **state)
{
	(void)state;
	press('/');
	press('b');
	press('T');
	press('c');
	assert_string_equal(order(), "03");
	press(PRESS_BACKSPACE);
	press(PRESS_BACKSPACE);
	press(PRESS_BACKSPACE);
	assert_string_equal(order(), "01234");
	for (const char *c = "xbt/"; *c; c++)
		press((uint32_t)*c);
	press(PRESS_ENTER);
	assert_false(w.typing);
	assert_string_equal(order(), "3");
	press(PRESS_ESCAPE);
	assert_string_equal(order(), "01234");
	press('/');
	press('q'); /* a letter like any other */
	assert_false(w.quit);
	assert_string_equal(order(), "");
	press(PRESS_ENTER);
	press(PRESS_ENTER); /* nothing to show in large */
	assert_false(w.large);
	press(PRESS_ESCAPE);
}

static void typed_text_has_an_end_and_whole_characters(void **state)
{
	(void)state;
	press('/');
	for (int i = 0; i < 100; i++)
		press(0x6BD4);
	assert_true(strlen(w.filter) < sizeof w.filter && strlen(w.filter) % 3 == 0);
	press(PRESS_BACKSPACE);
	assert_true(strlen(w.filter) % 3 == 0);
	press(PRESS_ESCAPE);
	assert_string_equal(w.filter, "");
}

static void the_chosen_market_stays_chosen_however_they_are_sorted(void **state)
{
	(void)state;
	press('2');
	assert_string_equal(watch_chosen(&w, &board)->market.name, "b:BTC"); /* not moved yet: the first */
	press('1');
	press(PRESS_DOWN);
	press(PRESS_DOWN);
	assert_string_equal(watch_chosen(&w, &board)->market.name, "a:ETH");
	press('2');
	assert_string_equal(watch_chosen(&w, &board)->market.name, "a:ETH");
	assert_int_equal(w.at, 2);
	press(PRESS_ENTER);
	assert_true(w.large);
	press(PRESS_UP); /* the one above, in large */
	assert_string_equal(watch_chosen(&w, &board)->market.name, "a:BTC");
	press('5');
	assert_int_equal(w.interval, 1);
	press('h');
	assert_int_equal(w.interval, 2);
	press('1');
	assert_int_equal(w.interval, 0);
	press(PRESS_ESCAPE);
	assert_false(w.large);
}

static void the_page_follows_the_chosen_one(void **state)
{
	(void)state;
	press(PRESS_END);
	assert_int_equal(w.at, 4);
	assert_int_equal(w.top, 2);
	press(PRESS_DOWN);
	assert_int_equal(w.at, 4);
	press(PRESS_PAGE_UP);
	assert_int_equal(w.at, 2);
	press(PRESS_HOME);
	assert_int_equal(w.at, 0);
	assert_int_equal(w.top, 0);
	press(PRESS_UP);
	assert_int_equal(w.at, 0);
	press(PRESS_PAGE_DOWN);
	press(PRESS_PAGE_DOWN);
	assert_int_equal(w.at, 4);
}

static void help_goes_with_any_key_and_does_nothing_else(void **state)
{
	(void)state;
	press('?');
	assert_true(w.help);
	press('q');
	assert_false(w.help);
	assert_false(w.quit);
	press('q');
	assert_true(w.quit);
}

static void markets_that_vanish_leave_no_place_behind(void **state)
{
	(void)state;
	press(PRESS_END);
	press(PRESS_ENTER);
	board.count = 1;
	assert_true(watch_arrange(&w, &board, NOW));
	assert_int_equal(w.at, 0);
	board.count = 0;
	assert_true(watch_arrange(&w, &board, NOW));
	assert_null(watch_chosen(&w, &board));
	press(PRESS_DOWN);
	press(PRESS_PAGE_UP);
	assert_null(watch_chosen(&w, &board));
}

static void ages_are_short(void **state)
{
	(void)state;
	char text[AGE_TEXT_SIZE];
	assert_string_equal(age_text(-5, text), "0s");
	assert_string_equal(age_text(99999999, text), "99s");
	assert_string_equal(age_text(100000000, text), "1m40s");
	assert_string_equal(age_text(INT64_C(6000000000), text), "1h40m");
	assert_string_equal(age_text(INT64_C(172800000000), text), "2d");
	char percent[16];
	assert_string_equal(percent_text(-0.125, percent), "-0.12%");
	assert_string_equal(percent_text(12345, percent), "+12345%");
	assert_string_equal(percent_text(1e300, percent), ">99999%");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(columns_sort_the_largest_first_and_the_unknown_last, begin, end),
		cmocka_unit_test_setup_teardown(a_filter_is_a_part_of_the_name_or_of_the_assets, begin, end),
		cmocka_unit_test_setup_teardown(typed_text_has_an_end_and_whole_characters, begin, end),
		cmocka_unit_test_setup_teardown(the_chosen_market_stays_chosen_however_they_are_sorted, begin, end),
		cmocka_unit_test_setup_teardown(the_page_follows_the_chosen_one, begin, end),
		cmocka_unit_test_setup_teardown(help_goes_with_any_key_and_does_nothing_else, begin, end),
		cmocka_unit_test_setup_teardown(markets_that_vanish_leave_no_place_behind, begin, end),
		cmocka_unit_test(ages_are_short),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
