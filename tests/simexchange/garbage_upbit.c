#include "garbage.h"

#include <stddef.h>

/*
 * Trades with exactly one thing wrong, in the long form and the short. What a reader may well accept - a number in quotes, a field too many -
 * is not here: each of these has a price, size, side, market, time or id that cannot be one.
 */
#define LONG(price, volume, side, ttms, sid) \
	"{\"type\":\"trade\",\"code\":\"%\",\"timestamp\":1789874437600,\"trade_date\":\"2026-09-20\",\"trade_time\":\"03:20:37\",\"trade_timestamp\":" ttms \
	",\"trade_price\":" price ",\"trade_volume\":" volume ",\"ask_bid\":" side ",\"prev_closing_price\":1.0,\"change\":\"RISE\",\"change_price\":1.0," \
	"\"sequential_id\":" sid ",\"stream_type\":\"REALTIME\"}"
#define SHORT(price, volume, side, ttms, sid) \
	"{\"ty\":\"trade\",\"cd\":\"%\",\"tms\":1789874437600,\"td\":\"2026-09-20\",\"ttm\":\"03:20:37\",\"ttms\":" ttms \
	",\"tp\":" price ",\"tv\":" volume ",\"ab\":" side ",\"pcp\":1.0,\"c\":\"RISE\",\"cp\":1.0,\"sid\":" sid ",\"st\":\"REALTIME\"}"
#define BOTH(price, volume, side, ttms, sid) LONG(price, volume, side, ttms, sid), SHORT(price, volume, side, ttms, sid)
#define P "127.0"
#define V "0.5"
#define B "\"BID\""
#define T "1789874437574"
#define ID "17898744375740001"
#define DIGITS_45 "123456789012345678901234567890123456789012345"

