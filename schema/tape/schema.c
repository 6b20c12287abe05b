/* Making, upgrading and opening the tape for its one writer.
 *
 * A new tape is built under another name and renamed when it is whole, so that whoever finds a file under the tape's name
 * finds a tape.  An empty file that stands there already is filled in one transaction instead: it keeps its owner and its
 * permissions.  The lock is flock() on the tape itself: SQLite locks with fcntl(), which is another kind, and the kernel
 * drops flock() with the process.  lock_fd must outlive the SQLite handle: closing any descriptor of the file would drop
 * SQLite's own locks. */
#include "schema/tape/schema.h"

#include "schema/tape/fault.h"
#include "schema/tape/leftovers.h"
#include "schema/tape/lock.h"
#include "schema/tape/open_ro.h"
#include "schema/tape/steps.h"
#include "schema/base/timefmt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BUSY_TIMEOUT_MS 500 /* the recorder tries again by itself, and a stop has 5 s in all */
#define CLOSE_TIMEOUT_MS 3000
/* Pages of WAL after which the recorder brings them into the tape: larger is faster and makes the slowest commit slower. */
#define CHECKPOINT_PAGES 4000
/* A commit writes every page that it touches: small pages spare a third of the WAL and most of a small tape's size. */
#define PAGE_BYTES 2048
/* What is left of a -wal that grew beside a reader's snapshot. */
#define WAL_KEPT_BYTES (32 << 20)

int schema_version(void)
{
	return schema_step_count;
}

/* By the handle's words, where it still speaks of the same failure; NULL: it could not be made. */
static bool failed(sqlite3 *db, int rc, struct err *err)
{
	return err_set(err, "%s", db && sqlite3_errcode(db) == rc ? sqlite3_errmsg(db) : sqlite3_errstr(rc));
}

static bool exec(sqlite3 *db, const char *sql, struct err *err)
{
	int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
	return rc == SQLITE_OK || failed(db, rc, err);
}

bool tape_prepare(sqlite3 *db, sqlite3_stmt **stmt, const char *sql, struct err *err)
{
	return sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, stmt, NULL) == SQLITE_OK ||
	       err_set(err, "%s", sqlite3_errmsg(db));
}

static bool read_int(sqlite3 *db, const char *sql, int64_t *value, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	struct fault fault = { .rc = SQLITE_OK };
	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return err_set(err, "%s", sqlite3_errmsg(db));
	enum step step = fault_step(stmt, &fault);
	if (step == STEP_ROW)
		*value = sqlite3_column_int64(stmt, 0);
	else
		err_set(err, "%s", step == STEP_FAILED ? fault.words : "SQLite gives no answer");
	sqlite3_finalize(stmt);
	return step == STEP_ROW;
}

/* Carries out the steps after `version`, all or none. */
static bool migrate(sqlite3 *db, int version, struct err *err)
{
	char sql[256];
	if (!exec(db, "BEGIN IMMEDIATE", err))
		return false;
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	for (int step = version; step < schema_step_count; step++) {
		if (!exec(db, schema_steps[step], err))
			goto undo;
		snprintf(sql, sizeof sql, "INSERT INTO schema_step VALUES (%d, %lld, 'tapedeckd " TAPEDECK_VERSION "')", step + 1,
		         (long long)now.tv_sec * US_PER_SECOND);
		if (!exec(db, sql, err))
			goto undo;
	}
	snprintf(sql, sizeof sql, "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT", TAPE_APPLICATION_ID,
	         schema_step_count);
	if (exec(db, sql, err))
		return true;
undo:
	sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return false;
}

static bool newer(int64_t version, struct err *err)
{
	return err_set(err, "its schema is number %lld, this tapedeckd knows up to %d; use a newer tapedeckd", (long long)version,
	               schema_step_count);
}

/* Cuts `path` to the nearest part of it that is there: a tape's name becomes the folder that would have to take it. */
static bool cut_to_what_is_there(char *path, struct stat *st)
{
	while (stat(path, st) != 0) {
		char *slash = strrchr(path, '/');
		if (!slash || strcmp(path, "/") == 0)
			return false;
		slash[slash == path] = '\0'; /* the folder of all folders keeps its slash */
	}
	return true;
}

/* Where nothing can be made, says why, and what to do next. */
static bool may_be_made(const char *path, struct err *err)
{
	char *folder = strdup(path);
	struct stat st;
	bool ok = true;
	if (!folder)
		return err_set(err, "out of memory");
	if (!cut_to_what_is_there(folder, &st))
		ok = err_set(err, "%s: %s", folder, strerror(errno));
	else if (!S_ISDIR(st.st_mode))
		ok = err_set(err, "%s is there, and is not a directory", folder);
	else if (access(folder, W_OK | X_OK) != 0)
		ok = err_set(err, "%s in %s; --db FILE or TAPEDECK_DB names another place", errno == EACCES ? "permission denied" : strerror(errno),
		             folder);
	free(folder);
	return ok;
}

