/* How often a market usually trades, to tell one gone quiet from one that is merely slow.  Pure; one thread.
 *
 * The recorder judges its connections by the same idea while it listens.  Here the pauses are those of the trades' own
 * times, and those that a whole day of candles shows. */
#ifndef QUERY_SCREEN_PACE_H
#define QUERY_SCREEN_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace {
	int64_t last_us;  /* of the newest trade that was counted; 0: none yet */
	int64_t event_us; /* when the last pause was counted: the trades of one second are one event */
	int64_t mean_us, longest_us;
	uint32_t pauses;
};

void pace_trade(struct pace *p, int64_t time_us);  /* in order of time; what is older than the last counts nothing */
void pace_pause(struct pace *p, int64_t pause_us); /* at least so long a pause is known to be usual */
/* Has it been silent for far longer than it usually is?  A market without a habit yet never has. */
bool pace_quiet(const struct pace *p, int64_t now_us);

#endif
