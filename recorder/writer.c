#include "recorder/writer.h"

#include "recorder/clock.h"
#include "recorder/log.h"
#include "schema/timefmt.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define COVERAGE_WAIT_US (2 * US_PER_SECOND)
#define AGAIN_US (US_PER_SECOND / 4)
#define AGAIN_AFTER_STOP_US (3 * US_PER_SECOND)
#define LEAST_SLICE_US 5000
#define IDLE_WAIT_US US_PER_SECOND
#define BESIDE_ROWS 2000 /* items of a batch that are no trades */

/* false: given up. */
static bool write_batch(struct writer *w, size_t count)
{
	struct written written;
	struct err err = { .text = "" };
	bool failed_before = false;
	for (;;) {
		switch (tape_writer_write(w->tape, w->batch, count, &written, &err)) {
		case WRITE_DONE:
			if (failed_before)
				log_event(LOG_INFO, "writing-again", "rows=%zu", count);
			stats_add(&w->stats->stored, written.stored);
			stats_add(&w->stats->repeated, written.repeated);
			return true;
		case WRITE_FATAL:
			log_event(LOG_BROKEN, "tape-unusable", "reason=\"%s\" unwritten_rows=%zu", err.text, count);
			atomic_store(&w->failed, EXIT_TAPE);
			return false;
		case WRITE_AGAIN:
		default:
			break;
		}
		failed_before = true;
		log_folded("write-failed", LOG_BROKEN, "write-failed", "reason=\"%s\" rows=%zu held, trying again; is the disk full?",
		           err.text, count);
		int64_t stop_us = atomic_load(&w->stop_mono_us);
		if (stop_us != 0 && clock_mono_us() - stop_us > AGAIN_AFTER_STOP_US) {
			size_t most;
			log_event(LOG_BROKEN, "trades-lost", "reason=\"%s\" rows=%zu could not be written before the stop", err.text,
			          count + queue_depth(w->queue, &most));
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

static void *run(void *arg)
{
	struct writer *w = arg;
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
	return NULL;
}

bool writer_start(struct writer *w, struct queue *queue, struct tape_writer *tape, struct stats *stats,
                  const struct config *config, struct err *err)
{
	*w = (struct writer){ .queue = queue, .tape = tape, .stats = stats, .batch_rows = (size_t)config->batch_rows,
		              .batch_us = config->batch_us };
	atomic_store(&w->begun, queue_count(queue) == 0);
	w->batch_size = w->batch_rows + BESIDE_ROWS;
	w->batch = calloc(w->batch_size, sizeof *w->batch);
	if (!w->batch)
		return err_set(err, "out of memory");
	if (pthread_create(&w->thread, NULL, run, w) != 0)
		return err_set(err, "the recorder thread cannot start");
	return true;
}

bool writer_join(struct writer *w, int64_t timeout_us)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += timeout_us / US_PER_SECOND;
	return pthread_timedjoin_np(w->thread, NULL, &until) == 0;
}

void writer_release(struct writer *w)
{
	free(w->batch);
}
