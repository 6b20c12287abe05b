/* tapedeck status: does the recorder live, and how far behind is each market. */
#include "query/read/ask.h"
#include "query/read/audit.h"
#include "query/context.h"
#include "query/cmd/metrics.h"
#include "query/read/life.h"

#include "schema/base/vec.h"
#include "schema/tape/snapshot.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LAG_US (60 * US_PER_MINUTE)
/* Trades lie on the tape by their own time: one that came in the last hour is sought this much further back, so a lag above
 * it counts only where the trade is younger than both together. */
#define LAG_REACH_US (10 * US_PER_MINUTE)
#define LAG_SLICE_US (10 * US_PER_MINUTE) /* of time on the tape that is read at once: no long snapshot */

static bool read_state(void *to, sqlite3_stmt *stmt, struct err *err)
{
	(void)err;
	*(struct market_state *)to = (struct market_state){
		.traded = sqlite3_column_type(stmt, 0) != SQLITE_NULL,
		.last = { .time_us = sqlite3_column_int64(stmt, 0), .received = sqlite3_column_type(stmt, 5) != SQLITE_NULL,
		          .recv_us = sqlite3_column_int64(stmt, 5) },
		.first_us = sqlite3_column_int64(stmt, 1),
		.trades = sqlite3_column_int64(stmt, 2),
		.paced = sqlite3_column_int64(stmt, 2) > 1,
		.open_gaps = sqlite3_column_int64(stmt, 3),
		.clocked = sqlite3_column_type(stmt, 4) != SQLITE_NULL,
		.ahead_us = sqlite3_column_int64(stmt, 4),
	};
	return true;
}

static bool load_state(struct context *c, const struct market *m, struct market_state *state, struct err *err)
{
	static const char sql[] =
		"SELECT (SELECT time_us FROM trade WHERE market_id = ?1 ORDER BY time_us DESC, id DESC LIMIT 1),"
		" (SELECT time_us FROM trade WHERE market_id = ?1 AND time_us >= ?2 * 60000000 ORDER BY time_us, id LIMIT 1),"
		" (SELECT sum(trades) FROM candle_1m WHERE market_id = ?1 AND minute >= ?2),"
		" (SELECT count(*) FROM gap WHERE market_id = ?1 AND state = 'open'),"
		" (SELECT ahead_us FROM exchange_clock WHERE exchange = (SELECT exchange FROM market WHERE market_id = ?1)),"
		" (SELECT time_us + lag_us FROM trade WHERE market_id = ?1 ORDER BY time_us DESC, id DESC LIMIT 1)";
	const struct question q = { sql, { m->id, (c->now_us - US_PER_DAY) / US_PER_MINUTE }, 2, NULL, read_state, state };
	return ask(&c->reader, &q, err);
}

/* Lags of one market, in any order; kept from market to market for its room. */
struct lags {
	int64_t *list; /* owned */
	size_t count, kept;
};

static void forget_slice(void *to)
{
	struct lags *l = to;
	l->count = l->kept;
}

static bool add_lag(void *to, sqlite3_stmt *stmt, struct err *err)
{
	struct lags *l = to;
	int64_t *grown = vec_grow(l->list, l->count, sizeof *grown);
	if (!grown)
		return err_set(err, "out of memory");
	l->list = grown;
	l->list[l->count++] = sqlite3_column_int64(stmt, 0);
	return true;
}

static bool load_lags(struct context *c, const struct market *m, struct lags *l, struct err *err)
{
	static const char sql[] = "SELECT lag_us FROM trade WHERE market_id = ?1 AND time_us >= ?2 AND time_us < ?3"
	                          " AND lag_us >= ?4 - time_us";
	int64_t since_us = c->now_us - LAG_US;
	l->count = l->kept = 0;
	for (int64_t from_us = since_us - LAG_REACH_US; from_us <= c->now_us; from_us += LAG_SLICE_US) {
		/* An exchange's clock may be ahead: the last slice has no end. */
		int64_t to_us = from_us + LAG_SLICE_US <= c->now_us ? from_us + LAG_SLICE_US : INT64_MAX;
		const struct question q = { sql, { m->id, from_us, to_us, since_us }, 4, forget_slice, add_lag, l };
		if (!ask(&c->reader, &q, err))
			return false;
		l->kept = l->count;
	}
	return true;
}

/* The n-th smallest; those before it are no greater, those behind it no smaller. */
static int64_t nth(int64_t *list, size_t count, size_t n)
{
	size_t low = 0, high = count - 1;
	while (low < high) {
		int64_t pivot = list[low + (high - low) / 2];
		size_t i = low, j = high;
		for (;;) {
			while (list[i] < pivot)
				i++;
			while (list[j] > pivot)
				j--;
			if (i >= j)
				break;
			int64_t swapped = list[i];
			list[i++] = list[j];
			list[j--] = swapped;
		}
		if (n <= j)
			high = j;
		else
			low = j + 1;
	}
	return list[low];
}

