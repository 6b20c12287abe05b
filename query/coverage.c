#include "query/coverage.h"

#include "query/rows.h"

#include <stdlib.h>

/* Connections overlap and touch: what one began another may go on with. */
static bool add_span(struct coverage *c, int64_t from_us, int64_t to_us)
{
	struct coverage_span *last = c->count > 0 ? &c->spans[c->count - 1] : NULL;
	if (last && from_us <= last->to_us) {
		if (to_us > last->to_us)
			last->to_us = to_us;
		return true;
	}
	if ((c->count & (c->count - 1)) == 0) { /* grown at powers of two */
		struct coverage_span *grown = realloc(c->spans, (c->count ? 2 * c->count : 1) * sizeof *grown);
		if (!grown)
			return false;
		c->spans = grown;
	}
	c->spans[c->count++] = (struct coverage_span){ from_us, to_us };
	return true;
}

bool coverage_load(struct coverage *c, struct reader *r, const struct market *m, struct err *err)
{
	static const char sql[] = "SELECT from_us, to_us FROM coverage WHERE market_id = ?1 ORDER BY from_us";
	bool again = true, ok = true;
	*c = (struct coverage){ NULL, 0 };
	while (ok && again) {
		sqlite3_stmt *stmt = NULL;
		c->count = 0;
		ok = sqlite3_prepare_v2(r->db, sql, -1, &stmt, NULL) == SQLITE_OK || reader_failed(r, err);
		if (ok) {
			sqlite3_bind_int64(stmt, 1, m->id);
			while (ok && sqlite3_step(stmt) == SQLITE_ROW)
				ok = add_span(c, sqlite3_column_int64(stmt, 0), sqlite3_column_int64(stmt, 1)) ||
				     err_set(err, "out of memory");
			if (sqlite3_finalize(stmt) != SQLITE_OK && ok)
				ok = reader_failed(r, err);
		}
		ok = ok && reader_settle(r, &again, err);
	}
	if (!ok)
		coverage_release(c);
	return ok;
}

void coverage_release(struct coverage *c)
{
	free(c->spans);
	*c = (struct coverage){ NULL, 0 };
}

bool coverage_holds(const struct coverage *c, int64_t from_us, int64_t to_us)
{
	size_t low = 0, high = c->count; /* the first span that begins after from_us */
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (c->spans[middle].from_us <= from_us)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 && c->spans[low - 1].to_us >= to_us;
}
