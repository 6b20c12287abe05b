/* Fetches the list of markets of every exchange in the config, side by side.  Main thread, before the network thread. */
#ifndef RECORDER_MARKET_FETCH_H
#define RECORDER_MARKET_FETCH_H

#include "recorder/market.h"
#include "recorder/net.h"

/* lists[i] belongs to config->addresses[i]; one that cannot be had, or is empty, has `had` false and the reason.
 * `stop` is asked now and then, and ends the waiting when true. */
void market_fetch(struct market_list *lists, const struct config *config, struct net *net, bool (*stop)(void));

#endif
