/* SIGINT, SIGTERM and SIGHUP as a wish that loops look at.  Main thread. */
#ifndef QUERY_STOP_H
#define QUERY_STOP_H

#include <stdbool.h>

void stop_watch(void);  /* from here on the signals only set the wish */
bool stop_wanted(void);
/* Ends the program the way the signal would have, for callers that only had to tidy up first. */
void stop_obey(void);
void stop_forget(void); /* the signal was an ordinary end, and has been obeyed */

#endif
