#include "recorder/markets/list_fetch.h"

#include "support.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
	assert_string_equal(plan.markets[0]->name, "upbit:KRW-XRP");
	assert_string_equal(plan.markets[1]->base, "BTC");
	assert_string_equal(plan.markets[1]->quote, "KRW");
	assert_int_equal(plan.connection_count, 1);
	/* sorted, as market_set_find needs it */
	const struct market_set *set = &plan.connections[0]->wanted.trades;
	assert_int_equal(set->count, 2);
	assert_string_equal(set->keys[0], "KRW-BTC");
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
	assert_int_equal(plan.connections[0]->wanted.trades.count, 4);
	for (size_t i = 1; i < 4; i++)
		assert_true(strcmp(plan.connections[0]->wanted.trades.keys[i - 1], plan.connections[0]->wanted.trades.keys[i]) < 0);
}

static void a_market_that_is_not_listed_is_refused_with_the_nearest(void **state)
{
	(void)state;
	char *const swapped[] = { "upbit:BTC-KRW" }, *const lower[] = { "upbit:KRW-ETH", "upbit:krw-xrp" }, *const far[] = { "upbit:zzzzzzzz" },
	           *const base[] = { "upbit:BTC" }, *const joined[] = { "upbit:BTCKRW" };
	assert_false(plans(swapped, 1));
	assert_contains(err.text, "upbit:BTC-KRW is not among the 5");
	assert_contains(err.text, "nearest: upbit:KRW-BTC");
	assert_false(plans(lower, 2));
	assert_contains(err.text, "lists; did you mean upbit:KRW-XRP?");
	assert_false(plans(far, 1)); /* some are the nearest of any */
	assert_contains(err.text, "nearest: upbit:");
	assert_false(plans(base, 1));
	assert_contains(err.text, "nearest: upbit:KRW-BTC upbit:USDT-BTC");
	assert_false(plans(joined, 1));
	assert_contains(err.text, "nearest: upbit:KRW-BTC");
}

static void a_pattern_that_fits_nothing_is_refused(void **state)
{
	(void)state;
	char *const wanted[] = { "upbit:EUR-*" };
	assert_false(plans(wanted, 1));
	assert_contains(err.text, "upbit:EUR-* fits none of the 5");
}

static void without_a_list_names_are_taken_and_patterns_wait(void **state)
{
	(void)state;
	char *const names[] = { "upbit:ANY-THING", "upbit:KRW-BTC", "upbit:KRW-BTC" }, *const pattern[] = { "upbit:KRW-*" };
	list.had = false;
	list.count = 0;
	snprintf(list.reason, sizeof list.reason, "connection refused");
	assert_true(plans(names, 3));
	assert_int_equal(plan.market_count, 2);
	assert_string_equal(plan.markets[0]->name, "upbit:ANY-THING");
	assert_string_equal(plan.markets[0]->base, "");
	assert_true(plans(pattern, 1)); /* alone, too */
	assert_int_equal(plan.market_count, 0);
	assert_int_equal(plan.waiting_count, 1);
	size_t added;
	list.had = true;
	list.count = 5;
	assert_true(market_plan_extend(&plan, &config, &config.addresses[0], &list, &added, &err));
	assert_int_equal(added, 3);
}

static void base_and_quote_name_a_market(void **state)
{
	(void)state;
	char *const pair[] = { "upbit:BTC/KRW" }, *const ticker[] = { "upbit:xrp/krw@ticker" }, *const none[] = { "upbit:KRW/BTC" };
	assert_true(plans(pair, 1));
	assert_int_equal(plan.market_count, 1);
	assert_string_equal(plan.markets[0]->name, "upbit:KRW-BTC");
	assert_true(plans(ticker, 1));
	assert_string_equal(plan.markets[0]->symbol, "KRW-XRP");
	assert_false(plans(none, 1));
	market_list_add(&list, &(struct listed_market){ .symbol = "KRW-BTC.2", .base = "BTC", .quote = "KRW" });
	assert_false(plans(pair, 1)); /* which of the two? */
	assert_contains(err.text, "upbit:KRW-BTC.2");
}

