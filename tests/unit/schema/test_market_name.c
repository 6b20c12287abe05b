#include "schema/base/market_name.h"

#include "support.h"

#include <string.h>

static const char *const listed[] = { "KRW-BTC", "KRW-ETH", "KRW-XRP", "KRW-SOL", "BTC-ETH", "USDT-BTC", "KRW-BTT", "KRW-1INCH" };
#define LISTED (sizeof listed / sizeof *listed)

static void nearest_is(const char *wrong, const char *first)
{
	size_t best[5] = { 99 };
	size_t found = nearest_names(wrong, listed, LISTED, best, 5);
	if (found == 0)
		fail_msg("nothing is near %s", wrong);
	assert_true(found <= 5);
	assert_string_equal(listed[best[0]], first);
	for (size_t i = 0; i < found; i++)
		for (size_t k = 0; k < i; k++)
			assert_true(best[i] != best[k]);
}

static void swapped_halves_are_found_first(void **state)
{
	(void)state;
	nearest_is("BTC-KRW", "KRW-BTC");
	nearest_is("BTC_KRW", "KRW-BTC");
	nearest_is("btc/krw", "KRW-BTC");
	nearest_is("1INCH-KRW", "KRW-1INCH");
}

static void slips_are_found_whatever_the_case(void **state)
{
	(void)state;
	nearest_is("krw-btc", "KRW-BTC");
	nearest_is("KRW-BTV", "KRW-BTC");
	nearest_is("KRWBTC", "KRW-BTC");
	nearest_is("KRW-TBC", "KRW-BTC");
	nearest_is("KWR-XRP", "KRW-XRP");
	nearest_is("KRW_SOL", "KRW-SOL");
}

static void one_that_differs_in_case_alone_is_the_only_one(void **state)
{
	(void)state;
	size_t best[5];
	assert_int_equal(nearest_names("krw-btc", listed, LISTED, best, 5), 1);
	assert_int_equal(best[0], 0);
	static const char *const cases[] = { "AB", "aB", "AC" };
	assert_int_equal(nearest_names("ab", cases, 3, best, 5), 2);
}

static void halves_are_recognised_without_a_separator_or_with_another(void **state)
{
	(void)state;
	nearest_is("BTCKRW", "KRW-BTC");
	nearest_is("btckrw", "KRW-BTC");
	nearest_is("krwbtc", "KRW-BTC");
	nearest_is("KRW_BTC", "KRW-BTC");
	nearest_is("KRW/BTC", "KRW-BTC");
	nearest_is("1INCHKRW", "KRW-1INCH");
	nearest_is("BTC_USDT", "USDT-BTC");
	static const char *const joined[] = { "ETHUSDT", "BNBBTC", "BTCUSDT", "upbit:KRW-BTC" };
	static const char *const wrong[] = { "USDTBTC", "BTC-USDT", "USDT-BTC", "usdt_btc", "BTC/USDT" };
	size_t best[3];
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_true(nearest_names(wrong[i], joined, 4, best, 3) >= 1);
		assert_int_equal(best[0], 2);
	}
	assert_true(nearest_names("upbit:BTCKRW", joined, 4, best, 3) >= 1);
	assert_int_equal(best[0], 3);
}

static void likeliest_are(const char *wrong, const char *const *names, const char *const *bases, size_t count, size_t a, size_t b)
{
	size_t best[2] = { 99, 99 };
	assert_int_equal(likeliest_names(wrong, names, bases, count, best, 2), 2);
	if (best[0] != a || best[1] != b)
		fail_msg("for %s: %s, %s", wrong, names[best[0]], names[best[1]]);
}

static void where_nothing_is_near_the_base_tells_what_may_be_meant(void **state)
{
	(void)state;
	static const char *const bases[] = { "BTC", "ETH", "XRP", "SOL", "ETH", "BTC", "BTT", "1INCH" };
	likeliest_are("BTC", listed, bases, LISTED, 0, 5);
	likeliest_are("btc", listed, bases, LISTED, 0, 5);
	likeliest_are("BTC-JPY", listed, bases, LISTED, 0, 5);
	likeliest_are("ETHJPYX", listed, bases, LISTED, 1, 4);
	likeliest_are("EURETH", listed, bases, LISTED, 1, 4);
	likeliest_are("BTCKRW", listed, bases, LISTED, 0, 5);
	static const char *const pairs[] = { "BNBETH", "BCHUSDT", "ETHBTC", "BTCUSDT", "BTCEUR" }, *const of[] = { "BNB", "BCH", "ETH", "BTC", "BTC" };
	likeliest_are("KRW-BTC", pairs, of, 5, 3, 4);
	likeliest_are("BTC_KRW", pairs, of, 5, 3, 4);
}

