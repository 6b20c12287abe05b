#include "query/screen/pace.h"

#include "schema/base/timefmt.h"

#define PAUSES_KNOWN 10 /* before that there is no habit */
#define MEAN_WEIGHT 32  /* the mean moves by 1/32 of each difference */
#define TIMES_MEAN 40
#define TIMES_LONGEST 2
#define LEAST_US (30 * US_PER_SECOND)
#define EVENT_US US_PER_SECOND

void pace_trade(struct pace *p, int64_t time_us)
{
	if (time_us <= p->last_us)
		return;
	if (p->last_us == 0)
		p->event_us = time_us;
	if (p->last_us != 0 && time_us - p->event_us >= EVENT_US) {
		int64_t pause_us = time_us - p->last_us;
		p->event_us = time_us;
		p->pauses++;
		p->mean_us += (pause_us - p->mean_us) / (p->pauses < MEAN_WEIGHT ? p->pauses : MEAN_WEIGHT);
		pace_pause(p, pause_us);
	}
	p->last_us = time_us;
}

void pace_pause(struct pace *p, int64_t pause_us)
{
	if (pause_us > p->longest_us)
		p->longest_us = pause_us;
}

bool pace_quiet(const struct pace *p, int64_t now_us)
{
	int64_t quiet_us = now_us - p->last_us;
	return p->pauses >= PAUSES_KNOWN && quiet_us >= LEAST_US && quiet_us >= TIMES_MEAN * p->mean_us &&
	       quiet_us >= TIMES_LONGEST * p->longest_us;
}
