/* A screen or a page of text as cells, drawn without a terminal: the views draw here, and terminal.c or stdout shows it.
 * One thread.
 *
 * What comes from the tape may be hostile or wide: grid_text lets nothing through that could steer a terminal, and counts
 * columns as the terminal will. */
#ifndef QUERY_SCREEN_GRID_H
#define QUERY_SCREEN_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A style is one colour and any of the bits. */
enum {
	STYLE_PLAIN, STYLE_UP, STYLE_DOWN, STYLE_WARN, STYLE_COLORS,
	STYLE_COLOR_MASK = 7,
	STYLE_BOLD = 8,
	STYLE_DIM = 16,
	STYLE_REVERSE = 32,
};

struct grid_cell {
	char text[5];  /* one character as UTF-8, and NUL; "" in the right half of a wide one */
	uint8_t style;
};

struct grid {
	int rows, cols;
	bool utf8; /* else ASCII alone is drawn */
	struct grid_cell *cells; /* owned; rows * cols */
};

bool grid_init(struct grid *g, int rows, int cols, bool utf8); /* blank; false: out of memory */
void grid_release(struct grid *g);
void grid_clear(struct grid *g);
const struct grid_cell *grid_at(const struct grid *g, int row, int col);

/* Draws at most `width` columns, the last of them a mark where the text is longer.  Returns how many were drawn.
 * Outside of the grid nothing is drawn. */
int grid_text(struct grid *g, int row, int col, int width, unsigned style, const char *text);
int grid_right(struct grid *g, int row, int col, int width, unsigned style, const char *text); /* at its right edge */
int grid_printf(struct grid *g, int row, int col, int width, unsigned style, const char *format, ...)
	__attribute__((format(printf, 6, 7)));
void grid_glyph(struct grid *g, int row, int col, unsigned style, const char *utf8, char ascii); /* one column wide */
void grid_set_style(struct grid *g, int row, unsigned style); /* of a whole row, in place of what it had */

int text_columns(const char *text, bool utf8); /* that grid_text would need */
/* A row without the blanks at its end, as text; `line` holds cols * 4 + 1 bytes.  Returns the length. */
size_t grid_line(const struct grid *g, int row, char *line);

/* Does the locale (LC_CTYPE is set from the environment here) show UTF-8? */
bool locale_is_utf8(void);

#endif
