/* A range of time and a candle's interval, as microseconds.  Any thread, as zone.h. */
#ifndef QUERY_READ_RANGE_H
#define QUERY_READ_RANGE_H

#include "schema/base/err.h"
#include "schema/base/timefmt.h"
#include "schema/base/when.h"

#define INTERVAL_NAME_SIZE 16

/* Days, weeks and months go by the clocks of zone.h's zone, where they may have other lengths; what is shorter is so long everywhere. */
struct interval {
	char name[INTERVAL_NAME_SIZE]; /* 10m */
	enum interval_kind { INTERVAL_FIXED, INTERVAL_DAYS, INTERVAL_MONTHS } kind;
	int64_t us;                    /* its length; of days and months, about so long */
	int64_t count;                 /* of days or months */
	int64_t origin_us;             /* of days, by the clock there: one begins then */
	int64_t offset_us;             /* every interval begins so much later; of days and months, by the clock */
};

/* Half-open: from_us is in it, to_us is not. */
struct range {
	int64_t from_us, to_us;
	bool has_from, has_to; /* else that end is the tape's own, and from_us or to_us lies beyond all times */
};

/* A number and s, m, h, d, w or M: 10s, 5m, 4h, 1d, 1w (from Monday), 1M (a month); they begin `offset_us` later than at its multiples. */
bool interval_parse(struct interval *i, const char *text, int64_t offset_us, struct err *err) MUST_CHECK;
bool interval_on_minutes(const struct interval *i); /* every one begins on a whole minute */

int64_t interval_floor(const struct interval *i, int64_t time_us); /* start of the interval that holds time_us */
int64_t interval_ceil(const struct interval *i, int64_t time_us);  /* the first start at or after time_us */
int64_t interval_next(const struct interval *i, int64_t start_us); /* the start of the one behind; its end */

#endif
