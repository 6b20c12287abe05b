/* What the payloads of each exchange are read as an answer to.  Keys are sorted, numbers are not their places. */
#ifndef TESTS_PAYLOADS_SUBSCRIPTIONS_H
#define TESTS_PAYLOADS_SUBSCRIPTIONS_H

#include "recorder/exchanges/exchange.h"

#include <string.h>

#define SUBSCRIBED_MAX 8
#define FIRST_TICKER 1000 /* numbers below are those of trades */

struct subscribed {
	const char *exchange;
	const char *trades[SUBSCRIBED_MAX], *tickers[SUBSCRIBED_MAX];
};

static const struct subscribed subscribed_of[] = {
	{ "upbit", { "BTC-ETH", "KRW-BTC", "KRW-ETH", "KRW-LAMB" }, { "KRW-BTC", "KRW-ETH" } },
	{ "bithumb", { "BTC-ETH", "KRW-BTC", "KRW-ETH" }, { "KRW-BTC", "KRW-ETH" } },
	{ "bithumb-legacy",
	  { "BTC_KRW", "CON_KRW", "ETH_BTC", "ETH_KRW", "GOM2_KRW" },
	  { "BTC_KRW:12H", "BTC_KRW:1H", "BTC_KRW:24H", "BTC_KRW:30M", "BTC_KRW:MID", "ETH_KRW:24H" } },
	{ "binance", { "BTCUSDT", "ETHBTC", "\xe5\xb8\x81\xe5\xae\x89USDT" }, { "BTCUSDT", "ETHBTC" } },
	{ "binance-usdm", { "BTCUSDT", "BTCUSDT_261225", "ETHUSDT" }, { NULL } },
};

static uint32_t subscribed_numbers[2][SUBSCRIBED_MAX];

static inline struct market_set subscribed_set(const char *const *keys, uint32_t *numbers, uint32_t first)
{
	static const char *sorted[16 * SUBSCRIBED_MAX];
	static size_t used;
	struct market_set set = { .keys = sorted + used, .markets = numbers };
	for (; set.count < SUBSCRIBED_MAX && keys[set.count]; set.count++) {
		sorted[used++] = keys[set.count];
		numbers[set.count] = first + 10 * (SUBSCRIBED_MAX - (uint32_t)set.count);
	}
	return set;
}

/* Each exchange once: the arrays live as long as the program. */
static inline struct subscription subscribed_to(const char *exchange)
{
	struct subscription s = { .trades = { .count = 0 } };
	for (size_t i = 0; i < sizeof subscribed_of / sizeof *subscribed_of; i++) {
		if (strcmp(subscribed_of[i].exchange, exchange) == 0) {
			s.trades = subscribed_set(subscribed_of[i].trades, subscribed_numbers[0], 0);
			s.tickers = subscribed_set(subscribed_of[i].tickers, subscribed_numbers[1], FIRST_TICKER);
		}
	}
	return s;
}

/* The key of a number; NULL: it is none of the set's. */
static inline const char *subscribed_key(const struct market_set *set, uint32_t number)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->markets[i] == number)
			return set->keys[i];
	return NULL;
}

#endif
