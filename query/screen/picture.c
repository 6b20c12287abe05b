#include "query/screen/picture.h"

#include "query/screen/board.h"
#include "query/screen/chart.h"
#include "schema/base/zone.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define WIDTH 1000
#define HEIGHT 560
#define LEFT 16
#define RIGHT 120  /* labels of prices */
#define TOP 64     /* two lines of words */
#define BOTTOM 34  /* times */
#define VOLUME 90  /* rows of bars */
#define BETWEEN 14
#define PRICE_HEIGHT (HEIGHT - TOP - BOTTOM - VOLUME - BETWEEN)
#define PLOT_WIDTH (WIDTH - LEFT - RIGHT)
#define GRID_LINES 6
#define TIME_LABELS 8

struct plot {
	struct out *out;
	const struct columns *columns;
	double high, low, volume; /* of all */
	double step;              /* from one candle to the next */
};

__attribute__((format(printf, 2, 3))) static void put(const struct plot *p, const char *format, ...)
{
	char text[512];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	out_puts(p->out, text);
}

/* As text between tags. */
static void put_escaped(struct out *o, const char *text)
{
	for (; *text; text++) {
		if (*text == '&')
			out_puts(o, "&amp;");
		else if (*text == '<')
			out_puts(o, "&lt;");
		else if (*text == '>')
			out_puts(o, "&gt;");
		else
			out_put(o, text, 1);
	}
}

static double y_of(const struct plot *p, double price)
{
	double share = p->high > p->low ? (p->high - price) / (p->high - p->low) : 0.5;
	return TOP + share * PRICE_HEIGHT;
}

static double x_of(const struct plot *p, size_t column)
{
	return LEFT + ((double)column + 0.5) * p->step;
}

/* 1, 2 or 5 times a power of ten, so that some GRID_LINES of them fit the range. */
static double grid_step(double range)
{
	double power = pow(10, floor(log10(range / GRID_LINES)));
	double share = range / GRID_LINES / power;
	return power * (share <= 1 ? 1 : share <= 2 ? 2 : share <= 5 ? 5 : 10);
}

static void put_price_line(const struct plot *p, double price, int digits, const char *style)
{
	double y = y_of(p, price);
	put(p, "<line class=\"%s\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>\n", style, LEFT, y, WIDTH - RIGHT, y);
	put(p, "<text class=\"label\" x=\"%d\" y=\"%.1f\">%.*f</text>\n", WIDTH - RIGHT + 8, y + 4, digits, price);
}

static void put_grid(const struct plot *p)
{
	if (p->high <= p->low) {
		put_price_line(p, p->high, p->high < 1 ? 8 : 2, "grid");
		return;
	}
	double step = grid_step(p->high - p->low);
	int digits = step < 1 ? (int)ceil(-log10(step) - 1e-9) : 0;
	double first = ceil(p->low / step);
	for (int i = 0; (first + i) * step <= p->high; i++)
		put_price_line(p, (first + i) * step, digits, "grid");
}

static void put_candle(const struct plot *p, size_t column)
{
	const struct candle *k = &p->columns->candles[column];
	double x = x_of(p, column), width = p->step * 0.7 < 1 ? 1 : p->step * 0.7;
	double open = y_of(p, decimal_double(&k->open)), close = y_of(p, decimal_double(&k->close));
	double top = open < close ? open : close, height = fabs(open - close);
	double bar = p->volume > 0 ? exact_double(&k->volume) / p->volume * VOLUME : 0;
	const char *way = decimal_compare(&k->close, &k->open) >= 0 ? "up" : "down";
	put(p, "<g class=\"%s\"><line x1=\"%.2f\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\"/>", way, x, y_of(p, decimal_double(&k->high)), x,
	    y_of(p, decimal_double(&k->low)));
	put(p, "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"/>", x - width / 2, top, width, height < 1 ? 1 : height);
	put(p, "<rect class=\"volume\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"/></g>\n", x - width / 2,
	    HEIGHT - BOTTOM - bar, width, bar);
}

/* The start of a column: its date where a day begins or the columns are days, else its clock. */
static void put_time(const struct plot *p, size_t column)
{
	char text[TIME_TEXT_SIZE];
	int64_t start_us = columns_start(p->columns, column);
	bool date = p->columns->step_us >= US_PER_DAY || zone_clock_us(start_us) % US_PER_DAY == 0;
	time_format(start_us, text);
	if (date)
		text[10] = '\0';
	else
		text[p->columns->step_us < US_PER_MINUTE ? 19 : 16] = '\0';
	put(p, "<text class=\"time\" x=\"%.1f\" y=\"%d\">%s</text>\n", x_of(p, column), HEIGHT - 12, date ? text : text + 11);
}

static void put_words(const struct plot *p, const char *market)
{
	char text[1024];
	out_puts(p->out, "<text class=\"title\" x=\"16\" y=\"26\">");
	put_escaped(p->out, market);
	out_puts(p->out, "</text>\n<text class=\"words\" x=\"16\" y=\"48\">");
	chart_heading(p->columns, text, sizeof text);
	put_escaped(p->out, text);
	out_puts(p->out, "</text>\n");
}

static void put_svg(const struct plot *p, const char *market)
{
	put(p, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\">\n", WIDTH, HEIGHT, WIDTH,
	    HEIGHT);
	out_puts(p->out, "<style>text{font:12px sans-serif;fill:#444}.title{font-size:18px;font-weight:bold;fill:#111}.time{text-anchor:middle}"
	                 ".grid{stroke:#e4e4e4}.axis{stroke:#999}.up line,.down line{stroke-width:1}.up line{stroke:#1a9850}.up rect{fill:#1a9850}"
	                 ".down line{stroke:#d73027}.down rect{fill:#d73027}.volume{opacity:.45}</style>\n");
	put(p, "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n", WIDTH, HEIGHT);
	put_words(p, market);
	put_grid(p);
	for (size_t i = 0; i < p->columns->count; i++)
		if (p->columns->candles[i].trades > 0)
			put_candle(p, i);
	put(p, "<line class=\"axis\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n", LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM);
	size_t every = (p->columns->count + TIME_LABELS - 1) / TIME_LABELS;
	for (size_t i = every / 2; i < p->columns->count; i += every)
		put_time(p, i);
	out_puts(p->out, "</svg>\n");
}

static void put_page(const struct plot *p, const char *market)
{
	char text[1024];
	out_puts(p->out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>");
	put_escaped(p->out, market);
	out_puts(p->out, "</title>\n<style>body{font:14px sans-serif;margin:24px}svg{max-width:100%;height:auto}</style>\n</head>\n<body>\n");
	put_svg(p, market);
	out_puts(p->out, "<p>");
	chart_sums(p->columns, text, sizeof text);
	put_escaped(p->out, text);
	out_puts(p->out, "</p>\n</body>\n</html>\n");
}

void picture_put(struct out *o, enum picture kind, const char *market, const struct columns *c)
{
	struct candle whole;
	struct plot p = { .out = o, .columns = c, .step = (double)PLOT_WIDTH / (double)(c->count > 0 ? c->count : 1) };
	candle_init(&whole);
	columns_sum(c, &whole);
	p.high = decimal_double(&whole.high);
	p.low = decimal_double(&whole.low);
	for (size_t i = 0; i < c->count; i++)
		if (c->candles[i].trades > 0 && exact_double(&c->candles[i].volume) > p.volume)
			p.volume = exact_double(&c->candles[i].volume);
	if (kind == PICTURE_HTML)
		put_page(&p, market);
	else
		put_svg(&p, market);
	candle_release(&whole);
}
