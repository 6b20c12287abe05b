/* Tickers out of the tape, by time, window and receipt, in chunks, as rows.h for trades.  One thread. */
#ifndef QUERY_READ_TICKERS_H
#define QUERY_READ_TICKERS_H

#include "query/read/rows.h"

#include "schema/value/ticker.h"

#define WINDOW_SIZE 32
#define WINDOW_LIST_SIZE 160

struct ticker_row {
	char window[WINDOW_SIZE];
	struct ticker ticker;
};

struct ticker_stream {
	struct reader *reader;       /* borrowed */
	const struct market *market; /* borrowed */
	const char *window;          /* borrowed; NULL: every window */
	int64_t from_us, to_us;      /* half-open; from_us moves on with each chunk */
	int64_t skip;                /* rows at its start that are not wanted */
	struct ticker_row *rows;     /* owned; the last chunk */
	size_t count;
};

/* Needs nothing but ticker_stream_release at the end. */
void ticker_stream_init(struct ticker_stream *s, struct reader *r, const struct market *m, const char *window, int64_t from_us,
                        int64_t to_us);
void ticker_stream_release(struct ticker_stream *s);
/* Before the first chunk: only the newest `n` rows of the range. */
bool ticker_stream_skip_to_newest(struct ticker_stream *s, int64_t n, struct err *err) MUST_CHECK;
/* The next rows, 0 at the end. */
bool ticker_stream_next(struct ticker_stream *s, struct err *err) MUST_CHECK;

/* "12H, 1H": the windows that the market has tickers of; "" for none. */
bool ticker_windows(struct reader *r, const struct market *m, char list[static WINDOW_LIST_SIZE], struct err *err) MUST_CHECK;

#endif
