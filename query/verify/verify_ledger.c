/* What stands beside the trades: strays, coverage, and the ledger of gaps against the ids that are missing. */
#include "query/read/ask.h"
#include "query/verify/verify.h"
#include "schema/base/vec.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define STRAY_CHUNK 1024
#define COMPLAINTS_MAX 100 /* beyond it nothing is looked at again */
#define NEAR_US US_PER_MINUTE /* how far from its place in the order a trade is sought: its neighbours may be strays by now */

struct stray_walk {
	struct reader *reader;       /* borrowed, as the next */
	const struct market *market;
	sqlite3_value *after;        /* owned; NULL: at the start */
	sqlite3_value *last;         /* owned; of the chunk; NULL: there is no more */
	int64_t after_us, last_us;   /* their times: an id may stand once in each epoch */
	struct finding chunk;
};

static bool look_at_stray(struct stray_walk *w, sqlite3_stmt *stmt, sqlite3_stmt *find, struct err *err)
{
	static const struct id_rule absolute = { .per_ms = 0, .epoch_ms = 0 };
	struct trade_id id;
	char text[TRADE_ID_TEXT_SIZE], time[TIME_TEXT_SIZE];
	int64_t time_us = sqlite3_column_int64(stmt, 1);
	time_format(time_us, time);
	if (!trade_id_column(stmt, 0, &id, 0, absolute)) {
		finding_add(&w->chunk, "a row of stray_id, at %s, makes no sense", time);
		return true;
	}
	sqlite3_bind_int64(find, 2, time_us);
	trade_id_bind(find, 3, &id, time_us, w->market->rule);
	int rc = reader_step(find);
	sqlite3_reset(find);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		return reader_failed(w->reader, err);
	trade_id_format(&id, text);
	if (rc == SQLITE_DONE)
		finding_add(&w->chunk, "stray_id names id %s at %s, and there is no such trade", text, time);
	return true;
}

static bool look_at_strays(void *to, struct err *err)
{
	struct stray_walk *w = to;
	struct reader *r = w->reader;
	int64_t count = 0;
	w->chunk = (struct finding){ .faults = 0 };
	sqlite3_value_free(w->last);
	w->last = NULL;
	const char *sql = w->after ? "SELECT trade_id, time_us FROM stray_id WHERE market_id = ?1 AND (trade_id, time_us) > (?2, ?3) ORDER BY trade_id, time_us"
	                           : "SELECT trade_id, time_us FROM stray_id WHERE market_id = ?1 ORDER BY trade_id, time_us";
	sqlite3_stmt *stmt = verify_prepare(r, sql, w->market->id, NULL, 0, err);
	sqlite3_stmt *find = verify_prepare(r, "SELECT 1 FROM trade WHERE market_id = ?1 AND time_us = ?2 AND id = ?3",
	                                    w->market->id, NULL, 0, err);
	bool ok = stmt && find;
	if (ok && w->after) {
		sqlite3_bind_value(stmt, 2, w->after);
		sqlite3_bind_int64(stmt, 3, w->after_us);
	}
	while (ok && !w->last && reader_step(stmt) == SQLITE_ROW) {
		ok = look_at_stray(w, stmt, find, err);
		if (ok && ++count == STRAY_CHUNK) {
			w->last = sqlite3_value_dup(sqlite3_column_value(stmt, 0));
			w->last_us = sqlite3_column_int64(stmt, 1);
			ok = w->last || err_set(err, "out of memory");
		}
	}
	ok = verify_finalize(r, find, ok, err);
	return verify_finalize(r, stmt, ok, err);
}

bool verify_strays(struct reader *r, const struct market *m, struct finding *f, struct err *err)
{
	struct stray_walk w = { .reader = r, .market = m };
	bool ok = true, broken = false;
	do {
		ok = verify_snapshot(r, look_at_strays, &w, f, &broken, err);
		if (ok && w.chunk.faults > 0) {
			finding_add(f, "%s", w.chunk.first);
			f->faults += w.chunk.faults - 1;
		}
		sqlite3_value_free(w.after);
		w.after = w.last;
		w.after_us = w.last_us;
		w.last = NULL;
	} while (ok && !broken && w.after);
	sqlite3_value_free(w.after);
	return ok;
}

