#include "recorder/exchanges/exchange.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

extern const struct exchange exchange_upbit, exchange_bithumb, exchange_bithumb_legacy, exchange_binance,
	exchange_binance_usdm;

const struct exchange *const exchanges[] = {
	&exchange_upbit, &exchange_bithumb, &exchange_bithumb_legacy, &exchange_binance, &exchange_binance_usdm, NULL,
};
static_assert(sizeof exchanges / sizeof *exchanges <= EXCHANGES_MAX + 1, "arrays with a row an exchange have room for all");

const struct exchange *exchange_find(const char *name)
{
	for (const struct exchange *const *e = exchanges; *e; e++)
		if (strcmp((*e)->name, name) == 0)
			return *e;
	return NULL;
}

static int compare_key(const void *key, const void *element)
{
	return strcmp(key, *(const char *const *)element);
}

bool market_set_find(const struct market_set *set, const char *key, uint32_t *market)
{
	if (set->count == 0)
		return false;
	const char *const *found = bsearch(key, set->keys, set->count, sizeof *set->keys, compare_key);
	if (!found)
		return false;
	*market = set->markets[found - (const char *const *)set->keys];
	return true;
}
