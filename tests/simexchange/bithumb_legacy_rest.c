/* Bithumb's old REST: tickers, which are its list of markets, and the newest transactions, to the second and without ids. */
#include "bithumb_legacy.h"

#include <stdio.h>

#include "beside.h"
#include "clock.h"
#include "day.h"
#include "dialect.h"
#include "history.h"
#include "http.h"
#include "market.h"

#define ROWS_MAX 100

static void rest_error(struct answer *a, const char *code, const char *message)
{
	buf_add_text(&a->body, "{\"status\":\"");
	buf_add_text(&a->body, code);
	buf_add_text(&a->body, "\",\"message\":\"");
	buf_add_text(&a->body, message);
	buf_add_text(&a->body, "\"}");
}

static char *put_listed(char *d, size_t at)
{
	const struct market *m = market_at(at);
	struct dec price = { m->opening_units, 8 };

	d = put_lit(d, "\"opening_price\":\"");
	d = put_dec(d, price, SPELL_PLAIN);
	*d++ = '"';
	d = legacy_put_field(d, "closing_price", price);
	d = legacy_put_field(d, "min_price", price);
	d = legacy_put_field(d, "max_price", price);
	d = put_lit(d, ",\"units_traded\":\"");
	d = day_put_volume(d, at, KST_MS);
	d = put_lit(d, "\",\"acc_trade_value\":\"1000.125\"");
	d = legacy_put_field(d, "prev_closing_price", price);
	return put_lit(d, ",\"units_traded_24H\":\"12.5\",\"acc_trade_value_24H\":\"1000.125\",\"fluctate_24H\":\"-1\",\"fluctate_rate_24H\":\"-0.1\"");
}

static char *put_now(char *d)
{
	d = put_lit(d, "\"date\":\"");
	d = put_i64(d, clock_wall_us() / 1000);
	return put_lit(d, "\"}}");
}

/* ALL_KRW and ALL_BTC are the lists of markets: an object of what is traded, and among them a "date" that is none. */
static void rest_ticker(const char *name, struct answer *a)
{
	const char *quote = !strcmp(name, "ALL") ? "KRW" : !strncmp(name, "ALL_", 4) ? name + 4 : NULL;
	char *d, *start;
	size_t one = 0;
	bool any = false;

	if (!quote && !market_find(name, strlen(name), &one)) {
		rest_error(a, "5500", "Invalid Parameter");
		return;
	}
	buf_add_text(&a->body, "{\"status\":\"0000\",\"data\":{");
	for (size_t i = 0; i < market_count(); i++) {
		const struct market *m = market_at(i);

		if (quote ? !market_is_listed(i) || strcmp(m->quote, quote) != 0 : i != one)
			continue;
		start = d = buf_room(&a->body, 1024);
		if (quote) {
			*d++ = '"';
			d = put_text(d, m->base);
			d = put_lit(d, "\":{");
		}
		d = put_listed(d, i);
		d = quote ? put_lit(d, "},") : put_lit(d, ",");
		a->body.len += (size_t)(d - start);
		any = true;
	}
	if (!any) {
		a->body.len = 0;
		rest_error(a, "5500", "Invalid Parameter");
		return;
	}
	start = buf_room(&a->body, 128);
	a->body.len += (size_t)(put_now(start) - start);
}

/* 1234.5 -> 1,234.5 */
static char *put_commas(char *d, struct dec v)
{
	char plain[DEC_MAX];
	size_t len = (size_t)(put_dec(plain, v, SPELL_PLAIN) - plain), whole = 0;

	while (whole < len && plain[whole] != '.')
		whole++;
	for (size_t i = 0; i < len; i++) {
		if (i && i < whole && (whole - i) % 3 == 0)
			*d++ = ',';
		*d++ = plain[i];
	}
	return d;
}

static char *put_row(char *d, const struct trade *t)
{
	char time[16];

	d = put_lit(d, "{\"transaction_date\":\"");
	d = put_date(d, trade_ms(t) + KST_MS);
	*d++ = ' ';
	*put_time(time, trade_ms(t) + KST_MS) = 0;
	d = put_text(d, time + (time[0] == '0' && (t->spell & 1))); /* 8:43:34 */
	d = t->side == SIDE_BUY ? put_lit(d, "\",\"type\":\"bid\",\"units_traded\":\"") : put_lit(d, "\",\"type\":\"ask\",\"units_traded\":\"");
	d = put_commas(d, trade_size(t));
	d = put_lit(d, "\",\"price\":\"");
	d = put_dec(d, trade_price(t), SPELL_PLAIN);
	d = put_lit(d, "\",\"total\":\"");
	d = put_dec(d, beside_value(t, trade_size(t), 0), SPELL_PLAIN);
	return put_lit(d, "\"}");
}

static void rest_transactions(const char *symbol, const struct request *r, struct answer *a)
{
	uint64_t count = 20;
	uint32_t places[ROWS_MAX];
	size_t market, found;

	if (!request_number(r, "count", 1, ROWS_MAX, &count) || !market_find(symbol, strlen(symbol), &market)) {
		rest_error(a, "5500", "Invalid Parameter");
		return;
	}
	found = history_before(market, INT64_MIN, INT64_MAX, UINT64_MAX, places, count);
	buf_add_text(&a->body, "{\"status\":\"0000\",\"data\":[");
	for (size_t i = 0; i < found; i++) {
		char *d = buf_room(&a->body, 1024), *end = i ? put_lit(d, ",") : d;

		end = put_row(end, market_trade(places[i]));
		a->body.len += (size_t)(end - d);
	}
	buf_add_text(&a->body, "]}");
}

void legacy_rest(const struct request *r, struct answer *a)
{
	static const char ticker[] = "/public/ticker/", transactions[] = "/public/transaction_history/";

	if (!strncmp(r->path, ticker, sizeof ticker - 1))
		rest_ticker(r->path + sizeof ticker - 1, a);
	else if (!strncmp(r->path, transactions, sizeof transactions - 1))
		rest_transactions(r->path + sizeof transactions - 1, r, a);
	else
		rest_error(a, "5600", "no such path");
}

unsigned legacy_rest_group(const struct request *r, const char **name, uint64_t *cost)
{
	(void)r;
	*name = "public";
	*cost = 1;
	return 0;
}

void legacy_rest_headers(struct answer *a, const struct limit_state *l)
{
	(void)a;
	(void)l;
}

void legacy_refusal(struct answer *a, int status, const char *words)
{
	rest_error(a, status == 429 || status == 418 ? "5600" : "5500", words);
	a->status = status;
}
