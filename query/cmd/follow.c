/* Trades do not come in order: some are late by seconds, and a gap is filled hours afterwards.  So the place that was
 * reached does not tell what is new.  The one-minute candles do: they count each minute's trades, in the same transaction.
 * For every minute of a window we hold the count and the keys that were seen; a minute whose count has changed is read
 * again, and what has no key among those seen is new.
 *
 * The window reaches 72 hours back (gaps older than that are not filled by default), or less where it would hold more
 * than WINDOW_KEYS trades; a minute without trades costs nothing.  What comes for a time before the window is not printed. */
#include "query/cmd/follow.h"

#include "query/read/ask.h"
#include "query/read/coverage.h"
#include "query/stop.h"
#include "query/read/trade_text.h"
#include "schema/base/vec.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WINDOW_MINUTES (72 * 60)
#define WINDOW_KEYS 200000
#define POLL_MS 100

struct key {
	int64_t time_us;
	uint64_t id; /* a long id as its hash */
	enum trade_id_kind kind;
};

struct minute {
	int64_t minute;
	int64_t trades; /* as the candle counted when we last read it */
	struct key *keys; /* owned; in the tape's order */
	size_t count;
};

struct follow {
	struct context *c;
	const struct market *market;
	struct minute *minutes; /* owned; ascending, without those that have no trade */
	size_t count;
	size_t keys;            /* in all minutes */
	int64_t first_minute;   /* the window begins here */
};

static struct key key_of(const struct tape_row *row)
{
	struct key key = { row->time_us, (uint64_t)row->id.number, row->id.kind };
	if (row->id.kind == TRADE_ID_LONG) { /* FNV-1a */
		key.id = UINT64_C(14695981039346656037);
		for (const char *p = row->id.digits; *p; p++)
			key.id = (key.id ^ (unsigned char)*p) * UINT64_C(1099511628211);
	}
	return key;
}

/* The entry of a minute, made if missing; NULL: out of memory. */
static struct minute *minute_at(struct follow *f, int64_t minute)
{
	size_t at = f->count;
	while (at > 0 && f->minutes[at - 1].minute >= minute) /* mostly the last */
		at--;
	if (at < f->count && f->minutes[at].minute == minute)
		return &f->minutes[at];
	struct minute *grown = vec_grow(f->minutes, f->count, sizeof *grown);
	if (!grown)
		return NULL;
	f->minutes = grown;
	memmove(&f->minutes[at + 1], &f->minutes[at], (f->count - at) * sizeof *f->minutes);
	f->count++;
	f->minutes[at] = (struct minute){ .minute = minute };
	return &f->minutes[at];
}

static bool remember(struct follow *f, struct minute *m, const struct tape_row *row)
{
	struct key *grown = vec_grow(m->keys, m->count, sizeof *grown);
	if (!grown)
		return false;
	m->keys = grown;
	m->keys[m->count++] = key_of(row);
	f->keys++;
	return true;
}

static void forget_before(struct follow *f, int64_t minute)
{
	size_t gone = 0;
	while (gone < f->count && f->minutes[gone].minute < minute) {
		f->keys -= f->minutes[gone].count;
		free(f->minutes[gone++].keys);
	}
	f->count -= gone;
	if (gone > 0)
		memmove(f->minutes, f->minutes + gone, f->count * sizeof *f->minutes);
	if (minute > f->first_minute)
		f->first_minute = minute;
}

/* Keeps the window within its bounds; the newest minute stays in any case. */
static void trim(struct follow *f)
{
	if (f->count == 0)
		return;
	forget_before(f, f->minutes[f->count - 1].minute - WINDOW_MINUTES);
	while (f->keys > WINDOW_KEYS && f->count > 1)
		forget_before(f, f->minutes[1].minute);
}

static void put(struct follow *f, const struct tape_row *row)
{
	const struct range *range = &f->c->options.range;
	if (row->time_us >= range->from_us && row->time_us < range->to_us)
		trade_put(&f->c->out, f->market, row);
}

static bool known(const struct key *keys, size_t count, size_t *at, const struct key *key)
{
	while (*at < count && keys[*at].time_us < key->time_us)
		(*at)++;
	for (size_t i = *at; i < count && keys[i].time_us == key->time_us; i++)
		if (keys[i].id == key->id && keys[i].kind == key->kind)
			return true;
	return false;
}

