/* What Upbit and Bithumb say of a day: one request for many markets, /v1/ticker.  Network thread. */
#ifndef RECORDER_EXCHANGES_UPBIT_FAMILY_TOTALS_H
#define RECORDER_EXCHANGES_UPBIT_FAMILY_TOTALS_H

#include "recorder/exchanges/totals.h"

extern const struct totals_api upbit_totals, bithumb_totals;

#endif
