/* Is this trade on the tape already?  Identity is (market, trade id); the time is no part of it.
 *
 * The tape's rows lie by (market, time, id), and no index on the id stands beside them: it would cost half as much again
 * as the rows.  Instead each market's rows, without those listed in stray_id, are kept strictly ascending in id.  A new
 * trade that fits between its two neighbours by id as well as by time therefore cannot stand anywhere else: two seeks, and
 * none at all at the growing end.  One that does not fit is searched for by halving time, and if it is new it becomes a
 * stray.  Where an exchange's ids have nothing to do with time, stray_id grows into that index, and all stays correct.
 *
 * Recorder thread.  What is remembered here follows the transaction at hand: after a rollback, identity_forget. */
#ifndef RECORDER_IDENTITY_H
#define RECORDER_IDENTITY_H

#include "schema/err.h"
#include "schema/trade.h"

struct identity_market {
	int64_t market_id;    /* the tape's */
	struct id_rule rule;
	bool known;           /* the next three are loaded */
	bool has_rows, has_strays;
	struct trade tail;    /* the last row by (time, id) that is no stray */
};

struct identity {
	sqlite3 *db; /* borrowed */
	sqlite3_stmt *at_or_after, *before, *last, *any_stray, *stray_find, *stray_add; /* owned */
	struct identity_market *markets; /* owned; by the recorder's index */
	size_t market_count;
	int rc; /* SQLite's code of an IDENTITY_ERROR whose sqlite3_errcode another statement wiped; else SQLITE_OK */
};

bool identity_init(struct identity *i, sqlite3 *db, size_t market_count, struct err *err) MUST_CHECK;
void identity_release(struct identity *i);
void identity_set_market(struct identity *i, uint32_t market, int64_t market_id, struct id_rule rule);
void identity_forget(struct identity *i);

enum identity_answer {
	IDENTITY_ERROR,    /* sqlite3_errcode(db), or err if the tape is damaged */
	IDENTITY_NEW,      /* insert it */
	IDENTITY_REPEATED, /* it is there; *there is that row */
};
/* For a trade with an id.  NEW: what must be noted beside the row itself is noted already. */
enum identity_answer identity_place(struct identity *i, const struct trade *trade, struct trade *there);

#endif
