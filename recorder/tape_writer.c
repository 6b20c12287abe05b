#include "recorder/tape_writer.h"

#include "recorder/log.h"
#include "schema/timefmt.h"

#include <stdio.h>

/* The market's row on the tape, made if it is new. */
static bool claim_market(struct tape_writer *w, uint32_t index, sqlite3_stmt *add, sqlite3_stmt *get, struct err *err)
{
	const struct market *market = &w->plan->markets[index];
	sqlite3_bind_text(add, 1, market->exchange->name, -1, SQLITE_STATIC);
	sqlite3_bind_text(add, 2, market->symbol, -1, SQLITE_STATIC);
	sqlite3_bind_text(add, 3, market->base, -1, SQLITE_STATIC);
	sqlite3_bind_text(add, 4, market->quote, -1, SQLITE_STATIC);
	sqlite3_bind_int64(add, 5, market->exchange->id_rule.per_ms);
	sqlite3_bind_int64(add, 6, market->exchange->id_rule.epoch_ms);
	bool ok = sqlite3_step(add) == SQLITE_DONE;
	sqlite3_reset(add);
	sqlite3_bind_text(get, 1, market->exchange->name, -1, SQLITE_STATIC);
	sqlite3_bind_text(get, 2, market->symbol, -1, SQLITE_STATIC);
	ok = ok && sqlite3_step(get) == SQLITE_ROW;
	if (ok)
		/* the tape's rule, not this build's: the rows that are there were written by it */
		identity_set_market(&w->identity, index, sqlite3_column_int64(get, 0),
		                    (struct id_rule){ .per_ms = sqlite3_column_int64(get, 1), .epoch_ms = sqlite3_column_int64(get, 2) });
	else
		err_set(err, "%s", sqlite3_errmsg(w->db));
	sqlite3_reset(get);
	return ok;
}

static bool claim_markets(struct tape_writer *w, struct err *err)
{
	sqlite3_stmt *add = NULL, *get = NULL;
	bool ok = tape_prepare(w->db, &add,
	                       "INSERT INTO market (exchange, symbol, base, quote, id_per_ms, id_epoch_ms) "
	                       "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (exchange, symbol) "
	                       "DO UPDATE SET base = excluded.base, quote = excluded.quote WHERE excluded.base <> ''", err) &&
	          tape_prepare(w->db, &get,
	                       "SELECT market_id, id_per_ms, id_epoch_ms FROM market WHERE exchange = ?1 AND symbol = ?2", err) &&
	          (sqlite3_step(w->begin) == SQLITE_DONE || err_set(err, "%s", sqlite3_errmsg(w->db)));
	sqlite3_reset(w->begin);
	for (size_t i = 0; ok && i < w->plan->market_count; i++)
		ok = claim_market(w, (uint32_t)i, add, get, err);
	if (ok && sqlite3_step(w->commit) != SQLITE_DONE)
		ok = err_set(err, "%s", sqlite3_errmsg(w->db));
	sqlite3_reset(w->commit);
	sqlite3_finalize(add);
	sqlite3_finalize(get);
	return ok;
}

bool tape_writer_init(struct tape_writer *w, sqlite3 *db, const struct market_plan *plan, struct err *err)
{
	*w = (struct tape_writer){ .db = db, .plan = plan };
	return identity_init(&w->identity, db, plan->market_count, err) && candle_book_init(&w->book, db, err) &&
	       tape_prepare(db, &w->begin, "BEGIN IMMEDIATE", err) && tape_prepare(db, &w->commit, "COMMIT", err) &&
	       tape_prepare(db, &w->rollback, "ROLLBACK", err) &&
	       tape_prepare(db, &w->insert, "INSERT INTO trade (market_id, time_us, id, price, size, lag_us) "
	                                    "VALUES (?1, ?2, ?3, ?4, ?5, ?6)", err) &&
	       tape_prepare(db, &w->cover, "INSERT INTO coverage VALUES (?1, ?2, ?3) ON CONFLICT (market_id, from_us) "
	                                   "DO UPDATE SET to_us = max(to_us, excluded.to_us)", err) &&
	       claim_markets(w, err);
}

void tape_writer_release(struct tape_writer *w)
{
	identity_release(&w->identity);
	candle_book_release(&w->book);
	sqlite3_finalize(w->begin);
	sqlite3_finalize(w->commit);
	sqlite3_finalize(w->rollback);
	sqlite3_finalize(w->insert);
	sqlite3_finalize(w->cover);
}

