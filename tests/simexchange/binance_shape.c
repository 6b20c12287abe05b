/* The shape of Binance's messages, and of its names. */
#include "binance.h"

#include <stdio.h>

#include "dialect.h"
#include "market.h"
#include "session.h"

int64_t binance_time(const struct session *s, int64_t time_us)
{
	return s->format & FORMAT_MICROSECONDS ? time_us : time_us / 1000;
}

int64_t binance_sent_time(const struct session *s, const struct trade *t)
{
	return trade_sent_time(t, s->format & FORMAT_MICROSECONDS ? 1 : 1000);
}

char *binance_begin(char *d, const struct session *s, const struct trade *t, const char *stream)
{
	if (!(s->format & FORMAT_COMBINED))
		return d;
	d = put_lit(d, "{\"stream\":\"");
	d = put_text(d, market_at(t->market)->lower);
	*d++ = '@';
	d = put_text(d, stream);
	return put_lit(d, "\",\"data\":");
}

char *binance_end(char *d, const struct session *s)
{
	*d++ = '}';
	if (s->format & FORMAT_COMBINED)
		*d++ = '}';
	return d;
}

char *binance_event(char *d, const struct session *s, const struct trade *t, const char *event, int64_t event_us)
{
	d = put_lit(d, "{\"e\":\"");
	d = put_text(d, event);
	d = put_lit(d, "\",\"E\":");
	d = put_i64(d, binance_time(s, event_us));
	d = put_lit(d, ",\"s\":\"");
	d = put_text(d, market_at(t->market)->symbol);
	*d++ = '"';
	return d;
}

char *binance_field(char *d, const char *name, struct dec v, enum spelling how)
{
	d = put_lit(d, ",\"");
	d = put_text(d, name);
	d = put_lit(d, "\":\"");
	d = put_dec(d, v, how);
	*d++ = '"';
	return d;
}

char *binance_number(char *d, const char *name, int64_t v)
{
	d = put_lit(d, ",\"");
	d = put_text(d, name);
	d = put_lit(d, "\":");
	return put_i64(d, v);
}

const char *binance_replay_code(const char *text, size_t len, size_t *code_len)
{
	static const char *const keys[] = { "\"s\":\"", NULL };

	return dialect_key_value(text, len, keys, code_len);
}

/* BASE and QUOTE of names that are made up, or given without them: the longest known quote that fits. */
void binance_split(const char *symbol, char *base, char *quote)
{
	static const struct { const char *symbol, *base, *quote; } odd[] = {
		{ "GOLDUSDT", "GOLDU", "SDT" }, { "SUSDTRY", "SUSD", "TRY" }, { "BTCSTBTC", "BTCST", "BTC" },
	};
	static const char *const quotes[] = { "FDUSD", "USDT", "USDC", "TUSD", "BUSD", "BTC", "ETH", "BNB", "TRY", "EUR", "BRL", "JPY", "USD" };
	size_t len = strcspn(symbol, "_"); /* BTCUSDT_261225 */

	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		if (!strcmp(odd[i].symbol, symbol)) {
			snprintf(base, NAME_MAX_BYTES, "%s", odd[i].base);
			snprintf(quote, NAME_MAX_BYTES, "%s", odd[i].quote);
			return;
		}
	}
	for (size_t i = 0; i < sizeof quotes / sizeof *quotes; i++) {
		size_t n = strlen(quotes[i]);

		if (len > n && !strncmp(symbol + len - n, quotes[i], n)) {
			snprintf(base, NAME_MAX_BYTES, "%.*s", (int)(len - n), symbol);
			snprintf(quote, NAME_MAX_BYTES, "%s", quotes[i]);
			return;
		}
	}
	snprintf(base, NAME_MAX_BYTES, "%.*s", (int)len, symbol);
	quote[0] = 0;
}
