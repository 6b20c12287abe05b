#include "query/option.h"

#include "query/out/out_name.h"
#include "query/words.h"

#include <stdlib.h>
#include <string.h>

enum key {
	KEY_DB, KEY_TABLE, KEY_TSV, KEY_CSV, KEY_JSON, KEY_NDJSON, KEY_TIME_FORMAT, KEY_ROWS, KEY_SINCE, KEY_UNTIL,
	KEY_FOLLOW, KEY_INTERVAL, KEY_OUTPUT, KEY_MAX_AGE, KEY_COMPLETE, KEY_ONCE, KEY_ASCII, KEY_HELP, KEY_VERSION,
};

static const struct option_row {
	enum key key;
	unsigned bit;    /* 0: goes with every command */
	char letter;     /* 0: none */
	const char *name;
	const char *arg; /* NULL: takes none */
	const char *help;
} rows[] = {
	{ KEY_ROWS, OPTION_ROWS, 'n', "rows", "N", "the newest N only" },
	{ KEY_SINCE, OPTION_SINCE, 0, "since", "T", "from T on: RFC 3339 (UTC without a zone), a date, 09:00, now, today,\n"
	  "yesterday, monday, -8h or -90m before now, an epoch in s, ms or us" },
	{ KEY_UNTIL, OPTION_UNTIL, 0, "until", "T", "up to T, which is not in it" },
	{ KEY_FOLLOW, OPTION_FOLLOW, 'f', "follow", NULL, "go on: print trades as they are recorded" },
	{ KEY_INTERVAL, OPTION_INTERVAL, 'i', "interval", "I", "1s 5s 15s 30s 1m 3m 5m 15m 30m 1h 4h 1d 1w (from Monday); UTC" },
	{ KEY_OUTPUT, OPTION_OUTPUT, 'o', "output", "FILE", "write to FILE, which appears when it is whole; its ending .csv, .tsv, .json\n"
	  "or .ndjson is its form, if none is asked for" },
	{ KEY_MAX_AGE, OPTION_MAX_AGE, 0, "max-age", "SPAN", "exit with 4 if the last trade of a market is older: 10s, 5m, 1h\n"
	  "(status: or the recorder's last sign of life).  A trade is as old as\n"
	  "its own time says, at least as its receipt; more than a minute ahead\n"
	  "of this clock is stale, too.  A market that is no longer recorded\n"
	  "counts only where it is named" },
	{ KEY_COMPLETE, OPTION_COMPLETE, 0, "require-complete", NULL, "exit with 4 if the recording has a gap in what was asked" },
	{ KEY_ONCE, OPTION_ONCE, '1', "once", NULL, "print one frame as plain text and end; needs no terminal" },
	{ KEY_ASCII, OPTION_ASCII, 0, "ascii", NULL, "draw with plain ASCII, as where the locale is not UTF-8" },
	{ KEY_DB, 0, 'd', "db", "FILE", "the tape; else $TAPEDECK_DB, else\n$XDG_DATA_HOME/tapedeck/tape.db (~/.local/share/...)" },
	{ KEY_TABLE, OPTION_FORM, 0, "table", NULL, "columns for the eye (at a terminal)" },
	{ KEY_TSV, OPTION_FORM, 0, "tsv", NULL, "tab-separated, without a header (when piped)" },
	{ KEY_CSV, OPTION_FORM, 0, "csv", NULL, "comma-separated, with a header" },
	{ KEY_JSON, OPTION_FORM, 0, "json", NULL, "one array of objects; decimals and ids are strings" },
	{ KEY_NDJSON, OPTION_FORM, 0, "ndjson", NULL, "one object a line" },
	{ KEY_TIME_FORMAT, OPTION_FORM, 0, "time-format", "FORM", "rfc3339, or integers: s, ms, us" },
	{ KEY_HELP, 0, 'h', "help", NULL, "this text; after a command, that command's" },
	{ KEY_VERSION, 0, 0, "version", NULL, "print the version" },
};
#define ROW_COUNT (sizeof rows / sizeof *rows)

static const struct option_row *find_name(const char *name, size_t len)
{
	for (size_t i = 0; i < ROW_COUNT; i++)
		if (strlen(rows[i].name) == len && strncmp(rows[i].name, name, len) == 0)
			return &rows[i];
	return NULL;
}

