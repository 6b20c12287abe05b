#include "recorder/markets/market_word.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NEAREST_MAX 5

bool market_word_read(struct word *word, const char *text, const struct exchange *exchange, struct err *err)
{
	static const char channel[] = "@ticker";
	*word = (struct word){ .text = text };
	const char *symbol = strchr(text, ':') + 1, *at = strchr(symbol, '@');
	snprintf(word->symbol, sizeof word->symbol, "%.*s", at ? (int)(at - symbol) : (int)strlen(symbol), symbol);
	if (!at)
		return true;
	const char *window = at + strlen(channel);
	if (strncmp(at, channel, strlen(channel)) != 0 || (*window != '\0' && *window != ':'))
		return err_set(err, "'%s': behind @ only ticker is known, as in %s:SYMBOL@ticker", text, exchange->name);
	if (!exchange->ticker_windows)
		return err_set(err, "'%s': tickers of %s are not recorded", text, exchange->name);
	word->channel = CHANNEL_TICKER;
	const char *wanted = *window == ':' ? window + 1 : exchange->ticker_windows[0];
	char known[64] = "";
	for (const char *const *w = exchange->ticker_windows; *w; w++) {
		if (strcmp(*w, wanted) == 0)
			snprintf(word->window, sizeof word->window, "%s", *w);
		snprintf(known + strlen(known), sizeof known - strlen(known), " %s", *w);
	}
	if (word->window[0])
		return true;
	if (!exchange->ticker_windows[1])
		return err_set(err, "'%s': the only window of %s's tickers is%s, so write @ticker alone: %s:%s@ticker", text, exchange->name, known,
		               exchange->name, word->symbol);
	return err_set(err, "'%s': the windows of %s's tickers are%s", text, exchange->name, known);
}

const struct listed_row *market_by_assets(const struct word *word, const struct market_list *list)
{
	const struct listed_row *found = NULL;
	const char *slash = strchr(word->symbol, '/');
	size_t base_len = slash ? (size_t)(slash - word->symbol) : 0;
	if (base_len == 0 || is_pattern(word->symbol))
		return NULL;
	for (size_t i = 0; i < list->count; i++) {
		const struct listed_row *row = &list->rows[i];
		if (strlen(row->base) != base_len || strncasecmp(row->base, word->symbol, base_len) != 0 || strcasecmp(row->quote, slash + 1) != 0)
			continue;
		if (found)
			return NULL;
		found = row;
	}
	return found;
}

/* The exchange's other socket, which spells its symbols so. */
static void add_other_spelling(const struct word *word, const struct exchange *exchange, char *out, size_t size)
{
	char legacy[EXCHANGE_NAME_SIZE + 8];
	snprintf(legacy, sizeof legacy, "%s-legacy", exchange->name);
	if (strchr(word->symbol, '_') && exchange_find(legacy))
		snprintf(out, size, "; %s: has that spelling", legacy);
}

bool market_not_listed(const struct word *word, const struct exchange *exchange, const struct market_list *list, struct err *err)
{
	char meant[NEAREST_MAX * MARKET_NAME_SIZE] = "", more[64] = "";
	const char **names = calloc(list->count + 1, sizeof *names), **bases = calloc(list->count + 1, sizeof *bases);
	bool ok = names && bases;
	for (size_t i = 0; ok && i < list->count; i++) {
		names[i] = list->rows[i].symbol;
		bases[i] = list->rows[i].base;
		if (strcasecmp(names[i], word->symbol) == 0)
			snprintf(meant, sizeof meant, "; did you mean %s:%s?", exchange->name, names[i]);
	}
	size_t best[NEAREST_MAX], found = ok && meant[0] == '\0' ? likeliest_names(word->symbol, names, bases, list->count, best, NEAREST_MAX) : 0;
	for (size_t i = 0; i < found; i++)
		snprintf(meant + strlen(meant), sizeof meant - strlen(meant), "%s %s:%s", i == 0 ? "; the nearest:" : "", exchange->name, names[best[i]]);
	free(names);
	free(bases);
	if (!ok)
		return err_set(err, "out of memory");
	add_other_spelling(word, exchange, more, sizeof more);
	return err_set(err, "%s is not among the %zu market%s that the exchange lists%.320s%s%s", word->text, list->count, list->count == 1 ? "" : "s", meant,
	               more, market_word_hint(word->text));
}
