/* What to check when an exchange cannot be reached at the start: said once an exchange.  Network thread. */
#ifndef RECORDER_NET_REACH_H
#define RECORDER_NET_REACH_H

#include "recorder/net/net.h"

/* `rounds` in vain so far, of a connection or a list that never was had; `index` of the exchange's address. */
void reach_failed(struct net *net, size_t index, const char *exchange, unsigned rounds, const char *reason);

#endif
