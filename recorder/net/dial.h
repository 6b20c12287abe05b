/* The addresses of one host, to be tried in turn: looked up anew for each round.  Network thread. */
#ifndef RECORDER_NET_DIAL_H
#define RECORDER_NET_DIAL_H

#include "recorder/net/net.h"

struct dial {
	struct net *net; /* borrowed */
	const char *host; /* borrowed */
	struct lookup_answer found;
	size_t next; /* of found.addresses */
};

enum dial_state { DIAL_WAIT /* wake() will tell */, DIAL_READY, DIAL_FAILED /* found.reason */ };
enum dial_state dial_start(struct dial *dial, struct net *net, const char *host); /* asks */
enum dial_state dial_collect(struct dial *dial);                                  /* after a wake */
void dial_stop(struct dial *dial); /* the answer is not wanted any more; one that never started or has its answer, too */
const char *dial_next(struct dial *dial); /* NULL: every address was tried */

#endif
