/* tapedeck verify: proves the tape, market by market, and prints what each check found. */
#include "query/read/ask.h"
#include "query/context.h"
#include "query/read/life.h"
#include "query/verify/verify.h"
#include "query/words.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* PRAGMA integrity_check reads a whole file in one snapshot: a second or so for this much.  Above it, and while a recorder
 * writes, the large tables are left to the walk through them, which is in chunks and reads each of their pages, too. */
#define WHOLE_FILE_BYTES ((off_t)128 << 20)

void finding_add(struct finding *f, const char *format, ...)
{
	if (f->faults++ > 0)
		return;
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(f->first, sizeof f->first, format, arguments);
	va_end(arguments);
}

bool verify_damaged(const struct reader *r, struct finding *f, const struct err *err)
{
	if (r->damaged)
		finding_add(f, "%s", err->text);
	return r->damaged;
}

bool verify_snapshot(struct reader *r, bool (*look)(void *to, struct err *err), void *to, struct finding *f, bool *broken,
                     struct err *err)
{
	for (bool again = true; again;) {
		bool begun = sqlite3_exec(r->db, "BEGIN", NULL, NULL, NULL) == SQLITE_OK;
		bool ok = begun ? look(to, err) : reader_failed(r, err);
		*broken = !ok && verify_damaged(r, f, err);
		if (!sqlite3_get_autocommit(r->db))
			sqlite3_exec(r->db, "ROLLBACK", NULL, NULL, NULL); /* nothing was written */
		if (!ok)
			return *broken;
		if (!reader_settle(r, &again, err))
			return false;
	}
	return true;
}

sqlite3_stmt *verify_prepare(struct reader *r, const char *sql, int64_t market_id, const int64_t *values, int count,
                             struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	if (sqlite3_prepare_v2(r->db, sql, -1, &stmt, NULL) != SQLITE_OK) {
		reader_failed(r, err);
		return NULL;
	}
	sqlite3_bind_int64(stmt, 1, market_id);
	for (int i = 0; i < count; i++)
		sqlite3_bind_int64(stmt, i + 2, values[i]);
	return stmt;
}

bool verify_finalize(struct reader *r, sqlite3_stmt *stmt, bool ok, struct err *err)
{
	bool sound = sqlite3_finalize(stmt) == SQLITE_OK;
	return ok && (sound || reader_failed(r, err));
}

struct checks {
	struct context *context; /* borrowed */
	int64_t run, failed;
	struct audit_sum audits;
};

/* `sound` says what was looked at; NULL: there is nothing to prove, for the reason `why`. */
static void put_check(struct checks *c, const struct market *m, const char *check, const struct finding *f, const char *why)
{
	char detail[sizeof f->first + 40];
	const char *result = !f ? "none" : f->faults > 0 ? "failed" : "ok";
	if (f && f->faults > 1)
		snprintf(detail, sizeof detail, "%s (and %" PRId64 " more)", f->first, f->faults - 1);
	else
		snprintf(detail, sizeof detail, "%s", f && f->faults > 0 ? f->first : why);
	c->run += f != NULL;
	c->failed += f && f->faults > 0;
	const char *exchange = m ? m->exchange : "", *symbol = m ? m->symbol : "";
	const struct cell cells[] = {
		{ exchange, strlen(exchange) }, { symbol, strlen(symbol) }, { check, strlen(check) },
		{ result, strlen(result) },     { detail, strlen(detail) },
	};
	out_row(&c->context->out, cells);
}

static void forget(void *to)
{
	*(struct finding *)to = (struct finding){ .faults = 0 };
}

static bool add_words(void *to, sqlite3_stmt *stmt, struct err *err)
{
	(void)err;
	const char *words = (const char *)sqlite3_column_text(stmt, 0);
	if (!words || strcmp(words, "ok") != 0)
		finding_add(to, "%s", words ? words : "out of memory");
	return true;
}

static bool ask_file(struct reader *r, const char *sql, struct finding *f, struct err *err)
{
	struct finding found;
	const struct question q = { sql, { 0 }, 0, forget, add_words, &found };
	if (!ask(r, &q, err))
		return verify_damaged(r, f, err);
	if (found.faults > 0)
		finding_add(f, "%s", found.first);
	f->faults += found.faults > 0 ? found.faults - 1 : 0;
	return true;
}

