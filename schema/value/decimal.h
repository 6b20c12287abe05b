/* An exact decimal number >= 0 of at most 40 digits: a price, a size.  No binary floating point touches it.
 *
 * Always normalised: no trailing zero in the fraction, so that equal numbers are equal structs and equal integers on the
 * tape.  Plain values without pointers: any thread, copied freely. */
#ifndef SCHEMA_VALUE_DECIMAL_H
#define SCHEMA_VALUE_DECIMAL_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DECIMAL_DIGITS_MAX 40                     /* integer digits (a lone 0 not counted) + decimals, normalised */
#define DECIMAL_TEXT_SIZE (DECIMAL_DIGITS_MAX + 4) /* "0." in front and NUL behind */

struct decimal {
	uint64_t limb[3]; /* mantissa, least significant first; value = mantissa / 10^scale */
	uint8_t scale;    /* decimals, 0..40 */
};

/* Reads a JSON number (`1.16539E8`, `6E-8`, `123.00000000`) of `len` bytes; digits may start with zeros.
 * false: not a number, negative (-0 is 0), or more than 40 digits; *reason (may be NULL) is a constant string. */
bool decimal_parse(struct decimal *d, const char *text, size_t len, const char **reason);

/* Writes plain text (no exponent, no padding) and NUL; returns the length. */
size_t decimal_format(const struct decimal *d, char text[static DECIMAL_TEXT_SIZE]);

int decimal_compare(const struct decimal *a, const struct decimal *b); /* <0, 0, >0 */
bool decimal_is_zero(const struct decimal *d);

/* The tape's integer form: mantissa * 16 + scale.  false where it would not fit (mantissa >= 2^59 or scale > 15). */
bool decimal_pack(const struct decimal *d, int64_t *packed);
void decimal_unpack(struct decimal *d, int64_t packed);      /* packed >= 0 */
size_t decimal_format_packed(int64_t packed, char *text);    /* as decimal_format, the short way, for exports */

/* A column of the tape holds the packed integer or, where that would overflow, plain text; `negative` is the sign
 * (the taker sold).  decimal_column returns false for anything else: the tape is damaged. */
int decimal_bind(sqlite3_stmt *stmt, int index, const struct decimal *d, bool negative);
bool decimal_column(sqlite3_stmt *stmt, int column, struct decimal *d, bool *negative);

#endif
