#include "recorder/gaps/audit.h"

#include "recorder/clock.h"
#include "recorder/log.h"

#include <stdlib.h>
#include <string.h>

#define TICK_US (US_PER_SECOND / 2)
#define AGAIN_US (15 * US_PER_SECOND) /* by then what was on its way has come */
#define ANSWER_TIMEOUT_US (10 * US_PER_SECOND)
#define SETTLE_US US_PER_SECOND       /* beyond a market's lateness */
#define FAILURES_MAX 3                /* answers in a row that are none: enough for this round */
#define PROBES_MAX 60                 /* of an exchange and round: a request each */
#define AHEAD_MAX_US US_PER_MINUTE    /* a time so far beyond the exchange's clock is none */

static void on_timer(lws_sorted_usec_list_t *sul);

static struct gaps *gaps_of(const struct auditor *a)
{
	return a->audit->gaps;
}

static struct net *net_of(const struct auditor *a)
{
	return a->audit->backfill->net;
}

static const struct market_plan *plan_of(const struct auditor *a)
{
	return a->audit->backfill->plan;
}

static const struct config *config_of(const struct auditor *a)
{
	return a->audit->backfill->config;
}

static const struct exchange *exchange_of(const struct auditor *a)
{
	return config_of(a)->addresses[a->exchange].exchange;
}

static void look_again(struct auditor *a, int64_t in_us)
{
	lws_sul_schedule(net_of(a)->context, 0, &a->timer, on_timer, in_us);
}

/* Is that market this auditor's to ask about? */
static bool is_ours(const struct auditor *a, size_t market)
{
	const struct market *m = plan_of(a)->markets[market];
	return m->exchange == exchange_of(a) && gaps_knows(gaps_of(a), (uint32_t)market) && !a->audit->markets[market].unlisted;
}

/* Markets may have joined.  false: no memory, and the next round tries again. */
static bool make_room(struct audit *audit)
{
	size_t count = audit->backfill->plan->market_count;
	if (count <= audit->market_count)
		return true;
	struct audit_market *grown = realloc(audit->markets, count * sizeof *grown);
	if (!grown)
		return false;
	for (size_t i = audit->market_count; i < count; i++)
		grown[i] = (struct audit_market){ .suspect_us = INT64_MIN };
	audit->markets = grown;
	audit->market_count = count;
	return true;
}

/* ---- what an answer says ---- */

static int64_t day_start_us(int64_t time_us, int64_t offset_us)
{
	return (time_us + offset_us) / US_PER_DAY * US_PER_DAY - offset_us;
}

/* When it traded last, by the exchange's word; where it tells no time, a volume that grew tells that it was not before the last
 * answer.  INT64_MIN: nothing is known. */
static int64_t traded_us(const struct audit_market *m, const struct market_total *total)
{
	if (total->last_us != INT64_MIN)
		return total->last_us;
	return m->told && decimal_compare(&total->volume, &m->volume) > 0 ? m->said_us : INT64_MIN;
}

/* What is suspected is looked at again soon. */
static void suspect(struct auditor *a, uint32_t market, int64_t traded_us, int64_t now)
{
	int64_t every_us = config_of(a)->audit_us, again = now + (every_us < AGAIN_US ? every_us : AGAIN_US);
	a->audit->markets[market].suspect_us = traded_us;
	a->again_mono_us = again < a->again_mono_us ? again : a->again_mono_us;
}

/* Newer than ours by more than may be on its way; of an old trade it is certain that it comes no more, however little newer it is. */
static bool is_behind(const struct auditor *a, int64_t traded, int64_t accounted_us, int64_t exchange_now_us, int64_t late_us)
{
	bool old = exchange_now_us > traded + late_us;
	return traded - (old ? exchange_of(a)->totals->moment_us : late_us) > accounted_us;
}

