#include "query/screen/columns.h"

#include <stdlib.h>

/* How many intervals begin in [from_us, to_us); of days and months one by one. */
static int64_t intervals_between(const struct interval *i, int64_t from_us, int64_t to_us)
{
	int64_t count = 0;
	if (i->kind == INTERVAL_FIXED)
		return to_us > from_us ? (to_us - from_us + i->us - 1) / i->us : 0;
	for (; from_us < to_us; from_us = interval_next(i, from_us))
		count++;
	return count;
}

static int64_t intervals_later(const struct interval *i, int64_t start_us, int64_t count)
{
	if (i->kind == INTERVAL_FIXED)
		return start_us + count * i->us;
	while (count-- > 0)
		start_us = interval_next(i, start_us);
	return start_us;
}

bool columns_init(struct columns *c, const struct interval *interval, int64_t from_us, int64_t to_us, size_t most,
                  struct err *err)
{
	*c = (struct columns){ .interval = *interval, .from_us = from_us, .to_us = to_us, .merged = 1 };
	int64_t candles = intervals_between(interval, from_us, to_us);
	if (most > 0 && candles > (int64_t)most)
		c->merged = (candles + (int64_t)most - 1) / (int64_t)most;
	c->step_us = interval->us * c->merged;
	size_t count = (size_t)((candles + c->merged - 1) / c->merged);
	c->candles = calloc(count + 1, sizeof *c->candles);
	c->starts = calloc(count + 1, sizeof *c->starts);
	if (!c->candles || !c->starts) {
		columns_release(c);
		return err_set(err, "out of memory");
	}
	c->count = count;
	c->starts[0] = from_us;
	for (size_t i = 0; i < count; i++) {
		candle_init(&c->candles[i]);
		c->starts[i + 1] = intervals_later(interval, c->starts[i], c->merged);
	}
	return true;
}

void columns_release(struct columns *c)
{
	for (size_t i = 0; i < c->count; i++)
		candle_release(&c->candles[i]);
	free(c->candles);
	free(c->starts);
	*c = (struct columns){ .candles = NULL };
}

int64_t columns_start(const struct columns *c, size_t index)
{
	return c->starts[index];
}

static struct candle *column_of(struct columns *c, int64_t time_us)
{
	size_t low = 0, high = c->count; /* starts[low] <= time_us < starts[high] */
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		*(c->starts[middle] <= time_us ? &low : &high) = middle;
	}
	return &c->candles[low];
}

static bool read_minutes(struct columns *c, int64_t from_us, struct reader *r, const struct market *m, struct err *err)
{
	struct candle_stream stream;
	bool ok = candle_stream_init(&stream, r, m, from_us, c->to_us, err);
	do {
		ok = ok && candle_stream_next(&stream, err);
		for (size_t i = 0; ok && i < stream.count; i++)
			candle_append(column_of(c, stream.minutes[i].time_us), &stream.minutes[i].candle);
	} while (ok && stream.count > 0);
	candle_stream_release(&stream);
	return ok;
}

static bool read_trades(struct columns *c, int64_t from_us, struct reader *r, const struct market *m, struct err *err)
{
	struct row_stream stream;
	bool ok = row_stream_init(&stream, r, m, from_us, c->to_us, err);
	do {
		ok = ok && row_stream_next(&stream, err);
		for (size_t i = 0; ok && i < stream.count; i++) {
			struct trade t = { .market = 0 };
			row_trade(&stream.rows[i], &t);
			candle_add(column_of(c, t.time_us), &t);
		}
	} while (ok && stream.count > 0);
	row_stream_release(&stream);
	return ok;
}

bool columns_read(struct columns *c, size_t first, struct reader *r, const struct market *m, struct err *err)
{
	for (size_t i = first; i < c->count; i++)
		candle_clear(&c->candles[i]);
	int64_t from_us = columns_start(c, first);
	if (from_us < 0)
		from_us = 0;
	return interval_on_minutes(&c->interval) ? read_minutes(c, from_us, r, m, err) : read_trades(c, from_us, r, m, err);
}

void columns_sum(const struct columns *c, struct candle *whole)
{
	candle_clear(whole);
	for (size_t i = 0; i < c->count; i++)
		candle_append(whole, &c->candles[i]);
}
