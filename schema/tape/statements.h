/* A table of prepared statements: an enum names them, an array of texts in its order holds their SQL, and nothing else knows of them.
 * One thread, that of the connection. */
#ifndef SCHEMA_TAPE_STATEMENTS_H
#define SCHEMA_TAPE_STATEMENTS_H

#include "schema/base/err.h"

#include <sqlite3.h>
#include <stddef.h>

/* Owned by the caller in either case, and finalized by statements_finalize. */
bool statements_prepare(sqlite3 *db, sqlite3_stmt **statements, const char *const *sql, size_t count, struct err *err) MUST_CHECK;
void statements_finalize(sqlite3_stmt **statements, size_t count);

#endif
