/* The exchange as a witness.  Where ids prove, a market that has said nothing for a round is asked for by the next id (gap_probe.c):
 * at most PROBES_MAX of them each round, in turn.
 *
 * Where they prove nothing, its own totals: every few minutes it is asked, in bulk, when each
 * market traded last and how much since its day began.  Network thread.
 *
 * A trade there that is newer than all that we can account for, by more than the market may be late, is asked about once more after
 * a few seconds.  Is it unaccounted for still, the market is mute, though its connection lives: a gap (gaps_mute).  The volume
 * goes through the queue once the trades before it must have come, and the recorder thread puts it beside the tape's
 * (audit_rows.h).  Data goes one way: nothing comes back from there.
 *
 * Backfill comes first, and a hold or a ban of the exchange's stops the audit as it stops backfill. */
#ifndef RECORDER_GAPS_AUDIT_H
#define RECORDER_GAPS_AUDIT_H

#include "recorder/gaps/backfill.h"

struct audit_market { /* of one market, by its number */
	bool due, asked;          /* to be asked about; in the request at hand */
	bool alone;               /* an answer failed with it among others: it is asked about alone */
	bool unlisted;            /* and failed alone: the exchange does not know it */
	bool told;                /* volume and said_us are those of the last answer */
	struct decimal volume;
	int64_t said_us;
	int64_t suspect_us;       /* a trade there of that time that we could not account for; INT64_MIN: none */
	int64_t held_mono_us;     /* when `held` goes into the queue; 0: there is none */
	struct audit_mark held;
};

struct auditor { /* of one exchange */
	struct audit *audit;      /* borrowed */
	size_t exchange;          /* index of its address */
	size_t next_probe;        /* the market that is looked at first in the next round */
	lws_sorted_usec_list_t timer;
	int64_t round_mono_us;    /* when all are due again */
	int64_t again_mono_us;    /* when the suspects are; INT64_MAX: there is none */
	int64_t due_mono_us;      /* since when there is something to ask; 0: there is nothing */
	bool asking;
	bool answered;            /* there was an answer once */
	unsigned failures;        /* in a row, in this round */
	int64_t asked_mono_us, asked_wall_us;
	size_t asked_count;
	char path[TOTALS_PATH_SIZE];
	struct http_get rest;
	struct json_buffer json;
};

struct audit {
	struct gaps *gaps;             /* borrowed, as the next */
	struct backfill *backfill;
	struct auditor auditors[EXCHANGES_MAX];
	struct audit_market *markets;  /* owned; by the market's number */
	size_t market_count;
};

void audit_start(struct audit *audit, struct gaps *gaps, struct backfill *backfill); /* which is started; nothing with --audit off */
void audit_stop(struct audit *audit); /* before backfill_stop */

#endif
