#include "support.h"

#include <stdlib.h>
#include <string.h>

static void becomes(const char *text, const char *plain)
{
	char out[DECIMAL_TEXT_SIZE];
	struct decimal d = dec(text);
	size_t len = decimal_format(&d, out);
	assert_string_equal(out, plain);
	assert_int_equal(len, strlen(plain));
}

static void refused(const char *text, const char *why)
{
	struct decimal d;
	const char *reason = NULL;
	if (decimal_parse(&d, text, strlen(text), &reason))
		fail_msg("'%s' was taken", text);
	assert_string_equal(reason, why);
	assert_false(decimal_parse(&d, text, strlen(text), NULL));
}

static void every_number_shape_of_the_exchanges_is_plain_text(void **state)
{
	(void)state;
	becomes("127.0", "127");
	becomes("123.00000000", "123");
	becomes("100473000.00000000", "100473000");
	becomes("91200000.0", "91200000");
	becomes("46.48838371", "46.48838371");
	becomes("6E-8", "0.00000006");
	becomes("1.16539E8", "116539000");
	becomes("7.9276E-4", "0.00079276");
	becomes("5.0E-4", "0.0005");
	becomes("5.485e-05", "0.00005485");
	becomes("1e+3", "1000");
	becomes("1.0E0", "1");
	becomes("17898744375740001", "17898744375740001");
	becomes("862683813820523888", "862683813820523888");
	becomes("18239578009413566319", "18239578009413566319");
	becomes("123456789012.12345678", "123456789012.12345678");
	becomes("000000000", "0");
	becomes("0007.50", "7.5");
	becomes("0", "0");
	becomes("0.000", "0");
	becomes("0E99", "0");
	becomes("0e-999999999999999999999", "0");
	becomes("0e999999999999999999999", "0");
}

static void minus_zero_is_zero(void **state)
{
	(void)state;
	struct decimal zero = dec("0"), minus = dec("-0.00E5");
	assert_memory_equal(&zero, &minus, sizeof zero);
	assert_true(decimal_is_zero(&minus));
}

static void what_is_no_number_is_refused(void **state)
{
	(void)state;
	static const char *const texts[] = { "", "-", "+1", ".5", "5.", "1.e5", "1e", "1e+", "1e-", "1E5.0", "1 ", " 1", "1,000",
		                             "NaN", "Infinity", "0x10", "1.2.3", "--1", "1-2", "1e5e5", "-.5", "1_000", "-e5" };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		refused(texts[i], "not a number");
}

static void a_number_below_zero_is_refused(void **state)
{
	(void)state;
	refused("-1", "negative");
	refused("-2.7E-7", "negative");
	refused("-0.00000000000000000000000000000000000000000000001", "negative");
}

static void forty_digits_are_kept_and_the_41st_is_refused(void **state)
{
	(void)state;
	const char *forty = "1234567890123456789012345678901234567891";
	becomes(forty, forty);
	refused("12345678901234567890123456789012345678912", "more than 40 digits");
	becomes("9999999999999999999999999999999999999999", "9999999999999999999999999999999999999999");
	becomes("12345678901234567890.12345678901234567891", "12345678901234567890.12345678901234567891");
	refused("12345678901234567890.123456789012345678912", "more than 40 digits");
	becomes("0.1234567890123456789012345678901234567891", "0.1234567890123456789012345678901234567891");
	refused("0.12345678901234567890123456789012345678912", "more than 40 digits");
	refused("1.1234567890123456789012345678901234567891", "more than 40 digits");
	/* digits that mean nothing do not count */
	becomes("1.0000000000000000000000000000000000000000000000000000000000000", "1");
	becomes("00000000000000000000000000000000000000000000000000000000000000001", "1");
}

static void exponents_reach_both_ends_and_no_further(void **state)
{
	(void)state;
	becomes("1E39", "1000000000000000000000000000000000000000");
	refused("1E40", "more than 40 digits");
	becomes("0.1E40", "1000000000000000000000000000000000000000");
	becomes("1E-40", "0.0000000000000000000000000000000000000001");
	refused("1E-41", "more than 40 digits");
	becomes("10E-41", "0.0000000000000000000000000000000000000001");
	refused("1E999999999999999999999999", "more than 40 digits");
	refused("1E-999999999999999999999999", "more than 40 digits");
	refused("1E9223372036854775808", "more than 40 digits");
	refused("1E18446744073709551616", "more than 40 digits");
}

