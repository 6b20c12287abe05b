/* The ledger of holes on the tape: rows of `gap`, and the coverage that a filled hole gives.  Recorder thread; within the
 * transaction of the batch at hand. */
#ifndef RECORDER_GAP_BOOK_H
#define RECORDER_GAP_BOOK_H

#include "recorder/gaps/gap_row.h"
#include "schema/tape/fault.h"

#include <sqlite3.h>
#include <stdbool.h>

struct gap_book {
	struct fault *fault;               /* borrowed */
	sqlite3_stmt *put, *cover, *count; /* owned */
};

bool gap_book_init(struct gap_book *b, sqlite3 *db, struct fault *fault, struct err *err) MUST_CHECK;
void gap_book_release(struct gap_book *b);

/* false: see the fault. */
bool gap_book_put(struct gap_book *b, int64_t market_id, const struct gap_mark *mark, int64_t now_wall_us) MUST_CHECK;
bool gap_book_count(struct gap_book *b, int64_t gap_id) MUST_CHECK; /* one more trade was put back for that hole */
bool gap_book_cover(struct gap_book *b, int64_t market_id, int64_t from_us, int64_t to_us) MUST_CHECK;

#endif
