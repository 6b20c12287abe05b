#include "query/verify/verify.h"

#include "query/read/ask.h"
#include "schema/base/timefmt.h"
#include "schema/value/volume.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MEET_US (20 * US_PER_SECOND) /* the exchange's volume is of some moment within so much before the row's end: audit.c */

/* The day's trades as they are now, up to a moment: with those of that very moment, and without. */
struct day_sum {
	struct id_rule rule;
	int64_t until_us;
	struct exact before, with; /* owned */
	/* Where the row says that the sums differed, they may meet anywhere within MEET_US by now. */
	const struct exact *theirs; /* borrowed; NULL: at the row's end only */
	const struct exact *minutes; /* borrowed; what is before the trades */
	bool met;
};

static void forget_sum(void *to)
{
	struct day_sum *s = to;
	exact_clear(&s->before);
	exact_clear(&s->with);
}

static bool add_minute(void *to, sqlite3_stmt *stmt, struct err *err)
{
	struct day_sum *s = to;
	struct exact volume;
	exact_init(&volume);
	bool ok = exact_column(stmt, 0, &volume) || err_set(err, "a candle of the tape makes no sense");
	if (ok) {
		exact_add(&s->before, &volume);
		exact_add(&s->with, &volume);
	}
	exact_release(&volume);
	return ok;
}

static void look_whether_met(struct day_sum *s)
{
	struct exact sum;
	if (!s->theirs || s->met)
		return;
	exact_init(&sum);
	exact_set(&sum, s->minutes);
	exact_add(&sum, &s->with);
	s->met = volume_digits(s->theirs, &sum) >= VOLUME_DIGITS;
	exact_release(&sum);
}

static bool add_trade(void *to, sqlite3_stmt *stmt, struct err *err)
{
	struct day_sum *s = to;
	struct trade trade;
	if (!trade_column(stmt, 0, s->rule, &trade))
		return err_set(err, "a trade of the tape makes no sense");
	if (trade.time_us < s->until_us)
		exact_add_decimal(&s->before, &trade.size);
	if (trade.time_us >= s->until_us - MEET_US)
		look_whether_met(s); /* without it: the one before was the last that they had counted */
	exact_add_decimal(&s->with, &trade.size);
	return true;
}

static void join_sum(struct day_sum *sum, const struct day_sum *part)
{
	exact_add(&sum->before, &part->before);
	exact_add(&sum->with, &part->with);
}

/* Two short reads: a trade that comes between them is of a later moment, or it came by REST, and the next look finds it. */
static bool add_up(struct reader *r, const struct market *m, const struct audit_row *a, const struct exact *theirs, struct day_sum *sum,
                   struct err *err)
{
	struct day_sum part = { .rule = m->rule, .until_us = a->until_us, .theirs = a->verdict == AUDIT_DIFFERS ? theirs : NULL,
		                .minutes = &sum->with };
	int64_t first_us = a->until_us - MEET_US > a->day_from_us ? a->until_us - MEET_US : a->day_from_us;
	int64_t minute = first_us / US_PER_MINUTE;
	const struct question minutes = { "SELECT volume FROM candle_1m WHERE market_id = ?1 AND minute >= ?2 AND minute < ?3",
		                          { m->id, a->day_from_us / US_PER_MINUTE, minute }, 3, forget_sum, add_minute, &part };
	const struct question trades = { "SELECT time_us, id, price, size, lag_us FROM trade"
		                         " WHERE market_id = ?1 AND time_us >= ?2 AND time_us <= ?3",
		                         { m->id, minute * US_PER_MINUTE, a->until_us }, 3, forget_sum, add_trade, &part };
	exact_init(&part.before);
	exact_init(&part.with);
	bool ok = ask(r, &minutes, err);
	if (ok)
		join_sum(sum, &part);
	ok = ok && ask(r, &trades, err);
	sum->met = part.met;
	if (ok)
		join_sum(sum, &part);
	exact_release(&part.before);
	exact_release(&part.with);
	return ok;
}

/* Of trades of the same moment the exchange may have had some only. */
static bool is_met(const struct exact *theirs, const struct day_sum *sum)
{
	return sum->met || (exact_compare(theirs, &sum->before) >= 0 && exact_compare(theirs, &sum->with) <= 0) ||
	       volume_digits(theirs, &sum->before) >= VOLUME_DIGITS || volume_digits(theirs, &sum->with) >= VOLUME_DIGITS;
}

bool verify_audit(struct reader *r, const struct market *m, struct audit_row *a, struct finding *f, struct err *err)
{
	struct day_sum sum;
	struct exact theirs;
	struct decimal volume;
	if (!audit_load(a, r, m, INT64_MIN, err))
		return verify_damaged(r, f, err);
	if (a->verdict != AUDIT_EQUAL && a->verdict != AUDIT_DIFFERS)
		return true;
	exact_init(&sum.before);
	exact_init(&sum.with);
	exact_init(&theirs);
	bool sound = decimal_parse(&volume, a->theirs, strlen(a->theirs), NULL);
	if (sound)
		exact_add_decimal(&theirs, &volume);
	bool ok = add_up(r, m, a, &theirs, &sum, err);
	if (!ok) {
		ok = verify_damaged(r, f, err);
	} else if (!sound) {
		finding_add(f, "the exchange's volume makes no sense: '%s'", a->theirs);
	} else {
		char day[TIME_TEXT_SIZE], until[TIME_TEXT_SIZE], *ours = exact_text(&sum.with);
		time_format_second(a->day_from_us, day);
		time_format(a->until_us, until);
		if (!is_met(&theirs, &sum))
			finding_add(f, "from %s to %s the exchange counts %s, the tape %s", day, until, a->theirs, ours);
		else
			a->verdict = AUDIT_EQUAL; /* what REST put back since then may have made it so */
		free(ours);
	}
	exact_release(&sum.before);
	exact_release(&sum.with);
	exact_release(&theirs);
	return ok;
}
