/*
 * Binance's USD-M futures after the routes were split in 2026: /market for trades, tickers, mark prices, candles; /public for the book; and the old
 * routes, which still connect and acknowledge, and on which nothing ever comes. A trade here is an aggregate of fills, and its id is `a`.
 */
#include "binance.h"

#include "beside.h"
#include "dialect.h"
#include "garbage.h"
#include "http.h"
#include "market.h"
#include "session.h"
#include "ticker.h"
#include "ws.h"

uint64_t binance_first_fill(const struct trade *t)
{
	return trade_era(t)->first_other + (t->agg_first - trade_era(t)->fill);
}

struct dec binance_price(const struct trade *t)
{
	const struct market *m = market_at(t->market);
	struct dec v = trade_price(t);

	for (; v.scale > m->decimals && v.units % 10 == 0; v.scale--)
		v.units /= 10;
	return v;
}

static const struct stream_kind usdm_kinds[] = {
	{ "aggTrade", false, WANT_TRADE, ROUTE_MARKET },
	{ "ticker", false, WANT_TICKER, ROUTE_MARKET },
	{ "miniTicker", false, WANT_MINI_TICKER, ROUTE_MARKET },
	{ "markPrice", true, WANT_MARK_PRICE, ROUTE_MARKET },
	{ "kline_", true, WANT_CANDLE, ROUTE_MARKET },
	{ "bookTicker", false, WANT_BEST, ROUTE_PUBLIC },
	{ "depth", true, WANT_ORDERBOOK, ROUTE_PUBLIC },
	{ NULL, false, 0, 0 }
};

/* STREAM, WS or below it, behind one of the prefixes. */
static bool is_socket(const char *path)
{
	return !strcmp(path, "/stream") || !strcmp(path, "/ws") || !strncmp(path, "/ws/", 4);
}

static bool usdm_route(const struct request *r)
{
	return is_socket(r->path) || ((!strncmp(r->path, "/market/", 8) || !strncmp(r->path, "/public/", 8)) && is_socket(r->path + 7));
}

static void usdm_open(struct session *s, const struct request *r)
{
	int routes = !strncmp(r->path, "/market/", 8) ? ROUTE_MARKET : !strncmp(r->path, "/public/", 8) ? ROUTE_PUBLIC : 0;

	binance_open(s, r, usdm_kinds, routes);
}

static char *usdm_put_trade(char *d, const struct session *s, const struct trade *t, bool snapshot)
{
	(void)snapshot;
	d = binance_begin(d, s, t, "aggTrade");
	d = binance_event(d, s, t, "aggTrade", beside_sent_us(t));
	d = binance_number(d, "a", (int64_t)binance_id(t));
	d = binance_field(d, "p", binance_price(t), SPELL_FIXED);
	d = binance_field(d, "q", trade_size(t), SPELL_PLAIN);
	if (t->spell & 1)
		d = binance_field(d, "nq", trade_size(t), SPELL_PLAIN);
	d = binance_number(d, "f", (int64_t)binance_first_fill(t));
	d = binance_number(d, "l", (int64_t)binance_first_fill(t) + t->agg_count - 1);
	d = binance_number(d, "T", binance_sent_time(s, t));
	d = t->side == SIDE_SELL ? put_lit(d, ",\"m\":true") : put_lit(d, ",\"m\":false");
	return binance_end(d, s);
}

static char *put_ticker(char *d, const struct session *s, const struct trade *t, const struct ticker *k, bool mini)
{
	struct dec volume = { k->volume_units, 8 };

	d = binance_event(d, s, t, mini ? "24hrMiniTicker" : "24hrTicker", k->time_us);
	if (!mini)
		d = put_lit(d, ",\"p\":\"0.1\",\"P\":\"0.250\",\"w\":\"1.5\"");
	d = binance_field(d, "c", (struct dec){ k->close_units, 8 }, SPELL_PLAIN);
	d = binance_field(d, "o", (struct dec){ k->open_units, 8 }, SPELL_PLAIN);
	d = binance_field(d, "h", (struct dec){ k->high_units, 8 }, SPELL_PLAIN);
	d = binance_field(d, "l", (struct dec){ k->low_units, 8 }, SPELL_PLAIN);
	d = binance_field(d, "v", volume, SPELL_PLAIN);
	d = binance_field(d, "q", beside_value(t, volume, 5), SPELL_PLAIN);
	if (mini)
		return d;
	d = binance_field(d, "Q", trade_size(t), SPELL_PLAIN);
	d = binance_number(d, "O", binance_time(s, k->begin_us));
	d = binance_number(d, "C", binance_time(s, k->time_us));
	d = binance_number(d, "F", (int64_t)market_at(t->market)->first_other);
	d = binance_number(d, "L", (int64_t)binance_first_fill(t));
	return binance_number(d, "n", (int64_t)t->serial + 1);
}

static char *put_mark_price(char *d, const struct session *s, const struct trade *t)
{
	d = binance_event(d, s, t, "markPriceUpdate", beside_sent_us(t));
	d = binance_field(d, "p", trade_price(t), SPELL_PADDED);
	d = binance_field(d, "i", trade_price(t), SPELL_PADDED);
	d = binance_field(d, "P", trade_price(t), SPELL_PADDED);
	d = put_lit(d, ",\"r\":\"0.00010000\"");
	return binance_number(d, "T", binance_time(s, t->time_us - t->time_us % (8 * HOUR_US) + 8 * HOUR_US));
}

