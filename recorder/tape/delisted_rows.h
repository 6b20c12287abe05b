/* Markets that the tape knows, that are asked for, and that the exchange lists no more: each has a gap from its last trade on, which
 * is over when it is listed again.  Main, before the recorder thread starts. */
#ifndef RECORDER_TAPE_DELISTED_ROWS_H
#define RECORDER_TAPE_DELISTED_ROWS_H

#include "recorder/markets/plan.h"

#include <sqlite3.h>

/* Adds to config->on_tape what the tape knows.  A tape that is not there, or cannot be read, knows nothing: whoever records on it will
 * say why. */
void delisted_rows_known(struct config *config);

/* All or none; takes numbers of gaps from *next_gap_id on.  false: see err. */
bool delisted_rows_write(sqlite3 *db, const struct market_plan *plan, int64_t *next_gap_id, int64_t now_us, struct err *err) MUST_CHECK;

#endif
