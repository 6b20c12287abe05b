/* Upbit's REST: the list of markets, and trades of one UTC day, newest first. */
#include "upbit.h"

#include <stdio.h>

#include "beside.h"
#include "clock.h"
#include "day.h"
#include "dialect.h"
#include "history.h"
#include "http.h"
#include "market.h"
#include "rest_odd.h"

#define ROWS_MAX 500
#define DAYS_MAX 7

static void rest_error(struct answer *a, int status, const char *name, const char *message)
{
	a->status = status;
	buf_add_text(&a->body, "{\"error\":{\"name\":");
	buf_add_text(&a->body, name);
	buf_add_text(&a->body, ",\"message\":\"");
	buf_add_text(&a->body, message);
	buf_add_text(&a->body, "\"}}");
}

static void rest_markets(const struct request *r, struct answer *a)
{
	char details[8] = "";

	request_parameter(r, "is_details", details, sizeof details);
	buf_add_text(&a->body, "[");
	for (size_t i = 0; i < market_count(); i++) {
		const char *symbol = market_at(i)->symbol, *base = market_at(i)->base;
		char row[640];

		if (!market_is_listed(i))
			continue;
		snprintf(row, sizeof row, "%s{\"market\":\"%s\",\"korean_name\":\"\xec\xbd\x94\xec\x9d\xb8 %s\",\"english_name\":\"Coin %s\"%s}",
			 a->body.len > 1 ? "," : "", symbol, base, base,
			 strcmp(details, "true") ? "" :
			 ",\"market_event\":{\"warning\":false,\"caution\":{\"PRICE_FLUCTUATIONS\":false,\"TRADING_VOLUME_SOARING\":false,"
			 "\"DEPOSIT_AMOUNT_SOARING\":false,\"GLOBAL_PRICE_DIFFERENCES\":false,\"CONCENTRATION_OF_SMALL_ACCOUNTS\":false}}");
		buf_add_text(&a->body, row);
	}
	buf_add_text(&a->body, "]");
}

static char *put_row(char *d, const struct trade *t, bool null_price)
{
	const struct market *m = market_at(t->market);
	int64_t change = t->price_units - m->opening_units;

	d = put_lit(d, "{\"market\":\"");
	d = put_text(d, m->symbol);
	d = put_lit(d, "\",\"trade_date_utc\":\"");
	d = put_date(d, trade_ms(t));
	d = put_lit(d, "\",\"trade_time_utc\":\"");
	d = put_time(d, trade_ms(t));
	d = put_lit(d, "\",\"timestamp\":");
	d = put_i64(d, rest_time(trade_ms(t), 1000));
	/* never as the socket spelled it */
	d = put_lit(d, ",\"trade_price\":");
	d = null_price ? put_lit(d, "null") : put_dec(d, rest_number(trade_price(t)), t->spell & 1 ? SPELL_POINT : SPELL_JAVA);
	d = put_lit(d, ",\"trade_volume\":");
	d = put_dec(d, rest_number(trade_size(t)), t->spell & 2 ? SPELL_PADDED : SPELL_JAVA);
	d = put_lit(d, ",\"prev_closing_price\":");
	d = put_dec(d, beside_price(t, m->opening_units), SPELL_POINT);
	d = change < 0 ? put_lit(d, ",\"change_price\":-") : put_lit(d, ",\"change_price\":");
	d = put_dec(d, beside_price(t, change < 0 ? -change : change), SPELL_JAVA);
	d = t->side == SIDE_BUY ? put_lit(d, ",\"ask_bid\":\"BID\"") : put_lit(d, ",\"ask_bid\":\"ASK\"");
	d = put_lit(d, ",\"sequential_id\":");
	d = put_u64(d, rest_id(upbit_trade_id(t)));
	*d++ = '}';
	return d;
}

/* One UTC day a query: today, or days_ago; up to `to` (not including it), older than the cursor, newest first. */
static void rest_ticks(const struct request *r, struct answer *a)
{
	char symbol[64] = "";
	uint64_t count = 1, days_ago = 0, cursor = UINT64_MAX;
	uint32_t places[ROWS_MAX];
	int64_t day_ms = clock_wall_us() / 1000 / DAY_MS * DAY_MS, to_ms = DAY_MS;
	size_t market, found;

	if (!request_parameter(r, "market", symbol, sizeof symbol) || !request_number(r, "count", 1, ROWS_MAX, &count) ||
	    !(request_number(r, "days_ago", 1, DAYS_MAX, &days_ago) && request_number(r, "daysAgo", 1, DAYS_MAX, &days_ago)) ||
	    !request_number(r, "cursor", 0, UINT64_MAX, &cursor) || !request_clock_time(r, "to", &to_ms)) {
		rest_error(a, 400, "\"invalid_parameter\"", "a parameter is missing or wrong");
		return;
	}
	if (!market_find(symbol, strlen(symbol), &market)) {
		rest_error(a, 404, "404", "Code not found");
		return;
	}
	day_ms -= (int64_t)days_ago * DAY_MS;
	found = history_before(market, day_ms, day_ms + to_ms, cursor, places, count);
	buf_add_text(&a->body, "[");
	for (size_t i = 0; i < found; i++) {
		char *d = buf_room(&a->body, 1024), *end;

		end = i ? put_lit(d, ",") : d;
		end = put_row(end, market_trade(places[i]), rest_price_is_null(i));
		a->body.len += (size_t)(end - d);
	}
	buf_add_text(&a->body, "]");
}

void upbit_rest(const struct request *r, struct answer *a)
{
	if (!strcmp(r->path, "/v1/market/all"))
		rest_markets(r, a);
	else if (!strcmp(r->path, "/v1/trades/ticks"))
		rest_ticks(r, a);
	else if (!strcmp(r->path, "/v1/ticker") && !day_put_tickers(r, a, 0, 0))
		rest_error(a, 404, "404", "Code not found");
	else if (strcmp(r->path, "/v1/ticker") != 0)
		rest_error(a, 404, "\"not_found\"", "no such path");
}

unsigned upbit_rest_group(const struct request *r, const char **name, uint64_t *cost)
{
	static const struct { const char *prefix, *name; } groups[] = {
		{ "/v1/market", "market" }, { "/v1/trades", "trade" }, { "/v1/candles", "candles" }, { "/v1/ticker", "ticker" },
		{ "/v1/orderbook", "orderbook" },
	};

	*cost = 1;
	for (unsigned i = 0; i < sizeof groups / sizeof *groups; i++) {
		if (!strncmp(r->path, groups[i].prefix, strlen(groups[i].prefix))) {
			*name = groups[i].name;
			return i + 1;
		}
	}
	return 0;
}

void upbit_rest_headers(struct answer *a, const struct limit_state *l)
{
	char line[128];
	uint64_t left = !l->limit ? 9 : l->used < l->limit ? l->limit - l->used : 0;

	snprintf(line, sizeof line, "Remaining-Req: group=%s; min=900; sec=%llu\r\n", l->group, (unsigned long long)left);
	buf_add_text(&a->headers, line);
}

void upbit_refusal(struct answer *a, int status, const char *words)
{
	rest_error(a, status, status == 429 || status == 418 ? "\"too_many_requests\"" : status == 404 ? "\"not_found\"" : "\"refused\"", words);
}
