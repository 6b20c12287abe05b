/* Waiting until something may have changed on the tape, for commands that go on.  One thread. */
#ifndef QUERY_READ_CHANGE_H
#define QUERY_READ_CHANGE_H

#include "query/out/out.h"
#include "query/read/rows.h"

struct change {
	sqlite3_stmt *stmt; /* owned */
	int64_t version;    /* SQLite's data_version; another one after each commit of anybody else */
};

/* For 100 ms at most.  *changed: something did, or this is the first call.  The reader of a pipe that goes away wakes it, as a
 * signal does. */
bool change_wait(struct change *w, struct reader *r, struct out *o, bool *changed, struct err *err) MUST_CHECK;
void change_release(struct change *w);

#endif
