/*
 * Trades come in bursts, as one taker's order eats several makers': the same market and millisecond, n counting up, now and then a twin equal
 * in all but its id. Bursts are paced by --rate; the time a trade bears is the wall clock, or with virtual time a seeded walk from a start.
 *
 * A batch goes: make trades, write the ledger, publish, wake the sleepers. In that order a trade on a socket is always in the ledger.
 */
#include "market.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "conn.h"
#include "dialect.h"
#include "ledger.h"
#include "options.h"
#include "rng.h"

#define CHUNK_TRADES (UINT64_C(1) << 16)
#define CHUNKS_MAX 16384
#define BATCH_MAX 256
/* At --rate max the market waits for its slowest subscriber rather than fill the memory. */
#define LEAD_MAX (UINT64_C(1) << 20)
/* The exchange's tick table in short, for prices of 8 decimals: from this price on, this tick. */
static const struct { int64_t from, tick; } ticks[] = {
	{ 100000000000000, 100000000000 }, /* 1,000,000 -> 1000 */
	{ 50000000000000, 50000000000 },
	{ 10000000000000, 10000000000 },
	{ 5000000000000, 5000000000 },
	{ 1000000000000, 1000000000 },
	{ 500000000000, 500000000 },
	{ 10000000000, 100000000 },        /* 100 -> 1 */
	{ 1000000000, 10000000 },
	{ 100000000, 1000000 },
	{ 10000000, 100000 },
	{ 0, 10000 },                      /* 0.0001 */
};

static struct market *markets; /* owned; fixed once threads run */
static size_t markets_len;
static size_t *trading;        /* owned: places in markets of those that trade */
static size_t trading_len;

static struct trade *chunks[CHUNKS_MAX]; /* owned; written by the market thread before it publishes */
static atomic_uint_fast64_t published;
static atomic_bool finished, stopping;
static atomic_int subscribers;
static atomic_bool ever_subscribed;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* places, count, room of every market */
static pthread_t thread;
static bool thread_runs;

/* market thread only */
static struct rng dice;
static uint64_t made;
static int64_t virtual_us;

static void *must(void *p)
{
	if (!p) {
		fputs("simexchange: out of memory\n", stderr);
		abort();
	}
	return p;
}

/* Where a market's price begins and how it is cut. The usual ones are about right, the others seeded over nine orders of magnitude. */
static void set_price(struct market *m, struct rng *r)
{
	int64_t price = 100000000;

	m->scale = 8;
	if (!strcmp(m->symbol, "KRW-BTC")) {
		price = INT64_C(142000000) * 100000000;
	} else if (!strcmp(m->symbol, "KRW-ETH")) {
		price = INT64_C(4800000) * 100000000;
	} else if (!strncmp(m->symbol, "BTC-", 4)) {
		/* down to a few units of the last place: 6E-8 */
		for (uint64_t e = rng_below(r, 8); e > 0; e--)
			price /= 10;
		m->price_units = m->opening_units = price * 3 / 10 + 5;
		m->tick_units = 1;
		return;
	} else {
		for (uint64_t e = rng_below(r, 9); e > 0; e--)
			price *= 10;
		price = price / 20 + (int64_t)rng_below(r, (uint64_t)price);
	}
	for (size_t i = 0; i < sizeof ticks / sizeof *ticks; i++) {
		if (price >= ticks[i].from) {
			m->tick_units = ticks[i].tick;
			break;
		}
	}
	m->price_units = m->opening_units = price / m->tick_units * m->tick_units + m->tick_units;
}

void market_add(const char *symbol, size_t len, bool listed_only)
{
	struct market *m;
	struct rng r = rng_fork(opt.seed, 1000 + markets_len);
	size_t seen;

	if (!len || market_find(symbol, len, &seen))
		return;
	markets = must(realloc(markets, (markets_len + 1) * sizeof *markets));
	m = &markets[markets_len++];
	*m = (struct market){ .listed_only = listed_only };
	m->symbol = must(strndup(symbol, len));
	set_price(m, &r);
}

