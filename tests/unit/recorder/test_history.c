#include "recorder/exchanges/binance_family_history.h"
#include "recorder/exchanges/upbit_family_history.h"
#include "support.h"

#include <string.h>

#define MIDNIGHT_US INT64_C(1795305600000000) /* 2026-11-22T00:00:00Z */
#define MS 1000

/* Pages are asked for and answered here; what is given is counted, and the newest and oldest times are kept. */
static struct {
	struct history h;
	const struct history_api *api;
	struct json_buffer json;
	char path[HISTORY_PATH_SIZE];
	char reason[160];
	size_t given;
	int64_t last_us;
	bool in_order, any_id;
	size_t spoilt;
	struct history_cut lost;
} t;

static int begin(void **state)
{
	(void)state;
	memset(&t, 0, sizeof t);
	return 0;
}

static int end(void **state)
{
	(void)state;
	json_buffer_release(&t.json);
	return 0;
}

static void stretch(const struct history_api *api, int64_t from_us, int64_t to_us, int64_t older_ref_us, int64_t now_us)
{
	t.api = api;
	t.h = (struct history){ .symbol = "KRW-BTC", .from_us = from_us, .to_us = to_us, .older_ref_us = older_ref_us, .now_us = now_us, .newer_ref_us = INT64_MIN,
		                .from_id = HISTORY_NO_ID, .to_id = HISTORY_NO_ID };
}

static const char *ask(void)
{
	t.api->path(&t.h, t.path);
	return t.path;
}

static void on_trade(void *arg, const struct trade *trade)
{
	(void)arg;
	if (t.given++ > 0 && trade->time_us < t.last_us)
		t.in_order = false;
	t.last_us = trade->time_us;
	t.any_id = t.any_id || trade->id.kind != TRADE_ID_NONE;
}

static void on_spoilt(void *arg, const struct history_cut *lost, const char *reason)
{
	(void)arg;
	(void)reason;
	t.spoilt++;
	t.lost = *lost;
}

static enum history_state answer(int status, const char *body)
{
	struct history_page page = { .status = status, .body = body, .len = strlen(body), .buffer = &t.json, .trade = on_trade, .spoilt = on_spoilt };
	t.given = t.spoilt = 0;
	t.in_order = true;
	enum history_state state = t.api->take(&t.h, &page);
	snprintf(t.reason, sizeof t.reason, "%s", page.reason ? page.reason : "");
	assert_true(t.in_order);
	return state;
}

/* A list of trades at these times, newest first, as the two Korean exchanges give them. */
static const char *ticks(size_t count, const int64_t *times_us)
{
	static char body[8192];
	size_t len = 0;
	body[len++] = '[';
	for (size_t i = 0; i < count; i++)
		len += (size_t)snprintf(body + len, sizeof body - len,
		                        "%s{\"market\":\"KRW-BTC\",\"timestamp\":%lld,\"trade_price\":145000000.0,\"trade_volume\":0.01,"
		                        "\"ask_bid\":\"BID\",\"sequential_id\":%lld0000}", i ? "," : "", (long long)(times_us[i] / MS),
		                        (long long)(times_us[i] / MS));
	snprintf(body + len, sizeof body - len, "]");
	return body;
}
#define TICKS(...) ticks(sizeof((int64_t[]){ __VA_ARGS__ }) / sizeof(int64_t), (int64_t[]){ __VA_ARGS__ })

/* That nothing older is there is said twice before it is believed. */
static enum history_state nothing_older(void)
{
	char path[HISTORY_PATH_SIZE];
	snprintf(path, sizeof path, "%s", ask());
	assert_int_equal(answer(200, "[]"), HISTORY_MORE);
	assert_string_equal(ask(), path);
	return answer(200, "[]");
}

static void upbit_pages_back_by_cursor_until_a_trade_older_than_the_gap(void **state)
{
	(void)state;
	int64_t now = MIDNIGHT_US + 43200 * US_PER_SECOND;
	stretch(&upbit_history, now - 60 * US_PER_SECOND, now - 30 * US_PER_SECOND, INT64_MIN, now);
	assert_string_equal(ask(), "/v1/trades/ticks?market=KRW-BTC&count=500&to=115931");
	assert_int_equal(answer(200, TICKS(now - 31 * US_PER_SECOND, now - 40 * US_PER_SECOND)), HISTORY_MORE);
	assert_int_equal(t.given, 2);
	assert_true(t.any_id);
	char path[HISTORY_PATH_SIZE];
	snprintf(path, sizeof path, "/v1/trades/ticks?market=KRW-BTC&count=500&cursor=%lld0000", (long long)((now - 40 * US_PER_SECOND) / MS));
	assert_string_equal(ask(), path);
	/* one of exactly the gap's first moment does not reach beyond it */
	assert_int_equal(answer(200, TICKS(now - 60 * US_PER_SECOND)), HISTORY_MORE);
	ask();
	assert_int_equal(answer(200, TICKS(now - 61 * US_PER_SECOND)), HISTORY_DONE);
}

static void upbit_goes_on_with_the_day_before_at_midnight_utc(void **state)
{
	(void)state;
	int64_t midnight = MIDNIGHT_US, now = midnight + 100 * US_PER_SECOND;
	stretch(&upbit_history, midnight - 50 * US_PER_SECOND, now, INT64_MIN, now + 5 * US_PER_SECOND);
	ask();
	assert_int_equal(answer(200, TICKS(midnight + US_PER_SECOND)), HISTORY_MORE);
	assert_int_equal(nothing_older(), HISTORY_MORE);
	assert_string_equal(ask(), "/v1/trades/ticks?market=KRW-BTC&count=500&days_ago=1");
	assert_int_equal(answer(200, TICKS(midnight - US_PER_SECOND, midnight - 51 * US_PER_SECOND)), HISTORY_DONE);
}

