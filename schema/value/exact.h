/* An exact decimal sum without a bound on its digits (GMP): volumes, turnovers.  One thread at a time; the struct owns
 * its digits: exact_init before the first use, exact_release after the last. */
#ifndef SCHEMA_VALUE_EXACT_H
#define SCHEMA_VALUE_EXACT_H

#include "schema/value/decimal.h"

#include <gmp.h>

struct exact {
	mpz_t mantissa; /* owned; value = mantissa / 10^scale */
	uint32_t scale;
};

void exact_init(struct exact *e); /* 0 */
void exact_release(struct exact *e);
void exact_clear(struct exact *e); /* back to 0 */
void exact_set(struct exact *e, const struct exact *from);

void exact_add(struct exact *e, const struct exact *other);
void exact_add_decimal(struct exact *e, const struct decimal *d);
void exact_add_product(struct exact *e, const struct decimal *a, const struct decimal *b); /* e += a * b */

int exact_compare(const struct exact *a, const struct exact *b); /* <0, 0, >0 */

/* Plain text, no padding; the caller frees it with free(). */
char *exact_text(const struct exact *e);
/* a / b to `digits` significant digits, half away from zero, plain text; "" where b is 0.  The caller frees it. */
char *exact_ratio_text(const struct exact *a, const struct exact *b, unsigned digits);

/* Columns as in decimal.h: packed integer, else text. */
int exact_bind(sqlite3_stmt *stmt, int index, const struct exact *e);
bool exact_column(sqlite3_stmt *stmt, int column, struct exact *e);

#endif
