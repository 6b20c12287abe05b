/* What Upbit and Bithumb's present socket have in common: the JSON array that subscribes, the messages with their short
 * and long names, the list of markets.  Each exchange's own file says what differs.  Pure; network thread. */
#ifndef RECORDER_EXCHANGES_UPBIT_FAMILY_H
#define RECORDER_EXCHANGES_UPBIT_FAMILY_H

#include "recorder/exchanges/exchange.h"

/* One text frame for everything; a second one would replace it.  It does not ask for real time only: the last trade of each
 * market, which then comes first, is the only acknowledgement there is. */
char *upbit_like_subscribe(const struct subscription *wanted, const char *ticket, int64_t id);

void upbit_like_parse(const struct subscription *wanted, const char *text, size_t len, struct json_buffer *buffer,
                      const struct sink *sink);

/* [{"market":"KRW-BTC","korean_name":"...","english_name":"Bitcoin",...},...]; the market is QUOTE-BASE. */
bool upbit_like_market_list(const char *path, const char *body, size_t len, struct json_buffer *buffer,
                            void (*listed)(void *arg, const struct listed_market *market), void *arg,
                            const char **reason);

#endif
