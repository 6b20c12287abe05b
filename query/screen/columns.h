/* Candles of one market side by side, as many as a chart has columns: neighbours are merged exactly where there are more
 * candles than columns.  One thread. */
#ifndef QUERY_SCREEN_COLUMNS_H
#define QUERY_SCREEN_COLUMNS_H

#include "query/read/candles.h"

struct columns {
	struct interval interval;
	int64_t from_us, to_us; /* the last column may have room beyond */
	int64_t merged;  /* candles in one column */
	int64_t step_us; /* interval.us * merged: about so long is a column */
	size_t count;
	int64_t *starts; /* owned; of each column, and of the one that would follow */
	struct candle *candles; /* owned; count of them, those without trades empty */
};

/* So many columns that the candles that begin in [from_us, to_us) are in at most `most` of them; both are starts of
 * candles, most > 0.  All empty. */
bool columns_init(struct columns *c, const struct interval *interval, int64_t from_us, int64_t to_us, size_t most,
                  struct err *err) MUST_CHECK;
void columns_release(struct columns *c);
/* The columns from `first` on, out of the tape. */
bool columns_read(struct columns *c, size_t first, struct reader *r, const struct market *m, struct err *err) MUST_CHECK;
/* All of them as one candle; `whole` is initialised. */
void columns_sum(const struct columns *c, struct candle *whole);
int64_t columns_start(const struct columns *c, size_t index); /* microseconds; may lie before 1970 with weeks */

#endif
