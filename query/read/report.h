/* What was recorded, missed and filled of each market in a period: the figures behind `tapedeck report`.  One thread. */
#ifndef QUERY_READ_REPORT_H
#define QUERY_READ_REPORT_H

#include "query/context.h"
#include "query/read/audit.h"
#include "query/read/gaps.h"
#include "query/read/life.h"

#define WORST_MAX 16

struct report_market {
	const struct market *market;          /* borrowed */
	int64_t trades, first_us, last_us;
	bool dated;                           /* else first and last mean nothing: no trade, or candles alone, in a copy */
	bool tickers;                         /* it has some in the period */
	int64_t filled_trades;                /* of them, what came by REST */
	int64_t gaps[GAP_UNFILLABLE + 1];   /* by state */
	int64_t missing_us;                   /* of gaps not filled */
	int64_t start_us;                     /* of its recording in the period; meaningless where recorded_us is 0 */
	int64_t recorded_us;                  /* from its start to end_us */
	int64_t end_us;                       /* the recording's end, or, if near, that of its coverage */
	int64_t covered_us;                   /* of that, without a gap */
	struct audit_row audit;               /* what the exchange's own volume says of it in the period */
};

struct report_gap {
	const struct market *market; /* borrowed */
	int64_t from_us, to_us;
	enum gap_state state;
	char reason[80]; /* cut where it is longer */
};

struct report {
	int64_t from_us, to_us;         /* the period; it ends where the recording did, with the last sign of life of one that goes on */
	enum reader_part part;          /* what is not the whole tape is never called whole */
	struct recorder_life life;
	struct report_market *markets;  /* owned */
	size_t count;
	struct report_gap worst[WORST_MAX]; /* the longest that are not filled, longest first */
	size_t worst_count;
};

enum exit_code report_load(struct report *r, struct context *c, int64_t from_us, struct err *err);
void report_release(struct report *r);

/* Adds the figures of `m` to those of `sum`; times are left alone. */
void report_add(struct report_market *sum, const struct report_market *m);
int64_t report_remaining(const struct report_market *m); /* gaps that are not filled */
/* Is it among what the recorder is asked for now?  The verdict is over these; others are told beside it. */
bool report_wanted(const struct report_market *m);
bool report_whole(const struct report_market *m);        /* recorded all the time, and no gap remains */

#define PERCENT_TEXT_SIZE 8
/* Covered, in percent, cut after two decimals: 100 is said of the whole only.  "" where nothing was recorded. */
size_t report_percent(const struct report_market *m, char text[static PERCENT_TEXT_SIZE]);

#endif
