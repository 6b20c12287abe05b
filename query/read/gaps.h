/* The ledger of gaps of one market: by where they begin, in chunks, as rows.h for trades.  One thread. */
#ifndef QUERY_READ_GAPS_H
#define QUERY_READ_GAPS_H

#include "query/read/range.h"
#include "query/read/select.h"

#define GAP_CHUNK 512

enum gap_state { GAP_OPEN, GAP_FILLED, GAP_UNFILLABLE };

struct gap {
	int64_t gap_id, from_us;
	int64_t to_us;             /* INT64_MAX: not over */
	bool has_from_id, has_to_id;
	int64_t from_id, to_id;    /* the first and the last that is missing */
	enum gap_state state;
	int64_t filled;            /* trades put back */
	char *reason;              /* owned by the stream; the word, and ": note" where there is one */
};

struct gap_stream {
	struct reader *reader;     /* borrowed, as the next */
	const struct market *market;
	struct range range;        /* those that overlap it */
	int64_t after_us, after_id; /* of the last row read */
	struct gap *gaps;        /* owned; the last chunk */
	size_t count;
	bool done;
};

bool gap_stream_init(struct gap_stream *s, struct reader *r, const struct market *m, const struct range *range,
                      struct err *err) MUST_CHECK;
void gap_stream_release(struct gap_stream *s);
bool gap_stream_next(struct gap_stream *s, struct err *err) MUST_CHECK; /* 0 at the end */

const char *gap_state_name(enum gap_state state);
/* The end as it is told: one that is not over reaches up to the recorder's last sign of life, if that lies behind its start. */
int64_t gap_end(const struct gap *h, int64_t beat_us);

#endif
