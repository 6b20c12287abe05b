/* Binance USD-M futures.  Formats: developers.binance.com, the WebSocket change notice of 2026-03-06 and the change log;
 * frames of 2021-07-22 looked the same.
 *
 * `@aggTrade` on the route /market: fills of one taker at one price within 100 ms, together.
 *   {"stream":"btcusdt@aggTrade","data":{"e":"aggTrade","E":1626992741100,"s":"BTCUSDT","a":5933014,"p":"0.001","q":"100",
 *    "f":100,"l":105,"T":1626992741095,"m":true}}
 * a grows by one with each; f and l may jump (insurance fund and ADL fills are left out).  Times are milliseconds.
 * The routes without /market were switched off on 2026-04-23: they connect, acknowledge and stay mute, which is why
 * silence here is an alarm. */
#include "recorder/exchanges/binance_family.h"
#include "recorder/exchanges/binance_family_history.h"

static const struct binance_series series = { .event = "aggTrade", .id = "a" };

static char *usdm_subscribe(const struct subscription *part, const char *ticket, int64_t id)
{
	(void)ticket;
	return binance_like_subscribe(part, id, &series);
}

static void usdm_parse(const struct subscription *wanted, const char *text, size_t len, struct json_buffer *buffer,
                       const struct sink *sink)
{
	binance_like_parse(wanted, text, len, buffer, sink, &series);
}

static const char *const list_paths[] = { "/fapi/v1/exchangeInfo", NULL };

const struct exchange exchange_binance_usdm = {
	.name = "binance-usdm",
	.ws_url = "wss://fstream.binance.com/market/stream",
	.ws_query = "",
	.rest_url = "https://fapi.binance.com",
	.market_list_paths = list_paths,
	.market_names_path = "/fapi/v2/ticker/price",
	.ids_step = true,
	.life_us = (23 * 60 + 30) * US_PER_MINUTE, /* of 24 h */
	.history = &binance_usdm_history,
	.markets_per_connection = 200,
	.frames = FRAME_OF_MANY,
	.frame_markets = 100,
	.frame_answer_s = 10,
	.frame_pause_ms = 300,
	.mute_alarm_s = 30,
	.subscribe = usdm_subscribe,
	.parse = usdm_parse,
	.parse_market_list = binance_like_market_list,
};
