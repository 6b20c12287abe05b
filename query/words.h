/* What people type who do not know the word: which command they mean.  Pure; any thread. */
#ifndef QUERY_WORDS_H
#define QUERY_WORDS_H

#include <stddef.h>

/* What to type in place of `wrong`: by the words below, else the nearest of `names[count]`.  NULL: nothing is near. */
const char *command_meant(const char *wrong, const char *const *names, size_t count);
/* NULL or, behind "there is no command 'WORD'", what there is today of what the word asks for. */
const char *command_absent(const char *word);

/* "" or, behind a word that is a file's name, that patterns want quotes: the shell put the file there. */
const char *quote_hint(const char *word);

const char *plural(long long n); /* behind a noun: "s", or "" for one */

#endif
