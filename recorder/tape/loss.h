/* What a stop on a full disk had to give up: gathered from the items that were not written, as little as tells the next start
 * what is missing.  Recorder thread. */
#ifndef RECORDER_TAPE_LOSS_H
#define RECORDER_TAPE_LOSS_H

#include "recorder/markets/plan.h"
#include "recorder/tape/queue.h"

struct loss {
	struct lost_market {
		const struct market *introduced; /* borrowed; NULL: the tape knows it, or never will */
		uint64_t trades;                 /* by socket; those that REST gave have their gap already */
		int64_t from_us, to_us, from_id, to_id;
	} *markets; /* owned; by the recorder's index */
	size_t market_count;
	struct item *gaps; /* owned; rows of the ledger, as they are without the trades that were lost */
	size_t gap_count;
	uint64_t items, trades, tickers;
	bool no_memory; /* it counts all, and does not know all gaps */
};

void loss_add(struct loss *l, const struct item *items, size_t count);
/* The gap that the market's lost trades leave, without its number; false: there is none. */
bool loss_gap(const struct loss *l, uint32_t market, const struct exchange *exchange, struct gap_mark *gap);
void loss_release(struct loss *l);

#endif
