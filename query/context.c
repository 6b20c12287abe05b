#include "query/context.h"

#include "query/read/coverage.h"

#include <time.h>

int64_t wall_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000;
}

static enum exit_code not_recorded(const struct market *m, struct err *err)
{
	char ended[TIME_TEXT_SIZE];
	if (!m->named)
		return EXIT_OK;
	time_format(m->ended_us, ended);
	if (m->ended_us == NEVER_WANTED_US)
		err_set(err, "%s is stale: its trades are not recorded", m->name);
	else
		err_set(err, "%s is stale: it is no longer recorded, since %s", m->name, ended);
	return EXIT_STALE;
}

enum exit_code check_age(const struct context *c, const struct market *m, const struct tape_row *last, struct err *err)
{
	if (c->options.max_age_us < 0)
		return EXIT_OK;
	if (!m->wanted)
		return not_recorded(m, err);
	if (!last) {
		err_set(err, "%s is stale: it has no trade yet", m->name);
		return EXIT_STALE;
	}
	char time[TIME_TEXT_SIZE];
	int64_t seen_us = last->received && last->recv_us < last->time_us ? last->recv_us : last->time_us;
	time_format(last->time_us, time);
	if (last->time_us - c->now_us > AHEAD_US)
		err_set(err, "%s is stale: its last trade is dated %s, %lld min ahead of this machine's clock", m->name, time,
		        (long long)((last->time_us - c->now_us) / US_PER_MINUTE));
	else if (seen_us >= c->now_us - c->options.max_age_us)
		return EXIT_OK;
	else
		err_set(err, "%s is stale: its last trade is of %s", m->name, time);
	return EXIT_STALE;
}

enum exit_code check_ages(struct context *c, struct err *err)
{
	enum exit_code code = EXIT_OK;
	for (size_t i = 0; c->options.max_age_us >= 0 && code == EXIT_OK && i < c->selection.count; i++) {
		struct tape_row row = { .time_us = 0 };
		bool found;
		if (!last_row(&c->reader, &c->selection.markets[i], &row, &found, err))
			return EXIT_TAPE;
		code = check_age(c, &c->selection.markets[i], found ? &row : NULL, err);
	}
	return code;
}

enum exit_code check_complete(struct context *c, const struct market *m, int64_t from_us, int64_t to_us, struct err *err)
{
	struct coverage coverage;
	if (!c->options.require_complete)
		return EXIT_OK;
	if (!coverage_load(&coverage, &c->reader, m, err))
		return EXIT_TAPE;
	bool holds = coverage_holds(&coverage, from_us, to_us);
	coverage_release(&coverage);
	if (holds)
		return EXIT_OK;
	char from[TIME_TEXT_SIZE], to[TIME_TEXT_SIZE];
	time_format(from_us, from);
	time_format(to_us, to);
	err_set(err, "%s is not complete: from %s to %s not everything was recorded", m->name, from, to);
	return EXIT_STALE;
}