static void one_empty_page_alone_is_not_believed(void **state)
{
	(void)state;
	int64_t now = MIDNIGHT_US + 43200 * US_PER_SECOND;
	const struct history_api *apis[] = { &upbit_history, &bithumb_history };
	for (size_t i = 0; i < 2; i++) {
		stretch(apis[i], now - 60 * US_PER_SECOND, now - 30 * US_PER_SECOND, now - 70 * US_PER_SECOND, now);
		ask();
		assert_int_equal(answer(200, TICKS(now - 40 * US_PER_SECOND)), HISTORY_MORE);
		ask();
		assert_int_equal(answer(200, "[]"), HISTORY_MORE);
		ask();
		assert_int_equal(answer(200, TICKS(now - 50 * US_PER_SECOND)), HISTORY_MORE);
		ask();
		assert_int_equal(answer(200, "[]"), HISTORY_MORE); /* another one, somewhere else */
		ask();
		assert_int_equal(answer(200, TICKS(now - 61 * US_PER_SECOND)), HISTORY_DONE);
	}
}

static void an_empty_page_below_a_stored_trade_is_a_history_too_short(void **state)
{
	(void)state;
	int64_t now = MIDNIGHT_US + 43200 * US_PER_SECOND, oldest = now - 40 * US_PER_SECOND;
	stretch(&upbit_history, now - 60 * US_PER_SECOND, now - 30 * US_PER_SECOND, now - 70 * US_PER_SECOND, now);
	ask();
	assert_int_equal(answer(200, TICKS(oldest)), HISTORY_MORE);
	assert_int_equal(nothing_older(), HISTORY_CUT);
	assert_int_equal(t.h.cut.from_us, now - 60 * US_PER_SECOND);
	assert_int_equal(t.h.cut.to_us, oldest + MS); /* others of that millisecond may be missing */
}

static void a_market_without_an_older_trade_is_asked_for_through_all_its_days(void **state)
{
	(void)state;
	int64_t now = MIDNIGHT_US + 43200 * US_PER_SECOND;
	stretch(&upbit_history, now - 60 * US_PER_SECOND, now - 30 * US_PER_SECOND, INT64_MIN, now);
	for (int days_ago = 0; days_ago < 7; days_ago++) {
		assert_true(days_ago == 0 || strstr(ask(), "&days_ago="));
		if (days_ago == 0)
			assert_int_equal(nothing_older(), HISTORY_MORE);
		else /* before the gap: only a trade that is older is looked for */
			assert_int_equal(answer(200, "[]"), HISTORY_MORE);
	}
	assert_true(strstr(ask(), "&days_ago=7"));
	assert_int_equal(answer(200, "[]"), HISTORY_DONE);
	/* and a gap that began earlier than that is not whole */
	stretch(&upbit_history, now - 9 * US_PER_DAY, now - 30 * US_PER_SECOND, INT64_MIN, now);
	for (int days_ago = 0; days_ago < 7; days_ago++) {
		assert_int_equal(nothing_older(), HISTORY_MORE);
	}
	assert_int_equal(nothing_older(), HISTORY_CUT);
	assert_int_equal(t.h.cut.from_us, now - 9 * US_PER_DAY);
}

static void an_answer_that_is_none_changes_nothing(void **state)
{
	(void)state;
	int64_t now = MIDNIGHT_US + 43200 * US_PER_SECOND;
	static const char *const bodies[] = {
		"", "{", "<html>", "{}", "[1]", "[{\"timestamp\":\"x\"}]", "{\"error\":{\"name\":404,\"message\":\"Code not found\"}}",
		"[{\"timestamp\":1795348700000,\"trade_price\":1,\"trade_volume\":1,\"ask_bid\":\"BOTH\",\"sequential_id\":1}]",
	};
	const struct history_api *apis[] = { &upbit_history, &bithumb_history };
	for (size_t a = 0; a < 2; a++) {
		stretch(apis[a], now - 60 * US_PER_SECOND, now - 30 * US_PER_SECOND, INT64_MIN, now);
		char before[HISTORY_PATH_SIZE];
		snprintf(before, sizeof before, "%s", ask());
		for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
			assert_int_equal(answer(200, bodies[i]), HISTORY_BAD);
			assert_int_equal(t.given, 0);
			assert_true(t.reason[0]);
			assert_string_equal(ask(), before);
		}
		assert_int_equal(answer(400, "[]"), HISTORY_BAD);
	}
	assert_int_equal(answer(200, bodies[6]), HISTORY_BAD);
	assert_string_equal(t.reason, "404 Code not found");
}

static void bithumb_pages_back_over_the_last_second_again(void **state)
{
	(void)state;
	int64_t now = MIDNIGHT_US + 43200 * US_PER_SECOND; /* 21:00 KST */
	stretch(&bithumb_history, now - 60 * US_PER_SECOND, now - 30 * US_PER_SECOND, INT64_MIN, now);
	assert_string_equal(ask(), "/v1/trades/ticks?market=KRW-BTC&count=500&to=205931");
	assert_int_equal(answer(200, TICKS(now - 31 * US_PER_SECOND + 500 * MS, now - 40 * US_PER_SECOND + 300 * MS)), HISTORY_MORE);
	assert_false(t.any_id); /* REST's ids are not the socket's */
	assert_string_equal(ask(), "/v1/trades/ticks?market=KRW-BTC&count=500&to=205921");
	/* nothing older than what came: the cursor tells whether that is so, over the last millisecond again */
	assert_int_equal(answer(200, TICKS(now - 40 * US_PER_SECOND + 300 * MS)), HISTORY_MORE);
	char cursor[64];
	snprintf(cursor, sizeof cursor, "&cursor=%lld0001", (long long)((now - 40 * US_PER_SECOND) / MS + 300));
	assert_true(strstr(ask(), cursor));
	assert_int_equal(answer(200, TICKS(now - 40 * US_PER_SECOND + 300 * MS, now - 61 * US_PER_SECOND)), HISTORY_DONE);
}

