#include "query/read/coverage.h"

#include "query/read/ask.h"

static void begin(void *to)
{
	struct coverage *c = to;
	coverage_release(c);
	c->from_us = INT64_MAX;
	c->to_us = INT64_MIN;
}

static bool add_row(void *to, sqlite3_stmt *stmt, struct err *err)
{
	struct coverage *c = to;
	bool gap = sqlite3_column_int(stmt, 0) != 0;
	int64_t from_us = sqlite3_column_int64(stmt, 1), to_us = sqlite3_column_int64(stmt, 2);
	from_us = from_us > 0 ? from_us : 0; /* a damaged row must not be calculated with */
	to_us = to_us > TIME_US_MAX && !gap ? TIME_US_MAX : to_us;
	if (from_us > to_us || from_us > TIME_US_MAX || (gap && from_us == to_us))
		return true; /* nothing; `verify` says what it thinks of it */
	if (!gap && from_us < c->from_us)
		c->from_us = from_us;
	if (!gap && to_us > c->to_us)
		c->to_us = to_us;
	return spans_add(gap ? &c->gaps : &c->whole, from_us, to_us) || err_set(err, "out of memory");
}

bool coverage_load(struct coverage *c, struct reader *r, const struct market *m, struct err *err)
{
	/* One statement, so that a gap that is filled meanwhile is seen before or after, and not in between. */
	static const char sql[] =
		"SELECT 0, from_us, to_us FROM coverage WHERE market_id = ?1 AND to_us > from_us UNION ALL"
		" SELECT 1, from_us, coalesce(to_us, 0x7fffffffffffffff) FROM gap WHERE market_id = ?1 AND state <> 'filled'"
		" ORDER BY 1, 2";
	*c = (struct coverage){ .from_us = INT64_MAX, .to_us = INT64_MIN };
	const struct question q = { sql, { m->id }, 1, begin, add_row, c };
	bool ok = ask(r, &q, err);
	if (ok && r->part == READER_COPIED) /* rows may be missing anywhere: nothing is proved */
		spans_release(&c->whole);
	else if (ok && !spans_subtract(&c->whole, &c->gaps))
		ok = err_set(err, "out of memory");
	if (!ok)
		coverage_release(c);
	return ok;
}

void coverage_release(struct coverage *c)
{
	spans_release(&c->whole);
	spans_release(&c->gaps);
}

bool coverage_holds(const struct coverage *c, int64_t from_us, int64_t to_us)
{
	return spans_hold(&c->whole, from_us, to_us);
}