static void what_was_meant_is_told_where_it_can_be(void **state)
{
	(void)state;
	char *const window[] = { "upbit:KRW-BTC@ticker:1H" }, *const other[] = { "bithumb:BTC_KRW" }, *const here[] = { "upbit:BTC_KRW" };
	assert_false(plans(window, 1));
	assert_contains(err.text, "so write @ticker alone: upbit:KRW-BTC@ticker");
	assert_false(plans(here, 1));
	assert_null(strstr(err.text, "legacy"));
	config.wanted = other;
	config.addresses[0].exchange = exchange_find("bithumb");
	market_plan_release(&plan);
	assert_false(market_plan_make(&plan, &config, &list, &err));
	assert_contains(err.text, "nearest: bithumb:KRW-BTC");
	assert_contains(err.text, "bithumb-legacy: has that spelling");
	list.count = 1;
	assert_false(plans(here, 1));
	assert_contains(err.text, "the 1 market that");
}

/* The linker leads every calloc and realloc of this program here. */
static int allocations_left = -1; /* -1: no end */
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

static bool exhausted(void)
{
	return allocations_left == 0 || (allocations_left > 0 && allocations_left-- == 0);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return exhausted() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return exhausted() ? NULL : __real_realloc(old, size);
}

static void no_memory_is_told_as_such(void **state)
{
	(void)state;
	char *const wanted[] = { "upbit:KRW-BTC", "upbit:KRW-*", "upbit:KRW-ETC" };
	bool ok = false;
	for (int left = 0; left < 40 && !ok; left++) {
		allocations_left = left;
		ok = plans(wanted, 3) || !strstr(err.text, "out of memory");
		allocations_left = -1;
	}
	assert_true(ok);
	assert_contains(err.text, "upbit:KRW-ETC is not among the 5"); /* with all that it takes */
	/* a list for which there was none */
	static char body[] = "{\"symbols\":[{\"symbol\":\"A\",\"baseAsset\":\"A\",\"quoteAsset\":\"B\"}]}";
	struct url url = { .host = "example.org" };
	struct http_get answer = { .status = 200, .body = body, .body_len = strlen(body), .url = &url };
	const struct exchange *binance = exchange_find("binance");
	for (int left = 0; left < 2; left++) {
		struct market_list had = { .had = false };
		allocations_left = left;
		assert_false(list_fetch_take(binance, binance->market_list_paths[0], &answer, &had));
		allocations_left = -1;
		assert_string_equal(had.reason, "out of memory");
		market_list_release(&had);
	}
	struct market_list had = { .had = false };
	assert_true(list_fetch_take(binance, binance->market_list_paths[0], &answer, &had));
	assert_int_equal(had.count, 1);
	market_list_release(&had);
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
	assert_true(market_set_find(&plan.connections[0]->wanted.trades, "KRW-A1999", &market));
	assert_string_equal(plan.markets[market]->symbol, "KRW-A1999");
}


/* What goes into the subscription, and into log lines, goes as it is. */
static void a_symbol_that_would_break_the_subscription_is_not_listed(void **state)
{
	(void)state;
	static const char *const odd[] = { "KRW-B\"C", "KRW-B\\", "KRW-B C", "KRW-\n", "KRW-\t", "KRW-\x7f", "KRW-\x01", " KRW-X", "" };
	size_t before = list.count;
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
		market_list_add(&list, &(struct listed_market){ .symbol = odd[i], .base = "C", .quote = "KRW" });
	assert_int_equal(list.count, before);
	market_list_add(&list, &(struct listed_market){ .symbol = "KRW-\xeb\xb9\x84", .base = "\xeb\xb9\x84", .quote = "KRW" });
	assert_int_equal(list.count, before + 1);
}

