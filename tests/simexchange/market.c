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
#include "history.h"
#include "ledger.h"
#include "odd.h"
#include "options.h"
#include "rng.h"
#include "ticker.h"

#define CHUNK_TRADES (UINT64_C(1) << 16)
#define CHUNKS_MAX 16384
#define BATCH_MAX 256
/* At --rate max the market waits for its slowest subscriber rather than fill the memory. */
#define LEAD_MAX (UINT64_C(1) << 20)

static struct trade *chunks[CHUNKS_MAX]; /* owned; written by the market thread before it publishes */
static atomic_uint_fast64_t published;
static atomic_bool finished, stopping;
static atomic_int subscribers;
static atomic_bool ever_subscribed;
static pthread_t thread;
static bool thread_runs;

/* market thread only */
static size_t *trading;        /* owned: places of the markets that trade */
static size_t trading_len;
static unsigned trading_lists; /* the state of the list it was made from */
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

bool market_init(void)
{
	dice = rng_fork(opt.seed, 1);
	trading = must(calloc(market_count() + 1, sizeof *trading));
	trading_lists = UINT32_MAX;
	for (size_t i = 0; i < market_count(); i++) {
		struct market *m = market_at(i);

		if (opt.first_id) {
			m->first_id = opt.first_id;
			m->first_other = opt.first_id / 3;
		}
		m->eras[0] = (struct era){ .first_id = m->first_id, .first_other = m->first_other };
		atomic_store(&m->eras_len, 1);
	}
	return true;
}

/* Who trades now. New listings come first, for they are busy. */
static void look_at_the_list(void)
{
	size_t count = market_count();
	unsigned lists = market_lists();

	if (lists == trading_lists)
		return;
	trading_len = 0;
	for (int young = 1; young >= 0; young--)
		for (size_t i = 0; i < count; i++)
			if (market_at(i)->later == young && atomic_load(&market_at(i)->listed) == MARKET_TRADES)
				trading[trading_len++] = i;
	trading_lists = lists;
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
	uint8_t scale = (uint8_t)(1 + rng_below(&dice, opt.dialect->size_decimals));
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

/*
 * A market's ids and times only grow: a step back of the wall clock, or thousands of trades in one millisecond, must not make one twice.
 * Where times are finer than that, the trades of a burst are some microseconds apart, or none.
 */
static void set_time(struct trade *t, struct market *m, int64_t time_us, bool twin)
{
	if (opt.dialect->time_unit_us > 1)
		time_us -= time_us % 1000;
	else if (m->last_us == time_us && !twin && rng_below(&dice, 2))
		time_us += (int64_t)rng_below(&dice, 400);
	if (time_us < m->last_us)
		time_us = m->last_us;
	if (time_us / 1000 == m->last_us / 1000 && m->next_n >= odd_most_in_a_ms(m))
		time_us = (time_us / 1000 + 1) * 1000;
	if (time_us / 1000 != m->last_us / 1000)
		m->next_n = 0;
	m->last_us = t->made_us = time_us;
	t->n = m->next_n++;
	odd_time(t, m);
}

/*
 * Aggregates. Either the trades of a burst that are alike in all but size make one, or each trade is one already, of some fills; and then other
 * fills, which are in no aggregate, may have come in between.
 */
static void set_aggregate(struct trade *t, struct market *m, struct trade *before)
{
	if (opt.dialect->merges_fills) {
		if (rng_below(&dice, 20) == 0)
			m->next_fill += (uint32_t)(1 + rng_below(&dice, 3));
		t->agg = t->serial;
		t->agg_first = m->next_fill;
		t->agg_count = (uint16_t)(rng_below(&dice, 3) ? 1 : 2 + rng_below(&dice, 6));
		m->next_fill += t->agg_count;
		return;
	}
	t->agg_count = 1;
	t->agg_first = t->serial;
	if (before && before->era == t->era && before->time_us == t->time_us && before->price_units == t->price_units && before->side == t->side) {
		t->agg_first = before->agg_first;
		t->agg_count = (uint16_t)(before->agg_count + 1);
		before->agg_count = 0;
		m->next_agg--;
	}
	t->agg = m->next_agg++;
}

/* One trade into the log, not yet published. `before` is the trade before it in the same burst, or NULL. */
static struct trade *make(struct market *m, size_t at, int64_t time_us, struct trade *before)
{
	struct trade *t = slot();
	bool twin = before && rng_below(&dice, 5) == 0;

	*t = (struct trade){ .market = (uint32_t)at, .serial = (uint32_t)m->count, .place = (uint32_t)made, .spell = (uint8_t)rng_next(&dice) };
	if (twin) {
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
	set_time(t, m, time_us, twin);
	odd_numbering(t, m, !before);
	set_aggregate(t, m, before);
	if (opt.reorder_ms && rng_below(&dice, 8) == 0)
		t->late_ms = (uint16_t)(1 + rng_below(&dice, opt.reorder_ms));
	history_add(t);
	ledger_add(t);
	ticker_count(t);
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
	size_t at = trading[(u * u >> 24) * trading_len >> 24];
	struct market *m = market_at(at);
	uint64_t length = burst_length(), count = 0;
	struct trade *t = NULL;
	int64_t time_us;

	if (opt.virtual_time) {
		virtual_us += (int64_t)rng_below(&dice, 2 * opt.time_step_us * length + 1);
		time_us = virtual_us;
	} else {
		time_us = clock_base_us();
	}
	walk_price(m);
	for (; count < length && (!opt.trades || made < opt.trades); count++)
		t = make(m, at, t ? t->made_us : time_us, t);
	return count;
}

static void publish(void)
{
	ledger_flush();
	ticker_flush();
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
	look_at_the_list();
	if (!trading_len)
		return true;
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
	for (size_t i = 0; i < CHUNKS_MAX && chunks[i]; i++)
		free(chunks[i]);
	free(trading);
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
