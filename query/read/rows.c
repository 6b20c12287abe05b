#include "query/read/rows.h"

#include "query/read/ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CHUNK_ROWS 4096
#define CHUNKS_AT_ONCE 16 /* that many streams have room for, together */
#define CHUNK_ROWS_MIN 64
#define SKIP_ROWS 50000 /* a chunk of a walk that reads keys only */

/* Chunk upon chunk keeps some snapshot open most of the time, and then a busy recorder's WAL finds no moment to begin
 * again at its start.  Where it is long and still grows, the gap between two chunks is made wide enough. */
#define WAL_CALM_BYTES ((off_t)16 << 20)
#define WAL_PAUSE_NS 10000000L

#define ROW_COLUMNS "SELECT time_us, id, price, size, lag_us FROM trade WHERE market_id = ?1 AND "
#define KEY_COLUMNS "SELECT time_us, id FROM trade WHERE market_id = ?1 AND "

bool reader_settle(struct reader *r, bool *again, struct err *err)
{
	enum reader_change change;
	if (!reader_check(r, &change, err))
		return false;
	if (change == READER_REPLACED)
		return err_set(err, "the tape %s was replaced by another file meanwhile; start again", r->path);
	*again = change == READER_REOPENED;
	return true;
}

void let_recorder_pass(const struct reader *r, off_t *wal_size)
{
	if (r->wal_size > WAL_CALM_BYTES && r->wal_size > *wal_size && *wal_size > 0)
		nanosleep(&(struct timespec){ .tv_nsec = WAL_PAUSE_NS }, NULL);
	*wal_size = r->wal_size;
}

/* A packed number, or the decimal of a text. */
static bool read_number(sqlite3_stmt *stmt, int column, int64_t *packed, struct decimal *d, bool *negative)
{
	if (sqlite3_column_type(stmt, column) != SQLITE_INTEGER) {
		*packed = -1;
		return decimal_column(stmt, column, d, negative);
	}
	int64_t value = sqlite3_column_int64(stmt, column);
	*negative = value < 0;
	*packed = value < 0 ? -value : value;
	return value != INT64_MIN;
}

/* trade_column's way, but numbers stay packed: unpacking and printing them again would double the cost of an export. */
static bool read_row(sqlite3_stmt *stmt, struct id_rule rule, struct tape_row *row)
{
	bool price_negative, sold;
	row->time_us = sqlite3_column_int64(stmt, 0);
	if (row->time_us < 0 || row->time_us > TIME_US_MAX || !trade_id_column(stmt, 1, &row->id, row->time_us, rule) ||
	    !read_number(stmt, 2, &row->price_packed, &row->price, &price_negative) || price_negative ||
	    !read_number(stmt, 3, &row->size_packed, &row->size, &sold))
		return false;
	row->side = sold ? SIDE_SELL : SIDE_BUY;
	row->received = sqlite3_column_type(stmt, 4) != SQLITE_NULL;
	return !row->received || !__builtin_add_overflow(row->time_us, sqlite3_column_int64(stmt, 4), &row->recv_us);
}

static bool damaged_row(struct reader *r, const struct market *m, int64_t time_us, struct err *err)
{
	char time_text[TIME_TEXT_SIZE], what[MARKET_NAME_SIZE + 80];
	time_format(time_us, time_text);
	snprintf(what, sizeof what, "a trade of %s at %s makes no sense", m->name, time_text);
	return reader_damaged(r, what, err);
}

void row_trade(const struct tape_row *row, struct trade *t)
{
	t->time_us = row->time_us;
	t->recv_wall_us = row->received ? row->recv_us : 0;
	t->side = row->side;
	t->id = row->id;
	if (row->price_packed >= 0)
		decimal_unpack(&t->price, row->price_packed);
	else
		t->price = row->price;
	if (row->size_packed >= 0)
		decimal_unpack(&t->size, row->size_packed);
	else
		t->size = row->size;
}

bool row_stream_init(struct row_stream *s, struct reader *r, const struct market *m, int64_t from_us, int64_t to_us,
                     struct err *err)
{
	*s = (struct row_stream){ .reader = r, .market = m, .from_us = from_us, .to_us = to_us, .chunk = CHUNK_ROWS };
	s->rows = malloc(CHUNK_ROWS * sizeof *s->rows);
	return s->rows || err_set(err, "out of memory");
}

void row_stream_share(struct row_stream *s, size_t streams)
{
	size_t part = CHUNKS_AT_ONCE * CHUNK_ROWS / (streams > 0 ? streams : 1);
	s->chunk = part > CHUNK_ROWS ? CHUNK_ROWS : part < CHUNK_ROWS_MIN ? CHUNK_ROWS_MIN : part;
	struct tape_row *smaller = realloc(s->rows, s->chunk * sizeof *s->rows);
	if (smaller)
		s->rows = smaller;
}

void row_stream_release(struct row_stream *s)
{
	sqlite3_finalize(s->stmt);
	sqlite3_value_free(s->after_id);
	free(s->rows);
	*s = (struct row_stream){ .reader = NULL };
}

