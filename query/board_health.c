/* The recorder's sign of life, and the holes that are open. */
#include "query/board.h"

bool board_read_health(struct board *b, struct err *err)
{
	static const char recorder_sql[] = "SELECT pid, started_us, beat_us, coalesce(stopped_us, 0), queue_rows, queue_limit,"
	                                   " disconnects, lost FROM recorder";
	static const char holes_sql[] = "SELECT market_id, count(*), sum(to_us IS NULL) FROM gap WHERE state = 'open'"
	                                " GROUP BY market_id";
	struct board_health h = { .known = false };
	int64_t *const fields[] = { &h.pid, &h.started_us, &h.beat_us, &h.stopped_us, &h.queue_rows, &h.queue_limit,
	                            &h.disconnects, &h.lost };
	sqlite3_stmt *stmt = NULL;
	if (sqlite3_prepare_v2(b->reader->db, recorder_sql, -1, &stmt, NULL) != SQLITE_OK)
		return reader_failed(b->reader, err);
	h.known = sqlite3_step(stmt) == SQLITE_ROW;
	for (int i = 0; h.known && i < (int)(sizeof fields / sizeof *fields); i++)
		*fields[i] = sqlite3_column_int64(stmt, i);
	if (sqlite3_finalize(stmt) != SQLITE_OK || sqlite3_prepare_v2(b->reader->db, holes_sql, -1, &stmt, NULL) != SQLITE_OK)
		return reader_failed(b->reader, err);
	for (size_t i = 0; i < b->count; i++) {
		b->markets[i].open_holes = 0;
		b->markets[i].unheard = false;
	}
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		for (size_t i = 0; i < b->count; i++) {
			if (b->markets[i].market.id != sqlite3_column_int64(stmt, 0))
				continue;
			b->markets[i].open_holes = sqlite3_column_int64(stmt, 1);
			b->markets[i].unheard = sqlite3_column_int64(stmt, 2) > 0;
			h.open_holes += b->markets[i].open_holes;
		}
	}
	if (sqlite3_finalize(stmt) != SQLITE_OK)
		return reader_failed(b->reader, err);
	b->health = h;
	return true;
}

void board_tell_recorder(struct board *b, const struct board_health *before, int64_t now_us)
{
	enum recorder_state state = board_recorder(&b->health, now_us);
	if (before->known && b->health.known && before->started_us != b->health.started_us)
		board_say(b, now_us, "the recorder was started again (pid %lld)", (long long)b->health.pid);
	else if (b->state_seen == RECORDER_NONE || state == b->state_seen)
		; /* the line of its health tells enough */
	else if (state == RECORDER_STOPPED)
		board_say(b, now_us, "the recorder was stopped");
	else if (state == RECORDER_SILENT)
		board_say(b, now_us, "the recorder has stopped writing without a word");
	else if (state == RECORDER_ALIVE)
		board_say(b, now_us, "the recorder writes again");
	b->state_seen = state;
}
