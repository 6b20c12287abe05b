#include "recorder/exchanges/binance_family.h"

#include "recorder/exchanges/field.h"
#include "recorder/exchanges/json_rows.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Events that a subscriber of other streams gets, and we pass over. */
static const char *const passed_over[] = {
	"trade",     "aggTrade",   "blockTrade", "depthUpdate", "bookTicker",       "kline",         "continuous_kline",
	"24hrTicker", "24hrMiniTicker", "1hTicker",  "4hTicker",    "1dTicker",         "markPriceUpdate", "forceOrder",
	"avgPrice",  "indexPriceUpdate", "compositeIndex", "contractInfo", "assetIndexUpdate",
};

/* Stream names are in lower case, whatever alphabet the rest of the symbol is in. */
static void write_stream(FILE *out, const char *symbol, const char *channel, bool first)
{
	fputs(first ? "\"" : ",\"", out);
	for (; *symbol; symbol++)
		fputc(tolower((unsigned char)*symbol), out);
	fprintf(out, "@%s\"", channel);
}

char *binance_like_subscribe(const struct subscription *part, int64_t id, const struct binance_series *series)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	if (!out)
		return NULL;
	fprintf(out, "{\"method\":\"SUBSCRIBE\",\"params\":[");
	for (size_t i = 0; i < part->trades.count; i++)
		write_stream(out, part->trades.keys[i], series->event, i == 0);
	for (size_t i = 0; i < part->tickers.count; i++)
		write_stream(out, part->tickers.keys[i], "ticker", i == 0 && part->trades.count == 0);
	fprintf(out, "],\"id\":%lld}", (long long)id);
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

static bool take_market(const struct market_set *set, const cJSON *event, uint32_t *market, const struct sink *sink)
{
	const char *symbol, *reason = field_text(event, "s", &symbol);
	char upper[SYMBOL_SIZE];
	if (!reason && market_set_find(set, symbol, market))
		return true;
	if (reason) {
		sink->bad(sink->arg, reason, "s");
		return false;
	}
	/* Symbols are in upper case, and streams in lower case: an answer in the wrong one means the same market. */
	size_t len = 0;
	for (; symbol[len] && len + 1 < sizeof upper; len++)
		upper[len] = (char)toupper((unsigned char)symbol[len]);
	upper[len] = '\0';
	if (market_set_find(set, upper, market))
		return true;
	sink->strange(sink->arg, "market not asked for", symbol, symbol);
	return false;
}

static void parse_trade(const struct subscription *wanted, const cJSON *event, const char *id, const struct sink *sink)
{
	struct trade trade = { .recv_wall_us = 0 };
	bool buyer_is_maker = false;
	const char *field, *reason;
	if (!take_market(&wanted->trades, event, &trade.market, sink))
		return;
	if ((reason = field_time_ms_or_us(event, field = "T", &trade.time_us)) ||
	    (reason = field_decimal(event, field = "p", QUOTED_NUMBER, &trade.price)) ||
	    (reason = field_decimal(event, field = "q", QUOTED_NUMBER, &trade.size)) ||
	    (reason = field_bool(event, field = "m", &buyer_is_maker)) || (reason = field_id(event, field = id, &trade.id))) {
		sink->unread(sink->arg, trade.market);
		sink->bad(sink->arg, reason, field);
		return;
	}
	trade.side = buyer_is_maker ? SIDE_SELL : SIDE_BUY; /* the maker bought, so the taker sold */
	sink->trade(sink->arg, &trade);
}

static void parse_ticker(const struct subscription *wanted, const cJSON *event, const struct sink *sink)
{
	struct ticker ticker = { .recv_wall_us = 0 };
	uint32_t market;
	const char *field, *reason;
	if (!take_market(&wanted->tickers, event, &market, sink))
		return;
	if ((reason = field_time_ms_or_us(event, field = "E", &ticker.time_us)) ||
	    (reason = field_decimal(event, field = "o", QUOTED_NUMBER, &ticker.open)) ||
	    (reason = field_decimal(event, field = "h", QUOTED_NUMBER, &ticker.high)) ||
	    (reason = field_decimal(event, field = "l", QUOTED_NUMBER, &ticker.low)) ||
	    (reason = field_decimal(event, field = "c", QUOTED_NUMBER, &ticker.close)) ||
	    (reason = field_decimal(event, field = "v", QUOTED_NUMBER, &ticker.volume)))
		sink->bad(sink->arg, reason, field);
	else
		sink->ticker(sink->arg, market, &ticker);
}

