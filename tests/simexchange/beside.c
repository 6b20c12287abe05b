#include "beside.h"

#include "clock.h"
#include "market.h"
#include "options.h"
#include "rng.h"

#include <gmp.h>

struct dec beside_price(const struct trade *t, int64_t units)
{
	return (struct dec){ units > 0 ? units : 0, t->price_scale };
}

struct dec beside_amount(const struct trade *t, uint64_t salt)
{
	struct rng r = rng_fork((uint64_t)t->market << 32 | t->serial, salt);

	return (struct dec){ (int64_t)(1 + rng_below(&r, 50000000000)), 8 };
}

struct dec beside_value(const struct trade *t, struct dec size, uint8_t scale)
{
	mpz_t units, factor; /* the product has up to 128 bits */
	int64_t cut = 0;

	mpz_init(units);
	mpz_init(factor);
	mpz_import(units, 1, -1, sizeof t->price_units, 0, 0, &t->price_units);
	mpz_import(factor, 1, -1, sizeof size.units, 0, 0, &size.units);
	mpz_mul(units, units, factor);
	for (unsigned s = t->price_scale + size.scale; s > scale; s--)
		mpz_tdiv_q_ui(units, units, 10);
	mpz_export(&cut, NULL, -1, sizeof cut, 0, 0, units);
	mpz_clear(factor);
	mpz_clear(units);
	return (struct dec){ cut, scale };
}

int64_t beside_sent_us(const struct trade *t)
{
	return opt.virtual_time ? t->time_us + (35 + t->late_ms) * INT64_C(1000) : clock_wall_us();
}

enum spelling beside_spelling(const struct trade *t, unsigned which)
{
	return (enum spelling)((t->spell >> which) % SPELLINGS);
}
