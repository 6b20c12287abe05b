/* Walks a market's trades and candles side by side, from the first minute to the last: a chunk is one snapshot of both. */
#include "query/read/ask.h"
#include "query/verify/verify.h"
#include "query/words.h"

#include "schema/base/vec.h"
#include "schema/value/candle.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_ROWS 16384 /* and the rest of the minute */
#define CHUNK_MINUTES 4096
#define MINUTE_MAX (TIME_US_MAX / US_PER_MINUTE)

struct seen_trade {
	struct trade trade; /* of an unsound one only the time */
	bool sound;
	bool listed;        /* in stray_id ... */
	int64_t listed_us;  /* ... as standing there */
};

struct seen_candle {
	int64_t minute;
	bool sound;
	struct candle candle; /* owned */
};

struct walk {
	struct reader *reader;       /* borrowed, as the next two */
	const struct market *market;
	struct market_proof *proof;
	int64_t next_minute;
	/* The chunk. */
	bool over;                   /* there is none */
	int64_t start_minute, end_minute;
	bool unordered, strays;      /* market.ids_unordered; are there any strays? */
	bool has_before;
	struct trade before;         /* the last trade in order of the chunks before */
	struct seen_trade *trades;   /* owned */
	size_t trade_count;
	struct seen_candle *candles; /* owned, CHUNK_MINUTES */
	size_t candle_count;
	sqlite3_stmt *find_stray;
	int64_t *epochs;             /* owned; where the market's ids begin again; by time */
	size_t epoch_count;
	struct candle made;          /* owned; out of a minute's trades */
};

/* stray_id holds ids as they are, not relative to a time. */
static const struct id_rule absolute = { .per_ms = 0, .epoch_ms = 0 };

/* The epoch of the market's ids in which a time lies: [*from_us, *until_us). */
static void epoch_around(const struct walk *w, int64_t time_us, int64_t *from_us, int64_t *until_us)
{
	*from_us = INT64_MIN;
	*until_us = INT64_MAX;
	for (size_t i = 0; i < w->epoch_count; i++) {
		if (w->epochs[i] > time_us) {
			*until_us = w->epochs[i];
			return;
		}
		*from_us = w->epochs[i];
	}
}

static bool look_at_epochs(struct walk *w, struct err *err)
{
	sqlite3_stmt *stmt = verify_prepare(w->reader, "SELECT from_us FROM id_epoch WHERE market_id = ?1 ORDER BY from_us", w->market->id,
	                                    NULL, 0, err);
	bool ok = stmt;
	w->epoch_count = 0;
	while (ok && reader_step(stmt) == SQLITE_ROW) {
		int64_t *grown = vec_grow(w->epochs, w->epoch_count, sizeof *grown);
		if (!grown) {
			ok = err_set(err, "out of memory");
			break;
		}
		w->epochs = grown;
		w->epochs[w->epoch_count++] = sqlite3_column_int64(stmt, 0);
	}
	return verify_finalize(w->reader, stmt, ok, err);
}

static bool find_listed(struct walk *w, const struct trade *t, bool *listed, int64_t *listed_us)
{
	int64_t from_us, until_us;
	epoch_around(w, t->time_us, &from_us, &until_us);
	trade_id_bind(w->find_stray, 2, &t->id, 0, absolute);
	sqlite3_bind_int64(w->find_stray, 3, from_us);
	sqlite3_bind_int64(w->find_stray, 4, until_us);
	int rc = reader_step(w->find_stray);
	*listed = rc == SQLITE_ROW;
	*listed_us = *listed ? sqlite3_column_int64(w->find_stray, 0) : 0;
	sqlite3_reset(w->find_stray);
	return rc == SQLITE_ROW || rc == SQLITE_DONE;
}

static bool room_for_trade(struct walk *w, struct err *err)
{
	struct seen_trade *grown = vec_grow(w->trades, w->trade_count, sizeof *grown);
	if (!grown)
		return err_set(err, "out of memory");
	w->trades = grown;
	return true;
}

