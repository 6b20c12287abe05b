#include "recorder/tape/identity.h"

#include "recorder/tape/duplicates.h"
#include "schema/tape/schema.h"

#include <stdlib.h>

/* Ids have nothing to do with time where so many strays stand in the way, in all and for each trade. */
#define SKIPPED_MAX 20000
#define SKIPPED_A_TRADE 8

#define BEYOND_US "60000000" /* gaps are asked for somewhat beyond their end */
#define ROW "SELECT time_us, id, price, size, lag_us FROM trade WHERE market_id = ?1 "

bool identity_init(struct identity *i, sqlite3 *db, struct fault *fault, struct err *err)
{
	*i = (struct identity){ .fault = fault, .duplicates = duplicates_new() };
	if (!i->duplicates)
		return err_set(err, "out of memory");
	return id_epochs_init(&i->epochs, db, fault, err) &&
	       tape_prepare(db, &i->rows_at, ROW "AND time_us = ?2 ORDER BY id", err) &&
	       tape_prepare(db, &i->no_id_until, "SELECT max(ifnull(to_us, 9223372036854775807 - " BEYOND_US ")) + " BEYOND_US " FROM gap "
	                                   "WHERE market_id = ?1 AND filled > 0", err) &&
	       tape_prepare(db, &i->at_or_after, ROW "AND (time_us, id) >= (?2, ?3) AND time_us < ?4 ORDER BY time_us, id", err) &&
	       tape_prepare(db, &i->before, ROW "AND (time_us, id) < (?2, ?3) AND time_us >= ?4 ORDER BY time_us DESC, id DESC", err) &&
	       tape_prepare(db, &i->last, ROW "AND time_us >= ?2 AND time_us < ?3 ORDER BY time_us DESC, id DESC", err) &&
	       tape_prepare(db, &i->any_stray, "SELECT 1 FROM stray_id WHERE market_id = ?1 LIMIT 1", err) &&
	       tape_prepare(db, &i->unordered, "SELECT ids_unordered FROM market WHERE market_id = ?1", err) &&
	       tape_prepare(db, &i->set_unordered, "UPDATE market SET ids_unordered = 1 WHERE market_id = ?1", err) &&
	       tape_prepare(db, &i->stray_add_all,
	                    "INSERT OR IGNORE INTO stray_id SELECT t.market_id, CASE typeof(t.id) WHEN 'integer' THEN "
	                    "t.id + (t.time_us / 1000 - m.id_epoch_ms) * m.id_per_ms ELSE t.id END, t.time_us "
	                    "FROM market m JOIN trade t USING (market_id) WHERE m.market_id = ?1 AND typeof(t.id) <> 'blob'", err) &&
	       tape_prepare(db, &i->stray_find, "SELECT time_us FROM stray_id WHERE market_id = ?1 AND trade_id = ?2 AND time_us >= ?3 AND time_us < ?4", err) &&
	       tape_prepare(db, &i->stray_add, "INSERT INTO stray_id (market_id, trade_id, time_us) VALUES (?1, ?2, ?3)", err);
}

void identity_release(struct identity *i)
{
	duplicates_free(i->duplicates);
	id_epochs_release(&i->epochs);
	sqlite3_finalize(i->rows_at);
	sqlite3_finalize(i->no_id_until);
	sqlite3_finalize(i->at_or_after);
	sqlite3_finalize(i->before);
	sqlite3_finalize(i->last);
	sqlite3_finalize(i->any_stray);
	sqlite3_finalize(i->unordered);
	sqlite3_finalize(i->set_unordered);
	sqlite3_finalize(i->stray_add_all);
	sqlite3_finalize(i->stray_find);
	sqlite3_finalize(i->stray_add);
	free(i->markets);
}

bool identity_set_market(struct identity *i, uint32_t market, int64_t market_id, struct id_rule rule)
{
	if (market >= i->market_count) {
		struct identity_market *grown = realloc(i->markets, (market + 1) * sizeof *grown);
		if (!grown)
			return fault_memory(i->fault);
		for (size_t m = i->market_count; m <= market; m++)
			grown[m] = (struct identity_market){ .market_id = 0 };
		i->markets = grown;
		i->market_count = market + 1;
	}
	if (i->markets[market].market_id != market_id)
		i->markets[market] = (struct identity_market){ .market_id = market_id, .rule = rule, .no_id_until_us = INT64_MIN };
	return true;
}