static void parse_event(const struct subscription *wanted, const cJSON *event, const char *type,
                        const struct binance_series *series, const struct sink *sink)
{
	if (strcmp(type, series->event) == 0) {
		parse_trade(wanted, event, series->id, sink);
		return;
	}
	if (strcmp(type, "24hrTicker") == 0 && wanted->tickers.count > 0) {
		parse_ticker(wanted, event, sink);
		return;
	}
	if (strcmp(type, "serverShutdown") == 0) {
		sink->closing(sink->arg);
		return;
	}
	for (size_t i = 0; i < sizeof passed_over / sizeof *passed_over; i++) {
		if (strcmp(type, passed_over[i]) == 0) {
			sink->other(sink->arg);
			return;
		}
	}
	sink->strange(sink->arg, "unknown type", type, NULL);
}

/* What is no event: {"result":null,"id":1}, {"code":2,"msg":"..."}, {"error":{"code":2,"msg":"..."},"id":1}. */
static void parse_answer(const cJSON *message, const struct sink *sink)
{
	const cJSON *error = json_member(message, "error");
	char *end;
	const char *id_text = json_any_text(message, "id");
	long long id = strtoll(id_text, &end, 10);
	bool has_id = *id_text != '\0' && *end == '\0' && id > 0;
	if (!error && json_member(message, "code") && json_member(message, "msg"))
		error = message;
	if (error && has_id)
		sink->refused(sink->arg, id, json_any_text(error, "code"), json_any_text(error, "msg"));
	else if (error)
		sink->error_frame(sink->arg, json_any_text(error, "code"), json_any_text(error, "msg"));
	else if (json_member(message, "result") && has_id)
		sink->subscribed(sink->arg, id);
	else if (json_member(message, "result"))
		sink->control(sink->arg); /* an answer to nothing that we asked */
	else if (json_member(message, "p") && json_member(message, "q"))
		sink->bad(sink->arg, "missing field", "e"); /* a trade without its type */
	else
		sink->strange(sink->arg, "no type", "", NULL);
}

static void parse_object(const struct subscription *wanted, const cJSON *message, const struct binance_series *series,
                         const struct sink *sink)
{
	const char *stream = json_string(message, "stream");
	const cJSON *data = stream ? json_member(message, "data") : NULL;
	if (stream && cJSON_IsArray(data)) {
		sink->other(sink->arg); /* !ticker@arr and its like: never asked for */
		return;
	}
	if (stream && !cJSON_IsObject(data)) {
		sink->bad(sink->arg, data ? "wrong type" : "missing field", "data");
		return;
	}
	const cJSON *event = stream ? data : message;
	const char *type = json_string(event, "e");
	if (type)
		parse_event(wanted, event, type, series, sink);
	else if (json_member(event, "e"))
		sink->bad(sink->arg, "wrong type", "e");
	else if (stream && !strstr(stream, "@trade") && !strstr(stream, "@aggTrade"))
		sink->other(sink->arg); /* spot's book tickers and partial depths have no type of their own */
	else
		parse_answer(event, sink);
}

void binance_like_parse(const struct subscription *wanted, const char *text, size_t len, struct json_buffer *buffer,
                        const struct sink *sink, const struct binance_series *series)
{
	const char *reason;
	cJSON *root = json_parse(buffer, text, len, &reason);
	if (!root)
		sink->bad(sink->arg, reason, "");
	else if (!cJSON_IsObject(root))
		sink->bad(sink->arg, "wrong type", "message");
	else
		parse_object(wanted, root, series, sink);
	cJSON_Delete(root);
}

struct listed_to {
	void (*listed)(void *arg, const struct listed_market *market);
	void *arg;
};

static void take_listed(void *arg, const cJSON *row)
{
	const struct listed_to *to = arg;
	const char *symbol = json_string(row, "symbol"), *base = json_string(row, "baseAsset");
	const char *quote = json_string(row, "quoteAsset"), *status = json_string(row, "status");
	bool gone = status && (strcmp(status, "SETTLING") == 0 || strcmp(status, "CLOSE") == 0);
	if (symbol && base && quote && !gone && strlen(symbol) < SYMBOL_SIZE)
		to->listed(to->arg, &(struct listed_market){ .symbol = symbol, .base = base, .quote = quote });
}

/* {"symbol":"BTCUSDT","price":"96000.01"} */
static void take_priced(void *arg, const cJSON *row)
{
	const struct listed_to *to = arg;
	const char *symbol = json_string(row, "symbol");
	if (symbol && json_member(row, "price") && strlen(symbol) < SYMBOL_SIZE)
		to->listed(to->arg, &(struct listed_market){ .symbol = symbol, .base = "", .quote = "" });
}

bool binance_like_market_list(const char *path, const char *body, size_t len, struct json_buffer *buffer,
                              void (*listed)(void *arg, const struct listed_market *market), void *arg,
                              const char **reason)
{
	struct listed_to to = { .listed = listed, .arg = arg };
	bool priced = strstr(path, "/ticker/price") != NULL;
	return json_rows(body, len, priced ? NULL : "symbols", buffer, priced ? take_priced : take_listed, &to, reason);
}
