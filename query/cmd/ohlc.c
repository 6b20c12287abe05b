/* tapedeck ohlc: candles of one market, from the tape's one-minute candles, or from trades where they must be finer.
 * A candle is printed when the next one begins, so any range streams. */
#include "query/read/candles.h"
#include "query/context.h"
#include "query/read/coverage.h"

#include <stdlib.h>
#include <string.h>

#define VWAP_DIGITS 12

struct fold {
	struct out *out;                 /* borrowed */
	const struct interval *interval; /* borrowed */
	struct coverage coverage;        /* owned */
	struct candle candle;            /* owned; the one in the making */
	int64_t start_us;                /* its start */
	int64_t first_us, end_us;        /* start of the first printed, end of the last; -1: none yet */
};

static void put_candle(struct fold *f)
{
	const struct candle *k = &f->candle;
	int64_t end_us = f->start_us + f->interval->us;
	bool complete = coverage_holds(&f->coverage, f->start_us, end_us + COVERAGE_SLACK_US);
	char time[TIME_TEXT_SIZE], open[DECIMAL_TEXT_SIZE], high[DECIMAL_TEXT_SIZE], low[DECIMAL_TEXT_SIZE];
	char close[DECIMAL_TEXT_SIZE], trades[INTEGER_TEXT_SIZE];
	char *volume = exact_text(&k->volume), *buy_volume = exact_text(&k->buy_volume);
	char *vwap = exact_ratio_text(&k->turnover, &k->volume, VWAP_DIGITS);
	const struct cell cells[] = {
		{ time, time_cell(f->start_us < 0 ? 0 : f->start_us, f->out->time_form, time) },
		{ open, decimal_format(&k->open, open) },
		{ high, decimal_format(&k->high, high) },
		{ low, decimal_format(&k->low, low) },
		{ close, decimal_format(&k->close, close) },
		{ volume, strlen(volume) },
		{ vwap, strlen(vwap) },
		{ trades, integer_format(k->trades, trades) },
		{ buy_volume, strlen(buy_volume) },
		{ complete ? "1" : "0", 1 },
	};
	out_row(f->out, cells);
	free(volume);
	free(buy_volume);
	free(vwap);
	if (f->first_us < 0)
		f->first_us = f->start_us;
	f->end_us = end_us;
}

/* Prints what is ready before a trade or a minute of this time is added. */
static void move_to(struct fold *f, int64_t time_us)
{
	if (f->candle.trades > 0 && time_us < f->start_us + f->interval->us)
		return;
	if (f->candle.trades > 0)
		put_candle(f);
	candle_clear(&f->candle);
	f->start_us = interval_floor(f->interval, time_us);
}

static enum exit_code fold_minutes(struct context *c, struct fold *f, int64_t from_us, int64_t to_us, struct err *err)
{
	struct candle_stream stream;
	enum exit_code code = EXIT_OK;
	if (!candle_stream_init(&stream, &c->reader, &c->selection.markets[0], from_us, to_us, err))
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
	if (!row_stream_init(&stream, &c->reader, &c->selection.markets[0], from_us, to_us, err))
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

enum exit_code cmd_ohlc(struct context *c, struct err *err)
{
	static const struct column columns[] = {
		{ "time", CELL_TIME },       { "open", CELL_DECIMAL },   { "high", CELL_DECIMAL }, { "low", CELL_DECIMAL },
		{ "close", CELL_DECIMAL },   { "volume", CELL_DECIMAL }, { "vwap", CELL_DECIMAL }, { "trades", CELL_INTEGER },
		{ "buy_volume", CELL_DECIMAL }, { "complete", CELL_INTEGER },
	};
	const struct market *m = &c->selection.markets[0];
	const struct range *range = &c->options.range;
	const struct interval *interval = c->options.interval;
	/* The range chooses candles by their start, and each is whole. */
	int64_t from_us = interval_ceil(interval, range->from_us), to_us = interval_ceil(interval, range->to_us);
	if (!range->has_from)
		from_us = 0;
	struct fold fold = { .out = &c->out, .interval = interval, .first_us = -1, .end_us = -1 };
	enum exit_code code = EXIT_TAPE;
	candle_init(&fold.candle);
	if (!coverage_load(&fold.coverage, &c->reader, m, err)) /* first: a candle read later holds at least as much */
		goto out;
	out_columns(&c->out, columns, sizeof columns / sizeof *columns);
	code = interval->us < US_PER_MINUTE ? fold_trades(c, &fold, from_us, to_us, err)
	                                    : fold_minutes(c, &fold, from_us, to_us, err);
	if (code != EXIT_OK || out_stopped(&c->out))
		goto out;
	if (fold.candle.trades > 0)
		put_candle(&fold);
	if (c->out.rows == 0) {
		code = no_candle(&c->reader, m, interval, range, err);
		goto out;
	}
	code = check_complete(c, m, range->has_from ? from_us : fold.first_us,
	                      (range->has_to ? to_us : fold.end_us) + COVERAGE_SLACK_US, err);
	if (code == EXIT_OK)
		code = check_ages(c, err);
out:
	candle_release(&fold.candle);
	coverage_release(&fold.coverage);
	return code;
}
