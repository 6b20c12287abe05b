/* The ledger of holes of one market: by where they begin, in chunks, as rows.h for trades.  One thread. */
#ifndef QUERY_HOLES_H
#define QUERY_HOLES_H

#include "query/read/range.h"
#include "query/read/select.h"

#define HOLE_CHUNK 512

enum hole_state { HOLE_OPEN, HOLE_FILLED, HOLE_UNFILLABLE };

struct hole {
	int64_t gap_id, from_us;
	int64_t to_us;             /* INT64_MAX: not over */
	bool has_from_id, has_to_id;
	int64_t from_id, to_id;    /* the first and the last that is missing */
	enum hole_state state;
	int64_t filled;            /* trades put back */
	char *reason;              /* owned by the stream; the word, and ": note" where there is one */
};

struct hole_stream {
	struct reader *reader;     /* borrowed, as the next */
	const struct market *market;
	struct range range;        /* those that overlap it */
	int64_t after_us, after_id; /* of the last row read */
	struct hole *holes;        /* owned; the last chunk */
	size_t count;
	bool done;
};

bool hole_stream_init(struct hole_stream *s, struct reader *r, const struct market *m, const struct range *range,
                      struct err *err) MUST_CHECK;
void hole_stream_release(struct hole_stream *s);
bool hole_stream_next(struct hole_stream *s, struct err *err) MUST_CHECK; /* 0 at the end */

const char *hole_state_name(enum hole_state state);
/* The end as it is told: one that is not over reaches up to the recorder's last sign of life, if that lies behind its start. */
int64_t hole_end(const struct hole *h, int64_t beat_us);

#endif
