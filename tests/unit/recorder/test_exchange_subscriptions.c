/* What each exchange is asked, and what frames of 2021 say when they are read again (folder $TAPEDECK_CAPTURES). */
#include "recorder/feeds/frames.h"
#include "schema/base/timefmt.h"
#include "support.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define MANY 1024

/* ---- subscriptions ---- */

static char *texts[MANY];
static const char *keys[2][MANY];
static uint32_t numbers[MANY];

static int compare_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static struct market_set set_of(const char *const *from, size_t count, int which)
{
	for (size_t i = 0; i < count; i++) {
		keys[which][i] = from[i];
		numbers[i] = (uint32_t)i;
	}
	qsort(keys[which], count, sizeof *keys[which], compare_text);
	return (struct market_set){ keys[which], numbers, count };
}

/* SYM0USDT..., as many as wanted. */
static struct market_set set_of_many(size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(texts[i]);
		assert_true(asprintf(&texts[i], "SYM%zuUSDT", i) > 0);
	}
	return set_of((const char *const *)texts, count, 0);
}

static void frame_is(const char *exchange, const struct subscription *wanted, size_t frame, const char *text)
{
	struct frames frames;
	assert_true(frames_init(&frames, wanted, exchange_find(exchange)));
	if (frame == frames.count) {
		assert_string_equal("", text); /* that is all */
	} else {
		struct subscription part = frame_part(wanted, &frames.frames[frame]);
		char *got = exchange_find(exchange)->subscribe(&part, "ticket-1", (int64_t)frame + 1);
		assert_string_equal(got, text);
		free(got);
	}
	frames_release(&frames);
}

static void bithumb_asks_in_one_frame_with_camel_case_options(void **state)
{
	(void)state;
	static const char *const trades[] = { "KRW-BTC", "KRW-ETH" }, *const tickers[] = { "KRW-BTC" };
	struct subscription wanted = { .trades = set_of(trades, 2, 0) };
	frame_is("bithumb", &wanted, 0,
	         "[{\"ticket\":\"ticket-1\"},{\"type\":\"trade\",\"codes\":[\"KRW-BTC\",\"KRW-ETH\"]},{\"format\":\"SIMPLE\"}]");
	frame_is("bithumb", &wanted, 1, "");
	wanted.tickers = set_of(tickers, 1, 1);
	frame_is("bithumb", &wanted, 0,
	         "[{\"ticket\":\"ticket-1\"},{\"type\":\"trade\",\"codes\":[\"KRW-BTC\",\"KRW-ETH\"]},"
	         "{\"type\":\"ticker\",\"codes\":[\"KRW-BTC\"]},{\"format\":\"SIMPLE\"}]");
	wanted.trades.count = 0;
	frame_is("bithumb", &wanted, 0,
	         "[{\"ticket\":\"ticket-1\"},{\"type\":\"ticker\",\"codes\":[\"KRW-BTC\"]},{\"format\":\"SIMPLE\"}]");
}

static void upbit_asks_with_snake_case_options(void **state)
{
	(void)state;
	static const char *const trades[] = { "KRW-BTC" };
	struct subscription wanted = { .trades = set_of(trades, 1, 0) };
	frame_is("upbit", &wanted, 0,
	         "[{\"ticket\":\"ticket-1\"},{\"type\":\"trade\",\"codes\":[\"KRW-BTC\"]},{\"format\":\"SIMPLE\"}]");
	frame_is("upbit", &wanted, 1, "");
}

