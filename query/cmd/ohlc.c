/* tapedeck ohlc: candles, market by market, from the tape's one-minute candles, or from trades where they must be finer.
 * A candle is printed when the next one begins, so any range streams. */
#include "query/read/candles.h"
#include "query/context.h"
#include "query/read/coverage.h"

#include <stdlib.h>
#include <string.h>

#define VWAP_DIGITS 12
#define NAME_COLUMNS 2

struct fold {
	struct out *out;                 /* borrowed */
	const struct market *market;     /* borrowed */
	bool named;                      /* rows begin with its name: there are several */
	const struct interval *interval; /* borrowed */
	struct coverage coverage;        /* owned */
	struct candle candle;            /* owned; the one in the making */
	int64_t start_us, end_us;        /* its start, and where it ends */
	int64_t first_us, last_end_us;   /* start of the first printed, end of the last; -1: none yet */
	bool fill;                       /* intervals without a trade have rows, once there is a close to carry */
	int64_t due_us;                  /* where the next row begins then; -1: no close yet */
	struct decimal close;            /* the last one */
};

/* A row; of an interval without a trade `k` is NULL. */
static void put_row(struct fold *f, int64_t start_us, int64_t end_us, const struct candle *k)
{
	bool complete = coverage_holds(&f->coverage, start_us, end_us + COVERAGE_SLACK_US);
	char time[TIME_TEXT_SIZE], open[DECIMAL_TEXT_SIZE], high[DECIMAL_TEXT_SIZE], low[DECIMAL_TEXT_SIZE];
	char close[DECIMAL_TEXT_SIZE], trades[INTEGER_TEXT_SIZE];
	char *volume = k ? exact_text(&k->volume) : strdup("0"), *buy_volume = k ? exact_text(&k->buy_volume) : strdup("0");
	char *vwap = k ? exact_ratio_text(&k->turnover, &k->volume, VWAP_DIGITS) : strdup("");
	const struct cell cells[] = {
		{ f->market->exchange, strlen(f->market->exchange) },
		{ f->market->symbol, strlen(f->market->symbol) },
		{ time, time_cell(start_us < 0 ? 0 : start_us, f->out->time_form, time) },
		{ open, decimal_format(k ? &k->open : &f->close, open) },
		{ high, decimal_format(k ? &k->high : &f->close, high) },
		{ low, decimal_format(k ? &k->low : &f->close, low) },
		{ close, decimal_format(k ? &k->close : &f->close, close) },
		{ volume, volume ? strlen(volume) : 0 },
		{ vwap, vwap ? strlen(vwap) : 0 },
		{ trades, integer_format(k ? k->trades : 0, trades) },
		{ buy_volume, buy_volume ? strlen(buy_volume) : 0 },
		{ complete ? "1" : "0", 1 },
	};
	out_row(f->out, f->named ? cells : &cells[NAME_COLUMNS]);
	free(volume);
	free(buy_volume);
	free(vwap);
	if (f->first_us < 0)
		f->first_us = start_us;
	f->last_end_us = end_us;
}

/* Rows of the intervals without a trade that begin before `to_us`. */
static void put_empty(struct fold *f, int64_t to_us)
{
	while (f->fill && f->due_us >= 0 && f->due_us < to_us && !out_stopped(f->out)) {
		int64_t end_us = interval_next(f->interval, f->due_us);
		put_row(f, f->due_us, end_us, NULL);
		f->due_us = end_us;
	}
}

static void put_candle(struct fold *f)
{
	put_empty(f, f->start_us);
	put_row(f, f->start_us, f->end_us, &f->candle);
	f->close = f->candle.close;
	f->due_us = f->end_us;
}

/* What the first interval of a range carries on, where that is asked for. */
static bool find_close_before(struct context *c, struct fold *f, int64_t from_us, struct err *err)
{
	struct row_stream stream;
	if (!f->fill || !c->options.range.has_from)
		return true;
	bool ok = row_stream_init(&stream, &c->reader, f->market, 0, from_us, err) && row_stream_skip_to_newest(&stream, 1, err) &&
	          row_stream_next(&stream, err);
	if (ok && stream.count > 0) {
		struct trade t = { .market = 0 };
		row_trade(&stream.rows[stream.count - 1], &t);
		f->close = t.price;
		f->due_us = from_us;
	}
	row_stream_release(&stream);
	return ok;
}

/* Prints what is ready before a trade or a minute of this time is added. */
static void move_to(struct fold *f, int64_t time_us)
{
	if (f->candle.trades > 0 && time_us < f->end_us)
		return;
	if (f->candle.trades > 0)
		put_candle(f);
	candle_clear(&f->candle);
	f->start_us = interval_floor(f->interval, time_us);
	f->end_us = interval_next(f->interval, f->start_us);
}

