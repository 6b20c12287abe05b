#include "query/screen/watch.h"

#include <stdio.h>

static void draw_help(struct grid *g)
{
	static const char *const lines[] = {
		"Up Down PgUp PgDn Home End   choose a market (j k Space g G, too)",
		"Enter                        the chosen market in large; Enter or Esc: back",
		"1 2 3 4 5 6                  sort by market, last price, day, hour, trades a minute, age;",
		"                             the same key once more: the other way round (or r)",
		"< > Left Right               sort by the column before, the next",
		"/                            type a part of the names to show; Enter keeps it, Esc: all",
		"1 5 h                        in large: candles of 1 minute, 5 minutes, 1 hour",
		"?                            this help; any key: back",
		"q                            quit (Ctrl-C, too)",
		"",
		"DAY    change since the last price before midnight UTC",
		"HOUR   change since the price an hour ago      T/MIN  trades of the last 60 seconds",
		"!      quiet for far longer than this market usually is, or dated ahead of this clock",
		"x      this market is not being received: its gap has no end yet",
		"lag    delay between a trade at the exchange and its receipt",
	};
	for (int i = 0; i < (int)(sizeof lines / sizeof *lines); i++)
		grid_text(g, 4 + i, 2, g->cols - 4, STYLE_PLAIN, lines[i]);
}

static void draw_foot(struct grid *g, const struct watch *w)
{
	int row = g->rows - 1;
	if (w->help)
		grid_text(g, row, 1, g->cols - 2, STYLE_DIM, "any key: back");
	else if (w->typing)
		grid_text(g, row, 1, g->cols - 2, STYLE_DIM, "Enter: keep the filter   Esc: all markets");
	else if (w->large)
		grid_text(g, row, 1, g->cols - 2, STYLE_DIM, "1 5 h: candles  Up Down: other market  Esc: back  ?: help  q: quit");
	else
		grid_text(g, row, 1, g->cols - 16, STYLE_DIM, "1-6: sort  r: reverse  /: filter  Enter: large  ?: help  q: quit");
	if (!w->help && !w->typing && !w->large && w->count > 0) {
		size_t last = w->top + w->page < w->count ? w->top + w->page : w->count;
		char text[64];
		snprintf(text, sizeof text, "%zu-%zu/%zu", w->top + 1, last, w->count);
		grid_right(g, row, g->cols - 15, 14, STYLE_DIM, text);
	}
}

void watch_draw(struct grid *g, struct watch *w, const struct board *b, const struct detail *d, int64_t now_us)
{
	grid_clear(g);
	if (g->rows < WATCH_LEAST_ROWS || g->cols < WATCH_LEAST_COLS) {
		grid_printf(g, g->rows / 2, 0, g->cols, STYLE_BOLD, "%d x %d: too small;", g->cols, g->rows);
		grid_printf(g, g->rows / 2 + 1, 0, g->cols, STYLE_BOLD, "watch wants %d x %d.", WATCH_LEAST_COLS, WATCH_LEAST_ROWS);
		return;
	}
	int row = watch_head(g, w, b, true, now_us), rows = g->rows - row - 1;
	if (w->help)
		draw_help(g);
	else if (w->large)
		watch_market(g, row, rows, w, b, d, now_us);
	else
		watch_list(g, row, rows, w, b, true, now_us);
	draw_foot(g, w);
}
