#include "recorder/tape/gap_rows.h"

#include "schema/tape/statements.h"

#include <stddef.h>

static const char *const sql[GAP_STATEMENTS] = {
	[GAP_PUT] = ("INSERT INTO gap (gap_id, market_id, from_us, to_us, from_id, to_id, reason, state, note, opened_us, closed_us) "
	            "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, CASE ?8 WHEN 'open' THEN NULL ELSE ?10 END) "
	            "ON CONFLICT (gap_id) DO UPDATE SET from_us = excluded.from_us, to_us = excluded.to_us, "
	            "from_id = excluded.from_id, to_id = excluded.to_id, state = excluded.state, note = excluded.note, "
	            "closed_us = excluded.closed_us"),
	[GAP_COUNT] = "UPDATE gap SET filled = filled + 1 WHERE gap_id = ?1",
	[GAP_COVER] = ("INSERT INTO coverage VALUES (?1, ?2, ?3) ON CONFLICT (market_id, from_us) "
	              "DO UPDATE SET to_us = max(to_us, excluded.to_us)"),
	[GAP_COVERED] = ("SELECT EXISTS (SELECT 1 FROM coverage WHERE market_id = ?1 AND from_us <= ?2 AND to_us > ?2) AND NOT EXISTS "
	                "(SELECT 1 FROM gap WHERE market_id = ?1 AND state <> 'filled' AND from_us <= ?2 AND (to_us IS NULL OR to_us > ?2))"),
};

bool gap_rows_init(struct gap_rows *b, sqlite3 *db, struct fault *fault, struct err *err)
{
	*b = (struct gap_rows){ .fault = fault };
	return statements_prepare(db, b->statements, sql, GAP_STATEMENTS, err);
}

void gap_rows_release(struct gap_rows *b)
{
	statements_finalize(b->statements, GAP_STATEMENTS);
}

static void bind_unless(sqlite3_stmt *stmt, int index, int64_t value, int64_t none)
{
	if (value == none)
		sqlite3_bind_null(stmt, index);
	else
		sqlite3_bind_int64(stmt, index, value);
}

bool gap_rows_put(struct gap_rows *b, int64_t market_id, const struct gap_mark *mark, int64_t now_wall_us)
{
	sqlite3_stmt *stmt = b->statements[GAP_PUT];
	sqlite3_bind_int64(stmt, 1, mark->gap_id);
	sqlite3_bind_int64(stmt, 2, market_id);
	sqlite3_bind_int64(stmt, 3, mark->from_us);
	bind_unless(stmt, 4, mark->to_us, GAP_NOT_OVER);
	bind_unless(stmt, 5, mark->from_id, GAP_NO_ID);
	bind_unless(stmt, 6, mark->from_id == GAP_NO_ID ? GAP_NO_ID : mark->to_id, GAP_NO_ID);
	sqlite3_bind_text(stmt, 7, gap_reason_words[mark->reason], -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 8, gap_state_words[mark->state], -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 9, mark->note, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 10, now_wall_us);
	return fault_done(stmt, b->fault) && (mark->state != GAP_FILLED || gap_rows_cover(b, market_id, mark->from_us, mark->to_us));
}

bool gap_rows_count(struct gap_rows *b, int64_t gap_id)
{
	sqlite3_stmt *stmt = b->statements[GAP_COUNT];
	sqlite3_bind_int64(stmt, 1, gap_id);
	return fault_done(stmt, b->fault);
}

bool gap_rows_cover(struct gap_rows *b, int64_t market_id, int64_t from_us, int64_t to_us)
{
	sqlite3_stmt *stmt = b->statements[GAP_COVER];
	sqlite3_bind_int64(stmt, 1, market_id);
	sqlite3_bind_int64(stmt, 2, from_us);
	sqlite3_bind_int64(stmt, 3, to_us);
	return fault_done(stmt, b->fault);
}

bool gap_rows_covered(struct gap_rows *b, int64_t market_id, int64_t time_us, bool *covered)
{
	sqlite3_stmt *stmt = b->statements[GAP_COVERED];
	sqlite3_bind_int64(stmt, 1, market_id);
	sqlite3_bind_int64(stmt, 2, time_us);
	bool ok = fault_step(stmt, b->fault) == STEP_ROW;
	*covered = ok && sqlite3_column_int(stmt, 0) != 0;
	sqlite3_reset(stmt);
	return ok;
}
