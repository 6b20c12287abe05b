/* The terminal, by ncurses: a grid onto the screen, keys from it, and everything as it was before whatever ends us.
 * One terminal, one thread. */
#ifndef QUERY_SCREEN_TERMINAL_H
#define QUERY_SCREEN_TERMINAL_H

#include "query/screen/grid.h"
#include "schema/base/err.h"

/* false: this terminal cannot place a cursor, or nobody knows it; err says so.  The locale is set (LC_CTYPE). */
bool terminal_open(struct err *err) MUST_CHECK;
void terminal_close(void);
void terminal_size(int *rows, int *cols);   /* as it is now */
bool terminal_show(const struct grid *g) MUST_CHECK; /* only what differs is sent; false: out of memory */
uint32_t terminal_key(int wait_ms);         /* a character, or one of PRESS_ (watch.h); a signal ends the wait */

/* The columns to print for where no screen is: of stdout if it is a terminal, else $COLUMNS, else 80. */
int output_columns(void);
int output_rows(void); /* likewise, $LINES, 24 */

#endif
