#include "recorder/tape/gap_queue.h"

#include "recorder/clock.h"
#include "recorder/log.h"
#include "schema/base/timefmt.h"

#include <stdio.h>

static bool push(struct gap_queue *q, const struct item *item)
{
	enum queue_state state = queue_push(q->net->queue, item);
	if (state == QUEUE_FULL)
		net_throttle(q->net);
	return state != QUEUE_OVERFLOWED;
}

static bool on_row(void *arg, uint32_t market, const struct gap_mark *mark)
{
	struct item item = { .kind = ITEM_GAP, .market = market, .gap = *mark };
	return push(arg, &item);
}

static bool on_coverage(void *arg, uint32_t market, int64_t from_us, int64_t to_us)
{
	struct item item = { .kind = ITEM_COVERAGE, .market = market, .mark = { .from_us = from_us, .to_us = to_us } };
	return push(arg, &item);
}

static void on_event(void *arg, uint32_t market, const struct gap_mark *mark, const char *event)
{
	const struct gap_queue *q = arg;
	const struct market *m = q->plan->markets[market];
	char key[96], from[TIME_TEXT_SIZE], to[TIME_TEXT_SIZE] = "";
	snprintf(key, sizeof key, "%s %s %s", event, m->exchange->name, gap_reason_words[mark->reason]);
	time_format(mark->from_us, from);
	if (mark->to_us != GAP_NOT_OVER)
		time_format(mark->to_us, to);
	log_folded(key, mark->state == GAP_UNFILLABLE ? LOG_ERROR : mark->state == GAP_FILLED ? LOG_INFO : LOG_WARNING, event, "market=%s reason=%s from=%s to=%s%s%s", m->name,
	           gap_reason_words[mark->reason], from, to, mark->note[0] ? " note=" : "", mark->note);
}

static void on_no_history(void *arg, size_t index, const struct exchange *exchange)
{
	struct gap_queue *q = arg;
	if (!q->told_no_history[index])
		log_event(LOG_WARNING, "no-history", "exchange=%s %s", exchange->name, exchange->no_history_words);
	q->told_no_history[index] = true;
}

void gap_queue_init(struct gap_queue *q, struct gaps *gaps, struct net *net, const struct market_plan *plan,
                    const struct config *config, const struct resume *resume)
{
	struct gap_sink sink = { .row = on_row, .coverage = on_coverage, .event = on_event, .no_history = on_no_history, .arg = q };
	*q = (struct gap_queue){ .net = net, .plan = plan };
	gaps_init(gaps, &sink, resume, config->backfill_since_us);
	for (size_t i = 0; i < config->address_count; i++)
		gaps_add_exchange(gaps, config->addresses[i].exchange);
	gaps_set_wall(gaps, clock_wall_us() - clock_mono_us());
}
