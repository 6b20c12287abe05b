/* What the files of gap.h share: gap.c (the ledger's rows), gap_stream.c (trades and connections), gap_ids.c (what ids prove),
 * gap_probe.c (is a quiet one deaf), gap_ask.c (what REST is asked for), gap_cut.c (what it cannot give), gap_start.c (what the tape brings along).  Network thread. */
#ifndef RECORDER_GAPS_GAP_INTERNAL_H
#define RECORDER_GAPS_GAP_INTERNAL_H

#include "recorder/gaps/gap.h"

#define PROOF_SLACK_US (2 * US_PER_SECOND) /* what our idea of the exchange's clock may be off */
#define GUESS_SLACK_US US_PER_MINUTE       /* and where it is only our wall clock's */

const struct exchange *gap_exchange_of(const struct gaps *g, uint32_t market);
struct exchange_clock *gap_time_of(struct gaps *g, uint32_t market);

/* A gap that is there already, and a new one, which is said and logged. */
struct gap *gap_add(struct gaps *g, uint32_t market, const struct gap_mark *mark, int64_t older_ref_us);
struct gap *gap_open(struct gaps *g, uint32_t market, enum gap_reason reason, int64_t from_us, int64_t from_id);
/* Where a market has too many gaps, one more becomes part of another, which is returned; else NULL. */
struct gap *gap_widen_newest(struct gaps *g, uint32_t market, int64_t from_us, int64_t to_us, int64_t from_id, int64_t to_id);
/* It ended at live_mono_us; `settled`: REST may be asked at once.  May free it. */
void gap_is_over(struct gaps *g, struct gap *gap, int64_t live_mono_us, bool settled, int64_t now_mono_us);

void gap_say_starts(struct gaps *g, int64_t now_mono_us); /* what the queue had no room for */

void gap_ids_take(struct gaps *g, uint32_t market, int64_t id, int64_t time_us, bool overlapping, int64_t now_mono_us);
void gap_ids_advance(struct market_state *s, int64_t id, int64_t time_us); /* all up to `id` came, or is in a gap */
/* The exchange counts anew from a trade of that time on: what may have been missed before it has a row of its own. */
void gap_ids_end_run(struct gaps *g, uint32_t market, int64_t first_us, int64_t now_mono_us);
void gap_ids_meet_ahead(struct market_state *s);
void gap_ids_accept_ahead(struct gaps *g, uint32_t market, int64_t now_mono_us); /* what lies before that run is a gap now */

#endif
