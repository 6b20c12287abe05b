/*
 * Whether a subscription is served: frames that the exchange refuses or never answers, and markets that it is deaf to. REST and the ledger know
 * nothing of it. A frame is well formed when it comes here; streams that stand in a URL never do.
 */
#ifndef SIM_DOOR_H
#define SIM_DOOR_H

#include <stdbool.h>
#include <stddef.h>

struct fault;
struct session;

/* Connection thread. True: serve it. False: it has been refused in the dialect's words, or is to be passed over. */
bool door_open(struct session *s, const char *text, size_t len);

/* Of the script, any thread. */
void door_refuse_next(const struct fault *f);
void door_ignore_next(const struct fault *f);
void door_refuse_frame(const struct fault *f);
void door_ignore_frame(const struct fault *f);
void door_refuse_market(const struct fault *f);
void door_deafen(const struct fault *f);

#endif
