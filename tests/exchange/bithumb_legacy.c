/*
 * Bithumb's old socket, /pub/ws (apidocs 1.2.0, and a capture of 2021): filters that are acknowledged when it pleases, several trades a message, no
 * ids, times in KST with microseconds and without a word about the zone. buySellGb 1 is a sale, 2 a purchase, by the taker.
 */
#include "dialect.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

#include "beside.h"
#include "clock.h"
#include "garbage.h"
#include "history.h"
#include "http.h"
#include "market.h"
#include "options.h"
#include "session.h"
#include "ticker.h"
#include "ws.h"

#define ROWS_MAX 100
#define CONNECTED "{\"status\":\"0000\",\"resmsg\":\"Connected Successfully\"}"
#define REGISTERED "{\"status\":\"0000\",\"resmsg\":\"Filter Registered Successfully\"}"
#define INVALID "{\"status\":\"5100\",\"resmsg\":\"Invalid Filter Syntax\"}"

static const struct ticker_window legacy_windows[] = {
	{ "30M", HOUR_US / 2, 9 * HOUR_US }, { "1H", HOUR_US, 9 * HOUR_US }, { "12H", 12 * HOUR_US, 9 * HOUR_US }, { "24H", 24 * HOUR_US, 0 },
	{ "MID", 24 * HOUR_US, 9 * HOUR_US }, { NULL, 0, 0 }
};

/* The filters of a socket: of each type the last, and those that are not acknowledged yet. */
struct filters {
	uint8_t *want; /* owned */
	int windows;
	unsigned pending;
};

static void legacy_open(struct session *s, const struct request *r)
{
	struct filters *f = calloc(1, sizeof *f);

	(void)r;
	if (!f)
		abort();
	f->want = calloc(market_count() + 1, 1);
	s->own = f;
	session_send(s, CONNECTED, sizeof CONNECTED - 1);
}

static void legacy_release(struct session *s)
{
	struct filters *f = s->own;

	if (f)
		free(f->want);
	free(f);
}

static int parse_windows(const cJSON *types)
{
	const cJSON *type;
	int windows = 0;

	cJSON_ArrayForEach(type, types) {
		int found = 0;

		for (int i = 0; legacy_windows[i].name && cJSON_IsString(type); i++)
			if (!strcmp(legacy_windows[i].name, type->valuestring))
				found = 1 << i;
		if (!found)
			return 0;
		windows |= found;
	}
	return windows;
}

/* A filter replaces the one of its type; symbols that do not exist are passed over, unless there is no other. */
static bool read_filter(struct filters *f, const cJSON *frame)
{
	const cJSON *type = cJSON_GetObjectItemCaseSensitive(frame, "type"), *symbols = cJSON_GetObjectItemCaseSensitive(frame, "symbols"), *symbol;
	const char *name = cJSON_IsString(type) ? type->valuestring : "";
	uint8_t kind = !strcmp(name, "transaction") ? WANT_TRADE : !strcmp(name, "ticker") ? WANT_TICKER : !strcmp(name, "orderbookdepth") ? WANT_ORDERBOOK : 0;
	int windows = parse_windows(cJSON_GetObjectItemCaseSensitive(frame, "tickTypes"));
	size_t known = 0, i;

	cJSON_ArrayForEach(symbol, symbols)
		known += cJSON_IsString(symbol) && market_find(symbol->valuestring, strlen(symbol->valuestring), &i);
	if (!kind || !cJSON_IsArray(symbols) || !known || (kind == WANT_TICKER && !windows))
		return false;
	for (i = 0; i < market_count(); i++)
		f->want[i] &= (uint8_t)~kind;
	cJSON_ArrayForEach(symbol, symbols)
		if (cJSON_IsString(symbol) && market_find(symbol->valuestring, strlen(symbol->valuestring), &i))
			f->want[i] |= kind;
	if (kind == WANT_TICKER)
		f->windows = windows;
	return true;
}

/* All filters read so far count, and each is acknowledged. In a replay the capture says so itself. */
static void legacy_wake(struct session *s)
{
	struct filters *f = s->own;
	uint8_t *want = malloc(market_count() + 1);

	if (!want)
		return;
	memcpy(want, f->want, market_count() + 1);
	for (; f->pending; f->pending--)
		if (!opt.replay_file)
			session_send(s, REGISTERED, sizeof REGISTERED - 1);
	session_subscribe(s, want, f->windows, false, true);
}