void identity_forget(struct identity *i)
{
	for (size_t m = 0; m < i->market_count; m++)
		i->markets[m].known = false;
	duplicates_forget(i->duplicates);
}

enum found { FOUND_ERROR, FOUND_NONE, FOUND_ROW };

static enum found found_by(enum step step)
{
	return step == STEP_ROW ? FOUND_ROW : step == STEP_DONE ? FOUND_NONE : FOUND_ERROR;
}

/* The trade of the row at hand. */
static bool read_trade(struct identity *i, const struct identity_market *m, sqlite3_stmt *stmt, struct trade *row)
{
	return trade_column(stmt, 0, m->rule, row) || fault_column(stmt, i->fault);
}

/* stray_id holds ids as they are, not relative to a time. */
static const struct id_rule absolute = { .per_ms = 0, .epoch_ms = 0 };

static enum found find_stray(struct identity *i, const struct identity_market *m, const struct trade_id *id, int64_t *time_us)
{
	sqlite3_bind_int64(i->stray_find, 1, m->market_id);
	sqlite3_bind_int64(i->stray_find, 3, m->from_us);
	sqlite3_bind_int64(i->stray_find, 4, m->until_us);
	if (!fault_bound(i->stray_find, trade_id_bind(i->stray_find, 2, id, 0, absolute), i->fault))
		return FOUND_ERROR;
	enum step step = fault_step(i->stray_find, i->fault);
	if (step == STEP_ROW)
		*time_us = sqlite3_column_int64(i->stray_find, 0);
	sqlite3_reset(i->stray_find);
	return found_by(step);
}

/* at_or_after and before end with the epoch of the market's ids. */
static void bind_epoch(struct identity *i, sqlite3_stmt *stmt, const struct identity_market *m)
{
	sqlite3_bind_int64(stmt, 4, stmt == i->before ? m->from_us : m->until_us);
}

/* The first row of a bound `stmt` that counts: no stray, and with an id. */
static enum found first_in_order(struct identity *i, struct identity_market *m, sqlite3_stmt *stmt, struct trade *row)
{
	enum found found = FOUND_NONE;
	enum step step = STEP_ROW;
	while (found == FOUND_NONE && (step = fault_step(stmt, i->fault)) == STEP_ROW) {
		int64_t stray_time_us;
		if (!read_trade(i, m, stmt, row)) {
			found = FOUND_ERROR;
		} else if (row->id.kind != TRADE_ID_NONE) {
			found = m->has_strays ? find_stray(i, m, &row->id, &stray_time_us) : FOUND_NONE;
			found = found == FOUND_NONE ? FOUND_ROW : found == FOUND_ROW ? FOUND_NONE : FOUND_ERROR;
			m->skipped += found == FOUND_NONE;
		}
	}
	if (step == STEP_FAILED)
		found = FOUND_ERROR;
	sqlite3_reset(stmt);
	return found;
}

static bool bind_key(struct identity *i, sqlite3_stmt *stmt, const struct identity_market *m, int64_t time_us, const struct trade_id *id)
{
	sqlite3_bind_int64(stmt, 1, m->market_id);
	sqlite3_bind_int64(stmt, 2, time_us);
	bind_epoch(i, stmt, m);
	return fault_bound(stmt, trade_id_bind(stmt, 3, id, time_us, m->rule), i->fault);
}

/* The one integer that a statement tells of a market; `none` where there is no row, or NULL in it. */
static bool ask_int(struct identity *i, sqlite3_stmt *stmt, const struct identity_market *m, int64_t none, int64_t *value)
{
	sqlite3_bind_int64(stmt, 1, m->market_id);
	enum step step = fault_step(stmt, i->fault);
	*value = step == STEP_ROW && sqlite3_column_type(stmt, 0) != SQLITE_NULL ? sqlite3_column_int64(stmt, 0) : none;
	sqlite3_reset(stmt);
	return step != STEP_FAILED;
}

