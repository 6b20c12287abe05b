#include "recorder/tape/batch.h"

#include "recorder/clock.h"
#include "recorder/log.h"
#include "recorder/tape/duplicates.h"
#include "schema/base/timefmt.h"
#include "schema/tape/statements.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const sql[BATCH_STATEMENTS] = {
	[BATCH_BEGIN] = "BEGIN IMMEDIATE",
	[BATCH_COMMIT] = "COMMIT",
	[BATCH_ROLLBACK] = "ROLLBACK",
	[BATCH_ADD_MARKET] = "INSERT INTO market (exchange, symbol, base, quote, id_per_ms, id_epoch_ms, ids_step) "
	                     "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) "
	                     "ON CONFLICT (exchange, symbol) DO UPDATE SET ids_step = excluded.ids_step, "
	                     "base = iif(excluded.base <> '', excluded.base, base), "
	                     "quote = iif(excluded.base <> '', excluded.quote, quote)",
	[BATCH_GET_MARKET] = "SELECT market_id, id_per_ms, id_epoch_ms FROM market WHERE exchange = ?1 AND symbol = ?2",
	[BATCH_INSERT] = "INSERT INTO trade (market_id, time_us, id, price, size, lag_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	[BATCH_DELETE] = "DELETE FROM trade WHERE market_id = ?1 AND time_us = ?2 AND id = ?3",
	[BATCH_ADD_TICKER] = "INSERT OR IGNORE INTO ticker VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
};

bool batch_writer_init(struct batch_writer *w, sqlite3 *db, size_t queue_limit, _Atomic int64_t *next_gap_id, struct err *err)
{
	struct fault *fault = &w->fault;
	*w = (struct batch_writer){ .db = db, .next_gap_id = next_gap_id };
	return identity_init(&w->identity, db, fault, err) && candle_book_init(&w->book, db, fault, err) &&
	       gap_rows_init(&w->gaps, db, fault, err) && audit_rows_init(&w->audits, db, fault, err) &&
	       heartbeat_rows_init(&w->beats, db, queue_limit, fault, err) &&
	       wanted_rows_init(&w->wanted, db, fault, err) &&
	       statements_prepare(db, w->statements, sql, BATCH_STATEMENTS, err);
}

void batch_writer_release(struct batch_writer *w)
{
	identity_release(&w->identity);
	candle_book_release(&w->book);
	gap_rows_release(&w->gaps);
	audit_rows_release(&w->audits);
	heartbeat_rows_release(&w->beats);
	wanted_rows_release(&w->wanted);
	statements_finalize(w->statements, BATCH_STATEMENTS);
	free(w->markets);
}

static bool done(struct batch_writer *w, sqlite3_stmt *stmt)
{
	return fault_done(stmt, &w->fault);
}

/* The row of a bound `stmt`, which gives it or fails. */
static bool has_row(struct batch_writer *w, sqlite3_stmt *stmt)
{
	enum step step = fault_step(stmt, &w->fault);
	return step == STEP_ROW || (step == STEP_DONE && fault_set(&w->fault, FAULT_NONSENSE, "a row that was written is not there"));
}

/* The market's row on the tape, made if it is new. */
static bool write_market(struct batch_writer *w, uint32_t index, const struct market *market)
{
	sqlite3_stmt *add_market = w->statements[BATCH_ADD_MARKET];
	sqlite3_stmt *get_market = w->statements[BATCH_GET_MARKET];
	if (index >= w->market_count) {
		struct tape_market *grown = realloc(w->markets, (index + 1) * sizeof *grown);
		if (!grown)
			return fault_memory(&w->fault);
		for (size_t m = w->market_count; m <= index; m++)
			grown[m] = (struct tape_market){ .market = NULL };
		w->markets = grown;
		w->market_count = index + 1;
	}
	w->markets[index].market = market;
	sqlite3_bind_text(add_market, 1, market->exchange->name, -1, SQLITE_STATIC);
	sqlite3_bind_text(add_market, 2, market->symbol, -1, SQLITE_STATIC);
	sqlite3_bind_text(add_market, 3, market->base, -1, SQLITE_STATIC);
	sqlite3_bind_text(add_market, 4, market->quote, -1, SQLITE_STATIC);
	sqlite3_bind_int64(add_market, 5, market->exchange->id_rule.per_ms);
	sqlite3_bind_int64(add_market, 6, market->exchange->id_rule.epoch_ms);
	sqlite3_bind_int64(add_market, 7, market->exchange->ids_step);
	if (!done(w, add_market))
		return false;
	sqlite3_bind_text(get_market, 1, market->exchange->name, -1, SQLITE_STATIC);
	sqlite3_bind_text(get_market, 2, market->symbol, -1, SQLITE_STATIC);
	bool ok = has_row(w, get_market);
	/* the tape's rule, not this build's: the rows that are there were written by it */
	struct id_rule rule = { .per_ms = sqlite3_column_int64(get_market, 1),
		                .epoch_ms = sqlite3_column_int64(get_market, 2) };
	ok = ok && identity_set_market(&w->identity, index, sqlite3_column_int64(get_market, 0), rule);
	sqlite3_reset(get_market);
	return ok && (market->channel != CHANNEL_TRADES ||
	              wanted_rows_put(&w->wanted, w->identity.markets[index].market_id, clock_wall_us()));
}