/* Of an even number the mean of the two in the middle. */
static int64_t median(struct lags *l)
{
	int64_t upper = nth(l->list, l->count, l->count / 2);
	if (l->count % 2 == 1)
		return upper;
	int64_t lower = nth(l->list, l->count, l->count / 2 - 1);
	return lower + (upper - lower) / 2;
}

static int64_t greatest(const struct lags *l)
{
	int64_t most = l->list[0];
	for (size_t i = 1; i < l->count; i++)
		most = l->list[i] > most ? l->list[i] : most;
	return most;
}

static size_t ms_cell(bool known, int64_t us, char text[static INTEGER_TEXT_SIZE])
{
	return known ? integer_format(us / 1000, text) : 0;
}

/* The -wal beside the tape, and who keeps it from being brought into it. */
struct wal_state {
	int64_t bytes;    /* -1: there is none */
	int64_t since_us; /* 0: it is not large */
	char holders[SNAPSHOT_TEXT_SIZE];
};

static bool read_since(void *to, sqlite3_stmt *stmt, struct err *err)
{
	(void)err;
	*(int64_t *)to = sqlite3_column_int64(stmt, 0);
	return true;
}

static bool load_wal(struct context *c, const struct recorder_life *life, struct wal_state *w, struct err *err)
{
	const struct question q = { "SELECT coalesce(wal_since_us, 0) FROM tape_file", { 0 }, 0, NULL, read_since, &w->since_us };
	*w = (struct wal_state){ .bytes = c->reader.wal_size };
	if (!ask(&c->reader, &q, err))
		return false;
	if (w->bytes > TAPE_WAL_LARGE_BYTES)
		snapshot_holders(c->reader.real, (pid_t)life->pid, w->holders);
	return true;
}

/* For people: whose tape it is, whether it is all there, and a -wal that is too large. */
static bool put_head(struct context *c, const struct recorder_life *life, const struct wal_state *w, struct err *err)
{
	char text[READER_PART_TEXT_SIZE > LIFE_TEXT_SIZE ? READER_PART_TEXT_SIZE : LIFE_TEXT_SIZE], since[TIME_TEXT_SIZE];
	if (!reader_part_text(&c->reader, text, err))
		return false;
	if (text[0]) {
		out_puts(&c->out, text);
		out_puts(&c->out, "\n");
	}
	life_text(life, text);
	out_puts(&c->out, text);
	out_puts(&c->out, "\n");
	if (w->bytes <= TAPE_WAL_LARGE_BYTES)
		return true;
	time_format_second(w->since_us, since);
	snprintf(text, sizeof text, "the -wal is %" PRId64 " MiB, large%s%s; a snapshot is held by: %s\n", w->bytes >> 20,
	         w->since_us ? " since " : "", w->since_us ? since : "", w->holders[0] ? w->holders : "not known");
	out_puts(&c->out, text);
	return true;
}

static void put_market(struct context *c, const struct market *m, const struct market_state *s, struct lags *l,
                       const struct recorder_life *life, const struct wal_state *w, const struct audit_row *audit)
{
	char last[TIME_TEXT_SIZE], beat[TIME_TEXT_SIZE], age[INTEGER_TEXT_SIZE], pace[INTEGER_TEXT_SIZE];
	char lag_median[INTEGER_TEXT_SIZE], lag_worst[INTEGER_TEXT_SIZE], offset[INTEGER_TEXT_SIZE], open_gaps[INTEGER_TEXT_SIZE];
	char queue[INTEGER_TEXT_SIZE], until[TIME_TEXT_SIZE], wal_bytes[INTEGER_TEXT_SIZE], wal_since[TIME_TEXT_SIZE];
	bool ended = !m->wanted && m->ended_us != NEVER_WANTED_US;
	bool lagged = l->count > 0, known = life->life != LIFE_NEVER;
	const char *word = life_name(life->life);
	const struct cell cells[] = {
		{ m->exchange, strlen(m->exchange) },
		{ m->symbol, strlen(m->symbol) },
		{ last, s->traded ? time_cell(s->last.time_us, c->out.time_form, last) : 0 },
		{ age, ms_cell(s->traded, c->now_us - s->last.time_us, age) },
		{ pace, ms_cell(s->paced, s->paced ? (s->last.time_us - s->first_us) / (s->trades - 1) : 0, pace) },
		{ lag_median, ms_cell(lagged, lagged ? median(l) : 0, lag_median) },
		{ lag_worst, ms_cell(lagged, lagged ? greatest(l) : 0, lag_worst) },
		{ offset, ms_cell(s->clocked, s->ahead_us, offset) },
		{ open_gaps, integer_format(s->open_gaps, open_gaps) },
		{ word, strlen(word) },
		{ beat, known ? time_cell(life->beat_us, c->out.time_form, beat) : 0 },
		{ queue, known ? integer_format(life->queue_rows, queue) : 0 },
		{ until, ended ? time_cell(m->ended_us, c->out.time_form, until) : 0 },
		{ wal_bytes, w->bytes >= 0 ? integer_format(w->bytes, wal_bytes) : 0 },
		{ wal_since, w->since_us ? time_cell(w->since_us, c->out.time_form, wal_since) : 0 },
		{ w->holders, strlen(w->holders) },
		{ audit_word(audit), strlen(audit_word(audit)) },
	};
	out_row(&c->out, cells);
}