const char *const garbage_upbit[] = {
	/* the price */
	BOTH("\"abc\"", V, B, T, ID), BOTH("null", V, B, T, ID), BOTH("true", V, B, T, ID), BOTH("{\"p\":1}", V, B, T, ID), BOTH("[127.0]", V, B, T, ID),
	BOTH("\"\"", V, B, T, ID), BOTH("NaN", V, B, T, ID), BOTH("Infinity", V, B, T, ID), BOTH("-127.0", V, B, T, ID), BOTH("1.2.3", V, B, T, ID),
	BOTH("1E", V, B, T, ID), BOTH("1E999999999", V, B, T, ID), BOTH("0x10", V, B, T, ID), BOTH("1,000", V, B, T, ID), BOTH("", V, B, T, ID),
	BOTH(DIGITS_45, V, B, T, ID), BOTH("0." DIGITS_45, V, B, T, ID),
	/* the size */
	BOTH(P, "\"many\"", B, T, ID), BOTH(P, "null", B, T, ID), BOTH(P, "-0.5", B, T, ID), BOTH(P, "NaN", B, T, ID), BOTH(P, DIGITS_45 "." DIGITS_45, B, T, ID),
	BOTH(P, "1E-999999999", B, T, ID), BOTH(P, "false", B, T, ID),
	/* the side */
	BOTH(P, V, "\"HOLD\"", T, ID), BOTH(P, V, "null", T, ID), BOTH(P, V, "1", T, ID), BOTH(P, V, "\"\"", T, ID),
	/* the time */
	BOTH(P, V, B, "null", ID), BOTH(P, V, B, "\"yesterday\"", ID), BOTH(P, V, B, "-1", ID), BOTH(P, V, B, DIGITS_45, ID), BOTH(P, V, B, "1.5E400", ID),
	/* the id */
	BOTH(P, V, B, T, "null"), BOTH(P, V, B, T, "-17898744375740001"), BOTH(P, V, B, T, "1.5"), BOTH(P, V, B, T, "\"one\""), BOTH(P, V, B, T, DIGITS_45),
	BOTH(P, V, B, T, "{}"), BOTH(P, V, B, T, "true"),
	/* missing: the code, the price, the size, the side, the id, the time; the type */
	"{\"type\":\"trade\",\"trade_timestamp\":" T ",\"trade_price\":1,\"trade_volume\":1,\"ask_bid\":\"BID\",\"sequential_id\":" ID "}",
	"{\"type\":\"trade\",\"code\":\"%\",\"trade_timestamp\":" T ",\"trade_volume\":1,\"ask_bid\":\"BID\",\"sequential_id\":" ID "}",
	"{\"type\":\"trade\",\"code\":\"%\",\"trade_timestamp\":" T ",\"trade_price\":1,\"ask_bid\":\"BID\",\"sequential_id\":" ID "}",
	"{\"type\":\"trade\",\"code\":\"%\",\"trade_timestamp\":" T ",\"trade_price\":1,\"trade_volume\":1,\"sequential_id\":" ID "}",
	"{\"type\":\"trade\",\"code\":\"%\",\"trade_timestamp\":" T ",\"trade_price\":1,\"trade_volume\":1,\"ask_bid\":\"BID\"}",
	"{\"type\":\"trade\",\"code\":\"%\",\"trade_price\":1,\"trade_volume\":1,\"ask_bid\":\"BID\",\"sequential_id\":" ID "}",
	"{\"code\":\"%\",\"trade_price\":1,\"trade_volume\":1}",
	"{\"type\":\"trade\"}", "{\"ty\":\"trade\"}", "{\"type\":\"trade\",\"code\":\"%\"}", "{\"type\":7}", "{\"type\":null,\"code\":\"%\"}",
	/* types and markets nobody asked for; a market that is no text, or whose text is no UTF-8, or that tries to break out of something */
	"{\"type\":\"liquidation\",\"code\":\"%\",\"trade_price\":1,\"trade_volume\":1}",
	"{\"type\":\"trade\",\"code\":\"KRW-NOSUCH\",\"timestamp\":1789874437600,\"trade_timestamp\":" T ",\"trade_price\":127.0,\"trade_volume\":0.5,"
	"\"ask_bid\":\"BID\",\"sequential_id\":" ID ",\"stream_type\":\"REALTIME\"}",
	"{\"ty\":\"trade\",\"cd\":\"KRW-NOSUCH\",\"tms\":1789874437600,\"ttms\":" T ",\"tp\":127.0,\"tv\":0.5,\"ab\":\"BID\",\"sid\":" ID ",\"st\":\"REALTIME\"}",
	"{\"type\":\"trade\",\"code\":5,\"trade_timestamp\":" T ",\"trade_price\":1,\"trade_volume\":1,\"ask_bid\":\"BID\",\"sequential_id\":" ID "}",
	"{\"type\":\"trade\",\"code\":\"KRW-\xff\xfe\",\"trade_timestamp\":" T ",\"trade_price\":1,\"trade_volume\":1,\"ask_bid\":\"BID\",\"sequential_id\":" ID "}",
	"{\"type\":\"trade\",\"code\":\"KRW-B\\u0000TC\",\"trade_timestamp\":" T ",\"trade_price\":1,\"trade_volume\":1,\"ask_bid\":\"BID\",\"sequential_id\":" ID "}",
	"{\"type\":\"trade\",\"code\":\"'; DROP TABLE trades; --\",\"trade_timestamp\":" T ",\"trade_price\":1,\"trade_volume\":1,\"ask_bid\":\"BID\",\"sequential_id\":" ID "}",
	/* the same key twice, wrong both times */
	"{\"type\":\"trade\",\"code\":\"%\",\"trade_timestamp\":" T ",\"trade_price\":-1,\"trade_price\":\"x\",\"trade_volume\":1,\"ask_bid\":\"BID\",\"sequential_id\":" ID "}",
	"{\"type\":\"orderbook\",\"type\":\"orderbook\",\"code\":\"%\",\"code\":\"%\",\"orderbook_units\":[],\"orderbook_units\":{}}",
	/* cut off */
	"{\"type\":\"trade\",\"code\":\"%\",\"trade_price\":127.", "{\"type\":\"trade\",\"code\":\"%\",\"trade_timestamp\":" T ",\"trade_price\":127.0,\"trade_vol",
	/* the exchange's own words */
	"{\"error\":{\"name\":\"INVALID_PARAM\",\"message\":\"nothing happened\"}}", "{\"error\":null}", "{\"error\":\"text\"}",
	NULL
};
