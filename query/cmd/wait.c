/* tapedeck wait: blocks until something is so, for scripts and notifiers: a price beyond a limit, a gap, silence. */
#include "query/context.h"
#include "query/read/ask.h"
#include "query/read/change.h"
#include "query/read/life.h"
#include "query/read/trade_text.h"
#include "query/stop.h"

#include <stdio.h>
#include <string.h>

/* Where the look before got to: trades of that very moment may come later. */
struct place {
	int64_t from_us;
	size_t seen; /* of the trades of from_us */
};

/* Does a trade behind the place meet the condition?  The first one is printed. */
static bool look_at_price(struct context *c, struct place *place, bool *met, struct err *err)
{
	size_t passed = 0; /* of the trades of the place's moment */
	const struct market *m = &c->selection.markets[0];
	struct row_stream stream;
	bool ok = row_stream_init(&stream, &c->reader, m, place->from_us, TIME_US_MAX + 1, err);
	do {
		ok = ok && row_stream_next(&stream, err);
		for (size_t i = 0; ok && !*met && i < stream.count; i++) {
			struct trade t = { .market = 0 };
			row_trade(&stream.rows[i], &t);
			if (t.time_us == place->from_us && passed++ < place->seen)
				continue;
			if (t.time_us != place->from_us)
				*place = (struct place){ t.time_us, 0 };
			passed = ++place->seen;
			int order = decimal_compare(&t.price, &c->limit);
			*met = (order > 0 && c->above) || (order < 0 && c->below) || (order == 0 && c->equal);
			if (*met)
				trade_put(&c->out, m, &stream.rows[i]);
		}
	} while (ok && !*met && stream.count > 0);
	row_stream_release(&stream);
	return ok;
}

/* Of the trades of the last one's moment the last alone is looked at, as `price` does. */
static bool count_before_last(struct context *c, struct place *place, struct err *err)
{
	struct row_stream stream;
	size_t count = 0;
	bool ok = row_stream_init(&stream, &c->reader, &c->selection.markets[0], place->from_us, place->from_us + 1, err);
	do {
		ok = ok && row_stream_next(&stream, err);
		count += ok ? stream.count : 0;
	} while (ok && stream.count > 0);
	row_stream_release(&stream);
	place->seen = count > 0 ? count - 1 : 0;
	return ok;
}

static enum exit_code wait_for_price(struct context *c, struct change *change, struct err *err)
{
	struct tape_row last = { .time_us = 0 };
	bool found, changed = true, met = false, ok = last_row(&c->reader, &c->selection.markets[0], &last, &found, err);
	struct place place = { ok && found ? last.time_us : 0, 0 }; /* the last price counts, and what comes from now on */
	ok = ok && (!found || count_before_last(c, &place, err));
	out_columns(&c->out, trade_columns, TRADE_COLUMNS);
	while (ok && !met && !out_stopped(&c->out) && !stop_wanted()) {
		ok = !changed || look_at_price(c, &place, &met, err);
		if (ok && !met)
			ok = change_wait(change, &c->reader, &c->out, &changed, err);
	}
	return ok ? EXIT_OK : EXIT_TAPE;
}

static const struct column event_columns[] = { { "exchange", CELL_TEXT }, { "symbol", CELL_TEXT }, { "time", CELL_TIME }, { "what", CELL_TEXT } };

static void put_event(struct context *c, const struct market *m, int64_t time_us, const char *what)
{
	char time[TIME_TEXT_SIZE];
	const struct cell cells[] = {
		{ m ? m->exchange : "", m ? strlen(m->exchange) : 0 },
		{ m ? m->symbol : "", m ? strlen(m->symbol) : 0 },
		{ time, time_us > 0 ? time_cell(time_us, c->out.time_form, time) : 0 },
		{ what, strlen(what) },
	};
	out_row(&c->out, cells);
}

struct open_gap {
	bool found;
	int64_t from_us;
	char reason[64];
};

