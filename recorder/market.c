#include "recorder/market.h"

#include "recorder/log.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEAREST_MAX 5

void market_list_add(void *arg, const struct listed_market *row)
{
	struct market_list *list = arg;
	if (list->count == list->capacity) {
		size_t capacity = list->capacity ? 2 * list->capacity : 256;
		struct market *grown = realloc(list->rows, capacity * sizeof *grown);
		if (!grown)
			return;
		list->rows = grown;
		list->capacity = capacity;
	}
	struct market *m = &list->rows[list->count++];
	*m = (struct market){ .exchange = NULL };
	snprintf(m->symbol, sizeof m->symbol, "%s", row->symbol);
	snprintf(m->base, sizeof m->base, "%s", row->base);
	snprintf(m->quote, sizeof m->quote, "%s", row->quote);
}

void market_list_release(struct market_list *list)
{
	free(list->rows);
}

static bool add_market(struct market_plan *plan, const struct exchange *exchange, const struct market *row, struct err *err)
{
	for (size_t i = 0; i < plan->market_count; i++)
		if (plan->markets[i].exchange == exchange && strcmp(plan->markets[i].symbol, row->symbol) == 0)
			return true; /* named twice, or by name and pattern */
	struct market *grown = realloc(plan->markets, (plan->market_count + 1) * sizeof *grown);
	if (!grown)
		return err_set(err, "out of memory");
	plan->markets = grown;
	struct market *m = &plan->markets[plan->market_count++];
	*m = *row;
	m->exchange = exchange;
	snprintf(m->name, sizeof m->name, "%s:%s", exchange->name, row->symbol);
	return true;
}

static bool not_listed(const char *wanted, const char *symbol, const struct market_list *list, struct err *err)
{
	const char **names = calloc(list->count + 1, sizeof *names);
	size_t best[NEAREST_MAX], found = 0;
	if (names) {
		for (size_t i = 0; i < list->count; i++)
			names[i] = list->rows[i].symbol;
		found = nearest_names(symbol, names, list->count, best, NEAREST_MAX);
	}
	const char *exchange_end = strchr(wanted, ':');
	char near[NEAREST_MAX * MARKET_NAME_SIZE] = "";
	for (size_t i = 0; i < found; i++)
		snprintf(near + strlen(near), sizeof near - strlen(near), " %.*s%s", (int)(exchange_end - wanted) + 1, wanted,
		         names[best[i]]);
	free(names);
	return err_set(err, "%s is not among the %zu markets that the exchange lists%s%.300s", wanted, list->count,
	               found ? "; the nearest:" : "", near);
}

/* One word of the command line into markets. */
static bool expand(struct market_plan *plan, const char *wanted, const struct exchange *exchange,
                   const struct market_list *list, struct err *err)
{
	const char *symbol = strchr(wanted, ':') + 1;
	if (!list->had) {
		if (is_pattern(symbol))
			return err_set(err, "%s cannot be expanded: the exchange's list is not to be had (%s); name the markets one by one",
			               wanted, list->reason);
		struct market unchecked = { .exchange = exchange };
		snprintf(unchecked.symbol, sizeof unchecked.symbol, "%s", symbol);
		return add_market(plan, exchange, &unchecked, err);
	}
	size_t fits = 0;
	for (size_t i = 0; i < list->count; i++) {
		bool fit = is_pattern(symbol) ? fnmatch(symbol, list->rows[i].symbol, 0) == 0
		                              : strcmp(symbol, list->rows[i].symbol) == 0;
		if (fit && !add_market(plan, exchange, &list->rows[i], err))
			return false;
		fits += fit;
	}
	if (fits == 0)
		return is_pattern(symbol) ? err_set(err, "%s fits none of the %zu markets that the exchange lists", wanted, list->count)
		                          : not_listed(wanted, symbol, list, err);
	if (is_pattern(symbol))
		log_event(LOG_INFO, "pattern", "pattern=%s markets=%zu", wanted, fits);
	return true;
}

static const struct market *sorting; /* qsort has no argument to pass; main thread only */

static int compare_market(const void *a, const void *b)
{
	return strcmp(sorting[*(const uint32_t *)a].symbol, sorting[*(const uint32_t *)b].symbol);
}

static bool make_feed(struct market_plan *plan, const struct exchange_address *address, struct err *err)
{
	uint32_t *markets = calloc(plan->market_count + 1, sizeof *markets);
	const char **symbols = calloc(plan->market_count + 1, sizeof *symbols);
	struct feed_plan *feed = &plan->feeds[plan->feed_count++];
	*feed = (struct feed_plan){ .address = address, .set = { .symbols = symbols, .markets = markets } };
	if (!markets || !symbols)
		return err_set(err, "out of memory");
	for (size_t i = 0; i < plan->market_count; i++)
		if (plan->markets[i].exchange == address->exchange)
			markets[feed->set.count++] = (uint32_t)i;
	sorting = plan->markets;
	qsort(markets, feed->set.count, sizeof *markets, compare_market);
	for (size_t i = 0; i < feed->set.count; i++)
		symbols[i] = plan->markets[markets[i]].symbol;
	return true;
}

bool market_plan_make(struct market_plan *plan, const struct config *config, const struct market_list *lists,
                      struct err *err)
{
	*plan = (struct market_plan){ .market_count = 0 };
	for (size_t i = 0; i < config->wanted_count; i++) {
		const char *wanted = config->wanted[i];
		for (size_t k = 0; k < config->address_count; k++) {
			const struct exchange *exchange = config->addresses[k].exchange;
			size_t len = strlen(exchange->name);
			if (strncmp(wanted, exchange->name, len) == 0 && wanted[len] == ':' &&
			    !expand(plan, wanted, exchange, &lists[k], err))
				return false;
		}
	}
	for (size_t k = 0; k < config->address_count; k++)
		if (!make_feed(plan, &config->addresses[k], err))
			return false;
	return true;
}

void market_plan_release(struct market_plan *plan)
{
	for (size_t i = 0; i < plan->feed_count; i++) {
		free((void *)(uintptr_t)plan->feeds[i].set.symbols);
		free((void *)(uintptr_t)plan->feeds[i].set.markets);
	}
	free(plan->markets);
}
