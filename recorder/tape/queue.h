/* The bounded queue between the network thread (pushes) and the recorder thread (pops): the only thing that both touch.
 *
 * What is in it are plain values, copied in and out.  Each exchange has a share of its own, a ring: an equal part of the
 * limit.  When so many of its rows wait, queue_push still takes the rest of the message at hand (the ring has room for the
 * longest) and says so; the network thread then stops reading the sockets of that exchange, and TCP holds it back, while it
 * reads on the others'.  When half of the share is written, `on_room` is called, and it reads on.
 *
 * Rows of one exchange come out in the order in which they went in.  Those of several take turns: who floods waits for
 * itself, and nobody else waits for it. */
#ifndef RECORDER_TAPE_QUEUE_H
#define RECORDER_TAPE_QUEUE_H

#include "recorder/gaps/gap_row.h"
#include "recorder/tape/audit_rows.h"
#include "schema/base/err.h"
#include "schema/value/ticker.h"
#include "schema/value/trade.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/* Says that nothing of the market's trades was missed from from_us to to_us: all of that time stand before this item. */
struct coverage_mark {
	int64_t from_us, to_us;
};

/* The network thread lives, and so does the recorder thread when it writes this down. */
struct heartbeat_mark {
	int64_t wall_us;
	uint64_t disconnects, received, bad, lost;
	size_t queue_rows;
};

struct clock_mark { /* exchange_clock's row */
	const char *exchange; /* constant */
	int64_t ahead_us, wall_us;
};

struct market;

/* REST has this trade at a time that is said to be covered: if it is not on the tape, the coverage was wrong there. */
#define ITEM_WITNESS INT64_C(-1)

struct item {
	enum { ITEM_MARKET, ITEM_TRADE, ITEM_TICKER, ITEM_COVERAGE, ITEM_GAP, ITEM_HEARTBEAT, ITEM_CLOCK, ITEM_AUDIT } kind;
	uint32_t market;     /* the recorder's index: of the market itself, or whose item it is */
	uint32_t connection; /* of a trade: counts connections, so that equal rows of one are told from a repetition */
	int64_t gap_id;      /* of a trade that REST gave: the gap that it fills, or ITEM_WITNESS; else 0 */
	union {
		const struct market *introduced; /* ITEM_MARKET, before all others of that market; never changes nor moves */
		struct trade trade;
		struct ticker ticker;
		struct coverage_mark mark;
		struct gap_mark gap;
		struct heartbeat_mark beat;
		struct clock_mark clock;
		struct audit_mark audit;
	};
};

/* Room above the limit of a share: more than the trades of the longest message that is taken (feed_message.c asserts it), and
 * some thousand items beside them. */
#define QUEUE_SPARE_ROWS 20000
#define QUEUE_SHARES_MAX 16 /* a bit of a word each */

#define QUEUE_ANY_MARKET SIZE_MAX

struct queue_share {
	struct item *ring; /* owned */
	size_t head, count;
};

struct queue {
	/* set before threads start */
	size_t limit, capacity; /* of each share */
	size_t share_count;
	void (*on_room)(void *arg); /* recorder thread calls it, without the lock; may only wake the other thread */
	void *on_room_arg;
	/* network thread only, and main before it runs */
	size_t introduced; /* nothing of the markets from here on is taken; QUEUE_ANY_MARKET: of all is */
	unsigned char *share_of; /* owned; by a market's number; those beyond have the first share */
	size_t share_of_count;
	/* guarded by lock */
	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct queue_share shares[QUEUE_SHARES_MAX];
	size_t count, most; /* of all shares together */
	size_t turn;        /* the share that is popped from first */
	size_t enough; /* at which the waiting recorder thread is woken: each wake-up costs as much as a trade */
	uint32_t throttled; /* a bit a share */
	bool closed;
};

/* `limit` rows in all, in so many equal shares; or in one.  false: no memory. */
bool queue_init_shares(struct queue *q, size_t limit, size_t share_count);
bool queue_init(struct queue *q, size_t limit);
void queue_release(struct queue *q);

/* Whose the market is: before the first row of it.  Network thread, or main before it runs.  false: no memory. */
bool queue_assign(struct queue *q, uint32_t market, size_t share) MUST_CHECK;

enum queue_state { QUEUE_OPEN, QUEUE_FULL, QUEUE_OVERFLOWED };
/* Network thread.  FULL: taken, and now stop reading that exchange.  OVERFLOWED: not taken, which must be reported as a loss, or
 * said later.  What is of no market goes where the fewest wait. */
enum queue_state queue_push(struct queue *q, const struct item *item) MUST_CHECK;
/* From now on nothing of a market is taken before its ITEM_MARKET was: the tape would not know whose it is.  Before the first. */
void queue_want_introductions(struct queue *q);
uint32_t queue_throttled(struct queue *q); /* network thread: bit i: nothing of share i is to be read */

/* Recorder thread.  Waits until `enough` items are there (or half of a share), `until_mono_us` has passed, or the queue is
 * closed; copies up to `max` out, as many of each share as there is place for, and returns how many.  *ended: closed, and nothing
 * is left. */
size_t queue_pop(struct queue *q, struct item *items, size_t enough, size_t max, int64_t until_mono_us, bool *ended);

void queue_close(struct queue *q);                        /* any thread: nothing will be pushed any more */
size_t queue_count(struct queue *q);                      /* any thread */
size_t queue_depth(struct queue *q, size_t *most);        /* main; most: since the last call */

#endif
