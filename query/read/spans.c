#include "query/read/spans.h"

#include "schema/base/vec.h"

#include <stdlib.h>

void spans_release(struct spans *s)
{
	free(s->list);
	*s = (struct spans){ NULL, 0 };
}

bool spans_add(struct spans *s, int64_t from, int64_t to)
{
	struct span *last = s->count > 0 ? &s->list[s->count - 1] : NULL;
	if (last && from <= last->to) {
		if (to > last->to)
			last->to = to;
		return true;
	}
	struct span *grown = vec_grow(s->list, s->count, sizeof *grown);
	if (!grown)
		return false;
	s->list = grown;
	s->list[s->count++] = (struct span){ from, to };
	return true;
}

bool spans_subtract(struct spans *s, const struct spans *gaps)
{
	struct spans left = { NULL, 0 };
	bool ok = true;
	size_t h = 0;
	for (size_t i = 0; ok && i < s->count; i++) {
		int64_t from = s->list[i].from, to = s->list[i].to;
		while (h < gaps->count && gaps->list[h].to <= from)
			h++;
		/* A gap may reach into the next span, too: h stays at it. */
		for (size_t k = h; ok && k < gaps->count && from <= to && gaps->list[k].from <= to; k++) {
			if (gaps->list[k].from > from)
				ok = spans_add(&left, from, gaps->list[k].from - 1);
			from = gaps->list[k].to;
		}
		if (ok && from <= to)
			ok = spans_add(&left, from, to);
	}
	spans_release(s);
	if (ok)
		*s = left;
	else
		spans_release(&left);
	return ok;
}

/* How many begin at or before `at`. */
static size_t begun(const struct spans *s, int64_t at)
{
	size_t low = 0, high = s->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (s->list[middle].from <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool spans_hold(const struct spans *s, int64_t from, int64_t to)
{
	size_t n = begun(s, from);
	return n > 0 && s->list[n - 1].to >= to;
}

bool spans_meet(const struct spans *s, int64_t from, int64_t to)
{
	size_t n = begun(s, to);
	return n > 0 && s->list[n - 1].to >= from;
}

int64_t spans_length(const struct spans *s, int64_t from, int64_t to)
{
	int64_t length = 0;
	for (size_t i = 0; i < s->count; i++) {
		int64_t start = s->list[i].from > from ? s->list[i].from : from, end = s->list[i].to < to ? s->list[i].to : to;
		if (start < end)
			length += end - start;
	}
	return length;
}
