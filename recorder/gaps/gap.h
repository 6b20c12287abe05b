/* The gaps of this run: when one opens, how far it reaches, when it is over.  Each change goes to the ledger on the tape by
 * way of the queue.  Network thread, but for gaps_init and the first gaps_add_market, which main calls before it runs.
 *
 * A gap opens for a market whenever its stream may have missed something, and begins where the market itself shows that the
 * stream was whole: at its newest trade by arrival, or where REST was asked since, less what it may deliver late.  Other
 * markets' trades and pongs show that the line lived, not that this market's trades had come.  Where ids grow by one
 * they are the proof: a gap is a range of ids, and a skip is one even while the socket lives.
 *
 *   open, not over --(subscribed again)--> open, over --(backfill.c: REST gave all of it)--> filled
 *        ^                    |                   \--(REST cannot)--> unfillable
 *        +--- lost again -----+   (before REST was asked: the same gap goes on)
 *
 * Where ids prove, the first trade behind a gap tells its last id; if that is the one before, nothing was missing. */
#ifndef RECORDER_GAPS_GAP_H
#define RECORDER_GAPS_GAP_H

#include "recorder/gaps/exchange_clock.h"
#include "recorder/markets/plan.h"
#include "recorder/net/net.h"
#include "recorder/net/pace.h"
#include "recorder/gaps/resume.h"

#include <stdatomic.h>

#define GAP_SETTLE_US (6 * US_PER_SECOND) /* after the stream is whole again: by then REST knows what came before (5 s) */

struct gap {
	struct gap *next;      /* of its exchange's gaps, newest first */
	struct gap_mark mark;
	uint32_t market;
	int64_t older_ref_us;     /* a trade that REST must know: see history.h */
	int64_t live_mono_us;  /* since when the stream is whole again; 0: it is not yet */
	int64_t missed_mono_us; /* when the first message of it was lost while the connection lived; 0: it is no such gap */
	bool ends_by_clock;    /* mark.to_us is what we take for the exchange's time of live_mono_us */
	bool unsaid;           /* the queue had no room for its last change */
	/* backfill.c's */
	bool asked;            /* REST was, and `history` stands where it got to */
	struct history history;
	int64_t not_before_mono_us;
	unsigned failures, laters;
};

struct gaps {
	struct net *net;              /* borrowed, as the next three */
	struct market_plan *plan;
	const struct config *config;
	const struct resume *resume;
	struct gap *open[EXCHANGES_MAX];           /* owned; by the address in the config */
	struct exchange_clock times[EXCHANGES_MAX]; /* likewise */
	_Atomic int64_t next_gap_id; /* any thread: the recorder thread makes gaps of what it cannot store */
	bool told_no_history[EXCHANGES_MAX];
	struct pace connects[EXCHANGES_MAX];       /* feeds': of each exchange's attempts to connect */
	bool starts_unsaid; /* of some market: see market_state.start_unsaid */
	void (*changed)(void *arg, size_t exchange); /* a gap may be filled now; NULL: nobody asks */
	void *changed_arg;
};

void gaps_init(struct gaps *g, struct net *net, struct market_plan *plan, const struct config *config,
               const struct resume *resume);
void gaps_release(struct gaps *g);
size_t gaps_exchange(const struct gaps *g, const struct exchange *exchange); /* the index of its address */

/* A market joins: what the tape has of it, and the gaps that it brings along. */
void gaps_add_market(struct gaps *g, uint32_t market);

/* A trade came by socket.  `overlapping`: two connections carry the market, and either may run ahead. */
void gaps_trade(struct gaps *g, uint32_t market, const struct trade *trade, bool overlapping);
/* A trade came by REST, for that gap. */
void gaps_put_back(struct gaps *g, struct gap *gap, const struct trade *trade);

/* A connection is subscribed to the market, and its coverage has begun. */
void gaps_live(struct gaps *g, uint32_t market, int64_t mono_us);
/* Nothing carries it any more. */
void gaps_lost(struct gaps *g, uint32_t market, enum gap_reason reason);
/* The exchange does not take the subscription to it, which was asked for since then. */
void gaps_refused(struct gaps *g, uint32_t market, int64_t asked_mono_us);
/* Two connections became one.  All came of the one that ended that was sent before proved_us; and when the other was live. */
void gaps_overlapped(struct gaps *g, uint32_t market, int64_t proved_us, int64_t live_mono_us);
/* It alone said nothing since its last trade. */
void gaps_silent(struct gaps *g, uint32_t market);
/* A message of it was lost while the connection lives. */
#define NO_MARKET UINT32_MAX
void gaps_missed(struct gaps *g, uint32_t market, enum gap_reason reason);

/* For audit.c.  Up to when socket, ledger and REST account for all of the market's trades, exchange's time; INT64_MAX: its gap is
 * open until it is received again. */
int64_t gaps_accounted_us(struct gaps *g, uint32_t market);
/* The exchange has newer trades of it, though its connection lives: a gap `audit` from where it was accounted for, which REST
 * may fill, and another until it speaks (a trade comes, or gaps_live: nothing is newer there).  Again: the same from now on. */
void gaps_mute(struct gaps *g, uint32_t market);

/* For backfill.c: looks again when a gap was over, now that more is known of the exchange's clock. */
void gaps_look_at_end(struct gaps *g, struct gap *gap);
/* For backfill.c: the gap's row as it is now; and the end of a gap, which is freed then. */
void gaps_put(struct gaps *g, struct gap *gap);
void gaps_close(struct gaps *g, struct gap *gap, enum gap_state state, const char *note);
/* history.cut cannot be had.  The rest of the gap, if there is any, stays open: as this one, or as another. */
void gaps_cut(struct gaps *g, struct gap *gap, const char *note);

/* That much of the gap is lost for good, and has a row of its own; the gap goes on. */
void gaps_lose_part(struct gaps *g, const struct gap *gap, const struct history_cut *lost, const char *note);

void gaps_flush(struct gaps *g); /* now and then: what the queue had no room for */

#endif
