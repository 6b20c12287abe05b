/* The recorder thread: takes items from the queue, gathers them into batches, commits each as one transaction.
 *
 * A batch is due at batch_rows trades or batch_us after its first, whichever is first; without trades and gaps it can wait
 * for 2 s.
 * When the disk is full or fails, the batch is kept and tried again for as long as it takes: the queue fills, the sockets
 * are throttled, and nothing is dropped.  Only a stop ends the trying, and then it says how much was not written, and tries to
 * leave the gaps in the ledger. */
#ifndef RECORDER_TAPE_WRITER_H
#define RECORDER_TAPE_WRITER_H

#include "recorder/config.h"
#include "recorder/tape/queue.h"
#include "recorder/counters.h"
#include "recorder/tape/batch.h"

#include <pthread.h>
#include <stdatomic.h>

struct writer {
	/* set before the thread starts */
	struct queue *queue;      /* borrowed, as the next four */
	struct batch_writer *tape;
	struct counters *counters;
	size_t batch_rows; /* trades */
	size_t batch_size; /* items */
	int64_t batch_us;
	struct item *batch; /* owned */
	pthread_t thread;
	/* guarded by lock */
	pthread_mutex_t lock;
	pthread_cond_t end;
	bool ended;
	/* any thread */
	atomic_bool begun;             /* what stood in the queue at the start is written */
	_Atomic int64_t stop_mono_us;  /* 0, or when the stop began */
	_Atomic enum exit_code failed; /* EXIT_OK, or why the thread ended by itself or left trades unwritten */
};

bool writer_start(struct writer *w, struct queue *queue, struct batch_writer *tape, struct counters *counters,
                  const struct config *config, struct err *err) MUST_CHECK;
/* After queue_close: waits until all is written, or until nothing more can be.  false: it hangs (in the kernel). */
bool writer_join(struct writer *w, int64_t timeout_us);
void writer_release(struct writer *w);

#endif
