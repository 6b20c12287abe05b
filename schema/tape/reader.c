/* The readers' way into the tape; open_ro.c tells how it leaves no file behind.
 *
 * Without locks ("alone") nothing holds off a recorder that starts meanwhile: reader_check sees its files appear, opens
 * the tape anew, and has the last chunk read again.  A recorder writes to -wal first, so rows seen before were sound. */
#include "schema/tape/reader.h"

#include "schema/tape/lock.h"
#include "schema/tape/open_ro.h"
#include "schema/base/timefmt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 4000 /* for a tape that another program has locked */
#define NAP_MS 20

#define HEADER_SIZE 100
#define HEADER_READ_VERSION 19 /* 2: WAL mode */
#define HEADER_USER_VERSION 60
#define HEADER_APPLICATION_ID 68

enum attempt { ATTEMPT_OK, ATTEMPT_FAILED, ATTEMPT_AGAIN };

static char *beside(const char *real, const char *ending)
{
	char *name = NULL;
	return asprintf(&name, "%s%s", real, ending) < 0 ? NULL : name;
}

/* false: there is no file under the name, or no memory (errno). */
static bool look(const struct reader *r, struct reader_view *v)
{
	struct stat st;
	if (stat(r->path, &st) != 0)
		return false;
	*v = (struct reader_view){ .dev = st.st_dev, .ino = st.st_ino, .size = st.st_size, .mtime = st.st_mtim, .wal_size = -1 };
	char *wal = beside(r->real, "-wal"), *shm = beside(r->real, "-shm");
	bool known = wal && shm; /* else a -wal would be taken for none, and its rows would be missing */
	if (known && stat(wal, &st) == 0) {
		v->wal_size = st.st_size;
		v->wal_mtime = st.st_mtim;
	}
	v->shm = known && stat(shm, &st) == 0;
	free(wal);
	free(shm);
	errno = known ? 0 : ENOMEM;
	return known;
}

static bool same_file(const struct reader_view *a, const struct reader_view *b)
{
	return a->dev == b->dev && a->ino == b->ino;
}

static int64_t mono_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool same_view(const struct reader_view *a, const struct reader_view *b)
{
	return same_file(a, b) && a->size == b->size && a->wal_size == b->wal_size && a->shm == b->shm &&
	       same_time(a->mtime, b->mtime) && same_time(a->wal_mtime, b->wal_mtime);
}

static bool out_of_memory(const struct reader *r, struct err *err)
{
	return err_set(err, "out of memory while reading the tape %s", r->path);
}

bool reader_damaged(struct reader *r, const char *what, struct err *err)
{
	if (r->db && sqlite3_errcode(r->db) == SQLITE_NOMEM) /* a column that could not be read */
		return out_of_memory(r, err);
	r->damaged = true;
	return err_set(err, "the tape %s is damaged (%s); use a copy, or save what is whole with: sqlite3 FILE .recover",
	               r->path, what);
}

bool reader_failed(struct reader *r, struct err *err)
{
	const char *words = sqlite3_errmsg(r->db);
	r->damaged = false;
	switch (sqlite3_errcode(r->db)) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_ERROR: /* a table is missing, whatever the schema's number says */
		return reader_damaged(r, words, err);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_PROTOCOL:
		return err_set(err, "the tape %s is being written and stays locked; try again later", r->path);
	case SQLITE_READONLY:
		return err_set(err, "the tape %s was left in the middle of a change; start tapedeckd on it once", r->path);
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
		return err_set(err, "the tape %s cannot be read, or its -wal or -shm file cannot; their owner may allow it (chmod +r)",
		               r->path);
	case SQLITE_NOMEM:
		return out_of_memory(r, err);
	default:
		return err_set(err, "the tape %s cannot be read (%s)", r->path, words);
	}
}

