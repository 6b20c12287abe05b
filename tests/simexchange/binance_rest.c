/*
 * Binance's REST, spot under /api/v3 and futures under /fapi/v1: lists of symbols with base and quote, and trades by id, oldest first. Requests
 * have weights, which count in a window; after 429 who goes on is banned, and Retry-After says for how long.
 */
#include "binance.h"

#include <stdio.h>

#include "beside.h"
#include "clock.h"
#include "dialect.h"
#include "history.h"
#include "http.h"
#include "market.h"
#include "options.h"
#include "rest_odd.h"

#define ROWS_MAX 1000
#define LIST_BYTES 16890000 /* of permission groups: with them, the list is as large as the real one */
#define WINDOW_MAX_US INT64_C(3600000000)

static void rest_error(struct answer *a, int status, int code, const char *words)
{
	char text[320];

	a->status = status;
	snprintf(text, sizeof text, "{\"code\":%d,\"msg\":\"%s\"}", code, words);
	buf_add_text(&a->body, text);
}

static const char *status_of(const struct market *m)
{
	bool gone = atomic_load(&m->listed) == MARKET_GONE;

	return !gone ? "TRADING" : opt.dialect->merges_fills ? "SETTLING" : "BREAK";
}

/* As the real one spells them; what they say is of no use here, but their size is. */
static const char spot_filters[] =
	"\"allowTrailingStop\":true,\"cancelReplaceAllowed\":true,\"amendAllowed\":true,\"pegInstructionsAllowed\":true,\"isMarginTradingAllowed\":true,"
	"\"filters\":[{\"filterType\":\"PRICE_FILTER\",\"minPrice\":\"0.00000001\",\"maxPrice\":\"1000000.00000000\",\"tickSize\":\"0.00000001\"},"
	"{\"filterType\":\"LOT_SIZE\",\"minQty\":\"0.00001000\",\"maxQty\":\"9000.00000000\",\"stepSize\":\"0.00001000\"},"
	"{\"filterType\":\"ICEBERG_PARTS\",\"limit\":100},"
	"{\"filterType\":\"MARKET_LOT_SIZE\",\"minQty\":\"0.00000000\",\"maxQty\":\"120.00000000\",\"stepSize\":\"0.00000000\"},"
	"{\"filterType\":\"TRAILING_DELTA\",\"minTrailingAboveDelta\":10,\"maxTrailingAboveDelta\":2000,\"minTrailingBelowDelta\":10,\"maxTrailingBelowDelta\":2000},"
	"{\"filterType\":\"PERCENT_PRICE_BY_SIDE\",\"bidMultiplierUp\":\"5\",\"bidMultiplierDown\":\"0.2\",\"askMultiplierUp\":\"5\",\"askMultiplierDown\":\"0.2\","
	"\"avgPriceMins\":5},{\"filterType\":\"NOTIONAL\",\"minNotional\":\"5.00000000\",\"applyMinToMarket\":true,\"maxNotional\":\"9000000.00000000\","
	"\"applyMaxToMarket\":false,\"avgPriceMins\":5},{\"filterType\":\"MAX_NUM_ORDERS\",\"maxNumOrders\":200},"
	"{\"filterType\":\"MAX_NUM_ORDER_LISTS\",\"maxNumOrderLists\":20},{\"filterType\":\"MAX_NUM_ALGO_ORDERS\",\"maxNumAlgoOrders\":5},"
	"{\"filterType\":\"MAX_NUM_ORDER_AMENDS\",\"maxNumOrderAmends\":10}],\"permissions\":[],\"permissionSets\":[";

/* Each symbol repeats its groups, so many that the whole list is as large as the real one was on 2026-05-15. */
static void add_permission_sets(struct buf *b, size_t bytes)
{
	char group[32];

	buf_add_text(b, "[\"SPOT\",\"MARGIN\"");
	for (size_t added = 0, i = 4; added < bytes; added += strlen(group), i++) {
		snprintf(group, sizeof group, ",\"TRD_GRP_%03zu\"", i % 1000);
		buf_add_text(b, group);
	}
	buf_add_text(b, "]");
}

