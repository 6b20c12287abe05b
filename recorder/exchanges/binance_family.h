/* What Binance's spot and futures sockets have in common: combined streams, SUBSCRIBE in frames, events, exchangeInfo.
 * Each exchange's own file says which event is its trade.  Pure; network thread. */
#ifndef RECORDER_EXCHANGES_BINANCE_FAMILY_H
#define RECORDER_EXCHANGES_BINANCE_FAMILY_H

#include "recorder/exchanges/exchange.h"

struct binance_series { /* which of the two series of trades is recorded; the other is passed over: its ids differ */
	const char *event;    /* "trade", "aggTrade": also the stream's name */
	const char *id;       /* "t", "a" */
};

char *binance_like_subscribe(const struct subscription *part, int64_t id, const struct binance_series *series);
void binance_like_parse(const struct subscription *wanted, const char *text, size_t len, struct json_buffer *buffer,
                        const struct sink *sink, const struct binance_series *series);
/* exchangeInfo: {"symbols":[{"symbol":"BTCUSDT","status":"TRADING","baseAsset":"BTC","quoteAsset":"USDT"},...]}
 * ticker/price:  [{"symbol":"BTCUSDT","price":"96000.01"},...], where base and quote are "" */
bool binance_like_market_list(const char *path, const char *body, size_t len, struct json_buffer *buffer,
                              void (*listed)(void *arg, const struct listed_market *market), void *arg,
                            const char **reason);

#endif
