/*
 * Upbit's public socket and REST, as its documents had them in 2026 (docs.upbit.com: websocket-guide, websocket-trade, list-pair-trades,
 * rate-limits) and as captures and probes showed it.
 */
#include "dialect.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "http.h"
#include "market.h"
#include "options.h"
#include "session.h"
#include "ws.h"

#define STATUS_EVERY_US 10000000
#define ROWS_MAX 500
#define DAYS_MAX 7

enum { FORMAT_DEFAULT = 0, FORMAT_SIMPLE = 1, FORMAT_LIST = 2 }; /* bits: SIMPLE_LIST is both */

static uint64_t upbit_trade_id(const struct trade *t)
{
	return (uint64_t)t->time_ms * 10000 + t->n;
}

/* ---- the subscription frame ---- */

static void fail(struct session *s, const char *name, const char *message)
{
	char text[256];

	snprintf(text, sizeof text, "{\"error\":{\"name\":\"%s\",\"message\":\"%s\"}}", name, message);
	session_fail(s, text);
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
	if (cJSON_IsArray(frame))
		upbit_subscribe(s, frame);
	else
		fail(s, "WRONG_FORMAT", "a JSON array is wanted");
	cJSON_Delete(frame);
}

/* ---- what it sends ---- */

/* Long or short names for the same fields. */
#define KEY(long_name, short_name) (simple ? put_lit(d, ",\"" short_name "\":") : put_lit(d, ",\"" long_name "\":"))

static enum spelling spelling(const struct trade *t, unsigned which)
{
	return (enum spelling)((t->spell >> which) % SPELLINGS);
}

/* A sum or difference in the price's own scale. */
static struct dec beside(const struct trade *t, int64_t units)
{
	return (struct dec){ units > 0 ? units : 0, t->price_scale };
}

/* Some amount lying in the book: any will do, if the same trade always shows the same. */
static struct dec book_size(const struct trade *t, uint64_t salt)
{
	struct rng r = rng_fork(upbit_trade_id(t), salt);

	return (struct dec){ (int64_t)(1 + rng_below(&r, 50000000000)), 8 };
}

/* Milliseconds after the trade, when the exchange says it sent the message. */
static int64_t sent_ms(const struct trade *t)
{
	return opt.virtual_time ? t->time_ms + 35 + t->late_ms : clock_wall_us() / 1000;
}

