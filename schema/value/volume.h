/* Two sums of the same trades: the exchange's, and ours.  Pure; any thread. */
#ifndef SCHEMA_VALUE_VOLUME_H
#define SCHEMA_VALUE_VOLUME_H

#include "schema/value/exact.h"

/* An exchange may add in floating point: then its sum is off in the last of 15 to 17 digits, and the further the more trades
 * there are.  What agrees in so many significant digits is equal. */
#define VOLUME_DIGITS 12
#define VOLUME_ALL_DIGITS 40 /* they are the same number */

/* How many significant digits agree, counted from the first of the larger one: VOLUME_ALL_DIGITS where no digit differs. */
unsigned volume_digits(const struct exact *a, const struct exact *b);

#endif
