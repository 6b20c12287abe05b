/* Counters for the log's summary line: written by the thread named, read by main.  Each is one atomic, so that a line may
 * be a moment out of step with itself, never wrong. */
#ifndef RECORDER_COUNTERS_H
#define RECORDER_COUNTERS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct counters {
	/* network thread */
	_Atomic uint64_t received;    /* trades */
	_Atomic uint64_t bad;         /* messages, or elements of one, that could not be used */
	_Atomic uint64_t others;      /* messages passed over: order books, other series of trades */
	_Atomic uint64_t disconnects; /* of connections that had been live */
	_Atomic int64_t newest_us;    /* exchange's time of the newest trade */
	_Atomic uint64_t markets, markets_seen; /* recorded; heard of */
	_Atomic uint64_t events;      /* pieces of messages that came in */
	/* recorder thread */
	_Atomic uint64_t stored, repeated; /* trades new to the tape; trades it had already */
	/* both */
	_Atomic uint64_t lost; /* trades that found no place in the queue, that the tape refused, or that a stop had to give up */
};

static inline void counters_add(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

#endif