static void add_symbol(struct buf *b, const struct market *m, bool first, size_t permission_bytes)
{
	char row[1024];
	bool delivery = strchr(m->symbol, '_');

	if (opt.dialect->merges_fills) {
		snprintf(row, sizeof row, "%s{\"symbol\":\"%s\",\"pair\":\"%s%s\",\"contractType\":\"%s\",\"deliveryDate\":%s,\"onboardDate\":1569398400000,"
			 "\"status\":\"%s\",\"maintMarginPercent\":\"2.5000\",\"baseAsset\":\"%s\",\"quoteAsset\":\"%s\",\"marginAsset\":\"%s\",\"pricePrecision\":%u,"
			 "\"quantityPrecision\":3,\"baseAssetPrecision\":8,\"quotePrecision\":8,\"underlyingType\":\"COIN\",\"filters\":[]}",
			 first ? "" : ",", m->symbol, m->base, m->quote, delivery ? "CURRENT_QUARTER" : "PERPETUAL", delivery ? "1798185600000" : "4133404800000",
			 status_of(m), m->base, m->quote, m->quote, (unsigned)m->decimals);
		buf_add_text(b, row);
		return;
	}
	snprintf(row, sizeof row, "%s{\"symbol\":\"%s\",\"status\":\"%s\",\"baseAsset\":\"%s\",\"baseAssetPrecision\":8,\"quoteAsset\":\"%s\",\"quotePrecision\":8,"
		 "\"quoteAssetPrecision\":8,\"baseCommissionPrecision\":8,\"quoteCommissionPrecision\":8,"
		 "\"orderTypes\":[\"LIMIT\",\"LIMIT_MAKER\",\"MARKET\",\"STOP_LOSS\",\"STOP_LOSS_LIMIT\",\"TAKE_PROFIT\",\"TAKE_PROFIT_LIMIT\"],"
		 "\"icebergAllowed\":true,\"ocoAllowed\":true,\"otoAllowed\":true,\"quoteOrderQtyMarketAllowed\":true,\"isSpotTradingAllowed\":true,",
		 first ? "" : ",", m->symbol, status_of(m), m->base, m->quote);
	buf_add_text(b, row);
	buf_add_text(b, spot_filters);
	if (permission_bytes)
		add_permission_sets(b, permission_bytes);
	buf_add_text(b, "],\"defaultSelfTradePreventionMode\":\"EXPIRE_MAKER\",\"allowedSelfTradePreventionModes\":[\"EXPIRE_TAKER\",\"EXPIRE_MAKER\",\"EXPIRE_BOTH\",\"DECREMENT\"]}");
}

