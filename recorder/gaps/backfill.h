/* Fills the open gaps by REST: one request at a time for each exchange, the newest gap first, page by page, while the
 * recording goes on.  What comes goes through the same queue as the sockets' trades.  Network thread.
 *
 * An exchange's limits are kept: the driver's pause between requests, what the answers' headers say, and 429, 418 and 403
 * are waited out, longer each time.  A failure loses nothing: the page is asked for again.  Gaps survive on the tape, so a
 * recorder that was killed goes on with them.
 *
 * What a page holds beside the gap must be what the sockets brought there: see reference.h.  Until that is known its rows are
 * held back, and where it is not so none is added.  A page without such rows is believed.  Where no id proves, a page that is known
 * for the sockets' twin bears witness for the time before the gap, too: what it has there must be on the tape. */
#ifndef RECORDER_GAPS_BACKFILL_H
#define RECORDER_GAPS_BACKFILL_H

#include "recorder/gaps/gap.h"
#include "recorder/gaps/held_page.h"
#include "recorder/markets/plan.h"
#include "recorder/net/http_get.h"

struct backfiller { /* of one exchange */
	struct backfill *backfill;   /* borrowed */
	size_t exchange;     /* index of its address */
	struct http_get rest;
	struct gap *asking;  /* borrowed; whose answer is awaited */
	int64_t asked_mono_us;
	struct history before; /* its history as it was when it was asked */
	uint32_t page;       /* number of the page as a connection of its own */
	bool overflowed;     /* a trade of the page found no place */
	struct held_page held;
	bool twin;           /* the page held trades that were recorded, as they were recorded */
	struct json_buffer json;
	lws_sorted_usec_list_t timer;
	int64_t hold_until_mono_us; /* no request before */
	unsigned refusals;   /* since an answer came */
	int64_t slowed_us;   /* between two requests, beyond the driver's pause: grows with each 429, fades with each answer */
};

struct backfill {
	struct gaps *gaps;              /* borrowed, as the next three */
	struct net *net;
	const struct market_plan *plan;
	const struct config *config;
	struct backfiller backfillers[EXCHANGES_MAX];
	bool stopped;
};

void backfill_start(struct backfill *backfill, struct gaps *gaps, struct net *net, const struct market_plan *plan,
                    const struct config *config);
/* For audit.c, which asks the same REST and comes second: may it ask?  Where nothing is asked for, held back or due at that exchange;
 * once it is overdue, beside backfill, unless the exchange refuses. */
bool backfill_lets(const struct backfill *backfill, size_t exchange, bool overdue);
/* An answer to the audit: its limits hold for both.  false: it was none, or a refusal, which is waited out. */
bool backfill_heed(struct backfill *backfill, size_t exchange, const struct http_get *rest);
void backfill_stop(struct backfill *backfill); /* before net_release */

#endif
