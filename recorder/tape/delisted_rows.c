#include "recorder/tape/delisted_rows.h"

#include "schema/base/vec.h"
#include "schema/tape/fault.h"
#include "schema/tape/reader.h"
#include "schema/tape/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool add_known(struct config *config, const char *name, bool wanted)
{
	struct tape_name *grown = vec_grow(config->on_tape, config->on_tape_count, sizeof *grown);
	if (!grown)
		return false;
	config->on_tape = grown;
	struct tape_name *known = &grown[config->on_tape_count++];
	snprintf(known->name, sizeof known->name, "%s", name);
	known->wanted = wanted;
	return true;
}

void delisted_rows_known(struct config *config)
{
	struct reader reader;
	struct err err = { .text = "" };
	sqlite3_stmt *stmt = NULL;
	if (!reader_open(&reader, config->db, &err))
		return;
	if (sqlite3_prepare_v2(reader.db, "SELECT exchange || ':' || symbol, EXISTS (SELECT 1 FROM wanted w WHERE w.market_id = m.market_id "
	                                  "AND w.to_us IS NULL) FROM market m", -1, &stmt, NULL) == SQLITE_OK)
		while (sqlite3_step(stmt) == SQLITE_ROW && /* what is not read is not known, and refused as any wrong name */
		       add_known(config, (const char *)sqlite3_column_text(stmt, 0), sqlite3_column_int(stmt, 1) != 0))
			;
	sqlite3_finalize(stmt);
	reader_close(&reader);
}

static bool put(sqlite3_stmt *stmt, const struct exchange *exchange, const char *symbol, int64_t gap_id, int64_t now_us, struct fault *fault)
{
	sqlite3_bind_text(stmt, 1, exchange->name, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, symbol, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 3, now_us);
	if (gap_id != 0)
		sqlite3_bind_int64(stmt, 4, gap_id);
	return fault_done(stmt, fault);
}

bool delisted_rows_write(sqlite3 *db, const struct market_plan *plan, int64_t *next_gap_id, int64_t now_us, struct err *err)
{
	struct fault fault = { .rc = SQLITE_OK };
	sqlite3_stmt *open = NULL, *end = NULL;
	bool ok = tape_prepare(db, &end, "UPDATE gap SET to_us = max(from_us, ?3) WHERE reason = 'delisted' AND to_us IS NULL AND market_id = "
	                                 "(SELECT market_id FROM market WHERE exchange = ?1 AND symbol = ?2)", err) &&
	          tape_prepare(db, &open,
	                       "INSERT INTO gap (gap_id, market_id, from_us, reason, state, note, opened_us, closed_us) "
	                       "SELECT ?4, market_id, coalesce((SELECT max(time_us) FROM trade t WHERE t.market_id = m.market_id), "
	                       "(SELECT max(to_us) FROM coverage c WHERE c.market_id = m.market_id), ?3), 'delisted', 'unfillable', "
	                       "'the exchange does not list it any more', ?3, ?3 FROM market m WHERE exchange = ?1 AND symbol = ?2 "
	                       "AND NOT EXISTS (SELECT 1 FROM gap g WHERE g.market_id = m.market_id AND reason = 'delisted' AND to_us IS NULL)", err);
	bool began = ok && sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK;
	ok = began;
	for (size_t i = 0; ok && i < plan->market_count; i++)
		ok = put(end, plan->markets[i]->exchange, plan->markets[i]->symbol, 0, now_us, &fault);
	for (size_t i = 0; ok && i < plan->delisted_count; i++)
		ok = put(open, plan->delisted[i].exchange, plan->delisted[i].symbol, (*next_gap_id)++, now_us, &fault);
	ok = ok && sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
	if (!ok && err->text[0] == '\0')
		err_set(err, "%s", fault.rc != SQLITE_OK ? fault.words : sqlite3_errmsg(db));
	if (!ok && began)
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	sqlite3_finalize(open);
	sqlite3_finalize(end);
	return ok;
}
