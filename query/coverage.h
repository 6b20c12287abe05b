/* When a market was recorded without a hole.  One thread; coverage_load, then coverage_release. */
#ifndef QUERY_COVERAGE_H
#define QUERY_COVERAGE_H

#include "query/select.h"

#include "schema/timefmt.h"

#define COVERAGE_SLACK_US (5 * US_PER_SECOND) /* what is past its time by less may yet arrive */

struct coverage {
	struct coverage_span {
		int64_t from_us, to_us;
	} *spans; /* owned; in order, touching none of the others */
	size_t count;
};

bool coverage_load(struct coverage *c, struct reader *r, const struct market *m, struct err *err) MUST_CHECK;
void coverage_release(struct coverage *c);
bool coverage_holds(const struct coverage *c, int64_t from_us, int64_t to_us); /* the whole of [from_us, to_us] */

#endif
