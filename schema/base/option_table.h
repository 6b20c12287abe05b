/* Every option of both programs, once: what parses it, what -h prints, what a wrong word meant.  Read-only; any thread.
 * README's tables are held against what -h prints (tests/house/options.py), so a text is written here first. */
#ifndef SCHEMA_BASE_OPTION_TABLE_H
#define SCHEMA_BASE_OPTION_TABLE_H

#include "schema/base/err.h"

#include <stdint.h>
#include <stdio.h>

enum option_id { /* in the order of -h */
	OPTION_DB,
	/* tapedeckd */
	OPTION_CONFIG, OPTION_WS_URL, OPTION_REST_URL, OPTION_CA_FILE, OPTION_BATCH_ROWS, OPTION_BATCH_MS, OPTION_QUEUE_ROWS, OPTION_SYNC, OPTION_FOR,
	OPTION_FILL_LIMIT, OPTION_BACKFILL_SINCE, OPTION_RENEW_AFTER, OPTION_AUDIT, OPTION_LOG_FORMAT, OPTION_SAMPLE_CONFIG, OPTION_CHECK_CONFIG,
	/* tapedeck */
	OPTION_ROWS, OPTION_SINCE, OPTION_UNTIL, OPTION_FOLLOW, OPTION_INTERVAL, OPTION_OFFSET, OPTION_FILL, OPTION_OUTPUT, OPTION_MAX_AGE, OPTION_REQUIRE_COMPLETE,
	OPTION_ONCE, OPTION_ASCII, OPTION_SVG, OPTION_HTML, OPTION_KEEP, OPTION_GAP, OPTION_STALE, OPTION_PROMETHEUS, OPTION_TABLE, OPTION_TSV, OPTION_CSV, OPTION_JSON, OPTION_NDJSON, OPTION_TIME_FORMAT, OPTION_TZ,
	OPTION_HELP, OPTION_VERSION,
	OPTION_COUNT
};

/* A set of options, as a command takes them. */
typedef uint64_t option_set;
#define OPTION_SET(id) (UINT64_C(1) << (id))

enum option_type {
	OPTION_FLAG,     /* takes no value */
	OPTION_TEXT,     /* what only its program understands */
	OPTION_NUMBER,   /* whole, in `unit`, from `min` to `max` */
	OPTION_DURATION, /* 90s, 1h30m: microseconds, from `min` on */
	OPTION_TIME,     /* a moment: microseconds since 1970 */
	OPTION_CHOICE,   /* one of `choices` */
};

enum option_program { OPTION_OF_TAPEDECKD = 1, OPTION_OF_TAPEDECK = 2, OPTION_OF_BOTH = 3 };

struct option_row {
	const char *name;
	char letter;          /* 0: none */
	enum option_type type;
	enum option_program programs;
	bool everywhere;      /* goes with every command of tapedeck */
	bool off;             /* of a duration: the word `off` is 0 */
	const char *value;    /* as -h names it; NULL: a flag */
	const char *unit;     /* of a number */
	const char *initial;  /* what holds where it is not given, as one would write it; NULL: see the help */
	int64_t min, max;
	const char *choices;  /* a|b|c */
	const char *alias;    /* a second name that works as well; NULL: none */
	const char *also;     /* other words for it, a blank before and behind each; NULL: none */
	const char *help;     /* lines for -h; it ends in `initial` by itself */
};

extern const struct option_row option_table[OPTION_COUNT];

/* The row of that name or letter, if the program has it; else OPTION_COUNT. */
enum option_id option_by_name(enum option_program program, const char *name, size_t len);
enum option_id option_by_letter(enum option_program program, char letter);
/* The option that `word` meant, dashes aside; OPTION_COUNT: nothing is near. */
enum option_id option_meant(enum option_program program, const char *word);

/* A value of an option of type NUMBER, DURATION, TIME or CHOICE (then its index).  false: err names the option, what it takes
 * and what it was given.  `now_us` is what -8h is before; only TIME looks at it. */
bool option_value(enum option_id id, const char *text, int64_t now_us, int64_t *value, struct err *err) MUST_CHECK;
/* That of `initial`, of NUMBER, DURATION or CHOICE. */
int64_t option_initial(enum option_id id);

void option_help(FILE *to, enum option_id id);

#endif
