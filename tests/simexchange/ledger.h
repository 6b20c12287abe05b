/*
 * The exchange's own books, what a test compares the tape with. The book of trades has a line `symbol,time,price,size,side,id` each; the time is in
 * the dialect's unit. Market thread only, but for opening and closing.
 */
#ifndef SIM_LEDGER_H
#define SIM_LEDGER_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

struct trade;

bool ledger_open(void); /* of trades; false after saying why */
void ledger_add(const struct trade *t);
/* The market calls this before it publishes: no socket ever shows a trade that the file does not hold. */
void ledger_flush(void);
void ledger_close(void);

/* A book in general. */
struct ledger {
	int fd;
	const char *path;
	struct buf lines; /* owned: not yet in the file */
};
#define LEDGER_CLOSED { .fd = -1 }

bool ledger_begin(struct ledger *l, const char *path); /* no path, no book */
char *ledger_room(struct ledger *l);                   /* for a line; NULL if there is no book */
void ledger_wrote(struct ledger *l, size_t len);
void ledger_write(struct ledger *l);
void ledger_end(struct ledger *l);

#endif
