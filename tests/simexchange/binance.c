/*
 * Binance spot, as github.com/binance/binance-spot-api-docs had it in 2026: running ids, decimal strings with 8 decimals, a taker who sells where m
 * is true, pings from the server, and 24 hours to live.
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

uint64_t binance_id_at(const struct trade *t, uint32_t serial)
{
	return trade_era(t)->first_id + (serial - trade_era(t)->serial);
}

uint64_t binance_id(const struct trade *t)
{
	return binance_id_at(t, t->serial);
}

int64_t binance_book_id(const struct trade *t)
{
	return (int64_t)(binance_id(t) % (INT64_MAX / 4)) * 3;
}

uint64_t binance_aggregate_id(const struct trade *t)
{
	return trade_era(t)->first_other + (t->agg - trade_era(t)->agg);
}

static const struct stream_kind spot_kinds[] = {
	{ "trade", false, WANT_TRADE, ROUTE_ALL },
	{ "aggTrade", false, WANT_AGGREGATE, ROUTE_ALL },
	{ "ticker", false, WANT_TICKER, ROUTE_ALL },
	{ "miniTicker", false, WANT_MINI_TICKER, ROUTE_ALL },
	{ "bookTicker", false, WANT_BEST, ROUTE_ALL },
	{ "depth", true, WANT_ORDERBOOK, ROUTE_ALL },
	{ "kline_", true, WANT_CANDLE, ROUTE_ALL },
	{ NULL, false, 0, 0 }
};

static bool spot_route(const struct request *r)
{
	return !strcmp(r->path, "/stream") || !strcmp(r->path, "/ws") || !strncmp(r->path, "/ws/", 4);
}

static void spot_open(struct session *s, const struct request *r)
{
	binance_open(s, r, spot_kinds, ROUTE_ALL);
}

static char *put_maker(char *d, const struct trade *t)
{
	return t->side == SIDE_SELL ? put_lit(d, ",\"m\":true,\"M\":true") : put_lit(d, ",\"m\":false,\"M\":true");
}

static char *spot_put_trade(char *d, const struct session *s, const struct trade *t, bool snapshot)
{
	(void)snapshot;
	d = binance_begin(d, s, t, "trade");
	d = binance_event(d, s, t, "trade", beside_sent_us(t));
	d = binance_number(d, "t", (int64_t)binance_id(t));
	d = binance_field(d, "p", trade_price(t), SPELL_PADDED);
	d = binance_field(d, "q", trade_size(t), SPELL_PADDED);
	d = binance_number(d, "T", binance_sent_time(s, t));
	d = put_maker(d, t);
	return binance_end(d, s);
}

static char *put_aggregate(char *d, const struct session *s, const struct trade *t)
{
	d = binance_event(d, s, t, "aggTrade", beside_sent_us(t));
	d = binance_number(d, "a", (int64_t)binance_aggregate_id(t));
	d = binance_field(d, "p", trade_price(t), SPELL_PADDED);
	d = binance_field(d, "q", trade_size_of_aggregate(t), SPELL_PADDED);
	d = binance_number(d, "f", (int64_t)binance_id_at(t, t->agg_first));
	d = binance_number(d, "l", (int64_t)binance_id(t));
	d = binance_number(d, "T", binance_sent_time(s, t));
	return put_maker(d, t);
}

static char *put_mini(char *d, const struct session *s, const struct trade *t, const struct ticker *k)
{
	struct dec volume = { k->volume_units, 8 };

	d = binance_event(d, s, t, "24hrMiniTicker", k->time_us);
	d = binance_field(d, "c", (struct dec){ k->close_units, 8 }, SPELL_PADDED);
	d = binance_field(d, "o", (struct dec){ k->open_units, 8 }, SPELL_PADDED);
	d = binance_field(d, "h", (struct dec){ k->high_units, 8 }, SPELL_PADDED);
	d = binance_field(d, "l", (struct dec){ k->low_units, 8 }, SPELL_PADDED);
	d = binance_field(d, "v", volume, SPELL_PADDED);
	return binance_field(d, "q", beside_value(t, volume, 8), SPELL_PADDED);
}

static char *put_ticker(char *d, const struct session *s, const struct trade *t, const struct ticker *k)
{
	const struct market *m = market_at(t->market);
	int64_t change = k->close_units - k->open_units;
	struct dec volume = { k->volume_units, 8 };

	d = binance_event(d, s, t, "24hrTicker", k->time_us);
	d = change < 0 ? put_lit(d, ",\"p\":\"-") : put_lit(d, ",\"p\":\"");
	d = put_dec(d, (struct dec){ change < 0 ? -change : change, 8 }, SPELL_PADDED);
	d = change < 0 ? put_lit(d, "\",\"P\":\"-0.250\"") : put_lit(d, "\",\"P\":\"0.250\"");
	d = binance_field(d, "w", (struct dec){ (k->high_units + k->low_units) / 2, 8 }, SPELL_PADDED);
	d = binance_field(d, "x", (struct dec){ m->opening_units, 8 }, SPELL_PADDED);
	d = binance_field(d, "c", (struct dec){ k->close_units, 8 }, SPELL_PADDED);
	d = binance_field(d, "Q", trade_size(t), SPELL_PADDED);
	d = binance_field(d, "b", beside_price(t, t->price_units - m->tick_units), SPELL_PADDED);
	d = binance_field(d, "B", beside_amount(t, 1), SPELL_PADDED);
	d = binance_field(d, "a", beside_price(t, t->price_units + m->tick_units), SPELL_PADDED);
	d = binance_field(d, "A", beside_amount(t, 2), SPELL_PADDED);
	d = binance_field(d, "o", (struct dec){ k->open_units, 8 }, SPELL_PADDED);
	d = binance_field(d, "h", (struct dec){ k->high_units, 8 }, SPELL_PADDED);
	d = binance_field(d, "l", (struct dec){ k->low_units, 8 }, SPELL_PADDED);
	d = binance_field(d, "v", volume, SPELL_PADDED);
	d = binance_field(d, "q", beside_value(t, volume, 8), SPELL_PADDED);
	d = binance_number(d, "O", binance_time(s, k->begin_us));
	d = binance_number(d, "C", binance_time(s, k->time_us));
	d = binance_number(d, "F", (int64_t)m->first_id);
	d = binance_number(d, "L", (int64_t)binance_id(t));
	return binance_number(d, "n", (int64_t)t->serial + 1);
}

/* Neither an event nor a time, as the real one; nor has it e. */
static char *put_best(char *d, const struct trade *t)
{
	const struct market *m = market_at(t->market);

	d = put_lit(d, "{\"u\":");
	d = put_i64(d, binance_book_id(t));
	d = put_lit(d, ",\"s\":\"");
	d = put_text(d, m->symbol);
	*d++ = '"';
	d = binance_field(d, "b", beside_price(t, t->price_units - m->tick_units), SPELL_PADDED);
	d = binance_field(d, "B", beside_amount(t, 1), SPELL_PADDED);
	d = binance_field(d, "a", beside_price(t, t->price_units + m->tick_units), SPELL_PADDED);
	return binance_field(d, "A", beside_amount(t, 2), SPELL_PADDED);
}

