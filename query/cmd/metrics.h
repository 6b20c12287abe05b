/* tapedeck status --prometheus: the text format of Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/,
 * read 2026-11).  Sums for each exchange; markets that were named have lines of their own.  Main thread. */
#ifndef QUERY_CMD_METRICS_H
#define QUERY_CMD_METRICS_H

#include "query/context.h"
#include "query/read/life.h"

struct market_state {
	bool traded, paced, clocked;
	struct tape_row last;      /* its times only */
	int64_t first_us;          /* of the last day */
	int64_t trades;            /* of the last day */
	int64_t open_gaps, ahead_us;
};

struct metrics {
	const struct recorder_life *life; /* borrowed */
	struct metrics_row {
		const struct market *market; /* borrowed */
		struct market_state state;
		int64_t lag_us;              /* median of the last hour; -1: none came */
		bool named;                  /* it has lines of its own */
	} *rows;                             /* owned; by exchange, as markets go by name */
	size_t count;
};

bool metrics_add(struct metrics *m, const struct market *market, const struct market_state *state, int64_t lag_us, bool named,
                 struct err *err) MUST_CHECK;
bool metrics_print(const struct metrics *m, struct context *c, struct err *err) MUST_CHECK;
void metrics_release(struct metrics *m);

#endif
