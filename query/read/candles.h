/* The tape's one-minute candles of a market, in order, in chunks; as rows.h for trades.  One thread. */
#ifndef QUERY_READ_CANDLES_H
#define QUERY_READ_CANDLES_H

#include "query/read/rows.h"

#include "schema/value/candle.h"

#define CANDLE_CHUNK 512

struct candle_stream {
	struct reader *reader;       /* borrowed */
	const struct market *market; /* borrowed */
	int64_t next_minute, end_minute;
	sqlite3_stmt *stmt;          /* owned */
	bool done;
	struct minute_candle {
		int64_t time_us;     /* start of the minute */
		struct candle candle;
	} *minutes;                  /* owned, CANDLE_CHUNK of them */
	size_t count;
};

/* Minutes that begin in [from_us, to_us). */
bool candle_stream_init(struct candle_stream *s, struct reader *r, const struct market *m, int64_t from_us, int64_t to_us,
                        struct err *err) MUST_CHECK;
void candle_stream_release(struct candle_stream *s);
bool candle_stream_next(struct candle_stream *s, struct err *err) MUST_CHECK; /* 0 at the end */

/* Says why a range shows no candle: no trade, or trades in a candle that begins before it.  EXIT_NO_DATA, or EXIT_TAPE. */
enum exit_code no_candle(struct reader *r, const struct market *m, const struct interval *interval, const struct range *range,
                         struct err *err);

#endif
