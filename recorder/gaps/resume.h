/* What the tape says when the recorder starts: where each market stopped, and which gaps are open.  Read once by main,
 * before the other threads start; afterwards read-only, for the network thread. */
#ifndef RECORDER_GAPS_RESUME_H
#define RECORDER_GAPS_RESUME_H

#include "recorder/gaps/gap_row.h"
#include "recorder/gaps/reference.h"
#include "schema/base/err.h"
#include "schema/base/market_name.h"

#include <stdbool.h>
#include <stddef.h>

struct sqlite3;

struct resume_gap {
	struct gap_mark mark;
	int64_t older_ref_us; /* the newest trade before it, else the market's first; INT64_MIN: none */
	struct references older, newer; /* that came by socket right before it, and right behind */
};

struct resume_market {
	char exchange[EXCHANGE_NAME_SIZE], symbol[SYMBOL_SIZE];
	int64_t market_id;
	struct id_rule rule;
	int64_t oldest_us, newest_us; /* of its trades; INT64_MIN: it has none */
	int64_t arrived_us;           /* the time of that which arrived last, among those of the newest two minutes; 0: not known */
	int64_t newest_id;            /* where ids step, and not beyond a skip that is no gap yet; GAP_NO_ID: unknown */
	int64_t covered_to_us;        /* the end of its coverage; INT64_MIN: it has none */
	int64_t gaps_to_us;           /* the latest end of its gaps; INT64_MIN: none has one */
	int64_t before_newest_us;     /* the newest trade 5 s older than that at least; INT64_MIN: none */
	int64_t asked_since_us;       /* an earlier --backfill-since reached back to here; INT64_MAX: there was none */
	struct references recorded;   /* the newest trades that came by socket */
	struct resume_gap *gaps;      /* owned; the open ones */
	size_t gap_count;
};

struct resume_clock { /* of an exchange, as it was beside ours */
	char exchange[EXCHANGE_NAME_SIZE];
	int64_t ahead_us;
};

struct resume {
	struct resume_clock *clocks;   /* owned */
	size_t clock_count;
	struct resume_market *markets; /* owned */
	size_t count;
	int64_t last_gap_id;
	int64_t alive_us;              /* the recorder's last sign of life, by our clock; 0: there was none */
	int64_t stopped_us;            /* and its orderly stop; 0: it had none */
};

/* `now_us`: our clock; a trade of a time far beyond it is not taken for the newest.  false: the tape cannot be read. */
bool resume_load(struct resume *r, struct sqlite3 *db, int64_t now_us, struct err *err) MUST_CHECK;
void resume_release(struct resume *r);
const struct resume_market *resume_find(const struct resume *r, const char *exchange, const char *symbol); /* NULL: new */

#endif