/* Reads a whole minute again and prints what is new in it. */
static bool refresh_minute(struct follow *f, int64_t minute, struct err *err)
{
	struct minute *m = minute_at(f, minute);
	struct row_stream stream;
	if (!m || !row_stream_init(&stream, &f->c->reader, f->market, minute * US_PER_MINUTE, (minute + 1) * US_PER_MINUTE, err))
		return err_set(err, "out of memory");
	struct key *old = m->keys;
	size_t old_count = old ? m->count : 0, at = 0;
	m->keys = NULL;
	m->count = 0;
	f->keys -= old_count;
	bool ok = true;
	do {
		ok = row_stream_next(&stream, err);
		for (size_t i = 0; ok && i < stream.count; i++) {
			struct key key = key_of(&stream.rows[i]);
			if (!known(old, old_count, &at, &key))
				put(f, &stream.rows[i]);
			ok = remember(f, m, &stream.rows[i]) || err_set(err, "out of memory");
		}
	} while (ok && stream.count > 0);
	m->trades = (int64_t)m->count;
	free(old);
	row_stream_release(&stream);
	return ok;
}

struct changed_minutes {
	const struct follow *follow;
	int64_t *minutes; /* owned */
	size_t count;
	size_t at;        /* in the minutes that we know */
};

static void begin_changed(void *to)
{
	struct changed_minutes *changed = to;
	changed->count = changed->at = 0;
}

static bool add_changed(void *to, sqlite3_stmt *stmt, struct err *err)
{
	struct changed_minutes *changed = to;
	const struct follow *f = changed->follow;
	int64_t minute = sqlite3_column_int64(stmt, 0);
	while (changed->at < f->count && f->minutes[changed->at].minute < minute)
		changed->at++;
	if (changed->at < f->count && f->minutes[changed->at].minute == minute &&
	    f->minutes[changed->at].trades == sqlite3_column_int64(stmt, 1))
		return true;
	int64_t *grown = vec_grow(changed->minutes, changed->count, sizeof *grown);
	if (!grown)
		return err_set(err, "out of memory");
	changed->minutes = grown;
	changed->minutes[changed->count++] = minute;
	return true;
}

/* The minutes of the window whose count differs from what we know, oldest first. */
static bool find_changed(struct changed_minutes *changed, struct err *err)
{
	static const char sql[] =
		"SELECT minute, trades FROM candle_1m WHERE market_id = ?1 AND minute >= ?2 ORDER BY minute";
	const struct follow *f = changed->follow;
	const struct question q = { .sql = sql, .values = { f->market->id, f->first_minute }, .count = 2, .begin = begin_changed,
		                    .row = add_changed, .to = changed };
	return ask(&f->c->reader, &q, err);
}

static bool print_new(struct follow *f, struct err *err)
{
	struct changed_minutes changed = { .follow = f };
	bool ok = find_changed(&changed, err);
	for (size_t i = 0; ok && i < changed.count && !out_stopped(&f->c->out) && !stop_wanted(); i++)
		ok = refresh_minute(f, changed.minutes[i], err);
	free(changed.minutes);
	trim(f);
	return ok;
}

struct window {
	int64_t now_us;
	int64_t first_minute, newest, keys; /* newest -1: no minute yet */
	bool full;
};

static void begin_window(void *to)
{
	struct window *w = to;
	*w = (struct window){ .now_us = w->now_us, .first_minute = w->now_us / US_PER_MINUTE - WINDOW_MINUTES, .newest = -1 };
}

/* Newest first. */
static bool reach_back(void *to, sqlite3_stmt *stmt, struct err *err)
{
	struct window *w = to;
	int64_t minute = sqlite3_column_int64(stmt, 0);
	(void)err;
	if (w->newest < 0)
		w->first_minute = (w->newest = minute) - WINDOW_MINUTES;
	if (w->full || minute < w->first_minute)
		return true;
	w->keys += sqlite3_column_int64(stmt, 1);
	w->full = w->keys > WINDOW_KEYS;
	if (w->full)
		w->first_minute = minute + (minute < w->newest);
	return true;
}

/* Where the window begins: as far back as its bounds allow. */
static bool open_window(struct follow *f, struct err *err)
{
	static const char sql[] =
		"SELECT minute, trades FROM candle_1m WHERE market_id = ?1 ORDER BY minute DESC LIMIT ?2";
	struct window w = { .now_us = f->c->now_us };
	const struct question q = { .sql = sql, .values = { f->market->id, WINDOW_MINUTES }, .count = 2, .begin = begin_window,
		                    .row = reach_back, .to = &w };
	bool ok = ask(&f->c->reader, &q, err);
	f->first_minute = w.first_minute;
	return ok;
}

