#include "recorder/tape/queue.h"

#include "schema/base/timefmt.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

bool queue_init_shares(struct queue *q, size_t limit, size_t share_count)
{
	share_count = share_count > 0 ? share_count : 1;
	size_t share_limit = limit / share_count > 0 ? limit / share_count : 1;
	*q = (struct queue){ .limit = share_limit, .capacity = share_limit + QUEUE_SPARE_ROWS, .share_count = share_count,
		             .introduced = QUEUE_ANY_MARKET };
	for (size_t i = 0; i < share_count; i++) {
		q->shares[i].ring = calloc(q->capacity, sizeof *q->shares[i].ring);
		if (q->shares[i].ring)
			continue;
		for (size_t k = 0; k < i; k++)
			free(q->shares[k].ring);
		return false;
	}
	pthread_condattr_t attr;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&q->filled, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_init(&q->lock, NULL);
	return true;
}

bool queue_init(struct queue *q, size_t limit)
{
	return queue_init_shares(q, limit, 1);
}

void queue_release(struct queue *q)
{
	pthread_cond_destroy(&q->filled);
	pthread_mutex_destroy(&q->lock);
	for (size_t i = 0; i < q->share_count; i++)
		free(q->shares[i].ring);
	free(q->share_of);
}

bool queue_assign(struct queue *q, uint32_t market, size_t share)
{
	if (market >= q->share_of_count) {
		size_t count = 2 * ((size_t)market + 1);
		unsigned char *grown = realloc(q->share_of, count);
		if (!grown)
			return false;
		memset(grown + q->share_of_count, 0, count - q->share_of_count);
		q->share_of = grown;
		q->share_of_count = count;
	}
	q->share_of[market] = (unsigned char)(share < q->share_count ? share : 0);
	return true;
}

void queue_want_introductions(struct queue *q)
{
	q->introduced = 0;
}

static bool is_of_a_market(const struct item *item)
{
	return item->kind != ITEM_HEARTBEAT && item->kind != ITEM_CLOCK;
}

static bool is_introduced(const struct queue *q, const struct item *item)
{
	return item->kind == ITEM_MARKET || !is_of_a_market(item) || item->market < q->introduced;
}

static size_t share_of_item(const struct queue *q, const struct item *item)
{
	size_t share = 0;
	if (is_of_a_market(item))
		return item->market < q->share_of_count ? q->share_of[item->market] : 0;
	for (size_t i = 1; i < q->share_count; i++)
		if (q->shares[i].count < q->shares[share].count)
			share = i;
	return share;
}

enum queue_state queue_push(struct queue *q, const struct item *item)
{
	enum queue_state state = QUEUE_OPEN;
	if (!is_introduced(q, item))
		return QUEUE_OVERFLOWED;
	pthread_mutex_lock(&q->lock);
	size_t index = share_of_item(q, item);
	struct queue_share *share = &q->shares[index];
	uint32_t bit = UINT32_C(1) << index;
	if (share->count == q->capacity) {
		state = QUEUE_OVERFLOWED;
	} else {
		size_t tail = share->head + share->count;
		share->ring[tail < q->capacity ? tail : tail - q->capacity] = *item;
		if (++q->count > q->most)
			q->most = q->count;
		if (++share->count >= q->limit)
			q->throttled |= bit;
		if (q->throttled & bit)
			state = QUEUE_FULL;
		if (q->count == q->enough)
			pthread_cond_signal(&q->filled);
	}
	pthread_mutex_unlock(&q->lock);
	if (item->kind == ITEM_MARKET && state != QUEUE_OVERFLOWED && item->market == q->introduced)
		q->introduced++; /* they come in order */
	return state;
}

uint32_t queue_throttled(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	uint32_t throttled = q->throttled;
	pthread_mutex_unlock(&q->lock);
	return throttled;
}

static void take_from(struct queue *q, struct queue_share *share, struct item *items, size_t count)
{
	size_t straight = q->capacity - share->head < count ? q->capacity - share->head : count;
	memcpy(items, share->ring + share->head, straight * sizeof *items);
	memcpy(items + straight, share->ring, (count - straight) * sizeof *items);
	share->head = (share->head + count) % q->capacity;
	share->count -= count;
	if (share->count == 0)
		share->head = 0; /* memory is only touched as far as the share was ever filled */
	q->count -= count;
}

/* An equal part of the place for each share that has rows; what one leaves free the others get. */
static size_t take_in_turns(struct queue *q, struct item *items, size_t max)
{
	size_t taken = 0;
	while (taken < max && q->count > 0) {
		size_t waiting = 0;
		for (size_t i = 0; i < q->share_count; i++)
			waiting += q->shares[i].count > 0;
		size_t part = (max - taken) / waiting > 0 ? (max - taken) / waiting : 1;
		for (size_t i = 0; i < q->share_count && taken < max; i++) {
			struct queue_share *share = &q->shares[(q->turn + i) % q->share_count];
			size_t count = share->count < part ? share->count : part;
			count = count < max - taken ? count : max - taken;
			if (count > 0)
				take_from(q, share, items + taken, count);
			taken += count;
		}
		q->turn = (q->turn + 1) % q->share_count;
	}
	return taken;
}

/* Which shares may be read again?  true: one more than before. */
static bool look_for_room(struct queue *q)
{
	uint32_t before = q->throttled;
	for (size_t i = 0; i < q->share_count; i++)
		if (q->shares[i].count <= q->limit / 2)
			q->throttled &= ~(UINT32_C(1) << i);
	return q->throttled != before;
}

size_t queue_pop(struct queue *q, struct item *items, size_t enough, size_t max, int64_t until_mono_us, bool *ended)
{
	struct timespec until = { .tv_sec = until_mono_us / US_PER_SECOND, .tv_nsec = until_mono_us % US_PER_SECOND * 1000 };
	pthread_mutex_lock(&q->lock);
	int rc = 0;
	q->enough = enough < q->limit / 2 ? enough : q->limit / 2 + 1;
	while (q->count < q->enough && !q->closed && rc == 0)
		rc = pthread_cond_timedwait(&q->filled, &q->lock, &until);
	size_t taken = take_in_turns(q, items, max);
	*ended = q->closed && q->count == 0;
	bool room = look_for_room(q);
	pthread_mutex_unlock(&q->lock);
	if (room && q->on_room)
		q->on_room(q->on_room_arg);
	return taken;
}

void queue_close(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->closed = true;
	pthread_cond_broadcast(&q->filled);
	pthread_mutex_unlock(&q->lock);
}

size_t queue_count(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	size_t count = q->count;
	pthread_mutex_unlock(&q->lock);
	return count;
}

size_t queue_depth(struct queue *q, size_t *most)
{
	pthread_mutex_lock(&q->lock);
	size_t depth = q->count;
	*most = q->most;
	q->most = depth;
	pthread_mutex_unlock(&q->lock);
	return depth;
}
