#include "garbage.h"

#include <stddef.h>

/* Trades with exactly one thing wrong, bare and in the wrapper of combined streams. */
#define BARE(event, id, symbol, n, price, qty, time, maker) \
	"{\"e\":\"" event "\",\"E\":1789874437600,\"s\":" symbol ",\"" id "\":" n ",\"p\":" price ",\"q\":" qty ",\"T\":" time ",\"m\":" maker ",\"M\":true}"
#define WRAPPED(event, id, symbol, n, price, qty, time, maker) \
	"{\"stream\":\"^@" event "\",\"data\":" BARE(event, id, symbol, n, price, qty, time, maker) "}"
#define BOTH(event, id, symbol, n, price, qty, time, maker) \
	BARE(event, id, symbol, n, price, qty, time, maker), WRAPPED(event, id, symbol, n, price, qty, time, maker)
#define S "\"%\""
#define N "4299999001"
#define P "\"127.50000000\""
#define Q "\"0.50000000\""
#define T "1789874437574"
#define M "true"
#define DIGITS_45 "123456789012345678901234567890123456789012345"

#define TRADES(event, id) \
	/* the price */ \
	BOTH(event, id, S, N, "\"abc\"", Q, T, M), BOTH(event, id, S, N, "null", Q, T, M), BOTH(event, id, S, N, "\"\"", Q, T, M), \
	BOTH(event, id, S, N, "\"-1\"", Q, T, M), BOTH(event, id, S, N, "\"1.2.3\"", Q, T, M), BOTH(event, id, S, N, "\"NaN\"", Q, T, M), \
	BOTH(event, id, S, N, "\"1E999999999\"", Q, T, M), BOTH(event, id, S, N, "\"1,000\"", Q, T, M), BOTH(event, id, S, N, "{}", Q, T, M), \
	BOTH(event, id, S, N, "\"" DIGITS_45 "\"", Q, T, M), BOTH(event, id, S, N, "true", Q, T, M), BOTH(event, id, S, N, "\" 1\"", Q, T, M), \
	/* the size */ \
	BOTH(event, id, S, N, P, "\"many\"", T, M), BOTH(event, id, S, N, P, "null", T, M), BOTH(event, id, S, N, P, "\"-0.5\"", T, M), \
	BOTH(event, id, S, N, P, "[]", T, M), BOTH(event, id, S, N, P, "\"0." DIGITS_45 "\"", T, M), \
	/* the time */ \
	BOTH(event, id, S, N, P, Q, "null", M), BOTH(event, id, S, N, P, Q, "\"yesterday\"", M), BOTH(event, id, S, N, P, Q, "-1", M), \
	BOTH(event, id, S, N, P, Q, DIGITS_45, M), BOTH(event, id, S, N, P, Q, "{}", M), \
	/* the maker */ \
	BOTH(event, id, S, N, P, Q, T, "null"), BOTH(event, id, S, N, P, Q, T, "\"no\""), BOTH(event, id, S, N, P, Q, T, "7"), BOTH(event, id, S, N, P, Q, T, "{}"), \
	/* the id */ \
	BOTH(event, id, S, "null", P, Q, T, M), BOTH(event, id, S, "-1", P, Q, T, M), BOTH(event, id, S, "1.5", P, Q, T, M), BOTH(event, id, S, "\"one\"", P, Q, T, M), \
	BOTH(event, id, S, DIGITS_45, P, Q, T, M), BOTH(event, id, S, "{}", P, Q, T, M), \
	/* the market */ \
	BOTH(event, id, "null", N, P, Q, T, M), BOTH(event, id, "5", N, P, Q, T, M), BOTH(event, id, "\"\"", N, P, Q, T, M), \
	BOTH(event, id, "\"NOSUCHUSDT\"", N, P, Q, T, M), BOTH(event, id, "\"BTC\xff\xfe\"", N, P, Q, T, M), BOTH(event, id, "\"B\\u0000TC\"", N, P, Q, T, M), \
	BOTH(event, id, "\"'; DROP TABLE trades; --\"", N, P, Q, T, M), \
	/* something is missing */ \
	"{\"e\":\"" event "\"}", "{\"e\":\"" event "\",\"s\":\"%\"}", "{\"stream\":\"^@" event "\"}", "{\"stream\":\"^@" event "\",\"data\":null}", \
	"{\"stream\":\"^@" event "\",\"data\":[]}", "{\"stream\":\"^@" event "\",\"data\":\"text\"}", "{\"stream\":\"^@" event "\",\"data\":{}}", \
	"{\"stream\":5,\"data\":5}", "{\"stream\":null}", "{\"data\":{\"e\":\"" event "\"}}", \
	"{\"e\":\"" event "\",\"s\":\"%\",\"" id "\":" N ",\"q\":" Q ",\"T\":" T ",\"m\":true}", \
	"{\"e\":\"" event "\",\"s\":\"%\",\"" id "\":" N ",\"p\":" P ",\"T\":" T ",\"m\":true}", \
	"{\"e\":\"" event "\",\"s\":\"%\",\"" id "\":" N ",\"p\":" P ",\"q\":" Q ",\"m\":true}", \
	"{\"e\":\"" event "\",\"s\":\"%\",\"" id "\":" N ",\"p\":" P ",\"q\":" Q ",\"T\":" T "}", \
	"{\"e\":\"" event "\",\"s\":\"%\",\"p\":" P ",\"q\":" Q ",\"T\":" T ",\"m\":true}", \
	"{\"e\":\"" event "\",\"" id "\":" N ",\"p\":" P ",\"q\":" Q ",\"T\":" T ",\"m\":true}", \
	/* cut off */ \
	"{\"stream\":\"^@" event "\",\"data\":{\"e\":\"" event "\",\"E\":17898", "{\"e\":\"" event "\",\"E\":1789874437600,\"s\":\"%\",\"" id

/* What is no trade, and the exchange's own words. */
#define OTHERS \
	"{\"e\":\"liquidation\",\"s\":\"%\",\"p\":\"1\",\"q\":\"1\"}", "{\"e\":5,\"s\":\"%\"}", "{\"e\":null}", "{\"e\":[]}", \
	"{\"stream\":\"^@ticker\",\"data\":{\"e\":\"24hrTicker\",\"E\":null,\"s\":\"%\",\"o\":\"x\",\"c\":null,\"h\":{},\"l\":[],\"v\":\"-1\"}}", \
	"{\"e\":\"24hrTicker\",\"E\":1789874437600,\"s\":\"%\"}", "{\"e\":\"depthUpdate\",\"s\":\"%\",\"b\":5,\"a\":{}}", \
	"{\"u\":null,\"s\":\"%\",\"b\":\"x\"}", "{\"result\":null,\"id\":987654}", "{\"result\":[],\"id\":\"nobody\"}", "{\"result\":5}", \
	"{\"code\":2,\"msg\":\"Invalid request: nothing happened\"}", "{\"error\":{\"code\":2,\"msg\":\"Invalid request: nothing happened\"}}", \
	"{\"code\":\"x\",\"msg\":null}"

const char *const garbage_binance[] = { TRADES("trade", "t"), OTHERS, NULL };
const char *const garbage_binance_usdm[] = { TRADES("aggTrade", "a"), OTHERS, NULL };