static char *put_change(char *d, bool simple, const struct trade *t, const struct market *m)
{
	int64_t change = t->price_units - m->opening_units;

	d = KEY("prev_closing_price", "pcp");
	d = put_dec(d, beside(t, m->opening_units), SPELL_PADDED);
	d = KEY("change", "c");
	d = change > 0 ? put_lit(d, "\"RISE\"") : change < 0 ? put_lit(d, "\"FALL\"") : put_lit(d, "\"EVEN\"");
	d = KEY("change_price", "cp");
	return put_dec(d, beside(t, change < 0 ? -change : change), spelling(t, 4));
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
	d = put_date(d, t->time_ms);
	*d++ = '"';
	d = KEY("trade_time", "ttm");
	*d++ = '"';
	d = put_time(d, t->time_ms);
	*d++ = '"';
	d = KEY("trade_timestamp", "ttms");
	d = put_i64(d, t->time_ms);
	d = KEY("trade_price", "tp");
	d = put_dec(d, trade_price(t), spelling(t, 0));
	d = KEY("trade_volume", "tv");
	d = put_dec(d, trade_size(t), spelling(t, 2));
	d = KEY("ask_bid", "ab");
	d = t->side == SIDE_BUY ? put_lit(d, "\"BID\"") : put_lit(d, "\"ASK\"");
	d = put_change(d, simple, t, m);
	d = KEY("sequential_id", "sid");
	d = put_u64(d, upbit_trade_id(t));
	d = KEY("best_ask_price", "bap");
	d = put_dec(d, beside(t, bid + m->tick_units), SPELL_PLAIN);
	d = KEY("best_ask_size", "bas");
	d = put_dec(d, book_size(t, 1), SPELL_PLAIN);
	d = KEY("best_bid_price", "bbp");
	d = put_dec(d, beside(t, bid), SPELL_PLAIN);
	d = KEY("best_bid_size", "bbs");
	d = put_dec(d, book_size(t, 2), SPELL_PLAIN);
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
	d = put_dec(d, book_size(t, 3), SPELL_POINT);
	d = KEY("total_bid_size", "tbs");
	d = put_dec(d, book_size(t, 4), SPELL_POINT);
	d = KEY("orderbook_units", "obu");
	for (unsigned level = 0; level < 15; level++) {
		*d++ = level ? ',' : '[';
		d = simple ? put_lit(d, "{\"ap\":") : put_lit(d, "{\"ask_price\":");
		d = put_dec(d, beside(t, t->price_units + (level + 1) * m->tick_units), SPELL_JAVA);
		d = KEY("bid_price", "bp");
		d = put_dec(d, beside(t, t->price_units - level * m->tick_units), SPELL_JAVA);
		d = KEY("ask_size", "as");
		d = put_dec(d, book_size(t, 10 + level), SPELL_JAVA);
		d = KEY("bid_size", "bs");
		d = put_dec(d, book_size(t, 30 + level), SPELL_JAVA);
		*d++ = '}';
	}
	d = simple ? put_lit(d, "],\"st\":\"REALTIME\",\"lv\":0}") : put_lit(d, "],\"stream_type\":\"REALTIME\",\"level\":0}");
	if (list)
		*d++ = ']';
	return d;
}

static char *upbit_put_ticker(char *d, const struct session *s, const struct trade *t)
{
	const struct market *m = market_at(t->market);
	bool simple = s->format & FORMAT_SIMPLE, list = s->format & FORMAT_LIST;

	if (list)
		*d++ = '[';
	d = simple ? put_lit(d, "{\"ty\":\"ticker\",\"cd\":\"") : put_lit(d, "{\"type\":\"ticker\",\"code\":\"");
	d = put_text(d, m->symbol);
	*d++ = '"';
	d = KEY("opening_price", "op");
	d = put_dec(d, beside(t, m->opening_units), SPELL_PADDED);
	d = KEY("high_price", "hp");
	d = put_dec(d, beside(t, m->opening_units + 50 * m->tick_units), SPELL_PADDED);
	d = KEY("low_price", "lp");
	d = put_dec(d, beside(t, m->tick_units), SPELL_PADDED);
	d = KEY("trade_price", "tp");
	d = put_dec(d, trade_price(t), SPELL_PADDED);
	d = put_change(d, simple, t, m);
	d = KEY("trade_volume", "tv");
	d = put_dec(d, trade_size(t), SPELL_PADDED);
	d = KEY("acc_trade_volume_24h", "atv24h");
	d = put_dec(d, book_size(t, 5), SPELL_JAVA);
	d = KEY("ask_bid", "ab");
	d = t->side == SIDE_BUY ? put_lit(d, "\"BID\"") : put_lit(d, "\"ASK\"");
	d = KEY("trade_timestamp", "ttms");
	d = put_i64(d, t->time_ms);
	d = KEY("timestamp", "tms");
	d = put_i64(d, sent_ms(t));
	d = KEY("stream_type", "st");
	d = put_lit(d, "\"REALTIME\"}");
	if (list)
		*d++ = ']';
	return d;
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

	request_parameter(r, "is_details", details, sizeof details);
	buf_add_text(&a->body, "[");
	for (size_t i = 0; i < market_count(); i++) {
		const char *symbol = market_at(i)->symbol, *base = strchr(symbol, '-');
		char row[640];

		base = base ? base + 1 : symbol;
		snprintf(row, sizeof row, "%s{\"market\":\"%s\",\"korean_name\":\"\xec\xbd\x94\xec\x9d\xb8 %s\",\"english_name\":\"Coin %s\"%s}",
			 i ? "," : "", symbol, base, base,
			 strcmp(details, "true") ? "" :
			 ",\"market_event\":{\"warning\":false,\"caution\":{\"PRICE_FLUCTUATIONS\":false,\"TRADING_VOLUME_SOARING\":false,"
			 "\"DEPOSIT_AMOUNT_SOARING\":false,\"GLOBAL_PRICE_DIFFERENCES\":false,\"CONCENTRATION_OF_SMALL_ACCOUNTS\":false}}");
		buf_add_text(&a->body, row);
	}
	buf_add_text(&a->body, "]");
}