static void bithumb_legacy_asks_a_frame_a_type(void **state)
{
	(void)state;
	static const char *const trades[] = { "BTC_KRW", "ETH_KRW" };
	static const char *const tickers[] = { "BTC_KRW:1H", "BTC_KRW:24H", "BTC_KRW:MID", "BTC_KR:24H", "ETH_KRW:24H" };
	struct subscription wanted = { .trades = set_of(trades, 2, 0) };
	frame_is("bithumb-legacy", &wanted, 0, "{\"type\":\"transaction\",\"symbols\":[\"BTC_KRW\",\"ETH_KRW\"]}");
	frame_is("bithumb-legacy", &wanted, 1, "");
	wanted.tickers = set_of(tickers, 5, 1);
	frame_is("bithumb-legacy", &wanted, 0, "{\"type\":\"transaction\",\"symbols\":[\"BTC_KRW\",\"ETH_KRW\"]}");
	frame_is("bithumb-legacy", &wanted, 1,
	         "{\"type\":\"ticker\",\"symbols\":[\"BTC_KR\",\"BTC_KRW\",\"ETH_KRW\"],\"tickTypes\":[\"24H\",\"1H\",\"MID\"]}");
	frame_is("bithumb-legacy", &wanted, 2, "");
	wanted.trades.count = 0;
	frame_is("bithumb-legacy", &wanted, 0,
	         "{\"type\":\"ticker\",\"symbols\":[\"BTC_KR\",\"BTC_KRW\",\"ETH_KRW\"],\"tickTypes\":[\"24H\",\"1H\",\"MID\"]}");
	frame_is("bithumb-legacy", &wanted, 1, "");
}

static void binance_streams_are_in_lower_case(void **state)
{
	(void)state;
	static const char *const trades[] = { "BTCUSDT", "1000SATSUSDT" }, *const tickers[] = { "BTCUSDT" };
	static const char *const futures[] = { "BTCUSDT_261225" }, *const korean[] = { "\xeb\xb9\x84USDT" };
	struct subscription wanted = { .trades = set_of(trades, 2, 0), .tickers = set_of(tickers, 1, 1) };
	frame_is("binance", &wanted, 0, "{\"method\":\"SUBSCRIBE\",\"params\":[\"1000satsusdt@trade\",\"btcusdt@trade\"],\"id\":1}");
	frame_is("binance", &wanted, 1, "{\"method\":\"SUBSCRIBE\",\"params\":[\"btcusdt@ticker\"],\"id\":2}");
	frame_is("binance", &wanted, 2, "");
	wanted = (struct subscription){ .trades = set_of(futures, 1, 0) };
	frame_is("binance-usdm", &wanted, 0, "{\"method\":\"SUBSCRIBE\",\"params\":[\"btcusdt_261225@aggTrade\"],\"id\":1}");
	wanted = (struct subscription){ .trades = set_of(korean, 1, 0) };
	frame_is("binance", &wanted, 0, "{\"method\":\"SUBSCRIBE\",\"params\":[\"\xeb\xb9\x84usdt@trade\"],\"id\":1}");
}

/* Every stream once, a hundred a frame at most, and an id of its own for each frame. */
static void frames_hold_a_hundred_streams(const char *exchange, const char *channel, size_t count, size_t frames)
{
	struct subscription wanted = { .trades = set_of_many(count) };
	size_t streams = 0;
	struct frames cut;
	assert_true(frames_init(&cut, &wanted, exchange_find(exchange)));
	assert_int_equal(cut.count, frames);
	for (size_t frame = 0; frame < frames; frame++) {
		struct subscription part = frame_part(&wanted, &cut.frames[frame]);
		char *text = exchange_find(exchange)->subscribe(&part, "t", (int64_t)frame + 1);
		cJSON *root = cJSON_Parse(text);
		assert_non_null(root);
		assert_string_equal(cJSON_GetObjectItem(root, "method")->valuestring, "SUBSCRIBE");
		assert_int_equal(cJSON_GetObjectItem(root, "id")->valueint, frame + 1);
		const cJSON *stream;
		int in_frame = 0;
		cJSON_ArrayForEach(stream, cJSON_GetObjectItem(root, "params")) {
			char want[64], *p = want;
			snprintf(want, sizeof want, "%s", wanted.trades.keys[streams]);
			for (; *p; p++)
				*p = (char)tolower(*p);
			snprintf(p, sizeof want - (size_t)(p - want), "@%s", channel);
			assert_string_equal(stream->valuestring, want);
			streams++;
			in_frame++;
		}
		assert_true(in_frame > 0 && in_frame <= 100);
		assert_true(in_frame == 100 || frame == frames - 1);
		cJSON_Delete(root);
		free(text);
	}
	assert_int_equal(streams, count);
	frames_release(&cut);
	frame_is(exchange, &wanted, frames, "");
}

