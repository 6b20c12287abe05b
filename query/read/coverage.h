/* When a market was recorded without a gap: its coverage, less the gaps that were not filled.  One thread; coverage_load,
 * then coverage_release. */
#ifndef QUERY_READ_COVERAGE_H
#define QUERY_READ_COVERAGE_H

#include "query/read/select.h"
#include "query/read/spans.h"

#include "schema/base/timefmt.h"

#define COVERAGE_SLACK_US (5 * US_PER_SECOND) /* what is past its time by less may yet arrive */

struct coverage {
	struct spans whole;       /* owned; recorded, and without a gap */
	struct spans gaps;       /* owned; not filled.  One that is not over reaches to the end of time */
	/* (none is whole on a tape that was copied without its -wal) */
	int64_t from_us, to_us;   /* of the recording, gaps or not; from_us > to_us: none */
};

bool coverage_load(struct coverage *c, struct reader *r, const struct market *m, struct err *err) MUST_CHECK;
void coverage_release(struct coverage *c);
bool coverage_holds(const struct coverage *c, int64_t from_us, int64_t to_us); /* the whole of [from_us, to_us] */

#endif
