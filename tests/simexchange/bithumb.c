/*
 * Bithumb's present public socket and REST (apidocs.bithumb.com 2.1.5, and what probes showed): like Upbit's, and different where it hurts. Options
 * are in camelCase, and in snake_case passed over; dates and clock times are KST beside timestamps in UTC; socket ids are snowflakes, REST ids only
 * the millisecond; an error of REST may come with status 200.
 */
#include "bithumb.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

#include "beside.h"
#include "dialect.h"
#include "door.h"
#include "garbage.h"
#include "market.h"
#include "odd.h"
#include "options.h"
#include "session.h"
#include "ticker.h"
#include "ws.h"

#define STATUS_EVERY_US 10000000
#define SNOWFLAKE_MS INT64_C(1757948400000) /* 2025-09-16 00:00 KST */
#define SNOWFLAKE_END_MS (INT64_C(1) << 38) /* so many fit above 25 bits */

enum { FORMAT_DEFAULT, FORMAT_SIMPLE };

/* Milliseconds since the epoch, then 25 bits: the count in the millisecond, and something that tells the markets apart. */
static uint64_t bithumb_trade_id(const struct trade *t)
{
	int64_t ms = trade_ms(t) - SNOWFLAKE_MS;

	if (trade_era(t)->absurd)
		return ODD_ID;
	if (ms < 0 || ms >= SNOWFLAKE_END_MS) /* before that day ids were as at Upbit; and nobody knows what is when these end */
		return (uint64_t)trade_ms(t) * 10000 + t->n;
	return (uint64_t)ms << 25 | (uint64_t)t->n << 12 | (t->market * UINT32_C(2654435761) >> 20);
}

/* ---- the subscription frame ---- */

static void fail(struct session *s, const char *name, const char *message)
{
	char text[256];

	snprintf(text, sizeof text, "{\"error\":{\"name\":\"%s\",\"message\":\"%s\"}}", name, message);
	session_fail(s, text);
}

static void bithumb_refuse(struct session *s, const char *code, const char *words)
{
	fail(s, code ? code : "INVALID_PARAM", words);
}

static uint8_t parse_type(const cJSON *type)
{
	const char *name = cJSON_IsString(type) ? type->valuestring : "";

	return !strcmp(name, "trade") ? WANT_TRADE : !strcmp(name, "orderbook") ? WANT_ORDERBOOK : !strcmp(name, "ticker") ? WANT_TICKER : 0;
}

/* A code that is not on the list, or not in capitals, is passed over without a word. */
static void want_codes(uint8_t *want, uint8_t type, const cJSON *codes)
{
	const cJSON *code;

	cJSON_ArrayForEach(code, codes) {
		size_t i;

		if (cJSON_IsString(code) && market_find(code->valuestring, strlen(code->valuestring), &i))
			want[i] |= type;
	}
}

static const char *read_frame(const cJSON *frame, uint8_t *want, int *format, bool *snapshot, bool *realtime)
{
	const cJSON *object;
	const char *wrong = NULL;
	bool ticket = false, type = false;

	cJSON_ArrayForEach(object, frame) {
		const cJSON *t = cJSON_GetObjectItemCaseSensitive(object, "type");
		const cJSON *f = cJSON_GetObjectItemCaseSensitive(object, "format");
		const cJSON *codes = cJSON_GetObjectItemCaseSensitive(object, "codes");
		uint8_t kind = parse_type(t);

		if (!cJSON_IsObject(object))
			wrong = "WRONG_FORMAT";
		ticket = ticket || cJSON_IsString(cJSON_GetObjectItemCaseSensitive(object, "ticket"));
		type = type || t;
		if (t && !kind)
			wrong = "INVALID_PARAM";
		else if (t && (!cJSON_IsArray(codes) || !cJSON_GetArraySize(codes)))
			wrong = "NO_CODES";
		else if (t)
			want_codes(want, kind, codes);
		if (kind == WANT_TRADE) {
			*snapshot = !cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, "isOnlyRealtime"));
			*realtime = !cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, "isOnlySnapshot"));
		}
		if (cJSON_IsString(f) && !strcmp(f->valuestring, "SIMPLE"))
			*format = FORMAT_SIMPLE;
		else if (f && !(cJSON_IsString(f) && !strcmp(f->valuestring, "DEFAULT")))
			wrong = "WRONG_FORMAT";
	}
	return !ticket ? "NO_TICKET" : !type ? "NO_TYPE" : wrong;
}

