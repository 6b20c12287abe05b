/* The recorder's sign of life, and the gaps that are open. */
#include "query/screen/board.h"

bool board_read_health(struct board *b, int64_t now_us, struct err *err)
{
	static const char gaps_sql[] = "SELECT market_id, count(*), sum(to_us IS NULL) FROM gap WHERE state = 'open'"
	                                " GROUP BY market_id";
	struct board_health h = { .open_gaps = 0 };
	sqlite3_stmt *stmt = NULL;
	if (!life_read(b->reader, now_us, &h.life, err))
		return false;
	if (sqlite3_prepare_v2(b->reader->db, gaps_sql, -1, &stmt, NULL) != SQLITE_OK)
		return reader_failed(b->reader, err);
	for (size_t i = 0; i < b->count; i++) {
		b->markets[i].open_gaps = 0;
		b->markets[i].unheard = false;
	}
	while (reader_step(stmt) == SQLITE_ROW) {
		for (size_t i = 0; i < b->count; i++) {
			if (b->markets[i].market.id != sqlite3_column_int64(stmt, 0))
				continue;
			b->markets[i].open_gaps = sqlite3_column_int64(stmt, 1);
			b->markets[i].unheard = b->markets[i].market.wanted && sqlite3_column_int64(stmt, 2) > 0;
			h.open_gaps += b->markets[i].market.wanted ? b->markets[i].open_gaps : 0;
		}
	}
	if (sqlite3_finalize(stmt) != SQLITE_OK)
		return reader_failed(b->reader, err);
	b->health = h;
	return true;
}

void board_tell_recorder(struct board *b, const struct board_health *before, int64_t now_us)
{
	const struct recorder_life *was = &before->life, *is = &b->health.life;
	if (was->life != LIFE_NEVER && is->life != LIFE_NEVER && was->started_us != is->started_us)
		board_say(b, now_us, "the recorder was started again (pid %lld)", (long long)is->pid);
	else if (b->life_seen == LIFE_NEVER || is->life == b->life_seen)
		; /* the line of its health tells enough */
	else if (is->life == LIFE_STOPPED)
		board_say(b, now_us, "the recorder was stopped");
	else if (is->life == LIFE_DEAD)
		board_say(b, now_us, "the recorder has stopped writing without a word");
	else if (is->life == LIFE_ALIVE)
		board_say(b, now_us, "the recorder writes again");
	b->life_seen = is->life;
}
