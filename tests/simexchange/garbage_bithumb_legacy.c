#include "garbage.h"

#include <stddef.h>

/* Lists of one trade with exactly one thing wrong, and messages that hold no list. */
#define LIST(rows) "{\"type\":\"transaction\",\"content\":{\"list\":[" rows "]}}"
#define ROW(side, price, qty, dtm, symbol) \
	"{\"buySellGb\":" side ",\"contPrice\":" price ",\"contQty\":" qty ",\"contAmt\":\"1.000\",\"contDtm\":" dtm ",\"updn\":\"up\",\"symbol\":" symbol "}"
#define ONE(side, price, qty, dtm, symbol) LIST(ROW(side, price, qty, dtm, symbol))
#define B "\"2\""
#define P "\"127.5\""
#define Q "\"0.5\""
#define T "\"2026-09-20 12:20:37.574123\""
#define S "\"%\""
#define DIGITS_45 "123456789012345678901234567890123456789012345"

const char *const garbage_bithumb_legacy[] = {
	/* the side */
	ONE("\"3\"", P, Q, T, S), ONE("\"0\"", P, Q, T, S), ONE("null", P, Q, T, S), ONE("\"\"", P, Q, T, S), ONE("\"buy\"", P, Q, T, S), ONE("[]", P, Q, T, S),
	/* the price */
	ONE(B, "\"abc\"", Q, T, S), ONE(B, "null", Q, T, S), ONE(B, "\"\"", Q, T, S), ONE(B, "\"-1\"", Q, T, S), ONE(B, "\"1.2.3\"", Q, T, S),
	ONE(B, "\"NaN\"", Q, T, S), ONE(B, "\"Infinity\"", Q, T, S), ONE(B, "\"0x10\"", Q, T, S), ONE(B, "\"1E999999999\"", Q, T, S),
	ONE(B, "\"" DIGITS_45 "\"", Q, T, S), ONE(B, "\"0." DIGITS_45 "\"", Q, T, S), ONE(B, "{\"p\":1}", Q, T, S), ONE(B, "true", Q, T, S), ONE(B, "\" \"", Q, T, S),
	/* the size */
	ONE(B, P, "\"many\"", T, S), ONE(B, P, "null", T, S), ONE(B, P, "\"-0.5\"", T, S), ONE(B, P, "\"1E-999999999\"", T, S), ONE(B, P, "[]", T, S),
	ONE(B, P, "\"" DIGITS_45 "." DIGITS_45 "\"", T, S), ONE(B, P, "\"\"", T, S), ONE(B, P, "false", T, S),
	/* the time */
	ONE(B, P, Q, "null", S), ONE(B, P, Q, "\"\"", S), ONE(B, P, Q, "\"yesterday\"", S), ONE(B, P, Q, "\"2026-13-20 12:20:37.574123\"", S),
	ONE(B, P, Q, "\"2026-09-31 12:20:37.574123\"", S), ONE(B, P, Q, "\"2026-09-20 24:20:37.574123\"", S), ONE(B, P, Q, "\"2026-09-20 12:61:37.574123\"", S),
	ONE(B, P, Q, "\"2026-09-20\"", S), ONE(B, P, Q, "\"2026-09-20 12:20:37.574123 and more\"", S), ONE(B, P, Q, "1789874437574", S),
	ONE(B, P, Q, "\"2026-09-20 12:20:xx.574123\"", S), ONE(B, P, Q, "\"-2026-09-20 12:20:37.574123\"", S),
	/* the market */
	ONE(B, P, Q, T, "null"), ONE(B, P, Q, T, "5"), ONE(B, P, Q, T, "\"\""), ONE(B, P, Q, T, "\"NOSUCH_KRW\""), ONE(B, P, Q, T, "\"BTC_\xff\xfe\""),
	ONE(B, P, Q, T, "\"B\\u0000TC_KRW\""), ONE(B, P, Q, T, "\"'; DROP TABLE trades; --\""),
	/* something is missing */
	LIST("{\"contPrice\":" P ",\"contQty\":" Q ",\"contDtm\":" T ",\"symbol\":" S "}"), LIST("{\"buySellGb\":" B ",\"contQty\":" Q ",\"contDtm\":" T ",\"symbol\":" S "}"),
	LIST("{\"buySellGb\":" B ",\"contPrice\":" P ",\"contDtm\":" T ",\"symbol\":" S "}"), LIST("{\"buySellGb\":" B ",\"contPrice\":" P ",\"contQty\":" Q ",\"symbol\":" S "}"),
	LIST("{\"buySellGb\":" B ",\"contPrice\":" P ",\"contQty\":" Q ",\"contDtm\":" T "}"), LIST("{}"), LIST("null"), LIST("5"), LIST("[]"), LIST("\"text\""), LIST(""),
	"{\"type\":\"transaction\"}", "{\"type\":\"transaction\",\"content\":null}", "{\"type\":\"transaction\",\"content\":{}}",
	"{\"type\":\"transaction\",\"content\":{\"list\":null}}", "{\"type\":\"transaction\",\"content\":{\"list\":{}}}", "{\"type\":\"transaction\",\"content\":[]}",
	"{\"type\":\"transaction\",\"content\":\"list\"}", "{\"type\":5,\"content\":{\"list\":[]}}", "{\"content\":{\"list\":[" ROW(B, P, Q, T, S) "]}}",
	"{\"type\":\"liquidation\",\"content\":{\"list\":[" ROW(B, P, Q, T, S) "]}}",
	/* tickers that are none */
	"{\"type\":\"ticker\"}", "{\"type\":\"ticker\",\"content\":null}", "{\"type\":\"ticker\",\"content\":{\"tickType\":\"24H\",\"symbol\":\"%\"}}",
	"{\"type\":\"ticker\",\"content\":{\"tickType\":\"99Y\",\"date\":\"20260920\",\"time\":\"122037\",\"openPrice\":\"1\",\"closePrice\":\"1\",\"lowPrice\":\"1\","
	"\"highPrice\":\"1\",\"volume\":\"1\",\"symbol\":\"%\"}}",
	"{\"type\":\"ticker\",\"content\":{\"tickType\":\"24H\",\"date\":\"20261320\",\"time\":\"996199\",\"openPrice\":\"1\",\"closePrice\":\"1\",\"lowPrice\":\"1\","
	"\"highPrice\":\"1\",\"volume\":\"1\",\"symbol\":\"%\"}}",
	"{\"type\":\"ticker\",\"content\":{\"tickType\":\"24H\",\"date\":\"20260920\",\"time\":\"122037\",\"openPrice\":\"x\",\"closePrice\":null,\"lowPrice\":\"\","
	"\"highPrice\":{},\"volume\":\"-1\",\"symbol\":\"%\"}}",
	/* cut off */
	"{\"type\":\"transaction\",\"content\":{\"list\":[" ROW(B, P, Q, T, S), "{\"type\":\"transaction\",\"content\":{\"list\":[{\"buySellGb\":\"2\",\"contPri",
	/* the exchange's own words */
	"{\"status\":\"9999\"}", "{\"status\":null}", "{\"status\":0,\"resmsg\":[]}", "{\"resmsg\":\"Connected Successfully\"}",
	NULL
};
