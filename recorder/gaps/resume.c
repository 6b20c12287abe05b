#include "recorder/gaps/resume.h"

#include "schema/tape/fault.h"
#include "schema/tape/schema.h"
#include "schema/base/timefmt.h"
#include "schema/value/trade.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAR_US US_PER_DAY          /* beyond our clock: an absurd time, unless the tape has no other */
#define APART_US (5 * US_PER_SECOND)
#define BESIDE_US (10 * US_PER_MINUTE)
#define ARRIVED_US (2 * US_PER_MINUTE) /* the exchange's clock may have been set back by so much */
#define REASON_WORD_SIZE 32
#define UNSETTLED_US US_PER_MINUTE /* before the end: of two connections one may have been so far ahead, and more */

struct loader {
	struct resume *resume;
	sqlite3 *db;
	sqlite3_stmt *last, *arrived, *time_before, *oldest, *covered, *ended, *gaps, *since, *skip, *recorded, *behind; /* owned */
	int64_t now_us;
	struct fault fault;
};

/* The row of a bound `stmt`, which the caller resets; *row: is there one?  false: it could not be read. */
static bool look(struct loader *l, sqlite3_stmt *stmt, bool *row)
{
	enum step step = fault_step(stmt, &l->fault);
	*row = step == STEP_ROW;
	return step != STEP_FAILED;
}

/* The one integer that `stmt` tells; `none` where there is no row, or NULL in it. */
static bool ask_int(struct loader *l, sqlite3_stmt *stmt, int64_t none, int64_t *value)
{
	bool row, ok = look(l, stmt, &row);
	*value = row && sqlite3_column_type(stmt, 0) != SQLITE_NULL ? sqlite3_column_int64(stmt, 0) : none;
	sqlite3_reset(stmt);
	return ok;
}

static bool ask_of_market(struct loader *l, sqlite3_stmt *stmt, const struct resume_market *m, int64_t none, int64_t *value)
{
	sqlite3_bind_int64(stmt, 1, m->market_id);
	return ask_int(l, stmt, none, value);
}

/* The newest time before `before_us`; INT64_MIN: none. */
static bool time_before(struct loader *l, const struct resume_market *m, int64_t before_us, int64_t *time_us)
{
	sqlite3_bind_int64(l->time_before, 2, before_us);
	return ask_of_market(l, l->time_before, m, INT64_MIN, time_us);
}

/* false: out of memory. */
static bool read_text(struct loader *l, sqlite3_stmt *stmt, int column, char *out, size_t size)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);
	snprintf(out, size, "%s", text ? text : "");
	return text || sqlite3_column_type(stmt, column) == SQLITE_NULL || fault_memory(&l->fault);
}

/* A recorder that was killed may have stored trades behind a skip, and not yet the gap: all counts as missing from there. */
static bool step_back_to_skip(struct loader *l, struct resume_market *m)
{
	bool row;
	int64_t since_us;
	if (!time_before(l, m, m->newest_us - UNSETTLED_US, &since_us)) /* that trade, too: behind it the first skip may be */
		return false;
	sqlite3_bind_int64(l->skip, 1, m->market_id);
	sqlite3_bind_int64(l->skip, 2, since_us != INT64_MIN ? since_us : m->newest_us - UNSETTLED_US);
	sqlite3_bind_int64(l->skip, 3, m->newest_us);
	bool ok = look(l, l->skip, &row);
	if (row) {
		m->newest_id = sqlite3_column_int64(l->skip, 0);
		m->newest_us = sqlite3_column_int64(l->skip, 1);
	}
	sqlite3_reset(l->skip);
	return ok;
}

/* The newest trade before `before_us`.  An id that makes no sense is one that is not known. */
static bool load_last(struct loader *l, struct resume_market *m, int64_t before_us)
{
	struct trade_id id;
	bool row;
	sqlite3_bind_int64(l->last, 1, m->market_id);
	sqlite3_bind_int64(l->last, 2, before_us);
	bool ok = look(l, l->last, &row);
	if (row) {
		m->newest_us = sqlite3_column_int64(l->last, 0);
		if (!trade_id_column(l->last, 1, &id, m->newest_us, m->rule))
			ok = !fault_no_memory(l->last) || fault_memory(&l->fault);
		else if (id.kind == TRADE_ID_NUMBER)
			m->newest_id = id.number;
	}
	sqlite3_reset(l->last);
	return ok;
}