static const struct option_row *find_letter(char letter)
{
	for (size_t i = 0; i < ROW_COUNT; i++)
		if (rows[i].letter == letter)
			return &rows[i];
	return NULL;
}

/* `wrong` as it stands on the command line, with its dashes. */
static bool no_option(const char *wrong, struct err *err)
{
	const char *names[ROW_COUNT];
	char word[32];
	for (size_t i = 0; i < ROW_COUNT; i++)
		names[i] = rows[i].name;
	snprintf(word, sizeof word, "%s", wrong + strspn(wrong, "-"));
	const char *meant = option_meant(word, names, ROW_COUNT);
	return err_set(err, "there is no option %s%s%s%s", wrong, meant ? "; did you mean --" : "", meant ? meant : "", meant ? "?" : "");
}

static bool set_format(struct options *o, enum format format, struct err *err)
{
	if (o->format != FORMAT_AUTO && o->format != format)
		return err_set(err, "more than one output format is asked for");
	o->format = format;
	return true;
}

static bool set_time_form(struct options *o, const char *value, struct err *err)
{
	static const char *const names[] = { [TIME_RFC3339] = "rfc3339", [TIME_S] = "s", [TIME_MS] = "ms", [TIME_US] = "us" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strcmp(names[i], value) == 0) {
			o->time_form = (enum time_form)i;
			return true;
		}
	}
	return err_set(err, "--time-format is rfc3339, s, ms or us, not '%s'", value);
}

static bool set_rows(struct options *o, const char *value, struct err *err)
{
	char *end;
	long long n = strtoll(value, &end, 10);
	if (value[0] < '0' || value[0] > '9' || *end || n == INT64_MAX)
		return err_set(err, "-n takes a number of rows, not '%s'", value);
	o->rows = n;
	return true;
}

static bool apply(struct options *o, const struct option_row *row, const char *value, int64_t now_us, struct err *err)
{
	switch (row->key) {
	case KEY_DB:
		o->db = value;
		return value[0] || err_set(err, "--db takes the name of a file");
	case KEY_TABLE:
		return set_format(o, FORMAT_TABLE, err);
	case KEY_TSV:
		return set_format(o, FORMAT_TSV, err);
	case KEY_CSV:
		return set_format(o, FORMAT_CSV, err);
	case KEY_JSON:
		return set_format(o, FORMAT_JSON, err);
	case KEY_NDJSON:
		return set_format(o, FORMAT_NDJSON, err);
	case KEY_TIME_FORMAT:
		return set_time_form(o, value, err);
	case KEY_ROWS:
		return set_rows(o, value, err);
	case KEY_SINCE:
		o->range.has_from = true;
		return range_time(value, now_us, &o->range.from_us, err) || err_wrap(err, "--since");
	case KEY_UNTIL:
		o->range.has_to = true;
		return range_time(value, now_us, &o->range.to_us, err) || err_wrap(err, "--until");
	case KEY_FOLLOW:
		o->follow = true;
		return true;
	case KEY_INTERVAL:
		o->interval = interval_find(value);
		return o->interval || err_set(err, "'%s' is no interval; there are 1s 5s 15s 30s 1m 3m 5m 15m 30m 1h 4h 1d 1w", value);
	case KEY_OUTPUT:
		o->output = value;
		return out_name_take(value, &o->output_fd, &o->output_format, err);
	case KEY_MAX_AGE:
		return range_span(value, &o->max_age_us) || err_set(err, "--max-age takes a span as 10s, 5m or 1h, not '%s'", value);
	case KEY_COMPLETE:
		o->require_complete = true;
		return true;
	case KEY_ONCE:
		o->once = true;
		return true;
	case KEY_ASCII:
		o->ascii = true;
		return true;
	case KEY_HELP:
		o->help = true;
		return true;
	case KEY_VERSION:
		o->version = true;
		return true;
	}
	return false;
}

/* `written` is the option as it stands on the command line, without a value. */
static bool take(struct options *o, const struct option_row *row, const char *written, const char *value, int64_t now_us,
                 struct err *err)
{
	o->used |= row->bit;
	for (unsigned i = 0; i < sizeof o->used_name / sizeof *o->used_name; i++)
		if (row->bit == 1U << i)
			o->used_name[i] = row->name;
	if (row->arg && !value)
		return err_set(err, "%s wants a value: %s %s", written, written, row->arg);
	return apply(o, row, value, now_us, err);
}

