#include "query/verify/verify.h"

#include <stdlib.h>
#include <string.h>

#define SKIPS_MAX 1000000
#define FAR 1000000 /* ids: as the recorder's ABSURD_SKIP */

static bool insert(struct id_skips *s, size_t at, struct id_skip skip)
{
	if (s->count == s->size) {
		size_t size = s->size ? 2 * s->size : 64;
		struct id_skip *grown = realloc(s->list, size * sizeof *grown);
		if (!grown)
			return false;
		s->list = grown;
		s->size = size;
	}
	memmove(&s->list[at + 1], &s->list[at], (s->count - at) * sizeof *s->list);
	s->list[at] = skip;
	s->count++;
	return true;
}

/* One that was missing is here: what is left of its skip. */
static enum id_place found(struct id_skips *s, size_t at, int64_t id)
{
	struct id_skip *skip = &s->list[at], rest = *skip;
	if (skip->from == skip->to) {
		s->count--;
		memmove(skip, skip + 1, (s->count - at) * sizeof *s->list);
	} else if (id == skip->from) {
		skip->from++;
	} else if (id == skip->to) {
		skip->to--;
	} else {
		skip->to = id - 1;
		rest.from = id + 1;
		if (!insert(s, at + 1, rest))
			return ID_NO_MEMORY;
	}
	return ID_MISSED;
}

static uint64_t apart(int64_t low, int64_t high)
{
	return (uint64_t)high - (uint64_t)low;
}

/* All between the newest and `id` is missing. */
static enum id_place go_on(struct id_skips *s, int64_t id, int64_t time_us)
{
	s->too_many = s->too_many || s->count >= SKIPS_MAX;
	const struct id_skip skip = { s->newest + 1, id - 1, s->newest_us, time_us };
	if (skip.from <= skip.to && !s->too_many && !insert(s, s->count, skip))
		return ID_NO_MEMORY;
	s->newest = id;
	s->newest_us = time_us;
	return ID_NEXT;
}

static enum id_place add_newer(struct id_skips *s, int64_t id, int64_t time_us)
{
	bool far = apart(s->newest, id) > FAR;
	if (far && s->is_far && id == s->far_id)
		return ID_TWICE;
	if (far && !(s->is_far && id > s->far_id && apart(s->far_id, id) <= FAR)) {
		s->is_far = true;
		s->far_id = id;
		s->far_us = time_us;
		return ID_NEXT;
	}
	if (far && go_on(s, s->far_id, s->far_us) == ID_NO_MEMORY)
		return ID_NO_MEMORY;
	s->is_far = s->is_far && !far;
	return go_on(s, id, time_us);
}

/* Without a trade by socket nothing is wanted yet, and what is older than the first of them never is. */
enum id_place id_skips_add(struct id_skips *s, int64_t id, int64_t time_us, bool by_socket)
{
	if (!s->begun) {
		s->begun = by_socket;
		s->first = s->newest = id;
		s->newest_us = time_us;
		return ID_BEFORE;
	}
	if (id > s->newest)
		return add_newer(s, id, time_us);
	size_t low = 0, high = s->count; /* the first skip that ends at or behind the id */
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (s->list[middle].to < id)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < s->count && s->list[low].from <= id)
		return found(s, low, id);
	return s->too_many || id < s->first ? ID_BEFORE : ID_TWICE;
}

void id_skips_release(struct id_skips *s)
{
	free(s->list);
	*s = (struct id_skips){ .list = NULL };
}
