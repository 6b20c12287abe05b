/* What the gaps know of a market: what came, what is proved, what is open.  All times but the monotonic ones are the exchange's.
 * Network thread. */
#ifndef RECORDER_GAPS_MARKET_STATE_H
#define RECORDER_GAPS_MARKET_STATE_H

#include "recorder/exchanges/exchange.h"
#include "recorder/gaps/gap_row.h"

struct gap;
struct references;

/* Who brings a trade: one connection that carries the market alone; or of two the older one, or its successor, which may run ahead. */
enum carried { CARRIED_ALONE, CARRIED_BY_OLDER, CARRIED_BY_SUCCESSOR };

#define MARKET_ARRIVALS 3 /* one absurd time among them leads nobody astray */

struct market_state {
	const struct exchange *exchange; /* NULL: it has no gaps, a ticker say */
	int64_t covered_from_us; /* 0: its connection has not proved yet that it is subscribed */
	int64_t accounted_us;    /* the end of its coverage, or of the gap behind that; 0: neither was told yet */
	int64_t live_mono_us;    /* since when a connection is subscribed to it, or was */
	bool live;               /* one is */
	bool mute;               /* the audit found that it says nothing, though it should; then it is not live */
	bool probed;             /* REST is being asked whether it is deaf */
	bool start_unsaid;       /* there was no room for the word that it is recorded from now on */
	bool newer_wanted;       /* of its gaps one may have room for newer references */
	bool told_no_twin;       /* the log said that REST has other trades than the socket */
	int64_t newest_us;       /* of its trades, those of the tape at the start included; INT64_MIN: none */
	struct {                 /* the last trades by arrival, the newest first: what the market itself proves */
		int64_t time_us, mono_us;
	} arrived[MARKET_ARRIVALS];
	unsigned arrivals;
	struct {                 /* the last that the successor brought, while the older connection may still owe some; mono_us 0: none */
		int64_t time_us, mono_us;
	} by_successor;
	int64_t tape_us;         /* the newest of the tape at the start; INT64_MIN: none */
	int64_t late_us;         /* so much behind a newer one a trade came at most */
	int64_t asked_until_us;  /* REST was asked up to there, and the ledger says what came of it; INT64_MIN: it was not */
	int64_t first_us;        /* the first that was recorded; INT64_MIN: none */
	int64_t older_ref_us, next_older_ref_us; /* two older ones, each 5 s at least behind the next; INT64_MIN: none */
	int64_t next_id;         /* where ids prove: all below came, or are in a gap; GAP_NO_ID: none came yet */
	int64_t last_us;         /* and the time of the one before it */
	int64_t ahead_from_id, ahead_next_id, ahead_us; /* a run beyond next_id that may yet meet it; GAP_NO_ID: none */
	struct {                 /* the last time that nothing carried it: by our clock, and what its gap says of it */
		int64_t lost_mono_us, live_mono_us; /* live_mono_us 0: it was looked at, or lasts */
		int64_t from_us, to_us;
		unsigned arrivals;   /* since then */
	} outage;
	int64_t low_next_id, low_us, low_first_us; /* ids below next_id that go on by one, with newer times */
	unsigned low_count;
	enum gap_reason doubt_reason; /* what its gap will say */
	int64_t doubt_mono_us;   /* since then a trade of it may have been lost, and no id has shown yet whether; 0: none */
	struct gap *waiting;     /* borrowed; a gap whose end is not known: more trouble makes it longer, not another one */
	struct gap *skip;        /* borrowed; the last gap of skipped ids, while it is open */
	unsigned open_gaps;
	struct references *recorded; /* owned; the last trades that sockets brought; NULL: none yet */
};

#endif