static void bithumb_message(struct session *s, const char *text, size_t len)
{
	int format = FORMAT_DEFAULT;
	bool snapshot = false, realtime = true;
	const char *wrong;
	uint8_t *want;
	cJSON *frame;

	if (len == 4 && !memcmp(text, "PING", 4)) {
		session_status_on(s, STATUS_EVERY_US, "{\"status\":\"UP\"}");
		return;
	}
	want = calloc(market_count() + 1, 1);
	if (!want)
		return;
	frame = cJSON_ParseWithLength(text, len);
	wrong = cJSON_IsArray(frame) ? read_frame(frame, want, &format, &snapshot, &realtime) : "WRONG_FORMAT";
	cJSON_Delete(frame);
	if (!wrong && door_open(s, text, len)) {
		session_subscribe(s, want, format, snapshot, realtime);
		return;
	}
	free(want);
	if (wrong)
		fail(s, wrong, "the request cannot be served");
}

/* ---- what it sends ---- */

#define KEY(long_name, short_name) (simple ? put_lit(d, ",\"" short_name "\":") : put_lit(d, ",\"" long_name "\":"))
#define QUOTED(put, value) (*d++ = '"', d = put(d, (value)), *d++ = '"')

static char *put_begin(char *d, bool simple, const char *type, const struct trade *t)
{
	d = simple ? put_lit(d, "{\"ty\":\"") : put_lit(d, "{\"type\":\"");
	d = put_text(d, type);
	d = simple ? put_lit(d, "\",\"cd\":\"") : put_lit(d, "\",\"code\":\"");
	d = put_text(d, market_at(t->market)->symbol);
	*d++ = '"';
	return d;
}

/* The change is written with its sign, and as Java writes a double: -2.7E-7. */
char *bithumb_put_change(char *d, bool simple, const struct trade *t)
{
	int64_t opening = market_at(t->market)->opening_units, change = t->price_units - opening;

	d = KEY("prev_closing_price", "pcp");
	d = put_dec(d, beside_price(t, opening), SPELL_POINT);
	d = KEY("change", "c");
	d = change > 0 ? put_lit(d, "\"RISE\"") : change < 0 ? put_lit(d, "\"FALL\"") : put_lit(d, "\"EVEN\"");
	d = KEY("change_price", "cp");
	if (change < 0)
		*d++ = '-';
	return put_dec(d, beside_price(t, change < 0 ? -change : change), SPELL_JAVA);
}

static char *bithumb_put_trade(char *d, const struct session *s, const struct trade *t, bool snapshot)
{
	bool simple = s->format == FORMAT_SIMPLE;

	d = put_begin(d, simple, "trade", t);
	d = KEY("trade_price", "tp");
	d = put_dec(d, trade_price(t), beside_spelling(t, 0));
	d = KEY("trade_volume", "tv");
	d = put_dec(d, trade_size(t), beside_spelling(t, 2));
	d = KEY("ask_bid", "ab");
	d = t->side == SIDE_BUY ? put_lit(d, "\"BID\"") : put_lit(d, "\"ASK\"");
	d = bithumb_put_change(d, simple, t);
	d = KEY("trade_date", "tdt");
	QUOTED(put_date, trade_ms(t) + KST_MS);
	d = KEY("trade_time", "ttm");
	QUOTED(put_time, trade_ms(t) + KST_MS);
	d = KEY("trade_timestamp", "ttms");
	d = put_i64(d, trade_sent_time(t, 1000));
	d = KEY("sequential_id", "sid");
	d = put_u64(d, bithumb_trade_id(t));
	d = KEY("timestamp", "tms");
	d = put_i64(d, beside_sent_us(t) / 1000);
	d = KEY("stream_type", "st");
	return snapshot ? put_lit(d, "\"SNAPSHOT\"}") : put_lit(d, "\"REALTIME\"}");
}

static char *put_orderbook(char *d, bool simple, const struct trade *t)
{
	int64_t tick = market_at(t->market)->tick_units;

	d = put_begin(d, simple, "orderbook", t);
	d = KEY("total_ask_size", "tas");
	d = put_dec(d, beside_amount(t, 3), SPELL_PLAIN);
	d = KEY("total_bid_size", "tbs");
	d = put_dec(d, beside_amount(t, 4), SPELL_PLAIN);
	d = KEY("orderbook_units", "obu");
	for (unsigned level = 0; level < 15; level++) {
		*d++ = level ? ',' : '[';
		d = simple ? put_lit(d, "{\"ap\":") : put_lit(d, "{\"ask_price\":");
		d = put_dec(d, beside_price(t, t->price_units + (level + 1) * tick), SPELL_PLAIN);
		d = KEY("bid_price", "bp");
		d = put_dec(d, beside_price(t, t->price_units - level * tick), SPELL_PLAIN);
		d = KEY("ask_size", "as");
		d = put_dec(d, beside_amount(t, 10 + level), SPELL_PLAIN);
		d = KEY("bid_size", "bs");
		d = put_dec(d, beside_amount(t, 30 + level), SPELL_PLAIN);
		*d++ = '}';
	}
	*d++ = ']';
	d = KEY("level", "lv");
	*d++ = '1';
	d = KEY("timestamp", "tms");
	d = put_i64(d, beside_sent_us(t) / 1000);
	d = KEY("stream_type", "st");
	return put_lit(d, "\"REALTIME\"}");
}

