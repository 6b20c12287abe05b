/* A column is one character wide and two candle ends high: a wick or a body may begin in the middle of a row.  A rising
 * body is a thick line, a falling one a full block, so that they differ without colour. */
#include "query/screen/chart.h"

#include "query/screen/board.h"
#include "schema/base/zone.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VOLUME_LEVELS 8
#define DATE_COLS 10

struct plot {
	struct grid *g;
	int row, col;
	int price_rows, volume_rows;
	double high, low, volume;
};

static int label_width(const struct candle *whole)
{
	char text[DECIMAL_TEXT_SIZE];
	size_t high = decimal_format(&whole->high, text), low = decimal_format(&whole->low, text);
	char *volume = exact_text(&whole->volume);
	size_t longest = high > low ? high : low;
	size_t volume_len = strlen(volume); /* a column's is seldom longer than that of all */
	free(volume);
	if (volume_len > longest)
		longest = volume_len < longest + 4 ? volume_len : longest + 4;
	return (int)longest;
}

int chart_columns(int width, const struct candle *whole)
{
	int left = width - label_width(whole) - 2;
	return left < CHART_LEAST_COLS ? CHART_LEAST_COLS : left;
}

/* Half rows from the top of the prices, 0 is the upper half of the first row. */
static int place(const struct plot *p, const struct decimal *price)
{
	int steps = 2 * p->price_rows - 1;
	double share = p->high > p->low ? (p->high - decimal_double(price)) / (p->high - p->low) : 0.5;
	return (int)lround(share * steps);
}

static void draw_candle(const struct plot *p, int col, const struct candle *k)
{
	/* What stands in the upper and the lower half of a row: nothing, wick or body. */
	static const char *const rising[3][3] = { { " ", "\u2577", "\u257b" }, { "\u2575", "\u2502", "\u257d" },
	                                          { "\u2579", "\u257f", "\u2503" } };
	static const char *const falling[3][3] = { { " ", "\u2577", "\u2584" }, { "\u2575", "\u2502", "\u2584" },
	                                           { "\u2580", "\u2580", "\u2588" } };
	int order = decimal_compare(&k->close, &k->open);
	int high = place(p, &k->high), low = place(p, &k->low), open = place(p, &k->open), close = place(p, &k->close);
	int top = open < close ? open : close, bottom = open < close ? close : open;
	for (int row = high / 2; row <= low / 2; row++) {
		int part[2];
		for (int half = 0; half < 2; half++) {
			int at = 2 * row + half;
			part[half] = at >= top && at <= bottom ? 2 : at >= high && at <= low ? 1 : 0;
		}
		bool body = part[0] == 2 || part[1] == 2;
		grid_glyph(p->g, p->row + row, col, order >= 0 ? STYLE_UP : STYLE_DOWN,
		           (order >= 0 ? rising : falling)[part[0]][part[1]], !body ? '|' : order >= 0 ? 'o' : '#');
	}
}

static void draw_volume(const struct plot *p, int col, const struct candle *k)
{
	static const char *const levels[VOLUME_LEVELS] = { "\u2581", "\u2582", "\u2583", "\u2584",
	                                                   "\u2585", "\u2586", "\u2587", "\u2588" };
	static const char ascii[VOLUME_LEVELS] = { '.', ':', ':', ':', '#', '#', '#', '#' };
	double share = p->volume > 0 ? exact_double(&k->volume) / p->volume : 0;
	int height = (int)ceil(share * p->volume_rows * VOLUME_LEVELS);
	for (int i = 0; height > 0 && i < p->volume_rows; i++, height -= VOLUME_LEVELS) {
		int level = height < VOLUME_LEVELS ? height : VOLUME_LEVELS;
		grid_glyph(p->g, p->row + p->price_rows + p->volume_rows - 1 - i, col, STYLE_DIM, levels[level - 1],
		           ascii[level - 1]);
	}
}

/* The shortest span that leaves room for a label at each of its multiples. */
static int64_t tick_us(int64_t step_us, int label)
{
	static const int64_t seconds[] = { 1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200,
	                                   86400, 172800, 604800, 1209600, 2419200 };
	size_t last = sizeof seconds / sizeof *seconds - 1;
	for (size_t i = 0; i < last; i++)
		if (seconds[i] * US_PER_SECOND >= step_us * (label + 2))
			return seconds[i] * US_PER_SECOND;
	int64_t tick = seconds[last] * US_PER_SECOND;
	while (tick < step_us * (label + 2))
		tick *= 2;
	return tick;
}

/* The start of a column, as far as its length leaves it open. */
static int draw_time(const struct plot *p, const struct columns *c, int row, size_t column, int length)
{
	char text[TIME_TEXT_SIZE]; /* 2026-11-22T03:32:00 */
	int64_t start_us = columns_start(c, column);
	const char *from = length == DATE_COLS ? text : text + 11;
	time_format(start_us, text);
	if (length != DATE_COLS && zone_clock_us(start_us) % US_PER_DAY == 0) { /* there the date tells more */
		from = text + 5;
		length = 5;
	}
	return grid_printf(p->g, row, p->col + (int)column, length, STYLE_DIM, "%.*s", length, from);
}

