#include "recorder/tape/audit_rows.h"

#include "recorder/tape/candle_book.h"
#include "schema/base/timefmt.h"
#include "schema/tape/schema.h"
#include "support.h"

#include <stdlib.h>

static struct tape tape;
static struct fault fault;
static struct audit_rows rows;
static struct candle_book book;
static const struct id_rule no_rule;
#define DAY (INT64_C(20000) * US_PER_DAY)

static int begin(void **state)
{
	struct err err = { "" };
	if (folder_setup(state) != 0 || !tape_open(&tape, in_folder("tape.db"), TAPE_SYNC_NORMAL, &err))
		return -1;
	sql_run(tape.db, "INSERT INTO market (exchange, symbol) VALUES ('upbit', 'KRW-BTC')");
	fault = (struct fault){ .rc = SQLITE_OK };
	return audit_rows_init(&rows, tape.db, &fault, &err) && candle_book_init(&book, tape.db, &fault, &err) ? 0 : -1;
}

static int end(void **state)
{
	struct err err = { "" };
	audit_rows_release(&rows);
	candle_book_release(&book);
	return tape_close(&tape, &err) ? folder_teardown(state) : -1;
}

static int64_t next_id;

static void trade(int64_t us, const char *size)
{
	struct trade t = { .time_us = us, .price = dec("5"), .size = dec(size), .id = { .kind = TRADE_ID_NUMBER, .number = ++next_id } };
	char sql[200];
	int64_t packed;
	assert_true(decimal_pack(&t.size, &packed));
	assert_true(candle_book_add(&book, 1, no_rule, &t));
	snprintf(sql, sizeof sql, "INSERT INTO trade VALUES (1, %lld, %lld, 80, %lld, NULL)", (long long)us, (long long)next_id, (long long)packed);
	sql_run(tape.db, sql);
	assert_true(candle_book_write(&book));
}

static void cover(int64_t from_us, int64_t to_us)
{
	char sql[200];
	snprintf(sql, sizeof sql, "INSERT INTO coverage VALUES (1, %lld, %lld)", (long long)from_us, (long long)to_us);
	sql_run(tape.db, sql);
}

/* The exchange says so, and that its last trade was then. */
static void said(const char *volume, int64_t last_us)
{
	struct audit_mark mark = { .day_from_us = DAY, .from_us = last_us - US_PER_SECOND, .to_us = last_us + US_PER_SECOND - 1, .asked_wall_us = 77,
		                   .volume = dec(volume) };
	assert_true(audit_rows_put(&rows, 1, "upbit:KRW-BTC", no_rule, &mark));
}

static void assert_row(const char *wanted)
{
	char *row = sql_text(tape.db, "SELECT verdict || ' ' || theirs || ' ' || ours || ' ' || trades || ' ' || digits FROM audit");
	assert_string_equal(row, wanted);
	free(row);
}

static void a_day(void)
{
	cover(DAY - US_PER_MINUTE, DAY + 40 * US_PER_MINUTE);
	trade(DAY - 1, "100"); /* of the day before */
	trade(DAY, "0.1");
	trade(DAY + 20 * US_PER_MINUTE, "0.2");
	trade(DAY + 30 * US_PER_MINUTE + 5 * US_PER_SECOND, "0.00000001");
	trade(DAY + 30 * US_PER_MINUTE + 9 * US_PER_SECOND, "4");
}

static void all_trades_of_the_day_up_to_the_exchanges_last_are_equal(void **state)
{
	(void)state;
	a_day();
	said("0.30000001", DAY + 30 * US_PER_MINUTE + 5 * US_PER_SECOND);
	assert_row("equal 0.30000001 0.30000001 3 0");
	assert_int_equal(sql_int(tape.db, "SELECT until_us FROM audit"), DAY + 30 * US_PER_MINUTE + 5 * US_PER_SECOND);
	said("4.30000001", DAY + 30 * US_PER_MINUTE + 9 * US_PER_SECOND); /* of one day there is one row, the last */
	assert_row("equal 4.30000001 4.30000001 4 0");
	assert_int_equal(sql_int(tape.db, "SELECT results * 100 + equals FROM audit"), 202);
}

static void what_is_added_in_floating_point_says_how_many_digits_agree(void **state)
{
	(void)state;
	a_day();
	said("0.30000001000000004", DAY + 30 * US_PER_MINUTE + 5 * US_PER_SECOND);
	assert_row("equal 0.30000001000000004 0.30000001 3 15");
}

