/*
 * Bithumb's present public socket and REST (apidocs.bithumb.com 2.1.5, and what probes showed): like Upbit's, and different where it hurts. Options
 * are in camelCase, and in snake_case passed over; dates and clock times are KST beside timestamps in UTC; socket ids are snowflakes, REST ids only
 * the millisecond; an error of REST may come with status 200.
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

#define STATUS_EVERY_US 10000000
#define SNOWFLAKE_MS INT64_C(1757948400000) /* 2025-09-16 00:00 KST */
#define ROWS_MAX 500
#define DAYS_MAX 7

enum { FORMAT_DEFAULT, FORMAT_SIMPLE };

/* Milliseconds since the epoch, then 25 bits: the count in the millisecond, and something that tells the markets apart. */
static uint64_t bithumb_trade_id(const struct trade *t)
{
	int64_t ms = trade_ms(t) - SNOWFLAKE_MS;

	if (ms < 0) /* before that day ids were as at Upbit */
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
	if (!wrong) {
		session_subscribe(s, want, format, snapshot, realtime);
		return;
	}
	free(want);
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
static char *put_change(char *d, bool simple, const struct trade *t)
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
	d = put_change(d, simple, t);
	d = KEY("trade_date", "tdt");
	QUOTED(put_date, trade_ms(t) + KST_MS);
	d = KEY("trade_time", "ttm");
	QUOTED(put_time, trade_ms(t) + KST_MS);
	d = KEY("trade_timestamp", "ttms");
	d = put_i64(d, trade_ms(t));
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
	d = put_change(d, simple, t);
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

/* ---- REST ---- */

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

	request_parameter(r, "isDetails", details, sizeof details);
	buf_add_text(&a->body, "[");
	for (size_t i = 0; i < market_count(); i++) {
		const struct market *m = market_at(i);
		char row[512];

		if (!market_is_listed(i))
			continue;
		snprintf(row, sizeof row, "%s{\"market\":\"%s\",\"korean_name\":\"\xec\xbd\x94\xec\x9d\xb8 %s\",\"english_name\":\"Coin %s\"%s}",
			 a->body.len > 1 ? "," : "", m->symbol, m->base, m->base, strcmp(details, "true") ? "" : ",\"market_warning\":\"NONE\"");
		buf_add_text(&a->body, row);
	}
	buf_add_text(&a->body, "]");
}

static char *put_row(char *d, const struct trade *t)
{
	const bool simple = false;

	d = put_lit(d, "{\"market\":\"");
	d = put_text(d, market_at(t->market)->symbol);
	d = put_lit(d, "\",\"trade_date_utc\":\"");
	d = put_date(d, trade_ms(t));
	d = put_lit(d, "\",\"trade_time_utc\":\"");
	d = put_time(d, trade_ms(t));
	d = put_lit(d, "\",\"timestamp\":");
	d = put_i64(d, trade_ms(t));
	/* never as the socket spelled it */
	d = put_lit(d, ",\"trade_price\":");
	d = put_dec(d, trade_price(t), t->spell & 1 ? SPELL_POINT : SPELL_JAVA);
	d = put_lit(d, ",\"trade_volume\":");
	d = put_dec(d, trade_size(t), t->spell & 2 ? SPELL_PADDED : SPELL_JAVA);
	d = put_change(d, simple, t);
	d = t->side == SIDE_BUY ? put_lit(d, ",\"ask_bid\":\"BID\"") : put_lit(d, ",\"ask_bid\":\"ASK\"");
	/* the same for all trades of the millisecond */
	d = put_lit(d, ",\"sequential_id\":");
	d = put_u64(d, (uint64_t)trade_ms(t) * 10000);
	*d++ = '}';
	return d;
}

/*
 * Newest first from a moment on: `to` of today's or daysAgo's KST day, where daysAgo alone means that day's 00:00:00; older than the cursor. It goes
 * on into the day before, unless --one-day.
 */
static void rest_ticks(const struct request *r, struct answer *a)
{
	char symbol[64] = "";
	uint64_t count = 1, days_ago = 0, cursor = UINT64_MAX;
	uint32_t places[ROWS_MAX];
	int64_t today_ms = (clock_wall_us() / 1000 + KST_MS) / DAY_MS * DAY_MS - KST_MS, to_ms = INT64_MIN, day_ms, end_ms;
	size_t market, found;

	if (!request_parameter(r, "market", symbol, sizeof symbol) || !request_number(r, "count", 1, ROWS_MAX, &count) ||
	    !request_number(r, "daysAgo", 1, DAYS_MAX, &days_ago) || !request_number(r, "cursor", 0, UINT64_MAX, &cursor) ||
	    !request_clock_time(r, "to", &to_ms)) {
		rest_error(a, 400, "\"invalid_parameter\"", "a parameter is missing or wrong");
		return;
	}
	if (!market_find(symbol, strlen(symbol), &market)) {
		rest_error(a, 200, "404", "Code not found");
		return;
	}
	day_ms = today_ms - (int64_t)days_ago * DAY_MS;
	end_ms = to_ms != INT64_MIN ? day_ms + to_ms : days_ago ? day_ms : today_ms + DAY_MS;
	if (cursor / 10000 < (uint64_t)end_ms)
		end_ms = (int64_t)((cursor + 9999) / 10000);
	found = history_before(market, opt.one_day ? day_ms : today_ms - DAYS_MAX * DAY_MS, end_ms, UINT64_MAX, places, count);
	buf_add_text(&a->body, "[");
	for (size_t i = 0; i < found; i++) {
		char *d = buf_room(&a->body, 1024), *end;

		end = i ? put_lit(d, ",") : d;
		end = put_row(end, market_trade(places[i]));
		a->body.len += (size_t)(end - d);
	}
	buf_add_text(&a->body, "]");
}

static void bithumb_rest(const struct request *r, struct answer *a)
{
	if (!strcmp(r->path, "/v1/market/all"))
		rest_markets(r, a);
	else if (!strcmp(r->path, "/v1/trades/ticks"))
		rest_ticks(r, a);
	else
		rest_error(a, 404, "\"not_found\"", "no such path");
}

static unsigned bithumb_rest_group(const struct request *r, const char **name, uint64_t *cost)
{
	(void)r;
	*name = "public";
	*cost = 1;
	return 0;
}

static void bithumb_rest_headers(struct answer *a, const struct limit_state *l)
{
	char lines[256];
	uint64_t left = l->used < l->limit ? l->limit - l->used : 0;

	snprintf(lines, sizeof lines, "x-ratelimit-remaining: %llu\r\nx-ratelimit-burst-capacity: %llu\r\nx-ratelimit-replenish-rate: %llu\r\n",
		 (unsigned long long)left, (unsigned long long)l->limit, (unsigned long long)l->limit);
	buf_add_text(&a->headers, lines);
}

static void bithumb_refusal(struct answer *a, int status, const char *words)
{
	rest_error(a, status, status == 429 || status == 418 ? "\"too_many_requests\"" : status == 404 ? "\"not_found\"" : "\"refused\"", words);
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
	.put_trade = bithumb_put_trade,
	.put_aside = bithumb_put_aside,
	.windows = bithumb_windows,
	.late_snapshots = true,
	.rest = bithumb_rest,
	.rest_group = bithumb_rest_group,
	.rest_headers = bithumb_rest_headers,
	.refusal = bithumb_refusal,
	.garbage = garbage_bithumb,
	.replay_code = bithumb_replay_code,
	.split = bithumb_split,
	.size_decimals = 8,
	.usual_markets = bithumb_usual,
	.generated_prefix = "KRW-",
	.generated_suffix = "",
};
