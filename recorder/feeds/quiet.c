#include "recorder/feeds/quiet.h"

#include "schema/base/timefmt.h"

#define PAUSES_KNOWN 10    /* before that there is no habit */
#define MEAN_WEIGHT 32     /* the mean moves by 1/32 of each difference */
#define LONGEST_WEIGHT 256 /* the longest pause fades by 1/256 with each trade */
#define TIMES_MEAN 40
#define TIMES_LONGEST 6
#define LEAST_US (30 * US_PER_SECOND)
#define EVENT_US US_PER_SECOND /* trades come in bursts: at most one pause a second counts */

void quiet_trade(struct quiet *h, int64_t now)
{
	if (h->last_mono_us != 0 && now - h->pause_mono_us >= EVENT_US) {
		h->pause_mono_us = now;
		int64_t pause = now - h->last_mono_us;
		h->mean_pause_us += h->pauses == 0 ? pause : (pause - h->mean_pause_us) / MEAN_WEIGHT;
		h->longest_pause_us -= h->longest_pause_us / LONGEST_WEIGHT;
		if (pause > h->longest_pause_us)
			h->longest_pause_us = pause;
		h->pauses++;
	}
	if (h->last_mono_us == 0)
		h->pause_mono_us = now; /* the rest of a first sweep is no pause */
	h->last_mono_us = now;
	h->told = false;
}

void quiet_excuse(struct quiet *h, int64_t now)
{
	if (h->last_mono_us != 0)
		h->last_mono_us = now;
}

bool quiet_suspicious(struct quiet *h, int64_t now)
{
	int64_t quiet = now - h->last_mono_us;
	if (h->told || h->pauses < PAUSES_KNOWN || quiet < LEAST_US || quiet < TIMES_MEAN * h->mean_pause_us ||
	    quiet < TIMES_LONGEST * h->longest_pause_us)
		return false;
	h->told = true;
	return true;
}