static bool plans_on(const char *exchange, char *const *wanted, size_t count)
{
	market_plan_release(&plan);
	config.wanted = wanted;
	config.wanted_count = count;
	config.address_count = 1;
	config.addresses[0].exchange = exchange_find(exchange);
	err.text[0] = '\0';
	return market_plan_make(&plan, &config, &list, &err);
}

static void a_ticker_is_a_market_of_its_own(void **state)
{
	(void)state;
	char *const wanted[] = { "upbit:KRW-BTC", "upbit:KRW-BTC@ticker", "upbit:KRW-BTC@ticker:1D", "upbit:KRW-ETH@ticker" };
	assert_true(plans(wanted, 4));
	assert_int_equal(plan.market_count, 3); /* the window that is meant by none is 1D */
	assert_int_equal(plan.connection_count, 1);
	const struct subscription *both = &plan.connections[0]->wanted;
	assert_int_equal(both->trades.count, 1);
	assert_int_equal(both->tickers.count, 2);
	assert_int_equal(plan.markets[0]->channel, CHANNEL_TRADES);
	assert_string_equal(plan.markets[0]->window, "");
	const struct market *ticker = plan.markets[1];
	assert_int_equal(ticker->channel, CHANNEL_TICKER);
	assert_string_equal(ticker->symbol, "KRW-BTC");
	assert_string_equal(ticker->base, "BTC");
	assert_string_equal(ticker->window, "1D");
	assert_string_equal(ticker->key, "KRW-BTC"); /* one window: messages do not name it */
	assert_string_equal(ticker->name, "upbit:KRW-BTC@ticker:1D");
	uint32_t market;
	assert_true(market_set_find(&both->tickers, "KRW-ETH", &market));
	assert_int_equal(market, 2);
	assert_false(market_set_find(&both->trades, "KRW-ETH", &market));
}

static void each_window_of_a_ticker_is_one_market(void **state)
{
	(void)state;
	market_list_add(&list, &(struct listed_market){ .symbol = "BTC_KRW", .base = "BTC", .quote = "KRW" });
	char *const wanted[] = { "bithumb-legacy:BTC_KRW@ticker:1H", "bithumb-legacy:BTC_KRW@ticker", "bithumb-legacy:BTC_KRW@ticker:MID",
		                 "bithumb-legacy:BTC_KRW@ticker:24H", "bithumb-legacy:BTC_KRW@ticker:1H", "bithumb-legacy:BTC_KRW" };
	assert_true(plans_on("bithumb-legacy", wanted, 6));
	assert_int_equal(plan.market_count, 4);
	assert_string_equal(plan.markets[0]->key, "BTC_KRW:1H");
	assert_string_equal(plan.markets[1]->window, "24H");
	assert_string_equal(plan.markets[1]->name, "bithumb-legacy:BTC_KRW@ticker:24H");
	const struct market_set *tickers = &plan.connections[0]->wanted.tickers;
	assert_int_equal(tickers->count, 3);
	for (size_t i = 1; i < 3; i++)
		assert_true(strcmp(tickers->keys[i - 1], tickers->keys[i]) < 0);
}

static void a_pattern_of_tickers_stands_for_all_that_match(void **state)
{
	(void)state;
	char *const wanted[] = { "upbit:KRW-*@ticker", "upbit:KRW-BTC" };
	assert_true(plans(wanted, 2));
	assert_int_equal(plan.market_count, 4);
	assert_int_equal(plan.connections[0]->wanted.tickers.count, 3);
	assert_int_equal(plan.connections[0]->wanted.trades.count, 1);
}

