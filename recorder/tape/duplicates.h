/* How often equal trades without an id came on one connection: the newest are remembered.  Recorder thread. */
#ifndef RECORDER_TWINS_H
#define RECORDER_TWINS_H

#include "schema/value/trade.h"

struct twins;

struct twins *twins_new(void); /* NULL: no memory */
void twins_free(struct twins *t);
void twins_forget(struct twins *t); /* what the transaction at hand counted is void */
void twins_commit(struct twins *t); /* and now it stands */

/* Counts this one, and returns how many equal ones (market, time, price, size, side) the connection has had with it;
 * 0: no memory. */
size_t twins_count(struct twins *t, int64_t market_id, uint32_t connection, const struct trade *trade);

#endif