static bool check_file(struct checks *c, struct err *err)
{
	static const char *const small[] = {
		"PRAGMA integrity_check(market)", "PRAGMA integrity_check(coverage)", "PRAGMA integrity_check(gap)",
		"PRAGMA integrity_check(recorder)", "PRAGMA integrity_check(exchange_clock)", "PRAGMA integrity_check(schema_step)",
		"PRAGMA integrity_check(wanted)", "PRAGMA integrity_check(tape_file)", "PRAGMA integrity_check(audit)",
	};
	struct reader *r = &c->context->reader;
	struct recorder_life life;
	struct finding f = { .faults = 0 };
	bool ok = life_read(r, wall_us(), &life, err);
	if (!ok)
		return verify_damaged(r, &f, err) ? (put_check(c, NULL, "file", &f, ""), true) : false;
	char part[READER_PART_TEXT_SIZE], looked[READER_PART_TEXT_SIZE + 120];
	if (!reader_part_text(r, part, err))
		return false;
	if (r->part == READER_COPIED)
		finding_add(&f, "%s", part);
	bool whole = life.life != LIFE_ALIVE || r->seen.size <= WHOLE_FILE_BYTES;
	if (whole)
		ok = ask_file(r, "PRAGMA integrity_check", &f, err);
	for (size_t i = 0; ok && !whole && i < sizeof small / sizeof *small; i++)
		ok = ask_file(r, small[i], &f, err);
	snprintf(looked, sizeof looked, "%s%s%s", whole ? "integrity_check of the whole file"
	         : "a recorder writes: the small tables only; stop it to have the whole file checked", part[0] ? "; " : "", part);
	if (ok)
		put_check(c, NULL, "file", &f, looked);
	return ok;
}

static bool add_orphan(void *to, sqlite3_stmt *stmt, struct err *err)
{
	(void)err;
	finding_add(to, "table %s has rows of market %" PRId64 ", which is none", (const char *)sqlite3_column_text(stmt, 0),
	            (int64_t)sqlite3_column_int64(stmt, 1));
	return true;
}

/* Rows of no market: a leap from each market's rows to the next one's. */
static bool check_markets(struct checks *c, struct err *err)
{
	static const char *const tables[] = { "trade", "candle_1m", "stray_id", "ticker", "coverage", "gap", "wanted", "audit", "id_epoch" };
	struct finding all = { .faults = 0 };
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		struct finding f;
		char sql[500];
		snprintf(sql, sizeof sql,
		         "WITH RECURSIVE owner(whose) AS (SELECT min(market_id) FROM %s UNION ALL SELECT (SELECT min(market_id) FROM %s"
		         " WHERE market_id > whose) FROM owner WHERE whose IS NOT NULL) SELECT '%s', whose FROM owner"
		         " WHERE whose IS NOT NULL AND whose NOT IN (SELECT market_id FROM market)", tables[i], tables[i], tables[i]);
		const struct question q = { sql, { 0 }, 0, forget, add_orphan, &f };
		if (!ask(&c->context->reader, &q, err)) {
			if (!verify_damaged(&c->context->reader, &all, err))
				return false;
		} else if (f.faults > 0) {
			finding_add(&all, "%s", f.first);
			all.faults += f.faults - 1;
		}
	}
	put_check(c, NULL, "markets", &all, "every row belongs to a market");
	return true;
}

/* Where it cannot be compared there is no check. */
static void put_audit(struct checks *c, const struct market *m, const struct audit_row *a, const struct finding *f)
{
	char words[200], until[TIME_TEXT_SIZE];
	time_format(a->until_us, until);
	if (a->ids_prove)
		snprintf(words, sizeof words, "its ids prove");
	else if (a->verdict == AUDIT_NONE)
		snprintf(words, sizeof words, "the exchange was not asked for its volume");
	else if (a->verdict == AUDIT_UNPROVEN)
		snprintf(words, sizeof words, "unproven: %s", a->note);
	else if (a->digits > 0)
		snprintf(words, sizeof words, "%s up to %s, in %" PRId64 " digits", a->theirs, until, a->digits);
	else
		snprintf(words, sizeof words, "%s up to %s", a->theirs, until);
	put_check(c, m, "volume", f->faults > 0 || a->verdict == AUDIT_EQUAL ? f : NULL, words);
	if (m->wanted)
		audit_add(&c->audits, a);
}

