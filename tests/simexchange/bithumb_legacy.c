/*
 * Bithumb's old socket, /pub/ws (apidocs 1.2.0, and a capture of 2021): filters that are acknowledged when it pleases, several trades a message, no
 * ids, times in KST with microseconds and without a word about the zone. buySellGb 1 is a sale, 2 a purchase, by the taker.
 */
#include "bithumb_legacy.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

#include "beside.h"
#include "dialect.h"
#include "door.h"
#include "garbage.h"
#include "market.h"
#include "options.h"
#include "session.h"
#include "ticker.h"
#include "ws.h"

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

static void legacy_refuse(struct session *s, const char *code, const char *words)
{
	char text[256];
	int n = snprintf(text, sizeof text, "{\"status\":\"%s\",\"resmsg\":\"%s\"}", code ? code : "5100", code ? words : "Invalid Filter Syntax");

	session_send(s, text, (size_t)n);
}

static void legacy_message(struct session *s, const char *text, size_t len)
{
	struct filters *f = s->own;
	cJSON *frame = cJSON_ParseWithLength(text, len);
	bool open = !cJSON_IsObject(frame) || door_open(s, text, len), ok = open && cJSON_IsObject(frame) && read_filter(f, frame);

	cJSON_Delete(frame);
	if (!open)
		return;
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

char *legacy_put_field(char *d, const char *name, struct dec value)
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
	d = legacy_put_field(d, "openPrice", (struct dec){ k->open_units, 8 });
	d = legacy_put_field(d, "closePrice", (struct dec){ k->close_units, 8 });
	d = legacy_put_field(d, "lowPrice", (struct dec){ k->low_units, 8 });
	d = legacy_put_field(d, "highPrice", (struct dec){ k->high_units, 8 });
	d = legacy_put_field(d, "value", beside_value(t, (struct dec){ k->volume_units, 8 }, 4));
	d = legacy_put_field(d, "volume", (struct dec){ k->volume_units, 8 });
	d = legacy_put_field(d, "sellVolume", (struct dec){ k->volume_units - k->buy_units, 8 });
	d = legacy_put_field(d, "buyVolume", (struct dec){ k->buy_units, 8 });
	d = legacy_put_field(d, "prevClosePrice", (struct dec){ m->opening_units, 8 });
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
	d = legacy_put_field(d, "price", beside_price(t, t->price_units + m->tick_units));
	d = legacy_put_field(d, "quantity", beside_amount(t, 1));
	d = put_lit(d, ",\"total\":\"3\"}],\"datetime\":\"");
	d = put_i64(d, beside_sent_us(t));
	return put_lit(d, "\"}}");
}

static char *legacy_put_aside(char *d, const struct session *s, const struct trade *t, enum want what, const struct ticker *k)
{
	(void)s;
	return what == WANT_TICKER ? put_ticker(d, t, k) : put_orderbook(d, t);
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
	.refuse = legacy_refuse,
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
	.news = "{\"type\":\"notice\",\"content\":{\"title\":\"maintenance\"}}",
	.garbage = garbage_bithumb_legacy,
	.replay_code = legacy_replay_code,
	.split = legacy_split,
	.size_decimals = 4,
	.usual_markets = legacy_usual,
	.generated_prefix = "",
	.generated_suffix = "_KRW",
};