/* The minutes' last keys are looked through: a row that the pass before has seen is not remembered twice. */
static bool remember_once(struct follow *f, struct minute *m, const struct tape_row *row)
{
	struct key key = key_of(row);
	for (size_t i = m->count; i > 0 && m->keys[i - 1].time_us == key.time_us; i--)
		if (m->keys[i - 1].id == key.id && m->keys[i - 1].kind == key.kind)
			return true;
	bool ok = remember(f, m, row);
	m->trades = (int64_t)m->count;
	return ok;
}

/* Goes over the stream once, remembers what lies in the window, and prints it if asked to. */
static bool pass(struct follow *f, struct row_stream *stream, bool print, struct err *err)
{
	do {
		struct minute *m = NULL;
		if (!row_stream_next(stream, err))
			return false;
		for (size_t i = 0; i < stream->count; i++) {
			const struct tape_row *row = &stream->rows[i];
			int64_t minute = row->time_us / US_PER_MINUTE;
			if (print)
				put(f, row);
			if (minute < f->first_minute)
				continue;
			if (!m || m->minute != minute)
				m = minute_at(f, minute);
			if (!m || !remember_once(f, m, row))
				return err_set(err, "out of memory");
		}
		trim(f);
	} while (stream->count > 0 && !out_stopped(&f->c->out) && !stop_wanted());
	return true;
}

static bool remember_range(struct follow *f, int64_t from_us, int64_t to_us, struct err *err)
{
	struct row_stream stream;
	bool ok = row_stream_init(&stream, &f->c->reader, f->market, from_us, to_us, err) && pass(f, &stream, false, err);
	row_stream_release(&stream);
	return ok;
}

/* What is on the tape at the start: printed from the place asked for, remembered before it. */
static bool start(struct follow *f, int64_t newest, struct err *err)
{
	const struct range *range = &f->c->options.range;
	struct row_stream place;
	bool ok = row_stream_init(&place, &f->c->reader, f->market, range->from_us, range->to_us, err) &&
	          (newest < 0 || row_stream_skip_to_newest(&place, newest, err));
	/* The place is a key; trades of its very microsecond may lie on both sides of it. */
	int64_t from_us = f->first_minute * US_PER_MINUTE;
	int64_t split_us = place.after_id ? place.after_us + 1 : range->from_us;
	if (ok && from_us < split_us)
		ok = remember_range(f, from_us, split_us, err);
	ok = ok && pass(f, &place, true, err);
	row_stream_release(&place);
	return ok;
}

/* Until something may have changed on the tape.  *changed: it did. */
static bool wait_for_change(struct follow *f, sqlite3_stmt **version_stmt, int64_t *version, bool *changed, struct err *err)
{
	/* The reader of a pipe that goes away wakes us, a signal, too. */
	struct pollfd output = { .fd = f->c->out.fd };
	if (poll(&output, 1, POLL_MS) > 0 && output.revents & (POLLERR | POLLHUP | POLLNVAL))
		f->c->out.write_errno = EPIPE;
	bool reopened = false;
	struct reader *r = &f->c->reader;
	if (!reader_settle(r, &reopened, err))
		return false;
	if (reopened || !*version_stmt) {
		sqlite3_finalize(*version_stmt);
		*version_stmt = NULL;
		if (sqlite3_prepare_v2(r->db, "PRAGMA data_version", -1, version_stmt, NULL) != SQLITE_OK)
			return reader_failed(r, err);
	}
	int64_t now = reader_step(*version_stmt) == SQLITE_ROW ? sqlite3_column_int64(*version_stmt, 0) : -1;
	if (sqlite3_reset(*version_stmt) != SQLITE_OK)
		return reader_failed(r, err);
	*changed = reopened || now != *version;
	*version = now;
	return true;
}

enum exit_code follow(struct context *c, const struct market *m, int64_t newest, struct err *err)
{
	const struct range *range = &c->options.range;
	struct follow f = { .c = c, .market = m };
	sqlite3_stmt *version_stmt = NULL;
	int64_t version = -1;
	bool changed = true;
	stop_watch();
	bool ok = open_window(&f, err) && start(&f, newest, err);
	while (ok && !out_stopped(&c->out) && !stop_wanted()) {
		out_flush(&c->out);
		/* The last trades before --until may be late by the time that coverage allows for. */
		bool over = range->has_to && wall_us() > range->to_us + COVERAGE_SLACK_US;
		ok = wait_for_change(&f, &version_stmt, &version, &changed, err) && (!changed || print_new(&f, err));
		if (over)
			break;
	}
	sqlite3_finalize(version_stmt);
	forget_before(&f, INT64_MAX);
	free(f.minutes);
	return ok ? EXIT_OK : EXIT_TAPE;
}
