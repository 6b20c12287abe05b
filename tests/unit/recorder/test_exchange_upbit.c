#include "recorder/exchanges/exchange.h"
#include "schema/base/timefmt.h"
#include "support.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#define SYMBOLS_MAX 400

struct heard {
	size_t trades, bad, errors, others, controls, snapshots;
	uint32_t spoke;
	struct trade last;
	char reason[64];
};

static void on_trade(void *arg, const struct trade *t)
{
	struct heard *h = arg;
	h->trades++;
	h->last = *t;
}

static void on_unread(void *arg, uint32_t market)
{
	(void)arg;
	(void)market; /* bad() follows, and counts */
}

static void on_bad(void *arg, const char *reason, const char *detail)
{
	struct heard *h = arg;
	(void)detail;
	h->bad++;
	snprintf(h->reason, sizeof h->reason, "%s", reason);
}

static void on_strange(void *arg, const char *reason, const char *detail, const char *code)
{
	(void)code;
	on_bad(arg, reason, detail);
}

static void on_error(void *arg, const char *name, const char *message)
{
	(void)name;
	(void)message;
	((struct heard *)arg)->errors++;
}

static void on_spoke(void *arg, uint32_t market)
{
	((struct heard *)arg)->spoke = market;
	((struct heard *)arg)->snapshots++;
}

static void on_other(void *arg)
{
	((struct heard *)arg)->others++;
}

static void on_control(void *arg)
{
	((struct heard *)arg)->controls++;
}

static struct heard hear(const struct market_set *set, const char *text, size_t len)
{
	static struct json_buffer buffer;
	struct heard h = { .trades = 0 };
	struct sink sink = { .trade = on_trade, .unread = on_unread, .bad = on_bad, .strange = on_strange, .error_frame = on_error, .spoke = on_spoke, .other = on_other, .control = on_control,
	                     .arg = &h };
	struct subscription wanted = { .trades = *set };
	const struct exchange *upbit = exchange_find("upbit");
	assert_non_null(upbit);
	upbit->parse(&wanted, text, len, &buffer, &sink);
	json_buffer_release(&buffer);
	return h;
}

static const char *one_symbol[] = { "KRW-BTC" };
static uint32_t one_number[] = { 7 };
static const struct market_set one = { one_symbol, one_number, 1 };

#define TRADE(side) \
	"{\"ty\":\"trade\",\"cd\":\"KRW-BTC\",\"ttms\":1789874437574,\"tp\":1.16539E8,\"tv\":7.9276E-4,\"ab\":\"" side "\",\"sid\":17898744375740001}"

static void upbit_bid_is_taker_buy(void **state)
{
	(void)state;
	struct heard h = hear(&one, TRADE("BID"), strlen(TRADE("BID")));
	assert_int_equal(h.trades, 1);
	assert_int_equal(h.last.side, SIDE_BUY);
	h = hear(&one, TRADE("ASK"), strlen(TRADE("ASK")));
	assert_int_equal(h.last.side, SIDE_SELL);
	assert_int_equal(h.last.market, 7);
	assert_int_equal(h.last.time_us, INT64_C(1789874437574000));
	assert_int_equal(h.last.id.number, INT64_C(17898744375740001));
	assert_int_equal(h.last.recv_wall_us, 0);
}

/* It came before, and is on the tape by then, or REST has it. */
static void a_snapshot_says_that_its_market_is_subscribed_and_is_no_new_trade(void **state)
{
	(void)state;
	static const char text[] = "{\"ty\":\"trade\",\"cd\":\"KRW-BTC\",\"ttms\":1789874437574,\"tp\":1.16539E8,\"tv\":7.9276E-4,\"ab\":\"BID\","
	                           "\"sid\":17898744375740001,\"st\":\"SNAPSHOT\"}";
	struct heard h = hear(&one, text, strlen(text));
	assert_int_equal(h.snapshots, 1);
	assert_int_equal(h.spoke, 7);
	assert_int_equal(h.trades + h.bad + h.errors + h.others + h.controls, 0);
}

/* The text of `"name":...` in a frame, without any JSON library. */
static void field(const char *frame, const char *name, char *out, size_t size)
{
	char key[32];
	snprintf(key, sizeof key, "\"%s\":", name);
	const char *at = strstr(frame, key);
	assert_non_null(at);
	at += strlen(key);
	at += *at == '"';
	size_t len = strcspn(at, ",}\"");
	assert_true(len < size);
	memcpy(out, at, len);
	out[len] = '\0';
}

static void is_the_number(const struct decimal *d, const char *text)
{
	mpq_t want, got;
	mpq_inits(want, got, NULL);
	mpq_from_text(want, text);
	mpq_from_decimal(got, d);
	if (!mpq_equal(want, got))
		fail_msg("%s came out otherwise", text);
	mpq_clears(want, got, NULL);
}

