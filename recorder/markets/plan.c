#include "recorder/markets/plan.h"

#include "recorder/log.h"
#include "recorder/markets/market_word.h"
#include "schema/base/vec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* It goes into the subscription and into log lines as it is. */
static bool plain_symbol(const char *symbol)
{
	for (const unsigned char *p = (const unsigned char *)symbol; *p; p++)
		if (*p <= ' ' || *p == 0x7f || *p == '"' || *p == '\\')
			return false;
	return *symbol != '\0';
}

void market_list_add(void *arg, const struct listed_market *market)
{
	struct market_list *list = arg;
	if (!plain_symbol(market->symbol))
		return;
	struct listed_row *grown = vec_grow(list->rows, list->count, sizeof *grown);
	if (!grown) {
		list->no_memory = true;
		return;
	}
	list->rows = grown;
	struct listed_row *row = &list->rows[list->count++];
	snprintf(row->symbol, sizeof row->symbol, "%s", market->symbol);
	snprintf(row->base, sizeof row->base, "%s", market->base);
	snprintf(row->quote, sizeof row->quote, "%s", market->quote);
}

void market_list_release(struct market_list *list)
{
	free(list->rows);
	*list = (struct market_list){ .had = false };
}

/* Puts a market into a set, where its key sorts. */
static bool set_insert(struct market_set *set, const char *key, uint32_t market)
{
	const char **keys = realloc(set->keys, (set->count + 1) * sizeof *keys);
	if (keys)
		set->keys = keys;
	uint32_t *markets = realloc(set->markets, (set->count + 1) * sizeof *markets);
	if (markets)
		set->markets = markets;
	if (!keys || !markets)
		return false;
	size_t at = set->count++;
	for (; at > 0 && strcmp(keys[at - 1], key) > 0; at--) {
		keys[at] = keys[at - 1];
		markets[at] = markets[at - 1];
	}
	keys[at] = key;
	markets[at] = market;
	return true;
}

static bool set_copy(struct market_set *copy, const struct market_set *set)
{
	*copy = (struct market_set){ .count = set->count };
	if (set->count == 0)
		return true;
	copy->keys = malloc(set->count * sizeof *copy->keys);
	copy->markets = malloc(set->count * sizeof *copy->markets);
	if (!copy->keys || !copy->markets)
		return false;
	memcpy(copy->keys, set->keys, set->count * sizeof *copy->keys);
	memcpy(copy->markets, set->markets, set->count * sizeof *copy->markets);
	return true;
}

bool subscription_copy(struct subscription *copy, const struct subscription *wanted)
{
	*copy = (struct subscription){ .trades = { .count = 0 } };
	bool trades = set_copy(&copy->trades, &wanted->trades), tickers = set_copy(&copy->tickers, &wanted->tickers);
	if (!trades || !tickers)
		subscription_release(copy);
	return trades && tickers;
}

void subscription_release(struct subscription *copy)
{
	free(copy->trades.keys);
	free(copy->trades.markets);
	free(copy->tickers.keys);
	free(copy->tickers.markets);
	*copy = (struct subscription){ .trades = { .count = 0 } };
}

/* A connection to that address that may carry one more, or a new one. */
static struct connection_plan *connection_with_room(struct market_plan *plan, const struct exchange_address *address)
{
	size_t most = address->exchange->markets_per_connection;
	for (size_t i = 0; i < plan->connection_count; i++) {
		struct connection_plan *c = plan->connections[i];
		if (c->address == address && (most == 0 || c->wanted.trades.count + c->wanted.tickers.count < most))
			return c;
	}
	struct connection_plan **grown = vec_grow(plan->connections, plan->connection_count, sizeof *grown);
	if (!grown)
		return NULL;
	plan->connections = grown;
	struct connection_plan *c = calloc(1, sizeof *c);
	if (!c)
		return NULL;
	c->address = address;
	grown[plan->connection_count++] = c;
	return c;
}

