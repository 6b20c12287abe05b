#include "ticker.h"

#include <stdio.h>
#include <stdlib.h>

#include "dialect.h"
#include "ledger.h"
#include "market.h"
#include "options.h"

#define CHUNK_TICKERS (UINT64_C(1) << 14)
#define CHUNKS_MAX 16384
#define EVERY 5

static struct ticker *chunks[CHUNKS_MAX]; /* owned; written by the market thread before it publishes */
static uint64_t made;
static struct ledger ledger = LEDGER_CLOSED;

bool ticker_open(void)
{
	return ledger_begin(&ledger, opt.ticker_ledger_file);
}

void ticker_close(void)
{
	ledger_end(&ledger);
	for (size_t i = 0; i < CHUNKS_MAX && chunks[i]; i++)
		free(chunks[i]);
}

void ticker_flush(void)
{
	ledger_write(&ledger);
}

const struct ticker *ticker_at(uint64_t place)
{
	return &chunks[place / CHUNK_TICKERS][place % CHUNK_TICKERS];
}

static char *put_units(char *d, int64_t units)
{
	*d++ = ',';
	return put_dec(d, (struct dec){ units, 8 }, SPELL_PLAIN);
}

static void write_down(const struct market *m, const struct ticker *k)
{
	char *start = ledger_room(&ledger), *d = start;

	if (!d)
		return;
	d = put_text(d, m->symbol);
	*d++ = ',';
	d = put_text(d, opt.dialect->windows[k->window].name);
	*d++ = ',';
	d = put_i64(d, k->time_us / opt.dialect->ticker_unit_us);
	d = put_units(d, k->open_units);
	d = put_units(d, k->high_units);
	d = put_units(d, k->low_units);
	d = put_units(d, k->close_units);
	d = put_units(d, k->volume_units);
	*d++ = '\n';
	ledger_wrote(&ledger, (size_t)(d - start));
}

static void append(const struct trade *t, uint8_t window, const struct window *w)
{
	uint64_t chunk = made / CHUNK_TICKERS;
	struct ticker *k;

	if (chunk >= CHUNKS_MAX) {
		fputs("simexchange: the log of tickers is full\n", stderr);
		abort();
	}
	if (!chunks[chunk] && !(chunks[chunk] = malloc(CHUNK_TICKERS * sizeof **chunks))) {
		fputs("simexchange: out of memory\n", stderr);
		abort();
	}
	k = &chunks[chunk][made++ % CHUNK_TICKERS];
	*k = (struct ticker){ .time_us = t->time_us - t->time_us % opt.dialect->ticker_unit_us, .begin_us = w->begin_us, .open_units = w->open_units,
			      .high_units = w->high_units, .low_units = w->low_units, .close_units = t->price_units,
			      .volume_units = w->volume_units, .buy_units = w->buy_units, .window = window };
	write_down(market_at(t->market), k);
}

void ticker_count(struct trade *t)
{
	static const int64_t power[] = { 100000000, 10000000, 1000000, 100000, 10000, 1000, 100, 10, 1 };
	struct market *m = market_at(t->market);
	int64_t size = t->size_units * power[t->size_scale];
	const struct ticker_window *spec = opt.dialect->windows;
	bool due = t->serial % EVERY == 0;

	if (due && spec && spec->name)
		t->ticker = (uint32_t)made + 1;
	for (uint8_t i = 0; spec && spec[i].name; i++) {
		struct window *w = &m->windows[i];
		int64_t begin = t->time_us - (t->time_us + spec[i].ahead_us) % spec[i].length_us;

		if (begin != w->begin_us)
			*w = (struct window){ .begin_us = begin, .open_units = t->price_units, .high_units = t->price_units, .low_units = t->price_units };
		if (t->price_units > w->high_units)
			w->high_units = t->price_units;
		if (t->price_units < w->low_units)
			w->low_units = t->price_units;
		w->volume_units += size;
		if (t->side == SIDE_BUY)
			w->buy_units += size;
		if (due)
			append(t, i, w);
	}
}
