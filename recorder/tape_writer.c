#include "recorder/tape_writer.h"

#include "recorder/clock.h"
#include "recorder/log.h"
#include "recorder/twins.h"
#include "schema/timefmt.h"

#include <stdio.h>
#include <stdlib.h>

bool tape_writer_init(struct tape_writer *w, sqlite3 *db, size_t queue_limit, struct err *err)
{
	*w = (struct tape_writer){ .db = db };
	return identity_init(&w->identity, db, err) && candle_book_init(&w->book, db, err) && gap_book_init(&w->gaps, db, err) &&
	       beat_book_init(&w->beats, db, queue_limit, err) && wanted_book_init(&w->wanted, db, err) &&
	       tape_prepare(db, &w->begin, "BEGIN IMMEDIATE", err) && tape_prepare(db, &w->commit, "COMMIT", err) &&
	       tape_prepare(db, &w->rollback, "ROLLBACK", err) &&
	       tape_prepare(db, &w->add_market,
	                    "INSERT INTO market (exchange, symbol, base, quote, id_per_ms, id_epoch_ms, ids_step) "
	                    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (exchange, symbol) DO UPDATE SET ids_step = excluded.ids_step, "
	                    "base = iif(excluded.base <> '', excluded.base, base), quote = iif(excluded.base <> '', excluded.quote, quote)", err) &&
	       tape_prepare(db, &w->get_market,
	                    "SELECT market_id, id_per_ms, id_epoch_ms FROM market WHERE exchange = ?1 AND symbol = ?2", err) &&
	       tape_prepare(db, &w->insert, "INSERT INTO trade (market_id, time_us, id, price, size, lag_us) "
	                                    "VALUES (?1, ?2, ?3, ?4, ?5, ?6)", err) &&
	       tape_prepare(db, &w->delete, "DELETE FROM trade WHERE market_id = ?1 AND time_us = ?2 AND id = ?3", err) &&
	       tape_prepare(db, &w->add_ticker, "INSERT OR IGNORE INTO ticker VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)", err);
}

void tape_writer_release(struct tape_writer *w)
{
	sqlite3_stmt *const statements[] = { w->begin, w->commit, w->rollback, w->add_market, w->get_market, w->insert, w->delete,
		                             w->add_ticker };
	identity_release(&w->identity);
	candle_book_release(&w->book);
	gap_book_release(&w->gaps);
	beat_book_release(&w->beats);
	wanted_book_release(&w->wanted);
	for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
		sqlite3_finalize(statements[i]);
	free(w->markets);
}

static bool done(sqlite3_stmt *stmt)
{
	int rc = sqlite3_step(stmt);
	sqlite3_reset(stmt);
	return rc == SQLITE_DONE;
}

/* The market's row on the tape, made if it is new. */
static bool write_market(struct tape_writer *w, uint32_t index, const struct market *market)
{
	if (index >= w->market_count) {
		const struct market **grown = realloc(w->markets, (index + 1) * sizeof *grown);
		if (!grown)
			return false;
		w->markets = grown;
		w->market_count = index + 1;
	}
	w->markets[index] = market;
	sqlite3_bind_text(w->add_market, 1, market->exchange->name, -1, SQLITE_STATIC);
	sqlite3_bind_text(w->add_market, 2, market->symbol, -1, SQLITE_STATIC);
	sqlite3_bind_text(w->add_market, 3, market->base, -1, SQLITE_STATIC);
	sqlite3_bind_text(w->add_market, 4, market->quote, -1, SQLITE_STATIC);
	sqlite3_bind_int64(w->add_market, 5, market->exchange->id_rule.per_ms);
	sqlite3_bind_int64(w->add_market, 6, market->exchange->id_rule.epoch_ms);
	sqlite3_bind_int64(w->add_market, 7, market->exchange->ids_step);
	if (!done(w->add_market))
		return false;
	sqlite3_bind_text(w->get_market, 1, market->exchange->name, -1, SQLITE_STATIC);
	sqlite3_bind_text(w->get_market, 2, market->symbol, -1, SQLITE_STATIC);
	bool ok = sqlite3_step(w->get_market) == SQLITE_ROW;
	/* the tape's rule, not this build's: the rows that are there were written by it */
	struct id_rule rule = { .per_ms = sqlite3_column_int64(w->get_market, 1),
		                .epoch_ms = sqlite3_column_int64(w->get_market, 2) };
	ok = ok && identity_set_market(&w->identity, index, sqlite3_column_int64(w->get_market, 0), rule);
	sqlite3_reset(w->get_market);
	return ok && (market->channel != CHANNEL_TRADES ||
	              wanted_book_put(&w->wanted, w->identity.markets[index].market_id, clock_wall_us()));
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
	log_each("trade-differs", LOG_ODD, "trade-differs", "market=%s trade_id=%s kept=%s came=%s",
	         w->markets[trade->market]->name, id, text[0], text[1]);
}

