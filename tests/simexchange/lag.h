/* Socket data that comes late, in order, while pings are answered at once and REST is in time. Any thread. */
#ifndef SIM_LAG_H
#define SIM_LAG_H

#include <stdbool.h>
#include <stdint.h>

struct fault;
struct trade;

/* Whether what is sent of this trade lags; *due_ms, from trade_due_ms(), is put off until then. */
bool lag_of(const struct trade *t, int64_t *due_ms);
/* No trade can lag for longer than this; 0: none does. */
int64_t lag_most_ms(void);

/* Of the script. */
void lag_all(const struct fault *f);
void lag_market(const struct fault *f);

#endif