/* The market asked for; false after the answer that it is none. What has been delisted is still known, and what is not yet listed is not. */
static bool find_symbol(const struct request *r, struct answer *a, size_t *market)
{
	char symbol[96] = "";

	if (!request_parameter(r, "symbol", symbol, sizeof symbol) || !*symbol) {
		rest_error(a, 400, -1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.");
		return false;
	}
	if (!market_place(symbol, strlen(symbol), market) || atomic_load(&market_at(*market)->listed) == MARKET_COMING) {
		rest_error(a, 400, -1121, "Invalid symbol.");
		return false;
	}
	return true;
}

static void rest_exchange_info(const struct request *r, struct answer *a)
{
	char text[256], symbol[8], shown[8] = "";
	size_t one = SIZE_MAX, permission_bytes;
	bool first = true;

	if (request_parameter(r, "symbol", symbol, sizeof symbol) && !find_symbol(r, a, &one))
		return;
	request_parameter(r, "showPermissionSets", shown, sizeof shown);
	permission_bytes = opt.fat_list || strcmp(shown, "false") ? LIST_BYTES / (one != SIZE_MAX ? 3500 : market_count()) : 0;
	snprintf(text, sizeof text, "{\"timezone\":\"UTC\",\"serverTime\":%lld,\"rateLimits\":[{\"rateLimitType\":\"REQUEST_WEIGHT\",\"interval\":\"MINUTE\","
		 "\"intervalNum\":1,\"limit\":%llu}],\"exchangeFilters\":[],\"symbols\":[", (long long)(clock_wall_us() / 1000), (unsigned long long)opt.rest_limit);
	buf_add_text(&a->body, text);
	for (size_t i = 0; i < market_count(); i++) {
		if (atomic_load(&market_at(i)->listed) == MARKET_COMING || (one != SIZE_MAX && i != one))
			continue;
		add_symbol(&a->body, market_at(i), first, permission_bytes);
		first = false;
	}
	buf_add_text(&a->body, "]}");
}

/* What trades now, by name. */
static void rest_prices(struct answer *a)
{
	char row[160];
	bool first = true;

	buf_add_text(&a->body, "[");
	for (size_t i = 0; i < market_count(); i++) {
		const struct market *m = market_at(i);

		if (!market_is_listed(i))
			continue;
		snprintf(row, sizeof row, opt.dialect->merges_fills ? "%s{\"symbol\":\"%s\",\"price\":\"96000.10\",\"time\":1795305600000}" :
			 "%s{\"symbol\":\"%s\",\"price\":\"96000.01000000\"}", first ? "" : ",", m->symbol);
		buf_add_text(&a->body, row);
		first = false;
	}
	buf_add_text(&a->body, "]");
}

/* ---- trades ---- */

static char *put_side(char *d, const char *name, const struct trade *t)
{
	d = put_lit(d, ",\"");
	d = put_text(d, name);
	return t->side == SIDE_SELL ? put_lit(d, "\":true") : put_lit(d, "\":false");
}

/* A price, or null. */
static char *put_price(char *d, const char *name, struct dec price, enum spelling how, bool null)
{
	if (!null)
		return binance_field(d, name, rest_number(price), how);
	d = put_lit(d, ",\"");
	d = put_text(d, name);
	return put_lit(d, "\":null");
}

static char *put_moment(char *d, const char *name, const struct trade *t, bool us)
{
	return binance_number(d, name, us ? rest_time(t->time_us, 1000000) : rest_time(trade_ms(t), 1000));
}

static char *put_aggregate(char *d, const struct trade *t, bool us, bool null_price)
{
	bool futures = opt.dialect->merges_fills;
	uint64_t first = futures ? binance_first_fill(t) : binance_id_at(t, t->agg_first);
	uint64_t last = futures ? first + t->agg_count - 1 : binance_id(t);

	d = put_lit(d, "{\"a\":");
	d = put_u64(d, rest_id(futures ? binance_id(t) : binance_aggregate_id(t)));
	d = put_price(d, "p", futures ? binance_price(t) : trade_price(t), futures ? SPELL_FIXED : SPELL_PADDED, null_price);
	d = binance_field(d, "q", rest_number(futures ? trade_size(t) : trade_size_of_aggregate(t)), futures ? SPELL_PLAIN : SPELL_PADDED);
	d = binance_number(d, "f", (int64_t)first);
	d = binance_number(d, "l", (int64_t)last);
	d = put_moment(d, "T", t, us);
	d = put_side(d, "m", t);
	return futures ? put_lit(d, "}") : put_lit(d, ",\"M\":true}");
}

static char *put_single(char *d, const struct trade *t, bool us, bool null_price)
{
	d = put_lit(d, "{\"id\":");
	d = put_u64(d, rest_id(binance_id(t)));
	d = put_price(d, "price", trade_price(t), SPELL_PADDED, null_price);
	d = binance_field(d, "qty", rest_number(trade_size(t)), SPELL_PADDED);
	d = binance_field(d, "quoteQty", beside_value(t, trade_size(t), 8), SPELL_PADDED);
	d = put_moment(d, "time", t, us);
	d = put_side(d, "isBuyerMaker", t);
	return put_lit(d, ",\"isBestMatch\":true}");
}

static void add_rows(struct answer *a, const uint32_t *places, size_t count, bool us, char *(*put)(char *, const struct trade *, bool, bool))
{
	buf_add_text(&a->body, "[");
	for (size_t i = 0; i < count; i++) {
		char *d = buf_room(&a->body, 1024), *end = i ? put_lit(d, ",") : d;

		end = put(end, market_trade(places[i]), us, rest_price_is_null(i));
		a->body.len += (size_t)(end - d);
	}
	buf_add_text(&a->body, "]");
}

/* Milliseconds, or microseconds if there are so many digits. */
static int64_t moment(uint64_t given)
{
	return given > UINT64_C(100000000000000) ? (int64_t)given : (int64_t)given * 1000;
}

static bool malformed(struct answer *a, const char *name)
{
	char words[128];

	snprintf(words, sizeof words, "Illegal characters found in parameter '%s'; legal range is '^[0-9]{1,20}$'.", name);
	rest_error(a, 400, -1100, words);
	return false;
}

struct asked {
	size_t market;
	uint64_t from_id, start, end, limit; /* UINT64_MAX: not said, but for the limit */
};

static bool read_asked(const struct request *r, struct answer *a, struct asked *q)
{
	*q = (struct asked){ .from_id = UINT64_MAX, .start = UINT64_MAX, .end = UINT64_MAX, .limit = 500 };
	if (!find_symbol(r, a, &q->market))
		return false;
	if (!request_number(r, "fromId", 0, INT64_MAX, &q->from_id))
		return malformed(a, "fromId");
	if (!request_number(r, "startTime", 0, INT64_MAX / 1000, &q->start))
		return malformed(a, "startTime");
	if (!request_number(r, "endTime", 0, INT64_MAX / 1000, &q->end))
		return malformed(a, "endTime");
	if (!request_number(r, "limit", 1, UINT32_MAX, &q->limit))
		return malformed(a, "limit");
	if (q->limit > ROWS_MAX)
		q->limit = ROWS_MAX;
	return true;
}

/* With --refuse-older-hours: does it ask for what lies before that? */
static bool is_too_old(const struct asked *q)
{
	int64_t border_us = clock_wall_us() - (int64_t)opt.reach_hours * INT64_C(3600000000);
	uint64_t older;

	if (!opt.reach_hours)
		return false;
	older = history_end(q->market, border_us, false);
	if (q->from_id != UINT64_MAX)
		return older && market_from_id(market_at(q->market), q->from_id, false) < older;
	return q->start != UINT64_MAX && moment(q->start) < border_us;
}

static void rest_aggregates(const struct request *r, struct answer *a)
{
	bool futures = opt.dialect->merges_fills, timed;
	uint32_t places[ROWS_MAX];
	int64_t end_us = INT64_MAX;
	uint64_t from;
	struct asked q;

	if (!read_asked(r, a, &q))
		return;
	timed = q.start != UINT64_MAX || q.end != UINT64_MAX;
	if (q.from_id != UINT64_MAX && timed) {
		rest_error(a, 400, -1128, "Combination of optional parameters invalid.");
		return;
	}
	if (q.start != UINT64_MAX && q.end != UINT64_MAX && moment(q.end) - moment(q.start) > WINDOW_MAX_US) {
		rest_error(a, 400, -1127, "More than 1 hours between startTime and endTime.");
		return;
	}
	if (is_too_old(&q)) {
		rest_error(a, 400, -4166, "Search window is restricted to recent 48 hours only.");
		return;
	}
	if (q.end != UINT64_MAX) /* including that millisecond */
		end_us = moment(q.end) + (q.end > UINT64_C(100000000000000) ? 1 : 1000);
	if (q.from_id != UINT64_MAX) {
		from = market_from_id(market_at(q.market), q.from_id, !futures);
	} else if (q.start != UINT64_MAX && !(futures && opt.newest_first)) {
		from = history_at(q.market, moment(q.start), !futures);
	} else { /* the newest */
		from = history_end(q.market, end_us, !futures);
		from = from > q.limit ? from - q.limit : 0;
	}
	add_rows(a, places, history_from(q.market, from, !futures, end_us, places, q.limit), r->microseconds && !futures, put_aggregate);
}

static void rest_trades(const struct request *r, struct answer *a, bool historical)
{
	uint32_t places[ROWS_MAX];
	uint64_t from;
	struct asked q;

	if (!read_asked(r, a, &q))
		return;
	if (historical && q.from_id != UINT64_MAX) {
		from = market_from_id(market_at(q.market), q.from_id, false);
	} else {
		from = history_end(q.market, INT64_MAX, false);
		from = from > q.limit ? from - q.limit : 0;
	}
	add_rows(a, places, history_from(q.market, from, false, INT64_MAX, places, q.limit), r->microseconds, put_single);
}

enum what { NOTHING, INFO, PRICES, AGGREGATES, TRADES, HISTORICAL, KEYED };

static const struct {
	const char *path;
	bool futures;
	enum what what;
	uint64_t weight;
} paths[] = {
	{ "/api/v3/exchangeInfo", false, INFO, 20 },
	{ "/api/v3/ticker/price", false, PRICES, 4 },
	{ "/fapi/v2/ticker/price", true, PRICES, 2 },
	{ "/api/v3/aggTrades", false, AGGREGATES, 4 },
	{ "/api/v3/trades", false, TRADES, 25 },
	{ "/api/v3/historicalTrades", false, HISTORICAL, 25 },
	{ "/fapi/v1/exchangeInfo", true, INFO, 1 },
	{ "/fapi/v1/aggTrades", true, AGGREGATES, 20 },
	{ "/fapi/v1/historicalTrades", true, KEYED, 20 },
};

static enum what what_is(const struct request *r, uint64_t *weight)
{
	*weight = 1;
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		if (paths[i].futures == opt.dialect->merges_fills && !strcmp(r->path, paths[i].path)) {
			*weight = paths[i].weight;
			if ((paths[i].what == HISTORICAL && opt.no_historical) || (paths[i].what == PRICES && opt.no_prices))
				return NOTHING;
			return paths[i].what;
		}
	}
	return NOTHING;
}

