/* tapedeck last: the last trade of each market, and how old it is; -f goes on. */
#include "query/context.h"
#include "query/read/change.h"
#include "query/read/trade_text.h"
#include "query/stop.h"
#include "schema/base/vec.h"

#include <stdlib.h>
#include <string.h>

static void put_last(struct context *c, const struct market *m, const struct tape_row *row)
{
	char time[TIME_TEXT_SIZE], price[DECIMAL_TEXT_SIZE], size[DECIMAL_TEXT_SIZE], age_ms[INTEGER_TEXT_SIZE];
	const char *side = side_name(row->side);
	const struct cell cells[] = {
		{ m->exchange, strlen(m->exchange) },
		{ m->symbol, strlen(m->symbol) },
		{ time, time_cell(row->time_us, c->out.time_form, time) },
		{ price, price_format(row, price) },
		{ size, size_format(row, size) },
		{ side, strlen(side) },
		{ age_ms, integer_format((c->now_us - row->time_us) / 1000, age_ms) },
	};
	out_row(&c->out, cells);
}

/* What was shown of a market. */
struct shown {
	int64_t market_id, time_us;
	struct trade_id id;
};

/* A market that was listed since may fit a pattern. */
static bool look_for_markets(struct context *c, int64_t *markets, struct err *err)
{
	struct selection now = { NULL, 0 };
	int64_t count;
	if (!selection_markets(&c->reader, &count, err))
		return false;
	if (count == *markets)
		return true;
	*markets = count;
	if (selection_load(&now, &c->reader, c->options.names, c->options.name_count, err) != EXIT_OK) {
		selection_release(&now);
		return false;
	}
	selection_release(&c->selection);
	c->selection = now;
	return true;
}

/* The entry of a market, made if missing; NULL: out of memory. */
static struct shown *shown_of(struct shown **list, size_t *count, int64_t market_id)
{
	for (size_t i = 0; i < *count; i++)
		if ((*list)[i].market_id == market_id)
			return &(*list)[i];
	struct shown *grown = vec_grow(*list, *count, sizeof *grown);
	if (!grown)
		return NULL;
	*list = grown;
	grown[*count] = (struct shown){ .market_id = market_id };
	return &grown[(*count)++];
}

/* A market's line each time that its last trade is another one. */
static enum exit_code follow_last(struct context *c, struct err *err)
{
	struct change change = { .stmt = NULL };
	struct shown *list = NULL;
	size_t count = 0;
	int64_t markets = -1;
	bool changed = true, ok = true;
	stop_watch();
	while (ok && !out_stopped(&c->out) && !stop_wanted()) {
		ok = !changed || look_for_markets(c, &markets, err);
		for (size_t i = 0; ok && changed && i < c->selection.count; i++) {
			struct tape_row row = { .time_us = 0 };
			struct shown *shown = shown_of(&list, &count, c->selection.markets[i].id);
			bool found = false;
			ok = shown ? last_row(&c->reader, &c->selection.markets[i], &row, &found, err) : err_set(err, "out of memory");
			if (!ok || !found || (row.time_us == shown->time_us && trade_id_compare(&row.id, &shown->id) == 0))
				continue;
			c->now_us = wall_us();
			put_last(c, &c->selection.markets[i], &row);
			shown->time_us = row.time_us;
			shown->id = row.id;
		}
		out_flush(&c->out);
		ok = ok && change_wait(&change, &c->reader, &c->out, &changed, err);
	}
	change_release(&change);
	free(list);
	return ok ? EXIT_OK : EXIT_TAPE;
}

enum exit_code cmd_last(struct context *c, struct err *err)
{
	static const struct column columns[] = {
		{ "exchange", CELL_TEXT }, { "symbol", CELL_TEXT }, { "time", CELL_TIME },      { "price", CELL_DECIMAL },
		{ "size", CELL_DECIMAL },  { "side", CELL_WORD },   { "age_ms", CELL_INTEGER },
	};
	enum exit_code code = EXIT_OK;
	const struct market *without = NULL; /* the last one named that has no trade */
	struct err stale = { "" };
	out_columns(&c->out, columns, sizeof columns / sizeof *columns);
	if (c->options.follow)
		return follow_last(c, err);
	for (size_t i = 0; i < c->selection.count; i++) {
		const struct market *m = &c->selection.markets[i];
		struct tape_row row = { .time_us = 0 };
		bool found;
		if (!last_row(&c->reader, m, &row, &found, err))
			return EXIT_TAPE;
		c->now_us = wall_us();
		if (found)
			put_last(c, m, &row);
		else if (m->named)
			without = m;
		if (check_age(c, m, found ? &row : NULL, &stale) != EXIT_OK)
			code = EXIT_STALE;
	}
	if (c->out.rows > 0 && (code != EXIT_OK || !without)) {
		*err = stale;
		return code;
	}
	if (without)
		err_set(err, "there is no trade of %s yet", without->name);
	else
		err_set(err, "there is no trade yet");
	return EXIT_NO_DATA;
}
