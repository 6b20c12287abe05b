/* What the recorder knows of an exchange: one const struct in one file, exchange_NAME.c, listed once in exchange.c.
 *
 * Identity and limits are data; the functions are pure: bytes in, values out through `sink`, no clock, no socket, no log,
 * so that they can be tested and fuzzed alone.  All are called on the network thread, and none may block. */
#ifndef RECORDER_EXCHANGES_EXCHANGE_H
#define RECORDER_EXCHANGES_EXCHANGE_H

#include "recorder/exchanges/history.h"
#include "recorder/exchanges/json.h"
#include "recorder/exchanges/totals.h"
#include "schema/base/market_name.h"
#include "schema/value/ticker.h"
#include "schema/value/trade.h"

#define WINDOW_SIZE 8
#define EXCHANGES_MAX 16 /* that can be known: arrays with a row for each have so much room */

/* Some markets of a connection, sorted by key: the symbol, or SYMBOL:WINDOW for the ticker of a window. */
struct market_set {
	const char **keys;  /* the array is owned by the connection's plan, the texts by the markets */
	uint32_t *markets;  /* owned likewise; the recorder's index of each */
	size_t count;
};
bool market_set_find(const struct market_set *set, const char *key, uint32_t *market); /* false: not asked for */

struct subscription { /* what one connection carries */
	struct market_set trades, tickers;
};

/* Where parse() puts what it found; each call is made before parse() returns, and borrowed texts end with it. */
struct sink {
	void (*trade)(void *arg, const struct trade *trade); /* .market set, .recv_wall_us not */
	void (*ticker)(void *arg, uint32_t market, const struct ticker *ticker); /* likewise */
	/* A trade of this market could not be read: told before bad(), where the market is known. */
	void (*unread)(void *arg, uint32_t market);
	/* One message, or one element of a list, that could not be used; the others around it are.  `reason` is a constant,
	 * `detail` (may be "") what was there.  It may have been a trade. */
	void (*bad)(void *arg, const char *reason, const char *detail);
	/* Likewise, but by its own words it is no trade of ours: of no type, of an unknown one; `code` (may be NULL): of a market
	 * that was not asked for. */
	void (*strange)(void *arg, const char *reason, const char *detail, const char *code);
	void (*error_frame)(void *arg, const char *name, const char *message); /* the exchange complains */
	/* Of that market, and no trade of now: the last one before it was asked for, say. */
	void (*spoke)(void *arg, uint32_t market);
	void (*other)(void *arg);   /* an order book, another series of trades: passed over */
	void (*control)(void *arg); /* a greeting, a heartbeat: the line lives, no market says anything */
	/* The frame of ours with that id was acknowledged, or refused; FRAME_OLDEST: the answer names none. */
	void (*subscribed)(void *arg, int64_t id);
	void (*refused)(void *arg, int64_t id, const char *name, const char *message);
	void (*closing)(void *arg); /* the exchange says that it will close this connection */
	void *arg;
};

struct listed_market { /* a row of the exchange's own list; texts borrowed */
	const char *symbol, *base, *quote;
};

/* Whether the server answers pings.  UNKNOWN_PINGS: one is sent, and more only if that was answered. */
enum ping_habit { ANSWERS_PINGS, UNKNOWN_PINGS };

#define FRAME_OLDEST INT64_C(-1) /* of an answer that names no frame: it is for the oldest that is out */

/* How it takes frames that ask for markets.  OF_ALL: a frame replaces what was asked for before, so one asks for all; no answer
 * comes but data of each market.  OF_CHANNEL: so for each channel, and each is acknowledged in turn.  OF_MANY: frames add up, each asks for
 * frame_markets, has an id, and is acknowledged by it. */
enum frame_habit { FRAME_OF_ALL, FRAME_OF_CHANNEL, FRAME_OF_MANY };

struct exchange {
	const char *name;
	const char *ws_url, *rest_url; /* defaults of --ws-url and --rest-url */
	const char *ws_query;          /* put behind the ws url, "" for none: "timeUnit=MICROSECOND" */
	const char *const *market_list_paths; /* behind the rest url; all are fetched; ends with NULL */
	const char *market_names_path; /* a small answer that names all that trades; NULL: the list is small itself */
	const char *const *market_list_symbols; /* which symbols each of them lists, as patterns; NULL: any */
	struct id_rule id_rule;        /* how it makes trade ids */
	bool ids_step;                 /* and they grow by one, so that a skip is a gap, and nothing else is */
	int64_t lateness_us;           /* so much later than others a trade may arrive */
	int64_t life_us;               /* a connection is replaced at this age, before the exchange ends it; 0: never */
	const struct history_api *history; /* NULL: its REST proves nothing, and gaps stay */
	const char *no_history_words;  /* then: what to record instead */
	const struct totals_api *totals; /* NULL: its ids prove, or it tells none */
	size_t markets_per_connection; /* 0: no limit */
	enum frame_habit frames;
	size_t frame_markets;          /* of FRAME_OF_MANY */
	unsigned frame_answer_s;       /* so long an acknowledgement, or the first data, may take */
	unsigned frame_pause_ms;       /* between two frames that we send: its limit on messages */
	unsigned mute_alarm_s;         /* connected, and no market said anything for so long: an alarm; 0: thin markets may */
	enum ping_habit pings;
	const char *const *ticker_windows; /* what MARKET@ticker:WINDOW may name, the first is meant by MARKET@ticker alone */

	/* Writes the frame that asks for all of `part`, which is cut as `frames` says.  `ticket` is unique per connection, `id` per
	 * frame.  malloc'd, the caller frees; NULL: no memory. */
	char *(*subscribe)(const struct subscription *part, const char *ticket, int64_t id);
	/* One whole message.  `buffer` is scratch memory of the caller's. */
	void (*parse)(const struct subscription *wanted, const char *text, size_t len, struct json_buffer *buffer,
	              const struct sink *sink);
	/* The body of one of market_list_paths, or of market_names_path (base and quote may be "" there): calls `listed` for each
	 * row, some of which it may have given when it fails.  false and a constant *reason: it is no such list. */
	bool (*parse_market_list)(const char *path, const char *body, size_t len, struct json_buffer *buffer,
	                          void (*listed)(void *arg, const struct listed_market *market), void *arg,
	                          const char **reason);
};

extern const struct exchange *const exchanges[]; /* ends with NULL */
const struct exchange *exchange_find(const char *name);

#endif