static void legacy_message(struct session *s, const char *text, size_t len)
{
	struct filters *f = s->own;
	cJSON *frame = cJSON_ParseWithLength(text, len);
	bool ok = cJSON_IsObject(frame) && read_filter(f, frame);

	cJSON_Delete(frame);
	if (!ok) {
		session_send(s, INVALID, sizeof INVALID - 1);
		return;
	}
	f->pending++;
	if (opt.replay_file || !opt.ack_ms)
		legacy_wake(s);
	else
		session_wake_in(s, (int64_t)opt.ack_ms);
}

/* ---- what it sends ---- */

static char *put_kst(char *d, int64_t time_us)
{
	int64_t us = time_us % 1000000;

	d = put_date(d, time_us / 1000 + KST_MS);
	*d++ = ' ';
	d = put_time(d, time_us / 1000 + KST_MS);
	*d = '.';
	for (int i = 6; i > 0; i--, us /= 10)
		d[i] = (char)('0' + us % 10);
	return d + 7;
}

static char *put_transaction(char *d, const struct trade *t)
{
	const struct market *m = market_at(t->market);

	d = t->side == SIDE_BUY ? put_lit(d, "{\"buySellGb\":\"2\",\"contPrice\":\"") : put_lit(d, "{\"buySellGb\":\"1\",\"contPrice\":\"");
	d = put_dec(d, trade_price(t), SPELL_PLAIN);
	d = put_lit(d, "\",\"contQty\":\"");
	d = put_dec(d, trade_size(t), t->spell & 1 ? SPELL_PLAIN : SPELL_FIXED);
	d = put_lit(d, "\",\"contAmt\":\"");
	d = put_dec(d, beside_value(t, trade_size(t), 3), SPELL_FIXED);
	d = put_lit(d, "\",\"contDtm\":\"");
	d = put_kst(d, t->time_us);
	d = t->price_units >= m->opening_units ? put_lit(d, "\",\"updn\":\"up\",\"symbol\":\"") : put_lit(d, "\",\"updn\":\"dn\",\"symbol\":\"");
	d = put_text(d, m->symbol);
	return put_lit(d, "\"}");
}

static char *legacy_put_trades(char *d, const struct session *s, const struct trade *const *t, size_t count)
{
	(void)s;
	d = put_lit(d, "{\"type\":\"transaction\",\"content\":{\"list\":[");
	for (size_t i = 0; i < count; i++) {
		if (i)
			*d++ = ',';
		d = put_transaction(d, t[i]);
	}
	return put_lit(d, "]}}");
}

static char *put_field(char *d, const char *name, struct dec value)
{
	d = put_lit(d, ",\"");
	d = put_text(d, name);
	d = put_lit(d, "\":\"");
	d = put_dec(d, value, SPELL_PLAIN);
	*d++ = '"';
	return d;
}

static char *put_ticker(char *d, const struct trade *t, const struct ticker *k)
{
	const struct market *m = market_at(t->market);
	int64_t change = k->close_units - k->open_units;

	d = put_lit(d, "{\"type\":\"ticker\",\"content\":{\"tickType\":\"");
	d = put_text(d, legacy_windows[k->window].name);
	d = put_lit(d, "\",\"date\":\"");
	d = put_date_digits(d, k->time_us / 1000 + KST_MS);
	d = put_lit(d, "\",\"time\":\"");
	d = put_time_digits(d, k->time_us / 1000 + KST_MS);
	*d++ = '"';
	d = put_field(d, "openPrice", (struct dec){ k->open_units, 8 });
	d = put_field(d, "closePrice", (struct dec){ k->close_units, 8 });
	d = put_field(d, "lowPrice", (struct dec){ k->low_units, 8 });
	d = put_field(d, "highPrice", (struct dec){ k->high_units, 8 });
	d = put_field(d, "value", beside_value(t, (struct dec){ k->volume_units, 8 }, 4));
	d = put_field(d, "volume", (struct dec){ k->volume_units, 8 });
	d = put_field(d, "sellVolume", (struct dec){ k->volume_units - k->buy_units, 8 });
	d = put_field(d, "buyVolume", (struct dec){ k->buy_units, 8 });
	d = put_field(d, "prevClosePrice", (struct dec){ m->opening_units, 8 });
	d = change < 0 ? put_lit(d, ",\"chgRate\":\"-0.65\",\"chgAmt\":\"-") : put_lit(d, ",\"chgRate\":\"0.65\",\"chgAmt\":\"");
	d = put_dec(d, (struct dec){ change < 0 ? -change : change, 8 }, SPELL_PLAIN);
	d = put_lit(d, "\",\"volumePower\":\"60.80\",\"symbol\":\"");
	d = put_text(d, m->symbol);
	return put_lit(d, "\"}}");
}