static char *put_depth(char *d, const struct session *s, const struct trade *t)
{
	int64_t tick = market_at(t->market)->tick_units;

	d = binance_event(d, s, t, "depthUpdate", beside_sent_us(t));
	d = binance_number(d, "U", binance_book_id(t));
	d = binance_number(d, "u", binance_book_id(t) + 2);
	d = put_lit(d, ",\"b\":[[\"");
	d = put_dec(d, beside_price(t, t->price_units - tick), SPELL_PADDED);
	d = put_lit(d, "\",\"");
	d = put_dec(d, beside_amount(t, 3), SPELL_PADDED);
	d = put_lit(d, "\"]],\"a\":[[\"");
	d = put_dec(d, beside_price(t, t->price_units + tick), SPELL_PADDED);
	return put_lit(d, "\",\"0.00000000\"]]");
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
	d = binance_number(d, "f", (int64_t)binance_id(t));
	d = binance_number(d, "L", (int64_t)binance_id(t));
	d = binance_field(d, "o", trade_price(t), SPELL_PADDED);
	d = binance_field(d, "c", trade_price(t), SPELL_PADDED);
	d = binance_field(d, "h", trade_price(t), SPELL_PADDED);
	d = binance_field(d, "l", trade_price(t), SPELL_PADDED);
	d = binance_field(d, "v", trade_size(t), SPELL_PADDED);
	return put_lit(d, ",\"n\":1,\"x\":false,\"B\":\"0\"}");
}

static char *spot_put_aside(char *d, const struct session *s, const struct trade *t, enum want what, const struct ticker *k)
{
	const char *asked = binance_suffix(s, (uint8_t)what);

	d = binance_begin(d, s, t, *asked ? asked : "depth");
	switch (what) {
	case WANT_AGGREGATE: d = put_aggregate(d, s, t); break;
	case WANT_TICKER: d = put_ticker(d, s, t, k); break;
	case WANT_MINI_TICKER: d = put_mini(d, s, t, k); break;
	case WANT_BEST: d = put_best(d, t); break;
	case WANT_CANDLE: d = put_candle(d, s, t); break;
	default: d = put_depth(d, s, t); break;
	}
	return binance_end(d, s);
}

static const struct ticker_window spot_windows[] = { { "24H", 24 * HOUR_US, 0 }, { NULL, 0, 0 } };

/* The names do not tell where the base ends: GOLDU/SDT, SUSD/TRY. */
static const char *const spot_usual[] = {
	"BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT", "ETHBTC", "BNBUSDC", "GOLDUSDT", "USDCUSDT", "BTCSTBTC", "SUSDTRY", NULL
};

const struct dialect dialect_binance = {
	.name = "binance",
	.ws_path = "/stream",
	.opcode = WS_TEXT,
	.time_unit_us = 1,
	.ticker_unit_us = 1,
	.messages_a_second = 5,
	.control_counts = true,
	.server_ping_ms = 20000,
	.pong_wait_ms = 60000,
	.life_ms = 86400000,
	.rest_limit = 6000,
	.rest_window_ms = 60000,
	.trade_id = binance_id,
	.route = spot_route,
	.open = spot_open,
	.message = binance_message,
	.refuse = binance_refuse,
	.farewell = binance_farewell,
	.release = binance_release,
	.put_trade = spot_put_trade,
	.put_aside = spot_put_aside,
	.windows = spot_windows,
	.rest = binance_rest,
	.rest_group = binance_rest_group,
	.rest_headers = binance_rest_headers,
	.refusal = binance_refusal,
	.news = "{\"e\":\"referencePrice\",\"E\":1795651200000,\"s\":\"NONENONE\",\"r\":\"1.00000000\"}",
	.garbage = garbage_binance,
	.replay_code = binance_replay_code,
	.split = binance_split,
	.decimal_ticks = true,
	.size_decimals = 8,
	.usual_markets = spot_usual,
	.generated_prefix = "",
	.generated_suffix = "USDT",
};
