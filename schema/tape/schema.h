/* Opening the tape.  See schema/README.md for its tables.
 * A handle belongs to one thread at a time; the caller closes it (tape_close for a writer's). */
#ifndef SCHEMA_TAPE_SCHEMA_H
#define SCHEMA_TAPE_SCHEMA_H

#include "schema/base/err.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#define TAPE_APPLICATION_ID 0x54415045 /* "TAPE" */

/* Exit codes of both programs (contract). */
enum exit_code {
	EXIT_OK = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_NO_DATA = 3,
	EXIT_STALE = 4,
	EXIT_TAPE = 5,
};

int schema_version(void); /* newest step that this build knows = user_version of an up-to-date tape */

/* Where the tape is when no option says so: $TAPEDECK_DB, else $XDG_DATA_HOME/tapedeck/tape.db, else
 * ~/.local/share/tapedeck/tape.db.  malloc'd, the caller frees; NULL and err where neither is set. */
char *tape_default_path(struct err *err) MUST_CHECK;

enum tape_sync { TAPE_SYNC_FULL, TAPE_SYNC_NORMAL };

/* The recorder's way in: makes the folder and the tape if missing (it appears under its name only when whole), turns an
 * empty file into a tape, carries out the steps that an older tape lacks, refuses a foreign or newer one, and a tape
 * that another recorder writes.  NULL and err where the tape cannot be used. */
struct tape {
	sqlite3 *db;    /* owned */
	char *path;     /* owned; as SQLite is given it: never ":memory:" or a URI */
	int lock_fd;    /* owned; holds the kernel's lock that says "a recorder writes here" */
	bool folded;    /* all is in the one file, and it says so */
	char note[300]; /* "" or what was odd, for the log */
};
bool tape_open(struct tape *tape, const char *path, enum tape_sync sync, struct err *err) MUST_CHECK;
/* What tape_open would refuse, in the same words, as far as looking tells: nothing is made, changed or left beside it. */
bool tape_check(const char *path, struct err *err) MUST_CHECK;
/* Is the tape still the file of its name?  false: it was removed, or another stands there. */
bool tape_in_place(const struct tape *tape);
/* Brings everything into the one file, and marks it there as whole (tape_file.folded_us); -wal and -shm stay, empty.  Waits
 * up to `timeout_ms` for those who read.  false: nothing is lost, but the -wal belongs to the tape; see err. */
bool tape_fold(struct tape *tape, int timeout_ms, struct err *err);
/* Folds, unless that was done, waiting for `timeout_ms`, and closes in any case.  false: see err. */
bool tape_close_within(struct tape *tape, int timeout_ms, struct err *err);
bool tape_close(struct tape *tape, struct err *err); /* the same, waiting for 3 s */

/* A -wal above it is worth a word: someone holds a snapshot, and it grows until he lets go.  Afterwards it shrinks again. */
#define TAPE_WAL_LARGE_BYTES (INT64_C(64) << 20)

/* The path as SQLite must be given it, so that no name means a database in memory or a URI.  malloc'd; NULL: no memory. */
char *tape_plain_path(const char *path);

/* A statement that is kept for the life of its owner, who finalizes it. */
bool tape_prepare(sqlite3 *db, sqlite3_stmt **stmt, const char *sql, struct err *err) MUST_CHECK;

#endif
