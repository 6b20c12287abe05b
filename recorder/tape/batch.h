/* A batch of queue items as one transaction: markets, trades with their candles and coverage, tickers: all, or nothing.
 * Where the tape refuses an item (a constraint, a row beside it that makes no sense), the batch is cut into halves until that
 * item stands alone; it becomes a gap of its market in the ledger, and all others are stored, in their order.
 * Recorder thread, but for init and batch_writer_stopped, which main runs while that thread does not. */
#ifndef RECORDER_TAPE_BATCH_H
#define RECORDER_TAPE_BATCH_H

#include "recorder/tape/audit_rows.h"
#include "recorder/tape/heartbeat_rows.h"
#include "recorder/tape/candle_book.h"
#include "recorder/tape/gap_rows.h"
#include "recorder/tape/identity.h"
#include "recorder/tape/loss.h"
#include "recorder/markets/plan.h"
#include "recorder/tape/queue.h"
#include "recorder/tape/wanted_rows.h"
#include "schema/tape/schema.h"

#include <stdatomic.h>

enum batch_statement {
	BATCH_BEGIN, BATCH_COMMIT, BATCH_ROLLBACK, BATCH_ADD_MARKET, BATCH_GET_MARKET, BATCH_INSERT, BATCH_DELETE, BATCH_ADD_TICKER,
	BATCH_STATEMENTS,
};

struct batch_writer {
	sqlite3 *db; /* borrowed */
	struct fault fault; /* why the last transaction failed */
	_Atomic int64_t *next_gap_id; /* borrowed: shared with the network thread */
	struct identity identity;
	struct candle_book book;
	struct gap_rows gaps;
	struct audit_rows audits;
	struct heartbeat_rows beats;
	struct wanted_rows wanted;
	struct tape_market {
		const struct market *market; /* borrowed; NULL: not introduced */
		struct gap_mark refused;     /* the last gap of what the tape refused; gap_id 0: none */
		struct gap_mark reused;      /* the last gap of trades under an id that another one has; likewise */
		struct gap_mark unseen;      /* the last gap of trades that REST has where nothing was said to be missing; likewise */
		struct id_run run;           /* and they themselves, while they may be the first of a new numbering */
	} *markets; /* owned; by index; as ITEM_MARKET introduced them */
	size_t market_count;
	sqlite3_stmt *statements[BATCH_STATEMENTS]; /* owned */
};

/* `w` must not move afterwards. */
bool batch_writer_init(struct batch_writer *w, sqlite3 *db, size_t queue_limit, _Atomic int64_t *next_gap_id,
                      struct err *err) MUST_CHECK;
void batch_writer_release(struct batch_writer *w);

enum write_result {
	WRITE_DONE,  /* committed */
	WRITE_AGAIN, /* the disk is full or failing: try the items behind written->items again */
	WRITE_FATAL, /* the tape cannot be used */
};
struct written {
	size_t items;     /* so many of the first are done with, whatever the result: stored, repeated or refused */
	uint64_t stored, repeated;
	uint64_t refused; /* trades and tickers */
};
/* Items may be changed: trades without an id get their place. */
enum write_result batch_writer_write(struct batch_writer *w, struct item *items, size_t count, struct written *written,
                                    struct err *err);

/* What was given up, as one last small transaction: its gaps, and that this recorder stopped.  false: nothing was written. */
bool batch_writer_give_up(struct batch_writer *w, const struct loss *loss, uint64_t lost, struct err *err) MUST_CHECK;
/* That this recorder stopped by itself, and how many trades were lost since its start. */
bool batch_writer_stopped(struct batch_writer *w, uint64_t lost, struct err *err) MUST_CHECK;

#endif
