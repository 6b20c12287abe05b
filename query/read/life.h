/* Does the recorder live?  What its row on the tape says, looked at by our clock, and whether anybody holds its lock.
 * One thread. */
#ifndef QUERY_READ_LIFE_H
#define QUERY_READ_LIFE_H

#include "schema/tape/reader.h"

enum life {
	LIFE_NEVER,   /* none has left a sign yet */
	LIFE_ALIVE,
	LIFE_STOPPED, /* as it was asked to */
	LIFE_DEAD,    /* surely nobody holds its lock; or its last sign is too old, or so far in the future that our clock or its
	               * own was set since */
};

struct recorder_life {
	enum life life;
	int64_t now_us; /* when it was looked at */
	int64_t pid, started_us, beat_us, stopped_us; /* our clock; stopped_us meaningful if it was stopped */
	int64_t queue_rows, queue_limit, disconnects, received, bad, lost;
	char version[32];
};

/* `now_us`: our clock. */
bool life_read(struct reader *r, int64_t now_us, struct recorder_life *l, struct err *err) MUST_CHECK;
const char *life_name(enum life life); /* one word */
/* When it last was known to record: now, while it lives; 0 if it never did. */
int64_t life_until(const struct recorder_life *l, int64_t now_us);

#define LIFE_TEXT_SIZE 400
/* A sentence or two for people, without the end of a line. */
void life_text(const struct recorder_life *l, char text[static LIFE_TEXT_SIZE]);

#endif
