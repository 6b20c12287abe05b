/* One market in large: its numbers, a chart of its candles, its newest trades. */
#include "query/screen/chart.h"
#include "query/read/trade_text.h"
#include "query/screen/watch.h"

#include <stdio.h>
#include <string.h>

#define WIDE_COLS 110  /* from here on the trades stand beside the chart, else below it */
#define TRADES_COLS 47
#define BELOW_ROWS 6
#define NUMBER_ROWS 3

int detail_width(int cols)
{
	return cols >= WIDE_COLS ? cols - TRADES_COLS - 2 : cols - 2;
}

static void draw_numbers(struct grid *g, int row, const struct board *b, const struct board_market *m, int64_t now_us)
{
	char price[DECIMAL_TEXT_SIZE] = "-", size[DECIMAL_TEXT_SIZE], day[16], hour[16], age[AGE_TEXT_SIZE];
	int at = 1 + grid_text(g, row, 1, g->cols / 2, STYLE_BOLD, m->market.name);
	if (!m->traded) {
		grid_text(g, row, at + 2, g->cols, STYLE_PLAIN, "no trade yet");
		return;
	}
	unsigned way = m->direction > 0 ? STYLE_UP : m->direction < 0 ? STYLE_DOWN : STYLE_PLAIN;
	decimal_format(&m->price, price);
	decimal_format(&m->size, size);
	at += 2 + grid_text(g, row, at + 2, g->cols - at - 2, way | STYLE_BOLD, price);
	if (m->direction != 0)
		grid_glyph(g, row, at + 1, way, m->direction > 0 ? "\u25b2" : "\u25bc", m->direction > 0 ? '^' : 'v');
	at += 4 + grid_printf(g, row, at + 4, g->cols - at - 5, STYLE_PLAIN, "%s %s  %s%s", side_name(m->side), size,
	                      board_ahead(m, now_us) ? "dated ahead of this clock" : age_text(now_us - m->last_us, age),
	                      board_ahead(m, now_us) ? "" : " ago");
	if (!m->market.wanted)
		grid_text(g, row, at + 2, g->cols - at - 3, STYLE_DIM, "no longer recorded");
	else if (m->unheard)
		grid_text(g, row, at + 2, g->cols - at - 3, STYLE_WARN | STYLE_BOLD, "x not being received");
	else if (board_quiet(b, m, now_us))
		grid_text(g, row, at + 2, g->cols - at - 3, STYLE_WARN | STYLE_BOLD, "! quiet beyond its habit");
	at = 1 + grid_printf(g, row + 1, 1, g->cols - 2, STYLE_PLAIN, "day %s  hour %s  %lld trades a minute",
	                     percent_text(board_day_change(m, now_us), day), percent_text(board_hour_change(m, now_us), hour),
	                     (long long)board_per_minute(m, now_us));
	if (m->pace.pauses > 0) {
		char mean[AGE_TEXT_SIZE], longest[AGE_TEXT_SIZE];
		grid_printf(g, row + 1, at, g->cols - at - 1, STYLE_PLAIN, "  usual pause %s, longest %s",
		            age_text(m->pace.mean_us, mean), age_text(m->pace.longest_us, longest));
	}
}

static void draw_trades(struct grid *g, int row, int col, int rows, int cols, const struct detail *d)
{
	grid_printf(g, row, col, cols, STYLE_REVERSE, "%-12s %14s %14s SIDE", "TIME", "PRICE", "SIZE");
	for (int i = 0; i < rows - 1 && (size_t)i < d->row_count; i++) {
		const struct tape_row *t = &d->rows[d->row_count - 1 - (size_t)i];
		char time[TIME_TEXT_SIZE], price[DECIMAL_TEXT_SIZE], size[DECIMAL_TEXT_SIZE];
		unsigned style = t->side == SIDE_BUY ? STYLE_UP : STYLE_DOWN;
		int at = row + 1 + i;
		time_format(t->time_us, time);
		price_format(t, price);
		size_format(t, size);
		time[23] = '\0';
		grid_text(g, at, col, 12, STYLE_PLAIN, time + 11);
		grid_right(g, at, col + 13, 14, style, price);
		grid_right(g, at, col + 28, 14, STYLE_PLAIN, size);
		grid_text(g, at, col + 43, 4, style, side_name(t->side));
	}
}

void watch_market(struct grid *g, int row, int rows, const struct watch *w, const struct board *b, const struct detail *d,
                  int64_t now_us)
{
	const struct board_market *m = watch_chosen(w, b);
	if (!m) {
		grid_text(g, row + 1, 1, g->cols - 2, STYLE_PLAIN, "this market is not on the tape");
		return;
	}
	draw_numbers(g, row, b, m, now_us);
	if (strcmp(d->name, m->market.name) != 0)
		return;
	char text[256];
	bool wide = g->cols >= WIDE_COLS;
	int chart = row + NUMBER_ROWS, left = rows - NUMBER_ROWS, below = wide ? 0 : BELOW_ROWS;
	chart_heading(&d->columns, text, sizeof text);
	grid_text(g, chart - 1, 1, detail_width(g->cols), STYLE_BOLD, text);
	chart_draw(g, chart, 1, left - below, detail_width(g->cols), &d->columns);
	if (wide)
		draw_trades(g, chart - 1, g->cols - TRADES_COLS, left + 1, TRADES_COLS, d);
	else
		draw_trades(g, chart + left - below, 1, below, g->cols - 2, d);
}