static bool load_newest(struct loader *l, struct resume_market *m, bool ids_step)
{
	const int64_t bounds[] = { l->now_us + FAR_US, INT64_MAX };
	m->newest_us = m->before_newest_us = INT64_MIN;
	m->arrived_us = 0;
	m->newest_id = GAP_NO_ID;
	for (size_t i = 0; i < 2 && m->newest_us == INT64_MIN; i++)
		if (!load_last(l, m, bounds[i]))
			return false;
	if (ids_step && m->newest_id != GAP_NO_ID && m->rule.per_ms == 0 && !step_back_to_skip(l, m))
		return false;
	if (m->newest_us != INT64_MIN) {
		sqlite3_bind_int64(l->arrived, 2, m->newest_us - ARRIVED_US);
		if (!ask_of_market(l, l->arrived, m, 0, &m->arrived_us))
			return false;
	}
	return ask_of_market(l, l->oldest, m, INT64_MIN, &m->oldest_us) && ask_of_market(l, l->covered, m, INT64_MIN, &m->covered_to_us) &&
	       ask_of_market(l, l->ended, m, INT64_MIN, &m->gaps_to_us) &&
	       (m->newest_us == INT64_MIN || time_before(l, m, m->newest_us - APART_US, &m->before_newest_us));
}

/* What a socket brought before `us` (stmt is `recorded`) or from then on (`behind`): what REST gave proves nothing of REST.  And,
 * where `id` is not GAP_NO_ID, before that id, or behind it. */
static bool load_references(struct loader *l, sqlite3_stmt *stmt, const struct resume_market *m, int64_t us, int64_t id,
                            struct references *to)
{
	struct trade rows[REFERENCES_MAX];
	size_t count = 0;
	bool ok, row = true;
	sqlite3_bind_int64(stmt, 1, m->market_id);
	sqlite3_bind_int64(stmt, 2, us);
	if (id != GAP_NO_ID)
		sqlite3_bind_int64(stmt, 3, id);
	else
		sqlite3_bind_null(stmt, 3);
	while ((ok = look(l, stmt, &row)) && row && count < REFERENCES_MAX) {
		if (trade_column(stmt, 0, m->rule, &rows[count]))
			count++;
		else if (fault_no_memory(stmt) && !(ok = fault_memory(&l->fault)))
			break;
	}
	sqlite3_reset(stmt);
	while (count > 0)
		references_keep_last(to, &rows[--count]);
	return ok;
}

