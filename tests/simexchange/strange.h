/* Messages that are no trades and stand beside them, and trades under a code that nobody asked for. */
#ifndef SIM_STRANGE_H
#define SIM_STRANGE_H

#include <stddef.h>
#include <stdint.h>

struct fault;
struct session;

enum { STRANGE_PING, STRANGE_NEWS, STRANGE_BAD, STRANGE_KINDS };

/* Connection thread: sends those that are due, and sets when the next are. */
void strange_send(struct session *s, int64_t now_us);
/* Any thread: the code that a market's trades come under; NULL: its own. */
const char *strange_code(size_t market);

/* Of the script, any thread. */
void strange_ping(const struct fault *f);
void strange_news(const struct fault *f);
void strange_bad(const struct fault *f);
void strange_other_code(const struct fault *f);

#endif