static void the_exchange_may_stand_between_trades_of_one_moment(void **state)
{
	(void)state;
	cover(DAY, DAY + 40 * US_PER_MINUTE);
	for (int i = 0; i < 5; i++)
		trade(DAY + US_PER_MINUTE, "1");
	said("3", DAY + US_PER_MINUTE);
	assert_row("equal 3 3 3 0");
}

static void a_trade_that_is_missing_is_a_finding_with_both_numbers(void **state)
{
	(void)state;
	a_day();
	said("0.31000001", DAY + 30 * US_PER_MINUTE + 5 * US_PER_SECOND);
	assert_row("differs 0.31000001 0.30000001 3 1");
}

static void a_day_that_is_not_covered_from_its_start_proves_nothing(void **state)
{
	(void)state;
	cover(DAY + 1, DAY + 40 * US_PER_MINUTE);
	trade(DAY + 2, "1");
	said("1", DAY + US_PER_MINUTE);
	assert_row("unproven 1  0 0");
	cover(DAY - 5, DAY + 1); /* another stretch joins it */
	said("1", DAY + US_PER_MINUTE);
	assert_row("equal 1 1 1 0");
}

static void a_gap_of_that_day_proves_nothing_until_it_is_filled(void **state)
{
	(void)state;
	a_day();
	sql_run(tape.db, "INSERT INTO gap (market_id, from_us, to_us, reason, state, opened_us) VALUES (1, 1728000005000000, NULL, 'silence', 'open', 1)");
	said("0.30000001", DAY + 30 * US_PER_MINUTE + 5 * US_PER_SECOND);
	assert_row("unproven 0.30000001  0 0");
	sql_run(tape.db, "UPDATE gap SET state = 'filled', to_us = from_us + 1");
	said("0.30000001", DAY + 30 * US_PER_MINUTE + 5 * US_PER_SECOND);
	assert_row("equal 0.30000001 0.30000001 3 0");
}

static void a_volume_that_was_never_equal_means_something_else(void **state)
{
	(void)state;
	a_day();
	for (int i = 0; i < 20; i++) {
		said("9", DAY + 30 * US_PER_MINUTE + 5 * US_PER_SECOND);
		assert_row("differs 9 0.30000001 3 0");
	}
	said("9", DAY + 30 * US_PER_MINUTE + 5 * US_PER_SECOND);
	assert_row("unproven 9 0.30000001 3 0");
	said("0.30000001", DAY + 30 * US_PER_MINUTE + 5 * US_PER_SECOND);
	said("9", DAY + 30 * US_PER_MINUTE + 5 * US_PER_SECOND);
	assert_row("differs 9 0.30000001 3 0"); /* it was equal once */
}

/* One a market every five minutes: a whole day of minutes is summed up each time. */
static void a_day_of_minutes_is_summed_within_milliseconds(void **state)
{
	(void)state;
	cover(DAY, DAY + US_PER_DAY);
	sql_run(tape.db, "BEGIN");
	for (int64_t minute = 0; minute < 1439; minute++)
		trade(DAY + minute * US_PER_MINUTE, "0.00000003");
	sql_run(tape.db, "COMMIT");
	for (int i = 0; i < 20; i++)
		said("0.00004317", DAY + 1438 * US_PER_MINUTE);
	assert_row("equal 0.00004317 0.00004317 1439 0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_trades_of_the_day_up_to_the_exchanges_last_are_equal, begin, end),
		cmocka_unit_test_setup_teardown(what_is_added_in_floating_point_says_how_many_digits_agree, begin, end),
		cmocka_unit_test_setup_teardown(the_exchange_may_stand_between_trades_of_one_moment, begin, end),
		cmocka_unit_test_setup_teardown(a_trade_that_is_missing_is_a_finding_with_both_numbers, begin, end),
		cmocka_unit_test_setup_teardown(a_day_that_is_not_covered_from_its_start_proves_nothing, begin, end),
		cmocka_unit_test_setup_teardown(a_gap_of_that_day_proves_nothing_until_it_is_filled, begin, end),
		cmocka_unit_test_setup_teardown(a_volume_that_was_never_equal_means_something_else, begin, end),
		cmocka_unit_test_setup_teardown(a_day_of_minutes_is_summed_within_milliseconds, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
