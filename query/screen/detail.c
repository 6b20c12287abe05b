/* What the market in large needs beside the board: columns of its candles, and its newest trades.  The columns are kept:
 * only the last two can still change but for a backfill, which the next whole reading finds. */
#include "query/screen/chart.h"
#include "query/context.h"
#include "query/screen/watch.h"

#include <stdlib.h>
#include <string.h>

void detail_release(struct detail *d)
{
	columns_release(&d->columns);
	free(d->rows);
	*d = (struct detail){ .name = "" };
}

static bool read_rows(struct detail *d, struct reader *r, const struct market *m, struct err *err)
{
	struct row_stream stream;
	bool ok = row_stream_init(&stream, r, m, 0, TIME_US_MAX + 1, err) &&
	          row_stream_skip_to_newest(&stream, WATCH_TRADES, err) && row_stream_next(&stream, err);
	if (!d->rows)
		d->rows = calloc(WATCH_TRADES, sizeof *d->rows);
	if (!d->rows) {
		ok = err_set(err, "out of memory");
	} else if (ok) {
		size_t skip = stream.count > WATCH_TRADES ? stream.count - WATCH_TRADES : 0; /* came since the skipping */
		d->row_count = stream.count - skip;
		memcpy(d->rows, stream.rows + skip, d->row_count * sizeof *d->rows);
	}
	row_stream_release(&stream);
	return ok;
}

/* As many columns as fit beside labels of the last price's length, then of what the candles really are. */
static bool read_all(struct detail *d, struct reader *r, const struct board_market *m, const struct interval *interval,
                     int width, int64_t end_us, struct err *err)
{
	struct candle whole;
	candle_init(&whole);
	whole.high = whole.low = m->price;
	int columns = chart_columns(width, &whole);
	bool ok = true;
	for (int pass = 0; ok && pass < 2; pass++) {
		int64_t from_us = end_us - columns * interval->us;
		columns_release(&d->columns);
		ok = columns_init(&d->columns, interval, from_us, end_us, (size_t)columns, err) &&
		     columns_read(&d->columns, 0, r, &m->market, err);
		if (ok)
			columns_sum(&d->columns, &whole);
		int fit = ok && whole.trades > 0 ? chart_columns(width, &whole) : columns;
		if (fit >= columns)
			break;
		columns = fit;
	}
	candle_release(&whole);
	return ok;
}

bool detail_step(struct detail *d, const struct watch *w, const struct board *b, int width, int64_t now_us,
                 struct err *err)
{
	const struct board_market *m = w->large ? watch_chosen(w, b) : NULL;
	if (!m || !b->reader->db)
		return true;
	struct interval interval;
	if (!interval_parse(&interval, watch_intervals[w->interval], 0, err))
		return false;
	int64_t newest_us = now_us > m->last_us ? now_us : m->last_us;
	int64_t end_us = interval_next(&interval, interval_floor(&interval, newest_us));
	bool same = strcmp(d->name, m->market.name) == 0 && d->id == m->market.id && strcmp(d->columns.interval.name, interval.name) == 0 &&
	            d->most == (size_t)width && d->columns.count > 0 && columns_start(&d->columns, d->columns.count) == end_us;
	if (same && d->version == b->version)
		return true;
	bool ok = same ? columns_read(&d->columns, d->columns.count > 2 ? d->columns.count - 2 : 0, b->reader, &m->market, err)
	               : read_all(d, b->reader, m, &interval, width, end_us, err);
	ok = ok && read_rows(d, b->reader, &m->market, err);
	stpcpy(d->name, ok ? m->market.name : "");
	d->id = m->market.id;
	d->most = (size_t)width;
	d->version = b->version;
	return ok;
}