static int compare_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void the_frames_of_2021_give_their_168_trades_and_nothing_else(void **state)
{
	(void)state;
	const char *captures = getenv("TAPEDECK_CAPTURES");
	if (!captures) {
		print_message("skipped: TAPEDECK_CAPTURES is not set\n");
		skip();
	}
	char path[1024];
	size_t len;
	snprintf(path, sizeof path, "%s/upbit.txt", captures);
	char *text = file_read(path, &len);
	/* all symbols that occur, sorted as market_set wants them */
	char *symbols[SYMBOLS_MAX];
	uint32_t numbers[SYMBOLS_MAX];
	size_t count = 0;
	for (const char *at = text; (at = strstr(at, "\"cd\":\"")) && count < SYMBOLS_MAX;) {
		at += strlen("\"cd\":\"");
		char *symbol = strndup(at, strcspn(at, "\""));
		size_t i = 0;
		while (i < count && strcmp(symbols[i], symbol) != 0)
			i++;
		if (i == count)
			symbols[count++] = symbol;
		else
			free(symbol);
	}
	qsort(symbols, count, sizeof *symbols, compare_text);
	for (size_t i = 0; i < count; i++)
		numbers[i] = (uint32_t)i;
	struct market_set set = { (const char **)symbols, numbers, count };

	size_t trades = 0, others = 0, frames = 0;
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"), frames++) {
		const char *frame = strchr(line, '{');
		assert_non_null(frame);
		struct heard h = hear(&set, frame, strlen(frame));
		if (h.bad || h.errors)
			fail_msg("%s: %s", h.reason, frame);
		assert_int_equal(h.trades, strstr(frame, "\"ty\":\"trade\"") != NULL);
		trades += h.trades;
		others += h.others;
		if (!h.trades)
			continue;
		char value[64], id[TRADE_ID_TEXT_SIZE];
		field(frame, "tp", value, sizeof value);
		is_the_number(&h.last.price, value);
		field(frame, "tv", value, sizeof value);
		is_the_number(&h.last.size, value);
		field(frame, "sid", value, sizeof value);
		trade_id_format(&h.last.id, id);
		assert_string_equal(id, value);
		field(frame, "ttms", value, sizeof value);
		assert_int_equal(h.last.time_us / 1000, atoll(value));
		field(frame, "ab", value, sizeof value);
		assert_string_equal(side_name(h.last.side), value[0] == 'B' ? "buy" : "sell");
		field(frame, "cd", value, sizeof value);
		assert_string_equal(symbols[h.last.market], value);
	}
	assert_int_equal(trades, 168);
	assert_int_equal(trades + others, frames);
	while (count > 0)
		free(symbols[--count]);
	free(text);
}

static void cutting_a_trade_anywhere_costs_only_that_message(void **state)
{
	(void)state;
	const char *whole = TRADE("BID");
	for (size_t len = 0; len < strlen(whole); len++) {
		char *part = malloc(len + 1);
		memcpy(part, whole, len);
		struct heard h = hear(&one, part, len);
		assert_int_equal(h.trades, 0);
		assert_int_equal(h.bad, 1);
		free(part);
	}
}

/* One byte changed: at most one trade comes out, and whatever happens is told once. */
static void a_changed_byte_is_told_or_harmless(void **state)
{
	(void)state;
	char text[256];
	size_t len = strlen(TRADE("BID"));
	for (size_t at = 0; at < len; at++) {
		for (int byte = 0; byte < 256; byte++) {
			memcpy(text, TRADE("BID"), len);
			text[at] = (char)byte;
			struct heard h = hear(&one, text, len);
			assert_int_equal(h.trades + h.bad + h.errors + h.others + h.controls, 1);
		}
	}
}

static void one_frame_subscribes_to_all(void **state)
{
	(void)state;
	static const char *symbols[] = { "KRW-BTC", "KRW-ETH" };
	static uint32_t numbers[] = { 0, 1 };
	struct subscription wanted = { .trades = { symbols, numbers, 2 } };
	assert_int_equal(exchange_find("upbit")->frames, FRAME_OF_ALL); /* a second frame would replace the first */
	char *frame = exchange_find("upbit")->subscribe(&wanted, "ticket-1", 1);
	cJSON *root = cJSON_Parse(frame);
	assert_true(cJSON_IsArray(root));
	assert_string_equal(cJSON_GetObjectItem(cJSON_GetArrayItem(root, 0), "ticket")->valuestring, "ticket-1");
	const cJSON *type = cJSON_GetArrayItem(root, 1), *codes = cJSON_GetObjectItem(type, "codes");
	assert_string_equal(cJSON_GetObjectItem(type, "type")->valuestring, "trade");
	assert_null(cJSON_GetObjectItem(type, "is_only_realtime")); /* the snapshot is the acknowledgement */
	assert_int_equal(cJSON_GetArraySize(codes), 2);
	assert_string_equal(cJSON_GetArrayItem(codes, 1)->valuestring, "KRW-ETH");
	assert_string_equal(cJSON_GetObjectItem(cJSON_GetArrayItem(root, 2), "format")->valuestring, "SIMPLE");
	cJSON_Delete(root);
	free(frame);
}

