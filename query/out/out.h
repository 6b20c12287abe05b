/* Where rows go: one buffer, written with write(2), and the form that they take (a presenter).  One thread.
 *
 * out_open, out_columns, rows, out_finish; out_discard instead of the last where the answer is not to stand.  A write
 * that fails is remembered and told by out_finish; out_stopped says early that no more rows are wanted. */
#ifndef QUERY_OUT_OUT_H
#define QUERY_OUT_OUT_H

#include "query/option.h"
#include "query/out/out_pack.h"

enum cell_kind {
	CELL_TEXT,    /* anything: quoted or escaped where the form asks for it */
	CELL_WORD,    /* text that never needs it: times, sides */
	CELL_DECIMAL, /* digits that JSON shows as a string: prices, sizes, ids */
	CELL_INTEGER, /* a number in JSON, too */
	CELL_TIME,    /* becomes CELL_WORD or CELL_INTEGER by the form of times */
};

struct column {
	const char *name;
	enum cell_kind kind;
};

struct cell {
	const char *text;
	size_t len; /* 0: there is nothing; null in JSON, whatever the kind */
};

#define COLUMNS_MAX 24

struct out;
struct table; /* rows held back until the widths are known: out_table.c */

struct presenter {
	void (*begin)(struct out *o);                          /* columns are set */
	void (*row)(struct out *o, const struct cell *cells);  /* one cell a column */
	void (*flush)(struct out *o);                          /* NULL: holds nothing back */
	void (*end)(struct out *o);
};

struct out {
	const struct presenter *presenter;
	enum time_form time_form;
	struct column columns[COLUMNS_MAX];
	size_t column_count;
	uint64_t rows;
	char *data; /* owned */
	size_t len, size;
	struct table *table; /* owned; NULL but for tables */
	int fd;              /* owned, and closed at the end */
	struct pack pack;
	int write_errno;     /* the first failure; EPIPE: the reader has gone */
	char *target;        /* owned; NULL: stdout, or another open descriptor */
	char *beside;        /* owned; the name until it is whole; NULL: written in place (a device, a pipe) */
};

/* false: -o names the tape, or a file beside it that belongs to it; nothing was opened. */
bool out_spares(const struct options *options, const char *tape, struct err *err) MUST_CHECK;
bool out_open(struct out *o, const struct options *options, enum format preferred, struct err *err) MUST_CHECK;
/* Once, before the first row. */
void out_columns(struct out *o, const struct column *columns, size_t count);
void out_row(struct out *o, const struct cell *cells);
void out_flush(struct out *o);        /* all that was put, to the file */
bool out_stopped(const struct out *o); /* nothing more can be written */
bool out_closed(const struct out *o);  /* the reader of a pipe has gone: no error */
/* Ends the form, writes what is left, gives the file its name.  false: err says what failed. */
bool out_finish(struct out *o, struct err *err) MUST_CHECK;
void out_discard(struct out *o); /* after out_finish, too; a file in the making goes */

/* For presenters: room for `more` bytes, to be filled by hand. */
char *out_reserve(struct out *o, size_t more);
void out_put(struct out *o, const char *text, size_t len);
void out_puts(struct out *o, const char *text);

extern const struct presenter present_table, present_tsv, present_csv, present_json, present_ndjson;
void table_free(struct table *t);

/* Text for cells; each returns the length and ends with NUL. */
#define INTEGER_TEXT_SIZE 24
size_t integer_format(int64_t value, char text[static INTEGER_TEXT_SIZE]);
size_t time_cell(int64_t time_us, enum time_form form, char text[static TIME_TEXT_SIZE]);

#endif
