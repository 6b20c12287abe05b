/* What time it is at an exchange, as its trades tell: our monotonic clock with an offset, so that our wall clock may be
 * wrong, or be set, and nothing comes of it.  Pure; network thread.
 *
 * A trade of the exchange's time T that comes at our time R shows how far that clock is ahead of ours, less what the trade
 * was on its way: T - R.  No single trade is believed, for exchanges do send times of the year 2106 and of a minute ahead.
 * Trades are gathered for some seconds, and the median of these counts (a stretch); of the stretches of twenty minutes the
 * second largest is what the clock shows at most, since a way can only make it look behind.  What it shows at least is the
 * newest stretch, where that is less: the clock may have been set back, or all that comes may be late.  The two are told
 * apart by nobody, so whoever asks takes the one that is safe for his claim. */
#ifndef RECORDER_GAPS_EXCHANGE_CLOCK_H
#define RECORDER_GAPS_EXCHANGE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXCHANGE_CLOCK_SAMPLES 15   /* of a stretch, at most; odd */
#define EXCHANGE_CLOCK_STRETCHES 64 /* that are remembered */

struct exchange_clock {
	struct {
		int64_t ahead_us[EXCHANGE_CLOCK_SAMPLES]; /* T - R, rising */
		size_t count;
		int64_t began_mono_us, taken_mono_us;     /* its first sample, its last */
	} stretch; /* the one at hand */
	struct {
		int64_t ahead_us, ended_mono_us;
	} stretches[EXCHANGE_CLOCK_STRETCHES]; /* medians, the newest first */
	size_t stretch_count;
	int64_t hint_us; /* how far it was ahead of our wall clock when the tape was last written; 0: not known */
	int64_t wall_ahead_us; /* how far our wall clock is ahead of the monotonic one; kept true by whoever owns it */
};

void exchange_clock_sample(struct exchange_clock *c, int64_t trade_us, int64_t mono_us);
bool exchange_clock_known(const struct exchange_clock *c);   /* a stretch was gathered */
bool exchange_clock_guessed(const struct exchange_clock *c); /* not one trade has told anything yet */
/* The exchange's clock was at least, at most there.  Where no trade has told yet, our wall clock has to do, and what an earlier
 * run found: whichever is the safer. */
int64_t exchange_clock_at_least_us(const struct exchange_clock *c, int64_t mono_us);
int64_t exchange_clock_at_most_us(const struct exchange_clock *c, int64_t mono_us);

#endif