static bool make_folders(const char *path, struct err *err)
{
	char *folder = strdup(path);
	if (!folder)
		return err_set(err, "out of memory");
	bool ok = true;
	for (char *slash = strchr(folder + 1, '/'); ok && slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		struct stat st;
		if (mkdir(folder, 0777) != 0 && errno != EEXIST)
			ok = err_set(err, "the folder %s cannot be made: %s", folder, strerror(errno));
		else if (stat(folder, &st) == 0 && !S_ISDIR(st.st_mode))
			ok = err_set(err, "%s is there, and is not a directory", folder);
		*slash = '/';
	}
	free(folder);
	return ok;
}

/* A -wal or -journal whose tape is gone would be carried out on the new tape.  What is in it is kept under another name. */
static bool set_aside(const char *path, char note[static 300], struct err *err)
{
	static const char *const endings[] = { "-wal", "-journal", "-shm" };
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		char *name = NULL, *aside = NULL;
		struct stat st;
		if (asprintf(&name, "%s%s", path, endings[i]) < 0)
			return err_set(err, "out of memory");
		if (asprintf(&aside, "%s%s.left-%lld", path, endings[i], (long long)time(NULL)) < 0) {
			free(name);
			return err_set(err, "out of memory");
		}
		bool there = stat(name, &st) == 0, full = there && st.st_size > 0 && i < 2;
		bool ok = !there || (full ? rename(name, aside) : unlink(name)) == 0;
		if (full && ok)
			snprintf(note, 300, "%s of a tape that is gone lay here; it is now %s", endings[i], aside);
		if (!ok)
			err_set(err, "%s of a tape that is gone is in the way: %s", name, strerror(errno));
		free(name);
		free(aside);
		if (!ok)
			return false;
	}
	return true;
}

