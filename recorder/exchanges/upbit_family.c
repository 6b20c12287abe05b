#include "recorder/exchanges/upbit_family.h"

#include "recorder/exchanges/field.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The short and the long name of each field. */
struct field_names {
	const char *type, *code, *price, *size, *side, *trade_time, *id;
	const char *stream;
	const char *open, *high, *low, *volume, *ticker_time; /* of tickers; the close is the price */
};
static const struct field_names short_names = {
	"ty", "cd", "tp", "tv", "ab", "ttms", "sid", "st", "op", "hp", "lp", "atv", "tms",
};
static const struct field_names long_names = {
	"type",          "code",       "trade_price", "trade_volume",     "ask_bid",  "trade_timestamp", "sequential_id", "stream_type",
	"opening_price", "high_price", "low_price",   "acc_trade_volume", "timestamp",
};

static const char *const passed_over[] = { "orderbook", "ticker", "myOrder", "myAsset" };

static void write_codes(FILE *out, const struct market_set *set, const char *type)
{
	if (set->count == 0)
		return;
	fprintf(out, ",{\"type\":\"%s\",\"codes\":[", type);
	for (size_t i = 0; i < set->count; i++)
		fprintf(out, "%s\"%s\"", i ? "," : "", set->keys[i]);
	fprintf(out, "]}");
}

char *upbit_like_subscribe(const struct subscription *wanted, const char *ticket, int64_t id)
{
	char *text = NULL;
	size_t size = 0;
	(void)id;
	FILE *out = open_memstream(&text, &size);
	if (!out)
		return NULL;
	fprintf(out, "[{\"ticket\":\"%s\"}", ticket);
	write_codes(out, &wanted->trades, "trade");
	write_codes(out, &wanted->tickers, "ticker");
	fprintf(out, ",{\"format\":\"SIMPLE\"}]");
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

/* The taker's side: who bid, bought. */
static const char *take_side(const cJSON *message, const char *name, enum side *side)
{
	const char *text, *reason = field_text(message, name, &text);
	if (reason)
		return reason;
	if (strcmp(text, "BID") == 0)
		*side = SIDE_BUY;
	else if (strcmp(text, "ASK") == 0)
		*side = SIDE_SELL;
	else
		return "unknown side";
	return NULL;
}

/* The market that the message is about; false: told. */
static bool take_market(const struct market_set *set, const cJSON *message, const struct field_names *names, uint32_t *market,
                        const struct sink *sink)
{
	const char *code, *reason = field_text(message, names->code, &code);
	if (!reason && market_set_find(set, code, market))
		return true;
	if (reason)
		sink->bad(sink->arg, reason, names->code);
	else
		sink->strange(sink->arg, "market not asked for", code, code);
	return false;
}

/* What was so before it was asked for.  It says that the market is subscribed; REST has it, too, where it is missing. */
static bool is_snapshot(const cJSON *message, const struct field_names *names)
{
	const cJSON *stream = json_member(message, names->stream);
	return cJSON_IsString(stream) && strcmp(stream->valuestring, "SNAPSHOT") == 0;
}

static void parse_trade(const struct subscription *wanted, const cJSON *message, const struct field_names *names,
                        const struct sink *sink)
{
	struct trade trade = { .recv_wall_us = 0 };
	const char *field, *reason;
	if (!take_market(&wanted->trades, message, names, &trade.market, sink))
		return;
	if (is_snapshot(message, names))
		sink->spoke(sink->arg, trade.market);
	else if ((reason = field_time_ms(message, field = names->trade_time, &trade.time_us)) ||
	    (reason = field_decimal(message, field = names->price, BARE_NUMBER, &trade.price)) ||
	    (reason = field_decimal(message, field = names->size, BARE_NUMBER, &trade.size)) ||
	    (reason = take_side(message, field = names->side, &trade.side)) ||
	    (reason = field_id(message, field = names->id, &trade.id))) {
		sink->unread(sink->arg, trade.market);
		sink->bad(sink->arg, reason, field);
	} else {
		sink->trade(sink->arg, &trade);
	}
}

static void parse_ticker(const struct subscription *wanted, const cJSON *message, const struct field_names *names,
                         const struct sink *sink)
{
	struct ticker ticker = { .recv_wall_us = 0 };
	uint32_t market;
	const char *field, *reason;
	if (!take_market(&wanted->tickers, message, names, &market, sink))
		return;
	if ((reason = field_time_ms(message, field = names->ticker_time, &ticker.time_us)) ||
	    (reason = field_decimal(message, field = names->open, BARE_NUMBER, &ticker.open)) ||
	    (reason = field_decimal(message, field = names->high, BARE_NUMBER, &ticker.high)) ||
	    (reason = field_decimal(message, field = names->low, BARE_NUMBER, &ticker.low)) ||
	    (reason = field_decimal(message, field = names->price, BARE_NUMBER, &ticker.close)) ||
	    (reason = field_decimal(message, field = names->volume, BARE_NUMBER, &ticker.volume)))
		sink->bad(sink->arg, reason, field);
	else
		sink->ticker(sink->arg, market, &ticker);
}

static void parse_type(const struct subscription *wanted, const cJSON *message, const struct field_names *names,
                       const char *type, const struct sink *sink)
{
	if (strcmp(type, "trade") == 0) {
		parse_trade(wanted, message, names, sink);
		return;
	}
	if (strcmp(type, "ticker") == 0 && wanted->tickers.count > 0) {
		parse_ticker(wanted, message, names, sink);
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
		sink->strange(sink->arg, "unknown type", type, NULL);
}

static void parse_object(const struct subscription *wanted, const cJSON *message, const struct sink *sink)
{
	const struct field_names *names = json_member(message, short_names.type) ? &short_names : &long_names;
	const cJSON *error = json_member(message, "error");
	const char *type, *reason = field_text(message, names->type, &type);
	if (!reason)
		parse_type(wanted, message, names, type, sink);
	else if (error) /* the name is an integer in some of REST's answers */
		sink->error_frame(sink->arg, json_any_text(error, "name"), json_any_text(error, "message"));
	else if (json_string(message, "status"))
		sink->control(sink->arg);
	else if (json_member(message, names->type) || json_member(message, short_names.price) || json_member(message, long_names.price))
		sink->bad(sink->arg, reason, names->type); /* a trade without its type */
	else
		sink->strange(sink->arg, "no type", "", NULL);
}

void upbit_like_parse(const struct subscription *wanted, const char *text, size_t len, struct json_buffer *buffer,
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
				parse_object(wanted, element, sink);
			else
				sink->bad(sink->arg, "wrong type", "list element");
		}
	} else if (cJSON_IsObject(root)) {
		parse_object(wanted, root, sink);
	} else {
		sink->bad(sink->arg, "wrong type", "message");
	}
	cJSON_Delete(root);
}

bool upbit_like_market_list(const char *path, const char *body, size_t len, struct json_buffer *buffer,
                            void (*listed)(void *arg, const struct listed_market *market), void *arg,
                            const char **reason)
{
	(void)path;
	cJSON *root = json_parse(buffer, body, len, reason);
	bool ok = cJSON_IsArray(root);
	if (root && !ok)
		*reason = "no list of markets";
	if (ok) {
		const cJSON *row;
		cJSON_ArrayForEach(row, root) {
			const char *symbol = json_string(row, "market");
			const char *dash = symbol ? strchr(symbol, '-') : NULL;
			if (!dash || strlen(symbol) >= SYMBOL_SIZE)
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
