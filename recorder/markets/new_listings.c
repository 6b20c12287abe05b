#include "recorder/markets/new_listings.h"

#include "recorder/clock.h"
#include "recorder/log.h"
#include "recorder/net/reach.h"
#include "schema/base/timefmt.h"

#include <stdlib.h>
#include <string.h>

#define EVERY_US (5 * US_PER_MINUTE) /* with an answer that fails, still within ten minutes */
#define LIST_EVERY 288       /* such rounds: a day.  Then the whole list, where names are asked for in between */
#define LIST_REFUSED_EVERY 12 /* where they are refused: an hour */
#define SOON_US (10 * US_PER_SECOND) /* for a list that never was there, and twice as long each time */

/* Which connections a market from `first` on was added to: they are replaced by ones that ask for it, too. */
static void renew(struct feeds *f, size_t first, size_t connection_count)
{
	for (size_t i = 0; i < connection_count; i++) {
		const struct subscription *wanted = &f->plan->connections[i]->wanted;
		const struct market_set *sets[] = { &wanted->trades, &wanted->tickers };
		bool grew = false;
		for (size_t s = 0; s < 2; s++)
			for (size_t k = 0; k < sets[s]->count; k++)
				grew = grew || sets[s]->markets[k] >= first;
		if (grew)
			feed_renew(f->plan->connections[i]->feed);
	}
}

static bool introduce(struct feeds *f, struct err *err)
{
	if (f->introduced == 0)
		queue_want_introductions(f->net->queue);
	for (; f->introduced < f->plan->market_count; f->introduced++) {
		const struct market *market = f->plan->markets[f->introduced];
		struct item item = { .kind = ITEM_MARKET, .market = (uint32_t)f->introduced, .introduced = market };
		if (!queue_assign(f->net->queue, item.market, gaps_exchange(f->gaps, market->exchange)))
			return err_set(err, "out of memory");
		switch (queue_push(f->net->queue, &item)) {
		case QUEUE_OVERFLOWED:
			return err_set(err, "more markets at once than the queue holds: %zu; raise --queue-rows", f->plan->market_count);
		case QUEUE_FULL:
			net_throttle(f->net);
			break;
		case QUEUE_OPEN:
		default:
			break;
		}
	}
	return true;
}

/* What the queue has no room for they say later. */
static void add_to_gaps(struct feeds *f, uint32_t market)
{
	const struct market *m = f->plan->markets[market];
	if (m->channel == CHANNEL_TRADES)
		gaps_add_market(f->gaps, market, m->exchange, resume_find(f->gaps->resume, m->exchange->name, m->symbol), clock_mono_us());
}

bool feeds_grow(struct feeds *f, struct err *err)
{
	bool known = introduce(f, err);
	for (; f->in_gaps < f->plan->market_count; f->in_gaps++)
		add_to_gaps(f, (uint32_t)f->in_gaps);
	if (!known)
		return false;
	atomic_store(&f->counters->markets, f->plan->market_count);
	for (size_t i = 0; i < f->plan->connection_count; i++) {
		struct connection_plan *connection = f->plan->connections[i];
		if (connection->feed)
			continue;
		struct feed *feed = feed_new(f->net, f->plan, connection, f->gaps, f->counters);
		if (!feed)
			return err_set(err, "out of memory");
		feed_start(feed);
	}
	renew(f, f->fed_markets, f->fed_connections);
	f->fed_markets = f->plan->market_count;
	f->fed_connections = f->plan->connection_count;
	return true;
}

void feeds_go_on(struct feeds *f)
{
	struct err err = { .text = "" };
	if (f->fed_markets == f->plan->market_count && f->fed_connections == f->plan->connection_count)
		return;
	size_t waiting = f->plan->market_count - f->fed_markets;
	if (feeds_grow(f, &err))
		log_event(LOG_INFO, "markets-joined", "markets=%zu they had waited", waiting);
}

void feeds_finish(struct feeds *f)
{
	for (size_t i = 0; i < f->plan->connection_count; i++)
		if (f->plan->connections[i]->feed)
			feed_finish(f->plan->connections[i]->feed);
}

void feeds_release(struct feeds *f)
{
	for (size_t i = 0; f->plan && i < f->plan->connection_count; i++)
		feed_free(f->plan->connections[i]->feed);
}

static void on_timer(lws_sorted_usec_list_t *sul);

static void ask_after(struct new_listings_row *row, int64_t us)
{
	lws_sul_schedule(row->new_listings->feeds->net->context, 0, &row->timer, on_timer, us);
}

static void on_list(struct list_fetch *fetch, void *arg)
{
	struct new_listings_row *row = arg;
	struct feeds *f = row->new_listings->feeds;
	const char *exchange = fetch->address->exchange->name;
	struct err err = { .text = "" };
	bool whole = market_list_suffices(&fetch->list, f->config, fetch->address->exchange);
	size_t added = 0, first = f->plan->market_count;
	if (!whole)
		log_folded(exchange, LOG_WARNING, "new_listings-failed", "exchange=%s reason=\"%s\"", exchange, fetch->list.reason);
	if (!fetch->list.had && !row->whole)
		reach_failed(f->net, (size_t)(row - row->new_listings->rows), exchange, ++row->failed, fetch->list.reason);
	if (fetch->list.had && !market_plan_extend(f->plan, f->config, fetch->address, &fetch->list, &added, &err))
		log_event(LOG_ERROR, "new_listings-failed", "exchange=%s reason=\"%s\"", exchange, err.text);
	if (added > 0 && !feeds_grow(f, &err))
		log_folded("markets-wait", LOG_ERROR, "markets-wait", "exchange=%s markets=%zu reason=\"%s\"", exchange, added, err.text);
	if (!row->whole && (whole || added > 0)) {
		log_event(LOG_INFO, "list-had", "exchange=%s listed=%zu markets_added=%zu", exchange, fetch->list.count, added);
	} else {
		for (size_t i = first; i < f->plan->market_count; i++)
			log_event(LOG_INFO, "newly-listed", "market=%s", f->plan->markets[i]->name);
	}
	row->whole = row->whole || whole;
	row->wait_us = row->whole || 2 * row->wait_us > row->new_listings->every_us ? row->new_listings->every_us : 2 * row->wait_us;
	row->list_mono_us = whole ? clock_mono_us() : row->list_mono_us;
	row->names_refused = false;
	market_list_release(&fetch->list);
	ask_after(row, row->wait_us);
}

