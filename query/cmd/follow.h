/* tapedeck trades -f.  Main thread. */
#ifndef QUERY_CMD_FOLLOW_H
#define QUERY_CMD_FOLLOW_H

#include "query/context.h"

/* Prints the newest `newest` trades of the markets in the range (all of it if negative), then each further one once, soon after it is
 * recorded, until a signal, a closed pipe, or --until. */
enum exit_code follow(struct context *c, int64_t newest, struct err *err);

#endif
