/* The one-minute candles that a transaction touches: read from the tape when first touched, added to in memory, written
 * back before the commit.  They stay in memory for the next transaction, since the newest minutes come again.
 *
 * Recorder thread.  The book follows the transaction at hand: after a rollback, candle_book_forget. */
#ifndef RECORDER_TAPE_CANDLE_BOOK_H
#define RECORDER_TAPE_CANDLE_BOOK_H

#include "schema/value/candle.h"
#include "schema/tape/fault.h"

struct candle_slot; /* one candle, in the hash table */

enum candle_statement { CANDLE_GET, CANDLE_PUT, CANDLE_FIRST, CANDLE_LAST, CANDLE_ROWS, CANDLE_STATEMENTS };

struct candle_book {
	struct fault *fault;                        /* borrowed */
	sqlite3_stmt *statements[CANDLE_STATEMENTS];      /* owned */
	struct candle_slot **slots;                 /* owned; hash table of lists */
	size_t slot_count, candle_count;
	struct candle_slot *dirty;                  /* list of those to write */
};

bool candle_book_init(struct candle_book *b, sqlite3 *db, struct fault *fault, struct err *err) MUST_CHECK;
void candle_book_release(struct candle_book *b);
void candle_book_forget(struct candle_book *b);

/* Adds a trade that is new to the tape.  To be called before its row is inserted, in the same transaction: a candle that
 * is read here finds the keys of its open and close among the rows.  false: see the fault. */
bool candle_book_add(struct candle_book *b, int64_t market_id, struct id_rule rule, const struct trade *trade) MUST_CHECK;
/* A row of that minute has another place now: the candle is computed anew from the rows as they are. */
bool candle_book_recount(struct candle_book *b, int64_t market_id, struct id_rule rule, int64_t time_us) MUST_CHECK;
bool candle_book_write(struct candle_book *b) MUST_CHECK; /* before the commit; false: see the fault */

#endif
