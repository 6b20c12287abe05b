/*
 * Tickers: now and then a trade comes with one for each of the dialect's windows. They are made with the trade, in the market thread, and written
 * to a ledger of their own before anyone can see them; after that they never change.
 */
#ifndef SIM_TICKER_H
#define SIM_TICKER_H

#include <stdbool.h>
#include <stdint.h>

#define HOUR_US INT64_C(3600000000)

struct trade;

/* A window of the dialect: its name, its length, and by how much its beginning lies before multiples of it in UTC. */
struct ticker_window {
	const char *name;
	int64_t length_us, ahead_us;
};

struct ticker {
	int64_t time_us, begin_us;
	int64_t open_units, high_units, low_units, close_units; /* 8 decimals, as is all here */
	int64_t volume_units, buy_units;
	uint8_t window;
};

bool ticker_open(void); /* the ledger; false after saying why */
void ticker_close(void);

/* market thread */
void ticker_count(struct trade *t); /* every trade; gives it its tickers when it is their turn */
void ticker_flush(void);

/* any thread */
const struct ticker *ticker_at(uint64_t place);

#endif