static char *put_orderbook(char *d, const struct trade *t)
{
	const struct market *m = market_at(t->market);

	d = put_lit(d, "{\"type\":\"orderbookdepth\",\"content\":{\"list\":[{\"symbol\":\"");
	d = put_text(d, m->symbol);
	d = put_lit(d, "\",\"orderType\":\"ask\"");
	d = put_field(d, "price", beside_price(t, t->price_units + m->tick_units));
	d = put_field(d, "quantity", beside_amount(t, 1));
	d = put_lit(d, ",\"total\":\"3\"}],\"datetime\":\"");
	d = put_i64(d, beside_sent_us(t));
	return put_lit(d, "\"}}");
}

static char *legacy_put_aside(char *d, const struct session *s, const struct trade *t, enum want what, const struct ticker *k)
{
	(void)s;
	return what == WANT_TICKER ? put_ticker(d, t, k) : put_orderbook(d, t);
}

/* ---- REST ---- */

static void rest_error(struct answer *a, const char *code, const char *message)
{
	buf_add_text(&a->body, "{\"status\":\"");
	buf_add_text(&a->body, code);
	buf_add_text(&a->body, "\",\"message\":\"");
	buf_add_text(&a->body, message);
	buf_add_text(&a->body, "\"}");
}

static char *put_listed(char *d, const struct market *m)
{
	struct dec price = { m->opening_units, 8 };

	d = put_lit(d, "\"opening_price\":\"");
	d = put_dec(d, price, SPELL_PLAIN);
	*d++ = '"';
	d = put_field(d, "closing_price", price);
	d = put_field(d, "min_price", price);
	d = put_field(d, "max_price", price);
	d = put_lit(d, ",\"units_traded\":\"12.5\",\"acc_trade_value\":\"1000.125\"");
	d = put_field(d, "prev_closing_price", price);
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
		d = put_listed(d, m);
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

static void legacy_rest(const struct request *r, struct answer *a)
{
	static const char ticker[] = "/public/ticker/", transactions[] = "/public/transaction_history/";

	if (!strncmp(r->path, ticker, sizeof ticker - 1))
		rest_ticker(r->path + sizeof ticker - 1, a);
	else if (!strncmp(r->path, transactions, sizeof transactions - 1))
		rest_transactions(r->path + sizeof transactions - 1, r, a);
	else
		rest_error(a, "5600", "no such path");
}

static unsigned legacy_rest_group(const struct request *r, const char **name, uint64_t *cost)
{
	(void)r;
	*name = "public";
	*cost = 1;
	return 0;
}

static void legacy_rest_headers(struct answer *a, const struct limit_state *l)
{
	(void)a;
	(void)l;
}

static void legacy_refusal(struct answer *a, int status, const char *words)
{
	rest_error(a, status == 429 || status == 418 ? "5600" : "5500", words);
	a->status = status;
}

static const char *legacy_replay_code(const char *text, size_t len, size_t *code_len)
{
	static const char *const keys[] = { "\"symbol\":\"", NULL };

	return dialect_key_value(text, len, keys, code_len);
}

static void legacy_split(const char *symbol, char *base, char *quote)
{
	split_base_quote(symbol, '_', base, quote);
}

static const char *const legacy_usual[] = {
	"BTC_KRW", "ETH_KRW", "XRP_KRW", "SOL_KRW", "DOGE_KRW", "ETH_BTC", "USDT_KRW", "XRP_BTC", "ADA_KRW", "TRX_KRW", NULL
};

const struct dialect dialect_bithumb_legacy = {
	.name = "bithumb-legacy",
	.ws_path = "/pub/ws",
	.opcode = WS_TEXT,
	.time_unit_us = 1,
	.ticker_unit_us = 1000000,
	.rest_limit = 150,
	.rest_window_ms = 1000,
	.open = legacy_open,
	.message = legacy_message,
	.wake = legacy_wake,
	.release = legacy_release,
	.put_trades = legacy_put_trades,
	.put_aside = legacy_put_aside,
	.windows = legacy_windows,
	.format_chooses_windows = true,
	.rest = legacy_rest,
	.rest_group = legacy_rest_group,
	.rest_headers = legacy_rest_headers,
	.refusal = legacy_refusal,
	.garbage = garbage_bithumb_legacy,
	.replay_code = legacy_replay_code,
	.split = legacy_split,
	.size_decimals = 4,
	.usual_markets = legacy_usual,
	.generated_prefix = "",
	.generated_suffix = "_KRW",
};
