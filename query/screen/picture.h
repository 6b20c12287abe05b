/* The chart as one picture for a browser, a mail or a report: SVG, or an HTML page that holds it.  Nothing in it is fetched from
 * elsewhere.  Pure; one thread. */
#ifndef QUERY_SCREEN_PICTURE_H
#define QUERY_SCREEN_PICTURE_H

#include "query/out/out.h"
#include "query/screen/columns.h"

#define PICTURE_COLUMNS 240 /* candles side by side, at most */

/* `c` has at least one trade. */
void picture_put(struct out *o, enum picture kind, const char *market, const struct columns *c);

#endif