/* The first stays; that the exchange said two things is worth knowing. */
static void tell_difference(const struct batch_writer *w, const struct trade *trade, const struct trade *there)
{
	if (trade->time_us == there->time_us && trade->side == there->side && decimal_compare(&trade->price, &there->price) == 0 &&
	    decimal_compare(&trade->size, &there->size) == 0)
		return;
	const struct trade *both[] = { there, trade };
	char id[TRADE_ID_TEXT_SIZE], text[2][TIME_TEXT_SIZE + 2 * DECIMAL_TEXT_SIZE + 8];
	for (int k = 0; k < 2; k++) {
		char time[TIME_TEXT_SIZE], price[DECIMAL_TEXT_SIZE], size[DECIMAL_TEXT_SIZE];
		time_format(both[k]->time_us, time);
		decimal_format(&both[k]->price, price);
		decimal_format(&both[k]->size, size);
		snprintf(text[k], sizeof text[k], "%s,%s,%s,%s", time, price, size, side_name(both[k]->side));
	}
	trade_id_format(&trade->id, id);
	log_each("trade-differs", LOG_WARNING, "trade-differs", "market=%s trade_id=%s kept=%s came=%s",
	         w->markets[trade->market].market->name, id, text[0], text[1]);
}

static bool insert(struct batch_writer *w, const struct identity_market *market, const struct trade *trade)
{
	sqlite3_stmt *stmt = w->statements[BATCH_INSERT];
	sqlite3_bind_int64(stmt, 1, market->market_id);
	sqlite3_bind_int64(stmt, 2, trade->time_us);
	if (!fault_bound(stmt, trade_id_bind(stmt, 3, &trade->id, trade->time_us, market->rule), &w->fault) ||
	    !fault_bound(stmt, decimal_bind(stmt, 4, &trade->price, false), &w->fault) ||
	    !fault_bound(stmt, decimal_bind(stmt, 5, &trade->size, trade->side == SIDE_SELL), &w->fault))
		return false;
	if (trade->recv_wall_us != 0)
		sqlite3_bind_int64(stmt, 6, trade->recv_wall_us - trade->time_us);
	else
		sqlite3_bind_null(stmt, 6);
	return done(w, stmt);
}

/* REST put it back before, without its id: the row gets the id, and stays one that came by backfill. */
static bool give_id(struct batch_writer *w, const struct identity_market *market, struct trade *trade, const struct trade *there)
{
	sqlite3_stmt *stmt = w->statements[BATCH_DELETE];
	sqlite3_bind_int64(stmt, 1, market->market_id);
	sqlite3_bind_int64(stmt, 2, there->time_us);
	trade->recv_wall_us = 0;
	return fault_bound(stmt, trade_id_bind(stmt, 3, &there->id, there->time_us, market->rule), &w->fault) &&
	       done(w, stmt) && insert(w, market, trade) &&
	       candle_book_recount(&w->book, market->market_id, market->rule, trade->time_us);
}

