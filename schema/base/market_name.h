/* Names of markets as people write them, and the nearest names (or words of a command line) to a wrong one.  Any thread. */
#ifndef SCHEMA_BASE_MARKET_NAME_H
#define SCHEMA_BASE_MARKET_NAME_H

#include <stdbool.h>
#include <stddef.h>

#define EXCHANGE_NAME_SIZE 24
#define SYMBOL_SIZE 64
#define MARKET_NAME_SIZE (EXCHANGE_NAME_SIZE + SYMBOL_SIZE)

/* Splits EXCHANGE:SYMBOL; the symbol may be a shell-style pattern.  false: no colon, an empty half, one too long, or
 * white space or a control character in it. */
bool market_name_split(const char *name, char exchange[static EXCHANGE_NAME_SIZE], char symbol[static SYMBOL_SIZE]);

bool is_pattern(const char *name); /* holds one of * ? [ */
/* As a shell does, whatever the locale: in UTF-8, so that ? is one character, of a wide name, too. */
bool pattern_fits(const char *pattern, const char *name);

/* Edits (insert, remove, replace, swap two neighbours) between the texts, case aside. */
size_t name_distance(const char *a, const char *b);

/* The up to `max` names of `names[count]` nearest to `wrong`, best first, near meaning: few edits, whatever the case and the
 * separators, also with the halves of A-B, A_B, AB swapped.  Writes indices into `best`; returns how many are near enough to
 * be meant. */
size_t nearest_names(const char *wrong, const char *const *names, size_t count, size_t *best, size_t max);
/* The same, but never none where there are any names: then those whose base, bases[i] ("": not known), is named in `wrong`,
 * and whatever has most letters in common. */
size_t likeliest_names(const char *wrong, const char *const *names, const char *const *bases, size_t count, size_t *best, size_t max);

/* The same for commands and options, where nearly all short words are near each other: which of them is one slip in four letters
 * away, or begins with `wrong`.  `count`: none. */
size_t nearest_word(const char *wrong, const char *const *names, size_t count);
/* Is `word` one of `words`, which stand with a blank before and behind each?  NULL holds none. */
bool word_among(const char *words, const char *word);

#endif
