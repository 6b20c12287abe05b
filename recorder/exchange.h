/* What the recorder knows of an exchange: one const struct in one file, exchange_NAME.c, listed once in exchange.c.
 *
 * Identity and limits are data; the functions are pure: bytes in, values out through `sink`, no clock, no socket, no log,
 * so that they can be tested and fuzzed alone.  All are called on the network thread, and none may block. */
#ifndef RECORDER_EXCHANGE_H
#define RECORDER_EXCHANGE_H

#include "recorder/json.h"
#include "schema/market_name.h"
#include "schema/trade.h"

/* The markets of one connection, sorted by symbol.  Borrowed: the recorder's config owns the symbols. */
struct market_set {
	const char *const *symbols;
	const uint32_t *markets; /* the recorder's index of each */
	size_t count;
};
bool market_set_find(const struct market_set *set, const char *symbol, uint32_t *market); /* false: not asked for */

/* Where parse() puts what it found; each call is made before parse() returns, and borrowed texts end with it. */
struct sink {
	void (*trade)(void *arg, const struct trade *trade); /* .market set, .recv_wall_us not */
	/* One message, or one element of a list, that could not be used; the others around it are.  `reason` is a constant,
	 * `detail` (may be "") what was there. */
	void (*bad)(void *arg, const char *reason, const char *detail);
	void (*error_frame)(void *arg, const char *name, const char *message); /* the exchange complains */
	void (*other)(void *arg); /* an order book, a heartbeat: passed over */
	void *arg;
};

struct listed_market { /* a row of the exchange's own list; texts borrowed */
	const char *symbol, *base, *quote;
};

struct exchange {
	const char *name;
	const char *ws_url, *rest_url; /* defaults of --ws-url and --rest-url */
	const char *market_list_path;  /* behind the rest url */
	struct id_rule id_rule;        /* how it makes trade ids */

	/* Writes the frame that asks for the trades of `set`; `ticket` is unique per connection.  malloc'd, the caller frees;
	 * NULL: no memory. */
	char *(*subscribe)(const struct market_set *set, const char *ticket);
	/* One whole message.  `buffer` is scratch memory of the caller's. */
	void (*parse)(const struct market_set *set, const char *text, size_t len, struct json_buffer *buffer,
	              const struct sink *sink);
	/* The body of market_list_path: calls `listed` for each row.  false and a constant *reason: it is no such list. */
	bool (*parse_market_list)(const char *body, size_t len, struct json_buffer *buffer,
	                          void (*listed)(void *arg, const struct listed_market *market), void *arg,
	                          const char **reason);
};

extern const struct exchange *const exchanges[]; /* ends with NULL */
const struct exchange *exchange_find(const char *name);

#endif
