/* The most that ever came in one second, and in five minutes: what an exchange's limits count. Any thread. */
#ifndef SIM_PEAKS_H
#define SIM_PEAKS_H

#include <stdint.h>

enum peak { PEAK_SOCKETS, PEAK_REQUESTS, PEAKS };

/* One more: an upgrade that was asked for, or a request. Returns how many have come in the last five minutes, with this one. */
uint64_t peak_count(enum peak what);
uint64_t peak_second(enum peak what);
uint64_t peak_five_minutes(enum peak what);
void peaks_release(void);

#endif
