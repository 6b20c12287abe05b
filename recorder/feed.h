/* One connection to one exchange: looked up, connected, subscribed, watched, and for ever connected again.
 * Network thread, but for feed_new and feed_free, which run on main while that thread does not.
 *
 *            +------------------------------ wait (1 s doubling to 30 s) <---------------------------+
 *            v                                                                                       |
 *   IDLE -> LOOKUP --(addresses)--> CONNECTING --(101)--> OPEN --(first message or pong)--> LIVE     |
 *            |                        |  ^ next address    |                                 |       |
 *            +--- no address ---------+--+-- all tried ----+------- closed, silent ----------+-------+
 *
 * OPEN becomes LIVE when something has come back after the subscription went out: from then on coverage counts. */
#ifndef RECORDER_FEED_H
#define RECORDER_FEED_H

#include "recorder/habit.h"
#include "recorder/market.h"
#include "recorder/net.h"
#include "recorder/stats.h"

struct feed;

/* `plan` and `markets` are borrowed and outlive the feed; `number` is what coverage marks carry. */
struct feed *feed_new(struct net *net, const struct market_plan *plan, uint32_t number, struct stats *stats); /* or NULL */
void feed_start(struct feed *feed);  /* before the loop runs: the first connection is made from it */
void feed_finish(struct feed *feed); /* after the loop has ended: the last coverage goes into the queue */
void feed_free(struct feed *feed);   /* after net_release */

#endif