static void fetch_list(struct new_listings_row *row)
{
	struct feeds *f = row->new_listings->feeds;
	list_fetch_start(&row->fetch, f->net, &f->config->addresses[row - row->new_listings->rows], on_list, row);
}

/* ---- the names alone ---- */

/* The sum of the new names that a pattern wants: the same for the same names, whatever their order. */
static uint64_t sum_of_new(const struct feeds *f, const struct exchange *exchange, const struct market_list *names)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < names->count; i++) {
		if (!market_is_missing(f->plan, f->config, exchange, names->rows[i].symbol))
			continue;
		uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */
		for (const unsigned char *p = (const unsigned char *)names->rows[i].symbol; *p; p++)
			hash = (hash ^ *p) * UINT64_C(1099511628211);
		sum += hash | 1;
	}
	return sum;
}

/* Names for which the list was fetched in vain (it comes later, or they are about to go) are left alone for longer each time. */
static bool worth_the_list(struct new_listings_row *row, uint64_t unlisted)
{
	if (unlisted != row->unlisted) {
		row->unlisted = unlisted;
		row->pass = row->passed = 0;
	}
	if (unlisted == 0 || row->passed++ < row->pass)
		return false;
	row->pass = 2 * row->pass + 1 < LIST_REFUSED_EVERY ? 2 * row->pass + 1 : LIST_REFUSED_EVERY;
	row->passed = 0;
	return true;
}

static void on_names(struct http_get *rest, void *arg)
{
	struct new_listings_row *row = arg;
	struct feeds *f = row->new_listings->feeds;
	const struct exchange *exchange = f->config->addresses[row - row->new_listings->rows].exchange;
	struct market_list names = { .had = false };
	bool told = list_fetch_take(exchange, exchange->market_names_path, rest, &names);
	bool later = rest->status == 0 || rest->status == 429 || rest->status == 418 || rest->status >= 500 || names.no_memory;
	uint64_t unlisted = told ? sum_of_new(f, exchange, &names) : 0;
	row->asking_names = false;
	row->names_refused = !told && !later;
	if (!told)
		log_folded(exchange->name, LOG_WARNING, "new_listings-failed", "exchange=%s reason=\"%s\"", exchange->name, names.reason);
	market_list_release(&names);
	http_get_release(rest);
	if (told && worth_the_list(row, unlisted))
		fetch_list(row);
	else
		ask_after(row, row->names_refused ? LIST_REFUSED_EVERY * row->new_listings->every_us : row->new_listings->every_us);
}

static void on_timer(lws_sorted_usec_list_t *sul)
{
	struct new_listings_row *row = lws_container_of(sul, struct new_listings_row, timer);
	struct feeds *f = row->new_listings->feeds;
	const struct exchange_address *address = &f->config->addresses[row - row->new_listings->rows];
	bool list_is_due = clock_mono_us() - row->list_mono_us >= LIST_EVERY * row->new_listings->every_us;
	if (!row->whole || !address->exchange->market_names_path || row->names_refused || list_is_due) {
		fetch_list(row);
		return;
	}
	row->asking_names = true;
	http_get_start(&row->names, f->net, &address->rest, address->exchange->market_names_path, (struct http_get_headers){ NULL, NULL },
	           LIST_ANSWER_TIMEOUT_US, on_names, row);
}

static bool has_pattern(const struct config *config, const struct exchange *exchange)
{
	for (size_t i = 0; i < config->wanted_count; i++)
		if (market_is_of(config->wanted[i], exchange) && is_pattern(config->wanted[i]))
			return true;
	return false;
}

void new_listings_start(struct new_listings *r, struct feeds *feeds, const struct market_list *lists)
{
	memset(r, 0, sizeof *r);
	r->feeds = feeds;
	r->every_us = EVERY_US;
#ifdef TAPEDECK_TEST_CLOCK
	const char *every_s = getenv("TAPEDECK_TEST_RELIST_S");
	if (every_s)
		r->every_us = atoll(every_s) * US_PER_SECOND;
#endif
	for (size_t i = 0; i < feeds->config->address_count; i++) {
		struct new_listings_row *row = &r->rows[i];
		row->new_listings = r;
		row->whole = market_list_suffices(&lists[i], feeds->config, feeds->config->addresses[i].exchange);
		row->list_mono_us = clock_mono_us();
		row->failed = !lists[i].had; /* at the start */
		row->wait_us = row->whole || SOON_US > r->every_us ? r->every_us : SOON_US;
		if (has_pattern(feeds->config, feeds->config->addresses[i].exchange))
			ask_after(row, row->wait_us);
	}
}

void new_listings_stop(struct new_listings *r)
{
	for (size_t i = 0; i < EXCHANGES_MAX; i++) {
		lws_sul_cancel(&r->rows[i].timer);
		list_fetch_release(&r->rows[i].fetch);
		if (r->rows[i].asking_names) {
			http_get_stop(&r->rows[i].names);
			http_get_release(&r->rows[i].names);
		}
	}
}
