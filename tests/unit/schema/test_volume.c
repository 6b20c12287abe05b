#include "schema/value/volume.h"

#include "support.h"

static unsigned digits(const char *a, const char *b)
{
	struct exact x, y;
	struct decimal d = dec(a), e = dec(b);
	exact_init(&x);
	exact_init(&y);
	exact_add_decimal(&x, &d);
	exact_add_decimal(&y, &e);
	unsigned n = volume_digits(&x, &y);
	assert_int_equal(n, volume_digits(&y, &x));
	exact_release(&x);
	exact_release(&y);
	return n;
}

static void the_same_number_agrees_in_all_digits_however_it_is_written(void **state)
{
	(void)state;
	assert_int_equal(digits("212.38911576", "212.38911576000"), VOLUME_ALL_DIGITS);
	assert_int_equal(digits("0", "0.000"), VOLUME_ALL_DIGITS);
	assert_int_equal(digits("1.16539E8", "116539000"), VOLUME_ALL_DIGITS);
}

static void a_sum_of_doubles_agrees_in_twelve_digits_and_more(void **state)
{
	(void)state;
	assert_int_equal(digits("0.30000000000000004", "0.3"), 15);
	assert_true(digits("436601.63312113985", "436601.63312114") >= VOLUME_DIGITS);
	assert_true(digits("99999999.999999985", "100000000") >= VOLUME_DIGITS); /* no digit is the same, and hardly anything lies between */
}

static void a_missing_trade_is_seen(void **state)
{
	(void)state;
	assert_int_equal(digits("2", "1"), 0);
	assert_int_equal(digits("1", "0"), 0);
	assert_int_equal(digits("100", "99"), 2);
	assert_true(digits("436601.63312114", "436601.63312113") >= VOLUME_DIGITS); /* 10^-8 of a million: below what doubles tell */
	assert_true(digits("43660.63312114", "43660.63312064") < VOLUME_DIGITS);
	assert_true(digits("2429.58834336", "2429.58834335") < VOLUME_DIGITS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_number_agrees_in_all_digits_however_it_is_written),
		cmocka_unit_test(a_sum_of_doubles_agrees_in_twelve_digits_and_more),
		cmocka_unit_test(a_missing_trade_is_seen),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
