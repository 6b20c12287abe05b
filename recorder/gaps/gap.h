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
#include "recorder/gaps/gap_row.h"
#include "recorder/gaps/market_state.h"
#include "recorder/gaps/reference.h"
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
	bool ends_by_clock;    /* mark.to_us is what we take for the exchange's time of end_mono_us */
	int64_t end_mono_us;
	int64_t next_covered_us; /* where the coverage behind it begins: no earlier it ends */
	bool end_guessed;      /* and by our own clock: to_us is a minute later, lest that is wrong */
	bool probe;            /* none of the ledger's: see gaps_probe */
	bool unsaid;           /* the queue had no room for its last change */
	/* backfill.c's */
	bool asked;            /* REST was, and `history` stands where it got to */
	struct history history;
	int64_t not_before_mono_us;
	unsigned failures, laters;
	unsigned mismatches;   /* answers in a row that were not the socket's twin */
	unsigned behind;       /* and that showed no trade so new as was recorded */
	bool doubted;          /* REST's row of it made no sense: it is asked for once more, apart */
	bool compared;         /* backward: the newer references were come by, or there is none; forward: one of the older was, since it was asked */
	bool passed_over;      /* until then, rows of it were left for later: it is asked for once more */
	struct references older, newer; /* socket trades that REST must know: the last when it opened, and the first since then */
};

/* Who hears what the gaps have to say; called from within the functions below.  Of row and coverage false is: there is no place
 * for it, and it is said again later. */
struct gap_sink {
	bool (*row)(void *arg, uint32_t market, const struct gap_mark *mark); /* as it is now */
	bool (*coverage)(void *arg, uint32_t market, int64_t from_us, int64_t to_us);
	void (*event)(void *arg, uint32_t market, const struct gap_mark *mark, const char *event); /* gap, filled, unfillable: for a log */
	void (*no_history)(void *arg, size_t index, const struct exchange *exchange); /* of that exchange a gap can't be filled */
	void *arg;
};

struct gaps {
	struct gap_sink sink;
	const struct resume *resume;                     /* borrowed */
	const struct exchange *exchanges[EXCHANGES_MAX]; /* as they were added: their order is that of the next two */
	size_t exchange_count;
	struct gap *open[EXCHANGES_MAX];            /* owned */
	struct exchange_clock times[EXCHANGES_MAX];
	struct market_state *states;                /* owned; by the market's number */
	size_t market_count;
	int64_t backfill_since_us;                  /* INT64_MAX: not asked for */
	_Atomic int64_t next_gap_id; /* any thread: the recorder thread makes gaps of what it cannot store */
	bool unsaid;        /* the sink had no place for some row */
	bool starts_unsaid; /* of some market: see market_state.start_unsaid */
	void (*changed)(void *arg, size_t exchange); /* a gap may be filled now; NULL: nobody asks */
	void *changed_arg;
};

void gaps_init(struct gaps *g, const struct gap_sink *sink, const struct resume *resume, int64_t backfill_since_us);
void gaps_add_exchange(struct gaps *g, const struct exchange *exchange);
void gaps_release(struct gaps *g);
/* No clock is read here: `now_mono_us` is the time of the call, and our wall clock is ahead of it by so much; said anew when
 * it was set.  Where the host slept, the monotonic clock stood still, and what trades told of the exchanges' is void. */
void gaps_set_wall(struct gaps *g, int64_t wall_ahead_us);
void gaps_forget_clocks(struct gaps *g, int64_t wall_ahead_us);
size_t gaps_exchange(const struct gaps *g, const struct exchange *exchange); /* its index */

/* A market joins, and what the tape has of it, with the gaps that it brings along; NULL: it is new. */
void gaps_add_market(struct gaps *g, uint32_t market, const struct exchange *exchange, const struct resume_market *there,
                     int64_t now_mono_us);

bool gaps_knows(const struct gaps *g, uint32_t market); /* it was added */

/* A trade came by socket. */
void gaps_trade(struct gaps *g, uint32_t market, const struct trade *trade, enum carried carried, int64_t now_mono_us);
/* A trade came by REST, for that gap. */
void gaps_put_back(struct gaps *g, struct gap *gap, const struct trade *trade);

