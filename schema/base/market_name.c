#include "schema/base/market_name.h"

#include "schema/base/utf8.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

bool market_name_split(const char *name, char exchange[static EXCHANGE_NAME_SIZE], char symbol[static SYMBOL_SIZE])
{
	const char *colon = strchr(name, ':');
	if (!colon)
		return false;
	size_t exchange_len = (size_t)(colon - name), symbol_len = strlen(colon + 1);
	if (exchange_len == 0 || exchange_len >= EXCHANGE_NAME_SIZE || symbol_len == 0 || symbol_len >= SYMBOL_SIZE)
		return false;
	for (const unsigned char *p = (const unsigned char *)name; *p; p++)
		if (*p <= ' ' || *p == 0x7f)
			return false;
	memcpy(exchange, name, exchange_len);
	exchange[exchange_len] = '\0';
	memcpy(symbol, colon + 1, symbol_len + 1);
	return true;
}

bool is_pattern(const char *name)
{
	return strpbrk(name, "*?[") != NULL;
}

#define WIDE_MAX 64    /* bytes from WIDE_FIRST on that begin no UTF-8: fnmatch takes them for bytes in every locale */
#define WIDE_FIRST 0x80

/* The characters beyond ASCII of one or more texts, each once, in order. */
struct wide {
	uint32_t c[WIDE_MAX];
	size_t count;
};

/* Where `c` is or belongs. */
static size_t wide_place(const struct wide *w, uint32_t c)
{
	size_t at = 0;
	while (at < w->count && w->c[at] < c)
		at++;
	return at;
}

static bool wide_add(struct wide *w, const char *text)
{
	while (*text) {
		uint32_t c = utf8_take(&text);
		size_t at = wide_place(w, c);
		if (c < WIDE_FIRST || (at < w->count && w->c[at] == c))
			continue;
		if (w->count == WIDE_MAX)
			return false;
		memmove(w->c + at + 1, w->c + at, (w->count++ - at) * sizeof *w->c);
		w->c[at] = c;
	}
	return true;
}

/* One byte a character; `to` holds strlen(text) + 1. */
static void wide_shorten(const struct wide *w, const char *text, char *to)
{
	while (*text) {
		uint32_t c = utf8_take(&text);
		*to++ = (char)(c < WIDE_FIRST ? c : WIDE_FIRST + wide_place(w, c));
	}
	*to = '\0';
}

/* glibc's fnmatch tries bytes where characters do not fit, so that ??? would fit one character of three bytes: it is given
 * texts in which each character is one byte, in the order of the characters, for the sake of [a-z]. */
bool pattern_fits(const char *pattern, const char *name)
{
	struct wide wide = { .count = 0 };
	char short_pattern[2 * MARKET_NAME_SIZE], short_name[2 * MARKET_NAME_SIZE];
	if (!wide_add(&wide, pattern) || !wide_add(&wide, name))
		return false;
	if (wide.count == 0)
		return fnmatch(pattern, name, 0) == 0;
	if (strlen(pattern) >= sizeof short_pattern || strlen(name) >= sizeof short_name)
		return false;
	wide_shorten(&wide, pattern, short_pattern);
	wide_shorten(&wide, name, short_name);
	return fnmatch(short_pattern, short_name, 0) == 0;
}

