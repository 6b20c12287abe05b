#include "recorder/tape/wanted_rows.h"

#include "recorder/exchanges/exchange.h"
#include "schema/tape/schema.h"
#include "support.h"

static struct market btc = { .channel = CHANNEL_TRADES, .symbol = "KRW-BTC", .name = "upbit:KRW-BTC" };
static struct market eth_ticker = { .channel = CHANNEL_TICKER, .symbol = "KRW-ETH", .name = "upbit:KRW-ETH@ticker" };

static void a_start_ends_what_it_no_longer_wants_with_the_last_sign_of_life(void **state)
{
	(void)state;
	struct tape tape;
	struct wanted_rows book;
	struct fault fault = { .rc = SQLITE_OK };
	struct err err = { "" };
	struct market *markets[] = { &btc, &eth_ticker };
	const char *waiting[] = { "bithumb:KRW-*" };
	struct market_plan plan = { .markets = markets, .market_count = 2, .waiting = waiting, .waiting_count = 1 };
	assert_true(tape_open(&tape, in_folder("tape.db"), TAPE_SYNC_NORMAL, &err));
	assert_true(wanted_rows_init(&book, tape.db, &fault, &err));
	sql_run(tape.db, "INSERT INTO market (exchange, symbol) VALUES ('upbit', 'KRW-BTC'), ('upbit', 'KRW-ETH'),"
	                 " ('bithumb', 'KRW-XRP'), ('upbit', 'KRW-XRP')");
	for (int id = 1; id <= 4; id++)
		assert_true(wanted_rows_put(&book, id, 100));
	assert_true(wanted_rows_put(&book, 1, 150)); /* again: nothing changes */
	assert_int_equal(sql_int(tape.db, "SELECT count(*) FROM wanted WHERE from_us = 100 AND to_us IS NULL"), 4);

	sql_run(tape.db, "INSERT INTO recorder VALUES (1, 7, 'v', 1, 900, NULL, 0, 0, 0, 0, 0, 0)");
	assert_true(wanted_rows_begin(&book, &plan, 5000, &err));
	assert_int_equal(sql_int(tape.db, "SELECT group_concat(market_id, '') FROM wanted WHERE to_us IS NULL"), 13);
	assert_int_equal(sql_int(tape.db, "SELECT min(to_us) FROM wanted"), 900);
	assert_int_equal(sql_int(tape.db, "SELECT max(to_us) FROM wanted"), 900);

	assert_true(wanted_rows_put(&book, 4, 6000)); /* and wants it again */
	assert_int_equal(sql_int(tape.db, "SELECT count(*) FROM wanted WHERE market_id = 4"), 2);
	assert_int_equal(sql_int(tape.db, "SELECT from_us FROM wanted WHERE market_id = 4 AND to_us IS NULL"), 6000);
	wanted_rows_release(&book);
	assert_true(tape_close(&tape, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_start_ends_what_it_no_longer_wants_with_the_last_sign_of_life),
	};
	return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
