/* Upbit.  Formats: docs.upbit.com/kr/reference, pages websocket-guide, websocket-trade and market list, as of 2026-11-22;
 * frames of 2021-04-17 looked the same.
 *
 * One text frame subscribes to everything, and a second one would replace it.  It is never acknowledged, and a code that
 * does not exist is ignored without a word: that is why names are checked against the list first.  Trades come as binary
 * frames of JSON, one each, numbers bare:
 *
 * SIMPLE   {"ty":"trade","cd":"KRW-LAMB","tms":1618678262712,"td":"2021-04-17","ttm":"16:51:02","ttms":1618678262000,
 *           "tp":127.0,"tv":46.48838371,"ab":"BID","pcp":123.00000000,"c":"RISE","cp":4.00000000,
 *           "sid":1618678262000003,"st":"REALTIME"}
 * DEFAULT  {"type":"trade","code":"KRW-LAMB","trade_price":127.0,"trade_volume":46.48838371,"ask_bid":"BID",
 *           "trade_timestamp":1618678262000,"sequential_id":1618678262000003,...}
 * *_LIST   the same in an array
 * errors   {"error":{"name":"WRONG_FORMAT","message":"..."}}
 * alive    {"status":"UP"}
 *
 * ab / ask_bid is the taker's side: BID bought.  sequential_id is unique in a market, and since 2024 is made of the trade's
 * milliseconds: ms * 10000 + n.  It is not gapless, and trades arrive out of order by up to 2.5 s. */
#include "recorder/exchange.h"

#include "schema/timefmt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The short and the long name of each field. */
struct field_names {
	const char *type, *code, *price, *size, *side, *time_ms, *id;
};
static const struct field_names short_names = { "ty", "cd", "tp", "tv", "ab", "ttms", "sid" };
static const struct field_names long_names = { "type",    "code",            "trade_price",  "trade_volume",
	                                       "ask_bid", "trade_timestamp", "sequential_id" };

static const char *const passed_over[] = { "orderbook", "ticker", "myOrder", "myAsset" };

static char *upbit_subscribe(const struct market_set *set, const char *ticket)
{
	char *frame = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&frame, &size);
	if (!out)
		return NULL;
	fprintf(out, "[{\"ticket\":\"%s\"},{\"type\":\"trade\",\"codes\":[", ticket);
	for (size_t i = 0; i < set->count; i++)
		fprintf(out, "%s\"%s\"", i ? "," : "", set->symbols[i]);
	fprintf(out, "],\"is_only_realtime\":true},{\"format\":\"SIMPLE\"}]");
	if (fclose(out) != 0) {
		free(frame);
		return NULL;
	}
	return frame;
}

/* NULL, or the constant reason why the field cannot be used. */
static const char *take_decimal(const cJSON *message, const char *name, struct decimal *d)
{
	const char *text = json_number(message, name), *reason = NULL;
	if (!text)
		return json_member(message, name) ? "wrong type" : "missing field";
	return decimal_parse(d, text, strlen(text), &reason) ? NULL : reason;
}

static const char *take_time(const cJSON *message, const char *name, int64_t *time_us)
{
	struct decimal d;
	const char *reason = take_decimal(message, name, &d);
	if (reason)
		return reason;
	if (d.scale != 0 || d.limb[1] | d.limb[2] || d.limb[0] == 0 || d.limb[0] > TIME_US_MAX / 1000)
		return "no time";
	*time_us = (int64_t)d.limb[0] * 1000;
	return NULL;
}

static const char *take_id(const cJSON *message, const char *name, struct trade_id *id)
{
	struct decimal d;
	const char *reason = take_decimal(message, name, &d);
	if (reason)
		return reason;
	if (d.scale != 0)
		return "no integer";
	*id = (struct trade_id){ .kind = TRADE_ID_NUMBER, .number = (int64_t)d.limb[0] };
	if (d.limb[1] | d.limb[2] || d.limb[0] > INT64_MAX) {
		char text[DECIMAL_TEXT_SIZE];
		decimal_format(&d, text);
		*id = (struct trade_id){ .kind = TRADE_ID_LONG };
		memcpy(id->digits, text, strlen(text));
	}
	return NULL;
}

static const char *take_side(const cJSON *message, const char *name, enum side *side)
{
	const char *text = json_string(message, name);
	if (!text)
		return json_member(message, name) ? "wrong type" : "missing field";
	if (strcmp(text, "BID") == 0)
		*side = SIDE_BUY;
	else if (strcmp(text, "ASK") == 0)
		*side = SIDE_SELL;
	else
		return "unknown side";
	return NULL;
}