/* One gap holds the trades that are near each other: the last one of its kind is made to hold that time, or a new one is begun. */
static struct gap_mark gap_holding(struct batch_writer *w, const struct gap_mark *last, int64_t time_us, const struct gap_mark *kind)
{
	struct gap_mark gap = *last;
	if (gap.gap_id == 0 || time_us < gap.from_us - US_PER_MINUTE || time_us > gap.to_us + US_PER_MINUTE) {
		gap = *kind;
		gap.gap_id = atomic_fetch_add(w->next_gap_id, 1);
		gap.from_us = time_us;
		gap.to_us = time_us + 1;
		gap.from_id = gap.to_id = GAP_NO_ID;
	}
	gap.from_us = time_us < gap.from_us ? time_us : gap.from_us;
	gap.to_us = time_us >= gap.to_us ? time_us + 1 : gap.to_us;
	return gap;
}

/* The exchange gave one id to two trades: they differ in both price and time, and the second is missing on the tape. */
static bool put_reused(struct batch_writer *w, const struct trade *trade)
{
	static const struct gap_mark kind = { .reason = GAP_NEW_IDS, .state = GAP_UNFILLABLE,
		                              .note = "an id came again with another price and time: the first one stands" };
	struct gap_mark *last = &w->markets[trade->market].reused;
	*last = gap_holding(w, last, trade->time_us, &kind); /* if this is rolled back, the next one writes it */
	return gap_rows_put(&w->gaps, w->identity.markets[trade->market].market_id, last, clock_wall_us());
}

static bool store(struct batch_writer *w, struct trade *trade, int64_t gap_id, struct written *written)
{
	const struct identity_market *market = &w->identity.markets[trade->market];
	written->stored++;
	return candle_book_add(&w->book, market->market_id, market->rule, trade) && insert(w, market, trade) &&
	       (gap_id == 0 || gap_rows_count(&w->gaps, gap_id));
}

/* The market's ids begin again with the first trade of its run; those of the run are stored, and their gap ends well where it holds
 * nothing else. */
static bool begin_epoch(struct batch_writer *w, uint32_t index, struct written *written)
{
	struct tape_market *m = &w->markets[index];
	const struct id_run run = m->run;
	const struct trade *first = &run.held[0], *last = &run.held[run.count - 1];
	char time[TIME_TEXT_SIZE];
	m->run.count = m->run.others = 0;
	if (!identity_begin_epoch(&w->identity, index, first->time_us))
		return false;
	for (size_t i = 0; i < run.count; i++) {
		struct trade trade = run.held[i], there;
		enum identity_answer answer = identity_place(&w->identity, &trade, 0, &there);
		if (answer == IDENTITY_ERROR || (answer == IDENTITY_NEW && !store(w, &trade, run.gap_ids[i], written)))
			return false;
	}
	time_format(first->time_us, time);
	log_event(LOG_WARNING, "new-ids", "market=%s from=%s the exchange numbers its trades anew: from here on an id may stand a second time",
	         m->market->name, time);
	struct gap_mark gap = m->reused; /* which stays as it is: all of this may be rolled back */
	if (gap.gap_id == 0 || gap.from_us < first->time_us || gap.to_us > last->time_us + 1)
		return true;
	gap.state = GAP_FILLED;
	snprintf(gap.note, sizeof gap.note, "the exchange numbers its trades anew: all of them are here");
	return gap_rows_put(&w->gaps, w->identity.markets[index].market_id, &gap, clock_wall_us());
}

/* Its id stands already: it is the same trade, or one of a new numbering, or there is a gap in its place. */
static bool write_repeated(struct batch_writer *w, struct item *item, const struct trade *there, struct written *written)
{
	struct trade *trade = &item->trade, again;
	bool another = id_run_is_another(trade, there), moved = false;
	if (another && !identity_moves_epoch(&w->identity, trade, &moved))
		return false;
	if (moved) {
		enum identity_answer answer = identity_place(&w->identity, trade, item->connection, &again);
		if (answer != IDENTITY_REPEATED)
			return answer == IDENTITY_NEW && store(w, trade, item->gap_id, written);
	}
	tell_difference(w, trade, there);
	written->repeated++;
	bool anew = id_run_take(&w->markets[item->market].run, trade, item->gap_id, there, identity_newest_us(&w->identity, item->market));
	return (!another || put_reused(w, trade)) && (!anew || begin_epoch(w, item->market, written));
}

