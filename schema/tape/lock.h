/* Who holds the recorder's lock on a tape, by the kernel's own list (/proc/locks).  Looking takes no lock and hinders nobody.
 * Any thread. */
#ifndef SCHEMA_TAPE_LOCK_H
#define SCHEMA_TAPE_LOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>

/* The process that holds a flock() on the file, by a list in the form of /proc/locks; 0: none. */
int lock_holder_in(FILE *list, dev_t dev, ino_t ino);
/* Does it name a flock() on that inode of any device?  Some file systems (btrfs) stand there under another one. */
bool lock_listed_in(FILE *list, ino_t ino);

int lock_holder(int fd); /* by /proc/locks; 0 if it is not to be known */

/* Who holds a shared POSIX lock on any of the bytes `first` to `last` of the file; returns how many, at most `max`. */
size_t lock_sharers_in(FILE *list, dev_t dev, ino_t ino, long first, long last, int *pids, size_t max);

/* A second lock says to those who may not take the first, and to other PID namespaces, that a recorder writes to this very
 * file, under whatever name: an open-file lock on one byte that SQLite does not use.  flock() decides, this one tells. */
void lock_tell(int fd);
/* Does anybody tell so?  `fd`: open in any way.  Closing it drops the SQLite locks that this process has on that file. */
bool lock_told(int fd);

/* Is it certain that no process of this machine holds the lock on `path`?  false: one does, or it cannot be known here. */
bool lock_surely_free(const char *path);

#endif
