/* A queue, and a heap of what is held back until it is due. */
#include "items.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void items_add(struct items *q, struct item it)
{
	if (q->head && q->head == q->len)
		q->head = q->len = 0;
	if (q->len == q->room) {
		q->room = q->room ? q->room * 2 : 64;
		q->p = realloc(q->p, q->room * sizeof *q->p);
		if (!q->p) {
			fputs("simexchange: out of memory\n", stderr);
			abort();
		}
	}
	q->p[q->len++] = it;
}

void items_put_back(struct items *q, struct item it)
{
	if (q->head) {
		q->p[--q->head] = it;
		return;
	}
	items_add(q, it);
	memmove(q->p + 1, q->p, (q->len - 1) * sizeof *q->p);
	q->p[0] = it;
}

/* The heap's order: due first, and of two due at once the older. */
static bool before(struct item a, struct item b)
{
	return a.due_ms != b.due_ms ? a.due_ms < b.due_ms : a.place < b.place;
}

void items_hold(struct items *h, struct item it)
{
	size_t i;

	items_add(h, it);
	for (i = h->len - 1; i > 0 && before(it, h->p[(i - 1) / 2]); i = (i - 1) / 2)
		h->p[i] = h->p[(i - 1) / 2];
	h->p[i] = it;
}

struct item items_unhold(struct items *h)
{
	struct item top = h->p[0], last = h->p[--h->len];
	size_t i = 0;

	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= h->len)
			break;
		if (child + 1 < h->len && before(h->p[child + 1], h->p[child]))
			child++;
		if (!before(h->p[child], last))
			break;
		h->p[i] = h->p[child];
		i = child;
	}
	if (h->len)
		h->p[i] = last;
	return top;
}
