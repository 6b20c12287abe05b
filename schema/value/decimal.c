#include "schema/value/decimal.h"

#include "schema/value/exact.h"

#include <string.h>

#define PACK_SCALE_BITS 4
#define PACK_SCALE_MAX 15
#define PACK_MANTISSA_LIMIT (UINT64_C(1) << 59)

#define WORD_DIGITS 19 /* as many always fit one 64-bit word: most prices and sizes */
#define GMP_LIMBS (192 / GMP_NUMB_BITS)
#define GMP_LIMBS_A_WORD (64 / GMP_NUMB_BITS) /* a limb of GMP has 64 bits, or 32 */
_Static_assert(GMP_LIMBS * GMP_NUMB_BITS == 192, "GMP's limbs are of another size");

/* The number that these digits (each 0 to 9, at most 40 of them) write. */
static void limbs_from_digits(uint64_t limb[static 3], const unsigned char *digits, size_t count)
{
	if (count <= WORD_DIGITS) {
		for (size_t i = 0; i < count; i++)
			limb[0] = limb[0] * 10 + digits[i];
		return;
	}
	mp_limb_t m[GMP_LIMBS + 1];
	mp_size_t used = mpn_set_str(m, digits, count, 10);
	for (mp_size_t i = 0; i < used; i++)
		limb[i / GMP_LIMBS_A_WORD] |= (uint64_t)m[i] << (i % GMP_LIMBS_A_WORD * GMP_NUMB_BITS);
}

