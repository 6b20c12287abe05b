/* Trades on their way out of one connection: as a queue, or as a heap by the time when they are due. Its thread only. */
#ifndef SIM_ITEMS_H
#define SIM_ITEMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A trade on its way out. */
struct item {
	int64_t due_ms;  /* market time, while held back */
	uint32_t place;  /* in the log */
	bool snapshot;
	bool lagging;    /* with all that its market says besides, whether or not the trade itself is wanted */
};

struct items {
	struct item *p; /* owned */
	size_t head, len, room; /* p[head .. len) */
};

void items_add(struct items *q, struct item it);
void items_put_back(struct items *q, struct item it); /* to its front */
/* Of a heap; do not mix with the two above. */
void items_hold(struct items *h, struct item it);
struct item items_unhold(struct items *h); /* the one due first */

#endif