static bool add_market(struct market_plan *plan, const struct exchange_address *address, const struct word *word,
                       const struct listed_row *row, struct err *err)
{
	struct market *m = calloc(1, sizeof *m);
	if (!m)
		return err_set(err, "out of memory");
	m->exchange = address->exchange;
	m->channel = word->channel;
	m->unchecked = word->unchecked;
	memcpy(m->symbol, row->symbol, sizeof m->symbol);
	memcpy(m->base, row->base, sizeof m->base);
	memcpy(m->quote, row->quote, sizeof m->quote);
	memcpy(m->window, word->window, sizeof m->window);
	bool windows_matter = word->channel == CHANNEL_TICKER && address->exchange->ticker_windows[1];
	snprintf(m->key, sizeof m->key, "%s%s%s", m->symbol, windows_matter ? ":" : "", windows_matter ? m->window : "");
	snprintf(m->name, sizeof m->name, "%s:%s%s%s", m->exchange->name, m->symbol,
	         word->channel == CHANNEL_TICKER ? "@ticker:" : "", m->window);
	for (size_t i = 0; i < plan->market_count; i++) {
		if (strcmp(plan->markets[i]->name, m->name) == 0) { /* named twice, or by name and pattern */
			free(m);
			return true;
		}
	}
	struct market **markets = vec_grow(plan->markets, plan->market_count, sizeof *markets);
	if (markets)
		plan->markets = markets;
	struct market_heard *heard = vec_grow(plan->heard, plan->market_count, sizeof *heard);
	if (heard)
		plan->heard = heard;
	if (!markets || !heard) {
		free(m);
		return err_set(err, "out of memory");
	}
	uint32_t index = (uint32_t)plan->market_count++;
	plan->markets[index] = m;
	plan->heard[index] = (struct market_heard){ .told_ahead = false };
	struct connection_plan *connection = connection_with_room(plan, address);
	return (connection && set_insert(m->channel == CHANNEL_TICKER ? &connection->wanted.tickers : &connection->wanted.trades,
	                                 m->key, index)) ||
	       err_set(err, "out of memory");
}

/* Adds the markets of `list` that the word means; *fits: how many there are, known ones too. */
static bool add_fitting(struct market_plan *plan, const struct exchange_address *address, const struct word *word,
                        const struct market_list *list, size_t *fits, struct err *err)
{
	bool pattern = is_pattern(word->symbol);
	*fits = 0;
	for (size_t i = 0; i < list->count; i++) {
		const struct listed_row *row = &list->rows[i];
		if (!(pattern ? pattern_fits(word->symbol, row->symbol) : strcmp(word->symbol, row->symbol) == 0))
			continue;
		++*fits;
		if (!add_market(plan, address, word, row, err))
			return false;
	}
	return true;
}

/* Could something fit both patterns?  By their ends: *_KRW and *_BTC share nothing. */
static bool ends_agree(const char *a, const char *b)
{
	static const char wild[] = "*?[]";
	size_t i = strlen(a), k = strlen(b);
	for (; i > 0 && k > 0 && !strchr(wild, a[i - 1]) && !strchr(wild, b[k - 1]); i--, k--)
		if (a[i - 1] != b[k - 1])
			return false;
	return true;
}

/* Could what is missing of the list hold that symbol, or what fits that pattern? */
static bool may_be_missing(const char *symbol, const struct exchange *exchange, const struct market_list *list)
{
	if (!list->had)
		return true;
	const char *const *held = exchange->market_list_symbols;
	bool may = list->partial && !held;
	for (size_t i = 0; list->partial && !may && exchange->market_list_paths[i]; i++)
		may = (list->missing_pages >> i & 1) && (is_pattern(symbol) ? ends_agree(symbol, held[i]) : pattern_fits(held[i], symbol));
	return may;
}

static bool wait_for_list(struct market_plan *plan, const char *text, const struct market_list *list, struct err *err)
{
	const char **waiting = vec_grow(plan->waiting, plan->waiting_count, sizeof *waiting);
	if (!waiting)
		return err_set(err, "out of memory");
	plan->waiting = waiting;
	plan->waiting[plan->waiting_count++] = text;
	log_event(LOG_WARNING, "pattern-waits", "pattern=%s reason=\"%s\" what fits it joins in as soon as the %s can be had", text,
	          list->reason, list->had ? "whole list" : "list");
	return true;
}

