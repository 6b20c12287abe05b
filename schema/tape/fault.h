/* Why the tape could not be read or written, noted where it happened: SQLite's own word for it is gone with the next call on
 * the handle, and a statement that was reset tells nothing.  Whoever steps a statement does it through here, so that a failure is
 * never taken for "there is no row".  One thread at a time, as the handle; the first fault stays until fault_clear. */
#ifndef SCHEMA_TAPE_FAULT_H
#define SCHEMA_TAPE_FAULT_H

#include "schema/base/err.h"

#include <sqlite3.h>

struct fault {
	int rc;          /* SQLITE_OK: none; SQLite's code without its extension; or one of the next two */
	char words[160];
};
#define FAULT_NONSENSE (-1) /* a row of the tape makes no sense */
#define FAULT_UNKNOWN (-2)  /* we were asked for what we were never told of */

enum step { STEP_FAILED, STEP_DONE, STEP_ROW };
enum step fault_step(sqlite3_stmt *stmt, struct fault *fault);
/* Steps what gives no row, and resets it. */
bool fault_done(sqlite3_stmt *stmt, struct fault *fault);

/* These note it and return false. */
bool fault_memory(struct fault *fault);
bool fault_set(struct fault *fault, int rc, const char *words);
/* A column of the row at hand could not be read: out of memory, or it makes no sense. */
bool fault_column(sqlite3_stmt *stmt, struct fault *fault);
/* Of what sqlite3_bind_* returned: true where that is SQLITE_OK. */
bool fault_bound(sqlite3_stmt *stmt, int rc, struct fault *fault);

/* Did memory run out while a column was read? */
bool fault_no_memory(sqlite3_stmt *stmt);
/* Can the tape be used no longer, whatever is tried? */
bool fault_is_damage(const struct fault *fault);
/* Does it lie in what was to be written, or in the rows beside it, so that trying again is of no use, and the rest can go on? */
bool fault_is_refusal(const struct fault *fault);
void fault_clear(struct fault *fault);

#endif
