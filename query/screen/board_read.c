/* Trades of 300 markets lie in 300 places of the tape, so looking for the newest of each is what a round costs.  The
 * one-minute candles lie closer together and count each minute's trades: a round asks them, for every market, for the
 * minutes that may still change, and reads the trades of those alone whose count has changed.  All of it in one
 * transaction of a few milliseconds, after PRAGMA data_version has said that something was written. */
#include "query/screen/board.h"

#include "query/read/coverage.h"

#include "schema/tape/statements.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOW_US US_PER_SECOND             /* health, gaps, new markets */
#define RETRY_US (US_PER_SECOND / 2)      /* of a tape that cannot be read */
#define LEARN_PER_STEP 4                  /* markets whose habit is read in one step */
#define LEARN_AGAIN_US (300 * US_PER_SECOND) /* so long a trade that came by backfill may be missing in old minutes */
#define LEARN_TRADES 256

enum {
	STMT_VERSION, STMT_BEGIN, STMT_COMMIT, STMT_MINUTES, STMT_LAST, STMT_PRICE_BEFORE, STMT_FIRST_PRICE, STMT_PAUSES,
	STMT_TAIL,
};

static const char *const sql_of[] = {
	[STMT_VERSION] = "PRAGMA data_version",
	[STMT_BEGIN] = "BEGIN",
	[STMT_COMMIT] = "COMMIT",
	[STMT_MINUTES] = "SELECT minute, trades, close FROM candle_1m WHERE market_id = ?1 AND minute >= ?2",
	[STMT_LAST] = ("SELECT time_us, id, price, size, lag_us FROM trade WHERE market_id = ?1"
	               " ORDER BY time_us DESC, id DESC LIMIT ?2"),
	[STMT_PRICE_BEFORE] = "SELECT close FROM candle_1m WHERE market_id = ?1 AND minute < ?2 ORDER BY minute DESC LIMIT 1",
	[STMT_FIRST_PRICE] = "SELECT open FROM candle_1m WHERE market_id = ?1 ORDER BY minute LIMIT 1",
	[STMT_PAUSES] = "SELECT minute FROM candle_1m WHERE market_id = ?1 AND minute >= ?2 ORDER BY minute",
	[STMT_TAIL] = "SELECT count(*) FROM trade WHERE market_id = ?1 AND time_us > ?2 AND time_us < ?3",
};
_Static_assert(sizeof sql_of / sizeof *sql_of == sizeof((struct board *)0)->statements / sizeof(sqlite3_stmt *),
               "a place for each statement");

static void finalize_all(struct board *b)
{
	statements_finalize(b->statements, sizeof sql_of / sizeof *sql_of);
}

/* Ready to be bound and stepped; NULL: err. */
static sqlite3_stmt *ready(struct board *b, int which, int64_t first, int64_t second, struct err *err)
{
	sqlite3_stmt **stmt = &b->statements[which];
	if (b->db != b->reader->db) /* coverage.c or select.c had to open it anew */
		finalize_all(b);
	b->db = b->reader->db;
	if (!*stmt && sqlite3_prepare_v2(b->reader->db, sql_of[which], -1, stmt, NULL) != SQLITE_OK) {
		reader_failed(b->reader, err);
		return NULL;
	}
	sqlite3_bind_int64(*stmt, 1, first); /* where there is no such parameter, nothing happens */
	sqlite3_bind_int64(*stmt, 2, second);
	return *stmt;
}

static bool done(struct board *b, sqlite3_stmt *stmt, struct err *err)
{
	return sqlite3_reset(stmt) == SQLITE_OK || reader_failed(b->reader, err);
}

static bool run(struct board *b, int which, struct err *err)
{
	sqlite3_stmt *stmt = ready(b, which, 0, 0, err);
	if (!stmt)
		return false;
	reader_step(stmt);
	return done(b, stmt, err);
}

static bool damaged(const struct board *b, const struct board_market *m, const char *thing, struct err *err)
{
	char what[MARKET_NAME_SIZE + 40];
	snprintf(what, sizeof what, "a %s of %s makes no sense", thing, m->market.name);
	return reader_damaged(b->reader, what, err);
}

