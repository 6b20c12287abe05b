#include "recorder/feed_message.h"

#include "recorder/clock.h"
#include "recorder/log.h"
#include "schema/timefmt.h"

#include <stdlib.h>
#include <string.h>

#define QUOTE_SIZE 160

static void complain(struct feed_message *m, const char *event, const char *reason, const char *detail)
{
	char key[96], quoted[QUOTE_SIZE], shown[QUOTE_SIZE];
	const char *exchange = m->feed->address->exchange->name;
	snprintf(key, sizeof key, "%s %s %s", event, exchange, reason);
	log_folded(key, LOG_ODD, event, "exchange=%s reason=\"%s\" what=%s message=%s", exchange, reason,
	           log_quote(quoted, sizeof quoted, detail, strlen(detail)), log_quote(shown, sizeof shown, m->text, m->len));
}

static void on_trade(void *arg, const struct trade *trade)
{
	struct feed_message *m = arg;
	struct item item = { .kind = ITEM_TRADE, .trade = *trade };
	item.trade.recv_wall_us = m->recv_wall_us;
	switch (queue_push(m->net->queue, &item)) {
	case QUEUE_OPEN:
		break;
	case QUEUE_FULL:
		net_throttle(m->net);
		break;
	case QUEUE_OVERFLOWED:
	default:
		stats_add(&m->stats->lost, 1);
		log_folded("overflow", LOG_BROKEN, "trade-lost", "market=%s the queue overflowed", m->plan->markets[trade->market].name);
		return;
	}

	struct habit *habit = &m->habits[trade->market];
	if (habit->last_mono_us == 0) {
		char price[DECIMAL_TEXT_SIZE], time[TIME_TEXT_SIZE];
		decimal_format(&trade->price, price);
		time_format(trade->time_us, time);
		log_event(LOG_INFO, "first-trade", "market=%s time=%s price=%s", m->plan->markets[trade->market].name, time, price);
		stats_add(&m->stats->markets_seen, 1);
	}
	habit_trade(habit, clock_mono_us());
	stats_add(&m->stats->received, 1);
	if (trade->time_us > atomic_load_explicit(&m->stats->newest_us, memory_order_relaxed))
		atomic_store_explicit(&m->stats->newest_us, trade->time_us, memory_order_relaxed);
}

static void on_bad(void *arg, const char *reason, const char *detail)
{
	struct feed_message *m = arg;
	stats_add(&m->stats->bad, 1);
	complain(m, "bad-message", reason, detail);
}

static void on_error_frame(void *arg, const char *name, const char *message)
{
	struct feed_message *m = arg;
	stats_add(&m->stats->bad, 1);
	complain(m, "exchange-error", name, message);
}

static void on_other(void *arg)
{
	((struct feed_message *)arg)->others++;
}

bool feed_message_init(struct feed_message *m, const struct market_plan *plan, const struct feed_plan *feed,
                       struct net *net, struct stats *stats)
{
	*m = (struct feed_message){ .plan = plan, .feed = feed, .net = net, .stats = stats };
	m->habits = calloc(plan->market_count + 1, sizeof *m->habits);
	return m->habits != NULL;
}

void feed_message_release(struct feed_message *m)
{
	free(m->habits);
	free(m->text);
	json_buffer_release(&m->json);
}

void feed_message_reset(struct feed_message *m)
{
	m->len = 0;
	m->passed_over = 0;
}

static bool append(struct feed_message *m, const void *in, size_t len)
{
	if (m->len + len > m->size) {
		size_t size = 2 * (m->len + len);
		char *grown = realloc(m->text, size);
		if (!grown)
			return false;
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
	if (first)
		feed_message_reset(m);
	if (m->passed_over + m->len + len + announced > MESSAGE_BYTES_END)
		return MESSAGE_ENDLESS;
	if (m->passed_over > 0 || m->len + len > MESSAGE_BYTES_MAX || !append(m, in, len))
		m->passed_over += len;
	if (!final)
		return MESSAGE_PART;

	m->recv_wall_us = clock_wall_us();
	struct sink sink = { .trade = on_trade, .bad = on_bad, .error_frame = on_error_frame, .other = on_other, .arg = m };
	if (m->passed_over > 0)
		on_bad(m, "longer than 1 MiB", "");
	else
		m->feed->address->exchange->parse(&m->feed->set, m->len ? m->text : "", m->len, &m->json, &sink);
	return MESSAGE_WHOLE;
}
