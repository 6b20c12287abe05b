#include "beside.h"

#include "clock.h"
#include "market.h"
#include "options.h"
#include "rng.h"

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
	unsigned __int128 units = (unsigned __int128)t->price_units * (uint64_t)size.units;

	for (unsigned s = t->price_scale + size.scale; s > scale; s--)
		units /= 10;
	return (struct dec){ (int64_t)units, scale };
}

int64_t beside_sent_us(const struct trade *t)
{
	return opt.virtual_time ? t->time_us + (35 + t->late_ms) * INT64_C(1000) : clock_wall_us();
}

enum spelling beside_spelling(const struct trade *t, unsigned which)
{
	return (enum spelling)((t->spell >> which) % SPELLINGS);
}
