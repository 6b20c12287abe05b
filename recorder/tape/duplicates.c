#include "recorder/tape/duplicates.h"

#include <stdlib.h>
#include <string.h>

/* Equal trades come within milliseconds of each other, repetitions within the seconds for which two connections overlap. */
#define REMEMBERED 65536
#define BUCKETS 16384

struct twin {
	int64_t market_id;
	uint32_t connection;
	struct trade trade;
	size_t committed, count;
	bool is_pending;
	struct twin *next;         /* in its bucket */
	struct twin *next_pending; /* counted since the last commit */
};

struct duplicates {
	struct twin *ring; /* owned; the oldest is overwritten */
	size_t used, at;
	struct twin *buckets[BUCKETS];
	struct twin *pending;
};

struct duplicates *duplicates_new(void)
{
	return calloc(1, sizeof(struct duplicates));
}

void duplicates_free(struct duplicates *t)
{
	if (t)
		free(t->ring);
	free(t);
}

void duplicates_forget(struct duplicates *t)
{
	for (; t->pending; t->pending = t->pending->next_pending) {
		t->pending->count = t->pending->committed;
		t->pending->is_pending = false;
	}
}

void duplicates_commit(struct duplicates *t)
{
	for (; t->pending; t->pending = t->pending->next_pending) {
		t->pending->committed = t->pending->count;
		t->pending->is_pending = false;
	}
}

static void mark_pending(struct duplicates *t, struct twin *twin)
{
	if (twin->is_pending)
		return;
	twin->is_pending = true;
	twin->next_pending = t->pending;
	t->pending = twin;
}

static size_t bucket_of(int64_t market_id, uint32_t connection, const struct trade *trade)
{
	uint64_t h = (uint64_t)trade->time_us * UINT64_C(0x9e3779b97f4a7c15);
	h ^= ((uint64_t)market_id << 32 | connection) * UINT64_C(0xc2b2ae3d27d4eb4f);
	h ^= trade->price.limb[0] * UINT64_C(0x165667b19e3779f9) ^ trade->size.limb[0];
	return (h * UINT64_C(0x9e3779b97f4a7c15)) >> 50; /* 14 bits */
}

static bool equal(const struct twin *a, int64_t market_id, uint32_t connection, const struct trade *trade)
{
	return a->market_id == market_id && a->connection == connection && a->trade.time_us == trade->time_us &&
	       a->trade.side == trade->side && decimal_compare(&a->trade.price, &trade->price) == 0 &&
	       decimal_compare(&a->trade.size, &trade->size) == 0;
}

static void unlink_twin(struct duplicates *t, const struct twin *twin)
{
	struct twin **p = &t->buckets[bucket_of(twin->market_id, twin->connection, &twin->trade)];
	while (*p && *p != twin)
		p = &(*p)->next;
	if (*p)
		*p = twin->next;
}

size_t duplicates_count(struct duplicates *t, int64_t market_id, uint32_t connection, const struct trade *trade)
{
	struct twin **bucket = &t->buckets[bucket_of(market_id, connection, trade)];
	for (struct twin *twin = *bucket; twin; twin = twin->next) {
		if (equal(twin, market_id, connection, trade)) {
			mark_pending(t, twin);
			return ++twin->count;
		}
	}
	if (!t->ring)
		t->ring = calloc(REMEMBERED, sizeof *t->ring);
	if (!t->ring)
		return 0; /* 12 MB that a market without ids needs, once */
	struct twin *twin = &t->ring[t->at];
	if (t->used == REMEMBERED)
		unlink_twin(t, twin);
	else
		t->used++;
	t->at = (t->at + 1) % REMEMBERED;
	/* one that is overwritten while pending stays in that list, as what it is now */
	*twin = (struct twin){ .market_id = market_id, .connection = connection, .trade = *trade, .count = 1, .next = *bucket,
		               .is_pending = twin->is_pending, .next_pending = twin->next_pending };
	*bucket = twin;
	mark_pending(t, twin);
	return 1;
}
