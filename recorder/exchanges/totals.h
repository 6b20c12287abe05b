/* An exchange's own totals of its markets, asked for in bulk: how much was traded since its day began, and when last.  They are a
 * witness that is not the socket's.  Pure: paths out, bodies in, totals out through a callback.  Network thread. */
#ifndef RECORDER_EXCHANGES_TOTALS_H
#define RECORDER_EXCHANGES_TOTALS_H

#include "recorder/exchanges/json.h"
#include "schema/base/timefmt.h"
#include "schema/value/decimal.h"

#define TOTALS_PATH_SIZE 900 /* the request line has room for it behind a base address, too */

struct market_total {
	const char *symbol;    /* borrowed */
	struct decimal volume; /* in the base asset, since the exchange's day began */
	int64_t last_us;       /* the time of its last trade; INT64_MIN: it does not say */
	int64_t said_us;       /* the exchange's time of these words; INT64_MIN: it does not say */
};

struct totals_page { /* an answer; status 200, or whatever is neither a limit nor a server's failure */
	int status;
	const char *body;
	size_t len;
	struct json_buffer *buffer; /* scratch memory of the caller's */
	void (*total)(void *arg, const struct market_total *total); /* of markets that were not asked for, too */
	void *arg;
	char reason[160]; /* set by take() where it fails */
	unsigned bad_rows; /* set by take(): rows that make no sense were passed over */
};

struct totals_api { /* const, one an exchange */
	int64_t day_offset_us; /* its day begins so long before 00:00 UTC */
	int64_t moment_us;     /* volume and time of one answer belong together within so much */
	size_t markets_max;    /* in one request */
	/* The path that asks for `symbols`, or as many of them as one request takes: asked[i] says whether symbols[i] is. */
	void (*path)(const char *const *symbols, bool *asked, size_t count, char path[static TOTALS_PATH_SIZE]);
	/* false: no answer to the question, and page->reason says what it is. */
	bool (*take)(const char *path, struct totals_page *page);
};

#endif
