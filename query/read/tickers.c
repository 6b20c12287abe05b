/* The key of the table is (market, window, time, ...), and what is printed goes by time: windows are merged.  A chunk is a
 * span of time that holds at most CHUNK_ROWS of any window, unless they are of one microsecond. */
#include "query/read/tickers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_ROWS 1024
#define SKIP_ROWS 50000 /* a chunk of a walk that reads keys only */

/* The windows are found by a leap from each to the next.  ?1 market, ?2 window or NULL, [?3, ?4) time. */
#define WANTED \
	"WITH RECURSIVE every(w) AS (SELECT min(\"window\") FROM ticker WHERE market_id = ?1 UNION ALL" \
	" SELECT (SELECT min(\"window\") FROM ticker WHERE market_id = ?1 AND \"window\" > w) FROM every WHERE w IS NOT NULL)," \
	" wanted(w) AS (SELECT w FROM every WHERE w = coalesce(?2, w)) "
#define IN_RANGE "market_id = ?1 AND \"window\" = w AND time_us >= ?3 AND time_us < ?4"

void ticker_stream_init(struct ticker_stream *s, struct reader *r, const struct market *m, const char *window, int64_t from_us,
                        int64_t to_us)
{
	*s = (struct ticker_stream){ .reader = r, .market = m, .window = window, .from_us = from_us, .to_us = to_us };
}

void ticker_stream_release(struct ticker_stream *s)
{
	free(s->rows);
	*s = (struct ticker_stream){ .reader = NULL };
}

/* NULL: see err; else the caller finalises it. */
static sqlite3_stmt *prepare(const struct ticker_stream *s, const char *sql, int64_t from_us, int64_t to_us, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	if (sqlite3_prepare_v2(s->reader->db, sql, -1, &stmt, NULL) != SQLITE_OK) {
		reader_failed(s->reader, err);
		return NULL;
	}
	sqlite3_bind_int64(stmt, 1, s->market->id);
	if (s->window)
		sqlite3_bind_text(stmt, 2, s->window, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 3, from_us);
	sqlite3_bind_int64(stmt, 4, to_us);
	return stmt;
}

/* One number out of the tape; `offset` is ?5, where the statement has one. */
static bool read_number(const struct ticker_stream *s, const char *sql, int64_t from_us, int64_t to_us, int64_t offset,
                        int64_t *number, struct err *err)
{
	bool again = true;
	while (again) {
		sqlite3_stmt *stmt = prepare(s, sql, from_us, to_us, err);
		if (!stmt)
			return false;
		sqlite3_bind_int64(stmt, 5, offset);
		if (reader_step(stmt) == SQLITE_ROW)
			*number = sqlite3_column_int64(stmt, 0);
		if (sqlite3_finalize(stmt) != SQLITE_OK)
			return reader_failed(s->reader, err);
		if (!reader_settle(s->reader, &again, err))
			return false;
	}
	return true;
}

bool ticker_stream_skip_to_newest(struct ticker_stream *s, int64_t n, struct err *err)
{
	static const char start[] = WANTED
		"SELECT coalesce(max(coalesce((SELECT time_us FROM ticker WHERE " IN_RANGE
		" ORDER BY time_us DESC LIMIT 1 OFFSET ?5), ?3)), ?3) FROM wanted";
	static const char rows[] = WANTED
		"SELECT coalesce(sum((SELECT count(*) FROM ticker WHERE " IN_RANGE ")), 0) FROM wanted";
	int64_t end_us = s->to_us, left = n;
	while (left > 0 && end_us > s->from_us) {
		int64_t start_us = s->from_us, count = 0;
		if (!read_number(s, start, s->from_us, end_us, (left < SKIP_ROWS ? left : SKIP_ROWS) - 1, &start_us, err) ||
		    !read_number(s, rows, start_us, end_us, 0, &count, err))
			return false;
		left -= count;
		end_us = start_us;
	}
	s->from_us = end_us;
	s->skip = left < 0 ? -left : 0;
	return true;
}

