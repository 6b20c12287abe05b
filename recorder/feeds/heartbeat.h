/* Once a second: did the host sleep, was the wall clock set; now and then the sign of life, which travels through the
 * queue like all else and so shows that both threads live.  Network thread. */
#ifndef RECORDER_FEEDS_HEARTBEAT_H
#define RECORDER_FEEDS_HEARTBEAT_H

#include "recorder/markets/new_listings.h"

struct heartbeat {
	struct feeds *feeds; /* borrowed */
	lws_sorted_usec_list_t timer;
	int64_t beat_mono_us;   /* of the last sign of life; 0: none yet */
	int64_t asleep_us;      /* for which the host has slept since it was started */
	int64_t wall_offset_us; /* wall - monotonic clock */
	bool clock_told[EXCHANGES_MAX];
};

void heartbeat_start(struct heartbeat *pulse, struct feeds *feeds);
void heartbeat_stop(struct heartbeat *pulse); /* before net_release */

#endif