static char *put_row(char *d, const struct trade *t)
{
	const struct market *m = market_at(t->market);
	int64_t change = t->price_units - m->opening_units;

	d = put_lit(d, "{\"market\":\"");
	d = put_text(d, m->symbol);
	d = put_lit(d, "\",\"trade_date_utc\":\"");
	d = put_date(d, t->time_ms);
	d = put_lit(d, "\",\"trade_time_utc\":\"");
	d = put_time(d, t->time_ms);
	d = put_lit(d, "\",\"timestamp\":");
	d = put_i64(d, t->time_ms);
	/* never as the socket spelled it */
	d = put_lit(d, ",\"trade_price\":");
	d = put_dec(d, trade_price(t), t->spell & 1 ? SPELL_POINT : SPELL_JAVA);
	d = put_lit(d, ",\"trade_volume\":");
	d = put_dec(d, trade_size(t), t->spell & 2 ? SPELL_PADDED : SPELL_JAVA);
	d = put_lit(d, ",\"prev_closing_price\":");
	d = put_dec(d, beside(t, m->opening_units), SPELL_POINT);
	d = change < 0 ? put_lit(d, ",\"change_price\":-") : put_lit(d, ",\"change_price\":");
	d = put_dec(d, beside(t, change < 0 ? -change : change), SPELL_JAVA);
	d = t->side == SIDE_BUY ? put_lit(d, ",\"ask_bid\":\"BID\"") : put_lit(d, ",\"ask_bid\":\"ASK\"");
	d = put_lit(d, ",\"sequential_id\":");
	d = put_u64(d, upbit_trade_id(t));
	*d++ = '}';
	return d;
}

/* A number of the query within its bounds; absent or empty leaves it as it is. */
static bool number(const struct request *r, const char *name, uint64_t low, uint64_t high, uint64_t *value)
{
	char text[32], *end;

	if (!request_parameter(r, name, text, sizeof text) || !*text)
		return true;
	if (*text < '0' || *text > '9')
		return false;
	*value = strtoull(text, &end, 10);
	return !*end && *value >= low && *value <= high;
}

/* HHmmss or HH:mm:ss, as milliseconds into the day. */
static bool clock_time(const char *text, int64_t *ms)
{
	int h, m, s, n = 0;

	if ((sscanf(text, "%2d%2d%2d%n", &h, &m, &s, &n) != 3 || text[n]) && (sscanf(text, "%2d:%2d:%2d%n", &h, &m, &s, &n) != 3 || text[n]))
		return false;
	if (h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 59)
		return false;
	*ms = ((h * 60 + m) * 60 + s) * INT64_C(1000);
	return true;
}

