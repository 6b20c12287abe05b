#include "query/read/select.h"

#include "query/read/ask.h"
#include "query/words.h"
#include "schema/base/vec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEAREST_MAX 3

bool market_name_fits(const char *name, struct err *err)
{
	char exchange[EXCHANGE_NAME_SIZE], symbol[SYMBOL_SIZE];
	const char *colon = strchr(name, ':'), *comma = strchr(name, ',');
	if (colon && comma && colon < comma)
		return err_set(err, "'%s' holds a comma; separate markets by blanks: %.*s %.*s:...", name, (int)(comma - name), name,
		               (int)(colon - name), name);
	if (is_pattern(name) || market_name_split(name, exchange, symbol))
		return true;
	const char *hint = quote_hint(name);
	if (*hint)
		return err_set(err, "'%s' is no market%s", name, hint);
	return err_set(err, "'%s' is no market; write EXCHANGE:SYMBOL, as in upbit:KRW-BTC ('tapedeck markets' lists them)", name);
}

static int by_name(const void *a, const void *b)
{
	const struct market *x = a, *y = b;
	return strcmp(x->name, y->name);
}

static bool read_market(sqlite3_stmt *stmt, struct market *m)
{
	const char *exchange = (const char *)sqlite3_column_text(stmt, 1), *symbol = (const char *)sqlite3_column_text(stmt, 2);
	const char *base = (const char *)sqlite3_column_text(stmt, 5), *quote = (const char *)sqlite3_column_text(stmt, 6);
	if (!exchange || !symbol || !base || !quote || strlen(exchange) >= sizeof m->exchange || strlen(symbol) >= sizeof m->symbol)
		return false;
	m->id = sqlite3_column_int64(stmt, 0);
	m->rule = (struct id_rule){ sqlite3_column_int64(stmt, 3), sqlite3_column_int64(stmt, 4) };
	stpcpy(m->exchange, exchange);
	stpcpy(m->symbol, symbol);
	stpcpy(stpcpy(stpcpy(m->name, exchange), ":"), symbol);
	m->pair[0] = '\0';
	m->named = false;
	m->asked = 0;
	m->wanted = sqlite3_column_int(stmt, 7) != 0;
	m->ended_us = sqlite3_column_type(stmt, 8) == SQLITE_NULL ? NEVER_WANTED_US : sqlite3_column_int64(stmt, 8);
	if (base[0] && quote[0] && strlen(exchange) + strlen(base) + strlen(quote) + strlen(":/") < sizeof m->pair)
		stpcpy(stpcpy(stpcpy(stpcpy(stpcpy(m->pair, exchange), ":"), base), "/"), quote);
	return true;
}

struct loading {
	struct selection *selection;
	struct reader *reader;
};

static void begin_loading(void *to)
{
	((struct loading *)to)->selection->count = 0;
}

static bool load_market(void *to, sqlite3_stmt *stmt, struct err *err)
{
	const struct loading *loading = to;
	struct selection *s = loading->selection;
	struct market *grown = vec_grow(s->markets, s->count, sizeof *grown);
	if (!grown)
		return err_set(err, "out of memory");
	s->markets = grown;
	return read_market(stmt, &s->markets[s->count++]) || reader_damaged(loading->reader, "the name of a market", err);
}

/* Everything on the tape, by name. */
static bool load_all(struct selection *s, struct reader *r, struct err *err)
{
	static const char sql[] =
		"SELECT market_id, exchange, symbol, id_per_ms, id_epoch_ms, base, quote,"
		" EXISTS (SELECT 1 FROM wanted w WHERE w.market_id = m.market_id AND to_us IS NULL),"
		" (SELECT max(to_us) FROM wanted w WHERE w.market_id = m.market_id) FROM market m";
	struct loading loading = { s, r };
	const struct question q = { .sql = sql, .begin = begin_loading, .row = load_market, .to = &loading };
	if (!ask(r, &q, err))
		return false;
	if (s->count > 1)
		qsort(s->markets, s->count, sizeof *s->markets, by_name);
	return true;
}

