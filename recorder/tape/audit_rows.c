#include "recorder/tape/audit_rows.h"

#include "recorder/log.h"
#include "schema/base/timefmt.h"
#include "schema/tape/schema.h"
#include "schema/value/volume.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEVER_EQUAL_MAX 20 /* results of a market, none of them equal: its volume means something else, then */

static const char *const verdict_words[] = { [AUDIT_EQUAL] = "equal", [AUDIT_DIFFERS] = "differs", [AUDIT_UNPROVEN] = "unproven" };

/* What is found, before it is a row. */
struct result {
	enum audit_verdict verdict;
	const char *note;
	struct exact theirs, ours; /* owned */
	int64_t until_us, trades;
	unsigned digits;
};

bool audit_rows_init(struct audit_rows *b, sqlite3 *db, struct fault *fault, struct err *err)
{
	*b = (struct audit_rows){ .fault = fault };
	return tape_prepare(db, &b->cover, "SELECT from_us, to_us FROM coverage WHERE market_id = ?1 AND from_us <= ?3 AND to_us >= ?2 "
	                                   "ORDER BY from_us", err) &&
	       tape_prepare(db, &b->gap, "SELECT 1 FROM gap WHERE market_id = ?1 AND from_us <= ?3 AND state <> 'filled' "
	                                 "AND (to_us IS NULL OR to_us > ?2) LIMIT 1", err) &&
	       tape_prepare(db, &b->minutes, "SELECT volume, trades FROM candle_1m WHERE market_id = ?1 AND minute >= ?2 AND minute < ?3", err) &&
	       tape_prepare(db, &b->trades, "SELECT time_us, id, price, size, lag_us FROM trade WHERE market_id = ?1 AND time_us >= ?2 "
	                                    "AND time_us <= ?3 ORDER BY time_us, id", err) &&
	       tape_prepare(db, &b->before, "SELECT coalesce(sum(results), 0), coalesce(sum(equals), 0) FROM audit WHERE market_id = ?1", err) &&
	       tape_prepare(db, &b->put,
	                    "INSERT INTO audit (market_id, day_from_us, until_us, verdict, theirs, ours, trades, digits, at_us, note, equals) "
	                    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (market_id, day_from_us) DO UPDATE SET "
	                    "until_us = excluded.until_us, verdict = excluded.verdict, theirs = excluded.theirs, ours = excluded.ours, "
	                    "trades = excluded.trades, digits = excluded.digits, at_us = excluded.at_us, note = excluded.note, "
	                    "results = results + 1, equals = equals + excluded.equals", err);
}

void audit_rows_release(struct audit_rows *b)
{
	sqlite3_stmt *const statements[] = { b->cover, b->gap, b->minutes, b->trades, b->before, b->put };
	for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
		sqlite3_finalize(statements[i]);
}

static void bind_range(sqlite3_stmt *stmt, int64_t market_id, int64_t from, int64_t to)
{
	sqlite3_bind_int64(stmt, 1, market_id);
	sqlite3_bind_int64(stmt, 2, from);
	sqlite3_bind_int64(stmt, 3, to);
}

/* Is the day covered from its start, and without a gap?  *why: if not, what is amiss. */
static bool look_at_coverage(struct audit_rows *b, int64_t market_id, const struct audit_mark *mark, const char **why)
{
	int64_t covered_us = mark->day_from_us;
	enum step step;
	bind_range(b->cover, market_id, mark->day_from_us, mark->from_us);
	while ((step = fault_step(b->cover, b->fault)) == STEP_ROW && sqlite3_column_int64(b->cover, 0) <= covered_us)
		if (sqlite3_column_int64(b->cover, 1) > covered_us)
			covered_us = sqlite3_column_int64(b->cover, 1);
	sqlite3_reset(b->cover);
	if (step == STEP_FAILED)
		return false;
	if (covered_us < mark->from_us)
		*why = "the day is not covered from its start";
	bind_range(b->gap, market_id, mark->day_from_us, mark->to_us);
	step = fault_step(b->gap, b->fault);
	sqlite3_reset(b->gap);
	if (step == STEP_ROW)
		*why = "a gap of that day is not filled";
	return step != STEP_FAILED;
}

/* ours += the whole minutes before from_us */
static bool add_minutes(struct audit_rows *b, int64_t market_id, const struct audit_mark *mark, struct result *r)
{
	struct exact volume;
	enum step step;
	bool ok = true;
	exact_init(&volume);
	bind_range(b->minutes, market_id, mark->day_from_us / US_PER_MINUTE, mark->from_us / US_PER_MINUTE);
	while (ok && (step = fault_step(b->minutes, b->fault)) != STEP_DONE) {
		ok = step == STEP_ROW && (exact_column(b->minutes, 0, &volume) || fault_column(b->minutes, b->fault));
		if (ok)
			exact_add(&r->ours, &volume);
		r->trades += ok ? sqlite3_column_int64(b->minutes, 1) : 0;
	}
	sqlite3_reset(b->minutes);
	exact_release(&volume);
	return ok;
}

/* The best that was met on the way; `ours` goes on. */
struct meeting {
	unsigned digits;
	struct exact ours; /* owned */
	int64_t trades, until_us;
};

static void look_whether_met(struct meeting *m, const struct result *r, int64_t until_us)
{
	unsigned digits = volume_digits(&r->theirs, &r->ours);
	if (m->until_us != INT64_MIN && digits < m->digits)
		return;
	m->digits = digits;
	exact_set(&m->ours, &r->ours);
	m->trades = r->trades;
	m->until_us = until_us;
}

