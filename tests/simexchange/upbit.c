/*
 * Upbit's public socket and REST, as its documents had them in 2026 (docs.upbit.com: websocket-guide, websocket-trade, list-pair-trades,
 * rate-limits) and as captures and probes showed it.
 */
#include "upbit.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

#include "beside.h"
#include "dialect.h"
#include "door.h"
#include "garbage.h"
#include "http.h"
#include "market.h"
#include "odd.h"
#include "options.h"
#include "session.h"
#include "ticker.h"
#include "ws.h"

#define STATUS_EVERY_US 10000000

enum { FORMAT_DEFAULT = 0, FORMAT_SIMPLE = 1, FORMAT_LIST = 2 }; /* bits: SIMPLE_LIST is both */

uint64_t upbit_trade_id(const struct trade *t)
{
	return trade_era(t)->absurd ? ODD_ID : (uint64_t)trade_ms(t) * 10000 + t->n;
}

/* ---- the subscription frame ---- */

static void fail(struct session *s, const char *name, const char *message)
{
	char text[256];

	snprintf(text, sizeof text, "{\"error\":{\"name\":\"%s\",\"message\":\"%s\"}}", name, message);
	session_fail(s, text);
}

static void upbit_refuse(struct session *s, const char *code, const char *words)
{
	fail(s, code ? code : "INVALID_PARAM", words);
}

static bool is_true(const cJSON *object, const char *snake, const char *camel)
{
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, snake)) || cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, camel));
}

static int parse_format(const char *name)
{
	static const char *const names[] = { "DEFAULT", "SIMPLE", "JSON_LIST", "SIMPLE_LIST" };

	for (int i = 0; i < 4; i++)
		if (!strcmp(name, names[i]))
			return i;
	return -1;
}

static uint8_t parse_type(const char *name)
{
	return !strcmp(name, "trade") ? WANT_TRADE : !strcmp(name, "orderbook") ? WANT_ORDERBOOK : !strcmp(name, "ticker") ? WANT_TICKER : 0;
}

/* A code that is not on the list, or not in capitals, is passed over without a word; of orderbook, KRW-BTC.15 asks for 15 levels. */
static void want_codes(uint8_t *want, uint8_t type, const cJSON *codes)
{
	const cJSON *code;

	cJSON_ArrayForEach(code, codes) {
		size_t i;

		if (cJSON_IsString(code) && market_find(code->valuestring, strcspn(code->valuestring, "."), &i))
			want[i] |= type;
	}
}

static void upbit_subscribe(struct session *s, const cJSON *frame)
{
	const cJSON *object;
	const char *wrong = NULL;
	bool ticket = false, type = false, snapshot = false, realtime = true;
	int format = FORMAT_DEFAULT;
	uint8_t *want = calloc(market_count() + 1, 1);

	if (!want)
		return;
	cJSON_ArrayForEach(object, frame) {
		const cJSON *t = cJSON_GetObjectItemCaseSensitive(object, "type");
		const cJSON *f = cJSON_GetObjectItemCaseSensitive(object, "format");
		const cJSON *codes = cJSON_GetObjectItemCaseSensitive(object, "codes");

		if (!cJSON_IsObject(object))
			wrong = "WRONG_FORMAT";
		if (cJSON_IsString(cJSON_GetObjectItemCaseSensitive(object, "ticket")))
			ticket = true;
		if (t) {
			uint8_t kind = cJSON_IsString(t) ? parse_type(t->valuestring) : 0;

			type = true;
			if (!kind)
				wrong = "INVALID_PARAM";
			else if (!cJSON_IsArray(codes) || !cJSON_GetArraySize(codes))
				wrong = "NO_CODES";
			else
				want_codes(want, kind, codes);
			if (kind == WANT_TRADE) {
				snapshot = !is_true(object, "is_only_realtime", "isOnlyRealtime");
				realtime = !is_true(object, "is_only_snapshot", "isOnlySnapshot");
			}
		}
		if (f) {
			format = cJSON_IsString(f) ? parse_format(f->valuestring) : -1;
			if (format < 0)
				wrong = "WRONG_FORMAT";
		}
	}
	if (!ticket)
		wrong = "NO_TICKET";
	else if (!type)
		wrong = "NO_TYPE";
	if (wrong) {
		free(want);
		fail(s, wrong, "the request cannot be served");
		return;
	}
	session_subscribe(s, want, format, snapshot, realtime);
}

static void upbit_message(struct session *s, const char *text, size_t len)
{
	cJSON *frame;

	if (len == 4 && !memcmp(text, "PING", 4)) {
		session_status_on(s, STATUS_EVERY_US, "{\"status\":\"UP\"}");
		return;
	}
	frame = cJSON_ParseWithLength(text, len);
	if (!cJSON_IsArray(frame))
		fail(s, "WRONG_FORMAT", "a JSON array is wanted");
	else if (door_open(s, text, len))
		upbit_subscribe(s, frame);
	cJSON_Delete(frame);
}

/* ---- what it sends ---- */

