#include "recorder/exchange.h"

#include <stdlib.h>
#include <string.h>

extern const struct exchange exchange_upbit;

const struct exchange *const exchanges[] = {
	&exchange_upbit,
	NULL,
};

const struct exchange *exchange_find(const char *name)
{
	for (const struct exchange *const *e = exchanges; *e; e++)
		if (strcmp((*e)->name, name) == 0)
			return *e;
	return NULL;
}

static int compare_symbol(const void *key, const void *element)
{
	return strcmp(key, *(const char *const *)element);
}

bool market_set_find(const struct market_set *set, const char *symbol, uint32_t *market)
{
	const char *const *found = bsearch(symbol, set->symbols, set->count, sizeof *set->symbols, compare_symbol);
	if (!found)
		return false;
	*market = set->markets[found - set->symbols];
	return true;
}
