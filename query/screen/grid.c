#include "query/screen/grid.h"

#include "query/screen/glyph.h"

#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool grid_init(struct grid *g, int rows, int cols, bool utf8)
{
	*g = (struct grid){ .rows = rows, .cols = cols, .utf8 = utf8 };
	g->cells = calloc((size_t)rows * (size_t)cols + 1, sizeof *g->cells);
	if (g->cells)
		grid_clear(g);
	return g->cells != NULL;
}

void grid_release(struct grid *g)
{
	free(g->cells);
	*g = (struct grid){ .cells = NULL };
}

void grid_clear(struct grid *g)
{
	for (size_t i = 0; i < (size_t)g->rows * (size_t)g->cols; i++)
		g->cells[i] = (struct grid_cell){ .text = " " };
}

static struct grid_cell *cell(const struct grid *g, int row, int col)
{
	return &g->cells[(size_t)row * (size_t)g->cols + (size_t)col];
}

const struct grid_cell *grid_at(const struct grid *g, int row, int col)
{
	return cell(g, row, col);
}

/* The next character that is shown, as text, and how many columns it takes.  0: the end. */
static int next_shown(const char **p, bool utf8, char text[static GLYPH_SIZE])
{
	while (**p) {
		int width = glyph_take(p, text);
		if (!utf8 && (text[0] & 0x80) != 0) {
			stpcpy(text, "?");
			return 1;
		}
		if (width > 0) /* else an accent without its letter's cell */
			return width;
	}
	return 0;
}

int text_columns(const char *text, bool utf8)
{
	char shown[GLYPH_SIZE];
	int total = 0;
	for (int width; (width = next_shown(&text, utf8, shown)) > 0;)
		total += width;
	return total;
}

int grid_text(struct grid *g, int row, int col, int width, unsigned style, const char *text)
{
	if (row < 0 || row >= g->rows || col < 0 || col >= g->cols)
		return 0;
	if (width > g->cols - col)
		width = g->cols - col;
	bool cut = text_columns(text, g->utf8) > width;
	int at = 0, end = cut ? width - 1 : width, wide;
	char shown[GLYPH_SIZE];
	while ((wide = next_shown(&text, g->utf8, shown)) > 0 && at + wide <= end) {
		struct grid_cell *c = cell(g, row, col + at);
		*c = (struct grid_cell){ .style = (uint8_t)style };
		memcpy(c->text, shown, sizeof shown);
		for (int i = 1; i < wide; i++)
			c[i] = (struct grid_cell){ .style = (uint8_t)style };
		at += wide;
	}
	if (cut && at < width)
		grid_glyph(g, row, col + at++, style, "\u2026", '~');
	return at;
}

int grid_right(struct grid *g, int row, int col, int width, unsigned style, const char *text)
{
	int columns = text_columns(text, g->utf8);
	int left = columns < width ? width - columns : 0;
	return left + grid_text(g, row, col + left, width - left, style, text);
}

int grid_printf(struct grid *g, int row, int col, int width, unsigned style, const char *format, ...)
{
	char text[1024];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	return grid_text(g, row, col, width, style, text);
}

void grid_glyph(struct grid *g, int row, int col, unsigned style, const char *utf8, char ascii)
{
	if (row < 0 || row >= g->rows || col < 0 || col >= g->cols)
		return;
	struct grid_cell *c = cell(g, row, col);
	*c = (struct grid_cell){ .text = { ascii }, .style = (uint8_t)style };
	if (g->utf8)
		snprintf(c->text, sizeof c->text, "%s", utf8);
}

void grid_set_style(struct grid *g, int row, unsigned style)
{
	for (int i = 0; row >= 0 && row < g->rows && i < g->cols; i++)
		cell(g, row, i)->style = (uint8_t)style;
}

size_t grid_line(const struct grid *g, int row, char *line)
{
	char *to = line, *end = line;
	for (int col = 0; col < g->cols; col++) {
		const char *text = cell(g, row, col)->text;
		to = stpcpy(to, text);
		if (text[0] && text[0] != ' ')
			end = to;
	}
	*end = '\0';
	return (size_t)(end - line);
}

bool locale_is_utf8(void)
{
	setlocale(LC_CTYPE, "");
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}