static void add_listed(void *arg, const struct listed_market *market)
{
	char *out = arg;
	sprintf(out + strlen(out), "%s=%s/%s ", market->symbol, market->base, market->quote);
}

static bool lists(const char *body, char *out, const char **reason)
{
	struct json_buffer buffer = { 0 };
	out[0] = '\0';
	*reason = "";
	bool ok = exchange_find("upbit")->parse_market_list("/v1/market/all", body, strlen(body), &buffer, add_listed, out, reason);
	json_buffer_release(&buffer);
	return ok;
}

static void the_market_list_names_base_and_quote(void **state)
{
	(void)state;
	char out[1024];
	const char *reason;
	assert_true(lists("[{\"market\":\"KRW-BTC\",\"korean_name\":\"\xeb\xb9\x84\xed\x8a\xb8\xec\xbd\x94\xec\x9d\xb8\",\"english_name\":\"Bitcoin\"},"
	                  "{\"market\":\"BTC-1INCH\",\"market_event\":{\"warning\":false}}]", out, &reason));
	assert_string_equal(out, "KRW-BTC=BTC/KRW BTC-1INCH=1INCH/BTC ");
	assert_true(lists("[]", out, &reason));
	assert_string_equal(out, "");
}

static void odd_rows_of_the_market_list_are_passed_over(void **state)
{
	(void)state;
	char out[1024];
	const char *reason;
	assert_true(lists("[5,null,\"KRW-X\",{},{\"market\":5},{\"market\":\"KRWBTC\"},{\"market\":null},[\"KRW-Y\"],"
	                  "{\"market\":\"KRW-1234567890123456789012345678901234567890123456789012345678901234\"},{\"market\":\"KRW-BTC\"}]", out, &reason));
	assert_string_equal(out, "KRW-BTC=BTC/KRW ");
}

static void what_is_no_market_list_is_refused(void **state)
{
	(void)state;
	char out[1024];
	const char *reason;
	assert_false(lists("{\"error\":{\"name\":404,\"message\":\"Code not found\"}}", out, &reason));
	assert_string_equal(reason, "no list of markets");
	assert_false(lists("<html>", out, &reason));
	assert_string_equal(reason, "broken JSON");
	assert_false(lists("", out, &reason));
	assert_string_equal(reason, "broken JSON");
}

static void every_exchange_is_whole(void **state)
{
	(void)state;
	for (const struct exchange *const *e = exchanges; *e; e++) {
		assert_ptr_equal(exchange_find((*e)->name), *e);
		assert_true(strlen((*e)->name) < EXCHANGE_NAME_SIZE);
		assert_true(strncmp((*e)->ws_url, "wss://", 6) == 0);
		assert_true(strncmp((*e)->rest_url, "https://", 8) == 0);
		assert_true((*e)->market_list_paths[0] != NULL);
		for (const char *const *path = (*e)->market_list_paths; *path; path++)
			assert_true((*path)[0] == '/');
		assert_non_null((*e)->ws_query);
		for (const char *const *window = (*e)->ticker_windows; window && *window; window++)
			assert_true(strlen(*window) < WINDOW_SIZE);
		assert_true((*e)->subscribe && (*e)->parse && (*e)->parse_market_list);
	}
	assert_null(exchange_find("Upbit"));
	assert_null(exchange_find(""));
}

static void only_markets_asked_for_are_found(void **state)
{
	(void)state;
	static const char *symbols[] = { "A", "B", "BB", "C" };
	static uint32_t numbers[] = { 4, 3, 2, 1 };
	struct market_set set = { symbols, numbers, 4 };
	uint32_t market = 99;
	for (size_t i = 0; i < 4; i++) {
		assert_true(market_set_find(&set, symbols[i], &market));
		assert_int_equal(market, numbers[i]);
	}
	assert_false(market_set_find(&set, "b", &market));
	assert_false(market_set_find(&set, "", &market));
	assert_false(market_set_find(&set, "BBB", &market));
	set.count = 0;
	assert_false(market_set_find(&set, "A", &market));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(upbit_bid_is_taker_buy),
		cmocka_unit_test(a_snapshot_says_that_its_market_is_subscribed_and_is_no_new_trade),
		cmocka_unit_test(the_frames_of_2021_give_their_168_trades_and_nothing_else),
		cmocka_unit_test(cutting_a_trade_anywhere_costs_only_that_message),
		cmocka_unit_test(a_changed_byte_is_told_or_harmless),
		cmocka_unit_test(one_frame_subscribes_to_all),
		cmocka_unit_test(the_market_list_names_base_and_quote),
		cmocka_unit_test(odd_rows_of_the_market_list_are_passed_over),
		cmocka_unit_test(what_is_no_market_list_is_refused),
		cmocka_unit_test(every_exchange_is_whole),
		cmocka_unit_test(only_markets_asked_for_are_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