static bool insert(struct tape_writer *w, const struct identity_market *market, const struct trade *trade)
{
	sqlite3_bind_int64(w->insert, 1, market->market_id);
	sqlite3_bind_int64(w->insert, 2, trade->time_us);
	trade_id_bind(w->insert, 3, &trade->id, trade->time_us, market->rule);
	decimal_bind(w->insert, 4, &trade->price, false);
	decimal_bind(w->insert, 5, &trade->size, trade->side == SIDE_SELL);
	if (trade->recv_wall_us != 0)
		sqlite3_bind_int64(w->insert, 6, trade->recv_wall_us - trade->time_us);
	else
		sqlite3_bind_null(w->insert, 6);
	return done(w->insert);
}

/* REST put it back before, without its id: the row gets the id, and stays one that came by backfill. */
static bool give_id(struct tape_writer *w, const struct identity_market *market, struct trade *trade, const struct trade *there)
{
	sqlite3_bind_int64(w->delete, 1, market->market_id);
	sqlite3_bind_int64(w->delete, 2, there->time_us);
	trade_id_bind(w->delete, 3, &there->id, there->time_us, market->rule);
	trade->recv_wall_us = 0;
	return done(w->delete) && insert(w, market, trade) &&
	       candle_book_recount(&w->book, market->market_id, market->rule, trade->time_us);
}

static bool write_trade(struct tape_writer *w, struct item *item, struct written *written)
{
	const struct identity_market *market = &w->identity.markets[item->market];
	struct trade *trade = &item->trade, there;
	switch (identity_place(&w->identity, trade, item->connection, &there)) {
	case IDENTITY_NEW:
		break;
	case IDENTITY_REPEATED:
		tell_difference(w, trade, &there);
		written->repeated++;
		return true;
	case IDENTITY_NEW_ID:
		written->repeated++;
		return give_id(w, market, trade, &there);
	case IDENTITY_ERROR:
	default:
		return false;
	}
	written->stored++;
	return candle_book_add(&w->book, market->market_id, market->rule, trade) && insert(w, market, trade) &&
	       (item->gap_id == 0 || gap_book_count(&w->gaps, item->gap_id));
}

static bool write_ticker(struct tape_writer *w, uint32_t market, const struct ticker *ticker)
{
	const struct decimal *numbers[] = { &ticker->open, &ticker->high, &ticker->low, &ticker->close, &ticker->volume };
	sqlite3_bind_int64(w->add_ticker, 1, w->identity.markets[market].market_id);
	sqlite3_bind_text(w->add_ticker, 2, w->markets[market]->window, -1, SQLITE_STATIC);
	sqlite3_bind_int64(w->add_ticker, 3, ticker->time_us);
	for (int i = 0; i < 5; i++)
		decimal_bind(w->add_ticker, 4 + i, numbers[i], false);
	sqlite3_bind_int64(w->add_ticker, 9, ticker->recv_wall_us - ticker->time_us);
	return done(w->add_ticker);
}

static bool write_item(struct tape_writer *w, struct item *item, struct written *written)
{
	switch (item->kind) {
	case ITEM_MARKET:
		return write_market(w, item->market, item->introduced);
	case ITEM_TRADE:
		return write_trade(w, item, written);
	case ITEM_TICKER:
		return write_ticker(w, item->market, &item->ticker);
	case ITEM_GAP:
		return gap_book_put(&w->gaps, w->identity.markets[item->market].market_id, &item->gap, clock_wall_us());
	case ITEM_BEAT:
		return beat_book_put(&w->beats, &item->beat);
	case ITEM_CLOCK:
		return beat_book_clock(&w->beats, &item->clock);
	case ITEM_COVERAGE:
	default:
		return gap_book_cover(&w->gaps, w->identity.markets[item->market].market_id, item->mark.from_us, item->mark.to_us);
	}
}

static bool write_all(struct tape_writer *w, struct item *items, size_t count, struct written *written)
{
	if (!done(w->begin))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!write_item(w, &items[i], written))
			return false;
	return candle_book_write(&w->book) && done(w->commit);
}

enum write_result tape_writer_write(struct tape_writer *w, struct item *items, size_t count, struct written *written,
                                    struct err *err)
{
	*written = (struct written){ .stored = 0 };
	if (write_all(w, items, count, written)) {
		twins_commit(w->identity.twins);
		return WRITE_DONE;
	}

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