/* ours += trades up to the moment at which the sums meet best; without one, all up to the end. */
static bool add_trades(struct audit_rows *b, int64_t market_id, struct id_rule rule, const struct audit_mark *mark, struct result *r)
{
	struct meeting met = { .until_us = INT64_MIN };
	struct trade trade;
	enum step step;
	bool ok = true, begun = false;
	exact_init(&met.ours);
	bind_range(b->trades, market_id, mark->from_us / US_PER_MINUTE * US_PER_MINUTE, mark->to_us);
	while (ok && (step = fault_step(b->trades, b->fault)) != STEP_DONE) {
		ok = step == STEP_ROW && (trade_column(b->trades, 0, rule, &trade) || fault_column(b->trades, b->fault));
		if (!ok)
			break;
		if (!begun && trade.time_us >= mark->from_us)
			look_whether_met(&met, r, mark->from_us);
		begun = begun || trade.time_us >= mark->from_us;
		exact_add_decimal(&r->ours, &trade.size);
		r->trades++;
		if (begun)
			look_whether_met(&met, r, trade.time_us);
	}
	sqlite3_reset(b->trades);
	if (!begun)
		look_whether_met(&met, r, mark->from_us);
	r->digits = met.digits;
	r->until_us = mark->to_us;
	if (met.digits >= VOLUME_DIGITS) {
		exact_set(&r->ours, &met.ours);
		r->trades = met.trades;
		r->until_us = met.until_us;
	}
	exact_release(&met.ours);
	return ok;
}

/* Where a market's volume was never equal, though its days are covered, it counts something else: no finding, but no proof. */
static bool judge(struct audit_rows *b, int64_t market_id, struct result *r)
{
	if (r->digits >= VOLUME_DIGITS) {
		r->verdict = AUDIT_EQUAL;
		return true;
	}
	sqlite3_bind_int64(b->before, 1, market_id);
	enum step step = fault_step(b->before, b->fault);
	bool never = step == STEP_ROW && sqlite3_column_int64(b->before, 0) >= NEVER_EQUAL_MAX && sqlite3_column_int64(b->before, 1) == 0;
	sqlite3_reset(b->before);
	r->verdict = never ? AUDIT_UNPROVEN : AUDIT_DIFFERS;
	r->note = never ? "it was never equal: the exchange counts something else" : "";
	return step == STEP_ROW;
}

static bool write_row(struct audit_rows *b, int64_t market_id, const char *name, const struct audit_mark *mark, const struct result *r)
{
	char *theirs = exact_text(&r->theirs), *ours = r->trades >= 0 ? exact_text(&r->ours) : strdup(""), day[TIME_TEXT_SIZE];
	bool ok = theirs && ours;
	sqlite3_bind_int64(b->put, 1, market_id);
	sqlite3_bind_int64(b->put, 2, mark->day_from_us);
	sqlite3_bind_int64(b->put, 3, r->until_us);
	sqlite3_bind_text(b->put, 4, verdict_words[r->verdict], -1, SQLITE_STATIC);
	sqlite3_bind_text(b->put, 5, theirs, -1, SQLITE_STATIC);
	sqlite3_bind_text(b->put, 6, ours, -1, SQLITE_STATIC);
	sqlite3_bind_int64(b->put, 7, r->trades < 0 ? 0 : r->trades);
	sqlite3_bind_int(b->put, 8, r->digits == VOLUME_ALL_DIGITS ? 0 : (int)r->digits);
	sqlite3_bind_int64(b->put, 9, mark->asked_wall_us);
	sqlite3_bind_text(b->put, 10, r->note, -1, SQLITE_STATIC);
	sqlite3_bind_int(b->put, 11, r->verdict == AUDIT_EQUAL);
	ok = ok ? fault_done(b->put, b->fault) : fault_memory(b->fault);
	time_format(mark->day_from_us, day);
	if (ok && r->verdict == AUDIT_DIFFERS)
		log_folded(name, LOG_ERROR, "volume-differs", "market=%s day=%s theirs=%s ours=%s trades=%lld", name, day, theirs, ours,
		           (long long)r->trades);
	else if (ok && r->verdict == AUDIT_UNPROVEN)
		log_folded("volume-unproven", LOG_INFO, "volume-unproven", "market=%s day=%s reason=\"%s\"", name, day, r->note);
	free(theirs);
	free(ours);
	return ok;
}

bool audit_rows_put(struct audit_rows *b, int64_t market_id, const char *name, struct id_rule rule,
                    const struct audit_mark *mark)
{
	struct result r = { .verdict = AUDIT_UNPROVEN, .until_us = mark->to_us };
	const char *why = NULL;
	exact_init(&r.theirs);
	exact_init(&r.ours);
	exact_add_decimal(&r.theirs, &mark->volume);
	bool ok = look_at_coverage(b, market_id, mark, &why);
	r.note = why ? why : "";
	r.trades = why ? -1 : 0;
	if (ok && !why)
		ok = add_minutes(b, market_id, mark, &r) && add_trades(b, market_id, rule, mark, &r) && judge(b, market_id, &r);
	ok = ok && write_row(b, market_id, name, mark, &r);
	exact_release(&r.theirs);
	exact_release(&r.ours);
	return ok;
}