/* Is it mute?  A trade there is newer than what we account for: that is asked once more, and then it is. */
static void look_whether_mute(struct auditor *a, uint32_t market, int64_t traded, int64_t now)
{
	struct gaps *g = gaps_of(a);
	struct audit_market *m = &a->audit->markets[market];
	int64_t accounted_us = gaps_accounted_us(g, market, now), exchange_now_us = exchange_clock_at_least_us(&g->times[a->exchange], now);
	int64_t late_us = exchange_of(a)->lateness_us + now - a->asked_mono_us;
	bool behind = accounted_us != INT64_MAX && traded != INT64_MIN && is_behind(a, traded, accounted_us, exchange_now_us, late_us) &&
	              traded < exchange_clock_at_most_us(&g->times[a->exchange], now) + AHEAD_MAX_US;
	bool known_mute = g->states[market].mute;
	if (known_mute && traded != INT64_MIN && traded > accounted_us - exchange_of(a)->lateness_us) {
		gaps_mute(g, market, now); /* it is traded there still */
	} else if (known_mute) {
		gaps_live(g, market, now); /* nothing more is traded there: nothing is missed */
	} else if (m->suspect_us != INT64_MIN && accounted_us < m->suspect_us && exchange_now_us < m->suspect_us + late_us) {
		suspect(a, market, m->suspect_us, now); /* it may yet come */
	} else if (m->suspect_us != INT64_MIN && accounted_us < m->suspect_us) {
		m->suspect_us = INT64_MIN;
		log_folded("mute", LOG_ERROR, "mute", "market=%s the exchange has trades of it that never came, though its connection lives",
		           plan_of(a)->markets[market]->name);
		gaps_mute(g, market, now);
	} else if (behind) {
		suspect(a, market, traded, now);
	} else {
		m->suspect_us = INT64_MIN;
	}
}

/* A volume counts only on the day of which it is: not around midnight, nor where the last trade was on another day. */
static void hold_volume(struct auditor *a, uint32_t market, const struct market_total *total, int64_t now)
{
	const struct totals_api *api = exchange_of(a)->totals;
	const struct exchange_clock *clock = &gaps_of(a)->times[a->exchange];
	struct audit_market *m = &a->audit->markets[market];
	int64_t moment_us = total->last_us != INT64_MIN ? total->last_us : total->said_us;
	int64_t day_us = day_start_us(moment_us, api->day_offset_us), slack_us = api->moment_us + exchange_of(a)->lateness_us;
	if (m->held_mono_us != 0 || moment_us == INT64_MIN || !gaps_of(a)->states[market].live ||
	    day_start_us(exchange_clock_at_least_us(clock, now) - slack_us, api->day_offset_us) != day_us ||
	    day_start_us(exchange_clock_at_most_us(clock, now) + slack_us, api->day_offset_us) != day_us)
		return;
	m->held = (struct audit_mark){ .day_from_us = day_us, .asked_wall_us = a->asked_wall_us, .volume = total->volume };
	m->held.from_us = moment_us - api->moment_us > day_us ? moment_us - api->moment_us : day_us;
	m->held.to_us = moment_us + api->moment_us - 1;
	m->held_mono_us = now + exchange_of(a)->lateness_us + SETTLE_US;
}

static bool find(const struct auditor *a, const char *symbol, uint32_t *market)
{
	for (size_t i = 0; i < a->audit->market_count; i++) {
		if (!a->audit->markets[i].asked || !is_ours(a, i) || strcmp(plan_of(a)->markets[i]->symbol, symbol) != 0)
			continue;
		*market = (uint32_t)i;
		return true;
	}
	return false;
}

static void on_total(void *arg, const struct market_total *total)
{
	struct auditor *a = arg;
	int64_t now = clock_mono_us();
	uint32_t market;
	if (!find(a, total->symbol, &market))
		return;
	struct audit_market *m = &a->audit->markets[market];
	look_whether_mute(a, market, traded_us(m, total), now);
	hold_volume(a, market, total, now);
	m->alone = false;
	m->told = total->said_us != INT64_MIN;
	m->volume = total->volume;
	m->said_us = total->said_us;
}

/* One market that the exchange does not know spoils the answer for all: each is asked about alone, then.  Where nothing was
 * ever answered, it is not for the market's sake. */