size_t name_distance(const char *a, const char *b)
{
	size_t a_len = strlen(a), b_len = strlen(b);
	size_t row[3][MARKET_NAME_SIZE + 1];
	if (a_len > MARKET_NAME_SIZE || b_len > MARKET_NAME_SIZE)
		return MARKET_NAME_SIZE;
	size_t *before = row[0], *above = row[1], *here = row[2];
	memset(row, 0, sizeof row);
	for (size_t j = 0; j <= b_len; j++)
		above[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		here[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			int ca = tolower((unsigned char)a[i - 1]), cb = tolower((unsigned char)b[j - 1]);
			size_t best = above[j - 1] + (ca != cb);
			if (above[j] + 1 < best)
				best = above[j] + 1;
			if (here[j - 1] + 1 < best)
				best = here[j - 1] + 1;
			if (i > 1 && j > 1 && ca == tolower((unsigned char)b[j - 2]) && cb == tolower((unsigned char)a[i - 2]) &&
			    before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			here[j] = best;
		}
		size_t *oldest = before;
		before = above;
		above = here;
		here = oldest;
	}
	return above[b_len];
}

/* Behind `upbit:`, or the whole. */
static const char *symbol_of(const char *name)
{
	const char *colon = strchr(name, ':');
	return colon ? colon + 1 : name;
}

#define SEPARATORS "-_/"

/* KRW-BTC for BTC-KRW, also behind `upbit:`.  false: it has no such halves. */
static bool swap_halves(const char *name, char swapped[static MARKET_NAME_SIZE])
{
	const char *first = symbol_of(name);
	size_t prefix = (size_t)(first - name), first_len = strcspn(first, SEPARATORS), len = strlen(name);
	if (first[first_len] == '\0' || len >= MARKET_NAME_SIZE)
		return false;
	const char *second = first + first_len + 1;
	size_t second_len = strlen(second);
	memcpy(swapped, name, prefix);
	memcpy(swapped + prefix, second, second_len);
	swapped[prefix + second_len] = first[first_len];
	memcpy(swapped + prefix + second_len + 1, first, first_len);
	swapped[len] = '\0';
	return true;
}

/* KRWBTC for KRW-BTC, also behind `upbit:`.  false: too long. */
static bool join_halves(const char *name, char joined[static MARKET_NAME_SIZE])
{
	if (strlen(name) >= MARKET_NAME_SIZE)
		return false;
	size_t len = (size_t)(symbol_of(name) - name);
	memcpy(joined, name, len);
	for (const char *p = name + len; *p; p++)
		if (!strchr(SEPARATORS, *p))
			joined[len++] = *p;
	joined[len] = '\0';
	return true;
}

/* USDTBTC and BTCUSDT: one is the other, cut in two and put together the other way round. */
static bool is_rotated(const char *a, const char *b)
{
	size_t len = strlen(a);
	char twice[2 * MARKET_NAME_SIZE];
	if (strlen(b) != len || len >= MARKET_NAME_SIZE)
		return false;
	stpcpy(stpcpy(twice, a), a);
	return strcasestr(twice, b) != NULL;
}

/* A wrong name, in the shapes in which it is looked for. */
struct wrong {
	const char *as_written;
	char joined[MARKET_NAME_SIZE], swapped[MARKET_NAME_SIZE], swapped_joined[MARKET_NAME_SIZE];
	bool can_join, has_halves;
};

static struct wrong wrong_name(const char *text)
{
	struct wrong w = { .as_written = text };
	w.can_join = join_halves(text, w.joined);
	w.has_halves = swap_halves(text, w.swapped) && join_halves(w.swapped, w.swapped_joined);
	return w;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Edits, where another order of the halves and no separators count as one each. */
static size_t distance_to(const struct wrong *w, const char *name)
{
	char joined[MARKET_NAME_SIZE] = "", swapped[MARKET_NAME_SIZE] = "";
	size_t d = name_distance(w->as_written, name);
	if (w->has_halves)
		d = least(d, name_distance(w->swapped, name) + 1);
	if (!w->can_join || !join_halves(name, joined))
		return d;
	d = least(d, name_distance(w->joined, joined) + 1);
	if (w->has_halves)
		return least(d, name_distance(w->swapped_joined, joined) + 2);
	if (swap_halves(name, swapped) && join_halves(swapped, joined))
		return least(d, name_distance(w->joined, joined) + 2);
	return is_rotated(symbol_of(w->joined), symbol_of(joined)) ? least(d, 2) : d;
}

#define BASE_LETTERS_MIN 3 /* shorter ones are in many a word */

/* KRW-BTC, BTCKRW, BTC: is BTC named in them? */
static bool names_base(const struct wrong *w, const char *base)
{
	size_t len = strlen(base), all = strlen(symbol_of(w->joined));
	if (len == 0 || !w->can_join)
		return false;
	for (const char *part = symbol_of(w->as_written);; part++) {
		size_t part_len = strcspn(part, SEPARATORS);
		if (part_len == len && strncasecmp(part, base, len) == 0)
			return true;
		part += part_len;
		if (*part == '\0')
			break;
	}
	const char *joined = symbol_of(w->joined);
	return len >= BASE_LETTERS_MIN && all > len && (strncasecmp(joined, base, len) == 0 || strcasecmp(joined + all - len, base) == 0);
}

#define BEST_MAX 16

/* Those at most `far` away; `bases` may be NULL. */
static size_t rank(const char *text, const char *const *names, const char *const *bases, size_t count, size_t far, size_t *best, size_t max)
{
	struct wrong w = wrong_name(text);
	size_t found = 0, distance[BEST_MAX];
	max = least(max, BEST_MAX);
	for (size_t i = 0; i < count; i++) {
		size_t d = distance_to(&w, names[i]);
		if (bases && names_base(&w, bases[i]))
			d = least(d, strcasecmp(symbol_of(text), bases[i]) == 0 ? 1 : 2);
		if (d > far)
			continue;
		size_t at = found < max ? found++ : max;
		for (; at > 0 && distance[at - 1] > d; at--) {
			if (at < max) {
				distance[at] = distance[at - 1];
				best[at] = best[at - 1];
			}
		}
		if (at < max) {
			distance[at] = d;
			best[at] = i;
		}
	}
	/* One that differs in nothing but case is meant, and no other. */
	for (size_t i = 0; found > 0 && distance[0] == 0 && strcmp(text, names[best[0]]) != 0 && i < found; i++)
		if (distance[i] > 0)
			found = i;
	return found;
}

size_t nearest_names(const char *wrong, const char *const *names, size_t count, size_t *best, size_t max)
{
	return rank(wrong, names, NULL, count, strlen(wrong) / 3 + 2, best, max); /* beyond this it is another name, not a slip */
}

size_t likeliest_names(const char *wrong, const char *const *names, const char *const *bases, size_t count, size_t *best, size_t max)
{
	return rank(wrong, names, bases, count, SIZE_MAX, best, max);
}

size_t nearest_word(const char *wrong, const char *const *names, size_t count)
{
	size_t len = strlen(wrong), best = 1 + len / 4, meant = count;
	for (size_t i = 0; i < count; i++) {
		size_t d = name_distance(wrong, names[i]);
		if (len >= 3 && strncmp(wrong, names[i], len) == 0)
			d = 1;
		if (len > 1 && (meant < count ? d < best : d <= best)) {
			best = d;
			meant = i;
		}
	}
	return meant;
}

bool word_among(const char *words, const char *word)
{
	size_t len = strlen(word);
	if (len == 0 || strchr(word, ' '))
		return false;
	for (const char *at = words; at && (at = strstr(at, word)) != NULL; at++)
		if (at > words && at[-1] == ' ' && at[len] == ' ')
			return true;
	return false;
}
