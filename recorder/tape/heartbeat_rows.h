/* The recorder's sign of life on the tape, and the exchanges' clocks beside ours.  Recorder thread, but for init and
 * beat_book_stopped, which main calls while that thread does not run. */
#ifndef RECORDER_BEAT_BOOK_H
#define RECORDER_BEAT_BOOK_H

#include "recorder/tape/queue.h"
#include "recorder/tape/wal_watch.h"
#include "schema/tape/fault.h"

struct beat_book {
	struct fault *fault;                 /* borrowed */
	sqlite3_stmt *put, *clock, *stopped; /* owned */
	struct wal_watch wal;
	int64_t started_wall_us;
	size_t queue_limit;
};

bool beat_book_init(struct beat_book *b, sqlite3 *db, size_t queue_limit, struct fault *fault, struct err *err) MUST_CHECK;
void beat_book_release(struct beat_book *b);
/* false: see the fault. */
bool beat_book_put(struct beat_book *b, const struct beat *beat) MUST_CHECK;
bool beat_book_clock(struct beat_book *b, const struct clock_mark *mark) MUST_CHECK;
bool beat_book_stopped(struct beat_book *b, uint64_t lost) MUST_CHECK; /* a stop by itself; lost: trades, since the start */

#endif
