#include "recorder/resume.h"

#include "schema/schema.h"
#include "schema/timefmt.h"
#include "schema/trade.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAR_US US_PER_DAY          /* beyond our clock: an absurd time, unless the tape has no other */
#define APART_US (5 * US_PER_SECOND)
#define UNSETTLED_US US_PER_MINUTE /* before the end: of two connections one may have been so far ahead, and more */

struct loader {
	struct resume *resume;
	sqlite3 *db;
	sqlite3_stmt *last, *time_before, *oldest, *covered, *gaps, *since, *skip; /* owned */
	int64_t now_us;
};

static bool failed(sqlite3 *db, struct err *err)
{
	return err_set(err, "%s", sqlite3_errmsg(db));
}

/* The newest time before `before_us`; INT64_MIN: none. */
static int64_t time_before(struct loader *l, int64_t market_id, int64_t before_us)
{
	sqlite3_bind_int64(l->time_before, 1, market_id);
	sqlite3_bind_int64(l->time_before, 2, before_us);
	int64_t time_us = sqlite3_step(l->time_before) == SQLITE_ROW ? sqlite3_column_int64(l->time_before, 0) : INT64_MIN;
	sqlite3_reset(l->time_before);
	return time_us;
}

/* A recorder that was killed may have stored trades behind a skip, and not yet the hole: all counts as missing from there. */
static void step_back_to_skip(struct loader *l, struct resume_market *m)
{
	sqlite3_bind_int64(l->skip, 1, m->market_id);
	sqlite3_bind_int64(l->skip, 2, m->newest_us - UNSETTLED_US);
	sqlite3_bind_int64(l->skip, 3, m->newest_us);
	if (sqlite3_step(l->skip) == SQLITE_ROW) {
		m->newest_id = sqlite3_column_int64(l->skip, 0);
		m->newest_us = sqlite3_column_int64(l->skip, 1);
	}
	sqlite3_reset(l->skip);
}

static void load_newest(struct loader *l, struct resume_market *m, struct id_rule rule, bool ids_step)
{
	const int64_t bounds[] = { l->now_us + FAR_US, INT64_MAX };
	m->newest_us = m->oldest_us = INT64_MIN;
	m->newest_id = GAP_NO_ID;
	for (size_t i = 0; i < 2 && m->newest_us == INT64_MIN; i++) {
		struct trade_id id;
		sqlite3_bind_int64(l->last, 1, m->market_id);
		sqlite3_bind_int64(l->last, 2, bounds[i]);
		if (sqlite3_step(l->last) == SQLITE_ROW) {
			m->newest_us = sqlite3_column_int64(l->last, 0);
			if (trade_id_column(l->last, 1, &id, m->newest_us, rule) && id.kind == TRADE_ID_NUMBER)
				m->newest_id = id.number;
		}
		sqlite3_reset(l->last);
	}
	if (ids_step && m->newest_id != GAP_NO_ID && rule.per_ms == 0)
		step_back_to_skip(l, m);
	sqlite3_bind_int64(l->oldest, 1, m->market_id);
	if (sqlite3_step(l->oldest) == SQLITE_ROW)
		m->oldest_us = sqlite3_column_int64(l->oldest, 0);
	sqlite3_reset(l->oldest);
	sqlite3_bind_int64(l->covered, 1, m->market_id);
	m->covered_to_us = INT64_MIN;
	if (sqlite3_step(l->covered) == SQLITE_ROW && sqlite3_column_type(l->covered, 0) != SQLITE_NULL)
		m->covered_to_us = sqlite3_column_int64(l->covered, 0);
	sqlite3_reset(l->covered);
	m->before_newest_us = m->newest_us == INT64_MIN ? INT64_MIN : time_before(l, m->market_id, m->newest_us - APART_US);
}

static int word_of(const char *word, const char *const *words, int count)
{
	for (int i = 0; i < count; i++)
		if (word && strcmp(words[i], word) == 0)
			return i;
	return 0;
}

static int64_t id_column(sqlite3_stmt *stmt, int column)
{
	return sqlite3_column_type(stmt, column) == SQLITE_NULL ? GAP_NO_ID : sqlite3_column_int64(stmt, column);
}

static bool load_gaps(struct loader *l, struct resume_market *m, struct err *err)
{
	int rc;
	sqlite3_bind_int64(l->gaps, 1, m->market_id);
	while ((rc = sqlite3_step(l->gaps)) == SQLITE_ROW) {
		struct resume_gap *grown = realloc(m->gaps, (m->gap_count + 1) * sizeof *grown);
		if (!grown)
			return err_set(err, "out of memory");
		m->gaps = grown;
		struct gap_mark mark = {
			.gap_id = sqlite3_column_int64(l->gaps, 0),
			.from_us = sqlite3_column_int64(l->gaps, 1),
			.to_us = sqlite3_column_type(l->gaps, 2) == SQLITE_NULL ? GAP_NOT_OVER : sqlite3_column_int64(l->gaps, 2),
			.from_id = id_column(l->gaps, 3),
			.to_id = id_column(l->gaps, 4),
			.reason = (enum gap_reason)word_of((const char *)sqlite3_column_text(l->gaps, 5), gap_reason_words, GAP_REASONS),
			.state = GAP_OPEN,
		};
		m->gaps[m->gap_count++] = (struct resume_gap){ .mark = mark };
	}
	sqlite3_reset(l->gaps);
	for (size_t i = 0; i < m->gap_count; i++)
		if ((m->gaps[i].anchor_us = time_before(l, m->market_id, m->gaps[i].mark.from_us)) == INT64_MIN)
			m->gaps[i].anchor_us = m->oldest_us < m->gaps[i].mark.to_us ? m->oldest_us : INT64_MIN;
	sqlite3_bind_int64(l->since, 1, m->market_id);
	m->asked_since_us = INT64_MAX;
	if (sqlite3_step(l->since) == SQLITE_ROW && sqlite3_column_type(l->since, 0) != SQLITE_NULL)
		m->asked_since_us = sqlite3_column_int64(l->since, 0);
	sqlite3_reset(l->since);
	return rc == SQLITE_DONE || failed(l->db, err);
}

