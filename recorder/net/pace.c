#include "recorder/net/pace.h"

int64_t pace_wait_us(const struct pace *pace, int64_t within_us, int64_t now_mono_us)
{
	int64_t oldest_us = pace->at_mono_us[pace->next]; /* PACE_MAX times ago */
	int64_t wait_us = oldest_us + within_us - now_mono_us;
	int64_t hold_us = pace->hold_until_mono_us - now_mono_us;
	wait_us = oldest_us == 0 || wait_us < 0 ? 0 : wait_us;
	return hold_us > wait_us ? hold_us : wait_us;
}

void pace_done(struct pace *pace, int64_t now_mono_us)
{
	pace->at_mono_us[pace->next] = now_mono_us;
	pace->next = (pace->next + 1) % PACE_MAX;
}

void pace_hold(struct pace *pace, int64_t until_mono_us)
{
	if (until_mono_us > pace->hold_until_mono_us)
		pace->hold_until_mono_us = until_mono_us;
}