static void a_ticker_that_is_not_to_be_had_is_refused(void **state)
{
	(void)state;
	char *const channel[] = { "upbit:KRW-BTC@orderbook" }, *const joined[] = { "upbit:KRW-BTC@ticker1D" }, *const window[] = { "upbit:KRW-BTC@ticker:5H" },
	           *const lower[] = { "upbit:KRW-BTC@ticker:1d" }, *const empty[] = { "upbit:KRW-BTC@ticker:" }, *const bare[] = { "upbit:KRW-BTC@" },
	           *const unlisted[] = { "upbit:KRW-NO@ticker" }, *const futures[] = { "binance-usdm:BTCUSDT@ticker" },
	           *const none_fits[] = { "upbit:EUR-*@ticker" };
	assert_false(plans(channel, 1));
	assert_contains(err.text, "'upbit:KRW-BTC@orderbook'");
	assert_false(plans(joined, 1));
	assert_contains(err.text, "only ticker is known");
	assert_false(plans(window, 1));
	assert_contains(err.text, "the only window of upbit's tickers is 1D");
	assert_false(plans(lower, 1));
	assert_false(plans(empty, 1));
	assert_false(plans(bare, 1));
	assert_false(plans(unlisted, 1));
	assert_contains(err.text, "upbit:KRW-NO@ticker is not among the 5");
	assert_false(plans_on("binance-usdm", futures, 1));
	assert_contains(err.text, "tickers of binance-usdm are not recorded");
	assert_false(plans(none_fits, 1));
	assert_contains(err.text, "fits none");
}

/* A page of the list could not be had: what it lacks may be listed yet. */
static void of_a_partial_list_names_are_taken_and_patterns_fit_what_is_there(void **state)
{
	(void)state;
	char *const names[] = { "upbit:KRW-BTC", "upbit:KRW-NOTHERE" }, *const pattern[] = { "upbit:KRW-*" }, *const none[] = { "upbit:EUR-*" };
	list.partial = true;
	snprintf(list.reason, sizeof list.reason, "HTTP status 500");
	assert_true(plans(names, 2));
	assert_int_equal(plan.market_count, 2);
	assert_string_equal(plan.markets[0]->base, "BTC");
	assert_string_equal(plan.markets[1]->symbol, "KRW-NOTHERE");
	assert_string_equal(plan.markets[1]->base, "");
	assert_true(plans(pattern, 1));
	assert_int_equal(plan.market_count, 3);
	assert_true(plans(none, 1));
	assert_int_equal(plan.waiting_count, 1);
}

/* bithumb-legacy lists in two pages, one a quote asset. */
static void of_a_partial_list_only_such_names_are_taken_as_the_missing_page_holds(void **state)
{
	(void)state;
	char *const names[] = { "bithumb-legacy:BTC_KRW", "bithumb-legacy:SOL_BTC" }, *const swapped[] = { "bithumb-legacy:KRW-BTC" },
	           *const typo[] = { "bithumb-legacy:BTC_KRX" }, *const unlisted[] = { "bithumb-legacy:NO_KRW" },
	           *const krw[] = { "bithumb-legacy:*_KRW" }, *const btc[] = { "bithumb-legacy:BTC_KRW", "bithumb-legacy:*_BTC" },
	           *const all[] = { "bithumb-legacy:*" };
	market_list_release(&list);
	list = (struct market_list){ .had = true, .partial = true, .missing_pages = 2 };
	snprintf(list.reason, sizeof list.reason, "no list of markets");
	market_list_add(&list, &(struct listed_market){ .symbol = "BTC_KRW", .base = "BTC", .quote = "KRW" });
	market_list_add(&list, &(struct listed_market){ .symbol = "ETH_KRW", .base = "ETH", .quote = "KRW" });
	assert_true(plans_on("bithumb-legacy", names, 2));
	assert_false(plan.markets[0]->unchecked);
	assert_true(plan.markets[1]->unchecked);
	assert_false(plans_on("bithumb-legacy", swapped, 1));
	assert_contains(err.text, "not among the 2");
	assert_contains(err.text, "nearest: bithumb-legacy:BTC_KRW");
	assert_false(plans_on("bithumb-legacy", typo, 1));
	assert_contains(err.text, "nearest: bithumb-legacy:BTC_KRW");
	assert_false(plans_on("bithumb-legacy", unlisted, 1));
	assert_true(plans_on("bithumb-legacy", krw, 1)); /* the missing page has none of these */
	assert_int_equal(plan.market_count, 2);
	assert_int_equal(plan.waiting_count, 0);
	assert_true(market_list_suffices(&list, &config, exchange_find("bithumb-legacy")));
	assert_true(plans_on("bithumb-legacy", btc, 2));
	assert_int_equal(plan.market_count, 1);
	assert_int_equal(plan.waiting_count, 1);
	assert_false(market_list_suffices(&list, &config, exchange_find("bithumb-legacy")));
	assert_true(plans_on("bithumb-legacy", all, 1));
	assert_int_equal(plan.market_count, 2);
	assert_int_equal(plan.waiting_count, 1);
}