/* Of the epoch in which time_us lies. */
static bool load(struct identity *i, struct identity_market *m, int64_t time_us)
{
	int64_t unordered, no_id_until_us, any_stray;
	m->placed = m->skipped = 0;
	if (!id_epochs_around(&i->epochs, m->market_id, time_us, &m->from_us, &m->until_us))
		return false;
	if (!ask_int(i, i->unordered, m, 0, &unordered) || !ask_int(i, i->no_id_until, m, INT64_MIN, &no_id_until_us))
		return false;
	m->ids_unordered = unordered != 0;
	if (no_id_until_us > m->no_id_until_us)
		m->no_id_until_us = no_id_until_us;
	if (m->ids_unordered)
		return m->known = true;
	if (!ask_int(i, i->any_stray, m, 0, &any_stray))
		return false;
	m->has_strays = any_stray != 0;
	sqlite3_bind_int64(i->last, 1, m->market_id);
	sqlite3_bind_int64(i->last, 2, m->from_us);
	sqlite3_bind_int64(i->last, 3, m->until_us);
	enum found found = first_in_order(i, m, i->last, &m->tail);
	m->has_rows = found == FOUND_ROW;
	m->known = found != FOUND_ERROR;
	return m->known;
}

/* The row at exactly (time, id), stray or not. */
static enum found row_at(struct identity *i, const struct identity_market *m, int64_t time_us, const struct trade_id *id,
                         struct trade *row)
{
	if (!bind_key(i, i->at_or_after, m, time_us, id))
		return FOUND_ERROR;
	enum step step = fault_step(i->at_or_after, i->fault);
	enum found found = step == STEP_DONE ? FOUND_NONE : FOUND_ERROR;
	if (step == STEP_ROW && read_trade(i, m, i->at_or_after, row))
		found = row->time_us == time_us && trade_id_compare(&row->id, id) == 0 ? FOUND_ROW : FOUND_NONE;
	sqlite3_reset(i->at_or_after);
	return found;
}

/* The first row in order at or after a time. */
static enum found first_from(struct identity *i, struct identity_market *m, int64_t time_us, struct trade *row)
{
	sqlite3_bind_int64(i->at_or_after, 1, m->market_id);
	sqlite3_bind_int64(i->at_or_after, 2, time_us);
	sqlite3_bind_int64(i->at_or_after, 3, INT64_MIN);
	bind_epoch(i, i->at_or_after, m);
	return first_in_order(i, m, i->at_or_after, row);
}

/* Looks for `id` among the rows in order of times from_us to to_us, where a row of to_us exists. */
static enum found search(struct identity *i, struct identity_market *m, const struct trade_id *id, int64_t from_us,
                         int64_t to_us, struct trade *row)
{
	enum found found = first_from(i, m, from_us, row);
	if (found != FOUND_ROW || trade_id_compare(&row->id, id) > 0)
		return found == FOUND_ROW ? FOUND_NONE : found;
	/* The first row from low_us on has an id <= `id`, the first from high_us on a greater one (or lies beyond to_us). */
	int64_t low_us = row->time_us, high_us = to_us + 1;
	while (high_us - low_us > 1) {
		int64_t middle_us = low_us + (high_us - low_us) / 2;
		found = first_from(i, m, middle_us, row);
		if (found != FOUND_ROW)
			return found;
		if (trade_id_compare(&row->id, id) <= 0)
			low_us = row->time_us;
		else
			high_us = middle_us;
	}
	return row_at(i, m, low_us, id, row);
}

static enum identity_answer answer_of(enum found found)
{
	return found == FOUND_ROW ? IDENTITY_REPEATED : found == FOUND_NONE ? IDENTITY_NEW : IDENTITY_ERROR;
}

static bool add_stray(struct identity *i, struct identity_market *m, const struct trade *trade)
{
	sqlite3_bind_int64(i->stray_add, 1, m->market_id);
	sqlite3_bind_int64(i->stray_add, 3, trade->time_us);
	m->has_strays = true;
	return fault_bound(i->stray_add, trade_id_bind(i->stray_add, 2, &trade->id, 0, absolute), i->fault) &&
	       fault_done(i->stray_add, i->fault);
}