static void a_trade_of_the_last_second_of_a_day_shows_that_it_cannot_be_asked_for(void **state)
{
	(void)state;
	int64_t midnight = MIDNIGHT_US + 15 * 3600 * US_PER_SECOND, now = midnight + 20 * US_PER_SECOND;
	/* the market's first, and nothing else of that day */
	stretch(&bithumb_history, midnight - 6 * US_PER_SECOND, midnight + 10 * US_PER_SECOND, midnight - 600 * MS, now);
	ask();
	assert_int_equal(answer(200, TICKS(midnight + 9 * US_PER_SECOND)), HISTORY_MORE);
	assert_int_equal(nothing_older(), HISTORY_MORE);
	assert_int_equal(nothing_older(), HISTORY_MORE);
	assert_true(strstr(ask(), "&to=235959&daysAgo=1"));
	assert_int_equal(nothing_older(), HISTORY_CUT);
	assert_int_equal(t.h.cut.from_us, midnight - US_PER_SECOND);
	assert_int_equal(t.h.cut.to_us, midnight);
	assert_int_equal(nothing_older(), HISTORY_MORE); /* and what lies before that is looked for */
	assert_true(strstr(ask(), "&daysAgo=2"));
}

static void bithumb_may_include_the_second_that_it_is_asked_up_to(void **state)
{
	(void)state;
	int64_t midnight = MIDNIGHT_US + 15 * 3600 * US_PER_SECOND, now = midnight + 100 * US_PER_SECOND;
	stretch(&bithumb_history, midnight - 50 * US_PER_SECOND, now - 40 * US_PER_SECOND, midnight - 60 * US_PER_SECOND, now);
	assert_true(strstr(ask(), "&to=000101"));
	assert_int_equal(answer(200, TICKS(midnight + 62 * US_PER_SECOND)), HISTORY_BAD);
	assert_int_equal(answer(200, TICKS(midnight + 61 * US_PER_SECOND + 999 * MS, midnight + 300 * MS)), HISTORY_MORE);
	ask();
	assert_int_equal(answer(200, TICKS(midnight + 1500 * MS, midnight + 300 * MS)), HISTORY_MORE);
	ask();
	assert_int_equal(answer(200, TICKS(midnight + 300 * MS)), HISTORY_MORE); /* by the cursor: nothing older */
	assert_true(strstr(ask(), "&to=000000"));
	assert_int_equal(answer(200, TICKS(midnight + 300 * MS)), HISTORY_MORE); /* none of the day before */
	assert_true(strstr(ask(), "&to=235959&daysAgo=1"));
	assert_int_equal(answer(200, TICKS(midnight - 100 * MS, midnight - 51 * US_PER_SECOND)), HISTORY_DONE);
	assert_int_equal(t.given, 2); /* so the day's last second is no loss */
}

static void bithumb_goes_by_the_cursor_through_a_second_of_many_pages(void **state)
{
	(void)state;
	int64_t now = MIDNIGHT_US + 43200 * US_PER_SECOND, second = now - 40 * US_PER_SECOND;
	char cursor[96];
	stretch(&bithumb_history, now - 60 * US_PER_SECOND, now - 30 * US_PER_SECOND, now - 61 * US_PER_SECOND, now);
	ask();
	assert_int_equal(answer(200, TICKS(now - 31 * US_PER_SECOND, second + 900 * MS)), HISTORY_MORE);
	ask();
	assert_int_equal(answer(200, TICKS(second + 900 * MS, second + 700 * MS)), HISTORY_MORE);
	for (int into_ms = 700; into_ms > 100; into_ms -= 200) {
		snprintf(cursor, sizeof cursor, "&to=205921&cursor=%lld0001", (long long)(second / MS + into_ms));
		assert_true(strstr(ask(), cursor));
		assert_int_equal(answer(200, TICKS(second + into_ms * MS, second + (into_ms - 200) * MS)), HISTORY_MORE);
	}
	ask();
	assert_int_equal(answer(200, TICKS(second + 100 * MS, second - 500 * MS)), HISTORY_MORE);
	assert_true(strstr(ask(), "&to=205920"));
	assert_null(strstr(t.path, "cursor"));
}

static void bithumb_learns_at_midnight_kst_whether_a_query_goes_on_into_the_day_before(void **state)
{
	(void)state;
	int64_t midnight = MIDNIGHT_US + 15 * 3600 * US_PER_SECOND, now = midnight + 100 * US_PER_SECOND, from = midnight - 50 * US_PER_SECOND;
	for (int one_day = 0; one_day < 2; one_day++) {
		stretch(&bithumb_history, from, now, midnight - 60 * US_PER_SECOND, now + 3 * US_PER_SECOND);
		ask();
		assert_int_equal(answer(200, TICKS(midnight + US_PER_SECOND)), HISTORY_MORE);
		ask();
		assert_int_equal(answer(200, TICKS(midnight + US_PER_SECOND)), HISTORY_MORE);
		assert_true(strstr(ask(), "&cursor="));
		assert_int_equal(answer(200, TICKS(midnight + US_PER_SECOND)), HISTORY_MORE);
		assert_string_equal(ask(), "/v1/trades/ticks?market=KRW-BTC&count=500&to=000000");
		if (!one_day) {
			assert_int_equal(answer(200, TICKS(midnight - 500 * MS, midnight - 60 * US_PER_SECOND)), HISTORY_DONE);
			continue;
		}
		assert_int_equal(nothing_older(), HISTORY_MORE);
		assert_string_equal(ask(), "/v1/trades/ticks?market=KRW-BTC&count=500&to=235959&daysAgo=1");
		assert_int_equal(answer(200, TICKS(midnight - 2 * US_PER_SECOND)), HISTORY_CUT);
		assert_int_equal(t.h.cut.from_us, midnight - US_PER_SECOND);
		assert_int_equal(t.h.cut.to_us, midnight);
		assert_string_equal(ask(), "/v1/trades/ticks?market=KRW-BTC&count=500&to=235959&daysAgo=1");
		assert_int_equal(answer(200, TICKS(midnight - 2 * US_PER_SECOND, midnight - 60 * US_PER_SECOND)), HISTORY_DONE);
	}
}

