/* Stretches on a line - of time, of ids - in order, none touching another.  One thread; spans_release when done. */
#ifndef QUERY_READ_SPANS_H
#define QUERY_READ_SPANS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct spans {
	struct span {
		int64_t from, to; /* closed: to is in it */
	} *list;            /* owned */
	size_t count;
};

void spans_release(struct spans *s);
/* Added in the order of `from`; what overlaps or shares an end becomes one.  false: no memory. */
bool spans_add(struct spans *s, int64_t from, int64_t to);
/* Takes [from, to) of each of `gaps` away.  false: no memory, and `s` is empty. */
bool spans_subtract(struct spans *s, const struct spans *gaps);

bool spans_hold(const struct spans *s, int64_t from, int64_t to);       /* the whole of [from, to] */
bool spans_meet(const struct spans *s, int64_t from, int64_t to);       /* any of it */
int64_t spans_length(const struct spans *s, int64_t from, int64_t to); /* how much of it */

#endif
