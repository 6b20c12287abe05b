/* How often equal trades without an id came on one connection: the newest are remembered.  Recorder thread. */
#ifndef RECORDER_TAPE_DUPLICATES_H
#define RECORDER_TAPE_DUPLICATES_H

#include "schema/value/trade.h"

struct duplicates;

struct duplicates *duplicates_new(void); /* NULL: no memory */
void duplicates_free(struct duplicates *t);
void duplicates_forget(struct duplicates *t); /* what the transaction at hand counted is void */
void duplicates_commit(struct duplicates *t); /* and now it stands */

/* Counts this one, and returns how many equal ones (market, time, price, size, side) the connection has had with it;
 * 0: no memory. */
size_t duplicates_count(struct duplicates *t, int64_t market_id, uint32_t connection, const struct trade *trade);

#endif
