#include "query/read/gaps.h"

#include "query/read/ask.h"

#include <stdlib.h>
#include <string.h>

static const char *const state_names[] = { [HOLE_OPEN] = "open", [HOLE_FILLED] = "filled", [HOLE_UNFILLABLE] = "unfillable" };

const char *hole_state_name(enum hole_state state)
{
	return state_names[state];
}

int64_t hole_end(const struct hole *h, int64_t beat_us)
{
	if (h->to_us != INT64_MAX)
		return h->to_us;
	return beat_us > h->from_us ? beat_us : h->from_us;
}

static void clear(void *to)
{
	struct hole_stream *s = to;
	for (size_t i = 0; i < s->count; i++)
		free(s->holes[i].reason);
	s->count = 0;
}

static bool read_state(const char *text, enum hole_state *state)
{
	for (size_t i = 0; i < sizeof state_names / sizeof *state_names; i++) {
		if (text && strcmp(text, state_names[i]) == 0) {
			*state = (enum hole_state)i;
			return true;
		}
	}
	return false;
}

static bool add_hole(void *to, sqlite3_stmt *stmt, struct err *err)
{
	struct hole_stream *s = to;
	struct hole *h = &s->holes[s->count];
	*h = (struct hole){
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
		return reader_damaged(s->reader, "the state of a hole", err);
	h->reason = strdup(reason);
	s->count++;
	return h->reason || err_set(err, "out of memory");
}

bool hole_stream_init(struct hole_stream *s, struct reader *r, const struct market *m, const struct range *range,
                      struct err *err)
{
	*s = (struct hole_stream){ .reader = r, .market = m, .range = *range, .after_us = INT64_MIN, .after_id = INT64_MIN };
	s->holes = calloc(HOLE_CHUNK, sizeof *s->holes);
	return s->holes || err_set(err, "out of memory");
}

void hole_stream_release(struct hole_stream *s)
{
	clear(s);
	free(s->holes);
	*s = (struct hole_stream){ .reader = NULL };
}

bool hole_stream_next(struct hole_stream *s, struct err *err)
{
	/* An empty hole is a place, and overlaps what holds that place. */
	static const char sql[] =
		"SELECT gap_id, from_us, to_us, from_id, to_id, state, filled, CASE note WHEN '' THEN reason ELSE reason || ': ' || note"
		" END FROM gap WHERE market_id = ?1 AND (from_us, gap_id) > (?2, ?3) AND from_us < ?5"
		" AND (to_us IS NULL OR to_us > ?4 OR from_us >= ?4) ORDER BY from_us, gap_id LIMIT ?6";
	const struct question q = {
		sql, { s->market->id, s->after_us, s->after_id, s->range.from_us, s->range.to_us, HOLE_CHUNK }, 6, clear, add_hole, s,
	};
	if (s->done) {
		clear(s);
		return true;
	}
	if (!ask(s->reader, &q, err))
		return false;
	s->done = s->count < HOLE_CHUNK;
	if (s->count > 0) {
		s->after_us = s->holes[s->count - 1].from_us;
		s->after_id = s->holes[s->count - 1].gap_id;
	}
	return true;
}
