/* How often something was done of late, so that it is not done too often.  Pure; the times are the caller's. */
#ifndef RECORDER_NET_PACE_H
#define RECORDER_NET_PACE_H

#include <stddef.h>
#include <stdint.h>

#define PACE_MAX 100 /* times that are remembered */

struct pace {
	int64_t at_mono_us[PACE_MAX]; /* a ring; 0: not yet */
	size_t next;
	int64_t hold_until_mono_us; /* nothing before: we were told to wait */
};

/* How long to wait before it may be done again: at most PACE_MAX times within `within_us`.  0: now. */
int64_t pace_wait_us(const struct pace *pace, int64_t within_us, int64_t now_mono_us);
void pace_done(struct pace *pace, int64_t now_mono_us);
void pace_hold(struct pace *pace, int64_t until_mono_us); /* the longest wait that we were told counts */

#endif
