/*
 * What is odd about the trades to come, because the exchange says so, and then in the same way on its sockets, in REST and in the ledger: times that
 * are far off, and ids that begin again. (`seconds` alone is the sockets' own.) Without a script nothing is.
 */
#ifndef SIM_ODD_H
#define SIM_ODD_H

#include <stdbool.h>
#include <stdint.h>

struct fault;
struct market;
struct trade;

#define ODD_ID (UINT64_C(1) << 60)

/* Market thread, of a trade whose made_us, n and serial are set: its time, and how it is told. */
void odd_time(struct trade *t, struct market *m);
/* And before its aggregate is chosen: the numbering that it belongs to. `first`: of its burst. */
void odd_numbering(struct trade *t, struct market *m, bool first);
/* So many trades in a millisecond still have ids of their own. */
unsigned odd_most_in_a_ms(const struct market *m);

/* Of the script, any thread. */
void odd_ahead(const struct fault *f);
void odd_set_clock(const struct fault *f);
void odd_seconds(const struct fault *f);
void odd_renumber(const struct fault *f);
void odd_absurd_id(const struct fault *f);

#endif
