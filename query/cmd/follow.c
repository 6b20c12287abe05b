/* Trades do not come in order: some are late by seconds, and a gap is filled hours afterwards.  So the place that was
 * reached does not tell what is new.  The one-minute candles do: they count each minute's trades, in the same transaction.
 * For every minute of a window we hold the count and the keys that were seen; a minute whose count has changed is read
 * again, and what has no key among those seen is new.  What is new in one look at several markets is printed in order of time.
 *
 * The window reaches 72 hours back (gaps older than that are not filled by default), or less where it would hold more
 * than its share of WINDOW_KEYS trades; a minute without trades costs nothing.  What comes for a time before the window is not
 * printed.  Each look is at the last minutes; the whole window is looked at every two seconds, and in the end. */
#include "query/cmd/follow.h"

#include "query/read/ask.h"
#include "query/read/change.h"
#include "query/read/coverage.h"
#include "query/read/merge.h"
#include "query/stop.h"
#include "query/read/trade_text.h"
#include "schema/base/vec.h"

#include <stdlib.h>
#include <string.h>

#define WINDOW_MINUTES (72 * 60)
#define WINDOW_KEYS 2000000     /* of all markets */
#define WINDOW_KEYS_EACH 200000 /* of one, at most */
#define WINDOW_KEYS_MIN 2000    /* and at least */
#define LAST_MINUTES 10
#define WHOLE_LOOK_US (2 * US_PER_SECOND)
#define NEWS_MAX 50000          /* of one look; more is printed in parts */

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

/* What is known of one market. */
struct window {
	struct market market;
	struct minute *minutes; /* owned; ascending, without those that have no trade */
	size_t count;
	size_t keys;            /* in all minutes */
	size_t keys_max;
	int64_t first_minute;   /* the window begins here */
};

struct news {
	struct tape_row row;
	size_t window;
	size_t order; /* of finding it */
};