struct endless {
	int64_t from_id, from_us, to_us;
};

/* The ledger of one epoch of the market's ids, as far as skips are concerned. */
struct ledger {
	struct spans ids;    /* owned; of gaps not filled, half-open: [from_id, to_id + 1) */
	struct spans named;  /* owned; as ids, of those whose last id is known and that say why: a row within a gap that is filled else */
	struct spans times;  /* owned; of gaps not filled that know no ids */
	struct spans filled; /* owned; ids of filled gaps, closed */
	struct endless *endless; /* owned; filled gaps whose last id is not known */
	size_t endless_count;
};

static void ledger_release(void *to)
{
	struct ledger *l = to;
	spans_release(&l->ids);
	spans_release(&l->named);
	spans_release(&l->times);
	spans_release(&l->filled);
	free(l->endless);
	l->endless = NULL;
	l->endless_count = 0;
}

static bool add_endless(struct ledger *l, int64_t from_id, int64_t from_us, int64_t to_us)
{
	struct endless *grown = vec_grow(l->endless, l->endless_count, sizeof *grown);
	if (!grown)
		return false;
	l->endless = grown;
	l->endless[l->endless_count++] = (struct endless){ from_id, from_us, to_us };
	return true;
}

static bool add_gap(void *to, sqlite3_stmt *stmt, struct err *err)
{
	struct ledger *l = to;
	int kind = sqlite3_column_int(stmt, 0);
	int64_t from = sqlite3_column_int64(stmt, 1), end = sqlite3_column_int64(stmt, 2);
	struct spans *spans = kind == 0 ? &l->ids : kind == 1 ? &l->times : &l->filled;
	if (kind == 3)
		return add_endless(l, from, sqlite3_column_int64(stmt, 3), sqlite3_column_int64(stmt, 4)) || err_set(err, "out of memory");
	if (kind == 0 && end < INT64_MAX) {
		end++;
		if (from < end && sqlite3_column_int(stmt, 5) && !spans_add(&l->named, from, end))
			return err_set(err, "out of memory");
	}
	return from > end || spans_add(spans, from, end) || err_set(err, "out of memory");
}

static const char ledger_sql[] =
	"SELECT kind, CASE kind WHEN 1 THEN from_us ELSE from_id END,"
	" coalesce(CASE kind WHEN 1 THEN to_us ELSE to_id END, 0x7fffffffffffffff), from_us, coalesce(to_us, 0x7fffffffffffffff), note <> '' FROM"
	" (SELECT *, CASE WHEN state = 'filled' THEN 2 + (to_id IS NULL) ELSE from_id IS NULL END AS kind FROM gap"
	" WHERE market_id = ?1 AND from_us < ?3 AND coalesce(to_us, 0x7fffffffffffffff) >= ?2 AND (state <> 'filled' OR from_id IS NOT NULL)) ORDER BY 1, 2";

static bool called_filled(const struct ledger *l, const struct id_skip *skip, int64_t from, int64_t to)
{
	bool called = spans_meet(&l->filled, from, to);
	for (size_t i = 0; i < l->endless_count; i++) {
		const struct endless *e = &l->endless[i];
		called = called || (to >= e->from_id && skip->after_us >= e->from_us && skip->before_us <= e->to_us);
	}
	return called;
}

/* Is all that is missing from `from` to `to` in the ledger, as not filled? */
static bool told(const struct ledger *l, const struct id_skip *skip, int64_t from, int64_t to)
{
	if (spans_hold(&l->named, from, to + 1))
		return true;
	return (spans_hold(&l->ids, from, to + 1) || spans_hold(&l->times, skip->after_us, skip->before_us)) &&
	       !called_filled(l, skip, from, to);
}

