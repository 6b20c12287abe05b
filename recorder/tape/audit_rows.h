/* The exchange's totals beside the tape's: each that comes becomes a row of `audit` (schema/0006_audit.sql).  Recorder thread, in
 * the transaction at hand: what came before it in the queue is on the tape already, so the sum is of that very moment.
 *
 * A day's sum is made of its minute candles and of the trades of the last minute.  The exchange's total was true at some moment
 * between from_us and to_us; trades are taken one by one over that stretch, in their order, until the sums meet. */
#ifndef RECORDER_TAPE_AUDIT_ROWS_H
#define RECORDER_TAPE_AUDIT_ROWS_H

#include "schema/tape/fault.h"
#include "schema/value/exact.h"
#include "schema/value/trade.h"

struct audit_mark { /* a total, as it goes through the queue: plain values */
	int64_t day_from_us;    /* exchange's time, as the next two: its day began */
	int64_t from_us, to_us; /* the total was true at a moment from the one to the other, both in it */
	int64_t asked_wall_us;
	struct decimal volume;
};

enum audit_verdict { AUDIT_EQUAL, AUDIT_DIFFERS, AUDIT_UNPROVEN };

struct audit_rows {
	struct fault *fault; /* borrowed */
	sqlite3_stmt *cover, *gap, *minutes, *trades, *before, *put; /* owned */
};

bool audit_rows_init(struct audit_rows *b, sqlite3 *db, struct fault *fault, struct err *err) MUST_CHECK;
void audit_rows_release(struct audit_rows *b);

/* candle_1m must be what the trades say: candle_book_write first.  `name` is the market's, for the log.  false: see the fault. */
bool audit_rows_put(struct audit_rows *b, int64_t market_id, const char *name, struct id_rule rule,
                    const struct audit_mark *mark) MUST_CHECK;

#endif
