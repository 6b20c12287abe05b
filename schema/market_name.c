#include "schema/market_name.h"

#include <ctype.h>
#include <string.h>

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

/* Edits (insert, remove, replace, swap two neighbours) between the texts, case aside. */
static size_t edit_distance(const char *a, const char *b)
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

/* KRW-BTC for BTC-KRW, also behind `upbit:`.  false: it has no such halves. */
static bool swap_halves(const char *name, char swapped[static MARKET_NAME_SIZE])
{
	size_t prefix = strchr(name, ':') ? (size_t)(strchr(name, ':') - name) + 1 : 0;
	const char *first = name + prefix;
	size_t first_len = strcspn(first, "-_/");
	size_t len = strlen(name);
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

size_t nearest_names(const char *wrong, const char *const *names, size_t count, size_t *best, size_t max)
{
	char swapped[MARKET_NAME_SIZE];
	bool has_halves = swap_halves(wrong, swapped);
	size_t far = strlen(wrong) / 3 + 2; /* beyond this it is another name, not a slip */
	size_t found = 0, distance[16];
	if (max > sizeof distance / sizeof *distance)
		max = sizeof distance / sizeof *distance;
	for (size_t i = 0; i < count; i++) {
		size_t d = edit_distance(wrong, names[i]);
		if (has_halves) {
			size_t other = edit_distance(swapped, names[i]) + 1;
			if (other < d)
				d = other;
		}
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
	return found;
}