/* A second look at one skip: at its trades and at the ledger in one snapshot. */
struct second_look {
	struct reader *reader;       /* borrowed, as the next two */
	const struct market *market;
	const struct id_skips *skips; /* borrowed, as the next, which is one of them */
	const struct id_skip *skip;
	struct ledger ledger;        /* owned */
	struct spans there;          /* owned; ids of the skip that are on the tape by now, [id, id + 1) */
};

static bool look_at_ids(struct second_look *s, struct err *err)
{
	/* By the place where they belong, and as strays from anywhere. */
	static const char sql[] =
		"SELECT id FROM (SELECT t.id + (t.time_us / 1000 - m.id_epoch_ms) * m.id_per_ms AS id FROM trade t JOIN market m"
		" USING (market_id) WHERE t.market_id = ?1 AND t.time_us >= ?2 AND t.time_us <= ?3 AND typeof(t.id) = 'integer'"
		" UNION SELECT trade_id FROM stray_id WHERE market_id = ?1 AND trade_id >= ?4 AND trade_id <= ?5"
		" AND time_us >= ?6 AND time_us < ?7)"
		" WHERE id >= ?4 AND id <= ?5 ORDER BY id";
	const int64_t values[] = { s->skip->after_us - NEAR_US, s->skip->before_us + NEAR_US, s->skip->from, s->skip->to,
		                   s->skips->from_us, s->skips->until_us };
	sqlite3_stmt *stmt = verify_prepare(s->reader, sql, s->market->id, values, 6, err);
	bool ok = stmt;
	while (ok && reader_step(stmt) == SQLITE_ROW) {
		int64_t id = sqlite3_column_int64(stmt, 0);
		ok = spans_add(&s->there, id, id + 1) || err_set(err, "out of memory");
	}
	return verify_finalize(s->reader, stmt, ok, err);
}

static bool look_again(void *to, struct err *err)
{
	struct second_look *s = to;
	ledger_release(&s->ledger);
	spans_release(&s->there);
	const int64_t epoch[] = { s->skips->from_us, s->skips->until_us };
	sqlite3_stmt *stmt = verify_prepare(s->reader, ledger_sql, s->market->id, epoch, 2, err);
	bool ok = stmt;
	while (ok && reader_step(stmt) == SQLITE_ROW)
		ok = add_gap(&s->ledger, stmt, err);
	return verify_finalize(s->reader, stmt, ok, err) && look_at_ids(s, err);
}

static void complain(struct finding *f, const struct second_look *s, int64_t from, int64_t to)
{
	char after[TIME_TEXT_SIZE], before[TIME_TEXT_SIZE];
	if (from > to || told(&s->ledger, s->skip, from, to))
		return;
	time_format(s->skip->after_us, after);
	time_format(s->skip->before_us, before);
	finding_add(f, "ids %" PRId64 " to %" PRId64 " are missing, between %s and %s, %s", from, to, after, before,
	            called_filled(&s->ledger, s->skip, from, to) ? "in a gap that is said to be filled" : "and no gap tells it");
}

/* What is still missing of a skip, piece by piece. */
static bool judge_skip(struct second_look *s, struct finding *f, bool *broken, struct err *err)
{
	if (!verify_snapshot(s->reader, look_again, s, f, broken, err))
		return false;
	int64_t from = s->skip->from;
	for (size_t i = 0; !*broken && i < s->there.count; i++) {
		complain(f, s, from, s->there.list[i].from - 1);
		from = s->there.list[i].to;
	}
	if (!*broken)
		complain(f, s, from, s->skip->to);
	return true;
}

