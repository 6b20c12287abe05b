/* The readers' way into the tape: read-only, never migrating, never holding the recorder up, leaving nothing behind.
 * One thread. */
#ifndef SCHEMA_TAPE_READER_H
#define SCHEMA_TAPE_READER_H

#include "schema/tape/schema.h"

#include <sys/stat.h>

/* What lies under the tape's name and beside it; tells whether someone came or went. */
struct reader_view {
	dev_t dev;
	ino_t ino;
	off_t size, wal_size;         /* wal_size -1: there is no -wal */
	struct timespec mtime, wal_mtime;
	bool shm;
};

/* What the one file can tell of itself where no -wal lies beside it, or an empty one; schema/README.md has the whole table. */
enum reader_part {
	READER_WHOLE,    /* all is there that was ever written, as far as it was committed */
	READER_SNAPSHOT, /* whole as of a moment while it was recorded (VACUUM INTO), and it ends there */
	READER_COPIED,   /* no orderly stop finished on it, and its -wal is not there or empty: rows may be missing */
};

struct reader {
	sqlite3 *db;       /* owned */
	char *path;        /* owned; as it was given */
	char *real;        /* owned; without symbolic links: -wal and -shm lie beside it */
	bool alone;        /* opened without locks, since nobody writes: see reader_check */
	struct reader_view seen; /* when it was opened */
	off_t wal_size;    /* when reader_check last looked; -1: there is no -wal */
	bool damaged;      /* the last failure was that the file makes no sense, not that it could not be read */
	enum reader_part part;
	bool is_tape;      /* by its header it is one, with the schema that this program reads */
};

/* "" or, in a sentence for people, that it is not the whole tape and where it ends. */
#define READER_PART_TEXT_SIZE 400
bool reader_part_text(struct reader *r, char text[static READER_PART_TEXT_SIZE], struct err *err) MUST_CHECK;

enum reader_change {
	READER_SAME,
	READER_REOPENED, /* the same tape; statements must be prepared again, and what was read since the last check again */
	READER_REPLACED, /* another file stands under the name now: as above, and the markets may have other numbers */
};

/* false: the tape is missing, no tape, damaged, too old or too new; err says which and what to do (exit code 5).  `damaged`
 * and `is_tape` can be read then, too. */
bool reader_open(struct reader *r, const char *path, struct err *err) MUST_CHECK;
void reader_close(struct reader *r);

/* To call after each chunk of a long read and before its rows are used, with the statement reset: follows a tape that was
 * opened while nobody wrote and is written now, and one that was replaced. */
bool reader_check(struct reader *r, enum reader_change *change, struct err *err) MUST_CHECK;

/* sqlite3_step for readers.  Who reads the head of the -wal while a commit changes it is told that the tape wants recovery, though
 * the writer lives (SQLITE_READONLY_RECOVERY, and no row was read yet): a moment later it can be read. */
int reader_step(sqlite3_stmt *stmt);

/* Puts into err what the last call on r->db failed with, and what to do; always false (exit code 5). */
bool reader_failed(struct reader *r, struct err *err);
/* The same where SQLite read well and the value makes no sense; `what` says where. */
bool reader_damaged(struct reader *r, const char *what, struct err *err);

#endif
