/* What Bithumb's old REST says of a day, of all markets of one quote asset at once.  Network thread. */
#ifndef RECORDER_EXCHANGES_BITHUMB_LEGACY_TOTALS_H
#define RECORDER_EXCHANGES_BITHUMB_LEGACY_TOTALS_H

#include "recorder/exchanges/totals.h"

extern const struct totals_api bithumb_legacy_totals;

#endif