/* The recorder's own part of --max-age. */
static enum exit_code check_life(const struct context *c, const struct recorder_life *life, struct err *err)
{
	if (c->options.max_age_us < 0)
		return EXIT_OK;
	char beat[TIME_TEXT_SIZE];
	time_format(life->beat_us, beat);
	if (life->life == LIFE_NEVER)
		err_set(err, "no recorder has left a sign of life on this tape");
	else if (life->life != LIFE_ALIVE)
		err_set(err, "the recorder is %s; its last sign of life is of %s", life_name(life->life), beat);
	else if (c->now_us - life->beat_us > c->options.max_age_us)
		err_set(err, "the recorder's last sign of life is of %s", beat);
	else
		return EXIT_OK;
	return EXIT_STALE;
}

static bool is_asked_for(const struct context *c, const struct market *m)
{
	for (size_t i = 0; i < c->selection.count; i++)
		if (c->selection.markets[i].id == m->id)
			return true;
	return false;
}

enum exit_code cmd_status(struct context *c, struct err *err)
{
	static const struct column columns[] = {
		{ "exchange", CELL_TEXT },           { "symbol", CELL_TEXT },           { "last", CELL_TIME },
		{ "age_ms", CELL_INTEGER },          { "pace_ms", CELL_INTEGER },       { "lag_median_ms", CELL_INTEGER },
		{ "lag_worst_ms", CELL_INTEGER },    { "clock_offset_ms", CELL_INTEGER }, { "open_gaps", CELL_INTEGER },
		{ "recorder", CELL_WORD },           { "heartbeat", CELL_TIME },        { "queue_rows", CELL_INTEGER },
		{ "recorded_until", CELL_TIME },     { "wal_bytes", CELL_INTEGER },     { "wal_since", CELL_TIME },
		{ "snapshot_held_by", CELL_TEXT },   { "proved", CELL_WORD },
	};
	struct recorder_life life;
	struct wal_state wal;
	struct lags lags = { NULL, 0, 0 };
	enum exit_code code = EXIT_OK;
	if (!life_read(&c->reader, wall_us(), &life, err) || !load_wal(c, &life, &wal, err))
		return EXIT_TAPE;
	if (!c->options.prometheus && c->out.presenter == &present_table && !put_head(c, &life, &wal, err))
		return EXIT_TAPE;
	struct metrics metrics = { .life = &life };
	if (!c->options.prometheus)
		out_columns(&c->out, columns, sizeof columns / sizeof *columns);
	struct selection whole = { NULL, 0 };
	if (c->options.prometheus) /* its totals are the whole tape's, whatever is named */
		code = selection_load(&whole, &c->reader, NULL, 0, err);
	const struct selection *markets = c->options.prometheus ? &whole : &c->selection;
	for (size_t i = 0; code != EXIT_TAPE && i < markets->count && !out_stopped(&c->out); i++) {
		const struct market *m = &markets->markets[i];
		bool asked = !c->options.prometheus || is_asked_for(c, m);
		struct market_state state = { .traded = false };
		struct audit_row audit = { .verdict = AUDIT_NONE };
		if (!load_state(c, m, &state, err) || !load_lags(c, m, &lags, err) ||
		    !audit_load(&audit, &c->reader, m, life_until(&life, c->now_us) - US_PER_DAY, err)) {
			code = EXIT_TAPE;
			break;
		}
		c->now_us = wall_us();
		if (!c->options.prometheus)
			put_market(c, m, &state, &lags, &life, &wal, &audit);
		else if (!metrics_add(&metrics, m, &state, lags.count > 0 ? median(&lags) : -1, asked, err))
			code = EXIT_FAILED;
		if (code == EXIT_FAILED)
			break;
		if (asked && check_age(c, m, state.traded ? &state.last : NULL, err) != EXIT_OK)
			code = EXIT_STALE;
	}
	free(lags.list);
	if (c->options.prometheus && (code == EXIT_OK || code == EXIT_STALE) && !metrics_print(&metrics, c, err))
		code = EXIT_TAPE;
	metrics_release(&metrics);
	selection_release(&whole);
	if (code == EXIT_TAPE || code == EXIT_FAILED)
		return code;
	if (c->selection.count == 0 && !c->options.prometheus) {
		err_set(err, "there is no market on the tape yet");
		return EXIT_NO_DATA;
	}
	enum exit_code alive = check_life(c, &life, err); /* last: its words matter more than a market's */
	return alive != EXIT_OK ? alive : code;
}
