/* tapedeck backup: a whole copy of the tape, while it is recorded, too.  SQLite's VACUUM INTO reads one snapshot; the copy is checked,
 * written out to the disk, and appears under its name only then.  Nothing is ever overwritten. */
#include "query/context.h"
#include "query/stop.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define STEPS_BETWEEN_LOOKS 10000 /* of SQLite's machine, after which a signal is looked for */
#define STAMP "-%Y%m%dT%H%M%SZ"
#define DATED "-????????T??????Z.db"

struct copy { /* texts are owned */
	char *folder, *name;
	char *base;   /* dated names begin so */
	char *path;   /* its name */
	char *beside; /* the one until it is whole */
	int lock;     /* owned; -1, or holds a lock on that: whoever finds it without one may take it away */
	bool dated;
};

static void release(struct copy *copy)
{
	free(copy->folder);
	free(copy->name);
	free(copy->base);
	free(copy->path);
	free(copy->beside);
	if (copy->lock >= 0)
		close(copy->lock);
}

/* malloc'd; NULL: no memory, or a part has none. */
static char *join(const char *a, const char *b, const char *c, const char *d)
{
	char *text = a ? malloc(strlen(a) + strlen(b) + strlen(c) + strlen(d) + 1) : NULL;
	if (text)
		stpcpy(stpcpy(stpcpy(stpcpy(text, a), b), c), d);
	return text;
}

static char *dated_name(const char *base)
{
	time_t now = time(NULL);
	struct tm utc;
	char stamp[32] = "";
	if (gmtime_r(&now, &utc))
		strftime(stamp, sizeof stamp, STAMP, &utc);
	return join(base, stamp, ".db", "");
}

/* TARGET is a folder, for a dated name, or a file that is not there yet. */
static bool name_copy(const struct context *c, const char *target, struct copy *copy, struct err *err)
{
	struct stat st;
	const char *slash = strrchr(target, '/'), *tape = strrchr(c->reader.path, '/');
	tape = tape ? tape + 1 : c->reader.path;
	size_t len = strlen(tape), stem = len > 3 && strcmp(tape + len - 3, ".db") == 0 ? len - 3 : len;
	copy->dated = (stat(target, &st) == 0 && S_ISDIR(st.st_mode)) || (slash && !slash[1]);
	if (copy->dated) {
		copy->folder = strdup(target);
		copy->base = strndup(tape, stem);
		copy->name = dated_name(copy->base);
	} else {
		copy->folder = slash ? strndup(target, (size_t)(slash - target) + 1) : strdup(".");
		copy->name = strdup(slash ? slash + 1 : target);
	}
	const char *between = copy->folder && copy->folder[0] && copy->folder[strlen(copy->folder) - 1] == '/' ? "" : "/";
	copy->path = copy->name ? join(copy->folder, between, copy->name, "") : NULL;
	char *hidden = copy->name ? join(".", copy->name, ".new-", "XXXXXX") : NULL;
	copy->beside = hidden ? join(copy->folder, between, hidden, "") : NULL;
	free(hidden);
	if (!copy->path || !copy->beside)
		return err_set(err, "out of memory");
	if (!copy->name[0])
		return err_set(err, "'backup' wants the name of a file or a folder");
	if (stat(copy->folder, &st) != 0 || !S_ISDIR(st.st_mode))
		return err_set(err, "there is no folder %s; make it first", copy->folder);
	if (!out_spares(&(struct options){ .output = copy->path }, c->reader.real, err))
		return false;
	if (stat(copy->path, &st) == 0)
		return err_set(err, "%s is there already, and a backup overwrites nothing; name another file, or a folder for dated names", copy->path);
	return true;
}

/* Files of copies that were killed: nobody holds a lock on them. */
static void remove_leftovers(const struct copy *copy)
{
	DIR *folder = opendir(copy->folder);
	const char *own = copy->base ? copy->base : copy->name;
	for (struct dirent *entry; folder && own && (entry = readdir(folder));) {
		const char *end = strstr(entry->d_name, ".new-");
		if (entry->d_name[0] != '.' || strncmp(entry->d_name + 1, own, strlen(own)) != 0 || !end)
			continue;
		bool journal = strcmp(end + strlen(".new-XXXXXX"), "-journal") == 0;
		int fd = openat(dirfd(folder), entry->d_name, O_RDONLY | O_CLOEXEC);
		if (fd >= 0 && !journal && flock(fd, LOCK_EX | LOCK_NB) == 0) {
			char *name = join(entry->d_name, "-journal", "", "");
			unlinkat(dirfd(folder), entry->d_name, 0);
			if (name)
				unlinkat(dirfd(folder), name, 0);
			free(name);
		}
		if (fd >= 0)
			close(fd);
	}
	if (folder)
		closedir(folder);
}

/* An empty file of a name that no other copy has; VACUUM INTO fills it. */
static bool make_beside(struct copy *copy, struct err *err)
{
	copy->lock = copy->beside ? mkostemp(copy->beside, O_CLOEXEC) : -1;
	if (copy->lock < 0)
		return err_set(err, "the copy %s cannot be written: %m", copy->path);
	mode_t mask = umask(0);
	umask(mask);
	fchmod(copy->lock, 0666 & ~mask);
	flock(copy->lock, LOCK_EX | LOCK_NB);
	return true;
}

static int interrupted(void *arg)
{
	(void)arg;
	return stop_wanted();
}

