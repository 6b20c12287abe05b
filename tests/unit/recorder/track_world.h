/* A world in simulated time for test_track.c: exchanges that make trades, connections that bring or lose them, REST, a tape that a
 * kill cuts short, and a recorder of which only track.h is real.  The world knows what was made and what is on its tape, so it
 * can say whether the ledger of gaps tells the truth. */
#ifndef TESTS_UNIT_RECORDER_TRACK_WORLD_H
#define TESTS_UNIT_RECORDER_TRACK_WORLD_H

#include "recorder/gaps/track.h"
#include "support.h"

/* What happens, after wait_us; `a` and `b` are random, and each kind makes of them what it needs. */
enum op_kind {
	OP_TRADES,  /* a market trades some times */
	OP_CUT,     /* a connection breaks off; another is made after a while */
	OP_RENEW,   /* a successor is started */
	OP_LAG,     /* what a connection brings is late for a time; pongs may be prompt */
	OP_LOSE,    /* the next messages of a market do not come: announced by ids alone, or could not be read */
	OP_MUTE,    /* a market's subscription is dead; it is found out after a while */
	OP_REFUSE,  /* the next subscription to a market is refused */
	OP_FULL,    /* the queue has no place for a time */
	OP_SLEEP,   /* the host does */
	OP_STOP,    /* the recorder is stopped, or killed, and starts again */
	OP_LIST,    /* a new market */
	OP_WAIT,
	OP_KINDS
};
extern const char *const op_words[OP_KINDS];

struct op {
	enum op_kind kind;
	int64_t wait_us;
	uint32_t a, b;
};

#define OPS_MAX 64
struct script {
	uint64_t seed; /* of what the world itself draws: delays, what REST answers */
	size_t count;
	struct op ops[OPS_MAX];
};

struct verdict {
	char words[400]; /* "": all is as it should be */
	size_t trades, lost, gaps, filled; /* what the history held */
};

extern bool world_shows; /* prints what goes to the tape */
void world_run(const struct script *script, struct verdict *verdict);

#endif
