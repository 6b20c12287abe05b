#include "schema/tape/fault.h"

#include <stdio.h>

#define CODE 0xff /* SQLite's codes; what stands above is their extension */

bool fault_set(struct fault *fault, int rc, const char *words)
{
	if (fault->rc == SQLITE_OK) {
		fault->rc = rc;
		snprintf(fault->words, sizeof fault->words, "%s", words);
	}
	return false;
}

bool fault_memory(struct fault *fault)
{
	return fault_set(fault, SQLITE_NOMEM, "out of memory");
}

/* The handle's words, where it still speaks of the same failure. */
static bool set_from(sqlite3 *db, int rc, struct fault *fault)
{
	if ((rc & CODE) == SQLITE_NOMEM)
		return fault_memory(fault);
	return fault_set(fault, rc & CODE, (sqlite3_errcode(db) & CODE) == (rc & CODE) ? sqlite3_errmsg(db) : sqlite3_errstr(rc));
}

enum step fault_step(sqlite3_stmt *stmt, struct fault *fault)
{
	int rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		return STEP_ROW;
	if (rc == SQLITE_DONE)
		return STEP_DONE;
	set_from(sqlite3_db_handle(stmt), rc, fault);
	return STEP_FAILED;
}

bool fault_done(sqlite3_stmt *stmt, struct fault *fault)
{
	enum step step = fault_step(stmt, fault);
	sqlite3_reset(stmt);
	return step == STEP_DONE || (step == STEP_ROW && fault_set(fault, SQLITE_MISUSE, "a statement gave a row that nobody asked for"));
}

bool fault_no_memory(sqlite3_stmt *stmt)
{
	return (sqlite3_errcode(sqlite3_db_handle(stmt)) & CODE) == SQLITE_NOMEM;
}

bool fault_column(sqlite3_stmt *stmt, struct fault *fault)
{
	return fault_no_memory(stmt) ? fault_memory(fault) : fault_set(fault, FAULT_NONSENSE, "a row of the tape makes no sense");
}

bool fault_bound(sqlite3_stmt *stmt, int rc, struct fault *fault)
{
	return rc == SQLITE_OK || set_from(sqlite3_db_handle(stmt), rc, fault);
}

bool fault_is_damage(const struct fault *fault)
{
	return fault->rc == SQLITE_CORRUPT || fault->rc == SQLITE_NOTADB;
}

bool fault_is_refusal(const struct fault *fault)
{
	return fault->rc == FAULT_NONSENSE || fault->rc == FAULT_UNKNOWN || fault->rc == SQLITE_CONSTRAINT ||
	       fault->rc == SQLITE_TOOBIG || fault->rc == SQLITE_MISMATCH;
}

void fault_clear(struct fault *fault)
{
	*fault = (struct fault){ .rc = SQLITE_OK };
}
