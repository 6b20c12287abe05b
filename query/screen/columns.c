#include "query/screen/columns.h"

#include <stdlib.h>

bool columns_init(struct columns *c, const struct interval *interval, int64_t from_us, int64_t to_us, size_t most,
                  struct err *err)
{
	*c = (struct columns){ .interval = interval, .from_us = from_us, .to_us = to_us, .merged = 1 };
	int64_t candles = to_us > from_us ? (to_us - from_us + interval->us - 1) / interval->us : 0;
	if (candles > (int64_t)most)
		c->merged = (candles + (int64_t)most - 1) / (int64_t)most;
	c->step_us = interval->us * c->merged;
	c->count = (size_t)((candles + c->merged - 1) / c->merged);
	c->candles = calloc(c->count + 1, sizeof *c->candles);
	if (!c->candles) {
		c->count = 0;
		return err_set(err, "out of memory");
	}
	for (size_t i = 0; i < c->count; i++)
		candle_init(&c->candles[i]);
	return true;
}

void columns_release(struct columns *c)
{
	for (size_t i = 0; i < c->count; i++)
		candle_release(&c->candles[i]);
	free(c->candles);
	*c = (struct columns){ .candles = NULL };
}

int64_t columns_start(const struct columns *c, size_t index)
{
	return c->from_us + (int64_t)index * c->step_us;
}

static struct candle *column_of(struct columns *c, int64_t time_us)
{
	return &c->candles[(time_us - c->from_us) / c->step_us];
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
	return c->interval->us < US_PER_MINUTE ? read_trades(c, from_us, r, m, err)
	                                       : read_minutes(c, from_us, r, m, err);
}

void columns_sum(const struct columns *c, struct candle *whole)
{
	candle_clear(whole);
	for (size_t i = 0; i < c->count; i++)
		candle_append(whole, &c->candles[i]);
}
