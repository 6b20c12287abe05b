/* A ticker: what an exchange says of a market over a window of time.  Plain values, copied into queues. */
#ifndef SCHEMA_VALUE_TICKER_H
#define SCHEMA_VALUE_TICKER_H

#include "schema/value/decimal.h"

struct ticker {
	int64_t time_us;      /* the exchange's */
	int64_t recv_wall_us; /* ours, when it came */
	struct decimal open, high, low, close, volume; /* volume: base asset */
};

#endif
