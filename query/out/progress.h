/* A line on stderr that says how far a long export is: after a second, at a terminal only.  Main thread. */
#ifndef QUERY_OUT_PROGRESS_H
#define QUERY_OUT_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	int64_t start_us, shown_us;
	bool wanted, visible;
};

void progress_init(struct progress *p, bool wanted); /* wanted: false where the rows go to a terminal themselves */
void progress_tick(struct progress *p, uint64_t rows, const char *market);
void progress_clear(struct progress *p); /* wipes the line; before anything else is written to stderr */

#endif
