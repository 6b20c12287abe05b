#include "recorder/tape/writer.h"

#include "recorder/clock.h"
#include "recorder/log.h"
#include "schema/base/timefmt.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define COVERAGE_WAIT_US (2 * US_PER_SECOND)
#define AGAIN_US (US_PER_SECOND / 4)
#define AGAIN_AFTER_STOP_US (3 * US_PER_SECOND)
#define LEAST_SLICE_US 5000
#define IDLE_WAIT_US US_PER_SECOND
#define CLOSED_SOON_US (US_PER_SECOND / 2) /* by then the queue is closed, when main stops; and when it has yet to hear that it must */
#define CLOSED_US (2 * US_PER_SECOND)
#define BESIDE_ROWS 2000 /* items of a batch that are no trades */

/* Counts the batch and what the queue holds until it is closed as lost, and has the gaps that it leaves written, if that is still
 * possible: a -wal that has grown often has room for so little. */
static void give_up(struct writer *w, const struct item *items, size_t count, const char *reason, bool may_write)
{
	struct loss loss = { .items = 0 };
	struct err err = { .text = "" };
	bool ended = false;
	loss_add(&loss, items, count);
	for (int64_t until_us = clock_mono_us() + (may_write ? CLOSED_SOON_US : CLOSED_US); !ended && clock_mono_us() < until_us;)
		loss_add(&loss, w->batch, queue_pop(w->queue, w->batch, 1, w->batch_size, until_us, &ended));
	counters_add(&w->counters->lost, loss.trades + loss.tickers);
	log_event(LOG_ERROR, "trades-lost", "reason=\"%s\" rows=%llu trades=%llu could not be written before the stop", reason,
	          (unsigned long long)loss.items, (unsigned long long)loss.trades);
	if (may_write && !loss.no_memory && batch_writer_give_up(w->tape, &loss, atomic_load(&w->counters->lost), &err))
		log_event(LOG_WARNING, "loss-in-ledger", "the gaps are on the tape; the next start has REST fill them: make room first");
	else if (may_write)
		log_event(LOG_ERROR, "loss-not-in-ledger", "reason=\"%s\" make room and start tapedeckd on this tape again: it opens the gaps "
		          "by itself, from the last trade of each market that is on the tape", loss.no_memory ? "out of memory" : err.text);
	loss_release(&loss);
}

static void count_written(struct writer *w, const struct written *written)
{
	counters_add(&w->counters->stored, written->stored);
	counters_add(&w->counters->repeated, written->repeated);
	counters_add(&w->counters->lost, written->refused);
}

/* false: given up. */
static bool write_batch(struct writer *w, size_t count)
{
	struct item *items = w->batch;
	struct written written;
	struct err err = { .text = "" };
	bool failed_before = false;
	for (;;) {
		enum write_result result = batch_writer_write(w->tape, items, count, &written, &err);
		count_written(w, &written);
		if (result == WRITE_DONE && failed_before)
			log_event(LOG_INFO, "writing-again", "rows=%zu", count);
		items += written.items;
		count -= written.items;
		switch (result) {
		case WRITE_DONE:
			return true;
		case WRITE_FATAL:
			log_event(LOG_ERROR, "tape-unusable", "reason=\"%s\" unwritten_rows=%zu", err.text, count);
			atomic_store(&w->failed, EXIT_TAPE); /* main stops the others, and closes the queue */
			give_up(w, items, count, err.text, false);
			return false;
		case WRITE_AGAIN:
		default:
			break;
		}
		failed_before = true;
		log_folded("write-failed", LOG_ERROR, "write-failed", "reason=\"%s\" rows=%zu held, trying again; is the disk full?",
		           err.text, count);
		int64_t stop_us = atomic_load(&w->stop_mono_us);
		if (stop_us != 0 && clock_mono_us() - stop_us > AGAIN_AFTER_STOP_US) {
			give_up(w, items, count, err.text, true);
			atomic_store(&w->failed, EXIT_FAILED);
			return false;
		}
		usleep(AGAIN_US);
	}
}

