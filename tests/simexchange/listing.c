#include "listing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dialect.h"
#include "options.h"
#include "rng.h"

/* The won's tick table in short, for prices of 8 decimals: from this price on, this tick. */
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
static atomic_uint lists;

static void *must(void *p)
{
	if (!p) {
		fputs("simexchange: out of memory\n", stderr);
		abort();
	}
	return p;
}

static void split(const char *symbol, size_t before, size_t after, bool quote_first, char *base, char *quote)
{
	const char *second = symbol + after;

	snprintf(quote_first ? quote : base, NAME_MAX_BYTES, "%.*s", (int)before, symbol);
	snprintf(quote_first ? base : quote, NAME_MAX_BYTES, "%s", second);
}

void split_base_quote(const char *symbol, char mark, char *base, char *quote)
{
	size_t n = strchr(symbol, mark) ? (size_t)(strchr(symbol, mark) - symbol) : strlen(symbol);

	split(symbol, n, n + (symbol[n] != 0), false, base, quote);
}

void split_quote_base(const char *symbol, char mark, char *base, char *quote)
{
	size_t n = strchr(symbol, mark) ? (size_t)(strchr(symbol, mark) - symbol) : strlen(symbol);

	split(symbol, n, n + (symbol[n] != 0), true, base, quote);
}

static int64_t tick_of(int64_t price)
{
	int64_t tick = 1;

	if (opt.dialect->decimal_ticks) {
		while (tick * 1000000 < price)
			tick *= 10;
		return tick;
	}
	for (size_t i = 0; i < sizeof ticks / sizeof *ticks; i++)
		if (price >= ticks[i].from)
			return ticks[i].tick;
	return 1;
}

/* Where a market's price begins and how it is cut. The usual ones are about right, the others seeded over nine orders of magnitude. */
static void set_price(struct market *m, struct rng *r)
{
	int64_t price = 100000000;
	bool won = !strcmp(m->quote, "KRW");

	m->scale = 8;
	if (won && !strcmp(m->base, "BTC")) {
		price = INT64_C(142000000) * 100000000;
	} else if (won && !strcmp(m->base, "ETH")) {
		price = INT64_C(4800000) * 100000000;
	} else if (!strcmp(m->quote, "BTC")) {
		/* down to a few units of the last place: 6E-8 */
		for (uint64_t e = rng_below(r, 8); e > 0; e--)
			price /= 10;
		m->price_units = m->opening_units = price * 3 / 10 + 5;
		m->tick_units = 1;
		return;
	} else if (opt.dialect->decimal_ticks && !strcmp(m->base, "BTC")) {
		price = INT64_C(96000) * 100000000;
	} else {
		for (uint64_t e = rng_below(r, opt.dialect->decimal_ticks ? 5 : 9); e > 0; e--)
			price *= 10;
		price = price / 20 + (int64_t)rng_below(r, (uint64_t)price);
	}
	m->tick_units = tick_of(price);
	m->price_units = m->opening_units = price / m->tick_units * m->tick_units + m->tick_units;
}

static char *in_small_letters(const char *symbol)
{
	char *lower = must(strdup(symbol));

	for (char *p = lower; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p + 32);
	return lower;
}

void market_add(const char *symbol, size_t len, enum listed how)
{
	struct market *m;
	struct rng r = rng_fork(opt.seed, 1000 + markets_len);
	const char *equals = memchr(symbol, '=', len), *slash = memchr(symbol, '/', len);
	size_t n = equals ? (size_t)(equals - symbol) : len, seen;

	if (!n || market_place(symbol, n, &seen))
		return;
	markets = must(realloc(markets, (markets_len + 1) * sizeof *markets));
	m = &markets[markets_len++];
	memset(m, 0, sizeof *m);
	atomic_init(&m->listed, (int)how);
	m->later = how == MARKET_COMING;
	m->symbol = must(strndup(symbol, n));
	m->lower = in_small_letters(m->symbol);
	if (equals && slash > equals) {
		snprintf(m->base, sizeof m->base, "%.*s", (int)(slash - equals - 1), equals + 1);
		snprintf(m->quote, sizeof m->quote, "%.*s", (int)(symbol + len - slash - 1), slash + 1);
	} else {
		opt.dialect->split(m->symbol, m->base, m->quote);
	}
	set_price(m, &r);
	for (int64_t tick = m->tick_units; m->decimals < m->scale && tick % 100000000; tick *= 10)
		m->decimals++;
	/* beyond 32 bits, so that nobody gets away with them */
	m->first_id = UINT64_C(4300000000) + rng_below(&r, 1000000000);
	m->first_other = m->first_id / 3;
}

static void add_list(const char *list, enum listed how)
{
	while (list && *list) {
		size_t n = strcspn(list, ",");

		market_add(list, n, how);
		list += n + (list[n] == ',');
	}
}

bool listing_init(void)
{
	const struct dialect *d = opt.dialect;
	char name[64];

	if (opt.markets) {
		add_list(opt.markets, MARKET_TRADES);
	} else if (!opt.replay_file) {
		for (const char *const *u = d->usual_markets; *u && markets_len < opt.market_count; u++)
			market_add(*u, strlen(*u), MARKET_TRADES);
		for (unsigned i = 0; markets_len < opt.market_count && i < 26 * 26 * 26; i++) {
			snprintf(name, sizeof name, "%s%c%c%c%s", d->generated_prefix, 'A' + (int)(i / 676), 'A' + (int)(i / 26 % 26), 'A' + (int)(i % 26),
				 d->generated_suffix);
			market_add(name, strlen(name), MARKET_TRADES);
		}
	}
	if (opt.non_ascii) {
		snprintf(name, sizeof name, "%s\xe5\xb8\x81\xe5\xae\x89%s", d->generated_prefix, d->generated_suffix);
		market_add(name, strlen(name), MARKET_TRADES);
	}
	add_list(opt.list_only, MARKET_QUIET);
	for (size_t i = 0; i < markets_len; i++)
		if (atomic_load(&markets[i].listed) == MARKET_TRADES)
			return true;
	if (!opt.replay_file)
		fputs("simexchange: no market to trade\n", stderr);
	return opt.replay_file != NULL;
}

void listing_release(void)
{
	for (size_t i = 0; i < markets_len; i++) {
		free(markets[i].symbol);
		free(markets[i].lower);
		free(markets[i].places);
	}
	free(markets);
}

size_t market_count(void)
{
	return markets_len;
}

struct market *market_at(size_t i)
{
	return &markets[i];
}

bool market_is_listed(size_t i)
{
	return atomic_load(&markets[i].listed) <= MARKET_QUIET;
}

bool market_place(const char *symbol, size_t len, size_t *found)
{
	for (size_t i = 0; i < markets_len; i++) {
		if (!strncmp(markets[i].symbol, symbol, len) && !markets[i].symbol[len]) {
			*found = i;
			return true;
		}
	}
	return false;
}

bool market_find(const char *symbol, size_t len, size_t *found)
{
	return market_place(symbol, len, found) && market_is_listed(*found);
}

void market_list(size_t i, bool on)
{
	atomic_store(&markets[i].listed, on ? MARKET_TRADES : MARKET_GONE);
	atomic_fetch_add(&lists, 1);
}

unsigned market_lists(void)
{
	return atomic_load(&lists);
}
