/* Bithumb's old socket (pubwss).  Formats: apidocs v1.2.0, the page on receiving exchange information; frames of 2021-06-02.
 *
 *   {"status":"0000","resmsg":"Connected Successfully"}          on connect
 *   {"type":"transaction","symbols":["BTC_KRW","ETH_KRW"]}       we ask
 *   {"status":"0000","resmsg":"Filter Registered Successfully"}  it took 10 s once
 *   {"type":"transaction","content":{"list":[{"buySellGb":"2","contPrice":"3.908","contQty":"12365.191",
 *     "contAmt":"48323.166","contDtm":"2021-06-02 08:43:34.555058","updn":"dn","symbol":"CON_KRW"},...]}}
 *   {"type":"ticker","content":{"symbol":"BTC_KRW","tickType":"24H","date":"20210602","time":"084334","openPrice":"...",
 *     "highPrice":..,"lowPrice":..,"closePrice":..,"volume":"..",...}}
 *   {"status":"5100","resmsg":"Invalid Filter Syntax"}
 *
 * Numbers are texts.  buySellGb 2: the taker bought (a rising sweep within 2 ms carried 2 throughout; ccxt has it the other
 * way round).  Times are KST without a mark.  There are no trade ids: equal rows are different trades.  Whether it answers
 * pings is not documented, and its users switch theirs off. */
#include "recorder/exchanges/bithumb_legacy_totals.h"
#include "recorder/exchanges/exchange.h"
#include "recorder/exchanges/field.h"
#include "schema/base/timefmt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool window_wanted(const struct market_set *tickers, const char *window)
{
	for (size_t i = 0; i < tickers->count; i++)
		if (strcmp(strchr(tickers->keys[i], ':') + 1, window) == 0)
			return true;
	return false;
}

static const char *const list_paths[] = { "/public/ticker/ALL_KRW", "/public/ticker/ALL_BTC", NULL };
static const char *const list_symbols[] = { "*_KRW", "*_BTC" };
static const char *const windows[] = { "24H", "30M", "1H", "12H", "MID", NULL };

/* {"type":"transaction","symbols":[...]}, {"type":"ticker","symbols":[...],"tickTypes":[...]}.  A ticker's filter is every
 * symbol times every window; what was not asked for is passed over. */