/* It fits nowhere by id: it stands at another time, or it, or the tail, is a stray. */
static enum identity_answer place_out_of_order(struct identity *i, struct identity_market *m, const struct trade *trade,
                                               int64_t from_us, int64_t to_us, struct trade *there)
{
	enum identity_answer answer = answer_of(search(i, m, &trade->id, from_us, to_us, there));
	if (answer != IDENTITY_NEW)
		return answer;
	struct trade before_tail;
	enum found found = FOUND_ERROR;
	if (bind_key(i, i->before, m, m->tail.time_us, &m->tail.id))
		found = first_in_order(i, m, i->before, &before_tail);
	if (found == FOUND_ERROR)
		return IDENTITY_ERROR;
	if (found == FOUND_NONE ||
	    (trade_compare(&before_tail, trade) < 0 && trade_id_compare(&before_tail.id, &trade->id) < 0)) {
		struct trade tail = m->tail;
		m->tail = *trade;
		return add_stray(i, m, &tail) ? IDENTITY_NEW : IDENTITY_ERROR;
	}
	return add_stray(i, m, trade) ? IDENTITY_NEW : IDENTITY_ERROR;
}

/* From here on every id of the market is looked up in stray_id, and nowhere else. */
static bool give_up_order(struct identity *i, struct identity_market *m)
{
	bool ok = true;
	sqlite3_stmt *const steps[] = { i->stray_add_all, i->set_unordered };
	for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
		sqlite3_bind_int64(steps[k], 1, m->market_id);
		ok = ok && fault_done(steps[k], i->fault);
	}
	m->ids_unordered = m->has_strays = ok;
	return ok;
}

/* By stray_id: FOUND_ROW sets *there. */
static enum found find_listed(struct identity *i, const struct identity_market *m, const struct trade_id *id,
                              struct trade *there)
{
	int64_t time_us;
	enum found found = find_stray(i, m, id, &time_us);
	if (found != FOUND_ROW)
		return found;
	found = row_at(i, m, time_us, id, there);
	if (found == FOUND_NONE)
		fault_set(i->fault, FAULT_NONSENSE, "a trade that stray_id names is not on the tape");
	return found == FOUND_ROW ? FOUND_ROW : FOUND_ERROR;
}

static bool is_twin(const struct trade *a, const struct trade *b)
{
	return a->side == b->side && decimal_compare(&a->price, &b->price) == 0 && decimal_compare(&a->size, &b->size) == 0;
}

/* Equal rows of one connection are different trades; of two connections, the larger count stands: the n-th equal row of a
 * connection is new if the tape has fewer than n. */
static enum identity_answer place_without_id(struct identity *i, struct identity_market *m, struct trade *trade,
                                             uint32_t connection, struct trade *there)
{
	size_t on_connection = duplicates_count(i->duplicates, m->market_id, connection, trade), on_tape = 0;
	struct trade row;
	enum step step;
	if (on_connection == 0) {
		fault_memory(i->fault);
		return IDENTITY_ERROR;
	}
	trade->id.number = 0;
	sqlite3_bind_int64(i->rows_at, 1, m->market_id);
	sqlite3_bind_int64(i->rows_at, 2, trade->time_us);
	while ((step = fault_step(i->rows_at, i->fault)) == STEP_ROW && read_trade(i, m, i->rows_at, &row)) {
		if (row.id.kind == TRADE_ID_NONE)
			trade->id.number = row.id.number + 1;
		if (is_twin(&row, trade)) {
			on_tape++;
			*there = row;
		}
	}
	sqlite3_reset(i->rows_at);
	if (step != STEP_DONE)
		return IDENTITY_ERROR;
	if (on_connection <= on_tape)
		return IDENTITY_REPEATED;
	if (trade->time_us > m->no_id_until_us)
		m->no_id_until_us = trade->time_us;
	return IDENTITY_NEW;
}

/* A trade with a new id: does it stand there without one? */
static enum identity_answer find_without_id(struct identity *i, const struct identity_market *m, const struct trade *trade,
                                            struct trade *there)
{
	enum identity_answer answer = IDENTITY_ERROR;
	struct trade row;
	enum step step;
	sqlite3_bind_int64(i->rows_at, 1, m->market_id);
	sqlite3_bind_int64(i->rows_at, 2, trade->time_us);
	while ((step = fault_step(i->rows_at, i->fault)) == STEP_ROW && read_trade(i, m, i->rows_at, &row)) {
		if (row.id.kind == TRADE_ID_NONE && is_twin(&row, trade)) {
			*there = row;
			answer = IDENTITY_NEW_ID;
			break;
		}
	}
	sqlite3_reset(i->rows_at);
	return step == STEP_DONE ? IDENTITY_NEW : answer;
}

