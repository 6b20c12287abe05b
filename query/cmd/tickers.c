/* tapedeck tickers: what the exchange said of a market's windows of time, oldest first. */
#include "query/context.h"
#include "query/read/tickers.h"

#include <string.h>

static void put_ticker(struct out *o, const struct market *m, const struct ticker_row *row)
{
	const struct ticker *t = &row->ticker;
	char time[TIME_TEXT_SIZE], open[DECIMAL_TEXT_SIZE], high[DECIMAL_TEXT_SIZE], low[DECIMAL_TEXT_SIZE];
	char close[DECIMAL_TEXT_SIZE], volume[DECIMAL_TEXT_SIZE], received[TIME_TEXT_SIZE];
	const struct cell cells[] = {
		{ m->exchange, strlen(m->exchange) },
		{ m->symbol, strlen(m->symbol) },
		{ row->window, strlen(row->window) },
		{ time, time_cell(t->time_us, o->time_form, time) },
		{ open, decimal_format(&t->open, open) },
		{ high, decimal_format(&t->high, high) },
		{ low, decimal_format(&t->low, low) },
		{ close, decimal_format(&t->close, close) },
		{ volume, decimal_format(&t->volume, volume) },
		{ received, time_cell(t->recv_wall_us, o->time_form, received) },
	};
	out_row(o, cells);
}

/* Says why there is no row. */
static enum exit_code nothing(struct context *c, const struct market *m, struct err *err)
{
	char windows[WINDOW_LIST_SIZE];
	if (!ticker_windows(&c->reader, m, windows, err))
		return EXIT_TAPE;
	if (!windows[0])
		err_set(err, "there is no ticker of %s on the tape; 'tapedeckd %s@ticker' records them", m->name, m->name);
	else if (c->window)
		err_set(err, "there is no ticker of %s over %s in that range; on the tape there are %s", m->name, c->window, windows);
	else
		err_set(err, "there is no ticker of %s in that range", m->name);
	return EXIT_NO_DATA;
}

enum exit_code cmd_tickers(struct context *c, struct err *err)
{
	static const struct column columns[] = {
		{ "exchange", CELL_TEXT }, { "symbol", CELL_TEXT },    { "window", CELL_TEXT },  { "time", CELL_TIME },
		{ "open", CELL_DECIMAL },  { "high", CELL_DECIMAL },   { "low", CELL_DECIMAL },  { "close", CELL_DECIMAL },
		{ "volume", CELL_DECIMAL }, { "received", CELL_TIME },
	};
	const struct market *m = &c->selection.markets[0];
	const struct range *range = &c->options.range;
	int64_t newest = c->options.rows; /* negative: all of them */
	out_columns(&c->out, columns, sizeof columns / sizeof *columns);

	struct ticker_stream stream;
	ticker_stream_init(&stream, &c->reader, m, c->window, range->from_us, range->to_us);
	enum exit_code code = EXIT_TAPE;
	int64_t left = newest >= 0 ? newest : INT64_MAX; /* a ticker recorded since must not make it one more */
	if (newest >= 0 && !ticker_stream_skip_to_newest(&stream, newest, err))
		goto out;
	do {
		if (!ticker_stream_next(&stream, err))
			goto out;
		for (size_t i = 0; i < stream.count && left > 0; i++, left--)
			put_ticker(&c->out, m, &stream.rows[i]);
	} while (stream.count > 0 && left > 0 && !out_stopped(&c->out));
	code = c->out.rows > 0 || newest == 0 || out_stopped(&c->out) ? EXIT_OK : nothing(c, m, err);
out:
	ticker_stream_release(&stream);
	return code;
}
