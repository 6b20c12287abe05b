/* What Binance's spot and futures dialects share: streams (binance_streams.c) and REST (binance_rest.c). Connection threads. */
#ifndef SIM_BINANCE_H
#define SIM_BINANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

struct answer;
struct limit_state;
struct market;
struct request;
struct session;
struct trade;

/* A session's format. */
enum {
	FORMAT_COMBINED = 1, /* {"stream":...,"data":...} */
	FORMAT_MICROSECONDS = 2,
	ROUTE_MARKET = 4,
	ROUTE_PUBLIC = 8,
	ROUTE_ALL = ROUTE_MARKET | ROUTE_PUBLIC
};

/* What may stand behind SYMBOL@ in a stream's name, on which routes, and what it brings; ends with a name NULL. */
struct stream_kind {
	const char *name;
	bool more;     /* may go on: depth20@100ms, kline_1m */
	uint8_t want;
	int routes;
};

/* The socket is open: what its URL asks for. routes 0 connects, acknowledges, and stays mute. */
void binance_open(struct session *s, const struct request *r, const struct stream_kind *kinds, int routes);
void binance_message(struct session *s, const char *text, size_t len);
/* The script refuses a SUBSCRIBE. */
void binance_refuse(struct session *s, const char *code, const char *words);
void binance_farewell(struct session *s);
void binance_release(struct session *s);

/* The wrapper around a message of this stream, and its end. */
char *binance_begin(char *d, const struct session *s, const struct trade *t, const char *stream);
char *binance_end(char *d, const struct session *s);
const char *binance_suffix(const struct session *s, uint8_t want); /* the stream's name behind @, as it was asked for */
int64_t binance_time(const struct session *s, int64_t time_us);
int64_t binance_sent_time(const struct session *s, const struct trade *t); /* of a trade, as odd as the script wants it */

/* {"e":EVENT,"E":...,"s":SYMBOL */
char *binance_event(char *d, const struct session *s, const struct trade *t, const char *event, int64_t event_us);
char *binance_field(char *d, const char *name, struct dec v, enum spelling how); /* ,"name":"1.5" */
char *binance_number(char *d, const char *name, int64_t v);                     /* ,"name":1 */

/* REST, both; the dialect says which by merges_fills. */
void binance_rest(const struct request *r, struct answer *a);
unsigned binance_rest_group(const struct request *r, const char **name, uint64_t *cost);
void binance_rest_headers(struct answer *a, const struct limit_state *l);
void binance_refusal(struct answer *a, int status, const char *words);

/* Ids, spot: t, a; futures: a, and f of the first fill. */
uint64_t binance_id(const struct trade *t);
uint64_t binance_id_at(const struct trade *t, uint32_t serial); /* of another of its aggregate */
int64_t binance_book_id(const struct trade *t); /* of the book; there are two more behind it */
uint64_t binance_aggregate_id(const struct trade *t);
uint64_t binance_first_fill(const struct trade *t);
struct dec binance_price(const struct trade *t); /* futures: with the market's own decimals */

void binance_split(const char *symbol, char *base, char *quote);
const char *binance_replay_code(const char *text, size_t len, size_t *code_len);

#endif