/* A connection is subscribed to the market, and its coverage has begun. */
void gaps_live(struct gaps *g, uint32_t market, int64_t now_mono_us);
/* Nothing carries it any more. */
void gaps_lost(struct gaps *g, uint32_t market, enum gap_reason reason, int64_t now_mono_us);
/* The exchange does not take the subscription to it, which was asked for since then. */
void gaps_refused(struct gaps *g, uint32_t market, int64_t asked_mono_us);
/* Two connections became one.  All came of the one that ended that was sent before proved_us; and when the other was live. */
void gaps_overlapped(struct gaps *g, uint32_t market, int64_t proved_us, int64_t live_mono_us, int64_t now_mono_us);
/* The successor ended, and the older one goes on: what that may still owe is not proved by what the successor brought. */
void gaps_successor_lost(struct gaps *g, uint32_t market);
/* It alone said nothing since its last trade. */
void gaps_silent(struct gaps *g, uint32_t market, int64_t now_mono_us);
/* A message of it was lost while the connection lives. */
#define NO_MARKET UINT32_MAX
void gaps_missed(struct gaps *g, uint32_t market, enum gap_reason reason, int64_t now_mono_us);
/* Where ids prove, a message of that very market that was lost is a gap only if no trade comes that shows it: looked at now and
 * then, or at once where none will come. */
void gaps_doubt(struct gaps *g, uint32_t market, int64_t now_mono_us);
void gaps_look_at_doubt(struct gaps *g, uint32_t market, bool at_once, int64_t now_mono_us);

/* Where ids prove: is a market that has said nothing for so long deaf?  REST is asked for more (gaps_next gives that, too). */
void gaps_probe(struct gaps *g, uint32_t market, int64_t quiet_us, int64_t now_mono_us);
/* For backfill.c: does this trade of REST's show that it is; and what was found, which frees the probe. */
bool gaps_probe_finds(struct gaps *g, const struct gap *gap, const struct trade *trade, int64_t now_mono_us);
void gaps_probed(struct gaps *g, struct gap *gap, bool found, int64_t now_mono_us);

/* For audit.c.  Up to when socket, ledger and REST account for all of the market's trades, exchange's time; INT64_MAX: its gap is
 * open until it is received again. */
int64_t gaps_accounted_us(struct gaps *g, uint32_t market, int64_t now_mono_us);
/* The exchange has newer trades of it, though its connection lives: a gap `audit` from where it was accounted for, which REST
 * may fill, and another until it speaks (a trade comes, or gaps_live: nothing is newer there).  Again: the same from now on. */
void gaps_mute(struct gaps *g, uint32_t market, int64_t now_mono_us);

/* ---- for backfill.c ---- */

/* The newest gap that may be asked for now; *next_mono_us: when there may be another one, INT64_MAX for none. */
struct gap *gaps_next(const struct gaps *g, size_t exchange, int64_t now_mono_us, int64_t *next_mono_us);
bool gaps_nothing_left(const struct gap *gap); /* its ids all came */
/* It is asked for from its beginning on: sets gap->history.  oldest_us: what happened while nothing ran is asked for from there. */
void gaps_ask(struct gaps *g, struct gap *gap, const char *symbol, int64_t oldest_us, int64_t exchange_now_us);
/* REST gave all that it was asked for; the last question was put at asked_mono_us.  May free the gap. */
void gaps_given(struct gaps *g, struct gap *gap, int64_t asked_mono_us, int64_t now_mono_us);
/* Looks again when a gap was over, now that more is known of the exchange's clock. */
void gaps_look_at_end(struct gaps *g, struct gap *gap);
/* The gap's row as it is now; and the end of a gap, which is freed then. */
void gaps_put(struct gaps *g, struct gap *gap);
void gaps_close(struct gaps *g, struct gap *gap, enum gap_state state, const char *note, int64_t now_mono_us);
/* history.cut cannot be had.  The rest of the gap, if there is any, stays open: as this one, or as another. */
void gaps_cut(struct gaps *g, struct gap *gap, const char *note, int64_t now_mono_us);

/* That much of the gap made no sense: it has a row of its own, which is asked for again from that time on; the gap goes on. */
void gaps_doubt_part(struct gaps *g, const struct gap *gap, const struct history_cut *lost, const char *note, int64_t again_mono_us);

/* What there was no place for: now and then, and before the next trade goes to the tape, lest a kill leaves that alone. */
void gaps_flush(struct gaps *g, int64_t now_mono_us);

#endif
