#include "recorder/tape/wanted_rows.h"

#include "schema/tape/schema.h"

#include <stdio.h>
#include <string.h>

bool wanted_rows_init(struct wanted_rows *b, sqlite3 *db, struct fault *fault, struct err *err)
{
	*b = (struct wanted_rows){ .db = db, .fault = fault };
	return tape_prepare(db, &b->open, "INSERT INTO wanted SELECT ?1, max(?2, 1 + ifnull(max(to_us), 0)), NULL FROM wanted "
	                                  "WHERE market_id = ?1 HAVING count(*) = count(to_us)", err);
}

void wanted_rows_release(struct wanted_rows *b)
{
	sqlite3_finalize(b->open);
}

static bool asks_for(const struct market_plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->market_count; i++)
		if (plan->markets[i]->channel == CHANNEL_TRADES && strcmp(plan->markets[i]->name, name) == 0)
			return true;
	for (size_t i = 0; i < plan->waiting_count; i++)
		if (pattern_fits(plan->waiting[i], name))
			return true;
	return false;
}

static bool end_unwanted(sqlite3 *db, const struct market_plan *plan, int64_t now_us)
{
	sqlite3_stmt *open = NULL, *end = NULL;
	bool ok = sqlite3_prepare_v2(db, "SELECT w.market_id, exchange, symbol FROM wanted w JOIN market USING (market_id) "
	                                 "WHERE to_us IS NULL", -1, &open, NULL) == SQLITE_OK &&
	          sqlite3_prepare_v2(db, "UPDATE wanted SET to_us = max(from_us, ifnull((SELECT beat_us FROM recorder), ?2)) "
	                                 "WHERE market_id = ?1 AND to_us IS NULL", -1, &end, NULL) == SQLITE_OK;
	int rc = SQLITE_DONE;
	while (ok && (rc = sqlite3_step(open)) == SQLITE_ROW) {
		char name[MARKET_NAME_SIZE];
		snprintf(name, sizeof name, "%s:%s", (const char *)sqlite3_column_text(open, 1),
		         (const char *)sqlite3_column_text(open, 2));
		if (asks_for(plan, name))
			continue;
		sqlite3_bind_int64(end, 1, sqlite3_column_int64(open, 0));
		sqlite3_bind_int64(end, 2, now_us);
		ok = sqlite3_step(end) == SQLITE_DONE;
		sqlite3_reset(end);
	}
	sqlite3_finalize(open);
	sqlite3_finalize(end);
	return ok && rc == SQLITE_DONE;
}

bool wanted_rows_begin(struct wanted_rows *b, const struct market_plan *plan, int64_t now_us, struct err *err)
{
	bool ok = sqlite3_exec(b->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK && end_unwanted(b->db, plan, now_us) &&
	          sqlite3_exec(b->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
	if (ok)
		return true;
	err_set(err, "%s", sqlite3_errmsg(b->db));
	if (!sqlite3_get_autocommit(b->db))
		sqlite3_exec(b->db, "ROLLBACK", NULL, NULL, NULL);
	return false;
}

bool wanted_rows_put(struct wanted_rows *b, int64_t market_id, int64_t now_us)
{
	sqlite3_bind_int64(b->open, 1, market_id);
	sqlite3_bind_int64(b->open, 2, now_us);
	return fault_done(b->open, b->fault);
}