struct follow {
	struct context *c;
	struct window *windows; /* owned; one a market */
	size_t count;
	int64_t markets;        /* so many the tape had when they were looked for */
	struct news *news;      /* owned; found in this look, not printed yet */
	size_t news_count;
	int64_t whole_look_us;  /* when the whole windows were last looked at */
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
static struct minute *minute_at(struct window *w, int64_t minute)
{
	size_t at = w->count;
	while (at > 0 && w->minutes[at - 1].minute >= minute) /* mostly the last */
		at--;
	if (at < w->count && w->minutes[at].minute == minute)
		return &w->minutes[at];
	struct minute *grown = vec_grow(w->minutes, w->count, sizeof *grown);
	if (!grown)
		return NULL;
	w->minutes = grown;
	memmove(&w->minutes[at + 1], &w->minutes[at], (w->count - at) * sizeof *w->minutes);
	w->count++;
	w->minutes[at] = (struct minute){ .minute = minute };
	return &w->minutes[at];
}

static bool remember(struct window *w, struct minute *m, const struct tape_row *row)
{
	struct key *grown = vec_grow(m->keys, m->count, sizeof *grown);
	if (!grown)
		return false;
	m->keys = grown;
	m->keys[m->count++] = key_of(row);
	w->keys++;
	return true;
}

static void forget_before(struct window *w, int64_t minute)
{
	size_t gone = 0;
	while (gone < w->count && w->minutes[gone].minute < minute) {
		w->keys -= w->minutes[gone].count;
		free(w->minutes[gone++].keys);
	}
	w->count -= gone;
	if (gone > 0)
		memmove(w->minutes, w->minutes + gone, w->count * sizeof *w->minutes);
	if (minute > w->first_minute)
		w->first_minute = minute;
}

/* Keeps the window within its bounds; the newest minute stays in any case. */
static void trim(struct window *w)
{
	if (w->count == 0)
		return;
	forget_before(w, w->minutes[w->count - 1].minute - WINDOW_MINUTES);
	while (w->keys > w->keys_max && w->count > 1)
		forget_before(w, w->minutes[1].minute);
}

static int by_time(const void *a, const void *b)
{
	const struct news *x = a, *y = b;
	if (x->row.time_us != y->row.time_us)
		return x->row.time_us < y->row.time_us ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static bool in_range(const struct follow *f, const struct tape_row *row)
{
	const struct range *range = &f->c->options.range;
	return row->time_us >= range->from_us && row->time_us < range->to_us;
}

static void print_news(struct follow *f)
{
	if (f->news_count > 1)
		qsort(f->news, f->news_count, sizeof *f->news, by_time);
	for (size_t i = 0; i < f->news_count; i++)
		trade_put(&f->c->out, &f->windows[f->news[i].window].market, &f->news[i].row);
	f->news_count = 0;
}

static bool put(struct follow *f, const struct window *w, const struct tape_row *row, struct err *err)
{
	if (!in_range(f, row))
		return true;
	if (f->news_count == NEWS_MAX)
		print_news(f);
	struct news *grown = vec_grow(f->news, f->news_count, sizeof *grown);
	if (!grown)
		return err_set(err, "out of memory");
	f->news = grown;
	f->news[f->news_count] = (struct news){ *row, (size_t)(w - f->windows), f->news_count };
	f->news_count++;
	return true;
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
static bool refresh_minute(struct follow *f, struct window *w, int64_t minute, struct err *err)
{
	struct minute *m = minute_at(w, minute);
	struct row_stream stream;
	if (!m || !row_stream_init(&stream, &f->c->reader, &w->market, minute * US_PER_MINUTE, (minute + 1) * US_PER_MINUTE, err))
		return err_set(err, "out of memory");
	struct key *old = m->keys;
	size_t old_count = old ? m->count : 0, at = 0;
	m->keys = NULL;
	m->count = 0;
	w->keys -= old_count;
	bool ok = true;
	do {
		ok = row_stream_next(&stream, err);
		for (size_t i = 0; ok && i < stream.count; i++) {
			struct key key = key_of(&stream.rows[i]);
			if (!known(old, old_count, &at, &key))
				ok = put(f, w, &stream.rows[i], err);
			ok = ok && (remember(w, m, &stream.rows[i]) || err_set(err, "out of memory"));
		}
	} while (ok && stream.count > 0);
	m->trades = (int64_t)m->count;
	free(old);
	row_stream_release(&stream);
	return ok;
}

struct changed_minutes {
	const struct window *window;
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
	const struct window *w = changed->window;
	int64_t minute = sqlite3_column_int64(stmt, 0);
	while (changed->at < w->count && w->minutes[changed->at].minute < minute)
		changed->at++;
	if (changed->at < w->count && w->minutes[changed->at].minute == minute &&
	    w->minutes[changed->at].trades == sqlite3_column_int64(stmt, 1))
		return true;
	int64_t *grown = vec_grow(changed->minutes, changed->count, sizeof *grown);
	if (!grown)
		return err_set(err, "out of memory");
	changed->minutes = grown;
	changed->minutes[changed->count++] = minute;
	return true;
}

/* The minutes of the window from `from` on whose count differs from what we know, oldest first. */
static bool find_changed(struct follow *f, int64_t from, struct changed_minutes *changed, struct err *err)
{
	static const char sql[] =
		"SELECT minute, trades FROM candle_1m WHERE market_id = ?1 AND minute >= ?2 ORDER BY minute";
	const struct question q = { .sql = sql, .values = { changed->window->market.id, from }, .count = 2, .begin = begin_changed,
		                    .row = add_changed, .to = changed };
	return ask(&f->c->reader, &q, err);
}

static bool look_at(struct follow *f, struct window *w, bool whole, struct err *err)
{
	struct changed_minutes changed = { .window = w };
	int64_t from = w->first_minute;
	if (!whole && w->count > 0 && w->minutes[w->count - 1].minute - LAST_MINUTES > from)
		from = w->minutes[w->count - 1].minute - LAST_MINUTES;
	bool ok = find_changed(f, from, &changed, err);
	for (size_t i = 0; ok && i < changed.count && !out_stopped(&f->c->out) && !stop_wanted(); i++)
		ok = refresh_minute(f, w, changed.minutes[i], err);
	free(changed.minutes);
	trim(w);
	return ok;
}

static bool look(struct follow *f, bool whole, struct err *err)
{
	bool ok = true;
	for (size_t i = 0; ok && i < f->count; i++)
		ok = look_at(f, &f->windows[i], whole, err);
	print_news(f);
	if (whole)
		f->whole_look_us = wall_us();
	return ok;
}

struct reach {
	int64_t now_us, keys_max;
	int64_t first_minute, newest, keys; /* newest -1: no minute yet */
	bool full;
};

static void begin_reach(void *to)
{
	struct reach *r = to;
	*r = (struct reach){ .now_us = r->now_us, .keys_max = r->keys_max, .first_minute = r->now_us / US_PER_MINUTE - WINDOW_MINUTES,
		             .newest = -1 };
}

/* Newest first. */
static bool reach_back(void *to, sqlite3_stmt *stmt, struct err *err)
{
	struct reach *r = to;
	int64_t minute = sqlite3_column_int64(stmt, 0);
	(void)err;
	if (r->newest < 0)
		r->first_minute = (r->newest = minute) - WINDOW_MINUTES;
	if (r->full || minute < r->first_minute)
		return true;
	r->keys += sqlite3_column_int64(stmt, 1);
	r->full = r->keys > r->keys_max;
	if (r->full)
		r->first_minute = minute + (minute < r->newest);
	return true;
}

/* Where the window begins: as far back as its bounds allow. */
static bool open_window(struct follow *f, struct window *w, struct err *err)
{
	static const char sql[] =
		"SELECT minute, trades FROM candle_1m WHERE market_id = ?1 ORDER BY minute DESC LIMIT ?2";
	struct reach reach = { .now_us = f->c->now_us, .keys_max = (int64_t)w->keys_max };
	const struct question q = { .sql = sql, .values = { w->market.id, WINDOW_MINUTES }, .count = 2, .begin = begin_reach,
		                    .row = reach_back, .to = &reach };
	bool ok = ask(&f->c->reader, &q, err);
	w->first_minute = reach.first_minute;
	return ok;
}

/* The room of one of so many. */
static size_t share_of(size_t markets)
{
	size_t share = WINDOW_KEYS / (markets > 0 ? markets : 1);
	return share > WINDOW_KEYS_EACH ? WINDOW_KEYS_EACH : share < WINDOW_KEYS_MIN ? WINDOW_KEYS_MIN : share;
}

static bool add_window(struct follow *f, const struct market *market, size_t keys_max, struct err *err)
{
	struct window *grown = vec_grow(f->windows, f->count, sizeof *grown);
	if (!grown)
		return err_set(err, "out of memory");
	f->windows = grown;
	f->windows[f->count] = (struct window){ .market = *market, .keys_max = keys_max };
	return open_window(f, &f->windows[f->count++], err);
}

static bool open_windows(struct follow *f, struct err *err)
{
	const struct selection *s = &f->c->selection;
	bool ok = selection_markets(&f->c->reader, &f->markets, err);
	for (size_t i = 0; ok && i < s->count; i++)
		ok = add_window(f, &s->markets[i], share_of(s->count), err);
	return ok;
}

static bool has_window(const struct follow *f, int64_t market_id)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->windows[i].market.id == market_id)
			return true;
	return false;
}

/* A market that was listed since may fit a pattern: all that it has is new. */
static bool look_for_markets(struct follow *f, struct err *err)
{
	const struct options *o = &f->c->options;
	struct selection now = { NULL, 0 };
	int64_t count;
	if (!selection_markets(&f->c->reader, &count, err))
		return false;
	if (count == f->markets)
		return true;
	f->markets = count;
	bool ok = selection_load(&now, &f->c->reader, o->names, o->name_count, err) == EXIT_OK;
	for (size_t i = 0; ok && i < now.count; i++)
		if (!has_window(f, now.markets[i].id))
			ok = add_window(f, &now.markets[i], share_of(now.count), err);
	for (size_t i = 0; i < f->count; i++)
		f->windows[i].keys_max = share_of(f->count);
	selection_release(&now);
	return ok;
}

/* The minutes' last keys are looked through: a row that the pass before has seen is not remembered twice. */
static bool remember_once(struct window *w, const struct tape_row *row)
{
	int64_t minute = row->time_us / US_PER_MINUTE;
	if (minute < w->first_minute)
		return true;
	struct key key = key_of(row);
	struct minute *m = minute_at(w, minute);
	for (size_t i = m ? m->count : 0; i > 0 && m->keys[i - 1].time_us == key.time_us; i--)
		if (m->keys[i - 1].id == key.id && m->keys[i - 1].kind == key.kind)
			return true;
	if (!m || !remember(w, m, row))
		return false;
	m->trades = (int64_t)m->count;
	trim(w);
	return true;
}

static bool remember_range(struct follow *f, struct window *w, int64_t from_us, int64_t to_us, struct err *err)
{
	struct row_stream stream;
	bool ok = row_stream_init(&stream, &f->c->reader, &w->market, from_us, to_us, err);
	do {
		ok = ok && row_stream_next(&stream, err);
		for (size_t i = 0; ok && i < stream.count; i++)
			ok = remember_once(w, &stream.rows[i]) || err_set(err, "out of memory");
	} while (ok && stream.count > 0 && !stop_wanted());
	row_stream_release(&stream);
	return ok;
}

/* What lies before the first row that is printed: trades of its very microsecond may lie on both sides of it.  NULL: there is none,
 * and what comes behind the stream's place is new. */
static bool remember_before(struct follow *f, struct window *w, const struct tape_row *first, const struct row_stream *stream,
                            struct err *err)
{
	int64_t from_us = w->first_minute * US_PER_MINUTE;
	int64_t to_us = first ? first->time_us + 1 : stream->after_id ? stream->after_us + 1 : stream->from_us;
	return from_us >= to_us || remember_range(f, w, from_us, to_us, err);
}

/* What is on the tape at the start: printed from the place asked for, remembered before it. */
static bool start(struct follow *f, int64_t newest, struct err *err)
{
	const struct range *range = &f->c->options.range;
	const struct selection *s = &f->c->selection;
	const struct tape_row *row;
	struct row_merge merge;
	size_t market;
	bool begun = false, ok = row_merge_init(&merge, &f->c->reader, s, range->from_us, range->to_us, newest, err);
	while (ok && !out_stopped(&f->c->out) && !stop_wanted() && (ok = row_merge_next(&merge, &row, &market, err))) {
		for (size_t i = 0; ok && !begun && i < s->count; i++)
			ok = remember_before(f, &f->windows[i], row, &merge.sources[i].stream, err);
		begun = true;
		if (!row)
			break;
		trade_put(&f->c->out, &s->markets[market], row);
		ok = ok && (remember_once(&f->windows[market], row) || err_set(err, "out of memory"));
	}
	row_merge_release(&merge);
	return ok;
}

static void release(struct follow *f)
{
	for (size_t i = 0; i < f->count; i++) {
		forget_before(&f->windows[i], INT64_MAX);
		free(f->windows[i].minutes);
	}
	free(f->windows);
	free(f->news);
}

enum exit_code follow(struct context *c, int64_t newest, struct err *err)
{
	const struct range *range = &c->options.range;
	struct follow f = { .c = c };
	struct change change = { .stmt = NULL };
	bool changed, unseen = true; /* unseen: something changed since the whole windows were looked at */
	stop_watch();
	bool ok = open_windows(&f, err) && start(&f, newest, err);
	while (ok && !out_stopped(&c->out) && !stop_wanted()) {
		out_flush(&c->out);
		/* The last trades before --until may be late by the time that coverage allows for. */
		bool over = range->has_to && wall_us() > range->to_us + COVERAGE_SLACK_US;
		ok = change_wait(&change, &c->reader, &c->out, &changed, err);
		unseen |= changed;
		bool whole = over || (unseen && wall_us() >= f.whole_look_us + WHOLE_LOOK_US);
		if (ok && whole)
			ok = look_for_markets(&f, err);
		if (ok && (changed || whole))
			ok = look(&f, whole, err);
		if (whole)
			unseen = false;
		if (over)
			break;
	}
	change_release(&change);
	release(&f);
	return ok ? EXIT_OK : EXIT_TAPE;
}