static enum exit_code fold_minutes(struct context *c, struct fold *f, int64_t from_us, int64_t to_us, struct err *err)
{
	struct candle_stream stream;
	enum exit_code code = EXIT_OK;
	if (!candle_stream_init(&stream, &c->reader, f->market, from_us, to_us, err))
		return EXIT_FAILED;
	do {
		if (!candle_stream_next(&stream, err))
			code = EXIT_TAPE;
		for (size_t i = 0; code == EXIT_OK && i < stream.count; i++) {
			move_to(f, stream.minutes[i].time_us);
			candle_append(&f->candle, &stream.minutes[i].candle);
		}
	} while (code == EXIT_OK && stream.count > 0 && !out_stopped(&c->out));
	candle_stream_release(&stream);
	return code;
}

static enum exit_code fold_trades(struct context *c, struct fold *f, int64_t from_us, int64_t to_us, struct err *err)
{
	struct row_stream stream;
	enum exit_code code = EXIT_OK;
	if (!row_stream_init(&stream, &c->reader, f->market, from_us, to_us, err))
		return EXIT_FAILED;
	do {
		if (!row_stream_next(&stream, err))
			code = EXIT_TAPE;
		for (size_t i = 0; code == EXIT_OK && i < stream.count; i++) {
			struct trade t = { .market = 0 };
			row_trade(&stream.rows[i], &t);
			move_to(f, t.time_us);
			candle_add(&f->candle, &t);
		}
	} while (code == EXIT_OK && stream.count > 0 && !out_stopped(&c->out));
	row_stream_release(&stream);
	return code;
}

/* One market; EXIT_NO_DATA where it has no candle in the range. */
static enum exit_code put_market(struct context *c, const struct market *m, struct err *err)
{
	const struct range *range = &c->options.range;
	const struct interval *interval = &c->options.interval;
	/* The range chooses candles by their start, and each is whole. */
	int64_t from_us = interval_ceil(interval, range->from_us), to_us = interval_ceil(interval, range->to_us);
	if (!range->has_from)
		from_us = 0;
	struct fold fold = { .out = &c->out, .market = m, .named = c->selection.count > 1, .interval = interval, .first_us = -1,
		             .last_end_us = -1, .fill = c->options.fill, .due_us = -1 };
	enum exit_code code = EXIT_TAPE;
	candle_init(&fold.candle);
	if (!coverage_load(&fold.coverage, &c->reader, m, err)) /* first: a candle read later holds at least as much */
		goto out;
	if (!find_close_before(c, &fold, from_us, err))
		goto out;
	code = interval_on_minutes(interval) ? fold_minutes(c, &fold, from_us, to_us, err) : fold_trades(c, &fold, from_us, to_us, err);
	if (code != EXIT_OK || out_stopped(&c->out))
		goto out;
	if (fold.candle.trades > 0)
		put_candle(&fold);
	if (range->has_to)
		put_empty(&fold, to_us < c->now_us ? to_us : c->now_us); /* nothing is known of what is to come */
	if (fold.first_us < 0)
		code = no_candle(&c->reader, m, interval, range, err);
	else
		code = check_complete(c, m, range->has_from ? from_us : fold.first_us,
		                      (range->has_to ? to_us : fold.last_end_us) + COVERAGE_SLACK_US, err);
out:
	candle_release(&fold.candle);
	coverage_release(&fold.coverage);
	return code;
}

enum exit_code cmd_ohlc(struct context *c, struct err *err)
{
	static const struct column columns[] = {
		{ "exchange", CELL_TEXT },
		{ "symbol", CELL_TEXT },
		{ "time", CELL_TIME },       { "open", CELL_DECIMAL },   { "high", CELL_DECIMAL }, { "low", CELL_DECIMAL },
		{ "close", CELL_DECIMAL },   { "volume", CELL_DECIMAL }, { "vwap", CELL_DECIMAL }, { "trades", CELL_INTEGER },
		{ "buy_volume", CELL_DECIMAL }, { "complete", CELL_INTEGER },
	};
	const struct selection *s = &c->selection;
	size_t first = s->count > 1 ? 0 : NAME_COLUMNS;
	enum exit_code code = EXIT_OK, without = EXIT_OK;
	struct err stale = { "" }, missing = { "" };
	out_columns(&c->out, columns + first, sizeof columns / sizeof *columns - first);
	for (size_t i = 0; i < s->count && !out_stopped(&c->out); i++) {
		enum exit_code one = put_market(c, &s->markets[i], err);
		if (one == EXIT_STALE) {
			code = one;
			stale = *err;
		} else if (one == EXIT_NO_DATA) {
			if (s->markets[i].named || !missing.text[0])
				missing = *err;
			if (s->markets[i].named)
				without = one;
		} else if (one != EXIT_OK) {
			return one;
		}
	}
	if (out_stopped(&c->out))
		return EXIT_OK;
	if (code == EXIT_OK && c->out.rows > 0) {
		code = check_ages(c, &stale);
		if (code != EXIT_OK && code != EXIT_STALE) {
			*err = stale;
			return code;
		}
	}
	if (c->out.rows == 0 || (code == EXIT_OK && without != EXIT_OK)) {
		*err = missing;
		return EXIT_NO_DATA;
	}
	*err = stale;
	return code;
}