static char *put_ticker(char *d, bool simple, const struct trade *t, const struct ticker *k)
{
	struct dec volume = { k->volume_units, 8 }, bought = { k->buy_units, 8 }, sold = { k->volume_units - k->buy_units, 8 };

	d = put_begin(d, simple, "ticker", t);
	d = KEY("opening_price", "op");
	d = put_dec(d, beside_price(t, k->open_units), SPELL_PLAIN);
	d = KEY("high_price", "hp");
	d = put_dec(d, beside_price(t, k->high_units), beside_spelling(t, 1));
	d = KEY("low_price", "lp");
	d = put_dec(d, beside_price(t, k->low_units), beside_spelling(t, 3));
	d = KEY("trade_price", "tp");
	d = put_dec(d, beside_price(t, k->close_units), SPELL_PLAIN);
	d = bithumb_put_change(d, simple, t);
	d = KEY("trade_volume", "tv");
	d = put_dec(d, trade_size(t), SPELL_PLAIN);
	d = KEY("acc_trade_volume", "atv");
	d = put_dec(d, volume, SPELL_JAVA);
	d = KEY("acc_trade_volume_24h", "atv24h");
	d = put_dec(d, volume, SPELL_JAVA);
	d = KEY("trade_date", "tdt");
	QUOTED(put_date_digits, trade_ms(t) + KST_MS);
	d = KEY("trade_time", "ttm");
	QUOTED(put_time_digits, trade_ms(t) + KST_MS);
	d = KEY("trade_timestamp", "ttms");
	d = put_i64(d, trade_ms(t));
	d = KEY("ask_bid", "ab");
	d = t->side == SIDE_BUY ? put_lit(d, "\"BID\"") : put_lit(d, "\"ASK\"");
	d = KEY("acc_ask_volume", "aav");
	d = put_dec(d, sold, SPELL_JAVA);
	d = KEY("acc_bid_volume", "abv");
	d = put_dec(d, bought, SPELL_JAVA);
	d = KEY("timestamp", "tms");
	d = put_i64(d, k->time_us / 1000);
	d = KEY("stream_type", "st");
	return put_lit(d, "\"REALTIME\"}");
}

static char *bithumb_put_aside(char *d, const struct session *s, const struct trade *t, enum want what, const struct ticker *k)
{
	bool simple = s->format == FORMAT_SIMPLE;

	return what == WANT_TICKER ? put_ticker(d, simple, t, k) : put_orderbook(d, simple, t);
}

static const char *bithumb_replay_code(const char *text, size_t len, size_t *code_len)
{
	static const char *const keys[] = { "\"cd\":\"", "\"code\":\"", NULL };

	return dialect_key_value(text, len, keys, code_len);
}

static void bithumb_split(const char *symbol, char *base, char *quote)
{
	split_quote_base(symbol, '-', base, quote);
}

static const struct ticker_window bithumb_windows[] = { { "24H", 24 * HOUR_US, 9 * HOUR_US }, { NULL, 0, 0 } };

static const char *const bithumb_usual[] = {
	"KRW-BTC", "KRW-ETH", "KRW-XRP", "KRW-SOL", "KRW-DOGE", "BTC-ETH", "KRW-USDT", "BTC-XRP", "KRW-ADA", "KRW-TRX", NULL
};

const struct dialect dialect_bithumb = {
	.name = "bithumb",
	.ws_path = "/websocket/v1",
	.opcode = WS_BINARY,
	.time_unit_us = 1000,
	.ticker_unit_us = 1000,
	.idle_ms = 60000,
	.rest_limit = 150,
	.rest_window_ms = 1000,
	.trade_id = bithumb_trade_id,
	.message = bithumb_message,
	.refuse = bithumb_refuse,
	.put_trade = bithumb_put_trade,
	.put_aside = bithumb_put_aside,
	.windows = bithumb_windows,
	.late_snapshots = true,
	.rest = bithumb_rest,
	.rest_group = bithumb_rest_group,
	.rest_headers = bithumb_rest_headers,
	.refusal = bithumb_refusal,
	.news = "{\"type\":\"notice\",\"code\":\"NONE-NONE\",\"title\":\"maintenance\",\"timestamp\":1795651200000,\"stream_type\":\"REALTIME\"}",
	.garbage = garbage_bithumb,
	.replay_code = bithumb_replay_code,
	.split = bithumb_split,
	.size_decimals = 8,
	.usual_markets = bithumb_usual,
	.generated_prefix = "KRW-",
	.generated_suffix = "",
};
