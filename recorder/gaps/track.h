/* The one owner of markets' streams: who carries a market, what is proved of it, what is missing.  Told as events of carriers,
 * a carrier being one connection; at most two carry a market, the older one and its successor.
 *
 *   joins (the 101) -> is live for a market -> brings a trade, a pong, misses a message -> leaves
 *
 * Pure: no clock, no socket, no tape; what it has to say goes to the sink of gap.h.  Coverage (coverage.c) says from when to when
 * nothing was missed, a gap (gap.c) what was.  Network thread. */
#ifndef RECORDER_GAPS_TRACK_H
#define RECORDER_GAPS_TRACK_H

#include "recorder/gaps/coverage.h"
#include "recorder/gaps/gap.h"

struct carrier {
	struct gaps *gaps;        /* borrowed */
	struct coverage coverage;
	int64_t *live_mono_us_of; /* owned; by a market's number: since when it is subscribed to it; 0: it is not */
	size_t live_room;         /* numbers that it has */
};

void carrier_init(struct carrier *c, struct gaps *gaps, const struct exchange *exchange);
void carrier_release(struct carrier *c);

/* A connection stands; nothing of the one before counts.  `trades`, borrowed: what it is about to ask for; `market_count`: no
 * market of it has a larger number.  false: no memory. */
bool carrier_join(struct carrier *c, const struct market_set *trades, size_t market_count, int64_t now_mono_us) MUST_CHECK;
bool carrier_carries(const struct carrier *c, uint32_t market);
/* It is subscribed to the market.  One that has no gaps, a ticker say, is carried, and no more. */
void carrier_live(struct carrier *c, uint32_t market, int64_t now_mono_us);
void carrier_trade(struct carrier *c, const struct trade *trade, enum carried carried, int64_t now_mono_us);
void carrier_pong(struct carrier *c, int64_t sent_mono_us, int64_t now_mono_us); /* of a ping that went then */
/* A message of that market was lost; NO_MARKET: of who knows which. */
void carrier_missed(struct carrier *c, uint32_t market, enum gap_reason reason, int64_t now_mono_us);
void carrier_slept(struct carrier *c, int64_t slept_us);
/* Now and then: what is covered.  `last`: nothing will come of it any more. */
void carrier_tell(struct carrier *c, bool last, int64_t now_mono_us);

/* Has all come that was sent to it before its successor was live, and that may be late?  A pong of since then shows that the line
 * was read; but pongs overtake data that is held up, so what the successor has, this one must have brought, too. */
bool carrier_is_through(const struct carrier *c, const struct carrier *successor, int64_t since_mono_us);
/* It is over.  `other`: the second carrier, NULL: there is none; `is_successor`: it goes on in the place of this one.
 * `proved`: all that was sent to this one had come. */
void carrier_leave(struct carrier *c, const struct carrier *other, bool is_successor, bool proved, enum gap_reason reason,
                   int64_t now_mono_us);

#endif
