/* The recorder's sign of life on the tape, and the exchanges' clocks beside ours.  Recorder thread, but for init and
 * heartbeat_rows_stopped, which main calls while that thread does not run. */
#ifndef RECORDER_TAPE_HEARTBEAT_ROWS_H
#define RECORDER_TAPE_HEARTBEAT_ROWS_H

#include "recorder/tape/queue.h"
#include "recorder/tape/wal_watch.h"
#include "schema/tape/fault.h"

enum heartbeat_statement { HEARTBEAT_PUT, HEARTBEAT_CLOCK, HEARTBEAT_STOPPED, HEARTBEAT_STATEMENTS };

struct heartbeat_rows {
	struct fault *fault;                 /* borrowed */
	sqlite3_stmt *statements[HEARTBEAT_STATEMENTS]; /* owned */
	struct wal_watch wal;
	int64_t started_wall_us;
	size_t queue_limit;
};

bool heartbeat_rows_init(struct heartbeat_rows *b, sqlite3 *db, size_t queue_limit, struct fault *fault, struct err *err) MUST_CHECK;
void heartbeat_rows_release(struct heartbeat_rows *b);
/* false: see the fault. */
bool heartbeat_rows_put(struct heartbeat_rows *b, const struct heartbeat_mark *beat) MUST_CHECK;
bool heartbeat_rows_clock(struct heartbeat_rows *b, const struct clock_mark *mark) MUST_CHECK;
bool heartbeat_rows_stopped(struct heartbeat_rows *b, uint64_t lost) MUST_CHECK; /* a stop by itself; lost: trades, since the start */

#endif