/* Where the chunk begins, and what the market is now. */
static bool look_ahead(struct walk *w, struct err *err)
{
	static const char sql[] =
		"SELECT (SELECT time_us FROM trade WHERE market_id = ?1 AND time_us >= ?2 * 60000000 AND time_us <= ?3"
		" ORDER BY time_us LIMIT 1) / 60000000, (SELECT min(minute) FROM candle_1m WHERE market_id = ?1 AND minute >= ?2"
		" AND minute <= ?3 / 60000000), (SELECT ids_unordered FROM market WHERE market_id = ?1),"
		" EXISTS (SELECT 1 FROM stray_id WHERE market_id = ?1)";
	const int64_t values[] = { w->next_minute, TIME_US_MAX };
	sqlite3_stmt *stmt = verify_prepare(w->reader, sql, w->market->id, values, 2, err);
	if (!stmt)
		return false;
	if (reader_step(stmt) == SQLITE_ROW) {
		bool trade = sqlite3_column_type(stmt, 0) != SQLITE_NULL, candle = sqlite3_column_type(stmt, 1) != SQLITE_NULL;
		int64_t trade_minute = sqlite3_column_int64(stmt, 0), candle_minute = sqlite3_column_int64(stmt, 1);
		w->over = !trade && !candle;
		w->start_minute = trade && (!candle || trade_minute < candle_minute) ? trade_minute : candle_minute;
		w->end_minute = w->start_minute + CHUNK_MINUTES;
		w->unordered = sqlite3_column_int(stmt, 2) != 0;
		w->strays = sqlite3_column_int(stmt, 3) != 0;
	}
	return verify_finalize(w->reader, stmt, true, err);
}

static bool look_at_trades(struct walk *w, struct err *err)
{
	static const char sql[] = "SELECT time_us, id, price, size, lag_us FROM trade WHERE market_id = ?1 AND time_us >= ?2"
	                          " AND time_us < ?3 ORDER BY time_us, id";
	const int64_t values[] = { w->start_minute * US_PER_MINUTE, w->end_minute * US_PER_MINUTE };
	sqlite3_stmt *stmt = verify_prepare(w->reader, sql, w->market->id, values, 2, err);
	bool ok = stmt;
	while (ok && reader_step(stmt) == SQLITE_ROW) {
		int64_t minute = sqlite3_column_int64(stmt, 0) / US_PER_MINUTE;
		if (w->trade_count >= CHUNK_ROWS && minute != w->trades[w->trade_count - 1].trade.time_us / US_PER_MINUTE) {
			w->end_minute = minute;
			break;
		}
		ok = room_for_trade(w, err);
		if (!ok)
			break;
		struct seen_trade *t = &w->trades[w->trade_count++];
		*t = (struct seen_trade){ .sound = false };
		t->sound = trade_column(stmt, 0, w->market->rule, &t->trade);
		if (t->sound && w->strays && t->trade.id.kind != TRADE_ID_NONE && !find_listed(w, &t->trade, &t->listed, &t->listed_us))
			ok = reader_failed(w->reader, err);
	}
	return verify_finalize(w->reader, stmt, ok, err);
}

static bool look_at_candles(struct walk *w, struct err *err)
{
	static const char sql[] = "SELECT minute, open, high, low, close, volume, buy_volume, turnover, trades FROM candle_1m"
	                          " WHERE market_id = ?1 AND minute >= ?2 AND minute < ?3 ORDER BY minute";
	const int64_t values[] = { w->start_minute, w->end_minute };
	sqlite3_stmt *stmt = verify_prepare(w->reader, sql, w->market->id, values, 2, err);
	while (stmt && w->candle_count < CHUNK_MINUTES && reader_step(stmt) == SQLITE_ROW) {
		struct seen_candle *k = &w->candles[w->candle_count++];
		k->minute = sqlite3_column_int64(stmt, 0);
		k->sound = candle_column(stmt, 1, &k->candle);
	}
	return verify_finalize(w->reader, stmt, stmt, err);
}

