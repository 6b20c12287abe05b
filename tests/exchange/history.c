#include "history.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "dialect.h"
#include "market.h"
#include "options.h"
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

/* {lock} The first of the market's trades that happened at or after this moment; times never fall along a market. */
static size_t first_at(const struct market *m, size_t low, size_t high, int64_t time_us)
{
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (nth(m, mid)->time_us < time_us)
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
		return clock_wall_us();
	return end ? market_trade(end - 1)->time_us : 0;
}

/* {lock} What REST knows: places[*low .. *high). */
static void known(const struct market *m, size_t *low, size_t *high)
{
	int64_t now = now_us();

	*low = 0;
	*high = settled(m);
	if (opt.rest_lag_ms && !(opt.virtual_time && market_finished()))
		*high = first_at(m, 0, *high, now - (int64_t)opt.rest_lag_ms * 1000 + 1);
	if (opt.history_hours)
		*low = first_at(m, 0, *high, now - (int64_t)opt.history_hours * INT64_C(3600000000));
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

size_t history_before(size_t market, int64_t from_ms, int64_t to_ms, uint64_t before_id, uint32_t *places, size_t max)
{
	const struct market *m = market_at(market);
	size_t begin, low, high, count = 0;

	max = page(max);
	pthread_mutex_lock(&lock);
	known(m, &begin, &high);
	for (low = begin; low < high;) { /* the first that is too new; time and id grow together */
		size_t mid = low + (high - low) / 2;
		const struct trade *t = nth(m, mid);

		if (trade_ms(t) < to_ms && (before_id == UINT64_MAX || opt.dialect->trade_id(t) < before_id))
			low = mid + 1;
		else
			high = mid;
	}
	while (low > begin && count < max && trade_ms(nth(m, low - 1)) >= from_ms)
		places[count++] = m->places[--low];
	pthread_mutex_unlock(&lock);
	return count;
}

size_t history_from(size_t market, uint64_t from, bool aggregates, int64_t end_us, uint32_t *places, size_t max)
{
	const struct market *m = market_at(market);
	size_t low, high, end, count = 0;

	max = page(max);
	pthread_mutex_lock(&lock);
	known(m, &low, &end);
	for (high = end; low < high;) {
		size_t mid = low + (high - low) / 2;
		const struct trade *t = nth(m, mid);

		if ((aggregates ? t->agg : t->serial) < from)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < end && count < max && nth(m, low)->time_us < end_us; low++)
		if (!aggregates || nth(m, low)->agg_count)
			places[count++] = m->places[low];
	pthread_mutex_unlock(&lock);
	return count;
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
	i = first_at(m, low, high, before_us);
	if (i > low)
		at = 1 + (uint64_t)(aggregates ? nth(m, i - 1)->agg : nth(m, i - 1)->serial);
	pthread_mutex_unlock(&lock);
	return at;
}
