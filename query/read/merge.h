/* Trades of several markets as one row after the other, in order of time; equal times go by market, in the order given, and
 * within a market in the tape's.  As rows.h: no long snapshot, and memory that does not grow with the range.  One thread. */
#ifndef QUERY_READ_MERGE_H
#define QUERY_READ_MERGE_H

#include "query/read/rows.h"

struct row_merge {
	struct merge_source {
		struct row_stream stream; /* owned */
		size_t next;              /* of the rows of its chunk */
	} *sources;                       /* owned */
	size_t count;
	size_t *heap;                     /* owned; sources that have a row, that of the oldest first */
	size_t heap_count;
	bool begun;
};

/* Trades of [from_us, to_us); of these the newest `newest` over all markets, or all if that is negative. */
bool row_merge_init(struct row_merge *m, struct reader *r, const struct selection *markets, int64_t from_us, int64_t to_us,
                    int64_t newest, struct err *err) MUST_CHECK;
void row_merge_release(struct row_merge *m);
/* *row: valid until the next call; NULL at the end.  *market: its index in the selection. */
bool row_merge_next(struct row_merge *m, const struct tape_row **row, size_t *market, struct err *err) MUST_CHECK;

#endif
