/* Comma-separated with a header (RFC 4180, but lines end in LF), and tab-separated without one. */
#include "query/out/out.h"

#include <string.h>

static void put_quoted(struct out *o, const char *text, size_t len)
{
	char *start = out_reserve(o, 2 * len + 2), *to = start;
	*to++ = '"';
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '"')
			*to++ = '"';
		*to++ = text[i];
	}
	*to++ = '"';
	o->len += (size_t)(to - start);
}

static bool wants_quotes(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] == ',' || text[i] == '"' || text[i] == '\n' || text[i] == '\r')
			return true;
	return false;
}

static void put_plain(struct out *o, const struct cell *cell, char after)
{
	char *to = out_reserve(o, cell->len + 1);
	memcpy(to, cell->text, cell->len);
	to[cell->len] = after;
	o->len += cell->len + 1;
}

static void csv_begin(struct out *o)
{
	for (size_t i = 0; i < o->column_count; i++) {
		out_puts(o, o->columns[i].name);
		out_put(o, i + 1 < o->column_count ? "," : "\n", 1);
	}
}

static void csv_row(struct out *o, const struct cell *cells)
{
	for (size_t i = 0; i < o->column_count; i++) {
		char after = i + 1 < o->column_count ? ',' : '\n';
		if (o->columns[i].kind == CELL_TEXT && wants_quotes(cells[i].text, cells[i].len)) {
			put_quoted(o, cells[i].text, cells[i].len);
			out_put(o, &after, 1);
		} else {
			put_plain(o, &cells[i], after);
		}
	}
}

static void nothing(struct out *o)
{
	(void)o;
}

static void tsv_row(struct out *o, const struct cell *cells)
{
	for (size_t i = 0; i < o->column_count; i++) {
		size_t start = o->len;
		put_plain(o, &cells[i], i + 1 < o->column_count ? '\t' : '\n');
		if (o->columns[i].kind == CELL_TEXT) /* a row stays a row */
			for (char *p = o->data + start; p < o->data + o->len - 1; p++)
				if (*p == '\t' || *p == '\n' || *p == '\r')
					*p = ' ';
	}
}

const struct presenter present_csv = { csv_begin, csv_row, NULL, nothing };
const struct presenter present_tsv = { nothing, tsv_row, NULL, nothing };
