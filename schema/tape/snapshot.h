/* Who reads the tape right now and so keeps the -wal from being brought into it: by the shared locks on the -shm, as
 * /proc/locks shows them.  Looking takes no lock.  Any thread. */
#ifndef SCHEMA_TAPE_SNAPSHOT_H
#define SCHEMA_TAPE_SNAPSHOT_H

#include <stdbool.h>
#include <sys/types.h>

#define SNAPSHOT_TEXT_SIZE 256

/* `python3 (pid 123), sqlite3 (pid 124)`, without the process `except`.  false, and "" : none is known; another machine's, or
 * those of another PID namespace, are not to be seen. */
bool snapshot_holders(const char *tape, pid_t except, char text[static SNAPSHOT_TEXT_SIZE]);

#endif