/* The trade in order before the chunk, as it is in this snapshot: the tail of the order may become a stray. */
static bool look_back(struct walk *w, struct err *err)
{
	static const char sql[] = "SELECT time_us, id, price, size, lag_us FROM trade WHERE market_id = ?1 AND time_us < ?2"
	                          " AND time_us >= 0 ORDER BY time_us DESC, id DESC";
	const int64_t values[] = { w->start_minute * US_PER_MINUTE };
	sqlite3_stmt *stmt = verify_prepare(w->reader, sql, w->market->id, values, 1, err);
	bool ok = stmt;
	while (ok && !w->has_before && !w->unordered && reader_step(stmt) == SQLITE_ROW) {
		bool listed = false;
		int64_t listed_us;
		if (!trade_column(stmt, 0, w->market->rule, &w->before) || w->before.id.kind == TRADE_ID_NONE)
			continue;
		if (w->strays && !find_listed(w, &w->before, &listed, &listed_us))
			ok = reader_failed(w->reader, err);
		w->has_before = ok && !listed;
	}
	return verify_finalize(w->reader, stmt, ok, err);
}

static bool look(void *to, struct err *err)
{
	struct walk *w = to;
	w->trade_count = w->candle_count = 0;
	w->has_before = false;
	w->find_stray = verify_prepare(w->reader, "SELECT time_us FROM stray_id WHERE market_id = ?1 AND trade_id = ?2"
	                               " AND time_us >= ?3 AND time_us < ?4", w->market->id, NULL, 0, err);
	bool ok = w->find_stray && look_at_epochs(w, err) && look_ahead(w, err) &&
	          (w->over || (look_at_trades(w, err) && look_at_candles(w, err) && look_back(w, err)));
	return verify_finalize(w->reader, w->find_stray, ok, err);
}

/* The ids of markets whose trades are numbered one by one. */
static struct id_skips *skips_of(struct walk *w, int64_t time_us)
{
	struct market_proof *p = w->proof;
	int64_t from_us, until_us;
	epoch_around(w, time_us, &from_us, &until_us);
	if (p->epoch_count > 0 && p->epochs[p->epoch_count - 1].from_us == from_us)
		return &p->epochs[p->epoch_count - 1];
	struct id_skips *grown = vec_grow(p->epochs, p->epoch_count, sizeof *grown);
	if (!grown)
		return NULL;
	p->epochs = grown;
	if (p->epoch_count > 0)
		p->epochs[p->epoch_count - 1].until_us = from_us;
	p->epochs[p->epoch_count] = (struct id_skips){ .from_us = from_us, .until_us = INT64_MAX };
	return &p->epochs[p->epoch_count++];
}

static bool judge_step(struct walk *w, const struct seen_trade *s, const char *id, const char *time, struct err *err)
{
	struct finding *f = &w->proof->ids;
	if (s->trade.id.kind == TRADE_ID_LONG)
		return true; /* 2^63 or above: the exchange sent it, and nothing is counted so */
	if (s->trade.id.kind != TRADE_ID_NUMBER) {
		finding_add(f, "the trade at %s has no number for an id, though the market's ids are numbered one by one", time);
		return true;
	}
	struct id_skips *skips = skips_of(w, s->trade.time_us);
	if (!skips)
		return err_set(err, "out of memory");
	switch (id_skips_add(skips, s->trade.id.number, s->trade.time_us, s->trade.recv_wall_us != 0)) {
	case ID_TWICE:
		finding_add(f, "id %s is there twice, the second time at %s", id, time);
		return true;
	case ID_NO_MEMORY:
		return err_set(err, "out of memory");
	case ID_NEXT:
	case ID_MISSED:
	case ID_BEFORE:
	default:
		return true;
	}
}

