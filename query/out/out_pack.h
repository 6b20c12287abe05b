/* A program that packs what is written: gzip, zstd.  It reads a pipe and writes the file that was opened for it.  One thread. */
#ifndef QUERY_OUT_OUT_PACK_H
#define QUERY_OUT_OUT_PACK_H

#include "schema/base/err.h"

#include <sys/types.h>

struct pack {
	const char *program; /* borrowed; NULL: nothing is packed */
	pid_t pid;           /* 0: it does not run */
	int file;            /* owned; what it writes; -1: none */
};

/* Takes *fd, the file, and gives the pipe in its place.  false: it cannot be started; *fd is the file still. */
bool pack_start(struct pack *p, const char *program, int *fd, struct err *err) MUST_CHECK;
/* After the pipe was closed: waits until all is in the file, and on the disk. */
bool pack_end(struct pack *p, struct err *err) MUST_CHECK;
void pack_discard(struct pack *p);

#endif
