/* Which markets' trades are asked for, since when and until when: the tape's table `wanted`.  Recorder thread, but for init and
 * wanted_rows_begin, which main calls before that thread starts. */
#ifndef RECORDER_TAPE_WANTED_ROWS_H
#define RECORDER_TAPE_WANTED_ROWS_H

#include "recorder/markets/plan.h"
#include "schema/tape/fault.h"

#include <sqlite3.h>

struct wanted_rows {
	sqlite3 *db;        /* borrowed, as fault */
	struct fault *fault;
	sqlite3_stmt *open; /* owned */
};

bool wanted_rows_init(struct wanted_rows *b, sqlite3 *db, struct fault *fault, struct err *err) MUST_CHECK;
void wanted_rows_release(struct wanted_rows *b);
/* Ends what this run no longer asks for, with the last sign of life before it.  What a pattern of it may mean whose list is
 * still waited for stays.  Before the first sign of life of this run.  false: nothing was changed. */
bool wanted_rows_begin(struct wanted_rows *b, const struct market_plan *plan, int64_t now_us, struct err *err) MUST_CHECK;
/* From now on it is asked for, unless it was already. */
bool wanted_rows_put(struct wanted_rows *b, int64_t market_id, int64_t now_us);

#endif
