#include "recorder/feeds/feed_message.h"

#include "recorder/clock.h"
#include "recorder/log.h"
#include "schema/base/timefmt.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define AHEAD_US US_PER_MINUTE /* of our clock: a time beyond it is told, and is not the newest */
#define QUOTE_SIZE 160
#define SHORTEST_TRADE_BYTES 64 /* an element of a list; no exchange's is shorter */
#define MESSAGE_MAX_US (300 * US_PER_SECOND)
#define FIRST_TRADE_EVER_US (INT64_C(1230768000) * US_PER_SECOND) /* 2009: a time before is seconds taken for milliseconds, or nonsense */

static_assert(MESSAGE_BYTES_MAX / SHORTEST_TRADE_BYTES < QUEUE_SPARE_ROWS, "a message must find place in the queue");

static void complain(struct feed_message *m, const char *event, const char *reason, const char *detail)
{
	char key[96], quoted[QUOTE_SIZE], shown[QUOTE_SIZE];
	const char *exchange = m->address->exchange->name;
	snprintf(key, sizeof key, "%s %s %s", event, exchange, reason);
	log_folded(key, LOG_WARNING, event, "exchange=%s reason=\"%s\" what=%s message=%s", exchange, reason,
	           log_quote(quoted, sizeof quoted, detail, strlen(detail)), log_quote(shown, sizeof shown, m->text, m->len));
}

/* false: there was no place for it. */
static bool push(struct feed_message *m, struct item *item)
{
	item->connection = m->connection_number;
	m->data = true;
	switch (queue_push(m->net->queue, item)) {
	case QUEUE_FULL:
		net_throttle(m->net);
		break;
	case QUEUE_OVERFLOWED:
		counters_add(&m->counters->lost, 1);
		if (item->kind == ITEM_TRADE)
			m->events.missed(m->events.arg, item->market, GAP_OVERFLOW);
		log_folded("overflow", LOG_ERROR, "trade-lost", "market=%s the queue overflowed", m->plan->markets[item->market]->name);
		return false;
	case QUEUE_OPEN:
	default:
		break;
	}
	return true;
}

/* The first word of each market is worth a line. */
static void note_life(struct feed_message *m, uint32_t market, const char *event, int64_t time_us, const struct decimal *price)
{
	struct quiet *quiet = &m->plan->heard[market].quiet;
	if (quiet->last_mono_us == 0) {
		char price_text[DECIMAL_TEXT_SIZE], time_text[TIME_TEXT_SIZE];
		decimal_format(price, price_text);
		time_format(time_us, time_text);
		log_event(LOG_INFO, event, "market=%s time=%s price=%s", m->plan->markets[market]->name, time_text, price_text);
		counters_add(&m->counters->markets_seen, 1);
	}
	quiet_trade(quiet, clock_mono_us());
}

/* It is the market's last trade until that time comes, and readers count the market as stale. */
static void note_ahead(struct feed_message *m, const struct trade *trade)
{
	struct market_heard *heard = &m->plan->heard[trade->market];
	if (heard->told_ahead || trade->time_us <= m->recv_wall_us + AHEAD_US)
		return;
	char time_text[TIME_TEXT_SIZE];
	time_format(trade->time_us, time_text);
	log_each("trade-ahead", LOG_WARNING, "trade-ahead", "market=%s time=%s ahead_s=%lld of this machine's clock: is one of the two "
	         "wrong?", m->plan->markets[trade->market]->name, time_text,
	         (long long)((trade->time_us - m->recv_wall_us) / US_PER_SECOND));
	heard->told_ahead = true;
}

static void on_unread(void *arg, uint32_t market)
{
	((struct feed_message *)arg)->unread = market;
}

static void on_bad(void *arg, const char *reason, const char *detail)
{
	struct feed_message *m = arg;
	counters_add(&m->counters->bad, 1);
	m->events.missed(m->events.arg, m->unread, GAP_UNPARSEABLE);
	m->unread = NO_MARKET;
	complain(m, "bad-message", reason, detail);
}

static void on_trade(void *arg, const struct trade *trade)
{
	struct feed_message *m = arg;
	struct item item = { .kind = ITEM_TRADE, .market = trade->market, .trade = *trade };
	item.trade.recv_wall_us = m->recv_wall_us;
	if (trade->time_us < FIRST_TRADE_EVER_US) {
		m->unread = trade->market;
		on_bad(m, "a time before 2009", m->plan->markets[trade->market]->name);
		return;
	}
	if (m->carrier->gaps->unsaid)
		gaps_flush(m->carrier->gaps, clock_mono_us());
	if (!push(m, &item))
		return;
	if (!carrier_carries(m->carrier, trade->market))
		m->events.spoke(m->events.arg, trade->market);
	note_life(m, trade->market, "first-trade", trade->time_us, &trade->price);
	counters_add(&m->counters->received, 1);
	carrier_trade(m->carrier, trade, m->carried, clock_mono_us());
	note_ahead(m, trade);
	if (trade->time_us > atomic_load_explicit(&m->counters->newest_us, memory_order_relaxed) &&
	    trade->time_us <= m->recv_wall_us + AHEAD_US)
		atomic_store_explicit(&m->counters->newest_us, trade->time_us, memory_order_relaxed);
}

