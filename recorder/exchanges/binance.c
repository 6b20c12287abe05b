/* Binance spot.  Formats: binance/binance-spot-api-docs, web-socket-streams.md and rest-api.md of 2026-07-21; frames of
 * 2021-10-12 looked the same.
 *
 * Trades of `@trade`, one a text frame, wrapped because the path is /stream:
 *   {"stream":"btcusdt@trade","data":{"e":"trade","E":1672515782136125,"s":"BTCUSDT","t":12345,"p":"0.00100000",
 *    "q":"100.00000000","T":1672515782136120,"m":true,"M":true}}
 * m: the buyer is the maker, so the taker sold.  t grows by one with each trade of a symbol.  timeUnit=MICROSECOND makes
 * every time count microseconds; without it they are milliseconds, and both are understood.  `@aggTrade` has ids of its
 * own and is never mixed in.  A stream that does not exist is acknowledged all the same.
 *   {"stream":"!serverShutdown","data":{"e":"serverShutdown","E":...}}   the connection will be closed
 *   {"result":null,"id":1}   acknowledged      {"code":2,"msg":"Invalid request..."}   or nested under "error"
 *   24hrTicker: o h l c v over the last 24 h, E its time */
#include "recorder/exchanges/binance_family.h"
#include "recorder/exchanges/binance_family_history.h"

static const struct binance_series series = { .event = "trade", .id = "t" };

static char *binance_subscribe(const struct subscription *part, const char *ticket, int64_t id)
{
	(void)ticket;
	return binance_like_subscribe(part, id, &series);
}

static void binance_parse(const struct subscription *wanted, const char *text, size_t len, struct json_buffer *buffer,
                          const struct sink *sink)
{
	binance_like_parse(wanted, text, len, buffer, sink, &series);
}

/* Without that parameter (known since 2024-10-17) each symbol repeats its permission groups: 16,889,981 bytes on 2026-05-15. */
static const char *const list_paths[] = { "/api/v3/exchangeInfo?showPermissionSets=false", NULL };
static const char *const windows[] = { "24H", NULL };

const struct exchange exchange_binance = {
	.name = "binance",
	.ws_url = "wss://stream.binance.com:9443/stream",
	.ws_query = "timeUnit=MICROSECOND",
	.rest_url = "https://api.binance.com",
	.market_list_paths = list_paths,
	.market_names_path = "/api/v3/ticker/price",
	.ids_step = true,
	.life_us = (23 * 60 + 30) * US_PER_MINUTE, /* of 24 h */
	.history = &binance_history,
	.markets_per_connection = 400, /* of 1024 allowed: a smaller loss when one breaks */
	.frames = FRAME_OF_MANY,
	.frame_markets = 100,
	.frame_answer_s = 10,
	.frame_pause_ms = 300,         /* 5 messages a second are allowed, pings and pongs counted */
	.ticker_windows = windows,
	.subscribe = binance_subscribe,
	.parse = binance_parse,
	.parse_market_list = binance_like_market_list,
};