static int word_of(const char *word, const char *const *words, int count)
{
	for (int i = 0; i < count; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return 0;
}

static int64_t id_column(sqlite3_stmt *stmt, int column)
{
	return sqlite3_column_type(stmt, column) == SQLITE_NULL ? GAP_NO_ID : sqlite3_column_int64(stmt, column);
}

/* The row at hand. */
static bool add_gap(struct loader *l, struct resume_market *m)
{
	char reason[REASON_WORD_SIZE];
	struct resume_gap *grown = realloc(m->gaps, (m->gap_count + 1) * sizeof *grown);
	if (!grown)
		return fault_memory(&l->fault);
	m->gaps = grown;
	struct gap_mark mark = {
		.gap_id = sqlite3_column_int64(l->gaps, 0),
		.from_us = sqlite3_column_int64(l->gaps, 1),
		.to_us = sqlite3_column_type(l->gaps, 2) == SQLITE_NULL ? GAP_NOT_OVER : sqlite3_column_int64(l->gaps, 2),
		.from_id = id_column(l->gaps, 3),
		.to_id = id_column(l->gaps, 4),
		.state = GAP_OPEN,
	};
	if (!read_text(l, l->gaps, 5, reason, sizeof reason))
		return false;
	mark.reason = (enum gap_reason)word_of(reason, gap_reason_words, GAP_REASONS);
	m->gaps[m->gap_count++] = (struct resume_gap){ .mark = mark };
	return true;
}

/* A gap begins before the last trade that was recorded: by as much as one may be late, or by how far the exchange's clock was ahead
 * when that was not known.  Where ids tell, where it ends may be guessed, too. */
static bool load_beside(struct loader *l, const struct resume_market *m, struct resume_gap *gap)
{
	const struct gap_mark *mark = &gap->mark;
	int64_t before_us = mark->from_us + BESIDE_US;
	if (mark->from_id == GAP_NO_ID && mark->to_us < before_us) /* GAP_NOT_OVER is later than any */
		before_us = mark->to_us;
	bool ends = mark->to_id != GAP_NO_ID || mark->to_us != GAP_NOT_OVER;
	return load_references(l, l->recorded, m, before_us, mark->from_id, &gap->older) &&
	       (!ends || load_references(l, l->behind, m, mark->to_id != GAP_NO_ID ? mark->from_us : mark->to_us, mark->to_id, &gap->newer));
}

static bool load_gaps(struct loader *l, struct resume_market *m)
{
	bool ok, row = true;
	sqlite3_bind_int64(l->gaps, 1, m->market_id);
	while ((ok = look(l, l->gaps, &row)) && row && (ok = add_gap(l, m)))
		;
	sqlite3_reset(l->gaps);
	for (size_t i = 0; ok && i < m->gap_count; i++) {
		struct resume_gap *gap = &m->gaps[i];
		ok = time_before(l, m, gap->mark.from_us, &gap->older_ref_us);
		if (gap->older_ref_us == INT64_MIN && m->oldest_us < gap->mark.to_us)
			gap->older_ref_us = m->oldest_us;
		ok = ok && load_beside(l, m, gap);
	}
	return ok && ask_of_market(l, l->since, m, INT64_MAX, &m->asked_since_us);
}

/* The row at hand. */
static bool add_market(struct loader *l, sqlite3_stmt *stmt)
{
	struct resume *r = l->resume;
	struct resume_market *grown = realloc(r->markets, (r->count + 1) * sizeof *grown);
	if (!grown)
		return fault_memory(&l->fault);
	r->markets = grown;
	struct resume_market *m = &r->markets[r->count++];
	*m = (struct resume_market){ .market_id = sqlite3_column_int64(stmt, 0) };
	m->rule = (struct id_rule){ .per_ms = sqlite3_column_int64(stmt, 3), .epoch_ms = sqlite3_column_int64(stmt, 4) };
	return read_text(l, stmt, 1, m->exchange, sizeof m->exchange) && read_text(l, stmt, 2, m->symbol, sizeof m->symbol) &&
	       load_newest(l, m, sqlite3_column_int(stmt, 5) != 0) &&
	       load_references(l, l->recorded, m, l->now_us + FAR_US, GAP_NO_ID, &m->recorded) && load_gaps(l, m);
}

/* The row at hand. */
static bool add_clock(struct loader *l, sqlite3_stmt *stmt)
{
	struct resume *r = l->resume;
	struct resume_clock *grown = realloc(r->clocks, (r->clock_count + 1) * sizeof *grown);
	if (!grown)
		return fault_memory(&l->fault);
	r->clocks = grown;
	struct resume_clock *clock = &r->clocks[r->clock_count++];
	clock->ahead_us = sqlite3_column_int64(stmt, 1);
	return read_text(l, stmt, 0, clock->exchange, sizeof clock->exchange);
}

/* Calls `add` at each row. */
static bool load_all(struct loader *l, const char *sql, bool (*add)(struct loader *l, sqlite3_stmt *stmt), struct err *err)
{
	sqlite3_stmt *stmt;
	bool ok, row = true;
	if (!tape_prepare(l->db, &stmt, sql, err))
		return false;
	while ((ok = look(l, stmt, &row)) && row && (ok = add(l, stmt)))
		;
	sqlite3_finalize(stmt);
	return ok || err_set(err, "%s", l->fault.words);
}

static bool load_int(struct loader *l, const char *sql, int64_t *value, struct err *err)
{
	sqlite3_stmt *stmt;
	if (!tape_prepare(l->db, &stmt, sql, err))
		return false;
	bool ok = ask_int(l, stmt, 0, value);
	sqlite3_finalize(stmt);
	return ok || err_set(err, "%s", l->fault.words);
}

bool resume_load(struct resume *r, sqlite3 *db, int64_t now_us, struct err *err)
{
	*r = (struct resume){ .markets = NULL };
	struct loader l = { .resume = r, .db = db, .now_us = now_us };
	bool ok = tape_prepare(db, &l.last, "SELECT time_us, id FROM trade WHERE market_id = ?1 AND time_us < ?2 "
	                                    "ORDER BY time_us DESC, id DESC LIMIT 1", err) &&
	          tape_prepare(db, &l.time_before, "SELECT time_us FROM trade WHERE market_id = ?1 AND time_us < ?2 "
	                                           "ORDER BY time_us DESC LIMIT 1", err) &&
	          tape_prepare(db, &l.arrived, "SELECT time_us, max(time_us + lag_us) FROM trade WHERE market_id = ?1 AND time_us >= ?2 "
	                                       "AND lag_us IS NOT NULL", err) &&
	          tape_prepare(db, &l.oldest, "SELECT time_us FROM trade WHERE market_id = ?1 ORDER BY time_us LIMIT 1", err) &&
	          tape_prepare(db, &l.covered, "SELECT ifnull((SELECT max(to_us) FROM coverage WHERE market_id = ?1 AND to_us > from_us), "
	                                       "(SELECT max(to_us) FROM coverage WHERE market_id = ?1))", err) &&
	          tape_prepare(db, &l.ended, "SELECT max(to_us) FROM gap WHERE market_id = ?1", err) &&
	          tape_prepare(db, &l.gaps, "SELECT gap_id, from_us, to_us, from_id, to_id, reason FROM gap "
	                                    "WHERE market_id = ?1 AND state = 'open' ORDER BY from_us, gap_id", err) &&
	          tape_prepare(db, &l.skip,
	                       "SELECT before_id, before_us FROM (SELECT id, time_us, lag(id) OVER (ORDER BY id) AS before_id, "
	                       "lag(time_us) OVER (ORDER BY id) AS before_us FROM trade "
	                       "WHERE market_id = ?1 AND time_us BETWEEN ?2 AND ?3 AND typeof(id) = 'integer') "
	                       "WHERE id > before_id + 1 AND NOT EXISTS (SELECT 1 FROM gap WHERE market_id = ?1 AND state <> 'filled' "
	                       "AND from_us <= time_us AND (to_us IS NULL OR to_us > before_us) "
	                       "AND (from_id IS NULL OR from_id <= before_id + 1) AND (to_id IS NULL OR to_id >= id - 1)) "
	                       "ORDER BY id LIMIT 1", err) &&
	          tape_prepare(db, &l.recorded, "SELECT * FROM (SELECT time_us, id, price, size, lag_us FROM trade "
	                                        "WHERE market_id = ?1 AND time_us < ?2 AND (?3 IS NULL OR id < ?3) "
	                                        "ORDER BY time_us DESC, id DESC LIMIT 2000) WHERE lag_us IS NOT NULL LIMIT 32", err) &&
	          tape_prepare(db, &l.behind, "SELECT * FROM (SELECT time_us, id, price, size, lag_us FROM trade "
	                                      "WHERE market_id = ?1 AND time_us >= ?2 AND (?3 IS NULL OR id > ?3) "
	                                      "ORDER BY time_us, id LIMIT 2000) WHERE lag_us IS NOT NULL LIMIT 32", err) &&
	          tape_prepare(db, &l.since, "SELECT min(from_us) FROM gap WHERE market_id = ?1 AND reason = 'backfill-since'", err) &&
	          load_all(&l, "SELECT market_id, exchange, symbol, id_per_ms, id_epoch_ms, ids_step FROM market", add_market, err) &&
	          load_all(&l, "SELECT exchange, ahead_us FROM exchange_clock", add_clock, err) && load_int(&l, "SELECT max(gap_id) FROM gap", &r->last_gap_id, err) &&
	          load_int(&l, "SELECT max(beat_us, ifnull(stopped_us, 0)) FROM recorder", &r->alive_us, err) &&
	          load_int(&l, "SELECT stopped_us FROM recorder", &r->stopped_us, err);
	sqlite3_finalize(l.last);
	sqlite3_finalize(l.arrived);
	sqlite3_finalize(l.time_before);
	sqlite3_finalize(l.oldest);
	sqlite3_finalize(l.covered);
	sqlite3_finalize(l.ended);
	sqlite3_finalize(l.gaps);
	sqlite3_finalize(l.since);
	sqlite3_finalize(l.skip);
	sqlite3_finalize(l.recorded);
	sqlite3_finalize(l.behind);
	return ok;
}

void resume_release(struct resume *r)
{
	for (size_t i = 0; i < r->count; i++)
		free(r->markets[i].gaps);
	free(r->markets);
	free(r->clocks);
	*r = (struct resume){ .markets = NULL };
}

const struct resume_market *resume_find(const struct resume *r, const char *exchange, const char *symbol)
{
	for (size_t i = 0; i < r->count; i++)
		if (strcmp(r->markets[i].symbol, symbol) == 0 && strcmp(r->markets[i].exchange, exchange) == 0)
			return &r->markets[i];
	return NULL;
}
