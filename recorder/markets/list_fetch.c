#include "recorder/markets/list_fetch.h"

#include "schema/base/timefmt.h"

#include <string.h>

#define STOP_CHECK_US (US_PER_SECOND / 10)

static void on_page(struct http_get *rest, void *arg);

static void fetch_page(struct list_fetch *f)
{
	const char *path = f->address->exchange->market_list_paths[f->page];
	http_get_start(&f->rest, f->net, &f->address->rest, path, (struct http_get_headers){ NULL, NULL }, LIST_ANSWER_TIMEOUT_US, on_page, f);
}

bool list_fetch_take(const struct exchange *exchange, const char *path, const struct http_get *rest, struct market_list *list)
{
	struct json_buffer buffer = { .text = NULL };
	const char *reason = NULL, *body = rest->body ? rest->body : "";
	char why[NET_STATUS_SIZE];
	size_t before = list->count;
	bool ok = false;
	if (rest->status == 0)
		snprintf(list->reason, sizeof list->reason, "%s", rest->reason);
	else if (rest->status != 200)
		snprintf(list->reason, sizeof list->reason, "%s answers with %s", rest->url->host, net_status(rest->status, why));
	else if (!exchange->parse_market_list(path, body, rest->body_len, &buffer, market_list_add, list, &reason))
		list->no_memory = list->no_memory || strcmp(reason, JSON_NO_MEMORY) == 0;
	else
		ok = !list->no_memory;
	if (list->no_memory)
		snprintf(list->reason, sizeof list->reason, JSON_NO_MEMORY);
	else if (reason && !ok)
		snprintf(list->reason, sizeof list->reason, "%s answers with %s", rest->url->host, reason);
	if (!ok)
		list->count = before; /* rows before the fault */
	json_buffer_release(&buffer);
	return ok;
}

static void on_page(struct http_get *rest, void *arg)
{
	struct list_fetch *f = arg;
	struct market_list *list = &f->list;
	const char *const *paths = f->address->exchange->market_list_paths;
	if (!list_fetch_take(f->address->exchange, paths[f->page], rest, list))
		list->missing_pages |= 1u << f->page;
	http_get_release(rest);
	if (paths[++f->page] && rest->status != 0) {
		fetch_page(f);
		return;
	}
	for (; paths[f->page]; f->page++)
		list->missing_pages |= 1u << f->page;
	if (list->reason[0] == '\0' && list->count == 0)
		snprintf(list->reason, sizeof list->reason, "%s lists no market", rest->url->host);
	list->had = list->count > 0;
	list->partial = list->had && list->reason[0] != '\0';
	f->running = false;
	f->done(f, f->arg);
}

void list_fetch_start(struct list_fetch *f, struct net *net, const struct exchange_address *address,
                      void (*done)(struct list_fetch *fetch, void *arg), void *arg)
{
	memset(f, 0, sizeof *f);
	f->net = net;
	f->address = address;
	f->done = done;
	f->arg = arg;
	f->running = true;
	fetch_page(f);
}

void list_fetch_release(struct list_fetch *f)
{
	if (f->running) {
		http_get_stop(&f->rest);
		http_get_release(&f->rest);
		f->running = false;
	}
	market_list_release(&f->list);
}

static void count_down(struct list_fetch *fetch, void *arg)
{
	(void)fetch;
	--*(size_t *)arg;
}

/* Wakes the loop, so that a stop is noticed. */
static void on_timer(lws_sorted_usec_list_t *sul)
{
	(void)sul;
}

void list_fetch_all(struct market_list *lists, const struct config *config, struct net *net, bool (*stop)(void))
{
	struct list_fetch fetches[EXCHANGES_MAX];
	size_t pending = config->address_count;
	lws_sorted_usec_list_t timer;
	memset(&timer, 0, sizeof timer);
	for (size_t i = 0; i < config->address_count; i++)
		list_fetch_start(&fetches[i], net, &config->addresses[i], count_down, &pending);
	while (pending > 0 && !stop()) {
		lws_sul_schedule(net->context, 0, &timer, on_timer, STOP_CHECK_US);
		net_serve(net);
	}
	lws_sul_cancel(&timer);
	for (size_t i = 0; i < config->address_count; i++) {
		lists[i] = fetches[i].list;
		fetches[i].list = (struct market_list){ .had = false };
		list_fetch_release(&fetches[i]);
	}
}
