/* The parser of one exchange (FUZZED_EXCHANGE) on any bytes: nothing it says may break a promise.
 * libFuzzer calls LLVMFuzzerTestOneInput; elsewhere replay.c does, with the corpus and what it makes of it. */
#include "recorder/exchanges/field.h"
#include "schema/base/timefmt.h"
#include "tests/payloads/subscriptions.h"

#include <stdio.h>
#include <stdlib.h>

#define LISTED_MAX 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

struct heard {
	const struct subscription *wanted;
	size_t said; /* calls of any kind */
	uint64_t hash;
};

static void add(struct heard *h, const void *bytes, size_t len)
{
	const unsigned char *p = bytes;
	for (size_t i = 0; i < len; i++)
		h->hash = (h->hash ^ p[i]) * UINT64_C(1099511628211);
}

/* Text and back, and through the tape's integer where that holds it: the same number. */
static void check_decimal(struct heard *h, const struct decimal *d)
{
	char text[DECIMAL_TEXT_SIZE];
	struct decimal again;
	int64_t packed;
	size_t len = decimal_format(d, text);
	must(len > 0 && len < sizeof text && strlen(text) == len);
	must(decimal_parse(&again, text, len, NULL) && decimal_compare(d, &again) == 0);
	if (decimal_pack(d, &packed)) {
		must(packed >= 0);
		decimal_unpack(&again, packed);
		must(decimal_compare(d, &again) == 0);
	}
	add(h, text, len);
}

static void check_time(struct heard *h, int64_t time_us)
{
	must(time_us >= 0 && time_us <= TIME_US_MAX);
	add(h, &time_us, sizeof time_us);
}

static void on_trade(void *arg, const struct trade *t)
{
	struct heard *h = arg;
	char id[TRADE_ID_TEXT_SIZE];
	h->said++;
	must(subscribed_key(&h->wanted->trades, t->market));
	must(t->side == SIDE_BUY || t->side == SIDE_SELL);
	must(t->recv_wall_us == 0);
	check_time(h, t->time_us);
	check_decimal(h, &t->price);
	check_decimal(h, &t->size);
	size_t len = trade_id_format(&t->id, id);
	must(len < sizeof id && strspn(id, "0123456789") == len);
	must((t->id.kind == TRADE_ID_NONE) == (len == 0));
	must(t->id.kind != TRADE_ID_NUMBER || t->id.number >= 0);
	must(t->id.kind != TRADE_ID_LONG || (len >= 19 && id[0] != '0'));
	add(h, id, len);
}

static void on_ticker(void *arg, uint32_t market, const struct ticker *t)
{
	struct heard *h = arg;
	const struct decimal *numbers[] = { &t->open, &t->high, &t->low, &t->close, &t->volume };
	h->said++;
	must(subscribed_key(&h->wanted->tickers, market));
	must(t->recv_wall_us == 0);
	check_time(h, t->time_us);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		check_decimal(h, numbers[i]);
}

static void on_unread(void *arg, uint32_t market)
{
	(void)arg;
	(void)market; /* bad() follows, and counts */
}

static void on_words(void *arg, const char *first, const char *second)
{
	struct heard *h = arg;
	h->said++;
	add(h, first, strlen(first));
	add(h, second, strlen(second));
}

static void on_event(void *arg)
{
	((struct heard *)arg)->said++;
}

static void on_spoke(void *arg, uint32_t market)
{
	const struct heard *h = arg;
	must(subscribed_key(&h->wanted->trades, market));
	on_event(arg);
}

static void on_strange(void *arg, const char *reason, const char *detail, const char *code)
{
	on_words(arg, reason, detail);
	if (code)
		add(arg, code, strlen(code));
}

static void on_taken(void *arg, int64_t id)
{
	(void)id;
	on_event(arg);
}

static void on_refused(void *arg, int64_t id, const char *name, const char *message)
{
	(void)id;
	on_words(arg, name, message);
}

static void on_listed(void *arg, const struct listed_market *market)
{
	must(*market->symbol != '\0' || *market->base != '\0' || *market->quote != '\0');
	must(strlen(market->symbol) < SYMBOL_SIZE);
	must(strlen(market->base) < LISTED_MAX && strlen(market->quote) < LISTED_MAX);
	on_words(arg, market->symbol, market->base);
}

static struct heard hear(const struct exchange *exchange, const struct subscription *wanted, const char *text, size_t len)
{
	static struct json_buffer buffer; /* kept, as a connection keeps it */
	struct heard h = { .wanted = wanted, .hash = UINT64_C(14695981039346656037) };
	struct sink sink = { .trade = on_trade, .unread = on_unread, .ticker = on_ticker, .bad = on_words, .strange = on_strange, .error_frame = on_words, .spoke = on_spoke, .other = on_event,
		             .control = on_event, .subscribed = on_taken, .refused = on_refused, .closing = on_event, .arg = &h };
	exchange->parse(wanted, text, len, &buffer, &sink);
	for (const char *const *path = exchange->market_list_paths; *path; path++) {
		const char *reason = NULL;
		if (!exchange->parse_market_list(*path, text, len, &buffer, on_listed, &h, &reason))
			must(reason && *reason);
	}
	return h;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct exchange *exchange;
	static struct subscription all, trades_only;
	if (!exchange) {
		exchange = exchange_find(FUZZED_EXCHANGE);
		must(exchange);
		all = trades_only = subscribed_to(FUZZED_EXCHANGE);
		trades_only.tickers.count = 0;
	}
	struct heard first = hear(exchange, &all, (const char *)data, size), second = hear(exchange, &all, (const char *)data, size);
	must(first.said == second.said && first.hash == second.hash); /* pure */
	hear(exchange, &trades_only, (const char *)data, size);
	return 0;
}
