/* Binance's trades of the past, upwards from an id.  Pure; network thread.
 *
 * Spot (binance-spot-api-docs, rest-api.md of 2026-07-21):
 *   GET /api/v3/historicalTrades?symbol=BTCUSDT&fromId=N&limit=1000        weight 25
 *   [{"id":N,"price":"4.00000100","qty":"12.00000000","time":1499865549590123,"isBuyerMaker":true,...},...]
 *   X-MBX-TIME-UNIT: MICROSECOND asks for times like the socket's.  Hosts with market data only lack historicalTrades (404);
 *   there /api/v3/trades has the newest 1000.
 * USD-M (developers.binance.com, 2026-11-22):
 *   GET /fapi/v1/aggTrades?symbol=BTCUSDT&fromId=N&limit=1000              weight 20, reaches back 48 h or more
 *   [{"a":N,"p":"0.01633102","q":"4.70443515","f":27781,"l":27781,"T":1498793709153,"m":true},...]
 * Both: fromId below the first that is there answers from that one on: the first row must be looked at.  Where no id is
 *   known, aggTrades of a time (an hour at most) tell where to begin. */
#ifndef RECORDER_EXCHANGES_BINANCE_FAMILY_HISTORY_H
#define RECORDER_EXCHANGES_BINANCE_FAMILY_HISTORY_H

#include "recorder/exchanges/history.h"

extern const struct history_api binance_history, binance_usdm_history;

#endif
