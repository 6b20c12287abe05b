/* A batch of queue items as one transaction: markets, trades with their candles and coverage, tickers: all, or nothing.
 * Recorder thread, but for init, which main runs before that thread starts. */
#ifndef RECORDER_TAPE_WRITER_H
#define RECORDER_TAPE_WRITER_H

#include "recorder/beat_book.h"
#include "recorder/candle_book.h"
#include "recorder/gap_book.h"
#include "recorder/identity.h"
#include "recorder/market.h"
#include "recorder/queue.h"
#include "recorder/wanted_book.h"
#include "schema/schema.h"

struct tape_writer {
	sqlite3 *db; /* borrowed */
	struct identity identity;
	struct candle_book book;
	struct gap_book gaps;
	struct beat_book beats;
	struct wanted_book wanted;
	const struct market **markets; /* owned, what it points to is borrowed; by index; as ITEM_MARKET introduced them */
	size_t market_count;
	sqlite3_stmt *begin, *commit, *rollback, *add_market, *get_market, *insert, *delete, *add_ticker; /* owned */
};

bool tape_writer_init(struct tape_writer *w, sqlite3 *db, size_t queue_limit, struct err *err) MUST_CHECK;
void tape_writer_release(struct tape_writer *w);

enum write_result {
	WRITE_DONE,  /* committed */
	WRITE_AGAIN, /* nothing was written; the disk is full or failing: try the same items again */
	WRITE_FATAL, /* nothing was written, and the tape cannot be used */
};
struct written {
	uint64_t stored, repeated;
};
/* Items may be changed: trades without an id get their place. */
enum write_result tape_writer_write(struct tape_writer *w, struct item *items, size_t count, struct written *written,
                                    struct err *err);

#endif
