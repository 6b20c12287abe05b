#include "query/read/merge.h"

#include <stdlib.h>

static const struct tape_row *row_of(const struct merge_source *s)
{
	return &s->stream.rows[s->next];
}

static bool before(const struct row_merge *m, size_t a, size_t b)
{
	int64_t a_us = row_of(&m->sources[a])->time_us, b_us = row_of(&m->sources[b])->time_us;
	return a_us != b_us ? a_us < b_us : a < b;
}

static void sift_down(struct row_merge *m, size_t at)
{
	for (size_t child; (child = 2 * at + 1) < m->heap_count;) {
		if (child + 1 < m->heap_count && before(m, m->heap[child + 1], m->heap[child]))
			child++;
		if (!before(m, m->heap[child], m->heap[at]))
			return;
		size_t source = m->heap[at];
		m->heap[at] = m->heap[child];
		m->heap[child] = source;
		at = child;
	}
}

void row_merge_release(struct row_merge *m)
{
	for (size_t i = 0; m->sources && i < m->count; i++)
		row_stream_release(&m->sources[i].stream);
	free(m->sources);
	free(m->heap);
	*m = (struct row_merge){ .sources = NULL };
}

static bool open_all(struct row_merge *m, struct reader *r, const struct selection *markets, int64_t from_us, int64_t to_us,
                     int64_t newest, struct err *err)
{
	*m = (struct row_merge){ .count = markets->count };
	m->sources = calloc(m->count + 1, sizeof *m->sources);
	m->heap = calloc(m->count + 1, sizeof *m->heap);
	bool ok = (m->sources && m->heap) || err_set(err, "out of memory");
	for (size_t i = 0; ok && i < m->count; i++) {
		struct row_stream *s = &m->sources[i].stream;
		ok = row_stream_init(s, r, &markets->markets[i], from_us, to_us, err);
		if (ok)
			row_stream_share(s, m->count);
		if (ok && newest >= 0)
			ok = row_stream_skip_to_newest(s, newest, err);
	}
	return ok;
}

/* Goes past `rows` of them, or past all if it is negative; returns how many there were, -1 where it fails. */
static int64_t pass(struct row_merge *m, int64_t rows, struct err *err)
{
	const struct tape_row *row;
	size_t market;
	int64_t passed = 0;
	for (; passed != rows; passed++) {
		if (!row_merge_next(m, &row, &market, err))
			return -1;
		if (!row)
			break;
	}
	return passed;
}

bool row_merge_init(struct row_merge *m, struct reader *r, const struct selection *markets, int64_t from_us, int64_t to_us,
                    int64_t newest, struct err *err)
{
	if (!open_all(m, r, markets, from_us, to_us, newest, err))
		return false;
	if (newest < 0 || m->count < 2)
		return true;
	/* The newest of each hold the newest of all: they are counted, and read once more from where so many are left. */
	int64_t there = pass(m, -1, err);
	row_merge_release(m);
	return there >= 0 && open_all(m, r, markets, from_us, to_us, newest, err) && (there <= newest || pass(m, there - newest, err) >= 0);
}

/* *more: the source has a row at hand. */
static bool fill(struct merge_source *s, bool *more, struct err *err)
{
	if (s->next >= s->stream.count) {
		s->next = 0;
		if (!row_stream_next(&s->stream, err))
			return false;
	}
	*more = s->next < s->stream.count;
	return true;
}

static bool begin(struct row_merge *m, struct err *err)
{
	m->begun = true;
	for (size_t i = 0; i < m->count; i++) {
		bool more;
		if (!fill(&m->sources[i], &more, err))
			return false;
		if (more)
			m->heap[m->heap_count++] = i;
	}
	for (size_t at = m->heap_count / 2; at-- > 0;)
		sift_down(m, at);
	return true;
}

/* Past the row that was given last. */
static bool advance(struct row_merge *m, struct err *err)
{
	struct merge_source *s = &m->sources[m->heap[0]];
	bool more;
	s->next++;
	if (!fill(s, &more, err))
		return false;
	if (!more)
		m->heap[0] = m->heap[--m->heap_count];
	sift_down(m, 0);
	return true;
}

bool row_merge_next(struct row_merge *m, const struct tape_row **row, size_t *market, struct err *err)
{
	*row = NULL;
	if (!m->begun ? !begin(m, err) : m->heap_count > 0 && !advance(m, err))
		return false;
	if (m->heap_count > 0) {
		*market = m->heap[0];
		*row = row_of(&m->sources[*market]);
	}
	return true;
}
