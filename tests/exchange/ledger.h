/* The exchange's own book, what a test compares the tape with: a line `symbol,time_ms,price,size,side,id` per trade. Market thread only. */
#ifndef SIM_LEDGER_H
#define SIM_LEDGER_H

#include <stdbool.h>

struct trade;

bool ledger_open(void); /* false after saying why */
void ledger_add(const struct trade *t);
/* The market calls this before it publishes: no socket ever shows a trade that the file does not hold. */
void ledger_flush(void);
void ledger_close(void);

#endif