void binance_rest(const struct request *r, struct answer *a)
{
	uint64_t weight;

	switch (what_is(r, &weight)) {
	case INFO: rest_exchange_info(r, a); break;
	case PRICES: rest_prices(a); break;
	case AGGREGATES: rest_aggregates(r, a); break;
	case TRADES: rest_trades(r, a, false); break;
	case HISTORICAL: rest_trades(r, a, true); break;
	case KEYED: rest_error(a, 401, -2014, "API-key format invalid."); break;
	default: rest_error(a, 404, -1000, "Path is not found."); break;
	}
}

unsigned binance_rest_group(const struct request *r, const char **name, uint64_t *cost)
{
	*name = "weight";
	what_is(r, cost);
	return 0;
}

void binance_rest_headers(struct answer *a, const struct limit_state *l)
{
	char line[96];

	snprintf(line, sizeof line, "x-mbx-used-weight: %llu\r\nx-mbx-used-weight-1m: %llu\r\n", (unsigned long long)l->used, (unsigned long long)l->used);
	buf_add_text(&a->headers, line);
	if (a->status != 429 && a->status != 418)
		return;
	snprintf(line, sizeof line, "Retry-After: %lld\r\n", (long long)l->retry_s);
	buf_add_text(&a->headers, line);
}

void binance_refusal(struct answer *a, int status, const char *words)
{
	if (status == 451) {
		rest_error(a, status, 0, "Service unavailable from a restricted location according to 'b. Eligibility' in "
			   "https://www.binance.com/en/terms. Please contact customer service if you believe you received this error in error.");
		return;
	}
	rest_error(a, status, status == 429 || status == 418 ? -1003 : -1000, words);
}