static void add_list(const char *list, bool listed_only)
{
	while (list && *list) {
		size_t n = strcspn(list, ",");

		market_add(list, n, listed_only);
		list += n + (list[n] == ',');
	}
}

bool market_init(void)
{
	dice = rng_fork(opt.seed, 1);
	if (opt.markets) {
		add_list(opt.markets, false);
	} else if (!opt.replay_file) {
		for (const char *const *u = opt.dialect->usual_markets; *u && markets_len < opt.market_count; u++)
			market_add(*u, strlen(*u), false);
		for (unsigned i = 0; markets_len < opt.market_count; i++) {
			char name[32];

			snprintf(name, sizeof name, "%s%c%c%c", opt.dialect->generated_prefix, 'A' + (int)(i / 676 % 26),
				 'A' + (int)(i / 26 % 26), 'A' + (int)(i % 26));
			if (i >= 26 * 26 * 26)
				break;
			market_add(name, strlen(name), false);
		}
	}
	add_list(opt.list_only, true);
	trading = must(calloc(markets_len + 1, sizeof *trading));
	for (size_t i = 0; i < markets_len; i++)
		if (!markets[i].listed_only)
			trading[trading_len++] = i;
	if (!trading_len && !opt.replay_file) {
		fputs("simexchange: no market to trade\n", stderr);
		return false;
	}
	return true;
}

/* The next trade's slot. */
static struct trade *slot(void)
{
	uint64_t chunk = made / CHUNK_TRADES;

	if (chunk >= CHUNKS_MAX) {
		fputs("simexchange: the log is full\n", stderr);
		abort();
	}
	if (!chunks[chunk])
		chunks[chunk] = must(malloc(CHUNK_TRADES * sizeof **chunks));
	return &chunks[chunk][made % CHUNK_TRADES];
}

/* A size of 1 to 8 decimals, small where the price is high, so that 7.9276E-4 comes up as often as 46.48838371. */
static void draw_size(struct trade *t, const struct market *m)
{
	static const uint64_t power[] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000 };
	uint8_t scale = (uint8_t)(1 + rng_below(&dice, 8));
	uint64_t most = m->price_units > INT64_C(100000000000000) ? 2 : m->price_units > INT64_C(1000000000000) ? 50 : 5000;
	uint64_t units = rng_below(&dice, most * power[scale]);

	/* every order of magnitude below that, too */
	for (uint64_t e = rng_below(&dice, scale); e > 0; e--)
		units /= 10;
	if (rng_below(&dice, 16) == 0)
		units -= units % power[scale]; /* a round 3 */
	t->size_units = (int64_t)(units ? units : 1);
	t->size_scale = scale;
}

static void walk_price(struct market *m)
{
	int64_t step = (int64_t)rng_below(&dice, 5) - 2;
	int64_t next = m->price_units + step * m->tick_units;

	if (next > m->tick_units && next < 2 * m->opening_units + 8 * m->tick_units)
		m->price_units = next;
}

