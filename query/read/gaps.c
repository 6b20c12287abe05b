#include "query/read/gaps.h"

#include "query/read/ask.h"

#include <stdlib.h>
#include <string.h>

static const char *const state_names[] = { [GAP_OPEN] = "open", [GAP_FILLED] = "filled", [GAP_UNFILLABLE] = "unfillable" };

const char *gap_state_name(enum gap_state state)
{
	return state_names[state];
}

int64_t gap_end(const struct gap *h, int64_t beat_us)
{
	if (h->to_us != INT64_MAX)
		return h->to_us;
	return beat_us > h->from_us ? beat_us : h->from_us;
}

static void clear(void *to)
{
	struct gap_stream *s = to;
	for (size_t i = 0; i < s->count; i++)
		free(s->gaps[i].reason);
	s->count = 0;
}

static bool read_state(const char *text, enum gap_state *state)
{
	for (size_t i = 0; i < sizeof state_names / sizeof *state_names; i++) {
		if (text && strcmp(text, state_names[i]) == 0) {
			*state = (enum gap_state)i;
			return true;
		}
	}
	return false;
}

static bool add_gap(void *to, sqlite3_stmt *stmt, struct err *err)
{
	struct gap_stream *s = to;
	struct gap *h = &s->gaps[s->count];
	*h = (struct gap){
		.gap_id = sqlite3_column_int64(stmt, 0),
		.from_us = sqlite3_column_int64(stmt, 1),
		.to_us = sqlite3_column_type(stmt, 2) == SQLITE_NULL ? INT64_MAX : sqlite3_column_int64(stmt, 2),
		.has_from_id = sqlite3_column_type(stmt, 3) != SQLITE_NULL,
		.has_to_id = sqlite3_column_type(stmt, 4) != SQLITE_NULL,
		.from_id = sqlite3_column_int64(stmt, 3),
		.to_id = sqlite3_column_int64(stmt, 4),
		.filled = sqlite3_column_int64(stmt, 6),
	};
	const char *reason = (const char *)sqlite3_column_text(stmt, 7);
	if (!read_state((const char *)sqlite3_column_text(stmt, 5), &h->state) || !reason)
		return reader_damaged(s->reader, "the state of a gap", err);
	h->reason = strdup(reason);
	s->count++;
	return h->reason || err_set(err, "out of memory");
}

bool gap_stream_init(struct gap_stream *s, struct reader *r, const struct market *m, const struct range *range,
                      struct err *err)
{
	*s = (struct gap_stream){ .reader = r, .market = m, .range = *range, .after_us = INT64_MIN, .after_id = INT64_MIN };
	s->gaps = calloc(GAP_CHUNK, sizeof *s->gaps);
	return s->gaps || err_set(err, "out of memory");
}

void gap_stream_release(struct gap_stream *s)
{
	clear(s);
	free(s->gaps);
	*s = (struct gap_stream){ .reader = NULL };
}

bool gap_stream_next(struct gap_stream *s, struct err *err)
{
	/* An empty gap is a place, and overlaps what holds that place. */
	static const char sql[] =
		"SELECT gap_id, from_us, to_us, from_id, to_id, state, filled, CASE note WHEN '' THEN reason ELSE reason || ': ' || note"
		" END FROM gap WHERE market_id = ?1 AND (from_us, gap_id) > (?2, ?3) AND from_us < ?5"
		" AND (to_us IS NULL OR to_us > ?4 OR from_us >= ?4) ORDER BY from_us, gap_id LIMIT ?6";
	const struct question q = {
		sql, { s->market->id, s->after_us, s->after_id, s->range.from_us, s->range.to_us, GAP_CHUNK }, 6, clear, add_gap, s,
	};
	if (s->done) {
		clear(s);
		return true;
	}
	if (!ask(s->reader, &q, err))
		return false;
	s->done = s->count < GAP_CHUNK;
	if (s->count > 0) {
		s->after_us = s->gaps[s->count - 1].from_us;
		s->after_id = s->gaps[s->count - 1].gap_id;
	}
	return true;
}