/* Unlike the spot one it is an event with a time. */
static char *put_best(char *d, const struct session *s, const struct trade *t)
{
	int64_t tick = market_at(t->market)->tick_units;

	d = binance_event(d, s, t, "bookTicker", beside_sent_us(t));
	d = binance_number(d, "u", binance_book_id(t));
	d = binance_field(d, "b", beside_price(t, t->price_units - tick), SPELL_PLAIN);
	d = binance_field(d, "B", beside_amount(t, 1), SPELL_PLAIN);
	d = binance_field(d, "a", beside_price(t, t->price_units + tick), SPELL_PLAIN);
	d = binance_field(d, "A", beside_amount(t, 2), SPELL_PLAIN);
	return binance_number(d, "T", binance_time(s, t->time_us));
}

static char *put_depth(char *d, const struct session *s, const struct trade *t)
{
	d = binance_event(d, s, t, "depthUpdate", beside_sent_us(t));
	d = binance_number(d, "T", binance_time(s, t->time_us));
	d = binance_number(d, "U", binance_book_id(t));
	d = binance_number(d, "u", binance_book_id(t) + 2);
	d = binance_number(d, "pu", binance_book_id(t) - 1);
	d = put_lit(d, ",\"b\":[[\"");
	d = put_dec(d, trade_price(t), SPELL_PLAIN);
	d = put_lit(d, "\",\"");
	d = put_dec(d, beside_amount(t, 3), SPELL_PLAIN);
	return put_lit(d, "\"]],\"a\":[]");
}

static char *put_candle(char *d, const struct session *s, const struct trade *t)
{
	int64_t minute = t->time_us - t->time_us % 60000000;

	d = binance_event(d, s, t, "kline", beside_sent_us(t));
	d = put_lit(d, ",\"k\":{\"t\":");
	d = put_i64(d, binance_time(s, minute));
	d = binance_number(d, "T", binance_time(s, minute + 59999999));
	d = put_lit(d, ",\"s\":\"");
	d = put_text(d, market_at(t->market)->symbol);
	d = put_lit(d, "\",\"i\":\"1m\"");
	d = binance_field(d, "o", trade_price(t), SPELL_PLAIN);
	d = binance_field(d, "c", trade_price(t), SPELL_PLAIN);
	d = binance_field(d, "h", trade_price(t), SPELL_PLAIN);
	d = binance_field(d, "l", trade_price(t), SPELL_PLAIN);
	d = binance_field(d, "v", trade_size(t), SPELL_PLAIN);
	return put_lit(d, ",\"n\":1,\"x\":false,\"B\":\"0\"}");
}

static char *usdm_put_aside(char *d, const struct session *s, const struct trade *t, enum want what, const struct ticker *k)
{
	const char *asked = binance_suffix(s, (uint8_t)what);

	d = binance_begin(d, s, t, *asked ? asked : "depth");
	switch (what) {
	case WANT_TICKER: d = put_ticker(d, s, t, k, false); break;
	case WANT_MINI_TICKER: d = put_ticker(d, s, t, k, true); break;
	case WANT_MARK_PRICE: d = put_mark_price(d, s, t); break;
	case WANT_BEST: d = put_best(d, s, t); break;
	case WANT_CANDLE: d = put_candle(d, s, t); break;
	default: d = put_depth(d, s, t); break;
	}
	return binance_end(d, s);
}

static const struct ticker_window usdm_windows[] = { { "24H", 24 * HOUR_US, 0 }, { NULL, 0, 0 } };

static const char *const usdm_usual[] = {
	"BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT", "BTCUSDC", "BTCUSDT_261225", "ETHUSDT_261225", "GOLDUSDT", "DOGEUSDT", "ETHBTC", NULL
};

const struct dialect dialect_binance_usdm = {
	.name = "binance-usdm",
	.ws_path = "/market/stream",
	.opcode = WS_TEXT,
	.time_unit_us = 1000,
	.ticker_unit_us = 1000,
	.messages_a_second = 10,
	.control_counts = true,
	.server_ping_ms = 180000,
	.pong_wait_ms = 600000,
	.life_ms = 86400000,
	.rest_limit = 2400,
	.rest_window_ms = 60000,
	.history_hours = 48,
	.trade_id = binance_id,
	.route = usdm_route,
	.open = usdm_open,
	.message = binance_message,
	.refuse = binance_refuse,
	.farewell = binance_farewell,
	.release = binance_release,
	.put_trade = usdm_put_trade,
	.put_aside = usdm_put_aside,
	.windows = usdm_windows,
	.rest = binance_rest,
	.rest_group = binance_rest_group,
	.rest_headers = binance_rest_headers,
	.refusal = binance_refusal,
	.news = "{\"e\":\"referencePrice\",\"E\":1795651200000,\"s\":\"NONENONE\",\"r\":\"1.00000000\"}",
	.garbage = garbage_binance_usdm,
	.replay_code = binance_replay_code,
	.split = binance_split,
	.decimal_ticks = true,
	.merges_fills = true,
	.size_decimals = 3,
	.usual_markets = usdm_usual,
	.generated_prefix = "",
	.generated_suffix = "USDT",
};
