#include "rest_odd.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "history.h"
#include "market.h"
#include "options.h"
#include "script.h"

/* Neighbours so close in time may change places. */
#define DISORDER_US 100000
#define STUCK_MAX 1000

static atomic_llong behind_until, shuffle_until, null_until, stuck_until;
static atomic_ullong behind, null_row;

/* The page that a market is stuck on: the first that was asked for. */
struct stuck {
	struct stuck *next; /* owned */
	size_t market, count;
	uint32_t places[STUCK_MAX];
};
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct stuck *stuck; /* owned {lock} */

static long long end_of(const struct fault *f)
{
	return clock_mono_us() + f->for_us;
}

void rest_be_behind(const struct fault *f)
{
	atomic_store(&behind, f->count);
	atomic_store(&behind_until, end_of(f));
}

void rest_miss(const struct fault *f)
{
	struct unkind *u = &market_at(f->market)->unkind;
	size_t from = history_count(f->market);

	atomic_store(&u->missing_from, from);
	atomic_store(&u->missing_end, from + f->count);
	atomic_store(&u->missing_until_us, end_of(f));
}

void rest_shuffle(const struct fault *f)
{
	atomic_store(&shuffle_until, end_of(f));
}

void rest_be_null(const struct fault *f)
{
	atomic_store(&null_row, f->count);
	atomic_store(&null_until, end_of(f));
}

static void forget_stuck(void)
{
	while (stuck) {
		struct stuck *next = stuck->next;

		free(stuck);
		stuck = next;
	}
}

void rest_be_stuck(const struct fault *f)
{
	pthread_mutex_lock(&lock);
	forget_stuck();
	pthread_mutex_unlock(&lock);
	atomic_store(&stuck_until, end_of(f));
}

void rest_odd_release(void)
{
	forget_stuck();
}

size_t rest_lacks_newest(size_t known)
{
	size_t n = script_until(&behind_until) ? (size_t)atomic_load(&behind) : 0;

	return n < known ? n : known;
}

bool rest_lacks(const struct trade *t)
{
	struct unkind *u = &market_at(t->market)->unkind;

	return t->serial >= atomic_load(&u->missing_from) && t->serial < atomic_load(&u->missing_end) && script_until(&u->missing_until_us);
}

/* Every third pair, if it is close enough. */
static void shuffle(uint32_t *places, size_t count)
{
	for (size_t i = 0; i + 1 < count; i += 3) {
		int64_t apart = market_trade(places[i])->made_us - market_trade(places[i + 1])->made_us;
		uint32_t swap = places[i];

		if (llabs(apart) > DISORDER_US)
			continue;
		places[i] = places[i + 1];
		places[i + 1] = swap;
	}
}

static size_t stuck_page(size_t market, uint32_t *places, size_t count, size_t max)
{
	struct stuck *k;

	pthread_mutex_lock(&lock);
	for (k = stuck; k && k->market != market; k = k->next)
		;
	if (!k && count && count <= STUCK_MAX && (k = calloc(1, sizeof *k))) {
		k->next = stuck;
		k->market = market;
		k->count = count;
		memcpy(k->places, places, count * sizeof *places);
		stuck = k;
	} else if (k) {
		count = k->count < max ? k->count : max;
		memcpy(places, k->places, count * sizeof *places);
	}
	pthread_mutex_unlock(&lock);
	return count;
}

size_t rest_page(size_t market, uint32_t *places, size_t count, size_t max)
{
	if (script_until(&stuck_until))
		count = stuck_page(market, places, count, max);
	if (script_until(&shuffle_until))
		shuffle(places, count);
	return count;
}

uint64_t rest_id(uint64_t id)
{
	return opt.rest_rounds_ids ? (uint64_t)(double)id : id;
}

int64_t rest_time(int64_t time, int64_t second)
{
	return opt.rest_cuts_times ? time - time % second : time;
}

struct dec rest_number(struct dec v)
{
	for (; v.scale > opt.rest_digits; v.scale--)
		v.units /= 10;
	return v;
}

bool rest_price_is_null(size_t row)
{
	return script_until(&null_until) && row + 1 == atomic_load(&null_row);
}
