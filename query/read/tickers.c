/* The key of the table is (market, window, time, ...), and what is printed goes by time: windows are merged.  A chunk is a
 * span of time that holds at most CHUNK_ROWS of any window, unless they are of one microsecond. */
#include "query/read/tickers.h"

#include "query/read/ask.h"
#include "schema/base/vec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_ROWS 1024
#define SKIP_ROWS 50000 /* a chunk of a walk that reads keys only */

/* The windows are found by a leap from each to the next.  ?1 market, [?2, ?3) time, ?5 window or NULL. */
#define WANTED \
	"WITH RECURSIVE every(w) AS (SELECT min(\"window\") FROM ticker WHERE market_id = ?1 UNION ALL" \
	" SELECT (SELECT min(\"window\") FROM ticker WHERE market_id = ?1 AND \"window\" > w) FROM every WHERE w IS NOT NULL)," \
	" wanted(w) AS (SELECT w FROM every WHERE w = coalesce(?5, w)) "
#define IN_RANGE "market_id = ?1 AND \"window\" = w AND time_us >= ?2 AND time_us < ?3"

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

static bool ask_for(const struct ticker_stream *s, struct question q, int64_t from_us, int64_t to_us, int64_t offset, struct err *err)
{
	const int64_t values[] = { s->market->id, from_us, to_us, offset };
	memcpy(q.values, values, sizeof values);
	q.count = sizeof values / sizeof *values;
	return ask_with_text(s->reader, &q, s->window, err);
}

static bool take_number(void *to, sqlite3_stmt *stmt, struct err *err)
{
	(void)err;
	*(int64_t *)to = sqlite3_column_int64(stmt, 0);
	return true;
}

/* One number out of the tape; `offset` is ?4, where the statement has one. */
static bool read_number(const struct ticker_stream *s, const char *sql, int64_t from_us, int64_t to_us, int64_t offset,
                        int64_t *number, struct err *err)
{
	const struct question q = { .sql = sql, .row = take_number, .to = number };
	return ask_for(s, q, from_us, to_us, offset, err);
}

bool ticker_stream_skip_to_newest(struct ticker_stream *s, int64_t n, struct err *err)
{
	static const char start[] = WANTED
		"SELECT coalesce(max(coalesce((SELECT time_us FROM ticker WHERE " IN_RANGE
		" ORDER BY time_us DESC LIMIT 1 OFFSET ?4), ?2)), ?2) FROM wanted";
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

static void begin_chunk(void *to)
{
	((struct ticker_stream *)to)->count = 0;
}

static bool add_row(void *to, sqlite3_stmt *stmt, struct err *err)
{
	struct ticker_stream *s = to;
	struct ticker_row *grown = vec_grow(s->rows, s->count, sizeof *grown);
	if (!grown)
		return err_set(err, "out of memory");
	s->rows = grown;
	return read_row(stmt, &s->rows[s->count++]) || damaged_row(s, sqlite3_column_int64(stmt, 1), err);
}

/* All rows up to end_us into s->rows. */
static bool read_chunk(struct ticker_stream *s, int64_t end_us, struct err *err)
{
	static const char sql[] = WANTED
		"SELECT \"window\", time_us, lag_us, open, high, low, close, volume FROM wanted CROSS JOIN ticker WHERE " IN_RANGE
		" ORDER BY time_us, \"window\", lag_us, open, high, low, close, volume";
	const struct question q = { .sql = sql, .begin = begin_chunk, .row = add_row, .to = s };
	return ask_for(s, q, s->from_us, end_us, 0, err);
}

bool ticker_stream_next(struct ticker_stream *s, struct err *err)
{
	static const char end[] = WANTED
		"SELECT coalesce(min(coalesce((SELECT time_us FROM ticker WHERE " IN_RANGE
		" ORDER BY time_us LIMIT 1 OFFSET ?4), ?3)), ?3) FROM wanted";
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

static bool take_list(void *to, sqlite3_stmt *stmt, struct err *err)
{
	const char *text = (const char *)sqlite3_column_text(stmt, 0);
	(void)err;
	snprintf(to, WINDOW_LIST_SIZE, "%s", text ? text : "");
	return true;
}

bool ticker_windows(struct reader *r, const struct market *m, char list[static WINDOW_LIST_SIZE], struct err *err)
{
	struct ticker_stream s;
	ticker_stream_init(&s, r, m, NULL, 0, 0);
	const struct question q = { .sql = WANTED "SELECT group_concat(w, ', ') FROM wanted", .row = take_list, .to = list };
	return ask_for(&s, q, 0, 0, 0, err);
}
