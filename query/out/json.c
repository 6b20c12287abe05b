/* JSON: one array, or one object a line.  Decimals and ids are strings, so that no reader rounds them; what is
 * not there is null. */
#include "query/out/out.h"

#include <string.h>

static void put_string(struct out *o, const char *text, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	char *start = out_reserve(o, 6 * len + 2), *to = start;
	*to++ = '"';
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c == '"' || c == '\\') {
			*to++ = '\\';
			*to++ = (char)c;
		} else if (c < 0x20) {
			to = stpcpy(to, "\\u00");
			*to++ = hex[c >> 4];
			*to++ = hex[c & 15];
		} else {
			*to++ = (char)c;
		}
	}
	*to++ = '"';
	o->len += (size_t)(to - start);
}

static void put_cell(struct out *o, enum cell_kind kind, const struct cell *cell)
{
	if (cell->len == 0) { /* what is not there, whatever it would be */
		out_put(o, "null", 4);
	} else if (kind == CELL_TEXT) {
		put_string(o, cell->text, cell->len);
	} else if (kind == CELL_INTEGER) {
		out_put(o, cell->text, cell->len);
	} else {
		char *to = out_reserve(o, cell->len + 2);
		*to++ = '"';
		memcpy(to, cell->text, cell->len);
		to[cell->len] = '"';
		o->len += cell->len + 2;
	}
}

static void put_object(struct out *o, const struct cell *cells)
{
	for (size_t i = 0; i < o->column_count; i++) {
		const char *name = o->columns[i].name; /* ours: plain letters */
		char *start = out_reserve(o, strlen(name) + 5);
		char *to = stpcpy(stpcpy(stpcpy(start, i == 0 ? "{\"" : ",\""), name), "\":");
		o->len += (size_t)(to - start);
		put_cell(o, o->columns[i].kind, &cells[i]);
	}
	out_put(o, "}", 1);
}

static void array_begin(struct out *o)
{
	out_put(o, "[", 1);
}

static void array_row(struct out *o, const struct cell *cells)
{
	out_puts(o, o->rows == 0 ? "\n" : ",\n");
	put_object(o, cells);
}

static void array_end(struct out *o)
{
	out_puts(o, o->rows == 0 ? "]\n" : "\n]\n");
}

static void nothing(struct out *o)
{
	(void)o;
}

static void line_row(struct out *o, const struct cell *cells)
{
	put_object(o, cells);
	out_put(o, "\n", 1);
}

const struct presenter present_json = { array_begin, array_row, NULL, array_end };
const struct presenter present_ndjson = { nothing, line_row, NULL, nothing };