/* The first stays; that the exchange said two things is worth knowing. */
static void tell_difference(const struct tape_writer *w, const struct trade *trade, const struct trade *there)
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
	log_folded("trade-differs", LOG_ODD, "trade-differs", "market=%s trade_id=%s kept=%s came=%s",
	           w->plan->markets[trade->market].name, id, text[0], text[1]);
}

static bool write_trade(struct tape_writer *w, const struct trade *trade, struct written *written)
{
	const struct identity_market *market = &w->identity.markets[trade->market];
	struct trade there;
	switch (identity_place(&w->identity, trade, &there)) {
	case IDENTITY_NEW:
		break;
	case IDENTITY_REPEATED:
		tell_difference(w, trade, &there);
		written->repeated++;
		return true;
	case IDENTITY_ERROR:
	default:
		return false;
	}
	if (!candle_book_add(&w->book, market->market_id, market->rule, trade))
		return false;
	sqlite3_bind_int64(w->insert, 1, market->market_id);
	sqlite3_bind_int64(w->insert, 2, trade->time_us);
	trade_id_bind(w->insert, 3, &trade->id, trade->time_us, market->rule);
	decimal_bind(w->insert, 4, &trade->price, false);
	decimal_bind(w->insert, 5, &trade->size, trade->side == SIDE_SELL);
	if (trade->recv_wall_us != 0)
		sqlite3_bind_int64(w->insert, 6, trade->recv_wall_us - trade->time_us);
	else
		sqlite3_bind_null(w->insert, 6);
	int rc = sqlite3_step(w->insert);
	sqlite3_reset(w->insert);
	written->stored++;
	return rc == SQLITE_DONE;
}

static bool write_coverage(struct tape_writer *w, const struct coverage_mark *mark)
{
	const struct market_set *set = &w->plan->feeds[mark->feed].set;
	for (size_t i = 0; i < set->count; i++) {
		sqlite3_bind_int64(w->cover, 1, w->identity.markets[set->markets[i]].market_id);
		sqlite3_bind_int64(w->cover, 2, mark->from_us);
		sqlite3_bind_int64(w->cover, 3, mark->to_us);
		int rc = sqlite3_step(w->cover);
		sqlite3_reset(w->cover);
		if (rc != SQLITE_DONE)
			return false;
	}
	return true;
}

static bool write_all(struct tape_writer *w, const struct item *items, size_t count, struct written *written)
{
	int rc = sqlite3_step(w->begin);
	sqlite3_reset(w->begin);
	bool ok = rc == SQLITE_DONE;
	for (size_t i = 0; ok && i < count; i++)
		ok = items[i].kind == ITEM_TRADE ? write_trade(w, &items[i].trade, written) : write_coverage(w, &items[i].mark);
	ok = ok && candle_book_write(&w->book);
	if (!ok)
		return false;
	rc = sqlite3_step(w->commit);
	sqlite3_reset(w->commit);
	return rc == SQLITE_DONE;
}

enum write_result tape_writer_write(struct tape_writer *w, const struct item *items, size_t count, struct written *written,
                                    struct err *err)
{
	*written = (struct written){ .stored = 0 };
	if (write_all(w, items, count, written))
		return WRITE_DONE;

	int rc = w->identity.rc != SQLITE_OK ? w->identity.rc : sqlite3_errcode(w->db);
	/* A statement that ended well, and yet the step failed: what it read makes no sense. */
	bool damaged = rc == SQLITE_OK || rc == SQLITE_ROW || rc == SQLITE_DONE;
	const char *words = w->identity.rc != SQLITE_OK ? sqlite3_errstr(rc) : sqlite3_errmsg(w->db);
	err_set(err, "%s", damaged ? "a row of the tape makes no sense" : words);
	w->identity.rc = SQLITE_OK;
	if (!sqlite3_get_autocommit(w->db)) {
		sqlite3_step(w->rollback);
		sqlite3_reset(w->rollback);
	}
	identity_forget(&w->identity);
	candle_book_forget(&w->book);
	*written = (struct written){ .stored = 0 };
	return damaged || rc == SQLITE_CORRUPT || rc == SQLITE_NOTADB || rc == SQLITE_CONSTRAINT ? WRITE_FATAL : WRITE_AGAIN;
}
