/* Fetches an exchange's list of markets, all its pages.  Network thread; main's before that thread starts. */
#ifndef RECORDER_MARKETS_LIST_FETCH_H
#define RECORDER_MARKETS_LIST_FETCH_H

#include "recorder/markets/plan.h"
#include "recorder/net/http_get.h"

#define LIST_ANSWER_TIMEOUT_US INT64_C(6000000) /* to begin; a night unchecked is better than an evening lost */

struct list_fetch {
	struct net *net;                         /* borrowed, as address */
	const struct exchange_address *address;
	struct http_get rest;
	size_t page;                             /* the one at hand */
	struct market_list list;                 /* owned; may be moved out in done() */
	bool running;
	void (*done)(struct list_fetch *fetch, void *arg); /* called once, from the loop; `list` tells */
	void *arg;
};

void list_fetch_start(struct list_fetch *fetch, struct net *net, const struct exchange_address *address,
                      void (*done)(struct list_fetch *fetch, void *arg), void *arg);
void list_fetch_release(struct list_fetch *fetch); /* while it runs, too; done() is not called any more */

/* Adds what one answer lists; false: list->reason tells. */
bool list_fetch_take(const struct exchange *exchange, const char *path, const struct http_get *rest, struct market_list *list);

/* The lists of every exchange in the config, side by side: returns when all are there, or given up, or `stop` says so. */
void list_fetch_all(struct market_list *lists, const struct config *config, struct net *net, bool (*stop)(void));

#endif