/* One trade into the log, not yet published. `before` is the trade before it in the same burst, or NULL. */
static const struct trade *make(struct market *m, int64_t time_ms, const struct trade *before)
{
	struct trade *t = slot();
	size_t at = (size_t)(m - markets);

	*t = (struct trade){ .market = (uint32_t)at, .serial = (uint32_t)m->count, .spell = (uint8_t)rng_next(&dice) };
	if (before && rng_below(&dice, 5) == 0) {
		t->price_units = before->price_units;
		t->price_scale = before->price_scale;
		t->size_units = before->size_units;
		t->size_scale = before->size_scale;
		t->side = before->side;
	} else {
		if (before && rng_below(&dice, 2)) { /* the next price level in the taker's direction */
			int64_t next = m->price_units + (before->side == SIDE_BUY ? m->tick_units : -m->tick_units);

			if (next > 0)
				m->price_units = next;
		}
		t->side = before ? before->side : (uint8_t)rng_below(&dice, 2);
		t->price_units = m->price_units;
		t->price_scale = m->scale;
		draw_size(t, m);
	}
	/* A market's ids only grow: a step back of the wall clock, or ten thousand trades in one millisecond, must not make one twice. */
	if (time_ms < m->last_ms)
		time_ms = m->last_ms;
	if (time_ms == m->last_ms && m->next_n > 9999)
		time_ms++;
	if (time_ms != m->last_ms)
		m->next_n = 0;
	m->last_ms = t->time_ms = time_ms;
	t->n = m->next_n++;
	if (opt.reorder_ms && rng_below(&dice, 8) == 0)
		t->late_ms = (uint16_t)(1 + rng_below(&dice, opt.reorder_ms));

	pthread_mutex_lock(&lock);
	if (m->count == m->room) {
		m->room = m->room ? m->room * 2 : 256;
		m->places = must(realloc(m->places, m->room * sizeof *m->places));
	}
	m->places[m->count++] = (uint32_t)made;
	pthread_mutex_unlock(&lock);
	ledger_add(t);
	made++;
	return t;
}

static uint64_t burst_length(void)
{
	uint64_t n = rng_below(&dice, 100);

	return n < 72 ? 1 : n < 88 ? 2 : n < 97 ? 3 + rng_below(&dice, 3) : 6 + rng_below(&dice, 10);
}

/* Returns how many trades it made. */
static uint64_t make_burst(void)
{
	/* squared: the first on the list trade most, the last hardly ever */
	uint64_t u = rng_next(&dice) >> 40;
	struct market *m = &markets[trading[(u * u >> 24) * trading_len >> 24]];
	uint64_t length = burst_length(), count = 0;
	const struct trade *t = NULL;
	int64_t time_ms;

	if (opt.virtual_time) {
		virtual_us += (int64_t)rng_below(&dice, 2 * opt.time_step_us * length + 1);
		time_ms = virtual_us / 1000;
	} else {
		time_ms = clock_wall_us() / 1000;
	}
	walk_price(m);
	for (; count < length && (!opt.trades || made < opt.trades); count++)
		t = make(m, time_ms, t);
	return count;
}

static void publish(void)
{
	ledger_flush();
	atomic_store(&published, made);
	conn_wake_all();
}

/* With the span of all trades unknown or known: so that the last is about now and none in the future. */
static int64_t virtual_start(void)
{
	uint64_t root = 0;

	if (opt.time_from_us != INT64_MIN)
		return opt.time_from_us;
	if (!opt.trades)
		return clock_wall_us() - DAY_MS * 1000;
	while ((root + 1) * (root + 1) <= opt.trades)
		root++;
	/* the walk strays from its mean by the square root of its steps; bursts make it a little wider */
	return clock_wall_us() - (int64_t)(opt.trades * opt.time_step_us + 6 * opt.time_step_us * root) - 1000000;
}

static bool must_wait(void)
{
	if (opt.start_on_subscribe && !atomic_load(&ever_subscribed))
		return true;
	/* unbounded and unpaced, with nobody to read, would only eat memory */
	if ((opt.pause_when_alone || (!opt.rate && !opt.trades)) && atomic_load(&subscribers) == 0)
		return true;
	return !opt.rate && conn_slowest(made) + LEAD_MAX < made;
}