static void some_are_always_likeliest(void **state)
{
	(void)state;
	static const char *const none[LISTED] = { "", "", "", "", "", "", "", "" };
	size_t best[5];
	assert_int_equal(likeliest_names("zzzzzzzzzzzzzzzzzzzzzzzzzzz", listed, none, LISTED, best, 5), 5);
	assert_int_equal(likeliest_names("", listed, none, LISTED, best, 5), 5);
	assert_int_equal(likeliest_names("-", listed, none, 1, best, 5), 1);
	assert_int_equal(likeliest_names("BTC", listed, none, 0, best, 5), 0);
	char wrong[4000];
	memset(wrong, 'B', sizeof wrong - 1);
	wrong[sizeof wrong - 1] = '\0';
	assert_int_equal(likeliest_names(wrong, listed, none, LISTED, best, 5), 5);
}

static void whole_names_with_the_exchange_work_too(void **state)
{
	(void)state;
	static const char *const names[] = { "upbit:KRW-ETH", "upbit:KRW-BTC", "bithumb:KRW-BTC" };
	size_t best[3];
	assert_true(nearest_names("upbit:BTC-KRW", names, 3, best, 3) >= 1);
	assert_int_equal(best[0], 1);
	assert_true(nearest_names("upbt:KRW-BTC", names, 3, best, 3) >= 1);
	assert_int_equal(best[0], 1);
}

static void another_name_is_no_slip(void **state)
{
	(void)state;
	size_t best[5];
	assert_int_equal(nearest_names("SOMETHINGELSE", listed, LISTED, best, 5), 0);
	assert_int_equal(nearest_names("KRW-BTC", listed, 0, best, 5), 0);
	assert_int_equal(nearest_names("KRW-BTC", listed, LISTED, best, 0), 0);
	assert_int_equal(nearest_names("KRW-BTC", listed, LISTED, best, 1), 1);
	assert_int_equal(best[0], 0);
}

static void the_nearest_come_in_order_when_more_are_near_than_wanted(void **state)
{
	(void)state;
	static const char *const names[] = { "AAAX", "AAXX", "AAAA", "AAXY", "AABA", "XAAA", "BAAA" };
	size_t best[3];
	assert_int_equal(nearest_names("AAAA", names, 7, best, 3), 3);
	assert_int_equal(best[0], 2);
	assert_int_equal(best[1], 0);
	assert_int_equal(best[2], 4);
}

static void very_long_names_are_compared_without_harm(void **state)
{
	(void)state;
	char wrong[4000], long_name[200];
	memset(wrong, '-', sizeof wrong - 1);
	wrong[sizeof wrong - 1] = '\0';
	memset(long_name, 'A', sizeof long_name - 1);
	long_name[sizeof long_name - 1] = '\0';
	const char *names[] = { long_name, "KRW-BTC", "" };
	size_t best[3];
	nearest_names(wrong, names, 3, best, 3);
	assert_int_equal(nearest_names("", names, 3, best, 3), 1); /* the empty one */
	wrong[MARKET_NAME_SIZE] = '\0';
	nearest_names(wrong, names, 3, best, 3);
	wrong[MARKET_NAME_SIZE - 1] = '\0';
	nearest_names(wrong, names, 3, best, 3);
}

static bool splits(const char *name, const char *exchange, const char *symbol)
{
	char e[EXCHANGE_NAME_SIZE], s[SYMBOL_SIZE];
	return market_name_split(name, e, s) && strcmp(e, exchange) == 0 && strcmp(s, symbol) == 0;
}