static void forget_gap(void *to)
{
	*(struct open_gap *)to = (struct open_gap){ .found = false };
}

static bool take_gap(void *to, sqlite3_stmt *stmt, struct err *err)
{
	struct open_gap *gap = to;
	const char *reason = (const char *)sqlite3_column_text(stmt, 1);
	(void)err;
	gap->found = true;
	gap->from_us = sqlite3_column_int64(stmt, 0);
	snprintf(gap->reason, sizeof gap->reason, "gap %s", reason ? reason : "");
	return true;
}

/* One that is open, or was written since `after_id`, and filled at once, say. */
static bool look_at_gaps(struct context *c, int64_t after_id, bool *met, struct err *err)
{
	for (size_t i = 0; i < c->selection.count && !*met; i++) {
		const struct market *m = &c->selection.markets[i];
		struct open_gap gap;
		const struct question q = { "SELECT from_us, reason FROM gap WHERE market_id = ?1 AND (state = 'open' OR gap_id > ?2)"
			                    " ORDER BY gap_id LIMIT 1", { m->id, after_id }, 2, forget_gap, take_gap, &gap };
		forget_gap(&gap);
		if (!ask(&c->reader, &q, err))
			return false;
		if (gap.found)
			put_event(c, m, gap.from_us, gap.reason);
		*met = gap.found;
	}
	return true;
}

static bool take_id(void *to, sqlite3_stmt *stmt, struct err *err)
{
	(void)err;
	*(int64_t *)to = sqlite3_column_int64(stmt, 0);
	return true;
}

static bool look_at_age(struct context *c, bool *met, struct err *err)
{
	struct recorder_life life;
	int64_t now_us = wall_us();
	if (!life_read(&c->reader, now_us, &life, err))
		return false;
	if (life.life != LIFE_ALIVE) {
		char what[64];
		if (life.life == LIFE_NEVER)
			snprintf(what, sizeof what, "no recorder has left a sign of life");
		else
			snprintf(what, sizeof what, "the recorder is %s", life_name(life.life));
		put_event(c, NULL, life.life == LIFE_NEVER ? 0 : life.beat_us, what);
		*met = true;
	}
	for (size_t i = 0; i < c->selection.count && !*met; i++) {
		const struct market *m = &c->selection.markets[i];
		struct tape_row row = { .time_us = 0 };
		bool found;
		if (!last_row(&c->reader, m, &row, &found, err))
			return false;
		if ((m->wanted || m->named) && (!found || row.time_us < now_us - c->options.stale_us)) {
			put_event(c, m, found ? row.time_us : 0, found ? "no trade since then" : "no trade yet");
			*met = true;
		}
	}
	return true;
}

enum exit_code cmd_wait(struct context *c, struct err *err)
{
	struct change change = { .stmt = NULL };
	enum exit_code code = EXIT_OK;
	stop_watch();
	if (c->has_limit) {
		code = wait_for_price(c, &change, err);
	} else {
		static const struct question newest = { .sql = "SELECT coalesce(max(gap_id), 0) FROM gap", .row = take_id };
		struct question q = newest;
		int64_t after_id = 0;
		bool met = false, changed, ok;
		q.to = &after_id;
		ok = ask(&c->reader, &q, err);
		out_columns(&c->out, event_columns, sizeof event_columns / sizeof *event_columns);
		while (ok && !met && !out_stopped(&c->out) && !stop_wanted()) {
			ok = (!c->options.gap || look_at_gaps(c, after_id, &met, err)) && (met || c->options.stale_us < 0 || look_at_age(c, &met, err)) &&
			     (met || change_wait(&change, &c->reader, &c->out, &changed, err));
		}
		code = ok ? EXIT_OK : EXIT_TAPE;
	}
	change_release(&change);
	if (code == EXIT_OK && c->out.rows == 0 && !out_stopped(&c->out)) {
		err_set(err, "interrupted");
		return EXIT_FAILED;
	}
	return code;
}
