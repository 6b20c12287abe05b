/* The command line: one table of options that parses, prints the help, and says which command takes which. */
#ifndef QUERY_OPTION_H
#define QUERY_OPTION_H

#include "query/read/range.h"

#include <stdio.h>

/* DRAWN is what a command prefers that draws for the eye and has no rows to print. */
enum format { FORMAT_AUTO, FORMAT_TABLE, FORMAT_TSV, FORMAT_CSV, FORMAT_JSON, FORMAT_NDJSON, FORMAT_DRAWN };
enum time_form { TIME_RFC3339, TIME_S, TIME_MS, TIME_US };

/* Bits of struct command.options.  Options without a bit go with every command. */
enum {
	OPTION_ROWS = 1 << 0,
	OPTION_SINCE = 1 << 1,
	OPTION_FOLLOW = 1 << 2,
	OPTION_INTERVAL = 1 << 3,
	OPTION_OUTPUT = 1 << 4,
	OPTION_MAX_AGE = 1 << 5,
	OPTION_COMPLETE = 1 << 6,
	OPTION_UNTIL = 1 << 7,
	OPTION_ONCE = 1 << 8,
	OPTION_ASCII = 1 << 9,
	OPTION_FORM = 1 << 10, /* forms of rows and times: every command that prints rows */
	OPTION_RANGE = OPTION_SINCE | OPTION_UNTIL,
};

struct options {
	const char *db;      /* NULL: the default */
	const char *command; /* NULL: none given */
	const char **names;  /* owned array; the words after the command */
	size_t name_count;
	enum format format;
	enum time_form time_form;
	struct range range;
	int64_t rows;       /* -1: not given */
	bool follow;
	const struct interval *interval; /* NULL: not given */
	const char *output; /* NULL: stdout */
	int output_fd;      /* the open descriptor that `output` names; -1: it names a file */
	enum format output_format; /* by the ending of `output`; FORMAT_AUTO: it tells nothing */
	int64_t max_age_us; /* -1: not given */
	bool require_complete;
	bool once, ascii;
	bool help, version;
	unsigned used;                   /* bits of the options that were given */
	const char *used_name[11];        /* by bit: the option as it was written, for messages */
};

/* false: wrong usage, err says what.  Checks nothing that depends on the command: see options_fit. */
bool options_parse(struct options *o, int argc, char **argv, int64_t now_us, struct err *err) MUST_CHECK;
void options_release(struct options *o);

/* Are all the options given among `allowed`, and do they go together? */
bool options_fit(const struct options *o, unsigned allowed, struct err *err) MUST_CHECK;

/* The option rows that a command with `allowed` takes, then those that go with every command. */
void options_help(FILE *to, unsigned allowed);

#endif