static void a_name_is_split_at_the_first_colon(void **state)
{
	(void)state;
	assert_true(splits("upbit:KRW-BTC", "upbit", "KRW-BTC"));
	assert_true(splits("bithumb-legacy:BTC_KRW", "bithumb-legacy", "BTC_KRW"));
	assert_true(splits("upbit:KRW-*", "upbit", "KRW-*"));
	assert_true(splits("a:b:c", "a", "b:c"));
	assert_true(splits("12345678901234567890123:x", "12345678901234567890123", "x"));
	char symbol[SYMBOL_SIZE + 3];
	memset(symbol, 'S', sizeof symbol);
	memcpy(symbol, "e:", 2);
	symbol[SYMBOL_SIZE + 1] = '\0'; /* 63 */
	assert_true(splits(symbol, "e", symbol + 2));
}

static void what_is_no_name_is_refused(void **state)
{
	(void)state;
	static const char *const names[] = { "", "upbit", ":", "upbit:", ":KRW-BTC", "upbit:KRW BTC", "upbit :KRW-BTC", "upbit:KRW-BTC\n",
		                             "upbit:\x01", "upbit:\x7f", "123456789012345678901234:x",
		                             "e:1234567890123456789012345678901234567890123456789012345678901234" };
	char e[EXCHANGE_NAME_SIZE], s[SYMBOL_SIZE];
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (market_name_split(names[i], e, s))
			fail_msg("'%s' was taken", names[i]);
}

static void patterns_are_told_from_names(void **state)
{
	(void)state;
	assert_true(is_pattern("KRW-*"));
	assert_true(is_pattern("KRW-?TC"));
	assert_true(is_pattern("KRW-[AB]*"));
	assert_false(is_pattern("KRW-BTC"));
	assert_false(is_pattern(""));
}

static void a_question_mark_is_one_character_of_a_wide_name(void **state)
{
	(void)state;
	assert_true(pattern_fits("????USDT", "\u5E01\u5B89\u4EBA\u751FUSDT"));
	assert_true(pattern_fits("\u5E01?\u4EBA?USDT", "\u5E01\u5B89\u4EBA\u751FUSDT"));
	assert_false(pattern_fits("????????????USDT", "\u5E01\u5B89\u4EBA\u751FUSDT")); /* as many as it has bytes */
	assert_false(pattern_fits("???USDT", "\u5E01\u5B89\u4EBA\u751FUSDT"));
	assert_true(pattern_fits("[\u5E01x]*", "\u5E01\u5B89\u4EBA\u751FUSDT"));
	assert_false(pattern_fits("[!\u5E01]*", "\u5E01\u5B89\u4EBA\u751FUSDT"));
	assert_true(pattern_fits("[\uAC00-\uD7A3]*", "\uBE44\uD2B8KRW"));
	assert_false(pattern_fits("[\uAC00-\uBE00]*", "\uBE44\uD2B8KRW"));
	assert_true(pattern_fits("KRW-?TC", "KRW-BTC"));
	assert_true(pattern_fits("*:BTC/*", "upbit:BTC/KRW"));
	assert_true(pattern_fits("K*\xff", "KRW\xff")); /* what is no UTF-8 is bytes */
	assert_false(pattern_fits("K?\xff", "KRW\xff"));
	assert_true(pattern_fits("KRW?", "KRW\xff"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(swapped_halves_are_found_first),
		cmocka_unit_test(slips_are_found_whatever_the_case),
		cmocka_unit_test(one_that_differs_in_case_alone_is_the_only_one),
		cmocka_unit_test(halves_are_recognised_without_a_separator_or_with_another),
		cmocka_unit_test(where_nothing_is_near_the_base_tells_what_may_be_meant),
		cmocka_unit_test(some_are_always_likeliest),
		cmocka_unit_test(whole_names_with_the_exchange_work_too),
		cmocka_unit_test(another_name_is_no_slip),
		cmocka_unit_test(the_nearest_come_in_order_when_more_are_near_than_wanted),
		cmocka_unit_test(very_long_names_are_compared_without_harm),
		cmocka_unit_test(a_name_is_split_at_the_first_colon),
		cmocka_unit_test(what_is_no_name_is_refused),
		cmocka_unit_test(patterns_are_told_from_names),
		cmocka_unit_test(a_question_mark_is_one_character_of_a_wide_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