static enum identity_answer place_with_id(struct identity *i, struct identity_market *m, struct trade *trade,
                                          struct trade *there)
{
	m->placed++;
	if (!m->ids_unordered && m->skipped > SKIPPED_MAX && m->skipped > SKIPPED_A_TRADE * m->placed && !give_up_order(i, m))
		return IDENTITY_ERROR;
	if (m->ids_unordered || m->has_strays) {
		enum found found = find_listed(i, m, &trade->id, there);
		if (found != FOUND_NONE)
			return answer_of(found);
		if (m->ids_unordered)
			return add_stray(i, m, trade) ? IDENTITY_NEW : IDENTITY_ERROR;
	}
	if (!m->has_rows) {
		m->tail = *trade;
		m->has_rows = true;
		return IDENTITY_NEW;
	}
	if (trade_compare(trade, &m->tail) > 0) {
		if (trade_id_compare(&trade->id, &m->tail.id) <= 0)
			return place_out_of_order(i, m, trade, m->from_us, m->tail.time_us, there);
		m->tail = *trade;
		return IDENTITY_NEW;
	}

	struct trade before;
	if (!bind_key(i, i->at_or_after, m, trade->time_us, &trade->id))
		return IDENTITY_ERROR;
	switch (first_in_order(i, m, i->at_or_after, there)) {
	case FOUND_ROW:
		break;
	case FOUND_NONE: /* the tail is there at least */
		fault_set(i->fault, FAULT_NONSENSE, "the newest trade of a market is gone from the tape");
		return IDENTITY_ERROR;
	case FOUND_ERROR:
	default:
		return IDENTITY_ERROR;
	}
	int order = trade_id_compare(&trade->id, &there->id);
	if (order == 0)
		return IDENTITY_REPEATED;
	if (order > 0) {
		if (trade_id_compare(&trade->id, &m->tail.id) > 0)
			return place_out_of_order(i, m, trade, m->tail.time_us, m->tail.time_us, there);
		return place_out_of_order(i, m, trade, there->time_us, m->tail.time_us, there);
	}
	if (!bind_key(i, i->before, m, trade->time_us, &trade->id))
		return IDENTITY_ERROR;
	enum found found = first_in_order(i, m, i->before, &before);
	if (found != FOUND_ROW || trade_id_compare(&before.id, &trade->id) < 0)
		return found == FOUND_ERROR ? IDENTITY_ERROR : IDENTITY_NEW;
	return place_out_of_order(i, m, trade, m->from_us, before.time_us, there);
}

enum identity_answer identity_place(struct identity *i, struct trade *trade, uint32_t connection, struct trade *there)
{
	struct identity_market *m = &i->markets[trade->market];
	if (trade->id.kind == TRADE_ID_NONE)
		return place_without_id(i, m, trade, connection, there);
	bool same_epoch = m->known && trade->time_us >= m->from_us && trade->time_us < m->until_us;
	if (!same_epoch && !load(i, m, trade->time_us))
		return IDENTITY_ERROR;
	enum identity_answer answer = place_with_id(i, m, trade, there);
	if (answer == IDENTITY_NEW && trade->time_us <= m->no_id_until_us)
		answer = find_without_id(i, m, trade, there);
	return answer;
}

int64_t identity_newest_us(const struct identity *i, uint32_t market)
{
	const struct identity_market *m = &i->markets[market];
	if (m->known && m->until_us != INT64_MAX)
		return INT64_MAX;
	return m->known && !m->ids_unordered && m->has_rows ? m->tail.time_us : INT64_MIN;
}

bool identity_moves_epoch(struct identity *i, const struct trade *trade, bool *moved)
{
	struct identity_market *m = &i->markets[trade->market];
	*moved = m->known && m->until_us != INT64_MAX && !m->ids_unordered && m->has_rows && trade->time_us > m->tail.time_us;
	if (!*moved)
		return true;
	m->known = false;
	return id_epochs_move(&i->epochs, m->market_id, m->until_us, trade->time_us);
}

bool identity_begin_epoch(struct identity *i, uint32_t market, int64_t from_us)
{
	i->markets[market].known = false;
	return id_epochs_begin(&i->epochs, i->markets[market].market_id, from_us);
}