/* REST has it at a time that the tape calls covered, and it never came: coverage was wrong there, and a gap says so and holds it. */
static bool put_unseen(struct batch_writer *w, struct trade *trade, struct written *written)
{
	static const struct gap_mark kind = { .reason = GAP_AUDIT, .state = GAP_FILLED,
		                              .note = "the exchange's REST has trades here that never came" };
	struct gap_mark *last = &w->markets[trade->market].unseen;
	const char *name = w->markets[trade->market].market->name;
	char key[MARKET_NAME_SIZE + 32], time[TIME_TEXT_SIZE];
	*last = gap_holding(w, last, trade->time_us, &kind);
	time_format(trade->time_us, time);
	snprintf(key, sizeof key, "unseen %s", name);
	log_folded(key, LOG_WARNING, "unseen", "market=%s time=%s the exchange's REST has a trade that never came, though nothing was missed: it is put back",
	           name, time);
	return gap_rows_put(&w->gaps, w->identity.markets[trade->market].market_id, last, clock_wall_us()) &&
	       store(w, trade, last->gap_id, written);
}

static bool write_witness(struct batch_writer *w, struct item *item, struct written *written)
{
	bool covered;
	struct trade there;
	if (!gap_rows_covered(&w->gaps, w->identity.markets[item->market].market_id, item->trade.time_us, &covered))
		return false;
	if (!covered)
		return true;
	switch (identity_place(&w->identity, &item->trade, item->connection, &there)) {
	case IDENTITY_NEW:
		return put_unseen(w, &item->trade, written);
	case IDENTITY_NEW_ID: /* it stands without one, as REST gave it */
	case IDENTITY_REPEATED:
		return true;
	case IDENTITY_ERROR:
	default:
		return false;
	}
}

static bool write_trade(struct batch_writer *w, struct item *item, struct written *written)
{
	const struct identity_market *market = &w->identity.markets[item->market];
	struct trade *trade = &item->trade, there;
	switch (identity_place(&w->identity, trade, item->connection, &there)) {
	case IDENTITY_NEW:
		break;
	case IDENTITY_REPEATED:
		return write_repeated(w, item, &there, written);
	case IDENTITY_NEW_ID:
		written->repeated++;
		return give_id(w, market, trade, &there);
	case IDENTITY_ERROR:
	default:
		return false;
	}
	return store(w, trade, item->gap_id, written);
}

static bool write_ticker(struct batch_writer *w, uint32_t market, const struct ticker *ticker)
{
	sqlite3_stmt *stmt = w->statements[BATCH_ADD_TICKER];
	const struct decimal *numbers[] = { &ticker->open, &ticker->high, &ticker->low, &ticker->close, &ticker->volume };
	sqlite3_bind_int64(stmt, 1, w->identity.markets[market].market_id);
	sqlite3_bind_text(stmt, 2, w->markets[market].market->window, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 3, ticker->time_us);
	for (int i = 0; i < 5; i++)
		if (!fault_bound(stmt, decimal_bind(stmt, 4 + i, numbers[i], false), &w->fault))
			return false;
	sqlite3_bind_int64(stmt, 9, ticker->recv_wall_us - ticker->time_us);
	return done(w, stmt);
}

static bool of_market(const struct item *item)
{
	return item->kind != ITEM_HEARTBEAT && item->kind != ITEM_CLOCK;
}

static bool is_known(const struct batch_writer *w, uint32_t market)
{
	return market < w->market_count && w->markets[market].market && market < w->identity.market_count &&
	       w->identity.markets[market].market_id != 0;
}

/* Of what this transaction has written so far, too. */
static bool write_audit(struct batch_writer *w, const struct item *item)
{
	const struct identity_market *market = &w->identity.markets[item->market];
	return candle_book_write(&w->book) &&
	       audit_rows_put(&w->audits, market->market_id, w->markets[item->market].market->name, market->rule, &item->audit);
}