static bool load_markets(struct loader *l, struct err *err)
{
	sqlite3_stmt *stmt;
	struct resume *r = l->resume;
	if (!tape_prepare(l->db, &stmt, "SELECT market_id, exchange, symbol, id_per_ms, id_epoch_ms, ids_step FROM market", err))
		return false;
	bool ok = true;
	int rc = SQLITE_DONE;
	while (ok && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct resume_market *grown = realloc(r->markets, (r->count + 1) * sizeof *grown);
		if (!grown) {
			ok = err_set(err, "out of memory");
			break;
		}
		r->markets = grown;
		struct resume_market *m = &r->markets[r->count++];
		*m = (struct resume_market){ .market_id = sqlite3_column_int64(stmt, 0) };
		snprintf(m->exchange, sizeof m->exchange, "%s", (const char *)sqlite3_column_text(stmt, 1));
		snprintf(m->symbol, sizeof m->symbol, "%s", (const char *)sqlite3_column_text(stmt, 2));
		struct id_rule rule = { .per_ms = sqlite3_column_int64(stmt, 3), .epoch_ms = sqlite3_column_int64(stmt, 4) };
		load_newest(l, m, rule, sqlite3_column_int(stmt, 5) != 0);
		ok = load_gaps(l, m, err);
	}
	sqlite3_finalize(stmt);
	return ok && (rc == SQLITE_DONE || failed(l->db, err));
}

static bool load_clocks(struct loader *l, struct err *err)
{
	sqlite3_stmt *stmt;
	struct resume *r = l->resume;
	if (!tape_prepare(l->db, &stmt, "SELECT exchange, ahead_us FROM exchange_clock", err))
		return false;
	bool ok = true;
	int rc = SQLITE_DONE;
	while (ok && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct resume_clock *grown = realloc(r->clocks, (r->clock_count + 1) * sizeof *grown);
		if (!grown) {
			ok = err_set(err, "out of memory");
			break;
		}
		r->clocks = grown;
		struct resume_clock *clock = &r->clocks[r->clock_count++];
		snprintf(clock->exchange, sizeof clock->exchange, "%s", (const char *)sqlite3_column_text(stmt, 0));
		clock->ahead_us = sqlite3_column_int64(stmt, 1);
	}
	sqlite3_finalize(stmt);
	return ok && (rc == SQLITE_DONE || failed(l->db, err));
}

static bool load_last_gap(struct loader *l, struct err *err)
{
	sqlite3_stmt *stmt;
	if (!tape_prepare(l->db, &stmt, "SELECT coalesce(max(gap_id), 0) FROM gap", err))
		return false;
	bool ok = sqlite3_step(stmt) == SQLITE_ROW;
	l->resume->last_gap_id = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return ok || failed(l->db, err);
}

bool resume_load(struct resume *r, sqlite3 *db, int64_t now_us, struct err *err)
{
	*r = (struct resume){ .markets = NULL };
	struct loader l = { .resume = r, .db = db, .now_us = now_us };
	bool ok = tape_prepare(db, &l.last, "SELECT time_us, id FROM trade WHERE market_id = ?1 AND time_us < ?2 "
	                                    "ORDER BY time_us DESC, id DESC LIMIT 1", err) &&
	          tape_prepare(db, &l.time_before, "SELECT time_us FROM trade WHERE market_id = ?1 AND time_us < ?2 "
	                                           "ORDER BY time_us DESC LIMIT 1", err) &&
	          tape_prepare(db, &l.oldest, "SELECT time_us FROM trade WHERE market_id = ?1 ORDER BY time_us LIMIT 1", err) &&
	          tape_prepare(db, &l.covered, "SELECT ifnull((SELECT max(to_us) FROM coverage WHERE market_id = ?1 AND to_us > from_us), "
	                                       "(SELECT max(to_us) FROM coverage WHERE market_id = ?1))", err) &&
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
	          tape_prepare(db, &l.since, "SELECT min(from_us) FROM gap WHERE market_id = ?1 AND reason = 'backfill-since'", err) &&
	          load_markets(&l, err) && load_clocks(&l, err) && load_last_gap(&l, err);
	sqlite3_finalize(l.last);
	sqlite3_finalize(l.time_before);
	sqlite3_finalize(l.oldest);
	sqlite3_finalize(l.covered);
	sqlite3_finalize(l.gaps);
	sqlite3_finalize(l.since);
	sqlite3_finalize(l.skip);
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