static uint32_t big_endian(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Finds the real name, and looks at the first bytes without SQLite, whose words for these cases help nobody. */
static bool look_first(struct reader *r, bool *wal_mode, bool *recorded, struct err *err)
{
	free(r->real);
	r->is_tape = false;
	r->real = realpath(r->path, NULL);
	int fd = r->real ? open(r->real, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
	if (fd < 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			return err_set(err, "there is no tape at %s; tapedeckd makes one, --db FILE or TAPEDECK_DB names another",
			               r->path);
		return err_set(err, "the tape %s cannot be opened: %s", r->path, strerror(errno));
	}
	struct stat st;
	unsigned char header[HEADER_SIZE] = { 0 };
	bool known = fstat(fd, &st) == 0;
	ssize_t got = known && S_ISREG(st.st_mode) ? pread(fd, header, sizeof header, 0) : 0;
	int read_errno = errno;
	*recorded = lock_told(fd);
	close(fd);
	if (!known || got < 0)
		return err_set(err, "the tape %s cannot be read: %s", r->path, strerror(read_errno));
	if (!S_ISREG(st.st_mode))
		return err_set(err, "%s is no tape: it is %s", r->path, S_ISDIR(st.st_mode) ? "a folder" : "not a regular file");
	if (st.st_size == 0)
		return err_set(err, "%s is no tape: it is empty (tapedeckd --db makes it one)", r->path);
	if (got < HEADER_SIZE || memcmp(header, "SQLite format 3", 16) != 0)
		return err_set(err, "%s is no tape: it is not an SQLite file", r->path);
	*wal_mode = header[HEADER_READ_VERSION] == 2;
	r->is_tape = big_endian(header + HEADER_APPLICATION_ID) == TAPE_APPLICATION_ID &&
	             big_endian(header + HEADER_USER_VERSION) == (uint32_t)schema_version();
	return true;
}

static int read_int(sqlite3 *db, const char *sql, int *value)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
	if (rc == SQLITE_OK && (rc = reader_step(stmt)) == SQLITE_ROW)
		*value = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt); /* rc has its code */
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* Is it ours, and of a shape that this program knows? */
static enum attempt inspect(struct reader *r, struct err *err)
{
	int application = 0, version = 0, rows = 0;
	int rc = read_int(r->db, "PRAGMA application_id", &application);
	if (rc == SQLITE_OK)
		rc = read_int(r->db, "PRAGMA user_version", &version);
	if (rc == SQLITE_OK)
		rc = read_int(r->db, "SELECT count(*) FROM sqlite_schema", &rows);
	if (rc != SQLITE_OK) {
		reader_failed(r, err);
		int base = rc & 0xff;
		return base == SQLITE_BUSY || base == SQLITE_READONLY || base == SQLITE_PROTOCOL ? ATTEMPT_AGAIN : ATTEMPT_FAILED;
	}
	if (application != TAPE_APPLICATION_ID) {
		if (rows == 0 && application == 0)
			err_set(err, "%s is no tape: it is an empty SQLite file (tapedeckd --db makes it one)", r->path);
		else
			err_set(err, "%s is no tape: it is the SQLite file of another program", r->path);
		return ATTEMPT_FAILED;
	}
	if (version < schema_version()) {
		err_set(err, "the tape %s is too old: its schema is number %d, this tapedeck reads %d; `tapedeck upgrade %s` "
		             "brings it up to date", r->path, version, schema_version(), r->path);
		return ATTEMPT_FAILED;
	}
	if (version > schema_version()) {
		err_set(err, "the tape %s is too new: its schema is number %d, this tapedeck reads %d; use a newer tapedeck", r->path,
		        version, schema_version());
		return ATTEMPT_FAILED;
	}
	return ATTEMPT_OK;
}

/* Does the one file hold all?  Asked where there is nothing beside it that could: an empty -wal is made by any program
 * that opens a copy, and says nothing. */
static enum attempt judge(struct reader *r, bool wal_mode, off_t wal_size, struct err *err)
{
	int folded = wal_size > 0; /* without its row a tape does not say so */
	int rc = wal_size <= 0 ? read_int(r->db, "SELECT folded_us IS NOT NULL FROM tape_file", &folded) : SQLITE_OK;
	r->part = folded ? READER_WHOLE : wal_mode ? READER_COPIED : READER_SNAPSHOT;
	if (rc == SQLITE_OK)
		return ATTEMPT_OK;
	reader_failed(r, err);
	return ATTEMPT_FAILED;
}

bool reader_part_text(struct reader *r, char text[static READER_PART_TEXT_SIZE], struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	char end[TIME_TEXT_SIZE] = "an unknown time";
	text[0] = '\0';
	if (r->part == READER_WHOLE)
		return true;
	if (sqlite3_prepare_v2(r->db, "SELECT max(beat_us) FROM recorder", -1, &stmt, NULL) == SQLITE_OK &&
	    reader_step(stmt) == SQLITE_ROW && sqlite3_column_type(stmt, 0) != SQLITE_NULL) {
		time_format(sqlite3_column_int64(stmt, 0), end);
		stpcpy(end + 19, "Z");
	}
	if (sqlite3_finalize(stmt) != SQLITE_OK)
		return reader_failed(r, err);
	if (r->part == READER_SNAPSHOT)
		snprintf(text, READER_PART_TEXT_SIZE, "a snapshot that was taken while the tape was recorded; it ends at %s", end);
	else
		snprintf(text, READER_PART_TEXT_SIZE, "copied while recording, without its -wal: rows may be missing, and all after %s are "
		         "(copy a live tape with `tapedeck backup`)", end);
	return true;
}

/* With locks a recorder may come and go, and what was read stays right; but for a copy it is the sign that it is none. */
static bool still_as_seen(const struct reader *r, const struct reader_view *seen, const struct reader_view *now)
{
	return r->alone || r->part == READER_COPIED ? same_view(seen, now) : same_file(seen, now);
}

static void close_db(struct reader *r)
{
	sqlite3_close_v2(r->db); /* lives on until the caller has finalised its statements */
	r->db = NULL;
}

static enum attempt open_once(struct reader *r, struct err *err)
{
	bool wal_mode = false, recorded = false;
	struct reader_view before, after;
	if (!look_first(r, &wal_mode, &recorded, err))
		return ATTEMPT_FAILED;
	if (!look(r, &before)) {
		if (errno == ENOMEM)
			out_of_memory(r, err);
		return errno == ENOMEM ? ATTEMPT_FAILED : ATTEMPT_AGAIN;
	}
	/* A recorder that lives has a -wal with something in it; for a moment at its start it has not. */
	if (recorded && wal_mode && (before.wal_size <= 0 || !before.shm)) {
		err_set(err, "%s is being recorded under another name, and its -wal lies beside that one; use the tape's own name, or, "
		             "in a container, mount its folder instead of the file", r->path);
		return ATTEMPT_AGAIN;
	}

	r->alone = wal_mode && (before.wal_size < 0 || !before.shm);
	int rc = open_ro(r->real, wal_mode, before.wal_size, before.shm, &r->db);
	if (rc == SQLITE_NOMEM && !r->db) {
		err_set(err, "out of memory");
		return ATTEMPT_FAILED;
	}
	enum attempt result = ATTEMPT_FAILED;
	if (rc == SQLITE_OK)
		result = inspect(r, err);
	else
		reader_failed(r, err);
	r->part = READER_WHOLE;
	if (result == ATTEMPT_OK)
		result = judge(r, wal_mode, before.wal_size, err);
	/* Whatever was found, right or wrong, counts only if nothing moved meanwhile. */
	if (!look(r, &after) || !still_as_seen(r, &before, &after))
		result = ATTEMPT_AGAIN;
	if (result == ATTEMPT_OK) {
		sqlite3_busy_timeout(r->db, PATIENCE_MS);
		r->seen = after;
		r->wal_size = after.wal_size;
	} else {
		close_db(r);
	}
	return result;
}


int reader_step(sqlite3_stmt *stmt)
{
	int rc = sqlite3_step(stmt);
	for (int64_t give_up_ms = mono_ms() + PATIENCE_MS; rc != SQLITE_ROW && rc != SQLITE_DONE && mono_ms() < give_up_ms;) {
		if (sqlite3_extended_errcode(sqlite3_db_handle(stmt)) != SQLITE_READONLY_RECOVERY)
			break;
		sqlite3_reset(stmt);
		nanosleep(&(struct timespec){ .tv_nsec = NAP_MS * 1000000L }, NULL);
		rc = sqlite3_step(stmt);
	}
	return rc;
}

static bool open_patiently(struct reader *r, struct err *err)
{
	for (int64_t give_up_ms = mono_ms() + PATIENCE_MS;;) {
		err_set(err, "the tape %s keeps changing; try again", r->path);
		enum attempt result = open_once(r, err);
		if (result == ATTEMPT_OK)
			return true;
		if (result == ATTEMPT_FAILED || mono_ms() >= give_up_ms)
			return false;
		nanosleep(&(struct timespec){ .tv_nsec = NAP_MS * 1000000L }, NULL);
	}
}

bool reader_open(struct reader *r, const char *path, struct err *err)
{
	*r = (struct reader){ .path = strdup(path) };
	struct err words = { "" };
	if (r->path ? open_patiently(r, &words) : err_set(&words, "out of memory"))
		return true;
	*err = words;
	bool damaged = r->damaged, is_tape = r->is_tape;
	reader_close(r);
	r->damaged = damaged;
	r->is_tape = is_tape;
	return false;
}

void reader_close(struct reader *r)
{
	close_db(r);
	free(r->path);
	free(r->real);
	*r = (struct reader){ .db = NULL };
}

bool reader_check(struct reader *r, enum reader_change *change, struct err *err)
{
	struct reader_view now;
	*change = READER_SAME;
	if (look(r, &now) && still_as_seen(r, &r->seen, &now)) {
		r->wal_size = now.wal_size;
		return true;
	}
	struct reader_view seen = r->seen;
	struct err words = { "" };
	close_db(r);
	if (!open_patiently(r, &words)) {
		*err = words;
		return false;
	}
	*change = same_file(&seen, &r->seen) ? READER_REOPENED : READER_REPLACED;
	return true;
}
