/* What the last line on stderr says, and say(): one line there when --verbose. Any thread. */
#ifndef SIM_TOTALS_H
#define SIM_TOTALS_H

#include <stdatomic.h>

struct totals {
	atomic_ullong sent;        /* trade messages (frames, in a replay) */
	atomic_ullong connections; /* TCP */
	atomic_ullong sockets;     /* websockets opened */
	atomic_ullong requests;    /* REST */
	atomic_ullong rest_bytes;  /* of their answers' bodies */
	atomic_ullong faults;      /* of the script, that happened */
};

extern struct totals totals;

void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