static void a_pattern_without_a_list_waits_beside_a_named_market(void **state)
{
	(void)state;
	char *const wanted[] = { "upbit:KRW-*", "upbit:KRW-BTC", "upbit:BTC-*@ticker" }, *const wrong[] = { "upbit:KRW-BTC", "upbit:KRW-*@book" };
	list.had = false;
	snprintf(list.reason, sizeof list.reason, "connection refused");
	size_t all = list.count, added;
	list.count = 0; /* as it comes then */
	assert_true(plans(wanted, 3));
	assert_int_equal(plan.market_count, 1);
	assert_true(plan.markets[0]->unchecked);
	assert_int_equal(plan.waiting_count, 2);
	assert_string_equal(plan.waiting[0], "upbit:KRW-*");
	assert_false(market_list_suffices(&list, &config, exchange_find("upbit")));
	assert_false(plans(wrong, 2));
	assert_contains(err.text, "only ticker is known");
	assert_true(plans(wanted, 3));
	list.had = true;
	list.count = all;
	assert_true(market_list_suffices(&list, &config, exchange_find("upbit")));
	assert_true(market_plan_extend(&plan, &config, &config.addresses[0], &list, &added, &err));
	assert_int_equal(added, 3); /* two of KRW beside the named one, a ticker of BTC */
	assert_int_equal(plan.connection_count, 1);
}

/* Else a restart while REST is down would lose all of them, and no gap would say so. */
static void a_pattern_that_waits_for_its_list_goes_on_with_what_the_last_run_recorded(void **state)
{
	(void)state;
	char *const wanted[] = { "upbit:KRW-*", "upbit:BTC-*@ticker" };
	struct tape_name there[] = { { "upbit:KRW-BTC", true }, { "upbit:KRW-OLD", false }, { "upbit:BTC-ETH", true }, { "bithumb:KRW-BTC", true },
		                     { "upbit:KRW-XRP", true } };
	list.had = false;
	size_t all = list.count, added;
	list.count = 0;
	config.on_tape = there;
	config.on_tape_count = sizeof there / sizeof *there;
	assert_true(plans(wanted, 2));
	assert_int_equal(plan.market_count, 2);
	assert_string_equal(plan.markets[0]->name, "upbit:KRW-BTC");
	assert_string_equal(plan.markets[1]->name, "upbit:KRW-XRP");
	assert_true(plan.markets[0]->unchecked);
	assert_int_equal(plan.waiting_count, 2);
	list.had = true;
	list.count = all;
	assert_true(market_plan_extend(&plan, &config, &config.addresses[0], &list, &added, &err));
	assert_int_equal(added, 2); /* KRW-ETH, and the ticker of BTC-ETH */
	assert_true(plans(wanted, 1)); /* with its list it is asked for what is listed alone */
	assert_int_equal(plan.market_count, 3);
	config.on_tape = NULL;
	config.on_tape_count = 0;
}