static void rest_that_does_not_know_a_later_trade_lags(void **state)
{
	(void)state;
	int64_t now = MIDNIGHT_US + 43200 * US_PER_SECOND, to = now - 4 * US_PER_SECOND;
	const struct history_api *apis[] = { &upbit_history, &bithumb_history };
	const char *const ends[] = { "&to=115957", "&to=205957" };
	for (size_t a = 0; a < 2; a++) {
		stretch(apis[a], now - 60 * US_PER_SECOND, to, INT64_MIN, now);
		t.h.newer_ref_us = now - 2 * US_PER_SECOND;
		assert_null(strstr(ask(), "&to="));
		assert_int_equal(answer(200, TICKS(now - 6 * US_PER_SECOND, now - 61 * US_PER_SECOND)), HISTORY_LATER);
		assert_int_equal(t.given, 0);
		assert_null(strstr(ask(), "&to="));
		assert_int_equal(answer(200, "[]"), HISTORY_LATER);
		ask();
		assert_int_equal(answer(200, TICKS(now - US_PER_SECOND, now - 2 * US_PER_SECOND)), HISTORY_MORE);
		assert_true(strstr(ask(), ends[a])); /* what lies between is not asked for */
		assert_null(strstr(t.path, "cursor"));
		assert_int_equal(answer(200, TICKS(now - 6 * US_PER_SECOND, now - 61 * US_PER_SECOND)), HISTORY_DONE);
	}
}

static void a_trade_of_yesterday_is_no_witness(void **state)
{
	(void)state;
	stretch(&upbit_history, MIDNIGHT_US - 60 * US_PER_SECOND, MIDNIGHT_US - 4 * US_PER_SECOND, INT64_MIN, MIDNIGHT_US + 6 * US_PER_SECOND);
	t.h.newer_ref_us = MIDNIGHT_US - 2 * US_PER_SECOND;
	assert_true(strstr(ask(), "&to=235957&days_ago=1"));
	assert_int_equal(answer(200, TICKS(MIDNIGHT_US - 5 * US_PER_SECOND, MIDNIGHT_US - 61 * US_PER_SECOND)), HISTORY_DONE);
}

static void a_stretch_that_ends_before_the_last_second_of_a_day_has_all_of_it(void **state)
{
	(void)state;
	int64_t midnight = MIDNIGHT_US + 15 * 3600 * US_PER_SECOND, now = midnight + 100 * US_PER_SECOND, to = midnight - US_PER_SECOND;
	stretch(&bithumb_history, to - 8 * US_PER_SECOND, to, to - 60 * US_PER_SECOND, now);
	assert_true(strstr(ask(), "&to=000000"));
	assert_int_equal(nothing_older(), HISTORY_MORE);
	assert_true(strstr(ask(), "&to=235959&daysAgo=1"));
	assert_int_equal(answer(200, TICKS(to - US_PER_SECOND)), HISTORY_MORE);
	ask();
	assert_int_equal(answer(200, TICKS(to - US_PER_SECOND, to - 60 * US_PER_SECOND)), HISTORY_DONE);
}

static void of_the_days_before_the_stretch_bithumb_is_asked_once_each(void **state)
{
	(void)state;
	int64_t now = MIDNIGHT_US + 43200 * US_PER_SECOND;
	stretch(&bithumb_history, now - 60 * US_PER_SECOND, now - 30 * US_PER_SECOND, INT64_MIN, now);
	ask();
	assert_int_equal(nothing_older(), HISTORY_MORE);
	assert_true(strstr(ask(), "&to=000000"));
	assert_int_equal(answer(200, "[]"), HISTORY_MORE); /* it may go on into the day before, or not */
	for (int days_ago = 1; days_ago < 7; days_ago++) {
		char wanted[40];
		snprintf(wanted, sizeof wanted, "&to=235959&daysAgo=%d", days_ago);
		assert_true(strstr(ask(), wanted));
		assert_int_equal(answer(200, "[]"), HISTORY_MORE);
	}
	ask();
	assert_int_equal(answer(200, TICKS(now - 7 * US_PER_DAY)), HISTORY_DONE); /* and nothing is lost by that */
}

static const char *spot_rows(int64_t first_id, int64_t count)
{
	static char body[8192];
	size_t len = (size_t)snprintf(body, sizeof body, "[");
	for (int64_t i = 0; i < count; i++)
		len += (size_t)snprintf(body + len, sizeof body - len,
		                        "%s{\"id\":%lld,\"price\":\"4.00000100\",\"qty\":\"12.0\",\"time\":%lld,\"isBuyerMaker\":true}", i ? "," : "",
		                        (long long)(first_id + i), (long long)(MIDNIGHT_US + first_id + i));
	snprintf(body + len, sizeof body - len, "]");
	return body;
}

static void ids(int64_t from_id, int64_t to_id)
{
	stretch(&binance_history, MIDNIGHT_US, MIDNIGHT_US + US_PER_MINUTE, INT64_MIN, MIDNIGHT_US + 2 * US_PER_MINUTE);
	t.h.symbol = "BTCUSDT";
	t.h.from_id = from_id;
	t.h.to_id = to_id;
}

static void binance_pages_up_from_the_first_missing_id_to_the_last(void **state)
{
	(void)state;
	ids(100, 104);
	assert_string_equal(ask(), "/api/v3/historicalTrades?symbol=BTCUSDT&fromId=100&limit=1000");
	assert_int_equal(answer(200, spot_rows(100, 3)), HISTORY_MORE);
	assert_int_equal(t.given, 3);
	assert_string_equal(ask(), "/api/v3/historicalTrades?symbol=BTCUSDT&fromId=103&limit=1000");
	assert_int_equal(answer(200, spot_rows(103, 9)), HISTORY_DONE);
	assert_int_equal(t.given, 2); /* what is beyond comes by socket */
}