static bool add_delisted(struct market_plan *plan, const struct exchange *exchange, const char *symbol, struct err *err)
{
	struct delisted_market *grown = vec_grow(plan->delisted, plan->delisted_count, sizeof *grown);
	if (!grown)
		return err_set(err, "out of memory");
	plan->delisted = grown;
	grown[plan->delisted_count].exchange = exchange;
	snprintf(grown[plan->delisted_count++].symbol, sizeof grown->symbol, "%s", symbol);
	log_event(LOG_WARNING, "delisted", "market=%s:%s the exchange does not list it any more: it is left out", exchange->name, symbol);
	return true;
}

static bool is_listed(const struct market_list *list, const char *symbol)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->rows[i].symbol, symbol) == 0)
			return true;
	return false;
}

/* What the tape knows of that word, and the whole list does not.  Of a pattern, what the last run still asked for. */
static bool leave_out_delisted(struct market_plan *plan, const struct config *config, const struct exchange *exchange,
                               const struct word *word, const struct market_list *list, size_t *count, struct err *err)
{
	bool pattern = is_pattern(word->symbol), ok = true;
	*count = 0;
	for (size_t i = 0; ok && i < config->on_tape_count; i++) {
		const char *name = config->on_tape[i].name, *symbol = strchr(name, ':') + 1;
		if (!market_is_of(name, exchange) || is_listed(list, symbol) ||
		    !(pattern ? config->on_tape[i].wanted && pattern_fits(word->symbol, symbol) : strcmp(word->symbol, symbol) == 0))
			continue;
		ok = add_delisted(plan, exchange, symbol, err);
		++*count;
	}
	return ok;
}

/* While a pattern waits for its list: what the last run recorded goes on, unchecked, or it would be missing for so long. */
static bool go_on_meanwhile(struct market_plan *plan, const struct config *config, const struct exchange_address *address,
                            const struct word *word, struct err *err)
{
	struct word unchecked = *word;
	bool ok = true;
	unchecked.unchecked = true;
	for (size_t i = 0; ok && word->channel == CHANNEL_TRADES && i < config->on_tape_count; i++) {
		const struct tape_name *there = &config->on_tape[i];
		struct listed_row row = { .base = "" };
		if (!there->wanted || !market_is_of(there->name, address->exchange))
			continue;
		snprintf(row.symbol, sizeof row.symbol, "%s", strchr(there->name, ':') + 1);
		if (pattern_fits(word->symbol, row.symbol))
			ok = add_market(plan, address, &unchecked, &row, err);
	}
	return ok;
}

/* One word of the command line into markets. */
static bool expand(struct market_plan *plan, const struct config *config, const char *text, const struct exchange_address *address,
                   const struct market_list *list, struct err *err)
{
	struct word word;
	size_t fits;
	if (!market_word_read(&word, text, address->exchange, err))
		return false;
	bool pattern = is_pattern(word.symbol);
	if (!add_fitting(plan, address, &word, list, &fits, err))
		return false;
	const struct listed_row *by_assets = fits == 0 ? market_by_assets(&word, list) : NULL;
	if (by_assets) {
		log_event(LOG_INFO, "by-assets", "%s is %s:%s", text, address->exchange->name, by_assets->symbol);
		return add_market(plan, address, &word, by_assets, err);
	}
	if (fits == 0 && !pattern && may_be_missing(word.symbol, address->exchange, list)) {
		struct listed_row unchecked = { .base = "" };
		memcpy(unchecked.symbol, word.symbol, sizeof unchecked.symbol);
		word.unchecked = true;
		return add_market(plan, address, &word, &unchecked, err);
	}
	bool waits = pattern && may_be_missing(word.symbol, address->exchange, list);
	if (waits && !(wait_for_list(plan, text, list, err) && go_on_meanwhile(plan, config, address, &word, err)))
		return false;
	size_t delisted = 0;
	if (!waits && word.channel == CHANNEL_TRADES && !leave_out_delisted(plan, config, address->exchange, &word, list, &delisted, err))
		return false;
	if (fits == 0 && !waits && delisted == 0)
		return pattern ? err_set(err, "%s fits none of the %zu market%s that the exchange lists", text, list->count, list->count == 1 ? "" : "s")
		               : market_not_listed(&word, address->exchange, list, err);
	if (fits > 0 && pattern)
		log_event(LOG_INFO, "pattern", "pattern=%s markets=%zu", text, fits);
	return true;
}

