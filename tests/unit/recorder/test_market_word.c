#include "recorder/markets/market_word.h"

#include "support.h"

#include <string.h>

static struct market_list list;

static int begin(void **state)
{
	static const struct listed_market rows[] = { { "KRW-BTC", "BTC", "KRW" }, { "KRW-ETH", "ETH", "KRW" }, { "BTC-ETH", "ETH", "BTC" },
		                                     { "USDT-BTC", "BTC", "USDT" } };
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		market_list_add(&list, &rows[i]);
	list.had = true;
	return 0;
}

static int end(void **state)
{
	(void)state;
	market_list_release(&list);
	return 0;
}

static void read_ok(struct word *word, const char *exchange, const char *text)
{
	struct err err = { "" };
	if (!market_word_read(word, text, exchange_find(exchange), &err))
		fail_msg("%s", err.text);
}

static void read_wrong(const char *exchange, const char *text, const char *words)
{
	struct err err = { "" };
	struct word word;
	assert_false(market_word_read(&word, text, exchange_find(exchange), &err));
	assert_contains(err.text, words);
}

static void a_symbol_alone_asks_for_trades(void **state)
{
	(void)state;
	struct word word;
	read_ok(&word, "upbit", "upbit:KRW-BTC");
	assert_string_equal(word.symbol, "KRW-BTC");
	assert_int_equal(word.channel, CHANNEL_TRADES);
	assert_string_equal(word.window, "");
}

static void a_ticker_has_the_window_that_is_named_or_the_first(void **state)
{
	(void)state;
	struct word word;
	read_ok(&word, "bithumb-legacy", "bithumb-legacy:BTC_KRW@ticker:1H");
	assert_string_equal(word.symbol, "BTC_KRW");
	assert_int_equal(word.channel, CHANNEL_TICKER);
	assert_string_equal(word.window, "1H");
	read_ok(&word, "bithumb-legacy", "bithumb-legacy:BTC_KRW@ticker");
	assert_string_equal(word.window, exchange_find("bithumb-legacy")->ticker_windows[0]);
}

static void what_is_no_ticker_is_told_with_what_there_is(void **state)
{
	(void)state;
	read_wrong("upbit", "upbit:KRW-BTC@book", "behind @ only ticker is known, as in upbit:SYMBOL@ticker");
	read_wrong("upbit", "upbit:KRW-BTC@tickers", "behind @ only ticker is known");
	read_wrong("upbit", "upbit:KRW-BTC@ticker:1H", "so write @ticker alone: upbit:KRW-BTC@ticker");
	read_wrong("bithumb-legacy", "bithumb-legacy:BTC_KRW@ticker:2H", "the windows of bithumb-legacy's tickers are 24H 30M 1H 12H MID");
	read_wrong("binance-usdm", "binance-usdm:BTCUSDT@ticker", "tickers of binance-usdm are not recorded");
}

static const struct listed_row *by_assets(const char *symbol)
{
	struct word word = { .text = symbol };
	snprintf(word.symbol, sizeof word.symbol, "%s", symbol);
	return market_by_assets(&word, &list);
}

static void base_and_quote_in_any_case_name_the_one_market_that_has_them(void **state)
{
	(void)state;
	assert_string_equal(by_assets("BTC/KRW")->symbol, "KRW-BTC");
	assert_string_equal(by_assets("eth/btc")->symbol, "BTC-ETH");
	assert_null(by_assets("KRW/BTC"));
	assert_null(by_assets("BTC"));
	assert_null(by_assets("/KRW"));
	assert_null(by_assets("*/KRW"));
	const struct listed_market twice = { "KRW-BTC2", "BTC", "KRW" };
	market_list_add(&list, &twice);
	assert_null(by_assets("BTC/KRW")); /* which of the two? */
}

static const char *not_listed(const char *exchange, const char *text, const char *symbol)
{
	static struct err err;
	struct word word = { .text = text };
	err.text[0] = '\0';
	snprintf(word.symbol, sizeof word.symbol, "%s", symbol);
	assert_false(market_not_listed(&word, exchange_find(exchange), &list, &err));
	return err.text;
}

/* Exchanges tell cases apart and pass a code in another case over in silence: so do we not. */
static void a_name_in_another_case_is_not_the_market_but_names_it(void **state)
{
	(void)state;
	assert_contains(not_listed("upbit", "upbit:krw-btc", "krw-btc"), "upbit:krw-btc is not among the 4 markets");
	assert_contains(not_listed("upbit", "upbit:krw-btc", "krw-btc"), "did you mean upbit:KRW-BTC?");
}

static void a_name_that_is_near_gets_the_nearest_and_another_spelling_its_socket(void **state)
{
	(void)state;
	assert_contains(not_listed("upbit", "upbit:KRW-BTV", "KRW-BTV"), "the nearest: upbit:KRW-BTC");
	assert_contains(not_listed("bithumb", "bithumb:BTC_KRW", "BTC_KRW"), "bithumb-legacy: has that spelling");
}

#define TRY(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TRY(a_symbol_alone_asks_for_trades),
		TRY(a_ticker_has_the_window_that_is_named_or_the_first),
		TRY(what_is_no_ticker_is_told_with_what_there_is),
		TRY(base_and_quote_in_any_case_name_the_one_market_that_has_them),
		TRY(a_name_in_another_case_is_not_the_market_but_names_it),
		TRY(a_name_that_is_near_gets_the_nearest_and_another_spelling_its_socket),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