/* Every market on exactly one connection, none with more than it may carry, sorted. */
static void connections_are_whole(size_t most)
{
	size_t carried = 0;
	char *seen = calloc(plan.market_count + 1, 1);
	for (size_t c = 0; c < plan.connection_count; c++) {
		const struct subscription *wanted = &plan.connections[c]->wanted;
		const struct market_set *sets[] = { &wanted->trades, &wanted->tickers };
		assert_true(wanted->trades.count + wanted->tickers.count > 0);
		assert_true(most == 0 || wanted->trades.count + wanted->tickers.count <= most);
		for (size_t s = 0; s < 2; s++) {
			for (size_t i = 0; i < sets[s]->count; i++) {
				assert_true(i == 0 || strcmp(sets[s]->keys[i - 1], sets[s]->keys[i]) < 0);
				const struct market *m = plan.markets[sets[s]->markets[i]];
				assert_string_equal(m->key, sets[s]->keys[i]);
				assert_int_equal(m->channel, s == 1 ? CHANNEL_TICKER : CHANNEL_TRADES);
				assert_int_equal(seen[sets[s]->markets[i]]++, 0);
				carried++;
			}
		}
	}
	free(seen);
	assert_int_equal(carried, plan.market_count);
}

static void add_symbols(size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		char symbol[SYMBOL_SIZE];
		snprintf(symbol, sizeof symbol, "A%zuUSDT", i * 7919 % 10007);
		market_list_add(&list, &(struct listed_market){ .symbol = symbol, .base = "A", .quote = "USDT" });
	}
}

static void markets_are_spread_over_connections_within_the_limit(void **state)
{
	(void)state;
	char *const wanted[] = { "binance:A*", "binance:A1*@ticker" };
	size_t most = exchange_find("binance")->markets_per_connection;
	assert_true(most > 0 && most <= 1024);
	add_symbols(0, 2 * most);
	assert_true(plans_on("binance", wanted, 1));
	assert_int_equal(plan.connection_count, 2);
	connections_are_whole(most);
	add_symbols(2 * most, 2 * most + 1);
	assert_true(plans_on("binance", wanted, 1));
	assert_int_equal(plan.connection_count, 3);
	connections_are_whole(most);
	assert_true(plans_on("binance", wanted, 2));
	connections_are_whole(most);
	char *const upbit[] = { "upbit:*" };
	assert_true(plans(upbit, 1));
	assert_int_equal(plan.connection_count, 1);
	connections_are_whole(0);
}

static void extending_adds_what_is_new_and_moves_nothing(void **state)
{
	(void)state;
	char *const wanted[] = { "binance:A*", "binance:A1*@ticker", "binance:KRW-BTC" };
	size_t most = exchange_find("binance")->markets_per_connection, added = 99;
	add_symbols(0, most - 10);
	assert_true(plans_on("binance", wanted, 3));
	size_t before = plan.market_count;
	struct market **markets = calloc(before, sizeof *markets);
	memcpy(markets, plan.markets, before * sizeof *markets);
	struct connection_plan *first = plan.connections[0];

	assert_true(market_plan_extend(&plan, &config, &config.addresses[0], &list, &added, &err));
	assert_int_equal(added, 0);
	market_list_add(&list, &(struct listed_market){ .symbol = "BUSDT", .base = "B", .quote = "USDT" }); /* fits no pattern */
	assert_true(market_plan_extend(&plan, &config, &config.addresses[0], &list, &added, &err));
	assert_int_equal(added, 0);
	plan.heard[0].quiet.pauses = 4711;
	add_symbols(most - 10, 2 * most);
	size_t tickers = 0;
	for (size_t i = 5 + most - 10 + 1; i < list.count; i++)
		tickers += strncmp(list.rows[i].symbol, "A1", 2) == 0;
	assert_true(market_plan_extend(&plan, &config, &config.addresses[0], &list, &added, &err));
	assert_int_equal(added, most + 10 + tickers);
	assert_int_equal(plan.market_count, before + added);
	connections_are_whole(most);
	for (size_t i = 0; i < before; i++)
		assert_ptr_equal(plan.markets[i], markets[i]);
	assert_ptr_equal(plan.connections[0], first);
	assert_int_equal(plan.heard[0].quiet.pauses, 4711);
	assert_int_equal(plan.heard[before].quiet.pauses, 0);

	/* what is gone from the list stays */
	list.count = 5;
	before = plan.market_count;
	assert_true(market_plan_extend(&plan, &config, &config.addresses[0], &list, &added, &err));
	assert_int_equal(added, 0);
	assert_int_equal(plan.market_count, before);
	free(markets);
}