/* The minutes from `from` on.  *changed: a count differs from what we know. */
static bool read_minutes(struct board *b, struct board_market *m, int64_t from, int64_t now_minute, bool *changed, struct err *err)
{
	sqlite3_stmt *stmt = ready(b, STMT_MINUTES, m->market.id, from, err);
	if (!stmt)
		return false;
	while (reader_step(stmt) == SQLITE_ROW) {
		int64_t minute = sqlite3_column_int64(stmt, 0), trades = sqlite3_column_int64(stmt, 1);
		if (minute < 0 || trades <= 0)
			return damaged(b, m, "candle", err);
		if (minute > now_minute + 1) { /* dated ahead: it must not stand in the place of a minute of this hour */
			*changed = true;
			continue;
		}
		struct board_minute *at = &m->minutes[minute % BOARD_MINUTES];
		if ((at->minute == minute && at->trades == trades) || at->minute > minute)
			continue;
		bool negative;
		*at = (struct board_minute){ .minute = minute, .trades = trades };
		*changed = true;
		if (!decimal_column(stmt, 2, &at->close, &negative) || negative)
			return damaged(b, m, "candle", err);
	}
	return done(b, stmt, err);
}

static bool read_last(struct board *b, struct board_market *m, struct err *err)
{
	struct trade t;
	sqlite3_stmt *stmt = ready(b, STMT_LAST, m->market.id, 1, err);
	if (!stmt)
		return false;
	bool found = reader_step(stmt) == SQLITE_ROW;
	if (found && !trade_column(stmt, 0, m->market.rule, &t))
		return damaged(b, m, "trade", err);
	if (!done(b, stmt, err) || !found)
		return found || err->text[0] == '\0';
	int order = m->traded ? decimal_compare(&t.price, &m->price) : 0;
	if (order != 0)
		m->direction = order > 0 ? 1 : -1;
	m->traded = true;
	m->last_us = t.time_us;
	m->price = t.price;
	m->size = t.size;
	m->side = t.side;
	m->received = t.recv_wall_us != 0;
	m->lag_us = t.recv_wall_us - t.time_us;
	if (m->learned)
		pace_trade(&m->pace, t.time_us);
	return true;
}

/* The close of the last candle before `minute`, else the first open there is. */
static bool read_price_at(struct board *b, struct board_market *m, int64_t minute, bool *has, struct decimal *price,
                          struct err *err)
{
	static const int ways[] = { STMT_PRICE_BEFORE, STMT_FIRST_PRICE };
	*has = false;
	for (size_t i = 0; i < sizeof ways / sizeof *ways && !*has; i++) {
		sqlite3_stmt *stmt = ready(b, ways[i], m->market.id, minute, err);
		bool negative;
		if (!stmt)
			return false;
		*has = reader_step(stmt) == SQLITE_ROW;
		if (*has && (!decimal_column(stmt, 0, price, &negative) || negative))
			return damaged(b, m, "candle", err);
		if (!done(b, stmt, err))
			return false;
	}
	return true;
}

static bool read_references(struct board *b, struct board_market *m, int64_t minute, struct err *err)
{
	return read_price_at(b, m, minute - minute % 1440, &m->has_day, &m->day_price, err) &&
	       read_price_at(b, m, minute - 60, &m->has_hour, &m->hour_price, err);
}

/* What is new in every market, in one transaction. */
static bool read_round(struct board *b, int64_t now_us, struct err *err)
{
	int64_t minute = now_us / US_PER_MINUTE;
	bool ok = run(b, STMT_BEGIN, err);
	for (size_t i = 0; ok && i < b->count; i++) {
		struct board_market *m = &b->markets[i];
		bool changed = !m->loaded;
		/* The minute before this one may still change, and an exchange's clock may be behind. */
		int64_t from = minute - 1;
		if (m->traded && m->last_us / US_PER_MINUTE < from)
			from = m->last_us / US_PER_MINUTE;
		if (!m->loaded)
			from = minute - BOARD_MINUTES + 1;
		ok = read_minutes(b, m, from, minute, &changed, err) && (!changed || read_last(b, m, err));
		if (ok && (!m->loaded || minute != b->minute || (changed && !m->has_day)))
			ok = read_references(b, m, minute, err);
		m->loaded = m->loaded || ok;
		b->version += changed;
	}
	b->minute = minute;
	return ok && run(b, STMT_COMMIT, err);
}

/* Of the last 60 seconds, what lies in the minute before this one: the rest is this minute's candle. */
static bool count_tail(struct board *b, struct board_market *m, int64_t now_us, struct err *err)
{
	int64_t minute = now_us / US_PER_MINUTE;
	const struct board_minute *before = &m->minutes[(minute - 1) % BOARD_MINUTES];
	m->tail_minute = minute;
	m->tail = 0;
	if (before->minute != minute - 1 || before->trades == 0)
		return true;
	sqlite3_stmt *stmt = ready(b, STMT_TAIL, m->market.id, now_us - US_PER_MINUTE, err);
	if (!stmt)
		return false;
	sqlite3_bind_int64(stmt, 3, minute * US_PER_MINUTE);
	if (reader_step(stmt) == SQLITE_ROW)
		m->tail = sqlite3_column_int64(stmt, 0);
	return done(b, stmt, err);
}

