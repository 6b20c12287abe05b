#include "schema/tape/statements.h"

#include "schema/tape/schema.h"

bool statements_prepare(sqlite3 *db, sqlite3_stmt **statements, const char *const *sql, size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++)
		if (!tape_prepare(db, &statements[i], sql[i], err))
			return false;
	return true;
}

void statements_finalize(sqlite3_stmt **statements, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		sqlite3_finalize(statements[i]);
		statements[i] = NULL;
	}
}
