/* What the gaps say goes through the queue to the tape, and into the log: the sink of gap.h.  Network thread, and main before
 * it runs. */
#ifndef RECORDER_TAPE_GAP_QUEUE_H
#define RECORDER_TAPE_GAP_QUEUE_H

#include "recorder/gaps/gap.h"
#include "recorder/markets/plan.h"
#include "recorder/net/net.h"

struct gap_queue {
	struct net *net;                /* borrowed, as the next */
	const struct market_plan *plan; /* for the names of markets */
	bool told_no_history[EXCHANGES_MAX];
};

/* Sets up both: the gaps with what is asked for and what the tape says, which are borrowed, as all else. */
void gap_queue_init(struct gap_queue *q, struct gaps *gaps, struct net *net, const struct market_plan *plan, const struct config *config,
                    const struct resume *resume);

#endif