/* The other way: ASCII digits, least significant first; none for 0. */
static size_t limbs_to_digits(const uint64_t limb[static 3], char reversed[static DECIMAL_TEXT_SIZE])
{
	size_t count = 0;
	if (!(limb[1] | limb[2])) {
		for (uint64_t m = limb[0]; m > 0; m /= 10)
			reversed[count++] = (char)('0' + m % 10);
		return count;
	}
	mp_limb_t m[GMP_LIMBS] = { 0 };
	mp_size_t used = GMP_LIMBS;
	for (mp_size_t i = 0; i < used; i++)
		m[i] = (mp_limb_t)(limb[i / GMP_LIMBS_A_WORD] >> (i % GMP_LIMBS_A_WORD * GMP_NUMB_BITS));
	while (m[used - 1] == 0)
		used--;
	unsigned char digits[64]; /* 192 bits are 58 digits, and GMP wants one more */
	size_t len = mpn_get_str(digits, 10, m, used), zeros = 0;
	while (zeros < len && digits[zeros] == 0)
		zeros++;
	while (len > zeros && count < DECIMAL_DIGITS_MAX)
		reversed[count++] = (char)('0' + digits[--len]);
	return count;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool refuse(const char **reason, const char *why)
{
	if (reason)
		*reason = why;
	return false;
}

bool decimal_parse(struct decimal *d, const char *text, size_t len, const char **reason)
{
	const char *p = text, *end = text + len;
	bool negative = p < end && *p == '-';
	if (negative)
		p++;

	/* First pass: where the digits are.  `digits` spans integer part, point and fraction. */
	const char *digits = p;
	while (p < end && is_digit(*p))
		p++;
	const char *integer_end = p;
	if (integer_end == digits)
		return refuse(reason, "not a number");
	if (p < end && *p == '.') {
		const char *fraction = ++p;
		while (p < end && is_digit(*p))
			p++;
		if (p == fraction)
			return refuse(reason, "not a number");
	}
	const char *digits_end = p;
	long exponent = 0;
	if (p < end && (*p == 'e' || *p == 'E')) {
		p++;
		bool minus = p < end && *p == '-';
		if (p < end && (*p == '-' || *p == '+'))
			p++;
		if (p == end)
			return refuse(reason, "not a number");
		for (; p < end && is_digit(*p); p++)
			if (exponent < 1000000)
				exponent = exponent * 10 + (*p - '0');
		if (minus)
			exponent = -exponent;
	}
	if (p != end)
		return refuse(reason, "not a number");

	/* Second pass: significant digits, without the zeros at either end. */
	while (digits < digits_end && (*digits == '0' || *digits == '.'))
		digits++;
	while (digits_end > digits && (digits_end[-1] == '0' || digits_end[-1] == '.'))
		digits_end--;
	memset(d, 0, sizeof *d);
	if (digits == digits_end)
		return true;
	if (negative)
		return refuse(reason, "negative");

	size_t significant = 0;
	for (const char *q = digits; q < digits_end; q++)
		significant += *q != '.';
	/* power of ten of the last significant digit, as written */
	const char *unit = integer_end - 1; /* the digit of power 0 */
	long power;
	if (digits_end - 1 <= unit)
		power = unit - (digits_end - 1);
	else
		power = -(digits_end - 1 - unit - 1);
	power += exponent;

	long integer_digits = (long)significant + power; /* may be negative: 0.00012 */
	if (integer_digits < 0)
		integer_digits = 0;
	long scale = power < 0 ? -power : 0;
	if (integer_digits + scale > DECIMAL_DIGITS_MAX || significant > DECIMAL_DIGITS_MAX)
		return refuse(reason, "more than 40 digits");

	unsigned char mantissa[DECIMAL_DIGITS_MAX] = { 0 }; /* in front of zeros, where the power is above 0 */
	size_t count = 0;
	for (const char *q = digits; q < digits_end; q++)
		if (*q != '.')
			mantissa[count++] = (unsigned char)(*q - '0');
	limbs_from_digits(d->limb, mantissa, count + (power > 0 ? (size_t)power : 0));
	d->scale = (uint8_t)scale;
	return true;
}

/* `digits[count]`, least significant first, into plain text. */
static size_t format_digits(const char *reversed, size_t count, unsigned scale, char *text)
{
	char *out = text;
	if (count <= scale)
		*out++ = '0';
	while (count > scale)
		*out++ = reversed[--count];
	if (scale > 0) {
		*out++ = '.';
		for (size_t zeros = scale - count; zeros > 0; zeros--)
			*out++ = '0';
		while (count > 0)
			*out++ = reversed[--count];
	}
	*out = '\0';
	return (size_t)(out - text);
}

size_t decimal_format(const struct decimal *d, char text[static DECIMAL_TEXT_SIZE])
{
	char reversed[DECIMAL_TEXT_SIZE];
	size_t count = limbs_to_digits(d->limb, reversed);
	return format_digits(reversed, count, d->scale, text);
}

size_t decimal_format_packed(int64_t packed, char *text)
{
	char reversed[DECIMAL_TEXT_SIZE];
	size_t count = 0;
	for (uint64_t m = (uint64_t)packed >> PACK_SCALE_BITS; m > 0; m /= 10)
		reversed[count++] = (char)('0' + m % 10);
	return format_digits(reversed, count, (unsigned)packed & PACK_SCALE_MAX, text);
}

int decimal_compare(const struct decimal *a, const struct decimal *b)
{
	if (a->scale == b->scale) {
		for (int i = 2; i >= 0; i--)
			if (a->limb[i] != b->limb[i])
				return a->limb[i] < b->limb[i] ? -1 : 1;
		return 0;
	}
	struct exact x, y;
	exact_init(&x);
	exact_init(&y);
	exact_add_decimal(&x, a);
	exact_add_decimal(&y, b);
	int order = exact_compare(&x, &y);
	exact_release(&x);
	exact_release(&y);
	return order;
}

bool decimal_is_zero(const struct decimal *d)
{
	return !(d->limb[0] | d->limb[1] | d->limb[2]);
}

bool decimal_pack(const struct decimal *d, int64_t *packed)
{
	if (d->limb[1] | d->limb[2] || d->limb[0] >= PACK_MANTISSA_LIMIT || d->scale > PACK_SCALE_MAX)
		return false;
	*packed = (int64_t)(d->limb[0] << PACK_SCALE_BITS | d->scale);
	return true;
}

void decimal_unpack(struct decimal *d, int64_t packed)
{
	*d = (struct decimal){ .limb = { (uint64_t)packed >> PACK_SCALE_BITS }, .scale = packed & PACK_SCALE_MAX };
}

int decimal_bind(sqlite3_stmt *stmt, int index, const struct decimal *d, bool negative)
{
	int64_t packed;
	/* A zero has no sign as an integer: with one to keep it is text, "-0". */
	if (decimal_pack(d, &packed) && !(negative && packed == 0))
		return sqlite3_bind_int64(stmt, index, negative ? -packed : packed);
	char text[1 + DECIMAL_TEXT_SIZE];
	text[0] = '-';
	size_t len = decimal_format(d, text + 1);
	return sqlite3_bind_text(stmt, index, negative ? text : text + 1, (int)len + negative, SQLITE_TRANSIENT);
}

bool decimal_column(sqlite3_stmt *stmt, int column, struct decimal *d, bool *negative)
{
	switch (sqlite3_column_type(stmt, column)) {
	case SQLITE_INTEGER: {
		int64_t value = sqlite3_column_int64(stmt, column);
		if (value == INT64_MIN)
			return false;
		*negative = value < 0;
		decimal_unpack(d, value < 0 ? -value : value);
		return true;
	}
	case SQLITE_TEXT: {
		const char *text = (const char *)sqlite3_column_text(stmt, column);
		if (!text)
			return false;
		*negative = text[0] == '-';
		text += *negative;
		return decimal_parse(d, text, strlen(text), NULL);
	}
	default:
		return false;
	}
}