static char *legacy_subscribe(const struct subscription *part, const char *ticket, int64_t id)
{
	(void)ticket;
	(void)id;
	bool tickers = part->tickers.count > 0;
	const struct market_set *set = tickers ? &part->tickers : &part->trades;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	if (!out)
		return NULL;
	fprintf(out, "{\"type\":\"%s\",\"symbols\":[", tickers ? "ticker" : "transaction");
	const char *last = "";
	size_t last_len = 0;
	for (size_t i = 0; i < set->count; i++) {
		size_t len = strcspn(set->keys[i], ":");
		if (len == last_len && strncmp(set->keys[i], last, len) == 0)
			continue; /* the same symbol, another window: the keys are sorted */
		fprintf(out, "%s\"%.*s\"", i ? "," : "", (int)len, set->keys[i]);
		last = set->keys[i];
		last_len = len;
	}
	fputc(']', out);
	if (tickers) {
		const char *comma = "";
		fputs(",\"tickTypes\":[", out);
		for (const char *const *w = windows; *w; w++) {
			if (!window_wanted(set, *w))
				continue;
			fprintf(out, "%s\"%s\"", comma, *w);
			comma = ",";
		}
		fputc(']', out);
	}
	fputc('}', out);
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

/* "2021-06-02 08:43:34.555058" in KST */
static const char *time_of(const char *text, int64_t *time_us)
{
	char zoned[48];
	bool whole = snprintf(zoned, sizeof zoned, "%s+09:00", text) < (int)sizeof zoned;
	return whole && strchr(text, ':') && time_parse(zoned, time_us) ? NULL : "no time";
}

static const char *take_trade(const cJSON *row, struct trade *trade, const char **field)
{
	const char *text, *reason;
	if ((reason = field_text(row, *field = "contDtm", &text)) || (reason = time_of(text, &trade->time_us)) ||
	    (reason = field_decimal(row, *field = "contPrice", QUOTED_NUMBER, &trade->price)) ||
	    (reason = field_decimal(row, *field = "contQty", QUOTED_NUMBER, &trade->size)) ||
	    (reason = field_text(row, *field = "buySellGb", &text)))
		return reason;
	if (strcmp(text, "1") != 0 && strcmp(text, "2") != 0)
		return "unknown side";
	trade->side = text[0] == '2' ? SIDE_BUY : SIDE_SELL;
	trade->id = (struct trade_id){ .kind = TRADE_ID_NONE };
	return NULL;
}

static void parse_transactions(const struct subscription *wanted, const cJSON *content, const struct sink *sink)
{
	const cJSON *list = json_member(content, "list"), *row;
	if (!cJSON_IsArray(list)) {
		sink->bad(sink->arg, list ? "wrong type" : "missing field", "list");
		return;
	}
	cJSON_ArrayForEach(row, list) {
		struct trade trade = { .recv_wall_us = 0 };
		const char *symbol, *field = "symbol", *reason = field_text(row, field, &symbol);
		if (!reason && !market_set_find(&wanted->trades, symbol, &trade.market)) {
			sink->strange(sink->arg, "market not asked for", symbol, symbol);
			continue;
		}
		if (!reason && (reason = take_trade(row, &trade, &field)))
			sink->unread(sink->arg, trade.market);
		if (reason)
			sink->bad(sink->arg, reason, field);
		else
			sink->trade(sink->arg, &trade);
	}
}

/* date 20210602, time 084334 in KST */
static const char *ticker_time(const cJSON *content, int64_t *time_us, const char **field)
{
	const char *date, *time, *reason;
	if ((reason = field_text(content, *field = "date", &date)))
		return reason;
	if (strlen(date) != 8)
		return "no time";
	if ((reason = field_text(content, *field = "time", &time)))
		return reason;
	if (strlen(time) != 6)
		return "no time";
	char text[32];
	snprintf(text, sizeof text, "%.4s-%.2s-%.2s %.2s:%.2s:%.2s", date, date + 4, date + 6, time, time + 2, time + 4);
	return time_of(text, time_us);
}

static void parse_ticker(const struct subscription *wanted, const cJSON *content, const struct sink *sink)
{
	struct ticker ticker = { .recv_wall_us = 0 };
	const char *symbol, *window, *field, *reason;
	if ((reason = field_text(content, field = "symbol", &symbol)) ||
	    (reason = field_text(content, field = "tickType", &window)) ||
	    (reason = ticker_time(content, &ticker.time_us, &field)) ||
	    (reason = field_decimal(content, field = "openPrice", QUOTED_NUMBER, &ticker.open)) ||
	    (reason = field_decimal(content, field = "highPrice", QUOTED_NUMBER, &ticker.high)) ||
	    (reason = field_decimal(content, field = "lowPrice", QUOTED_NUMBER, &ticker.low)) ||
	    (reason = field_decimal(content, field = "closePrice", QUOTED_NUMBER, &ticker.close)) ||
	    (reason = field_decimal(content, field = "volume", QUOTED_NUMBER, &ticker.volume))) {
		sink->bad(sink->arg, reason, field);
		return;
	}
	char key[SYMBOL_SIZE + WINDOW_SIZE];
	uint32_t market;
	snprintf(key, sizeof key, "%.63s:%.7s", symbol, window);
	if (market_set_find(&wanted->tickers, key, &market))
		sink->ticker(sink->arg, market, &ticker);
	else
		sink->other(sink->arg);
}

static void parse_message(const struct subscription *wanted, const cJSON *message, const struct sink *sink)
{
	const char *status = json_string(message, "status"), *words = json_any_text(message, "resmsg");
	const char *type, *reason = field_text(message, "type", &type);
	const cJSON *content = json_member(message, "content");
	if (status && strcmp(status, "0000") != 0)
		sink->refused(sink->arg, FRAME_OLDEST, status, words);
	else if (status && strstr(words, "Connected"))
		sink->control(sink->arg);
	else if (status)
		sink->subscribed(sink->arg, FRAME_OLDEST);
	else if (reason && !json_member(message, "type") && !content)
		sink->strange(sink->arg, "no type", "", NULL);
	else if (reason)
		sink->bad(sink->arg, reason, "type");
	else if (!cJSON_IsObject(content))
		sink->bad(sink->arg, content ? "wrong type" : "missing field", "content");
	else if (strcmp(type, "transaction") == 0)
		parse_transactions(wanted, content, sink);
	else if (strcmp(type, "ticker") == 0 && wanted->tickers.count > 0)
		parse_ticker(wanted, content, sink);
	else if (strcmp(type, "ticker") == 0 || strncmp(type, "orderbook", strlen("orderbook")) == 0)
		sink->other(sink->arg);
	else
		sink->strange(sink->arg, "unknown type", type, NULL);
}

static void legacy_parse(const struct subscription *wanted, const char *text, size_t len, struct json_buffer *buffer,
                         const struct sink *sink)
{
	const char *reason;
	cJSON *root = json_parse(buffer, text, len, &reason);
	if (!root)
		sink->bad(sink->arg, reason, "");
	else if (!cJSON_IsObject(root))
		sink->bad(sink->arg, "wrong type", "message");
	else
		parse_message(wanted, root, sink);
	cJSON_Delete(root);
}

/* {"status":"0000","data":{"BTC":{...},"ETH":{...},"date":"1417142049868"}}: the quote asset stands in the path alone. */
static bool legacy_market_list(const char *path, const char *body, size_t len, struct json_buffer *buffer,
                               void (*listed)(void *arg, const struct listed_market *market), void *arg,
                               const char **reason)
{
	cJSON *root = json_parse(buffer, body, len, reason);
	const char *quote = strrchr(path, '_'), *status = json_string(root, "status");
	const cJSON *data = json_member(root, "data"), *row;
	bool ok = quote && status && strcmp(status, "0000") == 0 && cJSON_IsObject(data);
	if (root && !ok)
		*reason = "no list of markets";
	if (ok) {
		cJSON_ArrayForEach(row, data) {
			char symbol[SYMBOL_SIZE];
			if (!cJSON_IsObject(row) || snprintf(symbol, sizeof symbol, "%s%s", row->string, quote) >= SYMBOL_SIZE)
				continue;
			listed(arg, &(struct listed_market){ .symbol = symbol, .base = row->string, .quote = quote + 1 });
		}
	}
	cJSON_Delete(root);
	return ok;
}

const struct exchange exchange_bithumb_legacy = {
	.name = "bithumb-legacy",
	.ws_url = "wss://pubwss.bithumb.com/pub/ws",
	.ws_query = "",
	.rest_url = "https://api.bithumb.com",
	.market_list_paths = list_paths,
	.market_list_symbols = list_symbols,
	.lateness_us = 5 * US_PER_SECOND,
	.no_history_words = "bithumb-legacy has no history to fill gaps from; bithumb: is the better market to record",
	.totals = &bithumb_legacy_totals,
	.pings = UNKNOWN_PINGS,
	.frames = FRAME_OF_CHANNEL,
	.frame_answer_s = 30, /* 10 s were seen */
	.ticker_windows = windows,
	.subscribe = legacy_subscribe,
	.parse = legacy_parse,
	.parse_market_list = legacy_market_list,
};
