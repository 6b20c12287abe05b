#include "recorder/market_fetch.h"

#include "recorder/rest.h"
#include "schema/timefmt.h"

#include <string.h>

#define TIMEOUT_US (6 * US_PER_SECOND) /* a night unchecked is better than an evening lost */
#define STOP_CHECK_US (US_PER_SECOND / 10)

struct fetch {
	struct rest rest;
	const struct exchange *exchange;
	struct market_list *list;
	size_t *pending;
};

static void on_done(struct rest *rest, void *arg)
{
	struct fetch *fetch = arg;
	struct market_list *list = fetch->list;
	struct json_buffer buffer = { .text = NULL };
	const char *reason = NULL;
	(*fetch->pending)--;
	if (rest->status == 0)
		snprintf(list->reason, sizeof list->reason, "%s", rest->reason);
	else if (rest->status != 200)
		snprintf(list->reason, sizeof list->reason, "%s answers with HTTP status %d", rest->url->host, rest->status);
	else if (!fetch->exchange->parse_market_list(rest->body ? rest->body : "", rest->body_len, &buffer, market_list_add, list,
	                                             &reason))
		snprintf(list->reason, sizeof list->reason, "%s answers with %s", rest->url->host, reason);
	else if (list->count == 0)
		snprintf(list->reason, sizeof list->reason, "%s lists no market", rest->url->host);
	else
		list->had = true;
	json_buffer_release(&buffer);
}

/* Wakes the loop, so that a stop is noticed. */
static void on_timer(lws_sorted_usec_list_t *sul)
{
	(void)sul;
}

void market_fetch(struct market_list *lists, const struct config *config, struct net *net, bool (*stop)(void))
{
	struct fetch fetches[EXCHANGES_MAX];
	size_t pending = config->address_count;
	lws_sorted_usec_list_t timer;
	memset(&timer, 0, sizeof timer);
	for (size_t i = 0; i < config->address_count; i++) {
		lists[i] = (struct market_list){ .had = false };
		fetches[i].exchange = config->addresses[i].exchange;
		fetches[i].list = &lists[i];
		fetches[i].pending = &pending;
		rest_start(&fetches[i].rest, net, &config->addresses[i].rest, fetches[i].exchange->market_list_path, TIMEOUT_US,
		           on_done, &fetches[i]);
	}
	while (pending > 0 && !stop()) {
		lws_sul_schedule(net->context, 0, &timer, on_timer, STOP_CHECK_US);
		net_serve(net);
	}
	lws_sul_schedule(net->context, 0, &timer, NULL, LWS_SET_TIMER_USEC_CANCEL);
	for (size_t i = 0; i < config->address_count; i++) {
		rest_stop(&fetches[i].rest);
		rest_release(&fetches[i].rest);
	}
}