/* Once a second, in one transaction. */
static bool count_tails(struct board *b, int64_t now_us, struct err *err)
{
	bool ok = run(b, STMT_BEGIN, err);
	for (size_t i = 0; ok && i < b->count; i++)
		ok = count_tail(b, &b->markets[i], now_us, err);
	b->tail_us = now_us;
	return ok && run(b, STMT_COMMIT, err);
}

/* The pauses of a day, by candles: minutes without a trade of which nothing was missed. */
static bool learn_day(struct board *b, struct board_market *m, int64_t now_us, struct err *err)
{
	struct coverage coverage;
	if (!coverage_load(&coverage, b->reader, &m->market, err))
		return false;
	sqlite3_stmt *stmt = ready(b, STMT_PAUSES, m->market.id, now_us / US_PER_MINUTE - 1440, err);
	for (int64_t before = -1; stmt && reader_step(stmt) == SQLITE_ROW;) {
		int64_t minute = sqlite3_column_int64(stmt, 0);
		int64_t from_us = (before + 1) * US_PER_MINUTE, to_us = minute * US_PER_MINUTE;
		if (before >= 0 && to_us > from_us && coverage_holds(&coverage, from_us, to_us))
			pace_pause(&m->pace, to_us - from_us);
		before = minute;
	}
	coverage_release(&coverage);
	return stmt && done(b, stmt, err);
}

/* The newest trades tell the pace, and which way the price went. */
static bool learn(struct board *b, struct board_market *m, int64_t now_us, struct err *err)
{
	int64_t times_us[LEARN_TRADES];
	size_t count = 0;
	struct decimal newest = { .scale = 0 };
	int direction = 0;
	sqlite3_stmt *stmt = ready(b, STMT_LAST, m->market.id, LEARN_TRADES, err);
	if (!stmt)
		return false;
	while (count < LEARN_TRADES && reader_step(stmt) == SQLITE_ROW) {
		struct trade t;
		if (!trade_column(stmt, 0, m->market.rule, &t))
			return damaged(b, m, "trade", err);
		if (count == 0)
			newest = t.price;
		else if (direction == 0)
			direction = decimal_compare(&newest, &t.price);
		times_us[count++] = t.time_us;
	}
	if (!done(b, stmt, err))
		return false;
	m->pace = (struct pace){ .last_us = 0 };
	for (size_t i = count; i-- > 0;)
		pace_trade(&m->pace, times_us[i]);
	if (direction != 0)
		m->direction = direction > 0 ? 1 : -1;
	m->learned = true;
	m->learned_us = now_us;
	b->version++;
	return learn_day(b, m, now_us, err);
}

static bool learn_some(struct board *b, int64_t now_us, size_t most, struct err *err)
{
	for (size_t looked = 0; most > 0 && looked < b->count; looked++) {
		struct board_market *m = &b->markets[b->learn_at++ % b->count];
		if (m->learned && now_us - m->learned_us < LEARN_AGAIN_US)
			continue;
		bool again = m->learned, changed = false;
		if (!learn(b, m, now_us, err))
			return false;
		/* Old minutes that a backfill has added to. */
		if (again && !read_minutes(b, m, now_us / US_PER_MINUTE - BOARD_MINUTES + 1, now_us / US_PER_MINUTE, &changed, err))
			return false;
		most -= again ? most : 1; /* the first time is worth more than a refresh */
	}
	return true;
}

/* The markets that the names mean now; those known already keep what is known of them. */
static bool load_markets(struct board *b, struct err *err)
{
	struct selection s;
	enum exit_code code = selection_load(&s, b->reader, b->names, b->name_count, err);
	if (code == EXIT_TAPE || code == EXIT_FAILED)
		return false;
	if (code != EXIT_OK) /* on a tape that has replaced another, a name may be missing */
		selection_release(&s);
	struct board_market *markets = calloc(s.count + 1, sizeof *markets);
	if (!markets) {
		selection_release(&s);
		return err_set(err, "out of memory");
	}
	for (size_t i = 0; i < s.count; i++) {
		for (size_t k = 0; k < b->count; k++)
			if (b->markets[k].market.id == s.markets[i].id && strcmp(b->markets[k].market.name, s.markets[i].name) == 0)
				markets[i] = b->markets[k];
		markets[i].market = s.markets[i]; /* it may be wanted no longer */
	}
	free(b->markets);
	b->markets = markets;
	b->count = s.count;
	b->version++;
	selection_release(&s);
	return true;
}

