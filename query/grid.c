#include "query/grid.h"

#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define REPLACEMENT 0xFFFD

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

/* The character at *p, which moves on; U+FFFD for what is no UTF-8. */
static uint32_t decode(const char **p)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	const unsigned char *s = (const unsigned char *)*p;
	(*p)++;
	if (s[0] < 0x80)
		return s[0];
	int more = s[0] >= 0xC2 && s[0] < 0xE0 ? 1 : s[0] >= 0xE0 && s[0] < 0xF0 ? 2 : s[0] >= 0xF0 && s[0] < 0xF5 ? 3 : 0;
	if (more == 0)
		return REPLACEMENT;
	uint32_t c = s[0] & (0x3FU >> more);
	for (int i = 1; i <= more; i++) {
		if ((s[i] & 0xC0) != 0x80)
			return REPLACEMENT;
		c = c << 6 | (s[i] & 0x3F);
	}
	if (c < least[more] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
		return REPLACEMENT;
	*p += more;
	return c;
}

static void encode(uint32_t c, char text[static 5])
{
	size_t n = 0;
	if (c < 0x80) {
		text[n++] = (char)c;
	} else if (c < 0x800) {
		text[n++] = (char)(0xC0 | c >> 6);
	} else if (c < 0x10000) {
		text[n++] = (char)(0xE0 | c >> 12);
		text[n++] = (char)(0x80 | (c >> 6 & 0x3F));
	} else {
		text[n++] = (char)(0xF0 | c >> 18);
		text[n++] = (char)(0x80 | (c >> 12 & 0x3F));
		text[n++] = (char)(0x80 | (c >> 6 & 0x3F));
	}
	if (c >= 0x80)
		text[n++] = (char)(0x80 | (c & 0x3F));
	text[n] = '\0';
}

/* Turns the direction of writing, joins, or cannot be seen: what makes one name look like another. */
static bool steers(uint32_t c)
{
	return (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
	       c == 0x061C || c == 0xAD || (c >= 0xE0000 && c <= 0xE0FFF);
}

/* The next character that is shown, as text, and how many columns it takes.  0: the end. */
static int next_shown(const char **p, bool utf8, char text[static 5])
{
	while (**p) {
		uint32_t c = decode(p);
		int width = c < 0x20 || (c >= 0x7F && c < 0xA0) || steers(c) ? -1 : c < 0x7F ? 1 : wcwidth((wchar_t)c);
		if (!utf8 && c >= 0x7F) {
			stpcpy(text, "?");
			return 1;
		}
		if (width == 0) /* an accent without its letter's cell */
			continue;
		encode(width < 0 ? '?' : c, text);
		return width < 0 ? 1 : width;
	}
	return 0;
}

int text_columns(const char *text, bool utf8)
{
	char shown[5];
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
	char shown[5];
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
