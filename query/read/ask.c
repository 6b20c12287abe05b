#include "query/read/ask.h"

bool ask_with_text(struct reader *r, const struct question *q, const char *text, struct err *err)
{
	bool again = true, ok = true;
	while (ok && again) {
		sqlite3_stmt *stmt = NULL;
		if (sqlite3_prepare_v2(r->db, q->sql, -1, &stmt, NULL) != SQLITE_OK)
			return reader_failed(r, err);
		for (int i = 0; i < q->count; i++)
			sqlite3_bind_int64(stmt, i + 1, q->values[i]);
		if (text)
			sqlite3_bind_text(stmt, q->count + 1, text, -1, SQLITE_STATIC);
		if (q->begin)
			q->begin(q->to);
		while (ok && reader_step(stmt) == SQLITE_ROW)
			ok = q->row(q->to, stmt, err);
		if (sqlite3_finalize(stmt) != SQLITE_OK && ok)
			ok = reader_failed(r, err);
		ok = ok && reader_settle(r, &again, err);
	}
	return ok;
}

bool ask(struct reader *r, const struct question *q, struct err *err)
{
	return ask_with_text(r, q, NULL, err);
}