static void *run(void *unused)
{
	int64_t next_us = 0;
	bool begun = false;

	(void)unused;
	while (!atomic_load(&stopping)) {
		uint64_t before = made;

		if (must_wait()) {
			clock_sleep_us(1000);
			next_us = clock_mono_us();
			continue;
		}
		if (!begun) {
			begun = true;
			virtual_us = virtual_start();
			next_us = clock_mono_us();
		}
		while (made - before < BATCH_MAX && (!opt.trades || made < opt.trades)) {
			if (opt.rate && clock_mono_us() < next_us)
				break;
			uint64_t count = make_burst();

			if (opt.rate) /* evenly spread on average, and never twice the same pause */
				next_us += (int64_t)rng_below(&dice, 2 * count * 1000000 / opt.rate + 1);
		}
		if (made != before)
			publish();
		if (opt.trades && made >= opt.trades)
			break;
		if (opt.rate) {
			int64_t wait = next_us - clock_mono_us();

			if (wait > 0)
				clock_sleep_us(wait < 20000 ? wait : 20000);
			else if (wait < -1000000)
				next_us += -wait - 1000000; /* the machine was away: no more than a second's catching up */
		}
	}
	atomic_store(&finished, true);
	conn_wake_all();
	return NULL;
}

void market_start(void)
{
	if (opt.replay_file) {
		atomic_store(&finished, true);
		return;
	}
	thread_runs = pthread_create(&thread, NULL, run, NULL) == 0;
}

void market_stop(void)
{
	atomic_store(&stopping, true);
	if (thread_runs)
		pthread_join(thread, NULL);
	thread_runs = false;
}

void market_release(void)
{
	for (size_t i = 0; i < markets_len; i++) {
		free(markets[i].symbol);
		free(markets[i].places);
	}
	for (size_t i = 0; i < CHUNKS_MAX && chunks[i]; i++)
		free(chunks[i]);
	free(markets);
	free(trading);
}

size_t market_count(void)
{
	return markets_len;
}

const struct market *market_at(size_t i)
{
	return &markets[i];
}

bool market_find(const char *symbol, size_t len, size_t *found)
{
	for (size_t i = 0; i < markets_len; i++) {
		if (!strncmp(markets[i].symbol, symbol, len) && !markets[i].symbol[len]) {
			*found = i;
			return true;
		}
	}
	return false;
}

uint64_t market_published(void)
{
	return atomic_load(&published);
}

bool market_finished(void)
{
	return atomic_load(&finished);
}

const struct trade *market_trade(uint64_t place)
{
	return &chunks[place / CHUNK_TRADES][place % CHUNK_TRADES];
}

struct dec trade_price(const struct trade *t)
{
	return (struct dec){ t->price_units, t->price_scale };
}

struct dec trade_size(const struct trade *t)
{
	return (struct dec){ t->size_units, t->size_scale };
}

/* {market lock} How many of the market's trades are published: the newest may be in the making. */
static size_t settled(const struct market *m)
{
	uint64_t end = market_published();
	size_t n = m->count;

	while (n && m->places[n - 1] >= end)
		n--;
	return n;
}

bool market_last(size_t market, uint64_t *place)
{
	size_t n;

	pthread_mutex_lock(&lock);
	n = settled(&markets[market]);
	if (n)
		*place = markets[market].places[n - 1];
	pthread_mutex_unlock(&lock);
	return n > 0;
}

size_t market_history(size_t market, int64_t from_ms, int64_t to_ms, uint64_t before_id, uint32_t *places, size_t max)
{
	const struct market *m = &markets[market];
	size_t low = 0, high, count = 0;

	pthread_mutex_lock(&lock);
	high = settled(m);
	while (low < high) { /* the first that is too new; time and id grow together */
		size_t mid = low + (high - low) / 2;
		const struct trade *t = market_trade(m->places[mid]);

		if (t->time_ms < to_ms && opt.dialect->trade_id(t) < before_id)
			low = mid + 1;
		else
			high = mid;
	}
	while (low > 0 && count < max && market_trade(m->places[low - 1])->time_ms >= from_ms)
		places[count++] = m->places[--low];
	pthread_mutex_unlock(&lock);
	return count;
}

void market_subscribers(int change)
{
	atomic_fetch_add(&subscribers, change);
	if (change > 0)
		atomic_store(&ever_subscribed, true);
}

bool market_ever_subscribed(void)
{
	return atomic_load(&ever_subscribed);
}
