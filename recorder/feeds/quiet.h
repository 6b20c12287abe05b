/* How often a market usually trades, to tell a dead subscription from a quiet hour.  Network thread.
 *
 * No fixed time-out can: one market trades ten times a second, another twice a day.  A market is suspiciously quiet when
 * nothing came for far longer than its own mean pause and than the longest pause it has shown of late. */
#ifndef RECORDER_FEEDS_QUIET_H
#define RECORDER_FEEDS_QUIET_H

#include <stdbool.h>
#include <stdint.h>

struct quiet {
	int64_t last_mono_us; /* of the last trade, or since when we listen again */
	int64_t mean_pause_us, longest_pause_us; /* moving; the longest fades */
	uint32_t pauses;
	int64_t pause_mono_us; /* when the last pause was counted: one sweep of many trades is one event */
	bool told; /* suspicion was raised since the last trade */
};

void quiet_trade(struct quiet *h, int64_t now_mono_us);
/* Nothing could have come: we were not connected, or not reading. */
void quiet_excuse(struct quiet *h, int64_t now_mono_us);
/* true once for each quiet time. */
bool quiet_suspicious(struct quiet *h, int64_t now_mono_us);

#endif