static void parse_trade(const struct market_set *set, const cJSON *message, const struct field_names *names,
                        const struct sink *sink)
{
	struct trade trade = { .recv_wall_us = 0 };
	const char *code = json_string(message, names->code);
	if (!code) {
		sink->bad(sink->arg, json_member(message, names->code) ? "wrong type" : "missing field", names->code);
		return;
	}
	if (!market_set_find(set, code, &trade.market)) {
		sink->bad(sink->arg, "market not asked for", code);
		return;
	}
	const char *field, *reason;
	if ((reason = take_time(message, field = names->time_ms, &trade.time_us)) ||
	    (reason = take_decimal(message, field = names->price, &trade.price)) ||
	    (reason = take_decimal(message, field = names->size, &trade.size)) ||
	    (reason = take_side(message, field = names->side, &trade.side)) ||
	    (reason = take_id(message, field = names->id, &trade.id))) {
		sink->bad(sink->arg, reason, field);
		return;
	}
	sink->trade(sink->arg, &trade);
}

static void parse_object(const struct market_set *set, const cJSON *message, const struct sink *sink)
{
	const struct field_names *names = json_member(message, short_names.type) ? &short_names : &long_names;
	const char *type = json_string(message, names->type);
	const cJSON *error = json_member(message, "error");
	if (type && strcmp(type, "trade") == 0) {
		parse_trade(set, message, names, sink);
		return;
	}
	if (error) {
		/* the name is an integer in some of REST's answers */
		sink->error_frame(sink->arg, json_any_text(error, "name"), json_any_text(error, "message"));
		return;
	}
	if (!type) {
		if (json_string(message, "status"))
			sink->other(sink->arg);
		else
			sink->bad(sink->arg, json_member(message, names->type) ? "wrong type" : "missing field", names->type);
		return;
	}
	for (size_t i = 0; i < sizeof passed_over / sizeof *passed_over; i++) {
		if (strcmp(type, passed_over[i]) == 0) {
			sink->other(sink->arg);
			return;
		}
	}
	if (strncmp(type, "candle", strlen("candle")) == 0)
		sink->other(sink->arg);
	else
		sink->bad(sink->arg, "unknown type", type);
}

static void upbit_parse(const struct market_set *set, const char *text, size_t len, struct json_buffer *buffer,
                        const struct sink *sink)
{
	const char *reason;
	cJSON *root = json_parse(buffer, text, len, &reason);
	if (!root) {
		sink->bad(sink->arg, reason, "");
	} else if (cJSON_IsArray(root)) {
		const cJSON *element;
		cJSON_ArrayForEach(element, root) {
			if (cJSON_IsObject(element))
				parse_object(set, element, sink);
			else
				sink->bad(sink->arg, "wrong type", "list element");
		}
	} else if (cJSON_IsObject(root)) {
		parse_object(set, root, sink);
	} else {
		sink->bad(sink->arg, "wrong type", "message");
	}
	cJSON_Delete(root);
}

/* It goes into the subscription and into log lines as it is. */
static bool plain_symbol(const char *symbol)
{
	for (const unsigned char *p = (const unsigned char *)symbol; *p; p++)
		if (*p <= ' ' || *p == 0x7f || *p == '"' || *p == '\\')
			return false;
	return true;
}

/* [{"market":"KRW-BTC","korean_name":"...","english_name":"Bitcoin",...},...]; the market is QUOTE-BASE. */
static bool upbit_parse_market_list(const char *body, size_t len, struct json_buffer *buffer,
                                    void (*listed)(void *arg, const struct listed_market *market), void *arg,
                                    const char **reason)
{
	cJSON *root = json_parse(buffer, body, len, reason);
	bool ok = cJSON_IsArray(root);
	if (root && !ok)
		*reason = "not a list of markets";
	if (ok) {
		const cJSON *row;
		cJSON_ArrayForEach(row, root) {
			const char *symbol = json_string(row, "market");
			const char *dash = symbol ? strchr(symbol, '-') : NULL;
			if (!dash || strlen(symbol) >= SYMBOL_SIZE || !plain_symbol(symbol))
				continue;
			char quote[SYMBOL_SIZE];
			memcpy(quote, symbol, (size_t)(dash - symbol));
			quote[dash - symbol] = '\0';
			listed(arg, &(struct listed_market){ .symbol = symbol, .base = dash + 1, .quote = quote });
		}
	}
	cJSON_Delete(root);
	return ok;
}

const struct exchange exchange_upbit = {
	.name = "upbit",
	.ws_url = "wss://api.upbit.com/websocket/v1",
	.rest_url = "https://api.upbit.com",
	.market_list_path = "/v1/market/all",
	.id_rule = { .per_ms = 10000, .epoch_ms = 0 },
	.subscribe = upbit_subscribe,
	.parse = upbit_parse,
	.parse_market_list = upbit_parse_market_list,
};
