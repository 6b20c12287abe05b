/* One connection to one exchange: looked up, connected, subscribed, watched, and for ever connected again.
 * Network thread, but for feed_new and feed_free, which main calls too, while that thread does not run.
 *
 *            +------------------------------ wait (1 s doubling to 30 s) <---------------------------+
 *            v                                                                                       |
 *   IDLE -> LOOKUP --(addresses)--> CONNECTING --(101)--> OPEN --(proof)--> LIVE                     |
 *            |                        |  ^ next address    |                 |                       |
 *            +--- no address ---------+--+-- all tried ----+-----------------+--- closed, silent ----+
 *
 * Proof is what shows that the whole subscription was read: the pong of a ping sent behind it, the acknowledgement of its
 * last frame, or data, where it is one frame.  From then on coverage counts. */
#ifndef RECORDER_FEED_H
#define RECORDER_FEED_H

#include "recorder/market.h"
#include "recorder/net.h"
#include "recorder/stats.h"

struct feed;

/* `plan` and `connection` (one of its connections) are borrowed and outlive the feed. */
struct feed *feed_new(struct net *net, struct market_plan *plan, struct connection_plan *connection, struct stats *stats);
void feed_start(struct feed *feed); /* the first connection is made from the loop */
/* Markets were added to the connection's plan: asks for the whole anew, on the same socket. */
void feed_subscribe_again(struct feed *feed);
void feed_finish(struct feed *feed); /* after the loop has ended: the last coverage goes into the queue */
void feed_free(struct feed *feed);   /* after net_release */

#endif