/* Long or short names for the same fields. */
#define KEY(long_name, short_name) (simple ? put_lit(d, ",\"" short_name "\":") : put_lit(d, ",\"" long_name "\":"))

static int64_t sent_ms(const struct trade *t)
{
	return beside_sent_us(t) / 1000;
}

static char *put_change(char *d, bool simple, const struct trade *t, const struct market *m)
{
	int64_t change = t->price_units - m->opening_units;

	d = KEY("prev_closing_price", "pcp");
	d = put_dec(d, beside_price(t, m->opening_units), SPELL_PADDED);
	d = KEY("change", "c");
	d = change > 0 ? put_lit(d, "\"RISE\"") : change < 0 ? put_lit(d, "\"FALL\"") : put_lit(d, "\"EVEN\"");
	d = KEY("change_price", "cp");
	return put_dec(d, beside_price(t, change < 0 ? -change : change), beside_spelling(t, 4));
}

static char *upbit_put_trade(char *d, const struct session *s, const struct trade *t, bool snapshot)
{
	const struct market *m = market_at(t->market);
	bool simple = s->format & FORMAT_SIMPLE, list = s->format & FORMAT_LIST;
	int64_t bid = t->side == SIDE_BUY ? t->price_units - m->tick_units : t->price_units;

	if (list)
		*d++ = '[';
	d = simple ? put_lit(d, "{\"ty\":\"trade\",\"cd\":\"") : put_lit(d, "{\"type\":\"trade\",\"code\":\"");
	d = put_text(d, m->symbol);
	*d++ = '"';
	d = KEY("timestamp", "tms");
	d = put_i64(d, sent_ms(t));
	d = KEY("trade_date", "td");
	*d++ = '"';
	d = put_date(d, trade_ms(t));
	*d++ = '"';
	d = KEY("trade_time", "ttm");
	*d++ = '"';
	d = put_time(d, trade_ms(t));
	*d++ = '"';
	d = KEY("trade_timestamp", "ttms");
	d = put_i64(d, trade_sent_time(t, 1000));
	d = KEY("trade_price", "tp");
	d = put_dec(d, trade_price(t), beside_spelling(t, 0));
	d = KEY("trade_volume", "tv");
	d = put_dec(d, trade_size(t), beside_spelling(t, 2));
	d = KEY("ask_bid", "ab");
	d = t->side == SIDE_BUY ? put_lit(d, "\"BID\"") : put_lit(d, "\"ASK\"");
	d = put_change(d, simple, t, m);
	d = KEY("sequential_id", "sid");
	d = put_u64(d, upbit_trade_id(t));
	d = KEY("best_ask_price", "bap");
	d = put_dec(d, beside_price(t, bid + m->tick_units), SPELL_PLAIN);
	d = KEY("best_ask_size", "bas");
	d = put_dec(d, beside_amount(t, 1), SPELL_PLAIN);
	d = KEY("best_bid_price", "bbp");
	d = put_dec(d, beside_price(t, bid), SPELL_PLAIN);
	d = KEY("best_bid_size", "bbs");
	d = put_dec(d, beside_amount(t, 2), SPELL_PLAIN);
	d = KEY("stream_type", "st");
	d = snapshot ? put_lit(d, "\"SNAPSHOT\"}") : put_lit(d, "\"REALTIME\"}");
	if (list)
		*d++ = ']';
	return d;
}

static char *upbit_put_orderbook(char *d, const struct session *s, const struct trade *t)
{
	const struct market *m = market_at(t->market);
	bool simple = s->format & FORMAT_SIMPLE, list = s->format & FORMAT_LIST;

	if (list)
		*d++ = '[';
	d = simple ? put_lit(d, "{\"ty\":\"orderbook\",\"cd\":\"") : put_lit(d, "{\"type\":\"orderbook\",\"code\":\"");
	d = put_text(d, m->symbol);
	*d++ = '"';
	d = KEY("timestamp", "tms");
	d = put_i64(d, sent_ms(t));
	d = KEY("total_ask_size", "tas");
	d = put_dec(d, beside_amount(t, 3), SPELL_POINT);
	d = KEY("total_bid_size", "tbs");
	d = put_dec(d, beside_amount(t, 4), SPELL_POINT);
	d = KEY("orderbook_units", "obu");
	for (unsigned level = 0; level < 15; level++) {
		*d++ = level ? ',' : '[';
		d = simple ? put_lit(d, "{\"ap\":") : put_lit(d, "{\"ask_price\":");
		d = put_dec(d, beside_price(t, t->price_units + (level + 1) * m->tick_units), SPELL_JAVA);
		d = KEY("bid_price", "bp");
		d = put_dec(d, beside_price(t, t->price_units - level * m->tick_units), SPELL_JAVA);
		d = KEY("ask_size", "as");
		d = put_dec(d, beside_amount(t, 10 + level), SPELL_JAVA);
		d = KEY("bid_size", "bs");
		d = put_dec(d, beside_amount(t, 30 + level), SPELL_JAVA);
		*d++ = '}';
	}
	d = simple ? put_lit(d, "],\"st\":\"REALTIME\",\"lv\":0}") : put_lit(d, "],\"stream_type\":\"REALTIME\",\"level\":0}");
	if (list)
		*d++ = ']';
	return d;
}

