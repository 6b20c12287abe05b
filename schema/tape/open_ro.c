/* A tape is in WAL mode, and SQLite reads such a file through two others, -wal and -shm.  Four situations, four ways in,
 * of which none creates or changes a file, so that the recorder, perhaps another user, never meets one it cannot use:
 *
 *   -wal and -shm are there     the usual way, with -shm read-only.  While a recorder lives its index is shared; when none
 *   (recording, stopped,        does, SQLite builds the index in memory.  Locks are taken, so a recorder may start any time.
 *   killed)
 *   no -wal, or an empty one    immutable: the one file holds everything (a bare copy).  No locks.
 *   without -shm
 *   -wal, but no -shm           the index in memory, by a VFS without locks: the two files were copied after a kill.
 *   not in WAL mode             the usual way */
#include "schema/tape/open_ro.h"

#include <stdlib.h>
#include <string.h>

static char *uri(const char *real, const char *query)
{
	static const char hex[] = "0123456789ABCDEF";
	char *text = malloc(strlen("file:?") + 3 * strlen(real) + strlen(query) + 1);
	if (!text)
		return NULL;
	char *out = stpcpy(text, "file:");
	for (const unsigned char *p = (const unsigned char *)real; *p; p++) {
		if (*p == '?' || *p == '#' || *p == '%') {
			*out++ = '%';
			*out++ = hex[*p >> 4];
			*out++ = hex[*p & 15];
		} else {
			*out++ = (char)*p;
		}
	}
	*out++ = '?';
	stpcpy(out, query);
	return text;
}

int open_ro(const char *real, bool wal_mode, off_t wal_size, bool shm, sqlite3 **db)
{
	const char *way = "mode=ro&readonly_shm=1";
	bool heap_index = wal_mode && !shm && wal_size > 0;
	if (heap_index)
		way = "mode=ro&vfs=unix-none";
	else if (wal_mode && (wal_size < 0 || !shm))
		way = "mode=ro&immutable=1";
	char *name = uri(real, way);
	*db = NULL;
	if (!name)
		return SQLITE_NOMEM;
	int rc = sqlite3_open_v2(name, db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);
	free(name);
	if (rc != SQLITE_OK)
		return rc;
	sqlite3_db_config(*db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_db_config(*db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	return sqlite3_exec(*db, heap_index ? "PRAGMA cell_size_check = ON; PRAGMA locking_mode = EXCLUSIVE"
	                                    : "PRAGMA cell_size_check = ON", NULL, NULL, NULL);
}