/* The key `step` rows further back than s->after_id (than the range's end while that is NULL). */
static bool walk_back(struct row_stream *s, int64_t step, sqlite3_value **id, int64_t *time_us, struct err *err)
{
	const char *sql = s->after_id
		? KEY_COLUMNS "(time_us, id) < (?2, ?5) AND time_us >= ?3 ORDER BY time_us DESC, id DESC LIMIT 1 OFFSET ?4"
		: KEY_COLUMNS "time_us < ?2 AND time_us >= ?3 ORDER BY time_us DESC, id DESC LIMIT 1 OFFSET ?4";
	sqlite3_stmt *stmt = NULL;
	if (sqlite3_prepare_v2(s->reader->db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return reader_failed(s->reader, err);
	sqlite3_bind_int64(stmt, 1, s->market->id);
	sqlite3_bind_int64(stmt, 2, s->after_id ? s->after_us : s->to_us);
	sqlite3_bind_int64(stmt, 3, s->from_us);
	sqlite3_bind_int64(stmt, 4, step - 1);
	if (s->after_id)
		sqlite3_bind_value(stmt, 5, s->after_id);
	bool row = reader_step(stmt) == SQLITE_ROW;
	*time_us = row ? sqlite3_column_int64(stmt, 0) : 0;
	*id = row ? sqlite3_value_dup(sqlite3_column_value(stmt, 1)) : NULL;
	if (sqlite3_finalize(stmt) != SQLITE_OK)
		return reader_failed(s->reader, err);
	return !row || *id || err_set(err, "out of memory");
}

bool row_stream_skip_to_newest(struct row_stream *s, int64_t n, struct err *err)
{
	/* To the newest row but n, which the first chunk then begins behind.  It may be far back, hence chunks here, too. */
	for (int64_t left = n + 1; left > 0;) {
		int64_t step = left < SKIP_ROWS ? left : SKIP_ROWS, time_us = 0;
		sqlite3_value *id = NULL;
		bool again = false;
		if (!walk_back(s, step, &id, &time_us, err) || !reader_settle(s->reader, &again, err)) {
			sqlite3_value_free(id);
			return false;
		}
		if (again) {
			sqlite3_value_free(id);
			continue;
		}
		sqlite3_value_free(s->after_id);
		s->after_id = id;
		s->after_us = time_us;
		if (!id) /* there are no more than n: the whole range */
			break;
		left -= step;
	}
	return true;
}

/* One chunk into s->rows.  *last: the id of its last row, which the caller frees; NULL: there is no more. */
static bool read_chunk(struct row_stream *s, sqlite3_value **last, struct err *err)
{
	if (!s->stmt) {
		const char *sql = s->after_id
			? ROW_COLUMNS "(time_us, id) > (?2, ?4) AND time_us < ?3 ORDER BY time_us, id"
			: ROW_COLUMNS "time_us >= ?2 AND time_us < ?3 ORDER BY time_us, id";
		if (sqlite3_prepare_v2(s->reader->db, sql, -1, &s->stmt, NULL) != SQLITE_OK)
			return reader_failed(s->reader, err);
	}
	sqlite3_bind_int64(s->stmt, 1, s->market->id);
	sqlite3_bind_int64(s->stmt, 2, s->after_id ? s->after_us : s->from_us);
	sqlite3_bind_int64(s->stmt, 3, s->to_us);
	if (s->after_id)
		sqlite3_bind_value(s->stmt, 4, s->after_id);
	s->count = 0;
	int rc = SQLITE_DONE;
	while (s->count < s->chunk && (rc = reader_step(s->stmt)) == SQLITE_ROW)
		if (!read_row(s->stmt, s->market->rule, &s->rows[s->count++]))
			return damaged_row(s->reader, s->market, sqlite3_column_int64(s->stmt, 0), err);
	*last = rc == SQLITE_ROW ? sqlite3_value_dup(sqlite3_column_value(s->stmt, 1)) : NULL;
	if (rc == SQLITE_ROW && !*last)
		return err_set(err, "out of memory");
	if (sqlite3_reset(s->stmt) != SQLITE_OK)
		return reader_failed(s->reader, err);
	return true;
}

bool row_stream_next(struct row_stream *s, struct err *err)
{
	bool again = true;
	sqlite3_value *last = NULL;
	s->count = 0;
	if (s->done)
		return true;
	while (again) {
		sqlite3_value_free(last);
		last = NULL;
		if (!read_chunk(s, &last, err) || !reader_settle(s->reader, &again, err)) {
			sqlite3_value_free(last);
			return false;
		}
		if (again) {
			sqlite3_finalize(s->stmt);
			s->stmt = NULL;
		}
	}
	s->done = last == NULL;
	if (last) {
		if (!s->after_id) { /* from here on the other statement */
			sqlite3_finalize(s->stmt);
			s->stmt = NULL;
		}
		sqlite3_value_free(s->after_id);
		s->after_id = last;
		s->after_us = s->rows[s->count - 1].time_us;
		let_recorder_pass(s->reader, &s->wal_size);
	}
	return true;
}

struct last_row {
	struct reader *reader;
	const struct market *market;
	struct tape_row *row;
	bool found;
};

static void begin_last(void *to)
{
	((struct last_row *)to)->found = false;
}

static bool take_last(void *to, sqlite3_stmt *stmt, struct err *err)
{
	struct last_row *last = to;
	last->found = true;
	return read_row(stmt, last->market->rule, last->row) ||
	       damaged_row(last->reader, last->market, sqlite3_column_int64(stmt, 0), err);
}

bool last_row(struct reader *r, const struct market *m, struct tape_row *row, bool *found, struct err *err)
{
	struct last_row last = { r, m, row, false };
	const struct question q = { .sql = ROW_COLUMNS "true ORDER BY time_us DESC, id DESC LIMIT 1", .values = { m->id }, .count = 1,
		                    .begin = begin_last, .row = take_last, .to = &last };
	bool ok = ask(r, &q, err);
	*found = last.found;
	return ok;
}