bool market_is_of(const char *name, const struct exchange *exchange)
{
	size_t len = strlen(exchange->name);
	return strncmp(name, exchange->name, len) == 0 && name[len] == ':';
}

bool market_list_suffices(const struct market_list *list, const struct config *config, const struct exchange *exchange)
{
	for (size_t i = 0; i < config->wanted_count; i++) {
		struct err ignored = { .text = "" };
		struct word word;
		if (market_is_of(config->wanted[i], exchange) && is_pattern(config->wanted[i]) &&
		    market_word_read(&word, config->wanted[i], exchange, &ignored) && may_be_missing(word.symbol, exchange, list))
			return false;
	}
	return true;
}

static bool in_plan(const struct market_plan *plan, const struct exchange *exchange, enum channel channel, const char *symbol)
{
	for (size_t i = 0; i < plan->market_count; i++) {
		const struct market *m = plan->markets[i];
		if (m->exchange == exchange && m->channel == channel && strcmp(m->symbol, symbol) == 0)
			return true;
	}
	return false;
}

bool market_is_missing(const struct market_plan *plan, const struct config *config, const struct exchange *exchange, const char *symbol)
{
	for (size_t i = 0; i < config->wanted_count; i++) {
		struct err ignored = { .text = "" };
		struct word word;
		if (market_is_of(config->wanted[i], exchange) && is_pattern(config->wanted[i]) &&
		    market_word_read(&word, config->wanted[i], exchange, &ignored) && pattern_fits(word.symbol, symbol) &&
		    !in_plan(plan, exchange, word.channel, symbol))
			return true;
	}
	return false;
}

bool market_plan_make(struct market_plan *plan, const struct config *config, const struct market_list *lists,
                      struct err *err)
{
	*plan = (struct market_plan){ .config = config };
	for (size_t i = 0; i < config->wanted_count; i++)
		for (size_t k = 0; k < config->address_count; k++)
			if (market_is_of(config->wanted[i], config->addresses[k].exchange) &&
			    !expand(plan, config, config->wanted[i], &config->addresses[k], &lists[k], err))
				return false;
	if (plan->market_count == 0 && plan->waiting_count == 0)
		return err_set(err, "nothing is left to record: what is named is on the tape, and the exchange does not list it any more");
	return true;
}

bool market_plan_extend(struct market_plan *plan, const struct config *config, const struct exchange_address *address,
                        const struct market_list *list, size_t *added, struct err *err)
{
	size_t before = plan->market_count;
	bool ok = true;
	for (size_t i = 0; ok && i < config->wanted_count; i++) {
		struct word word;
		size_t fits;
		if (market_is_of(config->wanted[i], address->exchange) && is_pattern(config->wanted[i]))
			ok = market_word_read(&word, config->wanted[i], address->exchange, err) &&
			     add_fitting(plan, address, &word, list, &fits, err);
	}
	*added = plan->market_count - before;
	return ok;
}

void market_plan_release(struct market_plan *plan)
{
	for (size_t i = 0; i < plan->connection_count; i++) {
		struct connection_plan *c = plan->connections[i];
		subscription_release(&c->wanted);
		free(c);
	}
	free(plan->connections);
	for (size_t i = 0; i < plan->market_count; i++)
		free(plan->markets[i]);
	free(plan->markets);
	free(plan->heard);
	free(plan->waiting);
	free(plan->delisted);
}
