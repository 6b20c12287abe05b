/* What the drivers ask of, and read in, an exchange's own totals. */
#include "recorder/exchanges/exchange.h"

#include "support.h"

#include <stdlib.h>
#include <string.h>

static struct json_buffer buffer;
static struct market_total totals[8];
static char symbols[8][64];
static size_t total_count;

static void on_total(void *arg, const struct market_total *total)
{
	(void)arg;
	assert_true(total_count < 8);
	snprintf(symbols[total_count], sizeof symbols[total_count], "%s", total->symbol);
	totals[total_count++] = *total;
}

static struct totals_page page;

static bool take(const char *exchange, const char *path, const char *body)
{
	page = (struct totals_page){ .status = 200, .body = body, .len = strlen(body), .buffer = &buffer, .total = on_total };
	total_count = 0;
	return exchange_find(exchange)->totals->take(path, &page);
}

static int release(void **state)
{
	(void)state;
	json_buffer_release(&buffer);
	buffer = (struct json_buffer){ 0 };
	return 0;
}

static void assert_volume(size_t i, const char *text)
{
	struct decimal wanted = dec(text);
	assert_int_equal(decimal_compare(&totals[i].volume, &wanted), 0);
}

#define UPBIT_ROW(volume, timestamp) \
	"{\"market\":\"KRW-BTC\",\"trade_date\":\"20250704\",\"trade_time\":\"051400\",\"trade_date_kst\":\"20250704\"," \
	"\"trade_time_kst\":\"141400\",\"trade_timestamp\":" timestamp ",\"acc_trade_volume\":" volume "}"

static void upbit_says_volume_and_last_trade_exactly(void **state)
{
	(void)state;
	assert_true(take("upbit", "", "[" UPBIT_ROW("212.38911576", "1751606040365") "," UPBIT_ROW("1.16539E8", "1751606040365") "]"));
	assert_int_equal(total_count, 2);
	assert_string_equal(symbols[0], "KRW-BTC");
	assert_volume(0, "212.38911576");
	assert_volume(1, "116539000");
	assert_int_equal(totals[0].last_us, INT64_C(1751606040365000));
	assert_int_equal(page.bad_rows, 0);
}

static void bithumb_writes_korean_time_as_if_it_were_utc(void **state)
{
	(void)state;
	assert_true(take("bithumb", "", "[" UPBIT_ROW("1", "1751638440365") "," UPBIT_ROW("1", "1751606040365") "]"));
	assert_int_equal(total_count, 2);
	assert_int_equal(totals[0].last_us, INT64_C(1751606040365000));
	assert_int_equal(totals[1].last_us, INT64_C(1751606040365000)); /* should it be put right one day */
}

static void a_row_that_makes_no_sense_is_passed_over_and_counted(void **state)
{
	(void)state;
	assert_true(take("upbit", "", "[" UPBIT_ROW("null", "1751606040365") "," UPBIT_ROW("1", "1751606041365") "," UPBIT_ROW("-1", "1751606040365") ",7,"
	                 UPBIT_ROW("2", "1751606040999") "]"));
	assert_int_equal(total_count, 1);
	assert_volume(0, "2");
	assert_int_equal(page.bad_rows, 4);
}

static void an_error_is_told_in_the_exchanges_words(void **state)
{
	(void)state;
	assert_false(take("bithumb", "", "{\"error\":{\"name\":404,\"message\":\"Code not found\"}}"));
	assert_string_equal(page.reason, "404 Code not found");
	assert_false(take("upbit", "", "<html>"));
	assert_false(take("upbit", "", "{}"));
	assert_contains(page.reason, "no list of tickers");
	assert_false(take("bithumb-legacy", "/public/ticker/ALL_KRW", "{\"status\":\"5500\",\"message\":\"Invalid Parameter\"}"));
	assert_string_equal(page.reason, "5500 Invalid Parameter");
	assert_int_equal(total_count, 0);
}