static void extending_is_for_the_exchange_at_hand(void **state)
{
	(void)state;
	char *const wanted[] = { "upbit:KRW-*", "bithumb:KRW-X*", "bithumb-legacy:*_KRW" };
	struct market_list lists[3] = { list, list, { .had = true } };
	market_list_add(&lists[2], &(struct listed_market){ .symbol = "BTC_KRW", .base = "BTC", .quote = "KRW" });
	static const char *const names[] = { "upbit", "bithumb", "bithumb-legacy" };
	config.wanted = wanted;
	config.wanted_count = config.address_count = 3;
	for (size_t i = 0; i < 3; i++)
		config.addresses[i].exchange = exchange_find(names[i]);
	assert_true(market_plan_make(&plan, &config, lists, &err));
	assert_int_equal(plan.market_count, 5);
	assert_int_equal(plan.connection_count, 3);
	connections_are_whole(0);
	size_t added;
	market_list_add(&lists[2], &(struct listed_market){ .symbol = "XRP_KRW", .base = "XRP", .quote = "KRW" });
	assert_true(market_plan_extend(&plan, &config, &config.addresses[2], &lists[2], &added, &err));
	assert_int_equal(added, 1);
	assert_int_equal(plan.connection_count, 3);
	assert_string_equal(plan.markets[5]->name, "bithumb-legacy:XRP_KRW");
	assert_ptr_equal(plan.connections[2]->address, &config.addresses[2]);
	assert_int_equal(plan.connections[2]->wanted.trades.count, 2);
	market_list_release(&lists[2]);
}

static void make_quietly(void *arg)
{
	char *const *wanted = arg;
	assert_true(plans(wanted, 1));
}

static void the_log_tells_how_many_markets_a_pattern_stands_for(void **state)
{
	(void)state;
	char *wanted[] = { "upbit:KRW-*" };
	char *log = captured(STDERR_FILENO, make_quietly, wanted);
	assert_contains(log, "pattern=upbit:KRW-* markets=3");
	free(log);
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
		planned(without_a_list_names_are_taken_and_patterns_wait),
		planned(base_and_quote_name_a_market),
		planned(what_was_meant_is_told_where_it_can_be),
		planned(no_memory_is_told_as_such),
		planned(a_list_may_be_long),
		planned(a_symbol_that_would_break_the_subscription_is_not_listed),
		planned(a_ticker_is_a_market_of_its_own),
		planned(each_window_of_a_ticker_is_one_market),
		planned(a_pattern_of_tickers_stands_for_all_that_match),
		planned(a_ticker_that_is_not_to_be_had_is_refused),
		planned(of_a_partial_list_names_are_taken_and_patterns_fit_what_is_there),
		planned(of_a_partial_list_only_such_names_are_taken_as_the_missing_page_holds),
		planned(a_pattern_without_a_list_waits_beside_a_named_market),
		planned(a_pattern_that_waits_for_its_list_goes_on_with_what_the_last_run_recorded),
		planned(markets_are_spread_over_connections_within_the_limit),
		planned(extending_adds_what_is_new_and_moves_nothing),
		planned(extending_is_for_the_exchange_at_hand),
		planned(the_log_tells_how_many_markets_a_pattern_stands_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
