#include "schema/value/decimal.h"

#include "schema/value/exact.h"

#include <string.h>

#define PACK_SCALE_BITS 4
#define PACK_SCALE_MAX 15
#define PACK_MANTISSA_LIMIT (UINT64_C(1) << 59)

/* m = m * 10 + digit.  The caller has counted the digits: 40 of them fit 192 bits. */
static void mantissa_push(uint64_t m[3], unsigned digit)
{
	unsigned __int128 carry = digit;
	for (int i = 0; i < 3; i++) {
		carry += (unsigned __int128)m[i] * 10;
		m[i] = (uint64_t)carry;
		carry >>= 64;
	}
}

/* m /= 10, returns the remainder. */
static unsigned mantissa_pop(uint64_t m[3])
{
	unsigned __int128 rest = 0;
	for (int i = 2; i >= 0; i--) {
		rest = rest << 64 | m[i];
		m[i] = (uint64_t)(rest / 10);
		rest %= 10;
	}
	return (unsigned)rest;
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

	for (const char *q = digits; q < digits_end; q++)
		if (*q != '.')
			mantissa_push(d->limb, (unsigned)(*q - '0'));
	for (; power > 0; power--)
		mantissa_push(d->limb, 0);
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
	size_t count = 0;
	uint64_t m[3] = { d->limb[0], d->limb[1], d->limb[2] };
	while (m[0] | m[1] | m[2])
		reversed[count++] = (char)('0' + mantissa_pop(m));
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