static void only_len_bytes_are_read(void **state)
{
	(void)state;
	struct decimal d;
	char *text = malloc(3); /* so that ASan sees a fourth */
	memcpy(text, "1E2", 3);
	assert_true(decimal_parse(&d, text, 3, NULL));
	assert_int_equal(d.limb[0], 100);
	assert_true(decimal_parse(&d, text, 1, NULL));
	assert_int_equal(d.limb[0], 1);
	free(text);
}

/* A spelling of a number with at most 40 digits, in one of the ways that exchanges use. */
static void random_number(struct rng *r, char *text)
{
	size_t digits = 1 + rng_below(r, 40), at = 0, point = rng_below(r, digits + 1);
	for (size_t i = rng_below(r, 4) ? 0 : rng_below(r, 5); i > 0; i--)
		text[at++] = '0';
	for (size_t i = 0; i < digits; i++) {
		if (i == point && i > 0)
			text[at++] = '.';
		text[at++] = (char)('0' + (rng_below(r, 3) ? rng_below(r, 10) : 0));
	}
	if (rng_below(r, 2)) {
		long integer = (long)(point == 0 ? digits : point);
		long most = 40 - integer, least = -(40 - ((long)digits - integer)) > -40 ? -(40 - ((long)digits - integer)) : -40;
		long e = (long)rng_below(r, (uint64_t)(most - least + 1)) + least;
		/* sum of integer digits and decimals stays at 40 */
		if (e >= -integer && e <= (long)digits - integer)
			at += (size_t)sprintf(text + at, "%c%s%ld", rng_below(r, 2) ? 'e' : 'E', e >= 0 && rng_below(r, 2) ? "+" : "", e);
	}
	text[at] = '\0';
}

static void a_random_sweep_agrees_with_gmp(void **state)
{
	(void)state;
	struct rng r = { 20210417 };
	mpq_t want, got;
	mpq_init(want);
	mpq_init(got);
	for (int i = 0; i < 20000; i++) {
		char text[128], plain[DECIMAL_TEXT_SIZE], again[DECIMAL_TEXT_SIZE];
		random_number(&r, text);
		struct decimal d = dec(text), parsed;
		mpq_from_text(want, text);
		mpq_from_decimal(got, &d);
		if (!mpq_equal(want, got))
			fail_msg("%s", text);
		/* normalised: equal numbers are equal structs */
		assert_true(d.scale == 0 || mpz_sgn(mpq_numref(got)) != 0);
		size_t len = decimal_format(&d, plain);
		assert_int_equal(len, strlen(plain));
		assert_null(strpbrk(plain, "eE+-"));
		if (strchr(plain, '.'))
			assert_true(plain[len - 1] != '0');
		assert_true(plain[0] != '0' || plain[1] == '.' || plain[1] == '\0');
		mpq_from_text(got, plain);
		assert_true(mpq_equal(want, got));
		parsed = dec(plain);
		assert_memory_equal(&parsed, &d, sizeof d);

		int64_t packed;
		bool fits = d.scale <= 15 && !d.limb[1] && !d.limb[2] && d.limb[0] < (UINT64_C(1) << 59);
		assert_int_equal(decimal_pack(&d, &packed), fits);
		if (fits) {
			decimal_unpack(&parsed, packed);
			assert_memory_equal(&parsed, &d, sizeof d);
			decimal_format_packed(packed, again);
			assert_string_equal(again, plain);
		}
	}
	mpq_clear(want);
	mpq_clear(got);
}

static void comparing_agrees_with_gmp(void **state)
{
	(void)state;
	struct rng r = { 7 };
	mpq_t x, y;
	mpq_init(x);
	mpq_init(y);
	for (int i = 0; i < 20000; i++) {
		char a_text[128], b_text[128];
		random_number(&r, a_text);
		if (rng_below(&r, 4))
			random_number(&r, b_text);
		else
			strcpy(b_text, a_text);
		struct decimal a = dec(a_text), b = dec(b_text);
		mpq_from_text(x, a_text);
		mpq_from_text(y, b_text);
		int want = mpq_cmp(x, y), got = decimal_compare(&a, &b), back = decimal_compare(&b, &a);
		assert_int_equal((want > 0) - (want < 0), (got > 0) - (got < 0));
		assert_int_equal((want < 0) - (want > 0), (back > 0) - (back < 0));
	}
	mpq_clear(x);
	mpq_clear(y);
}

