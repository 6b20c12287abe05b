/* Upbit's and Bithumb's trades/ticks: the trades of the past, newest first, a day a query.  Pure; network thread.
 *
 *   GET /v1/trades/ticks?market=KRW-BTC&count=500[&to=HHmmss][&cursor=ID][&days_ago=1..7]
 *   [{"market":"KRW-BTC","trade_date_utc":"2026-11-22","trade_time_utc":"03:32:00","timestamp":1795318320000,
 *     "trade_price":145000000.0,"trade_volume":0.01,"ask_bid":"BID","sequential_id":17953183200000000,...},...]
 *
 * Upbit (docs.upbit.com/kr/reference/list-pair-trades, 2026-11-22): UTC days; cursor: older than that id, which is the
 *   socket's.  A query stays within its day.
 * Bithumb (apidocs.bithumb.com v2.1.5, 2026-11-22): KST days, daysAgo; ids are the millisecond * 10000, the same for all
 *   trades of it, and none of the socket's: so a page goes by `to`, over the second of the last one again, and its rows
 *   have no id.  daysAgo alone means that day's 00:00:00.  Whether a query goes on into the day before is not documented;
 *   if it does not, a day's last second cannot be asked for.  Nor is it whether `to` means the trades of its own second, too:
 *   both are taken. */
#ifndef RECORDER_EXCHANGES_UPBIT_FAMILY_HISTORY_H
#define RECORDER_EXCHANGES_UPBIT_FAMILY_HISTORY_H

#include "recorder/exchanges/history.h"

extern const struct history_api upbit_history, bithumb_history;

#endif