/* Trades, and rows of the ledger: what readers wait for. */
static bool is_urgent(const struct item *item)
{
	return item->kind == ITEM_TRADE || item->kind == ITEM_GAP;
}

static void write_until_closed(struct writer *w)
{
	size_t count = 0, trades = 0;
	bool urgent = false, ended = false;
	int64_t due_us = 0;
	while (!ended || count > 0) {
		/* never more than batch_rows trades in a batch, and room for what comes beside them */
		size_t enough = w->batch_rows - trades, room = w->batch_size - count < enough ? w->batch_size - count : enough;
		int64_t now = clock_mono_us(), until_us = count > 0 ? due_us : now + IDLE_WAIT_US;
		bool holding = count > 0 && !urgent; /* what can wait: look now and then for what cannot */
		int64_t slice_us = w->batch_us / 2 > LEAST_SLICE_US ? w->batch_us / 2 : LEAST_SLICE_US;
		if (holding && until_us > now + slice_us)
			until_us = now + slice_us;
		size_t taken = queue_pop(w->queue, w->batch + count, count > 0 ? room : 1, room, until_us, &ended);
		now = clock_mono_us();
		if (count == 0)
			due_us = now + (atomic_load(&w->begun) ? COVERAGE_WAIT_US : 0);
		for (size_t i = 0; i < taken; i++) {
			trades += w->batch[count + i].kind == ITEM_TRADE;
			if (urgent || !is_urgent(&w->batch[count + i]))
				continue;
			urgent = true;
			int64_t wait_us = holding ? w->batch_us / 2 : w->batch_us;
			due_us = now + wait_us < due_us ? now + wait_us : due_us;
		}
		count += taken;
		if (count == 0 || !(trades == w->batch_rows || count == w->batch_size || now >= due_us || ended))
			continue;
		if (!write_batch(w, count))
			break;
		atomic_store(&w->begun, true);
		count = trades = 0;
		urgent = false;
	}
}

static void *run(void *arg)
{
	struct writer *w = arg;
	write_until_closed(w);
	pthread_mutex_lock(&w->lock);
	w->ended = true;
	pthread_cond_signal(&w->end);
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

bool writer_start(struct writer *w, struct queue *queue, struct batch_writer *tape, struct counters *counters,
                  const struct config *config, struct err *err)
{
	*w = (struct writer){ .queue = queue, .tape = tape, .counters = counters, .batch_rows = (size_t)config->batch_rows,
		              .batch_us = config->batch_us };
	atomic_store(&w->begun, queue_count(queue) == 0);
	w->batch_size = w->batch_rows + BESIDE_ROWS;
	w->batch = calloc(w->batch_size, sizeof *w->batch);
	if (!w->batch)
		return err_set(err, "out of memory");
	pthread_condattr_t attr;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w->end, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_init(&w->lock, NULL);
	if (pthread_create(&w->thread, NULL, run, w) != 0)
		return err_set(err, "the recorder thread cannot start");
	return true;
}

bool writer_join(struct writer *w, int64_t timeout_us)
{
	int64_t until_us = clock_mono_us() + timeout_us;
	struct timespec until = { .tv_sec = until_us / US_PER_SECOND, .tv_nsec = until_us % US_PER_SECOND * 1000 };
	pthread_mutex_lock(&w->lock);
	for (int rc = 0; !w->ended && rc == 0;)
		rc = pthread_cond_timedwait(&w->end, &w->lock, &until);
	bool ended = w->ended;
	pthread_mutex_unlock(&w->lock);
	return ended && pthread_join(w->thread, NULL) == 0;
}

void writer_release(struct writer *w)
{
	if (w->batch) {
		pthread_cond_destroy(&w->end);
		pthread_mutex_destroy(&w->lock);
	}
	free(w->batch);
}
