/* Bithumb, the present public socket.  Formats: apidocs.bithumb.com v2.1.5 with its changelog, as of 2026-11-22.
 *
 * Made like Upbit's: see upbit_family.h and upbit.c for the messages.  What differs:
 * - options are in camelCase; snake_case is ignored without a word, as is a code that does not exist;
 * - trade_date and trade_time (td, tdt) are KST; trade_timestamp and timestamp are true UTC milliseconds, and only they
 *   are read;
 * - sequential_id is a snowflake: (ms - 2025-09-16 00:00 KST) * 2^25 + 25 low bits; unique, in order of time, not gapless.
 *   REST has other ids for the same trades. */
#include "recorder/exchanges/upbit_family.h"
#include "recorder/exchanges/upbit_family_history.h"
#include "recorder/exchanges/upbit_family_totals.h"

#define SNOWFLAKE_EPOCH_MS INT64_C(1757948400000)
#define SNOWFLAKE_PER_MS (INT64_C(1) << 25)

static const char *const list_paths[] = { "/v1/market/all", NULL };
static const char *const windows[] = { "1D", NULL };

const struct exchange exchange_bithumb = {
	.name = "bithumb",
	.ws_url = "wss://ws-api.bithumb.com/websocket/v1",
	.ws_query = "",
	.rest_url = "https://api.bithumb.com",
	.market_list_paths = list_paths,
	.id_rule = { .per_ms = SNOWFLAKE_PER_MS, .epoch_ms = SNOWFLAKE_EPOCH_MS },
	.frame_answer_s = 10,
	.lateness_us = 5 * US_PER_SECOND,
	.history = &bithumb_history,
	.totals = &bithumb_totals,
	.ticker_windows = windows,
	.subscribe = upbit_like_subscribe,
	.parse = upbit_like_parse,
	.parse_market_list = upbit_like_market_list,
};
