#include "history.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "dialect.h"
#include "market.h"
#include "options.h"
#include "rest_odd.h"
#include "script.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* places, count, room of every market */

void history_add(const struct trade *t)
{
	struct market *m = market_at(t->market);

	pthread_mutex_lock(&lock);
	if (m->count == m->room) {
		m->room = m->room ? m->room * 2 : 256;
		m->places = realloc(m->places, m->room * sizeof *m->places);
		if (!m->places) {
			fputs("simexchange: out of memory\n", stderr);
			abort();
		}
	}
	m->places[m->count++] = t->place;
	pthread_mutex_unlock(&lock);
}

/* {lock} How many of the market's trades are published: the newest may be in the making. */
static size_t settled(const struct market *m)
{
	uint64_t end = market_published();
	size_t n = m->count;

	while (n && m->places[n - 1] >= end)
		n--;
	return n;
}

static const struct trade *nth(const struct market *m, size_t i)
{
	return market_trade(m->places[i]);
}

/* {lock} The first of the market's trades that were made at or after this moment. */
static size_t first_made(const struct market *m, size_t low, size_t high, int64_t made_us)
{
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (nth(m, mid)->made_us < made_us)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The market's clock: with virtual time it stands where the newest trade left it. */
static int64_t now_us(void)
{
	uint64_t end = market_published();

	if (!opt.virtual_time)
		return clock_base_us();
	return end ? market_trade(end - 1)->made_us : 0;
}

/* {lock} What REST knows: places[*low .. *high). */
static void known(const struct market *m, size_t *low, size_t *high)
{
	int64_t now = now_us();
	unsigned newest;

	*low = 0;
	*high = settled(m);
	if (opt.rest_lag_ms && !(opt.virtual_time && market_finished()))
		*high = first_made(m, 0, *high, now - (int64_t)opt.rest_lag_ms * 1000 + 1);
	if (opt.history_hours)
		*low = first_made(m, 0, *high, now - (int64_t)opt.history_hours * INT64_C(3600000000));
	*high -= rest_lacks_newest(*high - *low);
	newest = atomic_load(&m->eras_len);
	for (unsigned i = 1; i < newest; i++)
		if (m->eras[i].forget && m->eras[i].serial > *low)
			*low = m->eras[i].serial < *high ? m->eras[i].serial : *high;
	if (opt.history_limit && *high - *low > opt.history_limit)
		*low = *high - opt.history_limit;
}

static size_t page(size_t asked)
{
	return script_truncating() ? asked / 3 + 1 : asked;
}

bool history_last(size_t market, uint64_t *place)
{
	const struct market *m = market_at(market);
	size_t n;

	pthread_mutex_lock(&lock);
	n = settled(m);
	if (n)
		*place = m->places[n - 1];
	pthread_mutex_unlock(&lock);
	return n > 0;
}

size_t history_count(size_t market)
{
	size_t n;

	pthread_mutex_lock(&lock);
	n = market_at(market)->count;
	pthread_mutex_unlock(&lock);
	return n;
}

/* The order that a query from the newest on has: by time, and by id where there are ids. */
static int newer_first(const void *a, const void *b)
{
	const struct trade *x = market_trade(*(const uint32_t *)a), *y = market_trade(*(const uint32_t *)b);
	uint64_t left = opt.dialect->trade_id ? opt.dialect->trade_id(x) : x->place, right = opt.dialect->trade_id ? opt.dialect->trade_id(y) : y->place;

	if (trade_ms(x) != trade_ms(y))
		return trade_ms(x) > trade_ms(y) ? -1 : 1;
	return left > right ? -1 : left < right;
}

struct bounds {
	int64_t from_ms, to_ms;
	uint64_t before_id;
};

static bool is_old_enough(const struct trade *t, const struct bounds *b)
{
	return trade_ms(t) < b->to_ms && (b->before_id == UINT64_MAX || opt.dialect->trade_id(t) < b->before_id);
}

/* {lock} Where times and ids fall now and then, all are looked at. */
static size_t sorted_before(const struct market *m, size_t low, size_t high, const struct bounds *b, uint32_t *places, size_t max)
{
	uint32_t *all = calloc(high - low + 1, sizeof *all);
	size_t count = 0;

	for (size_t i = low; all && i < high; i++)
		if (is_old_enough(nth(m, i), b) && trade_ms(nth(m, i)) >= b->from_ms && !rest_lacks(nth(m, i)))
			all[count++] = m->places[i];
	if (!all)
		return 0;
	qsort(all, count, sizeof *all, newer_first);
	if (count > max)
		count = max;
	memcpy(places, all, count * sizeof *places);
	free(all);
	return count;
}

/* {lock} Time and id grow together. */
static size_t straight_before(const struct market *m, size_t begin, size_t high, const struct bounds *b, uint32_t *places, size_t max)
{
	size_t low = begin, count = 0;

	while (low < high) { /* the first that is too new */
		size_t mid = low + (high - low) / 2;

		if (is_old_enough(nth(m, mid), b))
			low = mid + 1;
		else
			high = mid;
	}
	for (; low > begin && count < max && trade_ms(nth(m, low - 1)) >= b->from_ms; low--)
		if (!rest_lacks(nth(m, low - 1)))
			places[count++] = m->places[low - 1];
	return count;
}

size_t history_before(size_t market, int64_t from_ms, int64_t to_ms, uint64_t before_id, uint32_t *places, size_t max)
{
	const struct market *m = market_at(market);
	const struct bounds b = { from_ms, to_ms, before_id };
	size_t low, high, count;

	pthread_mutex_lock(&lock);
	known(m, &low, &high);
	count = (atomic_load(&m->out_of_order) ? sorted_before : straight_before)(m, low, high, &b, places, page(max));
	pthread_mutex_unlock(&lock);
	return rest_page(market, places, count, max);
}

/* By time the newest, as an exchange's ticker has it. */
struct history_sum history_since(size_t market, int64_t from_ms)
{
	static const int64_t power[] = { 100000000, 10000000, 1000000, 100000, 10000, 1000, 100, 10, 1 };
	const struct market *m = market_at(market);
	struct history_sum sum = { .last = UINT64_MAX };
	size_t low, high;

	pthread_mutex_lock(&lock);
	known(m, &low, &high);
	for (size_t i = low; i < high; i++) {
		const struct trade *t = nth(m, i);

		if (sum.last == UINT64_MAX || t->time_us >= market_trade(sum.last)->time_us)
			sum.last = t->place;
		if (trade_ms(t) < from_ms)
			continue;
		sum.units += t->size_units * power[t->size_scale];
		sum.floating += (double)(t->size_units * power[t->size_scale]) / 1e8;
	}
	pthread_mutex_unlock(&lock);
	return sum;
}

size_t history_from(size_t market, uint64_t from, bool aggregates, int64_t end_us, uint32_t *places, size_t max)
{
	const struct market *m = market_at(market);
	size_t low, high, end, count = 0, most = page(max);
	bool straight;

	pthread_mutex_lock(&lock);
	known(m, &low, &end);
	straight = !atomic_load(&m->out_of_order);
	for (high = end; low < high;) {
		size_t mid = low + (high - low) / 2;
		const struct trade *t = nth(m, mid);

		if ((aggregates ? t->agg : t->serial) < from)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < end && count < most; low++) {
		const struct trade *t = nth(m, low);

		if (t->time_us >= end_us && straight)
			break;
		if (t->time_us < end_us && (!aggregates || t->agg_count) && !rest_lacks(t))
			places[count++] = m->places[low];
	}
	pthread_mutex_unlock(&lock);
	return rest_page(market, places, count, max);
}

/* {lock} The first in the log that happened at or after this moment. */
static size_t first_at(const struct market *m, size_t low, size_t high, int64_t time_us)
{
	if (!atomic_load(&m->out_of_order))
		return first_made(m, low, high, time_us);
	while (low < high && nth(m, low)->time_us < time_us)
		low++;
	return low;
}

/* {lock} One past the last in the log that happened before it. */
static size_t end_at(const struct market *m, size_t low, size_t high, int64_t time_us)
{
	if (!atomic_load(&m->out_of_order))
		return first_made(m, low, high, time_us);
	while (high > low && nth(m, high - 1)->time_us >= time_us)
		high--;
	return high;
}

uint64_t history_at(size_t market, int64_t time_us, bool aggregates)
{
	const struct market *m = market_at(market);
	uint64_t at = UINT64_MAX;
	size_t low, high, i;

	pthread_mutex_lock(&lock);
	known(m, &low, &high);
	i = first_at(m, low, high, time_us);
	if (i < high)
		at = aggregates ? nth(m, i)->agg : nth(m, i)->serial;
	pthread_mutex_unlock(&lock);
	return at;
}

uint64_t history_end(size_t market, int64_t before_us, bool aggregates)
{
	const struct market *m = market_at(market);
	uint64_t at = 0;
	size_t low, high, i;

	pthread_mutex_lock(&lock);
	known(m, &low, &high);
	i = end_at(m, low, high, before_us);
	if (i > low)
		at = 1 + (uint64_t)(aggregates ? nth(m, i - 1)->agg : nth(m, i - 1)->serial);
	pthread_mutex_unlock(&lock);
	return at;
}
