/* One short question to the tape: a statement whose rows fit in memory, asked again where the tape was opened anew.
 * One thread; no snapshot outlives the call. */
#ifndef QUERY_READ_ASK_H
#define QUERY_READ_ASK_H

#include "query/read/rows.h"

#define ASK_VALUES 6

struct question {
	const char *sql;
	int64_t values[ASK_VALUES];          /* ?1 ... */
	int count;                           /* of values */
	void (*begin)(void *to);             /* before each try: `to` is empty again; NULL: a row overwrites the one before */
	/* false: what it read cannot be used, and err says why. */
	bool (*row)(void *to, sqlite3_stmt *stmt, struct err *err);
	void *to;
};

bool ask(struct reader *r, const struct question *q, struct err *err) MUST_CHECK;
/* With a text (NULL: none) behind the values. */
bool ask_with_text(struct reader *r, const struct question *q, const char *text, struct err *err) MUST_CHECK;

#endif