static void the_packed_integer_ends_at_two_to_the_59(void **state)
{
	(void)state;
	int64_t packed;
	struct decimal d = dec("576460752303423487"); /* 2^59 - 1 */
	assert_true(decimal_pack(&d, &packed));
	assert_int_equal(packed, ((INT64_C(1) << 59) - 1) << 4);
	d = dec("576460752303423488");
	assert_false(decimal_pack(&d, &packed));
	d = dec("0.000000000000001");
	assert_true(decimal_pack(&d, &packed));
	assert_int_equal(packed, 16 + 15);
	d = dec("0.0000000000000001");
	assert_false(decimal_pack(&d, &packed));
}

static void sqlite_gives_back_what_was_bound(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"0", "1", "127", "0.00000006", "46.48838371", "576460752303423487", "576460752303423488", "123456789012.12345678",
		"0.0000000000000001", "0.000000000000001", "9999999999999999999999999999999999999999",
		"0.0000000000000000000000000000000000000001", "18446744073709551616", "340282366920938463463374607431768211456",
	};
	sqlite3 *db;
	sqlite3_stmt *put, *get;
	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	sql_run(db, "CREATE TABLE t (v ANY NOT NULL) STRICT");
	sqlite3_prepare_v2(db, "INSERT INTO t VALUES (?1)", -1, &put, NULL);
	sqlite3_prepare_v2(db, "SELECT v FROM t", -1, &get, NULL);
	for (size_t i = 0; i < 2 * sizeof texts / sizeof *texts; i++) {
		struct decimal d = dec(texts[i / 2]), back;
		bool negative = i % 2, negative_back = !negative;
		sql_run(db, "DELETE FROM t");
		assert_int_equal(decimal_bind(put, 1, &d, negative), SQLITE_OK);
		assert_int_equal(sqlite3_step(put), SQLITE_DONE);
		sqlite3_reset(put);
		assert_int_equal(sqlite3_step(get), SQLITE_ROW);
		int64_t packed;
		bool integer = decimal_pack(&d, &packed) && !(negative && packed == 0);
		assert_int_equal(sqlite3_column_type(get, 0), integer ? SQLITE_INTEGER : SQLITE_TEXT);
		assert_true(decimal_column(get, 0, &back, &negative_back));
		assert_int_equal(negative, negative_back);
		assert_memory_equal(&d, &back, sizeof d);
		sqlite3_reset(get);
	}
	sqlite3_finalize(put);
	sqlite3_finalize(get);
	sqlite3_close(db);
}

static void a_column_that_is_no_number_is_damage(void **state)
{
	(void)state;
	static const char *const values[] = { "NULL", "1.5", "x'31'", "''", "'abc'", "'-'", "'--5'", "'1 '",
		                              "'12345678901234567890123456789012345678912'", "-9223372036854775807 - 1" };
	sqlite3 *db;
	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		char sql[128];
		sqlite3_stmt *get;
		struct decimal d;
		bool negative;
		snprintf(sql, sizeof sql, "SELECT %s", values[i]);
		assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &get, NULL), SQLITE_OK);
		assert_int_equal(sqlite3_step(get), SQLITE_ROW);
		if (decimal_column(get, 0, &d, &negative))
			fail_msg("%s was taken", values[i]);
		sqlite3_finalize(get);
	}
	sqlite3_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_number_shape_of_the_exchanges_is_plain_text),
		cmocka_unit_test(minus_zero_is_zero),
		cmocka_unit_test(what_is_no_number_is_refused),
		cmocka_unit_test(a_number_below_zero_is_refused),
		cmocka_unit_test(forty_digits_are_kept_and_the_41st_is_refused),
		cmocka_unit_test(exponents_reach_both_ends_and_no_further),
		cmocka_unit_test(only_len_bytes_are_read),
		cmocka_unit_test(a_random_sweep_agrees_with_gmp),
		cmocka_unit_test(comparing_agrees_with_gmp),
		cmocka_unit_test(the_packed_integer_ends_at_two_to_the_59),
		cmocka_unit_test(sqlite_gives_back_what_was_bound),
		cmocka_unit_test(a_column_that_is_no_number_is_damage),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