bool verify_skips(struct reader *r, const struct market *m, const struct id_skips *skips, struct finding *f, struct err *err)
{
	struct ledger ledger = { .ids = { NULL, 0 } };
	const struct question q = { ledger_sql, { m->id, skips->from_us, skips->until_us }, 3, ledger_release, add_gap, &ledger };
	bool ok = ask(r, &q, err), broken = false;
	if (!ok && verify_damaged(r, f, err))
		ok = broken = true;
	if (skips->too_many)
		finding_add(f, "the ids skip so often that they are not numbered one by one");
	for (size_t i = 0; ok && !broken && i < skips->count && f->faults < COMPLAINTS_MAX; i++) {
		struct second_look second = { .reader = r, .market = m, .skips = skips, .skip = &skips->list[i] };
		if (told(&ledger, &skips->list[i], skips->list[i].from, skips->list[i].to))
			continue;
		ok = judge_skip(&second, f, &broken, err);
		ledger_release(&second.ledger);
		spans_release(&second.there);
	}
	ledger_release(&ledger);
	return ok;
}

/* Rows that were counted, and the faults among them. */
struct rows_seen {
	int64_t rows;
	struct finding finding;
};

static void forget_rows(void *to)
{
	*(struct rows_seen *)to = (struct rows_seen){ .rows = 0 };
}

static bool add_fault(void *to, sqlite3_stmt *stmt, struct err *err)
{
	(void)err;
	struct rows_seen *s = to;
	char from[TIME_TEXT_SIZE];
	s->rows++;
	if (sqlite3_column_type(stmt, 0) == SQLITE_NULL)
		return true;
	time_format(sqlite3_column_int64(stmt, 1), from);
	finding_add(&s->finding, "the one from %s %s", from, (const char *)sqlite3_column_text(stmt, 0));
	return true;
}

static bool verify_rows(struct reader *r, const struct market *m, const char *sql, struct finding *f, int64_t *rows,
                        struct err *err)
{
	struct rows_seen seen;
	const struct question q = { sql, { m->id, TIME_US_MAX }, 2, forget_rows, add_fault, &seen };
	bool ok = ask(r, &q, err);
	if (!ok)
		return verify_damaged(r, f, err);
	*f = seen.finding;
	*rows = seen.rows;
	return true;
}

bool verify_gaps(struct reader *r, const struct market *m, struct finding *f, int64_t *rows, struct err *err)
{
	static const char sql[] =
		"SELECT CASE WHEN from_us < 0 OR from_us > ?2 OR to_us > ?2 THEN 'lies beyond all times'"
		" WHEN to_us < from_us THEN 'ends before it begins'"
		" WHEN to_id < from_id THEN 'ends with a lower id than it begins with'"
		" WHEN to_id IS NOT NULL AND from_id IS NULL THEN 'has a last id, and no first'"
		" WHEN state NOT IN ('open', 'filled', 'unfillable') THEN 'has no such state as it says'"
		" WHEN reason = '' THEN 'has no reason'"
		" WHEN filled < 0 THEN 'has less than no trade put back'"
		" WHEN state = 'filled' AND closed_us IS NULL THEN 'is filled, and was never closed'"
		" WHEN state = 'filled' AND to_us IS NULL THEN 'is filled, and is not over'"
		" WHEN state = 'open' AND closed_us IS NOT NULL THEN 'is open, and was closed'"
		" WHEN state = 'unfillable' AND note = '' THEN 'is unfillable, and does not say why' END,"
		" from_us FROM gap WHERE market_id = ?1 ORDER BY from_us, gap_id";
	return verify_rows(r, m, sql, f, rows, err);
}

bool verify_coverage(struct reader *r, const struct market *m, struct finding *f, int64_t *rows, struct err *err)
{
	static const char sql[] =
		"SELECT CASE WHEN from_us < 0 OR from_us > ?2 OR to_us < 0 OR to_us > ?2 THEN 'lies beyond all times'"
		" WHEN to_us < from_us THEN 'ends before it begins' END,"
		" from_us FROM coverage WHERE market_id = ?1 ORDER BY from_us";
	return verify_rows(r, m, sql, f, rows, err);
}
