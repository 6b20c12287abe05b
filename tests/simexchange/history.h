/*
 * What REST knows of the past: an index of each market's trades, behind a lock. It ends where --rest-lag-ms says and begins where --history-limit
 * and --history-hours say. Pages are what rest_odd.c makes of them while the script wants
 * that. Any thread, but for history_add().
 */
#ifndef SIM_HISTORY_H
#define SIM_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct trade;

void history_add(const struct trade *t); /* market thread, before the trade is published */

/* The newest trade that sockets know; no lag, no limit. */
bool history_last(size_t market, uint64_t *place);

/* How many trades of this market there are, known to REST or not. */
size_t history_count(size_t market);
/* Newest first, from_ms <= time < to_ms and id < before_id (the dialect's). Returns how many places were written. */
size_t history_before(size_t market, int64_t from_ms, int64_t to_ms, uint64_t before_id, uint32_t *places, size_t max);

/* What REST knows of a market's trades since that moment. */
struct history_sum {
	int64_t units;      /* of size, 8 decimals */
	double floating;    /* the same, added up as a double */
	uint64_t last;      /* the place of the newest, however old; UINT64_MAX: there is none */
};
struct history_sum history_since(size_t market, int64_t from_ms);

/* Oldest first, those with serial >= from; or of the aggregates, the trades that complete those with agg >= from. */
size_t history_from(size_t market, uint64_t from, bool aggregates, int64_t end_us, uint32_t *places, size_t max);
/* The serial (or aggregate) of the first trade that REST knows at or after this moment; UINT64_MAX if there is none. */
uint64_t history_at(size_t market, int64_t time_us, bool aggregates);
/* One past the newest serial (or aggregate) that REST knows before this moment. */
uint64_t history_end(size_t market, int64_t before_us, bool aggregates);

#endif
