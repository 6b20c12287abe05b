/* Candles and volume drawn into a grid, with exact labels: the prices and times beside the axes are those of the tape.
 * Pure; one thread. */
#ifndef QUERY_SCREEN_CHART_H
#define QUERY_SCREEN_CHART_H

#include "query/screen/columns.h"
#include "query/screen/grid.h"

#define CHART_LEAST_ROWS 8 /* prices, volume, axis, times */
#define CHART_LEAST_COLS 8 /* for the candles alone */

/* How many columns are left for candles, beside labels as wide as those of `whole`. */
int chart_columns(int width, const struct candle *whole);
/* The chart into the rows and columns named; at most as many columns as chart_columns says. */
void chart_draw(struct grid *g, int row, int col, int rows, int cols, const struct columns *c);
/* The words above it: what one column is and the range; the sums, exactly.  Two blanks stand where a line may end. */
void chart_heading(const struct columns *c, char *text, size_t size);
void chart_sums(const struct columns *c, char *text, size_t size);

#endif