/* Each id once, and growing but for the strays. */
static bool judge_id(struct walk *w, const struct seen_trade *s, struct err *err)
{
	struct finding *f = &w->proof->ids;
	const struct trade *t = &s->trade;
	char id[TRADE_ID_TEXT_SIZE], time[TIME_TEXT_SIZE], before[TRADE_ID_TEXT_SIZE];
	trade_id_format(&t->id, id);
	time_format(t->time_us, time);
	if (w->proof->ids_step && !judge_step(w, s, id, time, err))
		return false;
	if (t->id.kind == TRADE_ID_NONE)
		return true;
	if (s->listed && s->listed_us != t->time_us) {
		char listed[TIME_TEXT_SIZE];
		time_format(s->listed_us, listed);
		finding_add(f, "id %s is there twice: at %s, and by stray_id at %s", id, time, listed);
	} else if (w->unordered && !s->listed) {
		finding_add(f, "id %s at %s is not in stray_id, though the market's ids are unordered", id, time);
	} else if (!w->unordered && !s->listed) {
		int64_t from_us, until_us;
		epoch_around(w, t->time_us, &from_us, &until_us);
		if (w->has_before && w->before.time_us >= from_us && trade_id_compare(&t->id, &w->before.id) <= 0) {
			trade_id_format(&w->before.id, before);
			finding_add(f, "id %s at %s stands behind id %s: it is there twice, or not in stray_id", id, time, before);
		}
		w->before = *t;
		w->has_before = true;
	}
	return true;
}

static const char *candle_difference(const struct candle *a, const struct candle *b)
{
	if (a->trades != b->trades)
		return "the number of trades";
	if (decimal_compare(&a->open, &b->open) != 0)
		return "the opening price";
	if (decimal_compare(&a->high, &b->high) != 0)
		return "the highest price";
	if (decimal_compare(&a->low, &b->low) != 0)
		return "the lowest price";
	if (decimal_compare(&a->close, &b->close) != 0)
		return "the closing price";
	if (exact_compare(&a->volume, &b->volume) != 0)
		return "the volume";
	if (exact_compare(&a->buy_volume, &b->buy_volume) != 0)
		return "the buyers' volume";
	return exact_compare(&a->turnover, &b->turnover) != 0 ? "the turnover" : NULL;
}

/* `made` has no trades where there is none in that minute; `stored` is NULL where there is no candle. */
static void judge_candle(struct walk *w, int64_t minute, const struct candle *made, const struct seen_candle *stored)
{
	struct finding *f = &w->proof->candles;
	char time[TIME_TEXT_SIZE];
	time_format(minute * US_PER_MINUTE, time);
	w->proof->minutes += stored != NULL;
	if (!stored)
		finding_add(f, "there are trades at %s, and no candle", time);
	else if (!stored->sound)
		finding_add(f, "the candle of %s makes no sense", time);
	else if (made->trades == 0)
		finding_add(f, "there is a candle of %s, and no trade", time);
	else if (candle_difference(made, &stored->candle))
		finding_add(f, "the candle of %s differs from its trades in %s", time, candle_difference(made, &stored->candle));
}

static bool judge_trade(struct walk *w, const struct seen_trade *s, const struct seen_trade *before, struct err *err)
{
	struct finding *f = &w->proof->trades;
	char time[TIME_TEXT_SIZE];
	w->proof->rows++;
	time_format(s->trade.time_us, time);
	if (!s->sound) {
		finding_add(f, "a trade at %s makes no sense", time);
		return true;
	}
	if (before && before->sound && trade_compare(&before->trade, &s->trade) >= 0)
		finding_add(f, "the trade at %s is out of order", time);
	candle_add(&w->made, &s->trade);
	return judge_id(w, s, err);
}

