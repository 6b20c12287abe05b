#include "recorder/tape/heartbeat_rows.h"

#include "recorder/clock.h"
#include "schema/tape/statements.h"

#include <unistd.h>

static const char *const sql[HEARTBEAT_STATEMENTS] = {
	[HEARTBEAT_PUT] = ("INSERT OR REPLACE INTO recorder (one, pid, version, started_us, beat_us, queue_rows, queue_limit, "
	                  "disconnects, received, bad, lost) VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"),
	[HEARTBEAT_CLOCK] = "INSERT OR REPLACE INTO exchange_clock VALUES (?1, ?2, ?3)",
	[HEARTBEAT_STOPPED] = "UPDATE recorder SET stopped_us = ?1, beat_us = max(beat_us, ?1), queue_rows = 0, lost = ?2",
};

bool heartbeat_rows_init(struct heartbeat_rows *b, sqlite3 *db, size_t queue_limit, struct fault *fault, struct err *err)
{
	*b = (struct heartbeat_rows){ .fault = fault, .started_wall_us = clock_wall_us(), .queue_limit = queue_limit };
	return wal_watch_init(&b->wal, db, fault, err) && statements_prepare(db, b->statements, sql, HEARTBEAT_STATEMENTS, err);
}

void heartbeat_rows_release(struct heartbeat_rows *b)
{
	wal_watch_release(&b->wal);
	statements_finalize(b->statements, HEARTBEAT_STATEMENTS);
}

bool heartbeat_rows_put(struct heartbeat_rows *b, const struct heartbeat_mark *beat)
{
	sqlite3_stmt *stmt = b->statements[HEARTBEAT_PUT];
	sqlite3_bind_int64(stmt, 1, getpid());
	sqlite3_bind_text(stmt, 2, TAPEDECK_VERSION, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 3, b->started_wall_us);
	sqlite3_bind_int64(stmt, 4, beat->wall_us);
	sqlite3_bind_int64(stmt, 5, (int64_t)beat->queue_rows);
	sqlite3_bind_int64(stmt, 6, (int64_t)b->queue_limit);
	sqlite3_bind_int64(stmt, 7, (int64_t)beat->disconnects);
	sqlite3_bind_int64(stmt, 8, (int64_t)beat->received);
	sqlite3_bind_int64(stmt, 9, (int64_t)beat->bad);
	sqlite3_bind_int64(stmt, 10, (int64_t)beat->lost);
	return fault_done(stmt, b->fault) && wal_watch_look(&b->wal, beat->wall_us);
}

bool heartbeat_rows_clock(struct heartbeat_rows *b, const struct clock_mark *mark)
{
	sqlite3_stmt *stmt = b->statements[HEARTBEAT_CLOCK];
	sqlite3_bind_text(stmt, 1, mark->exchange, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 2, mark->ahead_us);
	sqlite3_bind_int64(stmt, 3, mark->wall_us);
	return fault_done(stmt, b->fault);
}

bool heartbeat_rows_stopped(struct heartbeat_rows *b, uint64_t lost)
{
	sqlite3_stmt *stmt = b->statements[HEARTBEAT_STOPPED];
	sqlite3_bind_int64(stmt, 1, clock_wall_us());
	sqlite3_bind_int64(stmt, 2, (int64_t)lost);
	return fault_done(stmt, b->fault);
}
