/* What time it is at an exchange, as its trades tell: our monotonic clock with an offset, so that our wall clock may be
 * wrong, or be set, and nothing comes of it.  Network thread.
 *
 * A trade that comes at our time t with the exchange's time T shows that the exchange's clock is at T at least; the
 * trades that came fastest show the most.  One absurd time must not lead astray: the third largest of the last ten
 * minutes or more counts. */
#ifndef RECORDER_EXCHANGE_TIME_H
#define RECORDER_EXCHANGE_TIME_H

#include <stdbool.h>
#include <stdint.h>

#define EXCHANGE_TIME_BEST 3

struct exchange_time {
	struct {
		int64_t best_us[EXCHANGE_TIME_BEST]; /* T - t, the largest, falling */
		unsigned count;
	} now, before;            /* these ten minutes, those before */
	int64_t began_mono_us;    /* when `now` began */
};

void exchange_time_sample(struct exchange_time *e, int64_t trade_us, int64_t mono_us);
bool exchange_time_known(const struct exchange_time *e);
/* The exchange's clock was at least, at most there.  Where no trade has told yet, our wall clock has to do. */
int64_t exchange_time_at_least_us(const struct exchange_time *e, int64_t mono_us);
int64_t exchange_time_at_most_us(const struct exchange_time *e, int64_t mono_us);

#endif
