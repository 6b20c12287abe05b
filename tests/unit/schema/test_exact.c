#include "schema/value/exact.h"

#include "support.h"

#include <stdlib.h>
#include <string.h>

static void exact_from_text(struct exact *e, const char *text)
{
	/* by the column: longer than any decimal */
	sqlite3 *db;
	sqlite3_stmt *get;
	char *sql = NULL;
	assert_true(asprintf(&sql, "SELECT '%s'", text) > 0);
	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &get, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(get), SQLITE_ROW);
	assert_true(exact_column(get, 0, e));
	sqlite3_finalize(get);
	sqlite3_close(db);
	free(sql);
}

static void ratio_is(const char *a_text, const char *b_text, unsigned digits, const char *want)
{
	struct exact a, b;
	exact_init(&a);
	exact_init(&b);
	exact_from_text(&a, a_text);
	exact_from_text(&b, b_text);
	char *text = exact_ratio_text(&a, &b, digits);
	assert_string_equal(text, want);
	free(text);
	exact_release(&a);
	exact_release(&b);
}

static void ratios_have_twelve_significant_digits(void **state)
{
	(void)state;
	ratio_is("1", "3", 12, "0.333333333333");
	ratio_is("2", "3", 12, "0.666666666667");
	ratio_is("10", "4", 12, "2.5");
	ratio_is("123456789012345", "1", 12, "123456789012000");
	ratio_is("123456789012500", "1", 12, "123456789013000");
	ratio_is("123456789012499.99999", "1", 12, "123456789012000");
	ratio_is("100", "1", 12, "100");
	ratio_is("1", "1000000", 12, "0.000001");
	ratio_is("0", "5", 12, "0");
	ratio_is("5", "0", 12, "");
	ratio_is("0.000", "0.00", 12, "");
}

static void rounding_carries_through_nines(void **state)
{
	(void)state;
	ratio_is("9.9999999999996", "1", 12, "10");
	ratio_is("9.9999999999995", "1", 12, "10");
	ratio_is("9.99999999999499", "1", 12, "9.99999999999");
	ratio_is("0.99999999999951", "1", 12, "1");
	ratio_is("999999999999.5", "1", 12, "1000000000000");
	ratio_is("999999999999.4", "1", 12, "999999999999");
	ratio_is("0.0000000000000000000000000000000099999999999999", "1", 12, "0.00000000000000000000000000000001");
}

static void halves_go_away_from_zero(void **state)
{
	(void)state;
	ratio_is("1.000000000005", "1", 12, "1.00000000001");
	ratio_is("1.00000000000499999999999999999999999", "1", 12, "1");
	ratio_is("25", "10", 1, "3");
	ratio_is("35", "10", 1, "4");
}

static void ratios_are_exact_at_both_ends(void **state)
{
	(void)state;
	ratio_is("9999999999999999999999999999999999999999", "0.0000000000000000000000000000000000000001", 12,
	         "100000000000000000000000000000000000000000000000000000000000000000000000000000000");
	ratio_is("0.0000000000000000000000000000000000000001", "3000000000000000000000000000000000000000", 12,
	         "0.0000000000000000000000000000000000000000000000000000000000000000000000000000000333333333333");
}

/* The definition, by rationals: |ratio - text| <= half a unit of the 12th digit, and 12 digits at most. */
static void a_random_sweep_of_ratios_is_within_half_a_unit(void **state)
{
	(void)state;
	struct rng r = { 12 };
	mpq_t x, y, want, got, unit;
	mpq_inits(x, y, want, got, unit, NULL);
	for (int i = 0; i < 2000; i++) {
		char a_text[80], b_text[80];
		struct exact a, b;
		exact_init(&a);
		exact_init(&b);
		snprintf(a_text, sizeof a_text, "%llu.%0*llu", (unsigned long long)(rng_next(&r) >> rng_below(&r, 64)),
		         1 + (int)rng_below(&r, 30), (unsigned long long)(rng_next(&r) >> rng_below(&r, 64)));
		snprintf(b_text, sizeof b_text, "%llu.%0*llu", (unsigned long long)(rng_next(&r) >> rng_below(&r, 64)),
		         1 + (int)rng_below(&r, 30), (unsigned long long)(rng_next(&r) >> rng_below(&r, 64)) + 1);
		exact_from_text(&a, a_text);
		exact_from_text(&b, b_text);
		char *text = exact_ratio_text(&a, &b, 12);
		mpq_from_text(x, a_text);
		mpq_from_text(y, b_text);
		mpq_div(want, x, y);
		mpq_from_text(got, text);
		/* unit: 10^(magnitude - 11) */
		if (mpq_sgn(want) != 0) {
			mpq_set_ui(unit, 1, 1);
			while (mpq_cmp(unit, want) > 0) {
				mpz_mul_ui(mpq_denref(unit), mpq_denref(unit), 10);
				mpq_canonicalize(unit);
			}
			for (;;) {
				mpq_set(x, unit);
				mpz_mul_ui(mpq_numref(x), mpq_numref(x), 10);
				mpq_canonicalize(x);
				if (mpq_cmp(x, want) > 0)
					break;
				mpq_set(unit, x);
			}
			mpq_set_str(x, "100000000000", 10);
			mpq_div(unit, unit, x); /* one in the 12th digit */
			mpq_sub(x, want, got);
			mpq_abs(x, x);
			mpq_add(x, x, x);
			if (mpq_cmp(x, unit) > 0)
				fail_msg("%s / %s = %s", a_text, b_text, text);
			mpq_div(x, got, unit);
			assert_int_equal(mpz_cmp_ui(mpq_denref(x), 1), 0);
		}
		free(text);
		exact_release(&a);
		exact_release(&b);
	}
	mpq_clears(x, y, want, got, unit, NULL);
}

