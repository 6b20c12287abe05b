/* What the recorder makes of a tape that it finds. */
#include "recorder/gaps/resume.h"
#include "schema/tape/schema.h"
#include "support.h"

#define NOW_US INT64_C(1795305600000000)

static struct tape tape;
static struct resume resume;

static int begin(void **state)
{
	(void)state;
	struct err err = { "" };
	if (!tape_open(&tape, in_folder("tape.db"), TAPE_SYNC_NORMAL, &err))
		fail_msg("%s", err.text);
	sql_run(tape.db, "DELETE FROM gap; DELETE FROM coverage; DELETE FROM trade; DELETE FROM market; "
	                 "INSERT INTO market (market_id, exchange, symbol, ids_step) VALUES (1, 'binance', 'BTCUSDT', 1)");
	return 0;
}

static int end(void **state)
{
	(void)state;
	struct err err;
	resume_release(&resume);
	return tape_close(&tape, &err) ? 0 : -1;
}

static void trades(int64_t from_id, int64_t to_id)
{
	for (int64_t id = from_id; id <= to_id; id++) {
		char sql[160];
		snprintf(sql, sizeof sql, "INSERT INTO trade VALUES (1, %lld, %lld, 16, 16, 1000)", (long long)(NOW_US - (1000 - id) * 1000),
		         (long long)id);
		sql_run(tape.db, sql);
	}
}

static const struct resume_market *load(void)
{
	struct err err = { "" };
	resume_release(&resume);
	if (!resume_load(&resume, tape.db, NOW_US, &err))
		fail_msg("%s", err.text);
	return resume_find(&resume, "binance", "BTCUSDT");
}

static void a_market_goes_on_behind_its_newest_trade(void **state)
{
	(void)state;
	trades(100, 200);
	assert_int_equal(load()->newest_id, 200);
	assert_int_equal(load()->newest_us, NOW_US - 800 * 1000);
}

static void trades_behind_a_skip_that_is_no_gap_yet_do_not_count(void **state)
{
	(void)state;
	trades(100, 200);
	trades(206, 210);
	trades(220, 220);
	assert_int_equal(load()->newest_id, 200);
	assert_int_equal(load()->newest_us, NOW_US - 800 * 1000);
	sql_run(tape.db, "INSERT INTO gap (market_id, from_us, to_us, from_id, to_id, reason, state, opened_us) "
	                 "VALUES (1, 1795305599200000, 1795305599206001, 201, 205, 'id-skip', 'unfillable', 0)");
	assert_int_equal(load()->newest_id, 210);
	sql_run(tape.db, "INSERT INTO gap (market_id, from_us, to_us, from_id, to_id, reason, state, opened_us) "
	                 "VALUES (1, 1795305599210000, NULL, 211, NULL, 'id-skip', 'open', 0)");
	assert_int_equal(load()->newest_id, 220);
}

/* Without them nobody could tell whether REST has the same trades as the socket. */
static void an_open_gap_goes_on_with_what_sockets_brought_beside_it(void **state)
{
	(void)state;
	trades(100, 200);
	trades(301, 350);
	sql_run(tape.db, "UPDATE trade SET lag_us = NULL WHERE id IN (199, 303)");
	/* 201 to 300 are missing; where it ends by the clock is a guess, a minute late */
	sql_run(tape.db, "INSERT INTO gap (market_id, from_us, to_us, from_id, to_id, reason, state, opened_us) "
	                 "VALUES (1, 1795305599200000, 1795305660000000, 201, 300, 'not-running', 'open', 0)");
	const struct resume_gap *gap = &load()->gaps[0];
	assert_int_equal(gap->older.count, REFERENCES_MAX);
	assert_int_equal(gap->newer.count, REFERENCES_MAX);
	for (unsigned i = 0; i < REFERENCES_MAX; i++) {
		assert_in_range(gap->older.rows[i].id, 168, 200);
		assert_int_not_equal(gap->older.rows[i].id, 199); /* REST gave it */
		assert_in_range(gap->newer.rows[i].id, 301, 333);
		assert_int_not_equal(gap->newer.rows[i].id, 303);
	}
	assert_int_equal(references_before(&gap->older, 201, 0), 1); /* 200, and not 199 */
	/* Where ids do not tell, by time: the last trade before a gap lies behind its beginning. */
	sql_run(tape.db, "UPDATE trade SET time_us = time_us + 5000000 WHERE id > 200; "
	                 "UPDATE gap SET from_id = NULL, to_id = NULL, to_us = 1795305604301000");
	gap = &load()->gaps[0];
	for (unsigned i = 0; i < REFERENCES_MAX; i++) {
		assert_in_range(gap->older.rows[i].id, 168, 200);
		assert_in_range(gap->newer.rows[i].id, 301, 333);
	}
	sql_run(tape.db, "UPDATE gap SET to_us = NULL");
	assert_int_equal(load()->gaps[0].newer.count, 0);
}

static void a_moment_at_which_a_market_was_only_subscribed_to_is_no_coverage(void **state)
{
	(void)state;
	sql_run(tape.db, "INSERT INTO coverage VALUES (1, 9000, 9000)");
	assert_int_equal(load()->covered_to_us, 9000); /* but where there is none, it is all that is known */
	sql_run(tape.db, "INSERT INTO coverage VALUES (1, 1000, 5000)");
	assert_int_equal(load()->covered_to_us, 5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_market_goes_on_behind_its_newest_trade, begin, end),
		cmocka_unit_test_setup_teardown(trades_behind_a_skip_that_is_no_gap_yet_do_not_count, begin, end),
		cmocka_unit_test_setup_teardown(an_open_gap_goes_on_with_what_sockets_brought_beside_it, begin, end),
		cmocka_unit_test_setup_teardown(a_moment_at_which_a_market_was_only_subscribed_to_is_no_coverage, begin, end),
	};
	return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
