#include "recorder/tape/id_epochs.h"

#include "schema/tape/schema.h"

#define OTHERS_ENOUGH 3

bool id_epochs_init(struct id_epochs *e, sqlite3 *db, struct fault *fault, struct err *err)
{
	*e = (struct id_epochs){ .fault = fault };
	return tape_prepare(db, &e->around,
	                    "SELECT (SELECT max(from_us) FROM id_epoch WHERE market_id = ?1 AND from_us <= ?2),"
	                    " (SELECT min(from_us) FROM id_epoch WHERE market_id = ?1 AND from_us > ?2)", err) &&
	       tape_prepare(db, &e->begin, "INSERT OR IGNORE INTO id_epoch (market_id, from_us) VALUES (?1, ?2)", err) &&
	       tape_prepare(db, &e->move, "UPDATE OR REPLACE id_epoch SET from_us = ?3 WHERE market_id = ?1 AND from_us = ?2", err);
}

void id_epochs_release(struct id_epochs *e)
{
	sqlite3_finalize(e->around);
	sqlite3_finalize(e->begin);
	sqlite3_finalize(e->move);
}

static int64_t column_or(sqlite3_stmt *stmt, int column, int64_t none)
{
	return sqlite3_column_type(stmt, column) == SQLITE_NULL ? none : sqlite3_column_int64(stmt, column);
}

bool id_epochs_around(struct id_epochs *e, int64_t market_id, int64_t time_us, int64_t *from_us, int64_t *until_us)
{
	sqlite3_bind_int64(e->around, 1, market_id);
	sqlite3_bind_int64(e->around, 2, time_us);
	bool ok = fault_step(e->around, e->fault) == STEP_ROW;
	*from_us = ok ? column_or(e->around, 0, INT64_MIN) : INT64_MIN;
	*until_us = ok ? column_or(e->around, 1, INT64_MAX) : INT64_MAX;
	sqlite3_reset(e->around);
	return ok;
}

bool id_epochs_begin(struct id_epochs *e, int64_t market_id, int64_t from_us)
{
	sqlite3_bind_int64(e->begin, 1, market_id);
	sqlite3_bind_int64(e->begin, 2, from_us);
	return fault_done(e->begin, e->fault);
}

bool id_epochs_move(struct id_epochs *e, int64_t market_id, int64_t from_us, int64_t to_us)
{
	sqlite3_bind_int64(e->move, 1, market_id);
	sqlite3_bind_int64(e->move, 2, from_us);
	sqlite3_bind_int64(e->move, 3, to_us);
	return fault_done(e->move, e->fault);
}

bool id_run_is_another(const struct trade *a, const struct trade *there)
{
	return a->time_us != there->time_us &&
	       (decimal_compare(&a->price, &there->price) != 0 || decimal_compare(&a->size, &there->size) != 0);
}

bool id_run_take(struct id_run *run, const struct trade *trade, int64_t gap_id, const struct trade *there, int64_t newest_us)
{
	for (size_t i = 0; i < run->count; i++)
		if (trade_id_compare(&run->held[i].id, &trade->id) == 0)
			return false; /* the other connection's */
	const struct trade *last = run->count > 0 ? &run->held[run->count - 1] : NULL;
	bool goes_on = last && run->count < ID_RUN_HELD_MAX && newest_us < run->held[0].time_us && trade->time_us >= last->time_us &&
	               trade_id_compare(&trade->id, &last->id) > 0;
	if (!goes_on)
		run->count = run->others = 0;
	if (trade->time_us == there->time_us || (!goes_on && trade->time_us <= newest_us))
		return false;
	run->gap_ids[run->count] = gap_id;
	run->held[run->count++] = *trade;
	run->others += id_run_is_another(trade, there);
	return run->others >= OTHERS_ENOUGH;
}