static char *upbit_put_ticker(char *d, const struct session *s, const struct trade *t, const struct ticker *k)
{
	const struct market *m = market_at(t->market);
	bool simple = s->format & FORMAT_SIMPLE, list = s->format & FORMAT_LIST;

	if (list)
		*d++ = '[';
	d = simple ? put_lit(d, "{\"ty\":\"ticker\",\"cd\":\"") : put_lit(d, "{\"type\":\"ticker\",\"code\":\"");
	d = put_text(d, m->symbol);
	*d++ = '"';
	d = KEY("opening_price", "op");
	d = put_dec(d, beside_price(t, k->open_units), SPELL_PADDED);
	d = KEY("high_price", "hp");
	d = put_dec(d, beside_price(t, k->high_units), beside_spelling(t, 1));
	d = KEY("low_price", "lp");
	d = put_dec(d, beside_price(t, k->low_units), beside_spelling(t, 3));
	d = KEY("trade_price", "tp");
	d = put_dec(d, beside_price(t, k->close_units), SPELL_PADDED);
	d = put_change(d, simple, t, m);
	d = KEY("trade_volume", "tv");
	d = put_dec(d, trade_size(t), SPELL_PADDED);
	d = KEY("acc_trade_volume", "atv");
	d = put_dec(d, (struct dec){ k->volume_units, 8 }, SPELL_JAVA);
	d = KEY("acc_trade_volume_24h", "atv24h");
	d = put_dec(d, (struct dec){ k->volume_units, 8 }, SPELL_JAVA);
	d = KEY("acc_ask_volume", "aav");
	d = put_dec(d, (struct dec){ k->volume_units - k->buy_units, 8 }, SPELL_JAVA);
	d = KEY("acc_bid_volume", "abv");
	d = put_dec(d, (struct dec){ k->buy_units, 8 }, SPELL_JAVA);
	d = KEY("ask_bid", "ab");
	d = t->side == SIDE_BUY ? put_lit(d, "\"BID\"") : put_lit(d, "\"ASK\"");
	d = KEY("trade_date", "tdt");
	*d++ = '"';
	d = put_date_digits(d, trade_ms(t));
	*d++ = '"';
	d = KEY("trade_time", "ttm");
	*d++ = '"';
	d = put_time_digits(d, trade_ms(t));
	*d++ = '"';
	d = KEY("trade_timestamp", "ttms");
	d = put_i64(d, k->time_us / 1000);
	d = KEY("timestamp", "tms");
	d = put_i64(d, k->time_us / 1000);
	d = KEY("stream_type", "st");
	d = put_lit(d, "\"REALTIME\"}");
	if (list)
		*d++ = ']';
	return d;
}

static char *upbit_put_aside(char *d, const struct session *s, const struct trade *t, enum want what, const struct ticker *k)
{
	return what == WANT_TICKER ? upbit_put_ticker(d, s, t, k) : upbit_put_orderbook(d, s, t);
}

/* ---- the rest ---- */

static const char *upbit_replay_code(const char *text, size_t len, size_t *code_len)
{
	static const char *const keys[] = { "\"cd\":\"", "\"code\":\"", NULL };

	return dialect_key_value(text, len, keys, code_len);
}

static void upbit_split(const char *symbol, char *base, char *quote)
{
	split_quote_base(symbol, '-', base, quote);
}

static const struct ticker_window upbit_windows[] = { { "24H", 24 * HOUR_US, 0 }, { NULL, 0, 0 } };

static const char *const upbit_usual[] = {
	"KRW-BTC", "KRW-ETH", "KRW-XRP", "KRW-SOL", "KRW-DOGE", "BTC-ETH", "USDT-BTC", "BTC-XRP", "KRW-USDT", "KRW-ADA", NULL
};

const struct dialect dialect_upbit = {
	.name = "upbit",
	.ws_path = "/websocket/v1",
	.opcode = WS_BINARY,
	.time_unit_us = 1000,
	.ticker_unit_us = 1000,
	.messages_a_second = 5,
	.messages_a_minute = 100,
	.idle_ms = 60000,
	.rest_limit = 10,
	.rest_window_ms = 1000,
	.trade_id = upbit_trade_id,
	.message = upbit_message,
	.refuse = upbit_refuse,
	.put_trade = upbit_put_trade,
	.put_aside = upbit_put_aside,
	.windows = upbit_windows,
	.rest = upbit_rest,
	.rest_group = upbit_rest_group,
	.rest_headers = upbit_rest_headers,
	.refusal = upbit_refusal,
	.news = "{\"type\":\"notice\",\"code\":\"NONE-NONE\",\"title\":\"maintenance\",\"timestamp\":1795651200000,\"stream_type\":\"REALTIME\"}",
	.garbage = garbage_upbit,
	.replay_code = upbit_replay_code,
	.split = upbit_split,
	.size_decimals = 8,
	.usual_markets = upbit_usual,
	.generated_prefix = "KRW-",
	.generated_suffix = "",
};
