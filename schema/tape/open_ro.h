/* Opening an SQLite file for reading, so that no file is made, changed or left beside it.  Any thread. */
#ifndef SCHEMA_TAPE_OPEN_RO_H
#define SCHEMA_TAPE_OPEN_RO_H

#include <sqlite3.h>
#include <stdbool.h>
#include <sys/types.h>

/* `real`: without symbolic links; `wal_mode`: as its header says; `wal_size`: of its -wal, -1 where there is none; `shm`: has
 * it a -shm?  Returns SQLite's code; *db is to be closed in any case, NULL where there was no memory. */
int open_ro(const char *real, bool wal_mode, off_t wal_size, bool shm, sqlite3 **db);

#endif
