#include "schema/value/volume.h"

/* m = e's mantissa at that scale, which is not less than its own */
static void set_at_scale(mpz_t m, const struct exact *e, uint32_t scale)
{
	mpz_ui_pow_ui(m, 10, scale - e->scale);
	mpz_mul(m, m, e->mantissa);
}

unsigned volume_digits(const struct exact *a, const struct exact *b)
{
	uint32_t scale = a->scale > b->scale ? a->scale : b->scale;
	unsigned digits = 0;
	mpz_t larger, other, apart;
	mpz_init(larger);
	mpz_init(other);
	mpz_init(apart);
	set_at_scale(larger, a, scale);
	set_at_scale(other, b, scale);
	if (mpz_cmp(larger, other) < 0)
		mpz_swap(larger, other);
	mpz_sub(apart, larger, other);
	if (mpz_sgn(apart) == 0)
		digits = VOLUME_ALL_DIGITS;
	for (mpz_mul_ui(apart, apart, 10); digits < VOLUME_ALL_DIGITS - 1 && mpz_sgn(apart) != 0 && mpz_cmp(apart, larger) <= 0; digits++)
		mpz_mul_ui(apart, apart, 10);
	mpz_clear(larger);
	mpz_clear(other);
	mpz_clear(apart);
	return digits;
}