/* The same answer, some times, until it is believed. */
static void cut_at_last(const char *body)
{
	for (int i = 0; i < 4; i++) {
		ask();
		assert_int_equal(answer(200, body), HISTORY_LATER);
	}
	ask();
	assert_int_equal(answer(200, body), HISTORY_CUT);
}

/* A server that is behind has what it lacked a moment later. */
static void ids_that_are_there_when_asked_again_are_no_loss(void **state)
{
	(void)state;
	ids(100, 104);
	ask();
	char body[4096];
	snprintf(body, sizeof body, "%s", spot_rows(100, 2));
	snprintf(body + strlen(body) - 1, sizeof body - strlen(body), ",%s", spot_rows(104, 1) + 1);
	assert_int_equal(answer(200, body), HISTORY_LATER);
	assert_int_equal(t.given, 2);
	assert_true(strstr(ask(), "fromId=102"));
	assert_int_equal(answer(200, spot_rows(102, 3)), HISTORY_DONE);
	assert_int_equal(t.given, 3);
}

static void rows_in_another_order_are_taken_in_theirs(void **state)
{
	(void)state;
	char body[4096];
	ids(100, 103);
	ask();
	snprintf(body, sizeof body, "%s", spot_rows(102, 2));
	snprintf(body + strlen(body) - 1, sizeof body - strlen(body), ",%s", spot_rows(100, 2) + 1);
	assert_int_equal(answer(200, body), HISTORY_DONE);
	assert_int_equal(t.given, 4);
	int64_t now = MIDNIGHT_US + 43200 * US_PER_SECOND;
	stretch(&upbit_history, now - 60 * US_PER_SECOND, now - 30 * US_PER_SECOND, INT64_MIN, now);
	ask();
	assert_int_equal(answer(200, TICKS(now - 31 * US_PER_SECOND, now - 40 * US_PER_SECOND, now - 40 * US_PER_SECOND + 2 * MS)), HISTORY_MORE);
	assert_int_equal(t.given, 3);
	assert_true(strstr(ask(), "cursor"));
}

/* Asked for twice again; then the others are taken, and it has its own small loss. */
static void a_row_that_makes_no_sense_costs_only_itself(void **state)
{
	(void)state;
	char body[4096];
	int64_t now = MIDNIGHT_US + 43200 * US_PER_SECOND;
	ids(100, 102);
	snprintf(body, sizeof body, "%s", spot_rows(100, 1));
	snprintf(body + strlen(body) - 1, sizeof body - strlen(body), ",{\"id\":101,\"price\":null,\"qty\":\"1\",\"time\":%lld,"
	         "\"isBuyerMaker\":true},%s", (long long)(MIDNIGHT_US + 50 * MS), spot_rows(102, 1) + 1);
	for (int i = 0; i < 2; i++) {
		ask();
		assert_int_equal(answer(200, body), HISTORY_BAD);
		assert_int_equal(t.given, 0);
	}
	ask();
	assert_int_equal(answer(200, body), HISTORY_DONE);
	assert_int_equal(t.given, 2);
	assert_int_equal(t.spoilt, 1);
	assert_int_equal(t.lost.from_id, 101);
	assert_int_equal(t.lost.to_id, 101);
	assert_int_equal(t.lost.from_us, MIDNIGHT_US + 50 * MS);

	stretch(&upbit_history, now - 60 * US_PER_SECOND, now - 30 * US_PER_SECOND, INT64_MIN, now);
	snprintf(body, sizeof body, "%s", TICKS(now - 31 * US_PER_SECOND, now - 40 * US_PER_SECOND, now - 70 * US_PER_SECOND));
	char *middle = strstr(strstr(body, "},{") + 1, "145000000.0");
	memcpy(middle, "null       ", strlen("145000000.0"));
	for (int i = 0; i < 2; i++) {
		ask();
		assert_int_equal(answer(200, body), HISTORY_BAD);
	}
	ask();
	assert_int_equal(answer(200, body), HISTORY_DONE);
	assert_int_equal(t.given, 2);
	assert_int_equal(t.spoilt, 1);
	assert_int_equal(t.lost.from_us, now - 40 * US_PER_SECOND);
	assert_int_equal(t.lost.to_us, now - 40 * US_PER_SECOND + MS);
}

static void ids_that_binance_does_not_have_are_cut_out(void **state)
{
	(void)state;
	ids(100, 200);
	cut_at_last(spot_rows(150, 3)); /* truncated history answers from a later id */
	assert_int_equal(t.given, 0);
	assert_int_equal(t.h.cut.from_id, 100);
	assert_int_equal(t.h.cut.to_id, 149);
	assert_true(strstr(ask(), "fromId=150"));
	ids(100, 120);
	cut_at_last(spot_rows(150, 3));
	assert_int_equal(t.h.cut.to_id, 120);
}

static void ids_that_binance_does_not_know_yet_are_asked_for_later(void **state)
{
	(void)state;
	ids(100, 104);
	ask();
	assert_int_equal(answer(200, "[]"), HISTORY_LATER);
	ask();
	assert_int_equal(answer(200, spot_rows(100, 2)), HISTORY_MORE);
	ask();
	assert_int_equal(answer(200, "[]"), HISTORY_LATER);
	assert_true(strstr(ask(), "fromId=102"));
	/* with an open end, nothing more is the end */
	ids(100, HISTORY_NO_ID);
	ask();
	assert_int_equal(answer(200, spot_rows(100, 2)), HISTORY_MORE);
	ask();
	assert_int_equal(answer(200, "[]"), HISTORY_DONE);
	/* A server that is stuck on an earlier page: that one ends says nothing of what was asked for. */
	ids(100, HISTORY_NO_ID);
	t.h.lead = 5;
	assert_true(strstr(ask(), "fromId=95"));
	assert_int_equal(answer(200, spot_rows(80, 20)), HISTORY_LATER);
	assert_int_equal(answer(200, spot_rows(95, 5)), HISTORY_DONE);
}