static void the_old_rest_has_all_markets_of_a_quote_and_the_time_of_the_answer(void **state)
{
	(void)state;
	assert_true(take("bithumb-legacy", "/public/ticker/ALL_KRW",
	                 "{\"status\":\"0000\",\"data\":{\"BTC\":{\"units_traded\":\"85.6424264\",\"units_traded_24H\":\"613.5\"},"
	                 "\"ETH\":{\"units_traded\":\"0\"},\"XRP\":{\"units_traded\":7},\"date\":\"1738091114547\"}}"));
	assert_int_equal(total_count, 2);
	assert_string_equal(symbols[0], "BTC_KRW");
	assert_string_equal(symbols[1], "ETH_KRW");
	assert_volume(0, "85.6424264");
	assert_int_equal(totals[0].last_us, INT64_MIN);
	assert_int_equal(totals[0].said_us, INT64_C(1738091114547000));
	assert_int_equal(page.bad_rows, 1);
	assert_false(take("bithumb-legacy", "/public/ticker/ALL_KRW", "{\"status\":\"0000\",\"data\":{\"BTC\":{\"units_traded\":\"1\"}}}")); /* no date */
}

static void one_request_asks_for_as_many_as_a_path_holds(void **state)
{
	(void)state;
	static char names[400][16];
	const char *list[400];
	bool asked[400];
	char path[TOTALS_PATH_SIZE];
	size_t first = 0, count = 0;
	for (size_t i = 0; i < 400; i++) {
		snprintf(names[i], sizeof names[i], "KRW-C%03zu", i);
		list[i] = names[i];
	}
	exchange_find("upbit")->totals->path(list, asked, 400, path);
	for (size_t i = 0; i < 400; i++) {
		first += asked[i] && i == count;
		count += asked[i];
	}
	assert_int_equal(first, count); /* the first ones */
	assert_in_range(count, 80, 200);
	assert_true(strlen(path) > TOTALS_PATH_SIZE - 40);
	assert_contains(path, "/v1/ticker?markets=KRW-C000,KRW-C001,");
	exchange_find("upbit")->totals->path((const char *[]){ "KRW-\xea\xb9\x80&x" }, asked, 1, path);
	assert_string_equal(path, "/v1/ticker?markets=KRW-%EA%B9%80%26x");
}

static void the_old_rest_is_asked_for_each_quote_asset_once(void **state)
{
	(void)state;
	bool asked[3];
	char path[TOTALS_PATH_SIZE];
	exchange_find("bithumb-legacy")->totals->path((const char *[]){ "BTC_KRW", "ETH_BTC", "ETH_KRW" }, asked, 3, path);
	assert_string_equal(path, "/public/ticker/ALL_KRW");
	assert_true(asked[0] && !asked[1] && asked[2]);
}

static void whoever_has_ids_that_prove_is_not_asked(void **state)
{
	(void)state;
	for (const struct exchange *const *e = exchanges; *e; e++)
		assert_true((*e)->ids_step == ((*e)->totals == NULL));
	assert_int_equal(exchange_find("upbit")->totals->day_offset_us, 0);
	assert_int_equal(exchange_find("bithumb")->totals->day_offset_us, 9 * 60 * US_PER_MINUTE);
	assert_int_equal(exchange_find("bithumb-legacy")->totals->day_offset_us, 9 * 60 * US_PER_MINUTE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(upbit_says_volume_and_last_trade_exactly),
		cmocka_unit_test(bithumb_writes_korean_time_as_if_it_were_utc),
		cmocka_unit_test(a_row_that_makes_no_sense_is_passed_over_and_counted),
		cmocka_unit_test(an_error_is_told_in_the_exchanges_words),
		cmocka_unit_test(the_old_rest_has_all_markets_of_a_quote_and_the_time_of_the_answer),
		cmocka_unit_test(one_request_asks_for_as_many_as_a_path_holds),
		cmocka_unit_test(the_old_rest_is_asked_for_each_quote_asset_once),
		cmocka_unit_test(whoever_has_ids_that_prove_is_not_asked),
	};
	return cmocka_run_group_tests(tests, NULL, release);
}