static void sums_agree_with_rationals(void **state)
{
	(void)state;
	struct rng r = { 3 };
	struct exact sum, other, turnover;
	mpq_t want, want_turnover, x, y;
	mpq_inits(want, want_turnover, x, y, NULL);
	exact_init(&sum);
	exact_init(&other);
	exact_init(&turnover);
	for (int i = 0; i < 1200; i++) {
		char a_text[48], b_text[48];
		snprintf(a_text, sizeof a_text, "%llue%d", (unsigned long long)rng_next(&r), (int)rng_below(&r, 40) - 20);
		snprintf(b_text, sizeof b_text, "%llue%d", (unsigned long long)rng_next(&r), (int)rng_below(&r, 40) - 20);
		struct decimal a = dec(a_text), b = dec(b_text);
		mpq_from_text(x, a_text);
		mpq_from_text(y, b_text);
		exact_add_decimal(i % 3 ? &sum : &other, &a);
		mpq_add(want, want, x);
		exact_add_product(&turnover, &a, &b);
		mpq_mul(x, x, y);
		mpq_add(want_turnover, want_turnover, x);
	}
	exact_add(&sum, &other);
	char *text = exact_text(&sum);
	mpq_from_text(x, text);
	assert_true(mpq_equal(x, want));
	free(text);
	text = exact_text(&turnover);
	mpq_from_text(x, text);
	assert_true(mpq_equal(x, want_turnover));
	free(text);
	exact_set(&other, &turnover);
	assert_int_equal(exact_compare(&other, &turnover), 0);
	assert_true(exact_compare(&sum, &turnover) * mpq_cmp(want, want_turnover) > 0);
	exact_clear(&other);
	text = exact_text(&other);
	assert_string_equal(text, "0");
	free(text);
	exact_release(&sum);
	exact_release(&other);
	exact_release(&turnover);
	mpq_clears(want, want_turnover, x, y, NULL);
}

static void equal_sums_of_other_scales_are_equal(void **state)
{
	(void)state;
	struct exact a, b;
	exact_init(&a);
	exact_init(&b);
	struct decimal half = dec("0.5"), one = dec("1"), tiny = dec("1e-40");
	exact_add_decimal(&a, &half);
	exact_add_decimal(&a, &half);
	exact_add_decimal(&b, &one);
	assert_int_equal(exact_compare(&a, &b), 0);
	exact_add_decimal(&b, &tiny);
	assert_true(exact_compare(&a, &b) < 0);
	assert_true(exact_compare(&b, &a) > 0);
	exact_release(&a);
	exact_release(&b);
}

static void sums_go_through_sqlite_however_long(void **state)
{
	(void)state;
	static const char *const texts[] = { "0", "1", "0.5", "116539000", "576460752303423488", "99999999999999999999999999999999999999999999.5",
		"0.00000000000000000000000000000000000000000000000000000000000000000000000000000001",
		"123456789012345678901234567890123456789012345678901234567890.12345678901234567890123456789012345678901" };
	sqlite3 *db;
	sqlite3_stmt *echo;
	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	sqlite3_prepare_v2(db, "SELECT ?1", -1, &echo, NULL);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct exact e, back;
		exact_init(&e);
		exact_init(&back);
		exact_from_text(&e, texts[i]);
		assert_int_equal(exact_bind(echo, 1, &e), SQLITE_OK);
		assert_int_equal(sqlite3_step(echo), SQLITE_ROW);
		assert_true(exact_column(echo, 0, &back));
		sqlite3_reset(echo);
		char *text = exact_text(&back);
		assert_string_equal(text, texts[i]);
		free(text);
		exact_release(&e);
		exact_release(&back);
	}
	/* equal sums are equal on the tape: 0.5 + 0.5 is the integer that 1 is */
	struct exact e;
	exact_init(&e);
	struct decimal half = dec("0.5");
	exact_add_decimal(&e, &half);
	exact_add_decimal(&e, &half);
	exact_bind(echo, 1, &e);
	assert_int_equal(sqlite3_step(echo), SQLITE_ROW);
	assert_int_equal(sqlite3_column_int64(echo, 0), 16);
	exact_release(&e);
	sqlite3_finalize(echo);
	sqlite3_close(db);
}

static void a_column_that_is_no_sum_is_damage(void **state)
{
	(void)state;
	static const char *const values[] = { "NULL", "''", "'x'", "'-5'", "-16", "1.5", "x'00'", "'1.5x'", "'1.2.3'" };
	sqlite3 *db;
	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		char sql[64];
		sqlite3_stmt *get;
		struct exact e;
		exact_init(&e);
		snprintf(sql, sizeof sql, "SELECT %s", values[i]);
		assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &get, NULL), SQLITE_OK);
		assert_int_equal(sqlite3_step(get), SQLITE_ROW);
		if (exact_column(get, 0, &e))
			fail_msg("%s was taken", values[i]);
		sqlite3_finalize(get);
		exact_release(&e);
	}
	sqlite3_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ratios_have_twelve_significant_digits),
		cmocka_unit_test(rounding_carries_through_nines),
		cmocka_unit_test(halves_go_away_from_zero),
		cmocka_unit_test(ratios_are_exact_at_both_ends),
		cmocka_unit_test(a_random_sweep_of_ratios_is_within_half_a_unit),
		cmocka_unit_test(sums_agree_with_rationals),
		cmocka_unit_test(equal_sums_of_other_scales_are_equal),
		cmocka_unit_test(sums_go_through_sqlite_however_long),
		cmocka_unit_test(a_column_that_is_no_sum_is_damage),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