static bool write_item(struct batch_writer *w, struct item *item, struct written *written)
{
	if (of_market(item) && item->kind != ITEM_MARKET && !is_known(w, item->market)) {
		char words[80];
		snprintf(words, sizeof words, "market number %lu was never introduced to the tape", (unsigned long)item->market);
		return fault_set(&w->fault, FAULT_UNKNOWN, words);
	}
	switch (item->kind) {
	case ITEM_MARKET:
		return write_market(w, item->market, item->introduced);
	case ITEM_TRADE:
		return item->gap_id == ITEM_WITNESS ? write_witness(w, item, written) : write_trade(w, item, written);
	case ITEM_TICKER:
		return write_ticker(w, item->market, &item->ticker);
	case ITEM_GAP:
		return gap_rows_put(&w->gaps, w->identity.markets[item->market].market_id, &item->gap, clock_wall_us());
	case ITEM_HEARTBEAT:
		return heartbeat_rows_put(&w->beats, &item->beat);
	case ITEM_CLOCK:
		return heartbeat_rows_clock(&w->beats, &item->clock);
	case ITEM_AUDIT:
		return write_audit(w, item);
	case ITEM_COVERAGE:
	default:
		return gap_rows_cover(&w->gaps, w->identity.markets[item->market].market_id, item->mark.from_us, item->mark.to_us);
	}
}

static bool write_all(struct batch_writer *w, struct item *items, size_t count, struct written *written)
{
	for (size_t i = 0; i < count; i++)
		if (!write_item(w, &items[i], written))
			return false;
	return candle_book_write(&w->book) && done(w, w->statements[BATCH_COMMIT]);
}

/* Begins a transaction.  One whose end failed, too, is undone first. */
static bool begin(struct batch_writer *w)
{
	fault_clear(&w->fault);
	return (sqlite3_get_autocommit(w->db) || done(w, w->statements[BATCH_ROLLBACK])) && done(w, w->statements[BATCH_BEGIN]);
}

/* As if it had never begun; the fault stays. */
static void undo(struct batch_writer *w)
{
	struct fault why = w->fault;
	if (!sqlite3_get_autocommit(w->db))
		(void)done(w, w->statements[BATCH_ROLLBACK]); /* if not, begin() does it */
	identity_forget(&w->identity);
	candle_book_forget(&w->book);
	for (size_t m = 0; m < w->market_count; m++)
		w->markets[m].run.count = w->markets[m].run.others = 0;
	w->fault = why;
}

static bool write_piece(struct batch_writer *w, struct item *items, size_t count, struct written *written)
{
	struct written more = { .items = count };
	if (!begin(w) || !write_all(w, items, count, &more)) {
		undo(w);
		return false;
	}
	duplicates_commit(w->identity.duplicates);
	written->items += more.items;
	written->stored += more.stored;
	written->repeated += more.repeated;
	return true;
}

/* ---- what cannot be stored ---- */

/* Refused trades near each other are one gap. */
static struct gap_mark gap_of(const struct batch_writer *w, const struct trade *trade, const char *words)
{
	const struct tape_market *m = &w->markets[trade->market];
	bool id_proves = m->market->exchange->ids_step && trade->id.kind == TRADE_ID_NUMBER;
	int64_t id = id_proves ? trade->id.number : GAP_NO_ID;
	struct gap_mark gap = { .gap_id = m->refused.gap_id, .from_us = trade->time_us, .to_us = trade->time_us + 1, .from_id = id, .to_id = id,
		                 .reason = GAP_UNPARSEABLE, .state = GAP_UNFILLABLE };
	snprintf(gap.note, sizeof gap.note, "the tape refused it: %.70s", words);
	const struct gap_mark *last = &m->refused;
	if (last->gap_id == 0 || strcmp(last->note, gap.note) != 0 || gap.from_us < last->from_us - US_PER_MINUTE ||
	    gap.to_us > last->to_us + US_PER_MINUTE) {
		gap.gap_id = atomic_fetch_add(w->next_gap_id, 1);
		return gap;
	}
	gap.from_us = last->from_us < gap.from_us ? last->from_us : gap.from_us;
	gap.to_us = last->to_us > gap.to_us ? last->to_us : gap.to_us;
	gap.from_id = last->from_id < gap.from_id ? last->from_id : gap.from_id; /* GAP_NO_ID is less than all */
	gap.to_id = last->to_id == GAP_NO_ID || gap.to_id == GAP_NO_ID ? GAP_NO_ID : last->to_id > gap.to_id ? last->to_id : gap.to_id;
	return gap;
}

