/* A reader that holds a snapshot makes the -wal grow for as long as it holds it.  Nothing is lost by that but room on the
 * disk; whoever can end it must hear of it: the log, and `tapedeck status` by what is written on the tape.  Recorder thread. */
#ifndef RECORDER_TAPE_WAL_WATCH_H
#define RECORDER_TAPE_WAL_WATCH_H

#include "schema/tape/fault.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

struct wal_watch {
	sqlite3 *db;         /* borrowed, as fault */
	struct fault *fault;
	sqlite3_stmt *since; /* owned */
	int64_t large_since_wall_us; /* 0: it is not large */
	int64_t most_bytes;  /* of this growth, as it was told last */
};

bool wal_watch_init(struct wal_watch *w, sqlite3 *db, struct fault *fault, struct err *err) MUST_CHECK;
void wal_watch_release(struct wal_watch *w);
/* With each sign of life, in its transaction.  false: it could not be written. */
bool wal_watch_look(struct wal_watch *w, int64_t wall_us);

#endif
