/* Where a market's ids begin again: the times on the tape (id_epoch), and how the recorder sees that it happens.
 *
 * One trade under an id that another has is an error of the exchange.  Some in a row, with ids that grow and times newer than all
 * that came, are a new numbering.  Until that is sure they are held here, and the ledger has a gap where they would stand.
 * Recorder thread. */
#ifndef RECORDER_TAPE_ID_EPOCHS_H
#define RECORDER_TAPE_ID_EPOCHS_H

#include "schema/tape/fault.h"
#include "schema/value/trade.h"

struct id_epochs {
	struct fault *fault; /* borrowed */
	sqlite3_stmt *around, *begin, *move; /* owned */
};

bool id_epochs_init(struct id_epochs *e, sqlite3 *db, struct fault *fault, struct err *err) MUST_CHECK;
void id_epochs_release(struct id_epochs *e);
/* The epoch of that time: [*from_us, *until_us); INT64_MIN and INT64_MAX where it has no such end.  false: see the fault. */
bool id_epochs_around(struct id_epochs *e, int64_t market_id, int64_t time_us, int64_t *from_us, int64_t *until_us) MUST_CHECK;
bool id_epochs_begin(struct id_epochs *e, int64_t market_id, int64_t from_us) MUST_CHECK;
/* The epoch that begins at from_us began earlier. */
bool id_epochs_move(struct id_epochs *e, int64_t market_id, int64_t from_us, int64_t to_us) MUST_CHECK;

#define ID_RUN_HELD_MAX 8

/* Trades that came under ids of others; of those that came first. */
struct id_run {
	struct trade held[ID_RUN_HELD_MAX];
	int64_t gap_ids[ID_RUN_HELD_MAX]; /* of those that REST gave: the gap that they fill; else 0 */
	size_t count, others; /* and so many of them are another trade for sure */
};

/* Are they two trades, though one has the other's id?  What differs in time alone, or in all but time, is one that was corrected. */
bool id_run_is_another(const struct trade *a, const struct trade *there);
/* A trade came whose id `there` has; gap_id: as in gap_ids.  newest_us: the newest of the market otherwise.  true: its ids begin again with held[0]. */
bool id_run_take(struct id_run *run, const struct trade *trade, int64_t gap_id, const struct trade *there, int64_t newest_us);

#endif