static enum exit_code not_found(const struct selection *all, const char *name, struct err *err)
{
	const char **names = calloc(all->count + 1, sizeof *names);
	size_t best[NEAREST_MAX], found = 0;
	for (size_t i = 0; names && i < all->count; i++)
		names[i] = all->markets[i].name;
	if (names && !is_pattern(name))
		found = nearest_names(name, names, all->count, best, NEAREST_MAX);
	char hint[NEAREST_MAX * (MARKET_NAME_SIZE + 4) + 1] = "";
	char *to = hint;
	for (size_t i = 0; i < found; i++)
		to = stpcpy(stpcpy(to, i == 0 ? "" : i + 1 < found ? ", " : " or "), names[best[i]]);
	free(names);
	err_set(err, "%s is not on the tape%s; %s%s%s", name, quote_hint(name),
	        found ? "did you mean " : "'tapedeck markets' lists what is", hint, found ? "?" : "");
	return EXIT_NO_DATA;
}

static const char *market_name(const struct market *m)
{
	return m->name;
}

static const char *market_pair(const struct market *m)
{
	return m->pair;
}

static void mark(struct market *m, bool *chosen, size_t place)
{
	if (!*chosen)
		m->asked = place;
	*chosen = true;
}

/* The markets whose `text` is the word, else those that fit it as a pattern; returns how many. */
static size_t choose(struct selection *all, const char *word, size_t place, const char *(*text)(const struct market *m), bool *chosen)
{
	size_t found = 0, last = 0;
	for (size_t i = 0; i < all->count; i++) {
		if (strcmp(word, text(&all->markets[i])) == 0) {
			mark(&all->markets[last = i], &chosen[i], place);
			found++;
		}
	}
	if (found == 1)
		all->markets[last].named = true;
	if (found > 0 || !is_pattern(word))
		return found;
	for (size_t i = 0; i < all->count; i++) {
		if (text(&all->markets[i])[0] && pattern_fits(word, text(&all->markets[i]))) {
			mark(&all->markets[i], &chosen[i], place);
			found++;
		}
	}
	return found;
}

enum exit_code selection_load(struct selection *s, struct reader *r, const char *const *names, size_t count, struct err *err)
{
	struct selection all = { NULL, 0 };
	enum exit_code code = EXIT_TAPE;
	bool *chosen = NULL;
	*s = (struct selection){ NULL, 0 };
	if (!load_all(&all, r, err))
		goto out;
	code = EXIT_OK;
	if (count == 0) {
		*s = all;
		return code;
	}
	chosen = calloc(all.count + 1, sizeof *chosen);
	s->markets = calloc(all.count + 1, sizeof *s->markets);
	if (!chosen || !s->markets) {
		err_set(err, "out of memory");
		code = EXIT_FAILED;
		goto out;
	}
	for (size_t n = 0; n < count && code == EXIT_OK; n++) {
		if (!choose(&all, names[n], n, market_name, chosen) && !choose(&all, names[n], n, market_pair, chosen))
			code = not_found(&all, names[n], err);
	}
	for (size_t i = 0; i < all.count; i++)
		if (chosen[i])
			s->markets[s->count++] = all.markets[i];
out:
	free(chosen);
	selection_release(&all);
	return code;
}

static bool take_count(void *to, sqlite3_stmt *stmt, struct err *err)
{
	(void)err;
	*(int64_t *)to = sqlite3_column_int64(stmt, 0);
	return true;
}

bool selection_markets(struct reader *r, int64_t *count, struct err *err)
{
	const struct question q = { .sql = "SELECT count(*) FROM market", .row = take_count, .to = count };
	return ask(r, &q, err);
}

void selection_release(struct selection *s)
{
	free(s->markets);
	*s = (struct selection){ NULL, 0 };
}
