/* What one answer lists; that they are fetched page by page is seen where real exchanges are simulated. */
#include "recorder/markets/list_fetch.h"

#include "support.h"

#include <string.h>

static const struct url url = { .host = "api.upbit.com" };

static bool take(struct market_list *list, int status, const char *body, const char *reason)
{
	struct http_get get = { .url = &url, .status = status, .body = (char *)(uintptr_t)body, .body_len = strlen(body) };
	const struct exchange *upbit = exchange_find("upbit");
	snprintf(get.reason, sizeof get.reason, "%s", reason);
	return list_fetch_take(upbit, upbit->market_list_paths[0], &get, list);
}

static void an_answer_adds_its_markets_to_those_of_the_pages_before(void **state)
{
	(void)state;
	struct market_list list = { .had = false };
	assert_true(take(&list, 200, "[{\"market\":\"KRW-BTC\"},{\"market\":\"KRW-ETH\"}]", ""));
	assert_true(take(&list, 200, "[{\"market\":\"BTC-ETH\"}]", ""));
	assert_int_equal(list.count, 3);
	assert_string_equal(list.rows[0].symbol, "KRW-BTC");
	assert_string_equal(list.rows[2].base, "ETH");
	assert_string_equal(list.rows[2].quote, "BTC");
	assert_string_equal(list.reason, "");
	market_list_release(&list);
}

/* What is half a list may lack what a pattern wants. */
static void a_page_that_is_none_adds_nothing_of_it_and_tells_the_reason(void **state)
{
	(void)state;
	struct market_list list = { .had = false };
	assert_true(take(&list, 200, "[{\"market\":\"KRW-BTC\"}]", ""));
	assert_false(take(&list, 200, "[{\"market\":\"KRW-ETH\"},{\"market\":", ""));
	assert_int_equal(list.count, 1);
	assert_contains(list.reason, "api.upbit.com answers with ");
	assert_false(take(&list, 451, "", ""));
	assert_contains(list.reason, "api.upbit.com answers with HTTP status 451: the exchange seems to refuse this region");
	assert_false(take(&list, 0, "", "api.upbit.com: cannot connect"));
	assert_string_equal(list.reason, "api.upbit.com: cannot connect");
	assert_int_equal(list.count, 1);
	market_list_release(&list);
}

static void a_name_that_would_spoil_a_frame_or_a_log_line_is_passed_over(void **state)
{
	(void)state;
	struct market_list list = { .had = false };
	const struct listed_market rows[] = { { "", "A", "B" }, { "A B", "A", "B" }, { "A\"B", "A", "B" }, { "A\\B", "A", "B" }, { "A\nB", "A", "B" },
		                              { "KRW-\xed\x95\x9c", "A", "B" } };
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		market_list_add(&list, &rows[i]);
	assert_int_equal(list.count, 1);
	assert_string_equal(list.rows[0].symbol, "KRW-\xed\x95\x9c");
	market_list_release(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_adds_its_markets_to_those_of_the_pages_before),
		cmocka_unit_test(a_page_that_is_none_adds_nothing_of_it_and_tells_the_reason),
		cmocka_unit_test(a_name_that_would_spoil_a_frame_or_a_log_line_is_passed_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
