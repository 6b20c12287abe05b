/* The command line, read by the table of options (schema/base/option_table.h).  Which command takes which: main.c. */
#ifndef QUERY_OPTION_H
#define QUERY_OPTION_H

#include "query/read/range.h"
#include "schema/base/option_table.h"

#include <stdio.h>

/* DRAWN is what a command prefers that draws for the eye and has no rows to print. */
enum format { FORMAT_AUTO, FORMAT_TABLE, FORMAT_TSV, FORMAT_CSV, FORMAT_JSON, FORMAT_NDJSON, FORMAT_DRAWN };
enum time_form { TIME_RFC3339, TIME_S, TIME_MS, TIME_US };

/* What more than one command takes.  OPTIONS_FORM: forms of rows and times, for every command that prints rows. */
#define OPTIONS_RANGE (OPTION_SET(OPTION_SINCE) | OPTION_SET(OPTION_UNTIL))
#define OPTIONS_FORM                                                                                                               \
	(OPTION_SET(OPTION_TABLE) | OPTION_SET(OPTION_TSV) | OPTION_SET(OPTION_CSV) | OPTION_SET(OPTION_JSON) |                    \
	 OPTION_SET(OPTION_NDJSON) | OPTION_SET(OPTION_TIME_FORMAT))

struct options {
	const char *db;      /* NULL: the default */
	const char *command; /* NULL: none given */
	const char **names;  /* owned array; the words after the command */
	size_t name_count;
	struct range range;
	int64_t rows;       /* -1: not given */
	struct interval interval; /* count and us 0: not given */
	int64_t offset_us;
	const char *since, *until, *every; /* as written: what they mean depends on --tz and --offset; NULL: not given */
	const char *output; /* NULL: stdout */
	const char *packer; /* the program that packs `output`, by its ending; NULL: none */
	int64_t max_age_us; /* -1: not given */
	int64_t stale_us;   /* wait until a market is so old; -1: not given */
	option_set used;    /* the options that were given */
	int output_fd;      /* the open descriptor that `output` names; -1: it names a file */
	enum format format;
	enum format output_format; /* by the ending of `output`; FORMAT_AUTO: it tells nothing */
	enum time_form time_form;
	enum picture { PICTURE_NONE, PICTURE_SVG, PICTURE_HTML } picture; /* of a chart, into `output` */
	bool follow, fill, require_complete, prometheus, once, ascii, help, version;
	bool gap;           /* wait for one */
};

/* false: wrong usage, err says what.  Checks nothing that depends on the command: see options_fit. */
bool options_parse(struct options *o, int argc, char **argv, int64_t now_us, struct err *err) MUST_CHECK;
void options_release(struct options *o);

/* Are all the options given among `allowed`, and do they go together? */
bool options_fit(const struct options *o, option_set allowed, struct err *err) MUST_CHECK;

/* The option rows that a command with `allowed` takes, then those that go with every command. */
void options_help(FILE *to, option_set allowed);

#endif