static void draw_times(const struct plot *p, const struct columns *c, int row)
{
	int length = c->step_us < US_PER_MINUTE ? 8 : c->step_us < US_PER_DAY ? 5 : DATE_COLS;
	int64_t tick = tick_us(c->step_us, length), before_us = -1;
	size_t free_from = 0;
	for (size_t i = 0; i < c->count; i++) {
		int64_t start_us = zone_clock_us(columns_start(c, i));
		bool here = start_us >= 0 && (start_us % tick == 0 || (before_us >= 0 && before_us / tick != start_us / tick));
		before_us = start_us;
		grid_glyph(p->g, row, p->col + (int)i, STYLE_DIM, here ? "\u252c" : "\u2500", here ? '+' : '-');
		if (here && i >= free_from)
			free_from = i + 1 + (size_t)draw_time(p, c, row + 1, i, length);
	}
	if (free_from == 0) { /* too short a time for a round one */
		grid_glyph(p->g, row, p->col, STYLE_DIM, "\u252c", '+');
		draw_time(p, c, row + 1, 0, length);
	}
}

static void draw_labels(const struct plot *p, int col, int width, const struct candle *whole, const struct exact *most)
{
	char text[DECIMAL_TEXT_SIZE];
	int last = place(p, &whole->close) / 2;
	decimal_format(&whole->high, text);
	grid_text(p->g, p->row, col, width, STYLE_PLAIN, text);
	if (decimal_compare(&whole->high, &whole->low) != 0) {
		decimal_format(&whole->low, text);
		grid_text(p->g, p->row + p->price_rows - 1, col, width, STYLE_PLAIN, text);
	}
	if (last > 0 && last < p->price_rows - 1) {
		decimal_format(&whole->close, text);
		grid_text(p->g, p->row + last, col, width, STYLE_BOLD, text);
	}
	char *volume = exact_text(most);
	grid_text(p->g, p->row + p->price_rows, col, width, STYLE_DIM, volume);
	free(volume);
}

void chart_draw(struct grid *g, int row, int col, int rows, int cols, const struct columns *c)
{
	struct candle whole;
	candle_init(&whole);
	columns_sum(c, &whole);
	if (whole.trades > 0 && rows >= CHART_LEAST_ROWS) {
		struct plot p = { .g = g, .row = row, .col = col, .high = decimal_double(&whole.high),
		                  .low = decimal_double(&whole.low), .volume_rows = rows < 14 ? 2 : rows < 30 ? 3 : 5 };
		p.price_rows = rows - p.volume_rows - 2;
		const struct exact *most = &c->candles[0].volume;
		for (size_t i = 1; i < c->count; i++)
			if (exact_compare(&c->candles[i].volume, most) > 0)
				most = &c->candles[i].volume;
		p.volume = exact_double(most);
		for (size_t i = 0; i < c->count; i++) {
			if (c->candles[i].trades == 0)
				continue;
			draw_candle(&p, col + (int)i, &c->candles[i]);
			draw_volume(&p, col + (int)i, &c->candles[i]);
		}
		draw_times(&p, c, row + rows - 2);
		int label = col + (int)c->count + 1;
		draw_labels(&p, label, col + cols - label, &whole, most);
	}
	candle_release(&whole);
}

void chart_heading(const struct columns *c, char *text, size_t size)
{
	char from[TIME_TEXT_SIZE], to[TIME_TEXT_SIZE], label[ZONE_LABEL_SIZE], step[64] = "";
	time_format(c->from_us, from);
	time_format(c->to_us, to);
	int shown = !interval_on_minutes(&c->interval) ? 19 : 16; /* up to seconds, up to minutes */
	from[shown] = to[shown] = '\0';
	from[10] = to[10] = ' ';
	if (c->merged > 1)
		snprintf(step, sizeof step, "  one column is %lld of them", (long long)c->merged);
	snprintf(text, size, "candles of %s%s  from %s  to %s %s", c->interval.name, step, from, to, zone_label(c->to_us, label));
}

void chart_sums(const struct columns *c, char *text, size_t size)
{
	struct candle whole;
	candle_init(&whole);
	columns_sum(c, &whole);
	if (whole.trades > 0) {
		char open[DECIMAL_TEXT_SIZE], high[DECIMAL_TEXT_SIZE], low[DECIMAL_TEXT_SIZE], close[DECIMAL_TEXT_SIZE];
		char *volume = exact_text(&whole.volume);
		decimal_format(&whole.open, open);
		decimal_format(&whole.high, high);
		decimal_format(&whole.low, low);
		decimal_format(&whole.close, close);
		snprintf(text, size, "open %s  high %s  low %s  close %s  volume %s  trades %lld", open, high, low, close, volume,
		         (long long)whole.trades);
		free(volume);
	} else {
		snprintf(text, size, "no trade in that time");
	}
	candle_release(&whole);
}