/* The fault is this item's alone: the rest goes on without it, and a trade leaves a gap in the ledger.  false: it does not. */
static bool refuse(struct batch_writer *w, const struct item *item, struct written *written)
{
	static const char *const kinds[] = { [ITEM_MARKET] = "market", [ITEM_TRADE] = "trade", [ITEM_TICKER] = "ticker",
		                             [ITEM_COVERAGE] = "coverage", [ITEM_GAP] = "gap", [ITEM_HEARTBEAT] = "beat", [ITEM_CLOCK] = "clock",
		                             [ITEM_AUDIT] = "audit" };
	const struct fault why = w->fault;
	bool known = of_market(item) && is_known(w, item->market);
	char key[MARKET_NAME_SIZE + 32];
	if (item->kind == ITEM_MARKET || (item->kind == ITEM_GAP && known))
		return false; /* without it the tape would not say what it lacks */
	if (item->kind == ITEM_TRADE && known) {
		struct gap_mark gap = gap_of(w, &item->trade, why.words);
		if (!begin(w) || !gap_rows_put(&w->gaps, w->identity.markets[item->market].market_id, &gap, clock_wall_us()) ||
		    !done(w, w->statements[BATCH_COMMIT])) {
			undo(w);
			return false;
		}
		w->markets[item->market].refused = gap;
	}
	const char *name = known ? w->markets[item->market].market->name : "none";
	snprintf(key, sizeof key, "row-refused %s", name);
	log_folded(key, LOG_ERROR, "row-refused", "market=%s what=%s reason=\"%s\" it is not stored%s; the rest is", name, kinds[item->kind],
	           why.words, item->kind == ITEM_TRADE && known ? ", and its gap is in the ledger" : "");
	written->items++;
	written->refused += item->kind == ITEM_TRADE || item->kind == ITEM_TICKER;
	fault_clear(&w->fault);
	return true;
}

static enum write_result failure(const struct batch_writer *w, struct err *err)
{
	err_set(err, "%s", w->fault.words);
	return fault_is_damage(&w->fault) || fault_is_refusal(&w->fault) ? WRITE_FATAL : WRITE_AGAIN;
}

enum write_result batch_writer_write(struct batch_writer *w, struct item *items, size_t count, struct written *written,
                                    struct err *err)
{
	*written = (struct written){ .stored = 0 };
	for (size_t piece = count; written->items < count;) {
		struct item *next = items + written->items;
		size_t rest = count - written->items;
		piece = piece < rest ? piece : rest;
		if (write_piece(w, next, piece, written))
			piece *= 2;
		else if (fault_is_refusal(&w->fault) && piece > 1)
			piece /= 2; /* until what is refused stands alone */
		else if (!fault_is_refusal(&w->fault) || !refuse(w, next, written))
			return failure(w, err);
	}
	return WRITE_DONE;
}

bool batch_writer_give_up(struct batch_writer *w, const struct loss *loss, uint64_t lost, struct err *err)
{
	int64_t now_us = clock_wall_us();
	bool ok = begin(w);
	for (size_t i = 0; ok && i < loss->market_count; i++)
		ok = !loss->markets[i].introduced || write_market(w, (uint32_t)i, loss->markets[i].introduced);
	for (size_t i = 0; ok && i < loss->gap_count; i++)
		ok = !is_known(w, loss->gaps[i].market) ||
		     gap_rows_put(&w->gaps, w->identity.markets[loss->gaps[i].market].market_id, &loss->gaps[i].gap, now_us);
	for (uint32_t i = 0; ok && i < loss->market_count; i++) {
		struct gap_mark gap;
		if (is_known(w, i) && loss_gap(loss, i, w->markets[i].market->exchange, &gap)) {
			gap.gap_id = atomic_fetch_add(w->next_gap_id, 1);
			ok = gap_rows_put(&w->gaps, w->identity.markets[i].market_id, &gap, now_us);
		}
	}
	ok = ok && heartbeat_rows_stopped(&w->beats, lost) && done(w, w->statements[BATCH_COMMIT]);
	if (!ok) {
		undo(w);
		err_set(err, "%s", w->fault.words);
	}
	return ok;
}

bool batch_writer_stopped(struct batch_writer *w, uint64_t lost, struct err *err)
{
	fault_clear(&w->fault);
	return heartbeat_rows_stopped(&w->beats, lost) || err_set(err, "%s", w->fault.words);
}