static void set_apart(struct auditor *a, const char *reason)
{
	struct audit *audit = a->audit;
	bool enough = ++a->failures >= FAILURES_MAX;
	for (size_t i = 0; i < audit->market_count; i++) {
		struct audit_market *m = &audit->markets[i];
		if (enough)
			m->due = m->due && !is_ours(a, i);
		if (!m->asked || !is_ours(a, i))
			continue;
		m->unlisted = a->asked_count == 1 && a->answered;
		m->alone = true;
		m->due = !enough && a->asked_count > 1;
		if (m->unlisted)
			log_folded("audit-unlisted", LOG_WARNING, "audit-unlisted", "market=%s reason=\"%s\" its totals are not asked for any more",
			           plan_of(a)->markets[i]->name, reason);
	}
}

static void take_answer(struct auditor *a)
{
	struct totals_page page = { .status = a->rest.status, .body = a->rest.body ? a->rest.body : "", .len = a->rest.body_len,
		                    .buffer = &a->json, .total = on_total, .arg = a };
	char quoted[200];
	if (exchange_of(a)->totals->take(a->path, &page)) {
		a->answered = true;
		a->failures = 0;
		if (page.bad_rows > 0)
			log_folded("audit-rows", LOG_WARNING, "audit-rows", "exchange=%s rows=%u make no sense", exchange_of(a)->name, page.bad_rows);
		return;
	}
	log_folded("audit-failed", LOG_WARNING, "audit-failed", "exchange=%s markets=%zu reason=%s", exchange_of(a)->name, a->asked_count,
	           log_quote(quoted, sizeof quoted, page.reason, strlen(page.reason)));
	set_apart(a, page.reason);
}

static void on_answer(struct http_get *rest, void *arg)
{
	struct auditor *a = arg;
	bool whole = backfill_heed(a->audit->backfill, a->exchange, rest);
	a->asking = false;
	if (whole)
		take_answer(a);
	for (size_t i = 0; i < a->audit->market_count; i++) {
		struct audit_market *m = &a->audit->markets[i];
		if (!m->asked || plan_of(a)->markets[i]->exchange != exchange_of(a))
			continue;
		m->asked = false;
		m->due = m->due || !whole; /* what was refused is asked again when that is over */
	}
	http_get_release(rest);
	look_again(a, TICK_US);
}

/* ---- when what is asked ---- */

static void ask(struct auditor *a, int64_t now)
{
	struct audit *audit = a->audit;
	const struct exchange_address *address = &config_of(a)->addresses[a->exchange];
	const struct history_api *history = address->exchange->history;
	size_t count = 0, *markets = calloc(audit->market_count + 1, sizeof *markets);
	const char **symbols = calloc(audit->market_count + 1, sizeof *symbols);
	bool *asked = calloc(audit->market_count + 1, sizeof *asked);
	for (size_t i = 0; markets && symbols && asked && i < audit->market_count; i++) {
		if (!audit->markets[i].due || !is_ours(a, i) || (audit->markets[i].alone && count > 0))
			continue;
		markets[count] = i;
		symbols[count++] = plan_of(a)->markets[i]->symbol;
		if (audit->markets[i].alone)
			break;
	}
	a->asked_count = 0;
	if (count > 0)
		address->exchange->totals->path(symbols, asked, count, a->path);
	for (size_t i = 0; i < count; i++) {
		if (!asked[i])
			continue;
		audit->markets[markets[i]].due = false;
		audit->markets[markets[i]].asked = true;
		a->asked_count++;
	}
	free(markets);
	free(symbols);
	free(asked);
	if (a->asked_count == 0)
		return;
	a->asking = true;
	a->asked_mono_us = now;
	a->asked_wall_us = clock_wall_us();
	http_get_start(&a->rest, net_of(a), &address->rest, a->path,
	               (struct http_get_headers){ history ? history->header : NULL, history ? history->limit_header : NULL }, ANSWER_TIMEOUT_US,
	               on_answer, a);
}