/* One UTC day a query: today, or days_ago; up to `to` (not including it), older than the cursor, newest first. */
static void rest_ticks(const struct request *r, struct answer *a)
{
	char symbol[64] = "", to[32] = "";
	uint64_t count = 1, days_ago = 0, cursor = UINT64_MAX;
	uint32_t places[ROWS_MAX];
	int64_t day_ms = clock_wall_us() / 1000 / DAY_MS * DAY_MS, to_ms = DAY_MS;
	size_t market, found;

	if (!request_parameter(r, "market", symbol, sizeof symbol) || !number(r, "count", 1, ROWS_MAX, &count) ||
	    !(number(r, "days_ago", 1, DAYS_MAX, &days_ago) && number(r, "daysAgo", 1, DAYS_MAX, &days_ago)) ||
	    !number(r, "cursor", 0, UINT64_MAX, &cursor) ||
	    (request_parameter(r, "to", to, sizeof to) && *to && !clock_time(to, &to_ms))) {
		rest_error(a, 400, "\"invalid_parameter\"", "a parameter is missing or wrong");
		return;
	}
	if (!market_find(symbol, strlen(symbol), &market)) {
		rest_error(a, 404, "404", "Code not found");
		return;
	}
	day_ms -= (int64_t)days_ago * DAY_MS;
	found = market_history(market, day_ms, day_ms + to_ms, cursor, places, count);
	buf_add_text(&a->body, "[");
	for (size_t i = 0; i < found; i++) {
		char *d = buf_room(&a->body, 1024), *end;

		end = i ? put_lit(d, ",") : d;
		end = put_row(end, market_trade(places[i]));
		a->body.len += (size_t)(end - d);
	}
	buf_add_text(&a->body, "]");
}

static void upbit_rest(const struct request *r, struct answer *a)
{
	if (!strcmp(r->path, "/v1/market/all"))
		rest_markets(r, a);
	else if (!strcmp(r->path, "/v1/trades/ticks"))
		rest_ticks(r, a);
	else
		rest_error(a, 404, "\"not_found\"", "no such path");
}

static unsigned upbit_rest_group(const char *path, const char **name)
{
	static const struct { const char *prefix, *name; } groups[] = {
		{ "/v1/market", "market" }, { "/v1/trades", "trade" }, { "/v1/candles", "candles" }, { "/v1/ticker", "ticker" },
		{ "/v1/orderbook", "orderbook" },
	};

	for (unsigned i = 0; i < sizeof groups / sizeof *groups; i++) {
		if (!strncmp(path, groups[i].prefix, strlen(groups[i].prefix))) {
			*name = groups[i].name;
			return i + 1;
		}
	}
	*name = "default";
	return 0;
}

/* ---- the rest ---- */

/* The value of "cd" or "code". A search will do: captures are trusted, and hold no such text elsewhere. */
static const char *upbit_replay_code(const char *text, size_t len, size_t *code_len)
{
	static const char *const keys[] = { "\"cd\":\"", "\"code\":\"" };

	for (size_t i = 0; i < 2; i++) {
		const char *at = memmem(text, len, keys[i], strlen(keys[i]));
		const char *end;

		if (!at)
			continue;
		at += strlen(keys[i]);
		end = memchr(at, '"', len - (size_t)(at - text));
		if (end) {
			*code_len = (size_t)(end - at);
			return at;
		}
	}
	return NULL;
}

/*
 * Trades with exactly one thing wrong, in the long form and the short. What a reader may well accept - a number in quotes, a field too many -
 * is not here: each of these has a price, size, side, market, time or id that cannot be one.
 */
#define LONG(price, volume, side, ttms, sid) \
	"{\"type\":\"trade\",\"code\":\"%\",\"timestamp\":1789874437600,\"trade_date\":\"2026-09-20\",\"trade_time\":\"03:20:37\",\"trade_timestamp\":" ttms \
	",\"trade_price\":" price ",\"trade_volume\":" volume ",\"ask_bid\":" side ",\"prev_closing_price\":1.0,\"change\":\"RISE\",\"change_price\":1.0," \
	"\"sequential_id\":" sid ",\"stream_type\":\"REALTIME\"}"
#define SHORT(price, volume, side, ttms, sid) \
	"{\"ty\":\"trade\",\"cd\":\"%\",\"tms\":1789874437600,\"td\":\"2026-09-20\",\"ttm\":\"03:20:37\",\"ttms\":" ttms \
	",\"tp\":" price ",\"tv\":" volume ",\"ab\":" side ",\"pcp\":1.0,\"c\":\"RISE\",\"cp\":1.0,\"sid\":" sid ",\"st\":\"REALTIME\"}"
