/* Pages of REST's beside what a socket brought: equal ones are believed, all others are found out. */
#include "recorder/gaps/reference.h"

#include "schema/base/timefmt.h"
#include "support.h"

#include <string.h>

#define CASES 4000
#define TRADES 120

static struct trade made[TRADES], page_rows[TRADES];
static struct references older, newer;
static uint64_t seed;

static unsigned draw(unsigned below)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(seed >> 33) % below;
}

static struct decimal number(unsigned value)
{
	char text[16];
	struct decimal d;
	int len = snprintf(text, sizeof text, "%u.%02u", value / 100, value % 100);
	assert_true(decimal_parse(&d, text, (size_t)len, NULL));
	return d;
}

/* Several a millisecond, and equal ones among them. */
static void make(int64_t first_id)
{
	int64_t us = INT64_C(1767225600000000) + draw(1000000) * INT64_C(1000);
	memset(&older, 0, sizeof older);
	memset(&newer, 0, sizeof newer);
	for (int i = 0; i < TRADES; i++) {
		us += draw(3) * 1000;
		made[i] = (struct trade){ .time_us = us, .side = draw(2) ? SIDE_BUY : SIDE_SELL, .price = number(101 + draw(2)), .size = number(1 + draw(3)),
			                  .id = { .kind = TRADE_ID_NUMBER, .number = first_id + i } };
	}
	for (int i = 0; i < 50; i++)
		references_keep_last(&older, &made[i]);
	for (int i = 80; i < TRADES; i++) {
		references_keep_first(&newer, &made[i]);
		references_keep_first(&newer, &made[i]); /* sent twice */
	}
	memcpy(page_rows, made, sizeof made);
}

static enum reference_answer compare(size_t from, size_t count, bool by_id)
{
	struct reference_page page = { .trades = page_rows + from, .count = count, .by_id = by_id };
	enum reference_answer answer;
	assert_true(reference_match(&page, &older, &newer, &answer));
	return answer;
}

static void shuffle(void)
{
	for (unsigned i = TRADES; i > 1; i--) {
		unsigned j = draw(i);
		struct trade t = page_rows[i - 1];
		page_rows[i - 1] = page_rows[j];
		page_rows[j] = t;
	}
}

static void any_page_of_the_same_trades_is_equal_in_any_order(void **state)
{
	(void)state;
	for (seed = 1; seed < CASES; seed++) {
		uint64_t next = seed;
		make(1 + draw(1000));
		size_t from = draw(60), count = 1 + draw(60);
		bool by_id = draw(2);
		assert_true(compare(from, count, by_id) <= REFERENCE_EQUAL);
		shuffle();
		assert_int_equal(compare(0, TRADES, by_id), REFERENCE_EQUAL);
		for (int i = 0; i < TRADES && !by_id; i++)
			page_rows[i].id.kind = TRADE_ID_NONE; /* another space of ids: not compared */
		assert_int_equal(compare(0, TRADES, by_id), REFERENCE_EQUAL);
		seed = next;
	}
}

static void rounded_ids_cut_times_and_other_digits_are_found_out(void **state)
{
	(void)state;
	for (seed = 1; seed < CASES; seed++) {
		uint64_t next = seed;
		bool by_id = draw(2);
		make(INT64_C(17898744375740001));
		for (int i = 0; i < TRADES; i++)
			page_rows[i].id.number &= ~INT64_C(1);
		assert_true(compare(0, TRADES, false) > REFERENCE_EQUAL);
		make(1000);
		for (int i = 0; i < TRADES; i++)
			page_rows[i].size = number(7);
		assert_int_equal(compare(0, TRADES, by_id), REFERENCE_OTHER_VALUES);
		make(1000);
		int lacks = 90; /* one is gone, and another has its place */
		page_rows[lacks] = page_rows[60];
		page_rows[lacks].time_us = made[lacks].time_us;
		page_rows[lacks].id.number = 500000;
		page_rows[lacks].size = number(9);
		enum reference_answer answer = compare(0, TRADES, by_id);
		assert_true(answer == REFERENCE_ABSENT || answer == REFERENCE_OTHER_IDS);
		seed = next;
	}
}

static void of_equal_trades_each_wants_a_row_of_its_own(void **state)
{
	(void)state;
	make(1);
	for (int i = 0; i < TRADES; i++) {
		made[i].time_us = made[0].time_us + i / 10 * 1000;
		made[i].price = made[i].size = number(100);
		made[i].side = SIDE_BUY;
	}
	memset(&older, 0, sizeof older);
	memset(&newer, 0, sizeof newer);
	for (int i = 40; i < 50; i++)
		references_keep_last(&older, &made[i]);
	memcpy(page_rows, made, sizeof made);
	for (int i = 0; i < TRADES; i++)
		page_rows[i].id.kind = TRADE_ID_NONE;
	assert_int_equal(compare(0, TRADES, false), REFERENCE_EQUAL);
	page_rows[45].time_us += 1000; /* nine are left of ten */
	assert_int_equal(compare(0, TRADES, false), REFERENCE_ABSENT);
}