static void binance_asks_a_hundred_streams_a_frame(void **state)
{
	(void)state;
	static const size_t counts[] = { 1, 99, 100, 101, 200, 399, 400 };
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		frames_hold_a_hundred_streams("binance", "trade", counts[i], (counts[i] + 99) / 100);
		frames_hold_a_hundred_streams("binance-usdm", "aggTrade", counts[i], (counts[i] + 99) / 100);
	}
	for (size_t i = 0; i < MANY; i++) {
		free(texts[i]);
		texts[i] = NULL;
	}
}

/* At most 1024 streams, and no more messages than are allowed: 5 a second at spot, pings and pongs among them, 10 at futures. */
static void binance_stays_within_its_limits(void **state)
{
	(void)state;
	static const char *const names[] = { "binance", "binance-usdm" };
	for (size_t i = 0; i < 2; i++) {
		const struct exchange *e = exchange_find(names[i]);
		assert_true(e->markets_per_connection > 0 && e->markets_per_connection <= 1024);
		assert_true(e->frame_pause_ms >= 250);
	}
	assert_true(exchange_find("binance-usdm")->mute_alarm_s > 0); /* the old routes connect and stay mute */
	assert_non_null(strstr(exchange_find("binance-usdm")->ws_url, "/market/"));
	assert_string_equal(exchange_find("binance")->ws_query, "timeUnit=MICROSECOND");
	assert_int_equal(exchange_find("bithumb-legacy")->pings, UNKNOWN_PINGS);
}

/* 862683813820523888 is of 2026-07-10T04:39:41.138Z. */
static void bithumb_ids_tell_their_time_by_the_rule(void **state)
{
	(void)state;
	struct id_rule rule = exchange_find("bithumb")->id_rule;
	assert_int_equal(INT64_C(862683813820523888) / rule.per_ms + rule.epoch_ms, INT64_C(1783658381138));
}

/* ---- captures ---- */

struct heard {
	size_t trades, tickers, bad, errors, others, controls, subscribed, closing;
	int64_t first_us, last_us, buys;
	char reason[64];
};

static void on_trade(void *arg, const struct trade *t)
{
	struct heard *h = arg;
	h->last_us = t->time_us;
	if (h->trades++ == 0)
		h->first_us = t->time_us;
	h->buys += t->side == SIDE_BUY;
}

static void on_ticker(void *arg, uint32_t market, const struct ticker *ticker)
{
	(void)market;
	(void)ticker;
	((struct heard *)arg)->tickers++;
}

static void on_unread(void *arg, uint32_t market)
{
	(void)arg;
	(void)market; /* bad() follows, and counts */
}

static void on_bad(void *arg, const char *reason, const char *detail)
{
	struct heard *h = arg;
	h->bad++;
	snprintf(h->reason, sizeof h->reason, "%.30s %.30s", reason, detail);
}

static void on_error(void *arg, const char *name, const char *message)
{
	(void)name;
	(void)message;
	((struct heard *)arg)->errors++;
}

static void on_spoke(void *arg, uint32_t market)
{
	(void)market;
	((struct heard *)arg)->others++;
}

static void on_other(void *arg)
{
	((struct heard *)arg)->others++;
}

static void on_control(void *arg)
{
	((struct heard *)arg)->controls++;
}

static void on_strange(void *arg, const char *reason, const char *detail, const char *code)
{
	(void)code;
	on_bad(arg, reason, detail);
}

static void on_refused(void *arg, int64_t id, const char *name, const char *message)
{
	(void)id;
	(void)name;
	(void)message;
	((struct heard *)arg)->errors++;
}

static void on_subscribed(void *arg, int64_t id)
{
	(void)id;
	((struct heard *)arg)->subscribed++;
}

static void on_closing(void *arg)
{
	((struct heard *)arg)->closing++;
}

/* All symbols behind `mark` in the text, each once. */
static size_t find_symbols(const char *text, const char *mark)
{
	size_t count = 0;
	for (const char *at = text; (at = strstr(at, mark)) && count < MANY;) {
		at += strlen(mark);
		char *symbol = strndup(at, strcspn(at, "\""));
		size_t i = 0;
		while (i < count && strcmp(texts[i], symbol) != 0)
			i++;
		if (i == count)
			texts[count++] = symbol;
		else
			free(symbol);
	}
	return count;
}