/* One argument that begins with -; *index moves on when it takes the next one as its value. */
static bool take_argument(struct options *o, int argc, char **argv, int *index, int64_t now_us, struct err *err)
{
	const char *text = argv[*index];
	if (text[1] == '-') {
		size_t len = strcspn(text + 2, "=");
		const struct option_row *row = find_name(text + 2, len);
		const char *value = text[2 + len] ? text + 3 + len : NULL;
		if (!row) {
			char wrong[64];
			snprintf(wrong, sizeof wrong, "%.*s", (int)len + 2, text);
			return no_option(wrong, err);
		}
		if (value && !row->arg)
			return err_set(err, "--%s takes no value", row->name);
		if (row->arg && !value && *index + 1 < argc)
			value = argv[++*index];
		char written[32];
		snprintf(written, sizeof written, "--%s", row->name);
		return take(o, row, written, value, now_us, err);
	}
	for (const char *letter = text + 1; *letter; letter++) { /* -fn5 is -f -n 5 */
		const struct option_row *row = find_letter(*letter);
		const char written[] = { '-', *letter, '\0' };
		if (!row)
			return no_option(written, err);
		const char *value = NULL;
		if (row->arg && letter[1])
			value = letter + 1;
		else if (row->arg && *index + 1 < argc)
			value = argv[++*index];
		if (!take(o, row, written, value, now_us, err))
			return false;
		if (row->arg)
			break;
	}
	return true;
}

bool options_parse(struct options *o, int argc, char **argv, int64_t now_us, struct err *err)
{
	*o = (struct options){ .rows = -1, .max_age_us = -1, .output_fd = -1, .range = { .from_us = 0, .to_us = TIME_US_MAX + 1 } };
	o->names = calloc((size_t)argc + 1, sizeof *o->names);
	if (!o->names)
		return err_set(err, "out of memory");
	bool only_names = false, ok = true;
	for (int i = 1; ok && i < argc; i++) {
		if (!only_names && strcmp(argv[i], "--") == 0) {
			only_names = true;
		} else if (!only_names && argv[i][0] == '-' && argv[i][1]) {
			ok = take_argument(o, argc, argv, &i, now_us, err);
			for (int k = i + 1; !ok && !o->command && k < argc; k++) /* whose help tells more? */
				if (argv[k][0] != '-')
					o->command = argv[k];
		} else if (only_names && find_name(argv[i], strlen(argv[i]))) {
			ok = err_set(err, "'-- %s' has a blank in it; did you mean --%s?", argv[i], argv[i]);
		} else if (!o->command) {
			o->command = argv[i];
		} else {
			o->names[o->name_count++] = argv[i];
		}
	}
	return ok;
}

void options_release(struct options *o)
{
	free(o->names);
	o->names = NULL;
}

bool options_fit(const struct options *o, unsigned allowed, struct err *err)
{
	for (unsigned i = 0; i < sizeof o->used_name / sizeof *o->used_name; i++)
		if ((o->used & ~allowed) & 1U << i)
			return err_set(err, "'%s' takes no --%s", o->command, o->used_name[i]);
	if (o->follow && o->max_age_us >= 0)
		return err_set(err, "--follow goes on and is never done with an answer that could be stale: it takes no --max-age");
	if (o->follow && o->require_complete)
		return err_set(err, "--follow prints trades before it is known what is missing: it takes no --require-complete");
	if (o->range.has_from && o->range.has_to && o->range.from_us > o->range.to_us)
		return err_set(err, "--since lies after --until");
	return true;
}

static void help_row(FILE *to, const struct option_row *row)
{
	char left[40];
	snprintf(left, sizeof left, "%c%c%s--%s%s%s", row->letter ? '-' : ' ', row->letter ? row->letter : ' ',
	         row->letter ? ", " : "  ", row->name, row->arg ? " " : "", row->arg ? row->arg : "");
	const char *line = row->help;
	for (const char *end; line; line = *end ? end + 1 : NULL) {
		end = line + strcspn(line, "\n");
		fprintf(to, "  %-24s %.*s\n", line == row->help ? left : "", (int)(end - line), line);
	}
}

void options_help(FILE *to, unsigned allowed)
{
	for (size_t i = 0; i < ROW_COUNT; i++)
		if (!rows[i].bit || rows[i].bit & allowed)
			help_row(to, &rows[i]);
}