static void a_page_of_another_time_and_a_row_that_makes_no_sense_prove_nothing(void **state)
{
	(void)state;
	seed = 7;
	make(1);
	for (int i = 0; i < TRADES; i++) {
		page_rows[i].time_us += 3600 * US_PER_SECOND;
		page_rows[i].id.number += 100000;
	}
	assert_int_equal(compare(0, TRADES, false), REFERENCE_NONE);
	assert_int_equal(compare(0, TRADES, true), REFERENCE_NONE);
	assert_int_equal(compare(0, 0, false), REFERENCE_NONE);
	for (int i = 0; i < TRADES; i++)
		page_rows[i].id.number -= 100000; /* the recorded ids, long after: they began again */
	assert_int_equal(compare(0, TRADES, true), REFERENCE_OTHER_VALUES);
	memcpy(page_rows, made, sizeof made);
	page_rows[85].id.number = 900000;
	struct history_cut lost = { made[85].time_us, made[85].time_us + 1000, 86, 86 };
	struct reference_page page = { .trades = page_rows, .count = TRADES, .by_id = true, .spoilt = &lost, .spoilt_count = 1 };
	enum reference_answer answer;
	assert_true(reference_match(&page, &older, &newer, &answer));
	assert_int_equal(answer, REFERENCE_EQUAL);
	page.spoilt_count = 0;
	assert_true(reference_match(&page, &older, &newer, &answer));
	assert_true(answer > REFERENCE_EQUAL);
}

/* The page was asked for up to the newest: a recorded trade above all of it is missing there, or comes yet. */
static void a_page_that_ends_before_a_recorded_trade_is_behind(void **state)
{
	(void)state;
	make(1000);
	for (int i = 0; i < TRADES; i++)
		made[i].time_us = page_rows[i].time_us += i * 1000;
	struct reference_page page = { .trades = page_rows, .count = 40, .until_us = INT64_MAX };
	enum reference_answer answer;
	memset(&older, 0, sizeof older);
	memset(&newer, 0, sizeof newer);
	references_keep_last(&older, &made[60]);
	assert_true(reference_match(&page, &older, &newer, &answer));
	assert_int_equal(answer, REFERENCE_BEHIND);
	page.until_us = made[60].time_us; /* it was asked for what lies before that trade */
	assert_true(reference_match(&page, &older, &newer, &answer));
	assert_int_equal(answer, REFERENCE_NONE);
	page.until_us = INT64_MAX;
	page.count = 61; /* and there it is */
	assert_true(reference_match(&page, &older, &newer, &answer));
	assert_int_equal(answer, REFERENCE_EQUAL);
}

/* Cut to the second they are all of one moment, and no recorded trade lies between the first and the last of them. */
static void a_page_of_one_moment_is_compared_by_its_ids(void **state)
{
	(void)state;
	make(1000);
	for (int i = 0; i < TRADES; i++)
		page_rows[i].time_us = made[0].time_us - US_PER_SECOND;
	assert_int_equal(compare(0, TRADES, false), REFERENCE_OTHER_VALUES);
	memcpy(page_rows, made, sizeof made);
	assert_int_equal(compare(20, 1, false), REFERENCE_EQUAL);
	assert_int_equal(compare(60, 1, false), REFERENCE_NONE);
}

static void ids_right_before_a_gap_are_counted_up_to_a_skip(void **state)
{
	(void)state;
	make(1);
	assert_int_equal(references_before(&older, 51, INT64_MIN), REFERENCES_MAX);
	assert_int_equal(references_before(&older, 52, INT64_MIN), 0);
	assert_int_equal(references_before(&older, 51, made[49].time_us + 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_page_of_the_same_trades_is_equal_in_any_order),
		cmocka_unit_test(rounded_ids_cut_times_and_other_digits_are_found_out),
		cmocka_unit_test(of_equal_trades_each_wants_a_row_of_its_own),
		cmocka_unit_test(a_page_of_another_time_and_a_row_that_makes_no_sense_prove_nothing),
		cmocka_unit_test(a_page_that_ends_before_a_recorded_trade_is_behind),
		cmocka_unit_test(a_page_of_one_moment_is_compared_by_its_ids),
		cmocka_unit_test(ids_right_before_a_gap_are_counted_up_to_a_skip),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