/* Skips the test where there are no captures. */
static struct heard replay(const char *exchange, const char *file, const char *mark, size_t *frames, size_t *aggregated)
{
	struct heard h = { .trades = 0 };
	const char *captures = getenv("TAPEDECK_CAPTURES");
	if (!captures) {
		print_message("skipped: TAPEDECK_CAPTURES is not set\n");
		skip();
	}
	char path[1024];
	size_t len;
	snprintf(path, sizeof path, "%s/%s", captures, file);
	char *text = file_read(path, &len);
	size_t count = find_symbols(text, mark);
	struct subscription wanted = { .trades = set_of((const char *const *)texts, count, 0) };
	struct sink sink = { .trade = on_trade, .unread = on_unread, .ticker = on_ticker, .bad = on_bad, .strange = on_strange, .error_frame = on_error, .spoke = on_spoke, .other = on_other,
		             .control = on_control, .subscribed = on_subscribed, .refused = on_refused, .closing = on_closing, .arg = &h };
	struct json_buffer buffer = { 0 };
	*frames = *aggregated = 0;
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"), ++*frames) {
		const char *frame = strchr(line, '{');
		assert_non_null(frame);
		size_t others = h.others;
		exchange_find(exchange)->parse(&wanted, frame, strlen(frame), &buffer, &sink);
		if (strstr(frame, "\"e\":\"aggTrade\""))
			*aggregated += h.others - others;
		if (h.bad || h.errors)
			fail_msg("%s: %s", h.reason, frame);
	}
	json_buffer_release(&buffer);
	free(text);
	while (count > 0) {
		free(texts[--count]);
		texts[count] = NULL;
	}
	return h;
}

static void bithumb_legacy_frames_of_2021_give_7_trades(void **state)
{
	(void)state;
	size_t frames, aggregated;
	struct heard h = replay("bithumb-legacy", "bithumb-legacy.txt", "\"symbol\":\"", &frames, &aggregated);
	assert_int_equal(h.trades, 7);
	assert_int_equal(h.controls, 1);
	assert_int_equal(h.subscribed, 1);
	assert_int_equal(h.others + h.closing + h.tickers, 0);
	assert_int_equal(h.buys, 5); /* the rising sweep carries 2 throughout */
	assert_int_equal(h.first_us, INT64_C(1622591014555058)); /* received at 1622591015.09 UTC, though it says 08:43:34 */
	assert_int_equal(h.last_us, INT64_C(1622591023188333));
}

static void binance_futures_frames_of_2021_give_56_trades(void **state)
{
	(void)state;
	size_t frames, aggregated;
	struct heard h = replay("binance-usdm", "binance-futures.txt", "\"s\":\"", &frames, &aggregated);
	assert_int_equal(h.trades, 56);
	assert_int_equal(aggregated, 0);
	assert_int_equal(h.trades + h.others, frames);
	assert_true(h.others > 0);
}

static void binance_frames_of_2021_hold_another_series_which_is_passed_over(void **state)
{
	(void)state;
	size_t frames, aggregated;
	struct heard h = replay("binance", "binance.txt", "\"s\":\"", &frames, &aggregated);
	assert_int_equal(h.trades, 0);
	assert_int_equal(aggregated, 2);
	assert_int_equal(h.others, frames);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bithumb_asks_in_one_frame_with_camel_case_options),
		cmocka_unit_test(upbit_asks_with_snake_case_options),
		cmocka_unit_test(bithumb_legacy_asks_a_frame_a_type),
		cmocka_unit_test(binance_streams_are_in_lower_case),
		cmocka_unit_test(binance_asks_a_hundred_streams_a_frame),
		cmocka_unit_test(binance_stays_within_its_limits),
		cmocka_unit_test(bithumb_ids_tell_their_time_by_the_rule),
		cmocka_unit_test(bithumb_legacy_frames_of_2021_give_7_trades),
		cmocka_unit_test(binance_futures_frames_of_2021_give_56_trades),
		cmocka_unit_test(binance_frames_of_2021_hold_another_series_which_is_passed_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