/* A total that finds no place in the queue waits for the next look. */
static void push_held(struct auditor *a, int64_t now)
{
	for (size_t i = 0; i < a->audit->market_count && !net_of(a)->throttled; i++) {
		struct audit_market *m = &a->audit->markets[i];
		struct item item = { .kind = ITEM_AUDIT, .market = (uint32_t)i, .audit = m->held };
		if (m->held_mono_us == 0 || now < m->held_mono_us || !is_ours(a, i))
			continue;
		switch (queue_push(net_of(a)->queue, &item)) {
		case QUEUE_OVERFLOWED:
			return;
		case QUEUE_FULL:
			net_throttle(net_of(a));
			break;
		case QUEUE_OPEN:
		default:
			break;
		}
		m->held_mono_us = 0;
	}
}

/* All at each round; what is suspected, soon again.  true: there is something to ask. */
static bool note_due(struct auditor *a, int64_t now)
{
	bool all = now >= a->round_mono_us, suspects = now >= a->again_mono_us, any = false;
	if (all) {
		a->failures = 0;
		a->round_mono_us = now + config_of(a)->audit_us;
	}
	if (suspects)
		a->again_mono_us = INT64_MAX;
	for (size_t i = 0; i < a->audit->market_count; i++) {
		struct audit_market *m = &a->audit->markets[i];
		if (!is_ours(a, i))
			continue;
		m->due = m->due || all || (suspects && m->suspect_us != INT64_MIN);
		any = any || m->due;
	}
	return any;
}

static void probe_the_quiet(struct auditor *a, int64_t now)
{
	struct gaps *g = gaps_of(a);
	size_t count = plan_of(a)->market_count, probes = 0;
	a->round_mono_us = now + config_of(a)->audit_us;
	for (size_t looked = 0; looked < count && probes < PROBES_MAX; looked++) {
		size_t market = a->next_probe++ % count;
		if (plan_of(a)->markets[market]->exchange != exchange_of(a) || !gaps_knows(g, (uint32_t)market))
			continue;
		gaps_probe(g, (uint32_t)market, config_of(a)->audit_us, now);
		probes += g->states[market].probed;
	}
}

static void on_timer(lws_sorted_usec_list_t *sul)
{
	struct auditor *a = lws_container_of(sul, struct auditor, timer);
	int64_t now = clock_mono_us();
	look_again(a, TICK_US);
	if (!exchange_of(a)->totals) {
		if (now >= a->round_mono_us)
			probe_the_quiet(a, now);
		return;
	}
	if (!make_room(a->audit))
		return;
	push_held(a, now);
	bool due = !a->asking && note_due(a, now);
	if (!a->asking && !due)
		a->due_mono_us = 0;
	else if (a->due_mono_us == 0)
		a->due_mono_us = now;
	if (due && backfill_lets(a->audit->backfill, a->exchange, now - a->due_mono_us > config_of(a)->audit_us))
		ask(a, now);
}

void audit_start(struct audit *audit, struct gaps *gaps, struct backfill *backfill)
{
	const struct config *config = backfill->config;
	*audit = (struct audit){ .gaps = gaps, .backfill = backfill };
	for (size_t i = 0; config->audit_us > 0 && i < config->address_count; i++) {
		struct auditor *a = &audit->auditors[i];
		a->audit = audit;
		a->exchange = i;
		a->again_mono_us = INT64_MAX;
		a->round_mono_us = clock_mono_us() + config->audit_us;
		if (config->addresses[i].exchange->totals || config->addresses[i].exchange->ids_step)
			look_again(a, TICK_US);
	}
}

void audit_stop(struct audit *audit)
{
	for (size_t i = 0; i < EXCHANGES_MAX; i++) {
		struct auditor *a = &audit->auditors[i];
		if (!a->audit)
			continue;
		lws_sul_cancel(&a->timer);
		if (a->asking) {
			http_get_stop(&a->rest);
			http_get_release(&a->rest);
			a->asking = false;
		}
		json_buffer_release(&a->json);
	}
	free(audit->markets);
	audit->markets = NULL;
	audit->market_count = 0;
}
