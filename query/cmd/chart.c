/* tapedeck chart: candles and volume of a range, as wide as the terminal. */
#include "query/read/candles.h"
#include "query/screen/chart.h"
#include "query/context.h"
#include "query/screen/picture.h"
#include "query/screen/terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLS_LEAST 30
#define ROWS_LEAST 16
#define ROWS_MAX 40
#define HEAD_ROWS 3       /* with the prompt's line: the whole fits the terminal where the words are short */
#define HEAD_ROWS_MAX 12

/* The first and the last interval of the range that may hold a trade.  EXIT_NO_DATA: there is none. */
static enum exit_code find_range(struct context *c, const struct market *m, int64_t *from_us, int64_t *to_us,
                                 struct err *err)
{
	const struct interval *interval = &c->options.interval;
	const struct range *range = &c->options.range;
	struct row_stream stream;
	struct tape_row first = { .time_us = 0 }, last = { .time_us = 0 };
	bool found = false;
	if (!last_row(&c->reader, m, &last, &found, err))
		return EXIT_TAPE;
	int64_t end_us = found ? interval_next(interval, interval_floor(interval, last.time_us)) : 0;
	*to_us = range->has_to && range->to_us < end_us ? interval_ceil(interval, range->to_us) : end_us;
	*from_us = interval_ceil(interval, range->from_us);
	/* Nothing is drawn of the time before the first trade. */
	if (found) {
		bool ok = row_stream_init(&stream, &c->reader, m, 0, INT64_MAX, err) && row_stream_next(&stream, err);
		if (ok && stream.count > 0)
			first = stream.rows[0];
		row_stream_release(&stream);
		if (!ok)
			return EXIT_TAPE;
		int64_t first_us = interval_floor(interval, first.time_us);
		*from_us = *from_us < first_us ? first_us : *from_us;
	}
	if (found && *to_us > *from_us)
		return EXIT_OK;
	return no_candle(&c->reader, m, interval, range, err);
}

/* How many columns fit depends on the labels, and they on what the columns hold: twice is enough, since fewer candles
 * have no longer labels. */
static bool fill(struct columns *columns, struct context *c, const struct market *m, int64_t from_us, int64_t to_us,
                 int cols, struct candle *whole, struct err *err)
{
	const struct interval *interval = &c->options.interval;
	int most = c->options.picture ? PICTURE_COLUMNS : chart_columns(cols, whole);
	for (int pass = 0; pass < 2; pass++) {
		int64_t start_us = from_us, fitting_us = interval_floor(interval, to_us - most * interval->us);
		if (!c->options.range.has_from && fitting_us > from_us) /* nobody asked for more than that */
			start_us = fitting_us;
		columns_release(columns);
		if (!columns_init(columns, interval, start_us, to_us, (size_t)most, err) ||
		    !columns_read(columns, 0, &c->reader, m, err))
			return false;
		columns_sum(columns, whole);
		int fit = whole->trades > 0 && !c->options.picture ? chart_columns(cols, whole) : most;
		if (fit >= most)
			break;
		most = fit;
	}
	return true;
}

/* Words as many as fit a line, on as many lines as they need; returns the row below. */
static int put_words(struct grid *g, int row, char *text)
{
	int at = 0;
	for (char *word = text, *next; word; word = next) {
		next = strstr(word, "  ");
		if (next) {
			*next = '\0';
			next += 2;
		}
		int width = text_columns(word, g->utf8);
		if (at > 0 && at + 2 + width > g->cols) {
			row++;
			at = 0;
		}
		at += at > 0 ? 2 : 0;
		at += grid_text(g, row, at, g->cols - at, STYLE_PLAIN, word);
	}
	return row + 1;
}

static bool print(struct context *c, const struct market *m, const struct columns *columns, int cols, struct err *err)
{
	int rows = output_rows() - HEAD_ROWS;
	rows = rows < ROWS_LEAST ? ROWS_LEAST : rows > ROWS_MAX ? ROWS_MAX : rows;
	struct grid g;
	char text[1024];
	if (!grid_init(&g, rows + HEAD_ROWS_MAX, cols, locale_is_utf8() && !c->options.ascii))
		return err_set(err, "out of memory");
	int used = snprintf(text, sizeof text, "%s  ", m->name);
	chart_heading(columns, text + used, sizeof text - (size_t)used);
	int row = put_words(&g, 0, text);
	chart_sums(columns, text, sizeof text);
	row = put_words(&g, row, text);
	chart_draw(&g, row, 0, rows, cols, columns);
	char *line = malloc((size_t)cols * sizeof g.cells->text + 1);
	for (int i = 0; line && i < row + rows; i++) {
		out_put(&c->out, line, grid_line(&g, i, line));
		out_puts(&c->out, "\n");
	}
	grid_release(&g);
	free(line);
	return line || err_set(err, "out of memory");
}

enum exit_code cmd_chart(struct context *c, struct err *err)
{
	const struct market *m = &c->selection.markets[0];
	struct columns columns = { .candles = NULL };
	struct candle whole;
	int64_t from_us, to_us;
	int cols = output_columns();
	cols = cols < COLS_LEAST ? COLS_LEAST : cols;
	enum exit_code code = find_range(c, m, &from_us, &to_us, err);
	if (code != EXIT_OK)
		return code;
	candle_init(&whole);
	if (!fill(&columns, c, m, from_us, to_us, cols, &whole, err)) {
		code = EXIT_TAPE;
	} else if (whole.trades == 0) {
		code = no_candle(&c->reader, m, &c->options.interval, &c->options.range, err);
	} else if (c->options.picture) {
		picture_put(&c->out, c->options.picture, m->name, &columns);
	} else if (!print(c, m, &columns, cols, err)) {
		code = EXIT_FAILED;
	}
	candle_release(&whole);
	columns_release(&columns);
	return code;
}