/* 2^60 came by socket, and its neighbour: REST never comes so far, however many trades it still gives. */
static void an_absurd_last_id_is_given_up_when_rest_is_past_the_gaps_time(void **state)
{
	(void)state;
	ids(100, INT64_C(1) << 60);
	t.h.to_us = MIDNIGHT_US + 103; /* ids of these rows are their microseconds */
	ask();
	assert_int_equal(answer(200, spot_rows(100, 4)), HISTORY_MORE);
	t.h.now_us += US_PER_MINUTE;
	t.h.next_id = 50000000; /* so far it came, second by second */
	ask();
	assert_int_equal(answer(200, spot_rows(50000000, 9)), HISTORY_MORE); /* late ones of the gap may still come */
	t.h.next_id = 60000200;
	ask();
	assert_int_equal(answer(200, spot_rows(60000200, 9)), HISTORY_CUT);
	assert_int_equal(t.given, 0);
	assert_int_equal(t.h.cut.from_id, 60000200);
	assert_int_equal(t.h.cut.to_id, INT64_C(1) << 60);
	assert_true(t.h.cut.from_us < t.h.cut.to_us);
	assert_string_equal(t.reason, "REST counts on behind the gap's end without these ids");
}

/* The trade `id` was the last. */
static void ids_behind(int64_t id, int64_t to_id)
{
	ids(id + 1, to_id);
	t.h.from_us = MIDNIGHT_US + id;
}

static void lower_ids_with_newer_times_are_a_new_counting(void **state)
{
	(void)state;
	char body[8192];
	for (int newest = 0; newest < 2; newest++) {
		ids_behind(99, HISTORY_NO_ID);
		t.h.lead = 3;
		assert_true(strstr(ask(), "fromId=97"));
		if (newest) {
			answer(404, "{}");
			ask();
		}
		snprintf(body, sizeof body, "%s", spot_rows(97, 3)); /* recorded; then some with lower ids, and newer */
		for (int id = 1; id < 9; id++)
			snprintf(body + strlen(body) - 1, sizeof body - strlen(body),
			         ",{\"id\":%d,\"price\":\"4\",\"qty\":\"12\",\"time\":%lld,\"isBuyerMaker\":true}]", id, (long long)(MIDNIGHT_US + 500 + id));
		assert_int_equal(answer(200, body), HISTORY_CUT);
		assert_string_equal(t.reason, "the exchange's ids begin again: REST cannot tell what was before");
		assert_int_equal(t.h.cut.from_id, 100);
	}
}

static void a_host_without_historical_trades_gives_its_newest(void **state)
{
	(void)state;
	ids_behind(99, 104);
	ask();
	assert_int_equal(answer(404, "{\"code\":-1,\"msg\":\"no such path\"}"), HISTORY_MORE);
	assert_string_equal(ask(), "/api/v3/trades?symbol=BTCUSDT&limit=1000");
	assert_int_equal(answer(200, spot_rows(90, 30)), HISTORY_DONE);
	assert_int_equal(t.given, 5);
	ids_behind(99, 104);
	ask();
	answer(404, "{}");
	ask();
	assert_int_equal(answer(200, spot_rows(102, 30)), HISTORY_CUT);
	assert_int_equal(t.h.cut.to_id, 101);
}

/* A server that is behind lacks some: it is asked again, as long as those that follow are not about to leave the page. */
static void ids_missing_amid_the_newest_trades_are_asked_for_again_while_there_is_time(void **state)
{
	(void)state;
	char body[8192];
	for (int64_t before = 20; before >= 2; before -= 18) {
		ids_behind(99, 104);
		ask();
		answer(404, "{}");
		ask();
		snprintf(body, sizeof body, "%s", spot_rows(100 - before, before));
		snprintf(body + strlen(body) - 1, sizeof body - strlen(body), ",%s", spot_rows(103, 10) + 1);
		assert_int_equal(answer(200, body), before == 20 ? HISTORY_LATER : HISTORY_CUT);
	}
	assert_int_equal(t.h.cut.from_id, 100);
	assert_int_equal(t.h.cut.to_id, 102);
	assert_string_equal(t.reason, "this host has no historicalTrades, and its newest trades do not reach so far");
}

static void where_no_id_is_known_the_time_tells_the_first(void **state)
{
	(void)state;
	stretch(&binance_usdm_history, MIDNIGHT_US, MIDNIGHT_US + 2 * 60 * US_PER_MINUTE, INT64_MIN, MIDNIGHT_US + 3 * 60 * US_PER_MINUTE);
	t.h.symbol = "ETHUSDT";
	char path[HISTORY_PATH_SIZE];
	snprintf(path, sizeof path, "/fapi/v1/aggTrades?symbol=ETHUSDT&startTime=%lld&endTime=%lld&limit=1", (long long)(MIDNIGHT_US / MS),
	         (long long)(MIDNIGHT_US / MS + 3599000));
	assert_string_equal(ask(), path);
	assert_int_equal(answer(200, "[]"), HISTORY_MORE); /* a quiet hour */
	ask();
	assert_int_equal(answer(200, "[{\"a\":7,\"p\":\"1\",\"q\":\"1\",\"f\":20,\"l\":21,\"T\":1795309200000,\"m\":false}]"), HISTORY_MORE);
	assert_string_equal(ask(), "/fapi/v1/aggTrades?symbol=ETHUSDT&fromId=6&limit=1"); /* is it the first, as the one before tells? */
	assert_int_equal(answer(200, "[{\"a\":6,\"p\":\"1\",\"q\":\"1\",\"f\":20,\"l\":21,\"T\":1795305599999,\"m\":false}]"), HISTORY_MORE);
	assert_string_equal(ask(), "/fapi/v1/aggTrades?symbol=ETHUSDT&fromId=7&limit=1000");
}

static const char *aggregate(int64_t id, int64_t time_us)
{
	static char body[160];
	snprintf(body, sizeof body, "[{\"a\":%lld,\"p\":\"1\",\"q\":\"1\",\"f\":20,\"l\":21,\"T\":%lld,\"m\":false}]", (long long)id,
	         (long long)(time_us / MS));
	return body;
}

