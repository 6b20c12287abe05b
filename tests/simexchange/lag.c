#include "lag.h"

#include <stdatomic.h>

#include "clock.h"
#include "listing.h"
#include "market.h"
#include "options.h"
#include "script.h"

/* Base clock. The market's own in struct unkind. */
static atomic_llong all_us, all_from_us, all_until_us;
static atomic_llong most_us;

static void begin(atomic_llong *by_us, atomic_llong *from_us, atomic_llong *until_us, const struct fault *f)
{
	long long now = clock_base_us();

	atomic_store(from_us, now);
	atomic_store(by_us, f->by_us);
	atomic_store(until_us, now + f->for_us);
	if (f->by_us > atomic_load(&most_us))
		atomic_store(&most_us, f->by_us);
}

void lag_all(const struct fault *f)
{
	begin(&all_us, &all_from_us, &all_until_us, f);
}

void lag_market(const struct fault *f)
{
	struct unkind *u = &market_at(f->market)->unkind;

	begin(&u->lag_us, &u->lag_from_us, &u->lag_until_us, f);
}

int64_t lag_most_ms(void)
{
	return atomic_load(&most_us) / 1000;
}

/* What is still waiting when the lag ends comes then: before anything that was made later. */
static int64_t due_of(int64_t made_us, atomic_llong *by_us, atomic_llong *from_us, atomic_llong *until_us)
{
	int64_t until = atomic_load(until_us), due = made_us + atomic_load(by_us);

	if (made_us < atomic_load(from_us) || made_us >= until)
		return made_us;
	return due < until ? due : until;
}

bool lag_of(const struct trade *t, int64_t *due_ms)
{
	struct unkind *u = &market_at(t->market)->unkind;
	int64_t all, own, due_us;

	if (!atomic_load(&most_us) || opt.virtual_time)
		return false;
	all = due_of(t->made_us, &all_us, &all_from_us, &all_until_us);
	own = due_of(t->made_us, &u->lag_us, &u->lag_from_us, &u->lag_until_us);
	due_us = all > own ? all : own;
	if (due_us / 1000 > *due_ms)
		*due_ms = due_us / 1000;
	return due_us > t->made_us;
}
