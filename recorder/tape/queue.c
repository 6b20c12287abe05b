#include "recorder/tape/queue.h"

#include "schema/base/timefmt.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

bool queue_init(struct queue *q, size_t limit)
{
	*q = (struct queue){ .limit = limit, .capacity = limit + QUEUE_SPARE_ROWS, .introduced = QUEUE_ANY_MARKET };
	q->ring = calloc(q->capacity, sizeof *q->ring);
	if (!q->ring)
		return false;
	pthread_condattr_t attr;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&q->filled, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_init(&q->lock, NULL);
	return true;
}

void queue_release(struct queue *q)
{
	pthread_cond_destroy(&q->filled);
	pthread_mutex_destroy(&q->lock);
	free(q->ring);
}

void queue_want_introductions(struct queue *q)
{
	q->introduced = 0;
}

static bool is_introduced(const struct queue *q, const struct item *item)
{
	return item->kind == ITEM_MARKET || item->kind == ITEM_HEARTBEAT || item->kind == ITEM_CLOCK || item->market < q->introduced;
}

enum queue_state queue_push(struct queue *q, const struct item *item)
{
	enum queue_state state = QUEUE_OPEN;
	if (!is_introduced(q, item))
		return QUEUE_OVERFLOWED;
	pthread_mutex_lock(&q->lock);
	if (q->count == q->capacity) {
		state = QUEUE_OVERFLOWED;
	} else {
		size_t tail = q->head + q->count;
		q->ring[tail < q->capacity ? tail : tail - q->capacity] = *item;
		if (++q->count > q->most)
			q->most = q->count;
		if (q->count >= q->limit)
			q->throttled = true;
		if (q->throttled)
			state = QUEUE_FULL;
		if (q->count == q->enough)
			pthread_cond_signal(&q->filled);
	}
	pthread_mutex_unlock(&q->lock);
	if (item->kind == ITEM_MARKET && state != QUEUE_OVERFLOWED && item->market == q->introduced)
		q->introduced++; /* they come in order */
	return state;
}

bool queue_has_room(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	bool room = !q->throttled;
	pthread_mutex_unlock(&q->lock);
	return room;
}

size_t queue_pop(struct queue *q, struct item *items, size_t enough, size_t max, int64_t until_mono_us, bool *ended)
{
	struct timespec until = { .tv_sec = until_mono_us / US_PER_SECOND, .tv_nsec = until_mono_us % US_PER_SECOND * 1000 };
	pthread_mutex_lock(&q->lock);
	int rc = 0;
	q->enough = enough < q->limit / 2 ? enough : q->limit / 2 + 1;
	while (q->count < q->enough && !q->closed && rc == 0)
		rc = pthread_cond_timedwait(&q->filled, &q->lock, &until);

	size_t taken = q->count < max ? q->count : max;
	size_t straight = q->capacity - q->head < taken ? q->capacity - q->head : taken;
	memcpy(items, q->ring + q->head, straight * sizeof *items);
	memcpy(items + straight, q->ring, (taken - straight) * sizeof *items);
	q->head = (q->head + taken) % q->capacity;
	q->count -= taken;
	if (q->count == 0)
		q->head = 0; /* memory is only touched as far as the queue was ever filled */
	*ended = q->closed && q->count == 0;
	bool room = q->throttled && q->count <= q->limit / 2;
	if (room)
		q->throttled = false;
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