static bool read_row(sqlite3_stmt *stmt, struct ticker_row *row)
{
	struct ticker *t = &row->ticker;
	struct decimal *numbers[] = { &t->open, &t->high, &t->low, &t->close, &t->volume };
	const char *window = (const char *)sqlite3_column_text(stmt, 0);
	if (!window || strlen(window) >= sizeof row->window)
		return false;
	stpcpy(row->window, window);
	t->time_us = sqlite3_column_int64(stmt, 1);
	for (int i = 0; i < 5; i++) {
		bool negative;
		if (!decimal_column(stmt, 3 + i, numbers[i], &negative) || negative)
			return false;
	}
	return !__builtin_add_overflow(t->time_us, sqlite3_column_int64(stmt, 2), &t->recv_wall_us);
}

static bool damaged_row(const struct ticker_stream *s, int64_t time_us, struct err *err)
{
	char time_text[TIME_TEXT_SIZE], what[MARKET_NAME_SIZE + 80];
	time_format(time_us, time_text);
	snprintf(what, sizeof what, "a ticker of %s at %s makes no sense", s->market->name, time_text);
	return reader_damaged(s->reader, what, err);
}

static bool read_rows(struct ticker_stream *s, sqlite3_stmt *stmt, struct err *err)
{
	s->count = 0;
	while (reader_step(stmt) == SQLITE_ROW) {
		if (s->count == s->size) {
			size_t size = s->size ? 2 * s->size : CHUNK_ROWS;
			struct ticker_row *grown = realloc(s->rows, size * sizeof *grown);
			if (!grown)
				return err_set(err, "out of memory");
			s->rows = grown;
			s->size = size;
		}
		if (!read_row(stmt, &s->rows[s->count++]))
			return damaged_row(s, sqlite3_column_int64(stmt, 1), err);
	}
	return true;
}

/* All rows up to end_us into s->rows. */
static bool read_chunk(struct ticker_stream *s, int64_t end_us, struct err *err)
{
	static const char sql[] = WANTED
		"SELECT \"window\", time_us, lag_us, open, high, low, close, volume FROM wanted CROSS JOIN ticker WHERE " IN_RANGE
		" ORDER BY time_us, \"window\", lag_us, open, high, low, close, volume";
	bool again = true;
	while (again) {
		sqlite3_stmt *stmt = prepare(s, sql, s->from_us, end_us, err);
		if (!stmt)
			return false;
		bool ok = read_rows(s, stmt, err);
		if (sqlite3_finalize(stmt) != SQLITE_OK && ok)
			ok = reader_failed(s->reader, err);
		if (!ok || !reader_settle(s->reader, &again, err))
			return false;
	}
	return true;
}

bool ticker_stream_next(struct ticker_stream *s, struct err *err)
{
	static const char end[] = WANTED
		"SELECT coalesce(min(coalesce((SELECT time_us FROM ticker WHERE " IN_RANGE
		" ORDER BY time_us LIMIT 1 OFFSET ?5), ?4)), ?4) FROM wanted";
	s->count = 0;
	while (s->count == 0 && s->from_us < s->to_us) {
		int64_t end_us = s->to_us;
		if (!read_number(s, end, s->from_us, s->to_us, CHUNK_ROWS, &end_us, err))
			return false;
		if (end_us == s->from_us)
			end_us++;
		if (!read_chunk(s, end_us, err))
			return false;
		s->from_us = end_us;
		size_t gone = (uint64_t)s->skip < s->count ? (size_t)s->skip : s->count;
		s->skip -= (int64_t)gone;
		s->count -= gone;
		if (gone > 0)
			memmove(s->rows, s->rows + gone, s->count * sizeof *s->rows);
	}
	return true;
}

bool ticker_windows(struct reader *r, const struct market *m, char list[static WINDOW_LIST_SIZE], struct err *err)
{
	struct ticker_stream s;
	bool again = true;
	ticker_stream_init(&s, r, m, NULL, 0, 0);
	while (again) {
		sqlite3_stmt *stmt = prepare(&s, WANTED "SELECT group_concat(w, ', ') FROM wanted", 0, 0, err);
		if (!stmt)
			return false;
		const char *text = reader_step(stmt) == SQLITE_ROW ? (const char *)sqlite3_column_text(stmt, 0) : NULL;
		snprintf(list, WINDOW_LIST_SIZE, "%s", text ? text : "");
		if (sqlite3_finalize(stmt) != SQLITE_OK)
			return reader_failed(r, err);
		if (!reader_settle(r, &again, err))
			return false;
	}
	return true;
}
