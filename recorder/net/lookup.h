/* The look-up threads: names to addresses.  getaddrinfo() may block for many seconds, and libwebsockets would call it
 * inside its loop; so it is called here, and the network thread connects to addresses.  A few threads, so that a name that
 * hangs does not hold up the others.
 *
 * The network thread asks and collects; `on_answer` is called by a look-up thread and may only wake the network's. */
#ifndef RECORDER_NET_LOOKUP_H
#define RECORDER_NET_LOOKUP_H

#include "recorder/net/url.h"

#include <stdbool.h>
#include <stddef.h>

#define LOOKUP_ADDRESSES_MAX 16
#define ADDRESS_SIZE 46 /* INET6_ADDRSTRLEN */

struct lookup_answer {
	size_t count; /* 0: failed, see reason */
	char addresses[LOOKUP_ADDRESSES_MAX][ADDRESS_SIZE]; /* in the system's order of preference, IPv6 and IPv4 */
	char reason[96];
};

struct lookup; /* the threads and their questions */

struct lookup *lookup_new(void (*on_answer)(void *arg), void *arg); /* NULL: no memory or no thread */
/* Ends the threads; one that hangs in the resolver is left to the end of the process. */
void lookup_free(struct lookup *l);

/* Network thread.  Asks; a later question with the same `asker` replaces the former. */
bool lookup_ask(struct lookup *l, const void *asker, const char *host);
/* Network thread.  false: the answer for `asker` is not there yet. */
bool lookup_collect(struct lookup *l, const void *asker, struct lookup_answer *answer);
/* Network thread.  The asker is about to go, or wants to know no more: its question makes room for others. */
void lookup_forget(struct lookup *l, const void *asker);

#endif