/* Minute by minute, of those that have trades or a candle. */
static bool judge(struct walk *w, struct err *err)
{
	size_t t = 0, k = 0;
	while (t < w->trade_count || k < w->candle_count) {
		int64_t minute = t < w->trade_count ? w->trades[t].trade.time_us / US_PER_MINUTE : INT64_MAX;
		bool stored = k < w->candle_count && w->candles[k].minute <= minute;
		if (stored)
			minute = w->candles[k].minute;
		candle_clear(&w->made);
		bool any = false;
		for (; t < w->trade_count && w->trades[t].trade.time_us / US_PER_MINUTE == minute; t++) {
			any = true;
			if (!judge_trade(w, &w->trades[t], t > 0 ? &w->trades[t - 1] : NULL, err))
				return false;
		}
		if (stored || any)
			judge_candle(w, minute, &w->made, stored ? &w->candles[k] : NULL);
		k += stored;
	}
	return true;
}

static bool read_outside(void *to, sqlite3_stmt *stmt, struct err *err)
{
	(void)err;
	struct market_proof *proof = to;
	proof->ids_step = sqlite3_column_int(stmt, 2) != 0;
	int64_t trades = sqlite3_column_int64(stmt, 0), candles = sqlite3_column_int64(stmt, 1);
	if (trades > 0)
		finding_add(&proof->trades, "%" PRId64 " trade%s before 1970 or beyond the year 9999", trades, plural(trades));
	if (candles > 0)
		finding_add(&proof->candles, "%" PRId64 " candle%s before 1970 or beyond the year 9999", candles, plural(candles));
	return true;
}

static void forget(void *to)
{
	*(struct market_proof *)to = (struct market_proof){ .rows = 0 };
}

/* The walk is through times that make sense; what lies beyond is counted here. */
static bool look_outside(struct walk *w, struct err *err)
{
	static const char sql[] =
		"SELECT (SELECT count(*) FROM trade WHERE market_id = ?1 AND time_us < 0)"
		" + (SELECT count(*) FROM trade WHERE market_id = ?1 AND time_us > ?2),"
		" (SELECT count(*) FROM candle_1m WHERE market_id = ?1 AND minute < 0)"
		" + (SELECT count(*) FROM candle_1m WHERE market_id = ?1 AND minute > ?3),"
		" (SELECT ids_step FROM market WHERE market_id = ?1)";
	const struct question q = { sql, { w->market->id, TIME_US_MAX, MINUTE_MAX }, 3, forget, read_outside, w->proof };
	return ask(w->reader, &q, err);
}

bool verify_trades(struct reader *r, const struct market *m, struct market_proof *proof, struct err *err)
{
	struct walk w = { .reader = r, .market = m, .proof = proof };
	off_t wal_size = 0;
	bool broken = false, ok = true;
	forget(proof);
	if (!look_outside(&w, err)) {
		if (!verify_damaged(r, &proof->trades, err))
			return false;
		broken = true;
	}
	candle_init(&w.made);
	w.candles = calloc(CHUNK_MINUTES, sizeof *w.candles);
	if (!w.candles)
		ok = err_set(err, "out of memory");
	for (size_t i = 0; ok && i < CHUNK_MINUTES; i++)
		candle_init(&w.candles[i].candle);
	while (ok && !broken && !w.over) {
		ok = verify_snapshot(r, look, &w, &proof->trades, &broken, err) && (broken || w.over || judge(&w, err));
		w.next_minute = w.end_minute;
		let_recorder_pass(r, &wal_size);
	}
	if (broken) {
		finding_add(&proof->candles, "not all could be compared: the trades cannot be read");
		finding_add(&proof->ids, "not all could be looked at: the trades cannot be read");
	}
	for (size_t i = 0; w.candles && i < CHUNK_MINUTES; i++)
		candle_release(&w.candles[i].candle);
	candle_release(&w.made);
	free(w.candles);
	free(w.trades);
	free(w.epochs);
	return ok;
}

void market_proof_release(struct market_proof *proof)
{
	for (size_t i = 0; i < proof->epoch_count; i++)
		id_skips_release(&proof->epochs[i]);
	free(proof->epochs);
}
