/* Is this trade on the tape already?  Identity is (market, trade id); the time is no part of it.
 *
 * The tape's rows lie by (market, time, id), and no index on the id stands beside them: it would cost half as much again
 * as the rows.  Instead each market's rows, without those listed in stray_id, are kept strictly ascending in id.  A new
 * trade that fits between its two neighbours by id as well as by time therefore cannot stand anywhere else: two seeks, and
 * none at all at the growing end.  One that does not fit is searched for by halving time, and if it is new it becomes a
 * stray; so does the newest row instead, where it alone is in the way, so that one absurd trade does not spoil the order
 * for all that follow.  Where an exchange's ids have nothing to do with time, and looking past strays becomes a burden, all
 * ids of that market go into stray_id (market.ids_unordered), which then is the index, and all stays correct.
 *
 * Some exchange's REST has no ids, or others than its socket (bithumb).  Its rows are matched to those of the tape by time,
 * price, size and side, as multisets: a page of REST is a connection, of two connections the larger count stands, and a
 * row that came by socket counts as one of them.  If its trade comes by socket afterwards, the row gets its id.
 *
 * Where a market's ids begin again (id_epochs.h), all of this holds within each epoch: rows, strays and tail are those of the epoch
 * in which the trade at hand lies by its time.
 *
 * Recorder thread.  What is remembered here follows the transaction at hand: after a rollback, identity_forget. */
#ifndef RECORDER_TAPE_IDENTITY_H
#define RECORDER_TAPE_IDENTITY_H

#include "recorder/tape/id_epochs.h"
#include "schema/tape/fault.h"
#include "schema/value/trade.h"

struct identity_market {
	int64_t market_id;    /* the tape's */
	struct id_rule rule;
	bool known;           /* the next are loaded, for one epoch of its ids */
	int64_t from_us, until_us; /* that epoch */
	bool has_rows, has_strays, ids_unordered;
	uint64_t placed, skipped; /* trades since it was loaded; strays looked past for them */
	struct trade tail;    /* the last row by (time, id) that is no stray */
	int64_t no_id_until_us; /* rows without an id may stand up to here; INT64_MIN: there are none */
};

struct identity {
	struct fault *fault; /* borrowed; why, after an IDENTITY_ERROR */
	struct id_epochs epochs;
	sqlite3_stmt *rows_at, *no_id_until; /* owned, as the next */
	sqlite3_stmt *at_or_after, *before, *last, *any_stray, *stray_find, *stray_add, *unordered, *set_unordered,
		*stray_add_all; /* owned */
	struct identity_market *markets; /* owned; by the recorder's index */
	size_t market_count;
	struct duplicates *duplicates; /* owned; trades without an id, see duplicates.h */
};

bool identity_init(struct identity *i, sqlite3 *db, struct fault *fault, struct err *err) MUST_CHECK;
void identity_release(struct identity *i);
/* Introduces a market; false: no memory.  Introducing it again changes nothing. */
bool identity_set_market(struct identity *i, uint32_t market, int64_t market_id, struct id_rule rule) MUST_CHECK;
void identity_forget(struct identity *i);

enum identity_answer {
	IDENTITY_ERROR,    /* see the fault */
	IDENTITY_NEW,      /* insert it */
	IDENTITY_REPEATED, /* it is there; *there is that row */
	IDENTITY_NEW_ID,   /* it is there without an id, as REST gave it: replace *there by it */
};
/* NEW: what must be noted beside the row itself is noted already.  A trade without an id gets its place among those of its
 * time in trade->id.number; `connection` tells its equals on one connection from repetitions on another. */
enum identity_answer identity_place(struct identity *i, struct trade *trade, uint32_t connection, struct trade *there);

/* The newest time of a row in order, as far as the last placed trade showed it; INT64_MAX: it lies in an epoch that is over. */
int64_t identity_newest_us(const struct identity *i, uint32_t market);
/* The last placed trade is behind all of its epoch, and the next one began with trades that are newer: that one began with this one
 * already.  *moved: it is so, and noted: place it once more.  false: see the fault. */
bool identity_moves_epoch(struct identity *i, const struct trade *trade, bool *moved) MUST_CHECK;
/* The market's ids begin again at that time.  false: see the fault. */
bool identity_begin_epoch(struct identity *i, uint32_t market, int64_t from_us) MUST_CHECK;

#endif
