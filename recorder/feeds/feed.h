/* One connection to one exchange: looked up, connected, subscribed, watched, and for ever connected again.
 * Network thread, but for feed_new and feed_free, which main calls too, while that thread does not run.
 *
 *            +------------------------------ wait (1 s doubling to 30 s) <---------------------------+
 *            v                                                                                       |
 *   IDLE -> LOOKUP --(addresses)--> CONNECTING --(101)--> OPEN --(proof)--> LIVE                     |
 *            |                        |  ^ next address    |                 |                       |
 *            +--- no address ---------+--+-- all tried ----+-----------------+--- closed, silent ----+
 *
 * A connection that nears its end, or that lacks newly listed markets, gets an successor: a second connection for the same
 * markets.  When that is live, and the old one has proved that nothing of it is still on its way, the old one goes.
 *
 * Proof is what shows that the whole subscription was read: the pong of a ping sent behind it, the acknowledgement of its
 * last frame, or data, where it is one frame.  From then on coverage counts. */
#ifndef RECORDER_FEEDS_FEED_H
#define RECORDER_FEEDS_FEED_H

#include "recorder/gaps/gap.h"
#include "recorder/markets/plan.h"
#include "recorder/net/net.h"
#include "recorder/counters.h"

struct feed;

/* `plan` and `connection` (one of its connections, which points to the feed from then on) are borrowed and outlive the
 * feed, as `gaps` does.  NULL: no memory. */
struct feed *feed_new(struct net *net, struct market_plan *plan, struct connection_plan *connection, struct gaps *gaps,
                      struct counters *counters);
void feed_start(struct feed *feed); /* the first connection is made from the loop */
/* Another connection is to take its place, without a break: markets were added to the plan, say. */
void feed_renew(struct feed *feed);
void feed_slept(struct feed *feed, int64_t slept_us); /* the host did: nothing of the connection can be relied on */
void feed_finish(struct feed *feed); /* after the loop has ended: the last coverage goes into the queue */
void feed_free(struct feed *feed);   /* after net_release */

#endif
