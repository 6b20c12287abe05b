/* What the exchange's own volume proves of a market: the newest row of `audit` (schema/0006_audit.sql).  One thread. */
#ifndef QUERY_READ_AUDIT_H
#define QUERY_READ_AUDIT_H

#include "query/read/select.h"

enum audit_verdict {
	AUDIT_NONE,     /* there is no result, or its ids are the proof */
	AUDIT_EQUAL,
	AUDIT_DIFFERS,
	AUDIT_UNPROVEN, /* and `note` says why */
};

struct audit_row {
	bool ids_prove;                   /* nobody needs the exchange's volume */
	enum audit_verdict verdict;
	int64_t day_from_us, until_us;    /* exchange's time: all from the one to the other is in the volumes */
	int64_t trades, digits;           /* digits: so many agree; 0: all */
	int64_t at_us;                    /* our clock: when the exchange was asked */
	char theirs[64], ours[64], note[96]; /* volumes: as exact text */
};

/* Results from before since_us (our clock) are none. */
bool audit_load(struct audit_row *a, struct reader *r, const struct market *m, int64_t since_us, struct err *err) MUST_CHECK;
const char *audit_word(const struct audit_row *a); /* yes, no, unproven; "" */

/* Over the markets whose ids do not prove. */
struct audit_sum {
	int64_t markets, proved, differing, unproven, none;
};
void audit_add(struct audit_sum *sum, const struct audit_row *a);
#define AUDIT_TEXT_SIZE 120
/* "proved against the exchange's own volume: 296 of 300" */
void audit_sum_text(const struct audit_sum *sum, char text[static AUDIT_TEXT_SIZE]);

#endif