static bool vacuum_into(struct context *c, const struct copy *copy, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	bool ok = sqlite3_prepare_v2(c->reader.db, "VACUUM INTO ?1", -1, &stmt, NULL) == SQLITE_OK &&
	          sqlite3_bind_text(stmt, 1, copy->beside, -1, SQLITE_STATIC) == SQLITE_OK;
	sqlite3_progress_handler(c->reader.db, STEPS_BETWEEN_LOOKS, interrupted, NULL);
	ok = ok && reader_step(stmt) == SQLITE_DONE;
	if (!ok)
		err_set(err, "the copy %s cannot be written: %s", copy->path, stop_wanted() ? "interrupted" : sqlite3_errmsg(c->reader.db));
	sqlite3_progress_handler(c->reader.db, 0, NULL, NULL);
	sqlite3_finalize(stmt);
	return ok;
}

/* Every page and every index of it, as it can be read back. */
static bool check_copy(const struct copy *copy, struct err *err)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;
	bool ok = sqlite3_open_v2(copy->beside, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
	          sqlite3_prepare_v2(db, "PRAGMA integrity_check(1)", -1, &stmt, NULL) == SQLITE_OK;
	if (ok)
		sqlite3_progress_handler(db, STEPS_BETWEEN_LOOKS, interrupted, NULL);
	ok = ok && sqlite3_step(stmt) == SQLITE_ROW;
	const char *said = ok ? (const char *)sqlite3_column_text(stmt, 0) : NULL;
	if (!ok || !said || strcmp(said, "ok") != 0)
		ok = err_set(err, "the copy %s is not sound: %s", copy->path, said ? said : stop_wanted() ? "interrupted" : sqlite3_errmsg(db));
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return ok;
}

static bool sync_path(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;
	int saved = errno;
	if (fd >= 0)
		close(fd);
	errno = saved;
	return ok;
}

/* On the disk, then under its name, unless another has taken that meanwhile. */
static bool publish(const struct copy *copy, struct err *err)
{
	if (!sync_path(copy->beside, O_RDWR))
		return err_set(err, "the copy %s cannot be written: %m", copy->path);
	bool linked = link(copy->beside, copy->path) == 0;
	if (!linked && errno != EEXIST && access(copy->path, F_OK) != 0) /* a file system without links */
		linked = rename(copy->beside, copy->path) == 0;
	if (!linked)
		return err_set(err, "the copy cannot have the name %s: %m", copy->path);
	unlink(copy->beside);
	return sync_path(copy->folder, O_RDONLY | O_DIRECTORY) || err_set(err, "the folder %s cannot be written: %m", copy->folder);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct older {
	char **list; /* owned, and each */
	size_t count;
};

/* Dated copies in the folder, without the one that was just made. */
static bool list_older(const struct copy *copy, DIR *folder, struct older *names, struct err *err)
{
	size_t stem = strlen(copy->base);
	struct stat st;
	for (struct dirent *entry; (entry = readdir(folder));) {
		if (strncmp(entry->d_name, copy->base, stem) != 0 || fnmatch(DATED, entry->d_name + stem, 0) != 0 ||
		    strcmp(entry->d_name, copy->name) == 0 || fstatat(dirfd(folder), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
		    !S_ISREG(st.st_mode))
			continue;
		char **grown = realloc(names->list, (names->count + 1) * sizeof *grown);
		char *name = grown ? strdup(entry->d_name) : NULL;
		names->list = grown ? grown : names->list;
		if (!name)
			return err_set(err, "out of memory");
		names->list[names->count++] = name;
	}
	if (names->count > 1)
		qsort(names->list, names->count, sizeof *names->list, by_text);
	return true;
}

/* Of the dated copies of that name in the folder the new one stays, and of the others the newest `others`. */
static bool remove_older(const struct copy *copy, size_t others, struct err *err)
{
	DIR *folder = opendir(copy->folder);
	struct older names = { NULL, 0 };
	if (!folder || !copy->base || !copy->name)
		return err_set(err, "older copies in %s cannot be listed: %m", copy->folder);
	bool ok = list_older(copy, folder, &names, err);
	for (size_t i = 0; i < names.count; i++) {
		if (ok && i + others < names.count && unlinkat(dirfd(folder), names.list[i], 0) != 0)
			ok = err_set(err, "the copy was made, and the older %s in %s cannot be removed: %m", names.list[i], copy->folder);
		free(names.list[i]);
	}
	free(names.list);
	closedir(folder);
	return ok;
}

enum exit_code cmd_backup(struct context *c, struct err *err)
{
	static const struct column columns[] = { { "file", CELL_TEXT }, { "bytes", CELL_INTEGER } };
	struct copy copy = { .folder = NULL, .lock = -1 };
	enum exit_code code = EXIT_FAILED;
	stop_watch(); /* a copy in the making goes before we do */
	if (!name_copy(c, c->options.names[0], &copy, err) || !copy.path || !copy.beside || !copy.folder)
		goto out;
	if (c->options.rows >= 0 && !copy.dated) {
		err_set(err, "--keep is for copies in a folder, whose names are dated; %s is a file", c->options.names[0]);
		code = EXIT_USAGE;
		goto out;
	}
	remove_leftovers(&copy);
	if (!make_beside(&copy, err))
		goto out;
	if (!vacuum_into(c, &copy, err) || !check_copy(&copy, err) || !publish(&copy, err)) {
		unlink(copy.beside);
		goto out;
	}
	char bytes[INTEGER_TEXT_SIZE];
	struct stat st = { .st_size = 0 };
	stat(copy.path, &st);
	const struct cell cells[] = { { copy.path, strlen(copy.path) }, { bytes, integer_format((int64_t)st.st_size, bytes) } };
	out_columns(&c->out, columns, sizeof columns / sizeof *columns);
	out_row(&c->out, cells);
	if (c->options.rows < 0 || remove_older(&copy, (size_t)c->options.rows - 1, err))
		code = EXIT_OK;
	else
		c->told = true; /* the row stands */
out:
	release(&copy);
	return code;
}
