/* Columns for the eye.  The first rows are held back until their widths are known; a later, wider cell widens its column
 * from there on, so that a table of any length streams. */
#include "query/screen/glyph.h"
#include "query/out/out.h"

#include <stdlib.h>
#include <string.h>

#define HELD_ROWS 1000
#define GAP "  "

struct table {
	size_t width[COLUMNS_MAX];
	char *held;    /* owned; the held rows' cells, each with NUL behind it */
	size_t len, size;
	size_t rows;
	bool open;     /* the header is out, rows go straight through */
};

void table_free(struct table *t)
{
	if (t)
		free(t->held);
	free(t);
}

/* Columns on the screen, not bytes. */
static size_t text_width(const char *text, size_t len)
{
	size_t width = 0;
	char shown[GLYPH_SIZE];
	for (const char *p = text; p < text + len;)
		width += (size_t)glyph_take(&p, shown);
	return width;
}

static void put_cell(struct out *o, size_t column, const char *text, size_t len)
{
	struct table *t = o->table;
	bool right = o->columns[column].kind == CELL_DECIMAL || o->columns[column].kind == CELL_INTEGER;
	bool last = column + 1 == o->column_count;
	size_t width = text_width(text, len);
	if (width > t->width[column])
		t->width[column] = width;
	size_t pad = t->width[column] - width;
	char *start = out_reserve(o, 3 * len + pad + sizeof GAP), *to = start; /* a byte that is no UTF-8 becomes U+FFFD */
	if (column > 0)
		to = stpcpy(to, GAP);
	if (right)
		to = (char *)memset(to, ' ', pad) + pad;
	for (const char *p = text; p < text + len;) {
		char shown[GLYPH_SIZE];
		glyph_take(&p, shown);
		to = stpcpy(to, shown);
	}
	if (!right && !last)
		to = (char *)memset(to, ' ', pad) + pad;
	if (last)
		*to++ = '\n';
	o->len += (size_t)(to - start);
}

static void table_begin(struct out *o)
{
	o->table = calloc(1, sizeof *o->table);
	if (!o->table)
		abort();
	for (size_t i = 0; i < o->column_count; i++)
		o->table->width[i] = strlen(o->columns[i].name);
}

static void release_rows(struct out *o)
{
	struct table *t = o->table;
	if (t->open)
		return;
	t->open = true;
	for (size_t i = 0; i < o->column_count; i++)
		put_cell(o, i, o->columns[i].name, strlen(o->columns[i].name));
	const char *cell = t->held;
	for (size_t row = 0; row < t->rows; row++) {
		for (size_t i = 0; i < o->column_count; i++) {
			size_t len = strlen(cell);
			put_cell(o, i, cell, len);
			cell += len + 1;
		}
	}
	free(t->held);
	t->held = NULL;
}

static void table_row(struct out *o, const struct cell *cells)
{
	struct table *t = o->table;
	if (!t->open && t->rows == HELD_ROWS)
		release_rows(o);
	if (t->open) {
		for (size_t i = 0; i < o->column_count; i++)
			put_cell(o, i, cells[i].text, cells[i].len);
		return;
	}
	for (size_t i = 0; i < o->column_count; i++) {
		size_t width = text_width(cells[i].text, cells[i].len), need = t->len + cells[i].len + 1;
		if (width > t->width[i])
			t->width[i] = width;
		if (need > t->size) {
			size_t size = 2 * need;
			char *held = realloc(t->held, size);
			if (!held)
				abort();
			t->held = held;
			t->size = size;
		}
		memcpy(t->held + t->len, cells[i].text, cells[i].len);
		t->held[need - 1] = '\0';
		t->len = need;
	}
	t->rows++;
}

const struct presenter present_table = { table_begin, table_row, release_rows, release_rows };