#define BOTH(price, volume, side, ttms, sid) LONG(price, volume, side, ttms, sid), SHORT(price, volume, side, ttms, sid)
#define P "127.0"
#define V "0.5"
#define B "\"BID\""
#define T "1789874437574"
#define ID "17898744375740001"
#define DIGITS_45 "123456789012345678901234567890123456789012345"

static const char *const upbit_garbage[] = {
	/* the price */
	BOTH("\"abc\"", V, B, T, ID), BOTH("null", V, B, T, ID), BOTH("true", V, B, T, ID), BOTH("{\"p\":1}", V, B, T, ID), BOTH("[127.0]", V, B, T, ID),
	BOTH("\"\"", V, B, T, ID), BOTH("NaN", V, B, T, ID), BOTH("Infinity", V, B, T, ID), BOTH("-127.0", V, B, T, ID), BOTH("1.2.3", V, B, T, ID),
	BOTH("1E", V, B, T, ID), BOTH("1E999999999", V, B, T, ID), BOTH("0x10", V, B, T, ID), BOTH("1,000", V, B, T, ID), BOTH("", V, B, T, ID),
	BOTH(DIGITS_45, V, B, T, ID), BOTH("0." DIGITS_45, V, B, T, ID),
	/* the size */
	BOTH(P, "\"many\"", B, T, ID), BOTH(P, "null", B, T, ID), BOTH(P, "-0.5", B, T, ID), BOTH(P, "NaN", B, T, ID), BOTH(P, DIGITS_45 "." DIGITS_45, B, T, ID),
	BOTH(P, "1E-999999999", B, T, ID), BOTH(P, "false", B, T, ID),
	/* the side */
	BOTH(P, V, "\"HOLD\"", T, ID), BOTH(P, V, "null", T, ID), BOTH(P, V, "1", T, ID), BOTH(P, V, "\"\"", T, ID),
	/* the time */
	BOTH(P, V, B, "null", ID), BOTH(P, V, B, "\"yesterday\"", ID), BOTH(P, V, B, "-1", ID), BOTH(P, V, B, DIGITS_45, ID), BOTH(P, V, B, "1.5E400", ID),
	/* the id */
	BOTH(P, V, B, T, "null"), BOTH(P, V, B, T, "-17898744375740001"), BOTH(P, V, B, T, "1.5"), BOTH(P, V, B, T, "\"one\""), BOTH(P, V, B, T, DIGITS_45),
	BOTH(P, V, B, T, "{}"), BOTH(P, V, B, T, "true"),
	/* missing: the code, the price, the size, the side, the id, the time; the type */
	"{\"type\":\"trade\",\"trade_timestamp\":" T ",\"trade_price\":1,\"trade_volume\":1,\"ask_bid\":\"BID\",\"sequential_id\":" ID "}",
	"{\"type\":\"trade\",\"code\":\"%\",\"trade_timestamp\":" T ",\"trade_volume\":1,\"ask_bid\":\"BID\",\"sequential_id\":" ID "}",
	"{\"type\":\"trade\",\"code\":\"%\",\"trade_timestamp\":" T ",\"trade_price\":1,\"ask_bid\":\"BID\",\"sequential_id\":" ID "}",
	"{\"type\":\"trade\",\"code\":\"%\",\"trade_timestamp\":" T ",\"trade_price\":1,\"trade_volume\":1,\"sequential_id\":" ID "}",
	"{\"type\":\"trade\",\"code\":\"%\",\"trade_timestamp\":" T ",\"trade_price\":1,\"trade_volume\":1,\"ask_bid\":\"BID\"}",
	"{\"type\":\"trade\",\"code\":\"%\",\"trade_price\":1,\"trade_volume\":1,\"ask_bid\":\"BID\",\"sequential_id\":" ID "}",
	"{\"code\":\"%\",\"trade_price\":1,\"trade_volume\":1}",
	"{\"type\":\"trade\"}", "{\"ty\":\"trade\"}", "{\"type\":\"trade\",\"code\":\"%\"}", "{\"type\":7}", "{\"type\":null,\"code\":\"%\"}",
	/* types and markets nobody asked for; a market that is no text, or whose text is no UTF-8, or that tries to break out of something */
	"{\"type\":\"liquidation\",\"code\":\"%\",\"trade_price\":1,\"trade_volume\":1}",
	"{\"type\":\"trade\",\"code\":\"KRW-NOSUCH\",\"timestamp\":1789874437600,\"trade_timestamp\":" T ",\"trade_price\":127.0,\"trade_volume\":0.5,"
	"\"ask_bid\":\"BID\",\"sequential_id\":" ID ",\"stream_type\":\"REALTIME\"}",
	"{\"ty\":\"trade\",\"cd\":\"KRW-NOSUCH\",\"tms\":1789874437600,\"ttms\":" T ",\"tp\":127.0,\"tv\":0.5,\"ab\":\"BID\",\"sid\":" ID ",\"st\":\"REALTIME\"}",
	"{\"type\":\"trade\",\"code\":5,\"trade_timestamp\":" T ",\"trade_price\":1,\"trade_volume\":1,\"ask_bid\":\"BID\",\"sequential_id\":" ID "}",
	"{\"type\":\"trade\",\"code\":\"KRW-\xff\xfe\",\"trade_timestamp\":" T ",\"trade_price\":1,\"trade_volume\":1,\"ask_bid\":\"BID\",\"sequential_id\":" ID "}",
	"{\"type\":\"trade\",\"code\":\"KRW-B\\u0000TC\",\"trade_timestamp\":" T ",\"trade_price\":1,\"trade_volume\":1,\"ask_bid\":\"BID\",\"sequential_id\":" ID "}",
	"{\"type\":\"trade\",\"code\":\"'; DROP TABLE trades; --\",\"trade_timestamp\":" T ",\"trade_price\":1,\"trade_volume\":1,\"ask_bid\":\"BID\",\"sequential_id\":" ID "}",
	/* the same key twice, wrong both times */
	"{\"type\":\"trade\",\"code\":\"%\",\"trade_timestamp\":" T ",\"trade_price\":-1,\"trade_price\":\"x\",\"trade_volume\":1,\"ask_bid\":\"BID\",\"sequential_id\":" ID "}",
	"{\"type\":\"orderbook\",\"type\":\"orderbook\",\"code\":\"%\",\"code\":\"%\",\"orderbook_units\":[],\"orderbook_units\":{}}",
	/* cut off */
	"{\"type\":\"trade\",\"code\":\"%\",\"trade_price\":127.", "{\"type\":\"trade\",\"code\":\"%\",\"trade_timestamp\":" T ",\"trade_price\":127.0,\"trade_vol",
	/* the exchange's own words */
	"{\"error\":{\"name\":\"INVALID_PARAM\",\"message\":\"nothing happened\"}}", "{\"error\":null}", "{\"error\":\"text\"}",
	NULL
};

#undef P
#undef V
#undef B
#undef T
#undef ID

static const char *const upbit_usual[] = {
	"KRW-BTC", "KRW-ETH", "KRW-XRP", "KRW-SOL", "KRW-DOGE", "BTC-ETH", "USDT-BTC", "BTC-XRP", "KRW-USDT", "KRW-ADA", NULL
};

const struct dialect dialect_upbit = {
	.name = "upbit",
	.ws_path = "/websocket/v1",
	.opcode = WS_BINARY,
	.trade_id = upbit_trade_id,
	.message = upbit_message,
	.put_trade = upbit_put_trade,
	.put_orderbook = upbit_put_orderbook,
	.put_ticker = upbit_put_ticker,
	.rest = upbit_rest,
	.rest_group = upbit_rest_group,
	.garbage = upbit_garbage,
	.replay_code = upbit_replay_code,
	.usual_markets = upbit_usual,
	.generated_prefix = "KRW-",
};