/* A futures exchange with a trade every 700 ms, ids from FIRST_ID on at `begin_us`, that serves the newest of a window first. */
#define FIRST_ID 5000
static int64_t newest_first_began_us;
static const char *newest_first(void)
{
	long long start_ms, end_ms, id;
	int64_t every = 700 * MS, base = newest_first_began_us;
	if (sscanf(strstr(t.path, "&"), "&startTime=%lld&endTime=%lld&limit=1", &start_ms, &end_ms) == 2)
		id = FIRST_ID + (end_ms * MS - base) / every;
	else
		assert_int_equal(sscanf(strstr(t.path, "&"), "&fromId=%lld&limit=1", &id), 1);
	id = id < FIRST_ID ? FIRST_ID : id;
	return aggregate(id, base + (id - FIRST_ID) * every);
}

static void where_the_newest_is_served_first_the_first_is_found_by_ids(void **state)
{
	(void)state;
	int64_t hour = 60 * US_PER_MINUTE, now = MIDNIGHT_US, from = now - 5 * hour;
	for (int64_t k = 0; k < 6; k++) {
		newest_first_began_us = from - (k == 0 ? -US_PER_MINUTE : k * k * 77 * US_PER_SECOND);
		stretch(&binance_usdm_history, from, now, INT64_MIN, now);
		int questions = 0;
		for (; !strstr(ask(), "limit=1000"); questions++)
			assert_int_equal(answer(200, newest_first()), HISTORY_MORE);
		long long first = -1;
		sscanf(strstr(t.path, "fromId="), "fromId=%lld", &first);
		int64_t since = from - newest_first_began_us;
		assert_int_equal(first, since <= 0 ? FIRST_ID : FIRST_ID + (since + 700 * MS - 1) / (700 * MS));
		assert_in_range(questions, 2, 40);
	}
}

static void trades_of_one_millisecond_are_told_apart_by_ids(void **state)
{
	(void)state;
	int64_t hour = 60 * US_PER_MINUTE, now = MIDNIGHT_US, from = now - hour;
	stretch(&binance_usdm_history, from, now, INT64_MIN, now);
	ask();
	assert_int_equal(answer(200, aggregate(103, from)), HISTORY_MORE);
	while (!strstr(ask(), "limit=1000")) { /* 101 to 103 at that moment */
		long long id = 0;
		sscanf(strstr(t.path, "fromId="), "fromId=%lld", &id);
		assert_int_equal(answer(200, aggregate(id, id >= 101 ? from : from - MS)), HISTORY_MORE);
	}
	assert_true(strstr(t.path, "fromId=101&"));
	/* an answer to another question is not believed */
	stretch(&binance_usdm_history, from, now, INT64_MIN, now);
	ask();
	assert_int_equal(answer(200, aggregate(103, from - US_PER_MINUTE)), HISTORY_BAD);
}

static long long asked_from_ms(void)
{
	long long start_ms = 0;
	assert_int_equal(sscanf(strstr(ask(), "&startTime="), "&startTime=%lld", &start_ms), 1);
	return start_ms;
}