/* Builds a tape beside `path` and gives it that name.  Someone else's tape that appears meanwhile stays. */
static bool create(const char *path, struct err *err)
{
	char *beside = NULL;
	if (asprintf(&beside, "%s" LEFTOVER "%d", path, (int)getpid()) < 0)
		return err_set(err, "out of memory");
	leftovers_remove(path);
	leftovers_remove_tape(beside);
	sqlite3 *db = NULL;
	int rc = sqlite3_open_v2(beside, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
	bool ok = rc == SQLITE_OK || failed(db, rc, err);
	char page_size[48];
	snprintf(page_size, sizeof page_size, "PRAGMA page_size = %d", PAGE_BYTES);
	ok = ok && exec(db, page_size, err) && migrate(db, 0, err) && exec(db, "PRAGMA journal_mode = WAL", err);
	sqlite3_close(db);
	if (ok && renameat2(AT_FDCWD, beside, AT_FDCWD, path, RENAME_NOREPLACE) != 0 && errno != EEXIST) {
		/* not every file system knows RENAME_NOREPLACE */
		bool unknown = errno == EINVAL || errno == ENOSYS;
		if (!unknown || rename(beside, path) != 0)
			ok = err_set(err, "%s", strerror(errno));
	}
	leftovers_remove_tape(beside);
	free(beside);
	return ok;
}

static bool lock_failed(int fd, struct err *err)
{
	if (errno == EWOULDBLOCK)
		return err_set(err, "another tapedeckd (pid %d) records on it; stop that one or name another file with --db", lock_holder(fd));
	return err_set(err, "it cannot be locked: %s", strerror(errno));
}

static bool take_lock(struct tape *tape, const char *path, struct err *err)
{
	tape->lock_fd = open(path, O_RDWR | O_CLOEXEC);
	if (tape->lock_fd < 0)
		return err_set(err, "%s", strerror(errno));
	if (tape->lock_fd <= STDERR_FILENO) { /* a standard stream was closed: what is meant for it must not land in the tape */
		int low = tape->lock_fd;
		tape->lock_fd = fcntl(low, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		close(low);
		if (tape->lock_fd < 0)
			return err_set(err, "%s", strerror(errno));
	}
	if (flock(tape->lock_fd, LOCK_EX | LOCK_NB) != 0)
		return lock_failed(tape->lock_fd, err);
	lock_tell(tape->lock_fd);
	return true;
}

/* What the header tells without SQLite: a foreign file in WAL mode would get -wal and -shm beside it from the mere asking,
 * and a file of a few bytes would be taken for an empty database. */
static bool look_at_header(int fd, bool *in_wal_mode, struct err *err)
{
	unsigned char h[72];
	ssize_t len = pread(fd, h, sizeof h, 0);
	*in_wal_mode = false;
	if (len == 0)
		return true;
	if (len < 0)
		return err_set(err, "%s", strerror(errno));
	if (len != (ssize_t)sizeof h || memcmp(h, "SQLite format 3", 16) != 0)
		return err_set(err, "it is not a SQLite file; name another file with --db");
	int32_t version = (int32_t)((uint32_t)h[60] << 24 | (uint32_t)h[61] << 16 | (uint32_t)h[62] << 8 | h[63]);
	uint32_t application = (uint32_t)h[68] << 24 | (uint32_t)h[69] << 16 | (uint32_t)h[70] << 8 | h[71];
	*in_wal_mode = h[19] == 2;
	if (application != TAPE_APPLICATION_ID && (*in_wal_mode || application != 0))
		return err_set(err, "it is the SQLite file of another program; name another file with --db");
	return version <= schema_step_count || newer(version, err);
}

/* Refuses what is not ours; *version: 0 of what is empty. */
static bool is_ours(sqlite3 *db, int64_t *version, struct err *err)
{
	int64_t application = 0, objects = 0;
	*version = 0;
	if (!read_int(db, "PRAGMA application_id", &application, err) || !read_int(db, "PRAGMA user_version", version, err) ||
	    !read_int(db, "SELECT count(*) FROM sqlite_schema", &objects, err))
		return false;
	bool empty = application == 0 && *version == 0 && objects == 0;
	if (!empty && application != TAPE_APPLICATION_ID)
		return err_set(err, "it is the SQLite file of another program; name another file with --db");
	if (*version < 0)
		return err_set(err, "its schema has the number %lld, which makes no sense", (long long)*version);
	return *version <= schema_step_count || newer(*version, err);
}

/* Makes a tape of what is empty; brings an old one up to date. */
static bool claim(sqlite3 *db, struct err *err)
{
	int64_t version = 0;
	return is_ours(db, &version, err) && (version == schema_step_count || migrate(db, (int)version, err));
}

static off_t size_beside(const char *real, const char *ending) /* -1: it is not there, or there is no memory to ask */
{
	char *name = NULL;
	struct stat st;
	if (asprintf(&name, "%s%s", real, ending) < 0)
		return -1;
	off_t size = stat(name, &st) == 0 ? st.st_size : -1;
	free(name);
	return size;
}

/* What claim() would refuse, found without leaving a trace.  What only a writer can tell (a change to be undone first) passes. */
static bool look_inside(const char *path, bool in_wal_mode, bool only_without_wal, struct err *err)
{
	char *real = realpath(path, NULL);
	if (!real)
		return err_set(err, "%s", strerror(errno));
	off_t wal_size = size_beside(real, "-wal");
	sqlite3 *db = NULL;
	int64_t version;
	bool ok = true;
	if (!only_without_wal || wal_size < 0) {
		struct err words = { .text = "" };
		int rc = open_ro(real, in_wal_mode, wal_size, size_beside(real, "-shm") >= 0, &db);
		ok = (rc == SQLITE_OK || failed(db, rc, &words)) && is_ours(db, &version, &words);
		int code = rc != SQLITE_OK ? rc & 0xff : sqlite3_errcode(db);
		ok = ok || code == SQLITE_BUSY || code == SQLITE_READONLY || code == SQLITE_CANTOPEN || code == SQLITE_PROTOCOL ||
		     err_set(err, "%s", words.text);
	}
	sqlite3_close(db);
	free(real);
	return ok;
}

static bool check_file(int fd, const char *path, struct err *err)
{
	struct stat st;
	bool in_wal_mode;
	if (flock(fd, LOCK_SH | LOCK_NB) != 0)
		return lock_failed(fd, err);
	flock(fd, LOCK_UN); /* at once: a start must not meet it */
	return look_at_header(fd, &in_wal_mode, err) &&
	       ((fstat(fd, &st) == 0 && st.st_size == 0) || look_inside(path, in_wal_mode, false, err));
}

bool tape_check(const char *path, struct err *err)
{
	struct stat st;
	if (stat(path, &st) == 0) {
		if (!S_ISREG(st.st_mode))
			return err_set(err, "the tape %s cannot be used: it is not a file", path);
		int fd = open(path, O_RDWR | O_CLOEXEC);
		bool ok = fd >= 0 ? check_file(fd, path, err) : err_set(err, "%s", strerror(errno));
		if (fd >= 0)
			close(fd);
		return ok || err_wrap(err, "the tape %s cannot be used", path);
	}
	char *plain = tape_plain_path(path);
	if (!plain)
		return err_set(err, "out of memory");
	bool ok = may_be_made(plain, err) || err_wrap(err, "the tape %s cannot be made", path);
	free(plain);
	return ok;
}

/* From here on the one file is not the whole tape, and says so itself: the mark is taken away in it, not only in the -wal.
 * A disk that is full keeps both; then no trade can be written either, and the first sign of life tries again. */
static void unmark(sqlite3 *db)
{
	sqlite3_exec(db, "UPDATE tape_file SET folded_us = NULL, wal_since_us = NULL", NULL, NULL, NULL);
	sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

static bool open_checked(struct tape *tape, enum tape_sync sync, struct err *err)
{
	int persist_wal = 1;
	char pragmas[200];
	snprintf(pragmas, sizeof pragmas, "PRAGMA journal_mode = WAL; PRAGMA synchronous = %s; PRAGMA wal_autocheckpoint = %d; "
	         "PRAGMA journal_size_limit = %d", sync == TAPE_SYNC_FULL ? "FULL" : "NORMAL", CHECKPOINT_PAGES, WAL_KEPT_BYTES);
	struct stat st;
	bool in_wal_mode;
	if (!take_lock(tape, tape->path, err) || !look_at_header(tape->lock_fd, &in_wal_mode, err))
		return false;
	if (fstat(tape->lock_fd, &st) == 0 && st.st_size == 0 && !set_aside(tape->path, tape->note, err))
		return false;
	/* a damaged one would get -wal and -shm beside it from the mere trying */
	if (in_wal_mode && !look_inside(tape->path, in_wal_mode, true, err))
		return false;
	int rc = sqlite3_open_v2(tape->path, &tape->db, SQLITE_OPEN_READWRITE, NULL);
	if (rc != SQLITE_OK)
		return failed(tape->db, rc, err);
	sqlite3_busy_timeout(tape->db, BUSY_TIMEOUT_MS);
	sqlite3_file_control(tape->db, NULL, SQLITE_FCNTL_PERSIST_WAL, &persist_wal);
	if (!claim(tape->db, err) || !exec(tape->db, pragmas, err))
		return false;
	unmark(tape->db);
	return true;
}

static void release(struct tape *tape)
{
	sqlite3_close(tape->db);
	if (tape->lock_fd >= 0)
		close(tape->lock_fd);
	free(tape->path);
	tape->db = NULL;
	tape->path = NULL;
	tape->lock_fd = -1;
}

bool tape_open(struct tape *tape, const char *path, enum tape_sync sync, struct err *err)
{
	*tape = (struct tape){ .path = tape_plain_path(path), .lock_fd = -1 };
	struct stat st;
	if (!tape->path)
		return err_set(err, "out of memory");
	bool there = stat(tape->path, &st) == 0;
	if (there && !S_ISREG(st.st_mode)) {
		release(tape);
		return err_set(err, "the tape %s cannot be used: it is not a file", path);
	}
	if (!there && (!may_be_made(tape->path, err) || !make_folders(tape->path, err) || !set_aside(tape->path, tape->note, err) || !create(tape->path, err))) {
		release(tape);
		return err_wrap(err, "the tape %s cannot be made", path);
	}
	if (!open_checked(tape, sync, err)) {
		release(tape);
		return err_wrap(err, "the tape %s cannot be used", path);
	}
	return true;
}

bool tape_in_place(const struct tape *tape)
{
	struct stat named, open_file;
	return fstat(tape->lock_fd, &open_file) == 0 && stat(tape->path, &named) == 0 && named.st_dev == open_file.st_dev &&
	       named.st_ino == open_file.st_ino;
}

static bool checkpoint_whole(sqlite3 *db, struct err *err)
{
	return sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) == SQLITE_OK ||
	       err_set(err, "the last changes stay in the -wal file beside the tape: %s", sqlite3_errmsg(db));
}

/* The mark must not reach the one file before all else has: so it is written when all is there, and brought over alone. */
bool tape_fold(struct tape *tape, int timeout_ms, struct err *err)
{
	char mark[96];
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(mark, sizeof mark, "UPDATE tape_file SET folded_us = %lld, wal_since_us = NULL",
	         (long long)now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000);
	sqlite3_busy_timeout(tape->db, timeout_ms);
	tape->folded = checkpoint_whole(tape->db, err) && exec(tape->db, mark, err) && checkpoint_whole(tape->db, err);
	return tape->folded;
}

bool tape_close_within(struct tape *tape, int timeout_ms, struct err *err)
{
	/* Readers find the recorder's own, empty -wal and -shm afterwards, and need not make any. */
	bool ok = tape->folded || tape_fold(tape, timeout_ms, err);
	if (!tape_in_place(tape)) {
		int persist_wal = 0; /* the name is not ours any more: nothing is left beside it */
		sqlite3_file_control(tape->db, NULL, SQLITE_FCNTL_PERSIST_WAL, &persist_wal);
	}
	release(tape);
	return ok;
}

bool tape_close(struct tape *tape, struct err *err)
{
	return tape_close_within(tape, CLOSE_TIMEOUT_MS, err);
}
