/* Trades out of the tape, in the tape's order, in chunks: no snapshot outlives a chunk, memory stays the same however long
 * the range is, and each chunk begins just past the last row of the one before.  One thread. */
#ifndef QUERY_READ_ROWS_H
#define QUERY_READ_ROWS_H

#include "query/read/range.h"
#include "query/read/select.h"

/* A trade as it lies on the tape: numbers packed where they fit, for exports that only print them. */
struct tape_row {
	int64_t time_us;
	int64_t recv_us;      /* meaningful if received */
	int64_t price_packed; /* decimal.h; -1: see price */
	int64_t size_packed;
	struct trade_id id;
	enum side side;
	bool received;
	struct decimal price, size; /* only where they are not packed */
};

struct row_stream {
	struct reader *reader;       /* borrowed */
	const struct market *market; /* borrowed */
	int64_t from_us, to_us;      /* half-open */
	sqlite3_value *after_id;     /* owned; NULL: nothing read yet.  Next rows are past (after_us, after_id) */
	int64_t after_us;
	sqlite3_stmt *stmt;          /* owned */
	bool done;
	size_t chunk;                /* so many rows are read at once */
	off_t wal_size;              /* as it was after the last chunk */
	struct tape_row *rows;       /* owned; the last chunk */
	size_t count;
};

/* After a read whose statement is finalised or reset and before its result is used: *again means that it must be read once
 * more, with new statements.  false: the tape is gone or another one. */
bool reader_settle(struct reader *r, bool *again, struct err *err) MUST_CHECK;

/* Between two chunks of a long read: gives a busy recorder a moment in which nobody reads.  *wal_size: 0 at first. */
void let_recorder_pass(const struct reader *r, off_t *wal_size);

bool row_stream_init(struct row_stream *s, struct reader *r, const struct market *m, int64_t from_us, int64_t to_us,
                     struct err *err) MUST_CHECK;
/* Before the first chunk: one of many streams that are read side by side takes less room. */
void row_stream_share(struct row_stream *s, size_t streams);
void row_stream_release(struct row_stream *s);
/* Before the first chunk: only the newest `n` rows of the range. */
bool row_stream_skip_to_newest(struct row_stream *s, int64_t n, struct err *err) MUST_CHECK;
/* The next rows, 0 at the end. */
bool row_stream_next(struct row_stream *s, struct err *err) MUST_CHECK;

/* The last trade of a market. */
bool last_row(struct reader *r, const struct market *m, struct tape_row *row, bool *found, struct err *err) MUST_CHECK;

/* The row as the struct that candles take; `market` is left alone. */
void row_trade(const struct tape_row *row, struct trade *t);

#endif
