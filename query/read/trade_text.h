/* A trade as the cells that `trades` and `export` print.  Any thread. */
#ifndef QUERY_READ_TRADE_TEXT_H
#define QUERY_READ_TRADE_TEXT_H

#include "query/out/out.h"
#include "query/read/rows.h"

#define TRADE_COLUMNS 8
extern const struct column trade_columns[TRADE_COLUMNS];

/* Prints one row of the market; call out_columns with trade_columns before the first. */
void trade_put(struct out *o, const struct market *m, const struct tape_row *row);

size_t price_format(const struct tape_row *row, char text[static DECIMAL_TEXT_SIZE]);
size_t size_format(const struct tape_row *row, char text[static DECIMAL_TEXT_SIZE]);

#endif