static void put_audits(struct checks *c)
{
	char words[AUDIT_TEXT_SIZE];
	struct finding f = { .faults = 0 };
	audit_sum_text(&c->audits, words);
	if (c->audits.markets > 0)
		put_check(c, NULL, "volume", c->audits.proved == c->audits.markets ? &f : NULL, words);
}

static bool check_market(struct checks *c, const struct market *m, struct err *err)
{
	struct reader *r = &c->context->reader;
	struct market_proof proof;
	struct finding skips = { .faults = 0 }, ledger = skips, coverage = skips, volume = skips;
	struct audit_row audit = { .verdict = AUDIT_NONE };
	int64_t gap_rows = 0, coverage_rows = 0;
	bool ok = verify_trades(r, m, &proof, err) && verify_strays(r, m, &proof.ids, err);
	for (size_t i = 0; ok && i < proof.epoch_count; i++)
		ok = verify_skips(r, m, &proof.epochs[i], &skips, err);
	ok = ok && verify_gaps(r, m, &ledger, &gap_rows, err) && verify_coverage(r, m, &coverage, &coverage_rows, err) &&
	          verify_audit(r, m, &audit, &volume, err);
	if (ok) {
		char rows[40], minutes[40], gaps[40], stretches[40];
		snprintf(rows, sizeof rows, "%" PRId64 " trade%s", proof.rows, plural(proof.rows));
		snprintf(minutes, sizeof minutes, "%" PRId64 " minute%s", proof.minutes, plural(proof.minutes));
		snprintf(gaps, sizeof gaps, "%" PRId64 " gap%s", gap_rows, plural(gap_rows));
		snprintf(stretches, sizeof stretches, "%" PRId64 " stretch%s", coverage_rows, coverage_rows == 1 ? "" : "es");
		put_check(c, m, "trades", &proof.trades, rows);
		put_check(c, m, "candles", &proof.candles, minutes);
		put_check(c, m, "ids", &proof.ids, "each once, growing");
		put_check(c, m, "continuity", proof.ids_step ? &skips : NULL,
		          proof.ids_step ? "no id is missing but in the ledger of gaps" : "its ids prove nothing");
		put_check(c, m, "gaps", &ledger, gaps);
		put_check(c, m, "coverage", &coverage, stretches);
		put_audit(c, m, &audit, &volume);
	}
	market_proof_release(&proof);
	return ok;
}

static void begin(struct context *c)
{
	static const struct column columns[] = {
		{ "exchange", CELL_TEXT }, { "symbol", CELL_TEXT }, { "check", CELL_WORD }, { "result", CELL_WORD },
		{ "detail", CELL_TEXT },
	};
	out_columns(&c->out, columns, sizeof columns / sizeof *columns);
}

static enum exit_code conclude(const struct checks *checks, struct err *err)
{
	checks->context->told = true;
	if (checks->failed == 0)
		return EXIT_OK;
	err_set(err, "%" PRId64 " of %" PRId64 " checks failed", checks->failed, checks->run);
	return EXIT_FAILED;
}

enum exit_code cmd_verify(struct context *c, struct err *err)
{
	struct checks checks = { .context = c };
	begin(c);
	if (!check_file(&checks, err) || !check_markets(&checks, err))
		return EXIT_TAPE;
	for (size_t i = 0; i < c->selection.count && !out_stopped(&c->out); i++)
		if (!check_market(&checks, &c->selection.markets[i], err))
			return EXIT_TAPE;
	put_audits(&checks);
	return conclude(&checks, err);
}

enum exit_code verify_unreadable(struct context *c, const char *reason, struct err *err)
{
	struct checks checks = { .context = c };
	struct finding f = { .faults = 0 };
	begin(c);
	finding_add(&f, "%s", reason);
	put_check(&checks, NULL, "file", &f, "");
	return conclude(&checks, err);
}