static void futures_are_not_asked_for_what_is_older_than_48_hours(void **state)
{
	(void)state;
	int64_t hour = 60 * US_PER_MINUTE, now = MIDNIGHT_US, border = now - 48 * hour;
	/* without ids */
	stretch(&binance_usdm_history, now - 50 * hour, now, INT64_MIN, now);
	long long start_ms = asked_from_ms();
	assert_true(start_ms * MS > border && start_ms * MS <= border + 2 * US_PER_MINUTE);
	assert_int_equal(answer(200, aggregate(700, border + 5 * US_PER_MINUTE)), HISTORY_MORE);
	assert_true(strstr(ask(), "fromId=699&limit=1"));
	assert_int_equal(answer(200, aggregate(699, border)), HISTORY_CUT);
	assert_string_equal(t.reason, "the exchange's REST reaches back 48 hours");
	assert_int_equal(t.h.cut.from_us, now - 50 * hour);
	assert_int_equal(t.h.cut.to_us, start_ms * MS);
	assert_int_equal(t.h.cut.to_id, 699);
	assert_true(strstr(ask(), "fromId=700&limit=1000"));
	/* nor is the one before within its reach: an error, or nothing, twice */
	for (int k = 0; k < 2; k++) {
		stretch(&binance_usdm_history, now - 50 * hour, now, INT64_MIN, now);
		ask();
		assert_int_equal(answer(200, aggregate(700, border + 5 * US_PER_MINUTE)), HISTORY_MORE);
		for (int i = 0; i < 2; i++) {
			assert_true(strstr(ask(), "fromId=699&limit=1"));
			assert_int_equal(k ? answer(200, "[]") : answer(400, "{\"code\":-4166,\"msg\":\"too old\"}"), i ? HISTORY_CUT : HISTORY_MORE);
		}
		assert_int_equal(t.h.cut.to_id, 699);
		assert_true(strstr(ask(), "fromId=700&limit=1000"));
	}
	/* with ids: of an older one */
	stretch(&binance_usdm_history, now - 50 * hour, now, INT64_MIN, now);
	t.h.from_id = 100;
	t.h.to_id = 900;
	assert_true(asked_from_ms() * MS > border);
	assert_int_equal(answer(200, aggregate(700, border + 5 * US_PER_MINUTE)), HISTORY_MORE);
	ask();
	assert_int_equal(answer(200, aggregate(699, border)), HISTORY_CUT);
	assert_int_equal(t.h.cut.from_id, 100);
	assert_int_equal(t.h.cut.to_id, 699);
	assert_true(strstr(ask(), "fromId=700&limit=1000"));
	/* all of it is too old */
	stretch(&binance_usdm_history, now - 55 * hour, now - 50 * hour, INT64_MIN, now);
	t.h.from_id = 100;
	t.h.to_id = 200;
	assert_true(asked_from_ms() * MS > border);
	assert_int_equal(answer(200, aggregate(700, border + 5 * US_PER_MINUTE)), HISTORY_MORE);
	ask();
	assert_int_equal(answer(200, aggregate(699, border)), HISTORY_CUT);
	assert_int_equal(t.h.cut.from_id, 100);
	assert_int_equal(t.h.cut.to_id, 200);
	assert_int_equal(t.h.cut.to_us, now - 50 * hour);
	/* the rest of one becomes too old while it is fetched */
	stretch(&binance_usdm_history, now - 47 * hour, now, INT64_MIN, now);
	t.h.from_id = 100;
	assert_true(strstr(ask(), "fromId=100&limit=1000"));
	assert_int_equal(answer(200, aggregate(100, now - 47 * hour)), HISTORY_MORE);
	t.h.now_us = now + 2 * hour;
	assert_true(asked_from_ms() * MS > border + 2 * hour);
	assert_int_equal(answer(200, aggregate(700, now - 45 * hour)), HISTORY_MORE);
	ask();
	assert_int_equal(answer(200, aggregate(699, now - 46 * hour)), HISTORY_CUT);
	assert_int_equal(t.h.cut.from_id, 101);
	assert_int_equal(t.h.cut.from_us, now - 47 * hour);
	assert_int_equal(t.h.cut.to_id, 699);
	/* nothing at all: of the last 48 hours that is an answer */
	stretch(&binance_usdm_history, now - 50 * hour, now, INT64_MIN, now);
	enum history_state state_now;
	do
		assert_true(asked_from_ms() * MS > border);
	while ((state_now = answer(200, "[]")) == HISTORY_MORE);
	assert_int_equal(state_now, HISTORY_CUT);
	assert_int_equal(t.h.cut.from_us, now - 50 * hour);
	assert_int_equal(t.h.cut.to_id, HISTORY_NO_ID);
	assert_true(t.h.cut.to_us > border && t.h.cut.to_us < border + hour);
	t.h.from_us = t.h.cut.to_us; /* as gap.c does */
	ask();
	assert_int_equal(answer(200, "[]"), HISTORY_DONE);
	/* and of Binance itself nobody says that it ends */
	stretch(&binance_history, now - 50 * hour, now, INT64_MIN, now);
	ask();
	assert_int_equal(answer(200, "[]"), HISTORY_MORE);
	ask();
	assert_int_equal(answer(200, aggregate(7, now - 40 * hour)), HISTORY_MORE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(upbit_pages_back_by_cursor_until_a_trade_older_than_the_gap, begin, end),
		cmocka_unit_test_setup_teardown(upbit_goes_on_with_the_day_before_at_midnight_utc, begin, end),
		cmocka_unit_test_setup_teardown(one_empty_page_alone_is_not_believed, begin, end),
		cmocka_unit_test_setup_teardown(an_empty_page_below_a_stored_trade_is_a_history_too_short, begin, end),
		cmocka_unit_test_setup_teardown(a_market_without_an_older_trade_is_asked_for_through_all_its_days, begin, end),
		cmocka_unit_test_setup_teardown(an_answer_that_is_none_changes_nothing, begin, end),
		cmocka_unit_test_setup_teardown(bithumb_pages_back_over_the_last_second_again, begin, end),
		cmocka_unit_test_setup_teardown(a_trade_of_the_last_second_of_a_day_shows_that_it_cannot_be_asked_for, begin, end),
		cmocka_unit_test_setup_teardown(bithumb_may_include_the_second_that_it_is_asked_up_to, begin, end),
		cmocka_unit_test_setup_teardown(bithumb_goes_by_the_cursor_through_a_second_of_many_pages, begin, end),
		cmocka_unit_test_setup_teardown(bithumb_learns_at_midnight_kst_whether_a_query_goes_on_into_the_day_before, begin, end),
		cmocka_unit_test_setup_teardown(rest_that_does_not_know_a_later_trade_lags, begin, end),
		cmocka_unit_test_setup_teardown(a_trade_of_yesterday_is_no_witness, begin, end),
		cmocka_unit_test_setup_teardown(a_stretch_that_ends_before_the_last_second_of_a_day_has_all_of_it, begin, end),
		cmocka_unit_test_setup_teardown(of_the_days_before_the_stretch_bithumb_is_asked_once_each, begin, end),
		cmocka_unit_test_setup_teardown(binance_pages_up_from_the_first_missing_id_to_the_last, begin, end),
		cmocka_unit_test_setup_teardown(ids_that_are_there_when_asked_again_are_no_loss, begin, end),
		cmocka_unit_test_setup_teardown(rows_in_another_order_are_taken_in_theirs, begin, end),
		cmocka_unit_test_setup_teardown(a_row_that_makes_no_sense_costs_only_itself, begin, end),
		cmocka_unit_test_setup_teardown(ids_that_binance_does_not_have_are_cut_out, begin, end),
		cmocka_unit_test_setup_teardown(ids_that_binance_does_not_know_yet_are_asked_for_later, begin, end),
		cmocka_unit_test_setup_teardown(an_absurd_last_id_is_given_up_when_rest_is_past_the_gaps_time, begin, end),
		cmocka_unit_test_setup_teardown(a_host_without_historical_trades_gives_its_newest, begin, end),
		cmocka_unit_test_setup_teardown(lower_ids_with_newer_times_are_a_new_counting, begin, end),
		cmocka_unit_test_setup_teardown(ids_missing_amid_the_newest_trades_are_asked_for_again_while_there_is_time, begin, end),
		cmocka_unit_test_setup_teardown(where_no_id_is_known_the_time_tells_the_first, begin, end),
		cmocka_unit_test_setup_teardown(where_the_newest_is_served_first_the_first_is_found_by_ids, begin, end),
		cmocka_unit_test_setup_teardown(trades_of_one_millisecond_are_told_apart_by_ids, begin, end),
		cmocka_unit_test_setup_teardown(futures_are_not_asked_for_what_is_older_than_48_hours, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