static void on_ticker(void *arg, uint32_t market, const struct ticker *ticker)
{
	struct feed_message *m = arg;
	struct item item = { .kind = ITEM_TICKER, .market = market, .ticker = *ticker };
	item.ticker.recv_wall_us = m->recv_wall_us;
	if (!push(m, &item))
		return;
	if (!carrier_carries(m->carrier, market))
		m->events.spoke(m->events.arg, market);
	note_life(m, market, "first-ticker", ticker->time_us, &ticker->close);
}

/* Counted and said; it is no trade of ours by its own words, so nothing was missed by it. */
static void on_strange(void *arg, const char *reason, const char *detail, const char *code)
{
	struct feed_message *m = arg;
	counters_add(&m->counters->bad, 1);
	complain(m, "bad-message", reason, detail);
	if (code)
		m->events.stranger(m->events.arg, code);
}

/* An exchange seldom says which market it means: the log names what was asked for. */
static void on_error_frame(void *arg, const char *name, const char *message)
{
	struct feed_message *m = arg;
	const struct subscription *wanted = m->wanted;
	const struct market_set *set = wanted->trades.count > 0 ? &wanted->trades : &wanted->tickers;
	size_t count = wanted->trades.count + wanted->tickers.count;
	char said[2 * QUOTE_SIZE];
	counters_add(&m->counters->bad, 1);
	snprintf(said, sizeof said, "%.30s %.60s; asked for %.50s%s", name, message, set->count > 0 ? set->keys[0] : "nothing",
	         count > 1 ? " and others" : "");
	complain(m, "exchange-error", "the exchange complains", said);
}

static void on_spoke(void *arg, uint32_t market)
{
	struct feed_message *m = arg;
	m->data = true;
	counters_add(&m->counters->others, 1);
	if (!carrier_carries(m->carrier, market))
		m->events.spoke(m->events.arg, market);
}

static void on_other(void *arg)
{
	struct feed_message *m = arg;
	m->data = true;
	counters_add(&m->counters->others, 1);
}

static void on_control(void *arg)
{
	(void)arg;
}

static void on_subscribed(void *arg, int64_t id)
{
	struct feed_message *m = arg;
	m->events.taken(m->events.arg, id);
}

static void on_refused(void *arg, int64_t id, const char *name, const char *message)
{
	struct feed_message *m = arg;
	char why[QUOTE_SIZE];
	counters_add(&m->counters->bad, 1);
	snprintf(why, sizeof why, "%.30s %.100s", name, message);
	m->events.refused(m->events.arg, id, why);
}

static void on_closing(void *arg)
{
	((struct feed_message *)arg)->closing = true;
}

void feed_message_init(struct feed_message *m, struct market_plan *plan, const struct exchange_address *address,
                       struct net *net, struct carrier *carrier, struct counters *counters)
{
	*m = (struct feed_message){ .plan = plan, .address = address, .net = net, .carrier = carrier,
		                    .counters = counters, .unread = NO_MARKET };
}

void feed_message_release(struct feed_message *m)
{
	free(m->text);
	json_buffer_release(&m->json);
}

static void forget_message(struct feed_message *m)
{
	m->len = 0;
	m->passed_over = 0;
	m->no_memory = false;
}

void feed_message_begin(struct feed_message *m, uint32_t connection_number)
{
	forget_message(m);
	m->connection_number = connection_number;
	m->data = m->closing = false;
	m->unread = NO_MARKET;
}

static bool append(struct feed_message *m, const void *in, size_t len)
{
	if (len == 0)
		return true;
	if (m->len + len > m->size) {
		size_t size = 2 * (m->len + len);
		char *grown = realloc(m->text, size);
		if (!grown) {
			m->no_memory = true;
			return false;
		}
		m->text = grown;
		m->size = size;
	}
	memcpy(m->text + m->len, in, len);
	m->len += len;
	return true;
}

enum message_state feed_message_take(struct feed_message *m, const void *in, size_t len, bool first, bool final,
                                     size_t announced)
{
	int64_t now = clock_mono_us();
	if (first) {
		forget_message(m);
		m->begun_mono_us = now;
	}
	if (now - m->begun_mono_us > MESSAGE_MAX_US)
		return MESSAGE_ENDLESS;
	if (m->passed_over + m->len + len + announced > MESSAGE_BYTES_END)
		return MESSAGE_ENDLESS;
	if (m->passed_over > 0 || m->len + len > MESSAGE_BYTES_MAX || !append(m, in, len))
		m->passed_over += len;
	if (!final)
		return MESSAGE_PART;

	m->recv_wall_us = clock_wall_us();
	struct sink sink = { .trade = on_trade, .ticker = on_ticker, .unread = on_unread, .bad = on_bad, .strange = on_strange, .error_frame = on_error_frame,
		             .spoke = on_spoke, .other = on_other, .control = on_control, .subscribed = on_subscribed, .refused = on_refused, .closing = on_closing,
		             .arg = m };
	if (m->passed_over > 0)
		on_bad(m, m->no_memory ? "out of memory" : "longer than 1 MiB", "");
	else
		m->address->exchange->parse(m->wanted, m->len ? m->text : "", m->len, &m->json, &sink);
	return MESSAGE_WHOLE;
}
