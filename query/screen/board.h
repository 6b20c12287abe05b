/* What the screen of `watch` shows, as numbers: every market's last price, changes, pace, and the recorder's health.
 * board.c calculates; board_read.c brings it up to date from the tape in small steps.  No terminal.  One thread.
 *
 * No snapshot outlives a step.  A tape that goes away, comes back or is replaced while it is watched is no failure: the
 * board says so (trouble, note) and goes on with what it can read. */
#ifndef QUERY_SCREEN_BOARD_H
#define QUERY_SCREEN_BOARD_H

#include "schema/value/exact.h"
#include "query/read/life.h"
#include "query/screen/pace.h"
#include "query/read/rows.h"

#define BOARD_MINUTES 64 /* kept of each market: the last hour, and what begins it */
#define SPARK_MINUTES 60

struct board_minute {
	int64_t minute, trades; /* trades 0: nothing is known of that minute */
	struct decimal close;
};

struct board_market {
	struct market market;
	bool loaded;    /* all but the pace */
	bool learned;   /* the pace, and the direction from before we looked */
	bool traded;    /* there is a last trade */
	bool received;  /* and lag_us does; else the last trade came by backfill */
	bool has_day, has_hour;
	bool unheard;   /* an open gap has no end yet: nothing of this market is being received */
	enum side side; /* of the last trade, as last_us, lag_us, price and size */
	int direction;  /* the last price that differed from the one before was higher: 1, lower: -1 */
	int64_t last_us, lag_us;
	struct decimal price, size;
	struct decimal day_price;  /* at midnight UTC: the last before it, else the first there is */
	struct decimal hour_price; /* an hour ago, likewise */
	struct board_minute minutes[BOARD_MINUTES]; /* at [minute % BOARD_MINUTES] */
	struct pace pace;
	int64_t learned_us;
	int64_t tail_minute, tail; /* trades of the minute before it that are of the last 60 seconds */
	int64_t open_gaps;
};

struct board_health {
	struct recorder_life life; /* as status and report see it */
	int64_t open_gaps;        /* of the markets that are wanted */
};

#define BOARD_WORDS 512

struct board {
	struct reader *reader;    /* borrowed; closed and opened again here */
	char *path;               /* owned */
	const char *const *names; /* borrowed; as on the command line */
	size_t name_count;
	struct board_market *markets; /* owned; by name */
	size_t count;
	struct board_health health;
	enum life life_seen;
	char trouble[BOARD_WORDS]; /* "" or why the tape cannot be read at present */
	char note[BOARD_WORDS];    /* "" or what happened lately */
	int64_t note_until_us;
	uint64_t version;          /* grows with every change of the numbers above */
	/* board_read.c's own */
	sqlite3_stmt *statements[9]; /* owned; of `db` */
	sqlite3 *db;              /* borrowed; the reader may open another */
	int64_t data_version, dev, ino, market_mark;
	/* of the last round; when the slow things were last read; when tails were counted; when to try again */
	int64_t minute, slow_us, tail_us, retry_us;
	size_t learn_at;
};

/* `r` is open.  The names are those of the command line, which the tape had when it was opened. */
bool board_init(struct board *b, struct reader *r, const char *const *names, size_t name_count, struct err *err) MUST_CHECK;
void board_release(struct board *b);
/* Reads what is new.  Afterwards either `trouble` is set or all is up to date. */
void board_step(struct board *b, int64_t now_us);
/* Something else that read the tape failed: all is closed, and tried again before long. */
void board_lost(struct board *b, int64_t now_us, const struct err *err);
void board_learn_all(struct board *b, int64_t now_us); /* at once, what board_step does little by little */
/* Says `words` on the screen for a while. */
void board_say(struct board *b, int64_t now_us, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* NAN: not known, or nothing was traded in that time. */
double board_day_change(const struct board_market *m, int64_t now_us);  /* percent since midnight UTC */
double board_hour_change(const struct board_market *m, int64_t now_us); /* percent over the last hour */
/* Trades of the last 60 s, counted to the second. */
int64_t board_per_minute(const struct board_market *m, int64_t now_us);
/* The price at the end of each of the last 60 minutes; NAN before the first that is known. */
void board_spark(const struct board_market *m, int64_t now_us, double values[static SPARK_MINUTES]);
/* Its last trade is dated so far ahead of our clock that its age is not to be known. */
bool board_ahead(const struct board_market *m, int64_t now_us);
/* Gone quiet beyond its habit.  While no recorder writes, none is: the silence is ours. */
bool board_quiet(const struct board *b, const struct board_market *m, int64_t now_us);
/* The middle one of the delays with which the last trades of the last minute were received; false: there are none. */
bool board_lag(const struct board *b, int64_t now_us, int64_t *lag_us);

/* board_health.c, for board_read.c: what the recorder says of itself; a note where it came, went or began anew. */
bool board_read_health(struct board *b, int64_t now_us, struct err *err) MUST_CHECK;
void board_tell_recorder(struct board *b, const struct board_health *before, int64_t now_us);

double decimal_double(const struct decimal *d); /* for places and shares, never for a price that is shown */
double exact_double(const struct exact *e);     /* likewise */

#endif
