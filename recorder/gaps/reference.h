/* Is a page of REST's of the same trades as the socket's?  Trades that a socket brought are kept as references: the last ones of
 * a market as they come, of which a gap takes a copy when it opens, and the first ones after that.  Each reference that lies
 * within a page must be in it, and equal: by id where both have one, else by millisecond, price, size and side as multisets.
 * A REST that rounds ids, cuts times or digits, or counts otherwise is found so, before a trade of the page is put on the tape.
 *
 * What this does not tell: a page that holds no reference's time is believed; and a row that REST has more than the socket had
 * is no proof that it is another's, for it may be one that we missed.  Pure; network thread (resume.c: main, before it runs). */
#ifndef RECORDER_GAPS_REFERENCE_H
#define RECORDER_GAPS_REFERENCE_H

#include "recorder/exchanges/history.h"
#include "schema/value/trade.h"

#define REFERENCES_MAX 32
#define REFERENCE_NO_ID INT64_C(-1)

struct reference {
	int64_t id; /* REFERENCE_NO_ID: it has none */
	int64_t time_us;
	struct decimal price, size;
	enum side side;
};

struct references { /* no id is twice in it */
	struct reference rows[REFERENCES_MAX];
	unsigned count, next;
};

void references_keep_last(struct references *r, const struct trade *trade);
void references_keep_first(struct references *r, const struct trade *trade); /* no more than there is room for */
bool references_have(const struct references *r, const struct trade *trade); /* by id */
/* How many recorded ids there are right before `id`, without a skip, and not older than from_us. */
int64_t references_before(const struct references *r, int64_t id, int64_t from_us);

struct reference_page {
	const struct trade *trades; /* all rows that can be read, in any order */
	size_t count;
	bool by_id;                 /* it goes by id, from one to another; else by time */
	int64_t until_us;           /* by time: it was asked for what lies before that, up to there nothing is left out; INT64_MIN: not known */
	const struct history_cut *spoilt; /* what lies there is not in it, or may not be */
	size_t spoilt_count;
};

enum reference_answer {
	REFERENCE_NONE,         /* none lies within the page */
	REFERENCE_EQUAL,
	REFERENCE_BEHIND,       /* one that is newer than the whole page, and should be in it: REST is late, or it never comes */
	REFERENCE_OTHER_IDS,    /* a trade is there under another id */
	REFERENCE_OTHER_VALUES, /* an id is there with another time, price, size or side */
	REFERENCE_ABSENT,       /* nothing of it is there */
};

/* false: out of memory. */
bool reference_match(const struct reference_page *page, const struct references *older, const struct references *newer,
                     enum reference_answer *answer);
/* By time: are there references that only an older page can hold? */
bool references_below(const struct references *r, const struct reference_page *page);
const char *reference_words(enum reference_answer answer); /* for the ledger's note */

#endif
