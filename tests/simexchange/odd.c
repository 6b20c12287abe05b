#include "odd.h"

#include <stdatomic.h>
#include <string.h>

#include "clock.h"
#include "dialect.h"
#include "listing.h"
#include "market.h"
#include "options.h"
#include "script.h"

/* Ids are made of times at some exchanges. Trades with shifted times count from another place in the millisecond, another one each time. */
#define SHIFTED_IN_A_MS 600
#define SHIFTS 12
#define IN_A_MS_MAX 8192 /* 13 bits */

void odd_ahead(const struct fault *f)
{
	struct unkind *u = &market_at(f->market)->unkind;

	atomic_store(&u->ahead_us, f->by_us);
	atomic_store(&u->ahead_left, f->count);
}

void odd_set_clock(const struct fault *f)
{
	clock_set_by(f->by_us);
}

void odd_seconds(const struct fault *f)
{
	atomic_store(&market_at(f->market)->unkind.seconds_left, f->count);
}

void odd_renumber(const struct fault *f)
{
	atomic_store(&market_at(f->market)->unkind.renumber, f->word && !strcmp(f->word, "keep") ? RENUMBER_KEEP : RENUMBER_FORGET);
}

void odd_absurd_id(const struct fault *f)
{
	atomic_store(&market_at(f->market)->unkind.absurd, true);
}

unsigned odd_most_in_a_ms(const struct market *m)
{
	return m->shifts ? SHIFTED_IN_A_MS : IN_A_MS_MAX;
}

void odd_time(struct trade *t, struct market *m)
{
	struct unkind *u = &m->unkind;
	int64_t shift = clock_set_us();

	if (atomic_load(&u->ahead_left)) {
		atomic_fetch_sub(&u->ahead_left, 1);
		shift += atomic_load(&u->ahead_us);
	}
	if (atomic_load(&u->seconds_left)) {
		atomic_fetch_sub(&u->seconds_left, 1);
		t->in_seconds = true;
	}
	shift -= shift % opt.dialect->time_unit_us;
	if (shift != m->shift_us && shift)
		m->shifts++;
	m->shift_us = shift;
	t->time_us = t->made_us + shift;
	if (t->time_us < 0)
		t->time_us = 0;
	if (shift) {
		t->n = (uint16_t)(t->n + SHIFTED_IN_A_MS * (1 + (m->shifts - 1) % SHIFTS));
		atomic_store(&m->out_of_order, true);
	}
}

/* A numbering that begins with this trade. What its caller does not change goes on as before. */
static struct era era_from(const struct trade *t, const struct market *m)
{
	const struct era *last = &m->eras[atomic_load(&m->eras_len) - 1];
	struct era e = { .serial = t->serial, .agg = m->next_agg, .fill = m->next_fill };

	e.first_id = last->first_id + (e.serial - last->serial);
	e.first_other = last->first_other + (opt.dialect->merges_fills ? e.fill - last->fill : e.agg - last->agg);
	return e;
}

/* Whole before anybody sees it. */
static void add_era(struct market *m, struct era e)
{
	unsigned n = atomic_load(&m->eras_len);

	m->eras[n] = e;
	atomic_store(&m->eras_len, n + 1);
}

/* Room for one, and for the one that must follow where it is absurd. */
static bool has_room(const struct market *m)
{
	return atomic_load(&m->eras_len) + 2 <= ERAS_MAX;
}

void odd_numbering(struct trade *t, struct market *m, bool first)
{
	struct unkind *u = &m->unkind;
	struct era e;
	int how;

	if (m->eras[atomic_load(&m->eras_len) - 1].absurd) {
		e = era_from(t, m);
		e.first_id = m->id_after_absurd;
		add_era(m, e);
	}
	if (first && has_room(m) && (how = atomic_exchange(&u->renumber, RENUMBER_NOT)) != RENUMBER_NOT) {
		e = era_from(t, m);
		e.first_id = e.first_other = 1;
		e.forget = how == RENUMBER_FORGET;
		add_era(m, e);
	}
	if (first && has_room(m) && atomic_exchange(&u->absurd, false)) {
		e = era_from(t, m);
		m->id_after_absurd = e.first_id;
		e.first_id = ODD_ID;
		e.absurd = true;
		atomic_store(&m->out_of_order, true);
		add_era(m, e);
	}
	t->era = (uint8_t)(atomic_load(&m->eras_len) - 1);
}
