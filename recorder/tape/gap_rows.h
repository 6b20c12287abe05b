/* The ledger of gaps on the tape: rows of `gap`, and the coverage that a filled gap gives.  Recorder thread; within the
 * transaction of the batch at hand. */
#ifndef RECORDER_TAPE_GAP_ROWS_H
#define RECORDER_TAPE_GAP_ROWS_H

#include "recorder/gaps/gap_row.h"
#include "schema/tape/fault.h"

#include <sqlite3.h>
#include <stdbool.h>

enum gap_statement { GAP_PUT, GAP_COVER, GAP_COUNT, GAP_COVERED, GAP_STATEMENTS };

struct gap_rows {
	struct fault *fault;               /* borrowed */
	sqlite3_stmt *statements[GAP_STATEMENTS]; /* owned */
};

bool gap_rows_init(struct gap_rows *b, sqlite3 *db, struct fault *fault, struct err *err) MUST_CHECK;
void gap_rows_release(struct gap_rows *b);

/* false: see the fault. */
bool gap_rows_put(struct gap_rows *b, int64_t market_id, const struct gap_mark *mark, int64_t now_wall_us) MUST_CHECK;
bool gap_rows_count(struct gap_rows *b, int64_t gap_id) MUST_CHECK; /* one more trade was put back for that gap */
bool gap_rows_cover(struct gap_rows *b, int64_t market_id, int64_t from_us, int64_t to_us) MUST_CHECK;
/* Does the tape claim that nothing was missed of the market at that time? */
bool gap_rows_covered(struct gap_rows *b, int64_t market_id, int64_t time_us, bool *covered) MUST_CHECK;

#endif
