/* Upbit.  Formats: docs.upbit.com/kr/reference, pages websocket-guide, websocket-trade and market list, as of 2026-11-22;
 * frames of 2021-04-17 looked the same.
 *
 * One text frame subscribes to everything, and a second one would replace it.  It is never acknowledged, and a code that
 * does not exist is ignored without a word: that is why names are checked against the list first.  Trades come as binary
 * frames of JSON, one each, numbers bare:
 *
 * SIMPLE   {"ty":"trade","cd":"KRW-LAMB","tms":1618678262712,"td":"2021-04-17","ttm":"16:51:02","ttms":1618678262000,
 *           "tp":127.0,"tv":46.48838371,"ab":"BID","pcp":123.00000000,"c":"RISE","cp":4.00000000,
 *           "sid":1618678262000003,"st":"REALTIME"}
 * DEFAULT  {"type":"trade","code":"KRW-LAMB","trade_price":127.0,"trade_volume":46.48838371,"ask_bid":"BID",
 *           "trade_timestamp":1618678262000,"sequential_id":1618678262000003,...}
 * *_LIST   the same in an array
 * errors   {"error":{"name":"WRONG_FORMAT","message":"..."}}
 * alive    {"status":"UP"}
 * tickers  {"ty":"ticker","cd":"KRW-BTC","op":..,"hp":..,"lp":..,"tp":..,"atv":..,"tms":..}: the day since 00:00 UTC
 *
 * ab / ask_bid is the taker's side: BID bought.  sequential_id is unique in a market, and since 2024 is made of the trade's
 * milliseconds: ms * 10000 + n.  It is not gapless, and trades arrive out of order by up to 2.5 s. */
#include "recorder/exchanges/upbit_family.h"
#include "recorder/exchanges/upbit_family_history.h"
#include "recorder/exchanges/upbit_family_totals.h"

static const char *const list_paths[] = { "/v1/market/all", NULL };
static const char *const windows[] = { "1D", NULL };

const struct exchange exchange_upbit = {
	.name = "upbit",
	.ws_url = "wss://api.upbit.com/websocket/v1",
	.ws_query = "",
	.rest_url = "https://api.upbit.com",
	.market_list_paths = list_paths,
	.id_rule = { .per_ms = 10000, .epoch_ms = 0 },
	.frame_answer_s = 10,
	.lateness_us = 5 * US_PER_SECOND, /* 2.5 s were seen */
	.history = &upbit_history,
	.totals = &upbit_totals,
	.ticker_windows = windows,
	.subscribe = upbit_like_subscribe,
	.parse = upbit_like_parse,
	.parse_market_list = upbit_like_market_list,
};
