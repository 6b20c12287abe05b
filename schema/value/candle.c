#include "schema/value/candle.h"

void candle_init(struct candle *c)
{
	*c = (struct candle){ .trades = 0 };
	exact_init(&c->volume);
	exact_init(&c->buy_volume);
	exact_init(&c->turnover);
}

void candle_release(struct candle *c)
{
	exact_release(&c->volume);
	exact_release(&c->buy_volume);
	exact_release(&c->turnover);
}

void candle_clear(struct candle *c)
{
	c->trades = 0;
	exact_clear(&c->volume);
	exact_clear(&c->buy_volume);
	exact_clear(&c->turnover);
}

static bool before(int64_t a_time_us, const struct trade_id *a, int64_t b_time_us, const struct trade_id *b)
{
	return a_time_us != b_time_us ? a_time_us < b_time_us : trade_id_compare(a, b) < 0;
}

void candle_add(struct candle *c, const struct trade *t)
{
	if (c->trades == 0 || before(t->time_us, &t->id, c->open_time_us, &c->open_id)) {
		c->open = t->price;
		c->open_time_us = t->time_us;
		c->open_id = t->id;
	}
	if (c->trades == 0 || before(c->close_time_us, &c->close_id, t->time_us, &t->id)) {
		c->close = t->price;
		c->close_time_us = t->time_us;
		c->close_id = t->id;
	}
	if (c->trades == 0 || decimal_compare(&t->price, &c->high) > 0)
		c->high = t->price;
	if (c->trades == 0 || decimal_compare(&t->price, &c->low) < 0)
		c->low = t->price;
	exact_add_decimal(&c->volume, &t->size);
	if (t->side == SIDE_BUY)
		exact_add_decimal(&c->buy_volume, &t->size);
	exact_add_product(&c->turnover, &t->price, &t->size);
	c->trades++;
}

void candle_append(struct candle *c, const struct candle *later)
{
	if (later->trades == 0)
		return;
	if (c->trades == 0) {
		c->open = later->open;
		c->high = later->high;
		c->low = later->low;
		c->open_time_us = later->open_time_us;
		c->open_id = later->open_id;
	}
	if (decimal_compare(&later->high, &c->high) > 0)
		c->high = later->high;
	if (decimal_compare(&later->low, &c->low) < 0)
		c->low = later->low;
	c->close = later->close;
	c->close_time_us = later->close_time_us;
	c->close_id = later->close_id;
	exact_add(&c->volume, &later->volume);
	exact_add(&c->buy_volume, &later->buy_volume);
	exact_add(&c->turnover, &later->turnover);
	c->trades += later->trades;
}

bool candle_column(sqlite3_stmt *stmt, int column, struct candle *c)
{
	struct decimal *price[] = { &c->open, &c->high, &c->low, &c->close };
	for (int i = 0; i < 4; i++) {
		bool negative;
		if (!decimal_column(stmt, column + i, price[i], &negative) || negative)
			return false;
	}
	c->trades = sqlite3_column_int64(stmt, column + 7);
	return c->trades > 0 && exact_column(stmt, column + 4, &c->volume) &&
	       exact_column(stmt, column + 5, &c->buy_volume) && exact_column(stmt, column + 6, &c->turnover);
}

int candle_bind(sqlite3_stmt *stmt, int index, const struct candle *c)
{
	const struct decimal *price[] = { &c->open, &c->high, &c->low, &c->close };
	int rc = SQLITE_OK;
	for (int i = 0; i < 4 && rc == SQLITE_OK; i++)
		rc = decimal_bind(stmt, index + i, price[i], false);
	if (rc == SQLITE_OK)
		rc = exact_bind(stmt, index + 4, &c->volume);
	if (rc == SQLITE_OK)
		rc = exact_bind(stmt, index + 5, &c->buy_volume);
	if (rc == SQLITE_OK)
		rc = exact_bind(stmt, index + 6, &c->turnover);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_int64(stmt, index + 7, c->trades);
	return rc;
}