/* Health, gaps, and whether there are more markets than before. */
static bool read_slow(struct board *b, int64_t now_us, struct err *err)
{
	struct board_health before = b->health;
	sqlite3_stmt *stmt = NULL;
	if (sqlite3_prepare_v2(b->reader->db, "SELECT (SELECT count(*) FROM market) * 4294967296 + (SELECT count(*) + count(to_us) FROM wanted)", -1, &stmt, NULL) != SQLITE_OK)
		return reader_failed(b->reader, err);
	int64_t mark = reader_step(stmt) == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : -1;
	if (sqlite3_finalize(stmt) != SQLITE_OK)
		return reader_failed(b->reader, err);
	if (mark != b->market_mark && (!load_markets(b, err) || !read_round(b, now_us, err)))
		return false;
	b->market_mark = mark;
	if (!board_read_health(b, now_us, err))
		return false;
	board_tell_recorder(b, &before, now_us);
	b->slow_us = now_us;
	return true;
}

/* What was known of the tape is void. */
static void forget(struct board *b)
{
	free(b->markets);
	b->markets = NULL;
	b->count = 0;
	b->health = (struct board_health){ .open_gaps = 0 };
	b->life_seen = LIFE_NEVER;
}

/* After an opening of any sort: is it the tape that we knew? */
static void opened(struct board *b, int64_t now_us)
{
	const struct reader_view *seen = &b->reader->seen;
	finalize_all(b);
	b->data_version = b->market_mark = -1;
	b->slow_us = 0;
	if (b->ino != 0 && (b->dev != (int64_t)seen->dev || b->ino != (int64_t)seen->ino)) {
		forget(b);
		board_say(b, now_us, "another tape stands under this name now");
	} else if (b->trouble[0]) {
		board_say(b, now_us, "the tape can be read again");
	}
	b->dev = (int64_t)seen->dev;
	b->ino = (int64_t)seen->ino;
	b->trouble[0] = '\0';
	b->version++;
}

static bool look(struct board *b, int64_t now_us, struct err *err)
{
	if (!b->reader->db) {
		if (now_us < b->retry_us && now_us >= b->retry_us - RETRY_US)
			return false;
		if (!reader_open(b->reader, b->path, err))
			return false;
		opened(b, now_us);
		return true;
	}
	enum reader_change change;
	if (!reader_check(b->reader, &change, err))
		return false;
	if (change != READER_SAME)
		opened(b, now_us);
	return true;
}

static bool step(struct board *b, int64_t now_us, struct err *err)
{
	sqlite3_stmt *stmt = ready(b, STMT_VERSION, 0, 0, err);
	if (!stmt)
		return false;
	int64_t version = reader_step(stmt) == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : -1;
	if (!done(b, stmt, err))
		return false;
	bool changed = version != b->data_version;
	b->data_version = version;
	if ((changed || now_us / US_PER_MINUTE != b->minute) && !read_round(b, now_us, err))
		return false;
	if ((now_us - b->slow_us >= SLOW_US || now_us < b->slow_us) && !read_slow(b, now_us, err))
		return false;
	if (now_us / US_PER_SECOND != b->tail_us / US_PER_SECOND && !count_tails(b, now_us, err))
		return false;
	return learn_some(b, now_us, LEARN_PER_STEP, err);
}

void board_lost(struct board *b, int64_t now_us, const struct err *err)
{
	if (strcmp(b->trouble, err->text) != 0) {
		snprintf(b->trouble, sizeof b->trouble, "%s", err->text);
		b->version++;
	}
	finalize_all(b);
	reader_close(b->reader);
	b->retry_us = now_us + RETRY_US;
}

void board_step(struct board *b, int64_t now_us)
{
	struct err err = { "" };
	if (now_us > b->note_until_us && b->note[0]) {
		b->note[0] = '\0';
		b->version++;
	}
	if (look(b, now_us, &err) && step(b, now_us, &err))
		return;
	if (err.text[0]) /* else it was not tried yet */
		board_lost(b, now_us, &err);
}

void board_learn_all(struct board *b, int64_t now_us)
{
	struct err err = { "" };
	if (b->reader->db && !learn_some(b, now_us, b->count, &err))
		snprintf(b->trouble, sizeof b->trouble, "%s", err.text);
}

bool board_init(struct board *b, struct reader *r, const char *const *names, size_t name_count, struct err *err)
{
	*b = (struct board){ .reader = r, .names = names, .name_count = name_count, .path = strdup(r->path) };
	if (!b->path)
		return err_set(err, "out of memory");
	opened(b, 0);
	return true;
}

void board_release(struct board *b)
{
	finalize_all(b);
	free(b->markets);
	free(b->path);
	*b = (struct board){ .reader = NULL };
}
