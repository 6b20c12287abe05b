#include "recorder/tape/candle_book.h"

#include "schema/tape/statements.h"
#include "schema/base/timefmt.h"

#include <stdlib.h>

#define SLOTS 4096
#define CANDLES_MAX 4000 /* beyond this, all are dropped after a commit and read anew as they are touched */

struct candle_slot {
	int64_t market_id, minute;
	struct candle candle; /* owned */
	bool is_dirty;
	struct candle_slot *next, *next_dirty;
};

/* Open and close are kept by price alone; whose they are stands in the trades, one seek away. */
#define EDGE "SELECT time_us, id FROM trade WHERE market_id = ?1 AND time_us >= ?2 AND time_us < ?3 ORDER BY "

static const char *const sql[CANDLE_STATEMENTS] = {
	[CANDLE_GET] = "SELECT open, high, low, close, volume, buy_volume, turnover, trades FROM candle_1m WHERE market_id = ?1 AND minute = ?2",
	[CANDLE_PUT] = "INSERT OR REPLACE INTO candle_1m VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
	[CANDLE_FIRST] = EDGE "time_us, id LIMIT 1",
	[CANDLE_LAST] = EDGE "time_us DESC, id DESC LIMIT 1",
	[CANDLE_ROWS] = "SELECT time_us, id, price, size, lag_us FROM trade WHERE market_id = ?1 AND time_us >= ?2 AND time_us < ?3",
};

bool candle_book_init(struct candle_book *b, sqlite3 *db, struct fault *fault, struct err *err)
{
	*b = (struct candle_book){ .fault = fault, .slot_count = SLOTS };
	b->slots = calloc(SLOTS, sizeof *b->slots);
	if (!b->slots)
		return err_set(err, "out of memory");
	return statements_prepare(db, b->statements, sql, CANDLE_STATEMENTS, err);
}

void candle_book_forget(struct candle_book *b)
{
	for (size_t i = 0; i < b->slot_count; i++) {
		for (struct candle_slot *s = b->slots[i], *next; s; s = next) {
			next = s->next;
			candle_release(&s->candle);
			free(s);
		}
		b->slots[i] = NULL;
	}
	b->candle_count = 0;
	b->dirty = NULL;
}

void candle_book_release(struct candle_book *b)
{
	if (b->slots)
		candle_book_forget(b);
	free(b->slots);
	statements_finalize(b->statements, CANDLE_STATEMENTS);
}

static bool read_edge(sqlite3_stmt *stmt, const struct candle_slot *s, struct id_rule rule, int64_t *time_us,
                      struct trade_id *id, struct fault *fault)
{
	sqlite3_bind_int64(stmt, 1, s->market_id);
	sqlite3_bind_int64(stmt, 2, s->minute * US_PER_MINUTE);
	sqlite3_bind_int64(stmt, 3, (s->minute + 1) * US_PER_MINUTE);
	enum step step = fault_step(stmt, fault);
	bool ok = step == STEP_ROW;
	if (step == STEP_DONE)
		fault_set(fault, FAULT_NONSENSE, "a candle of the tape has no trade");
	if (ok) {
		*time_us = sqlite3_column_int64(stmt, 0);
		ok = trade_id_column(stmt, 1, id, *time_us, rule) || fault_column(stmt, fault);
	}
	sqlite3_reset(stmt);
	return ok;
}

/* The candle as the tape has it; empty if it has none. */
static bool load(struct candle_book *b, struct candle_slot *s, struct id_rule rule)
{
	sqlite3_stmt *get = b->statements[CANDLE_GET];
	sqlite3_bind_int64(get, 1, s->market_id);
	sqlite3_bind_int64(get, 2, s->minute);
	enum step step = fault_step(get, b->fault);
	bool ok = step == STEP_DONE ||
	          (step == STEP_ROW && (candle_column(get, 0, &s->candle) || fault_column(get, b->fault)));
	sqlite3_reset(get);
	if (ok && step == STEP_ROW)
		ok = read_edge(b->statements[CANDLE_FIRST], s, rule, &s->candle.open_time_us, &s->candle.open_id, b->fault) &&
		     read_edge(b->statements[CANDLE_LAST], s, rule, &s->candle.close_time_us, &s->candle.close_id, b->fault);
	return ok;
}

static struct candle_slot *find(struct candle_book *b, int64_t market_id, int64_t minute, struct id_rule rule)
{
	uint64_t hash = ((uint64_t)market_id * UINT64_C(0x9e3779b97f4a7c15)) ^ ((uint64_t)minute * UINT64_C(0xc2b2ae3d27d4eb4f));
	struct candle_slot **list = &b->slots[(hash >> 32) % b->slot_count];
	for (struct candle_slot *s = *list; s; s = s->next)
		if (s->market_id == market_id && s->minute == minute)
			return s;
	struct candle_slot *s = calloc(1, sizeof *s);
	if (!s) {
		fault_memory(b->fault);
		return NULL;
	}
	s->market_id = market_id;
	s->minute = minute;
	candle_init(&s->candle);
	if (!load(b, s, rule)) {
		candle_release(&s->candle);
		free(s);
		return NULL;
	}
	s->next = *list;
	*list = s;
	b->candle_count++;
	return s;
}

static void make_dirty(struct candle_book *b, struct candle_slot *s)
{
	if (s->is_dirty)
		return;
	s->is_dirty = true;
	s->next_dirty = b->dirty;
	b->dirty = s;
}

bool candle_book_add(struct candle_book *b, int64_t market_id, struct id_rule rule, const struct trade *trade)
{
	struct candle_slot *s = find(b, market_id, trade->time_us / US_PER_MINUTE, rule);
	if (!s)
		return false;
	candle_add(&s->candle, trade);
	make_dirty(b, s);
	return true;
}

bool candle_book_recount(struct candle_book *b, int64_t market_id, struct id_rule rule, int64_t time_us)
{
	sqlite3_stmt *stmt = b->statements[CANDLE_ROWS];
	struct candle_slot *s = find(b, market_id, time_us / US_PER_MINUTE, rule);
	struct trade trade;
	enum step step;
	bool ok = true;
	if (!s)
		return false;
	candle_release(&s->candle);
	candle_init(&s->candle);
	sqlite3_bind_int64(stmt, 1, market_id);
	sqlite3_bind_int64(stmt, 2, s->minute * US_PER_MINUTE);
	sqlite3_bind_int64(stmt, 3, (s->minute + 1) * US_PER_MINUTE);
	while (ok && (step = fault_step(stmt, b->fault)) != STEP_DONE) {
		ok = step == STEP_ROW && (trade_column(stmt, 0, rule, &trade) || fault_column(stmt, b->fault));
		if (ok)
			candle_add(&s->candle, &trade);
	}
	sqlite3_reset(stmt);
	make_dirty(b, s);
	return ok;
}

bool candle_book_write(struct candle_book *b)
{
	sqlite3_stmt *stmt = b->statements[CANDLE_PUT];
	while (b->dirty) {
		struct candle_slot *s = b->dirty;
		sqlite3_bind_int64(stmt, 1, s->market_id);
		sqlite3_bind_int64(stmt, 2, s->minute);
		if (!fault_bound(stmt, candle_bind(stmt, 3, &s->candle), b->fault) || !fault_done(stmt, b->fault))
			return false;
		s->is_dirty = false;
		b->dirty = s->next_dirty;
	}
	if (b->candle_count > CANDLES_MAX)
		candle_book_forget(b);
	return true;
}
