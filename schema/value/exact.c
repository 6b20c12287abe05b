#include "schema/value/exact.h"

#include <stdlib.h>
#include <string.h>

void exact_init(struct exact *e)
{
	mpz_init(e->mantissa);
	e->scale = 0;
}

void exact_release(struct exact *e)
{
	mpz_clear(e->mantissa);
}

void exact_clear(struct exact *e)
{
	mpz_set_ui(e->mantissa, 0);
	e->scale = 0;
}

void exact_set(struct exact *e, const struct exact *from)
{
	mpz_set(e->mantissa, from->mantissa);
	e->scale = from->scale;
}

/* m *= 10^power */
static void raise_ten(mpz_t m, uint32_t power)
{
	if (power == 0)
		return;
	mpz_t ten;
	mpz_init(ten);
	mpz_ui_pow_ui(ten, 10, power);
	mpz_mul(m, m, ten);
	mpz_clear(ten);
}

/* Adds m / 10^scale, and may change m. */
static void add_mantissa(struct exact *e, mpz_t m, uint32_t scale)
{
	if (scale > e->scale) {
		raise_ten(e->mantissa, scale - e->scale);
		e->scale = scale;
	} else {
		raise_ten(m, e->scale - scale);
	}
	mpz_add(e->mantissa, e->mantissa, m);
}

static void set_limbs(mpz_t m, const struct decimal *d)
{
	mpz_import(m, 3, -1, sizeof d->limb[0], 0, 0, d->limb);
}

void exact_add(struct exact *e, const struct exact *other)
{
	mpz_t m;
	mpz_init_set(m, other->mantissa);
	add_mantissa(e, m, other->scale);
	mpz_clear(m);
}

void exact_add_decimal(struct exact *e, const struct decimal *d)
{
	mpz_t m;
	mpz_init(m);
	set_limbs(m, d);
	add_mantissa(e, m, d->scale);
	mpz_clear(m);
}

void exact_add_product(struct exact *e, const struct decimal *a, const struct decimal *b)
{
	mpz_t m, factor;
	mpz_init(m);
	mpz_init(factor);
	set_limbs(m, a);
	set_limbs(factor, b);
	mpz_mul(m, m, factor);
	add_mantissa(e, m, (uint32_t)a->scale + b->scale);
	mpz_clear(m);
	mpz_clear(factor);
}

int exact_compare(const struct exact *a, const struct exact *b)
{
	if (a->scale == b->scale)
		return mpz_cmp(a->mantissa, b->mantissa);
	const struct exact *coarse = a->scale < b->scale ? a : b;
	const struct exact *fine = coarse == a ? b : a;
	mpz_t m;
	mpz_init_set(m, coarse->mantissa);
	raise_ten(m, fine->scale - coarse->scale);
	int order = mpz_cmp(m, fine->mantissa);
	mpz_clear(m);
	return coarse == a ? order : -order;
}

/* mantissa / 10^scale as plain text; scale may be negative. */
static char *plain_text(const mpz_t mantissa, long scale)
{
	char *digits = mpz_get_str(NULL, 10, mantissa);
	if (!digits)
		abort(); /* GMP ends the program itself when memory is out; this is for the reader */
	size_t len = strlen(digits);
	while (scale > 0 && len > 1 && digits[len - 1] == '0') {
		len--;
		scale--;
	}
	if (mpz_sgn(mantissa) == 0)
		scale = 0;
	size_t size = len + (size_t)labs(scale) + 3;
	char *text = malloc(size);
	if (!text)
		abort();
	char *out = text;
	if (scale <= 0) {
		memcpy(out, digits, len);
		out += len;
		memset(out, '0', (size_t)-scale);
		out += -scale;
	} else {
		size_t fraction = (size_t)scale;
		size_t integer = len > fraction ? len - fraction : 0;
		if (integer == 0)
			*out++ = '0';
		memcpy(out, digits, integer);
		out += integer;
		*out++ = '.';
		size_t zeros = len < fraction ? fraction - len : 0;
		memset(out, '0', zeros);
		out += zeros;
		memcpy(out, digits + integer, len - integer);
		out += len - integer;
	}
	*out = '\0';
	void (*gmp_free)(void *, size_t);
	mp_get_memory_functions(NULL, NULL, &gmp_free);
	gmp_free(digits, strlen(digits) + 1);
	return text;
}

char *exact_text(const struct exact *e)
{
	return plain_text(e->mantissa, (long)e->scale);
}

char *exact_ratio_text(const struct exact *a, const struct exact *b, unsigned digits)
{
	if (mpz_sgn(b->mantissa) == 0)
		return calloc(1, 1);

	/* a / b = (A / B) * 10^(b.scale - a.scale).  Find the power that gives the quotient exactly `digits` digits: a first
	 * guess from the lengths is short or long by at most one. */
	mpz_t numerator, quotient, rest, limit;
	mpz_init(numerator);
	mpz_init(quotient);
	mpz_init(rest);
	mpz_init(limit);
	mpz_ui_pow_ui(limit, 10, digits);
	long power = (long)digits - (long)mpz_sizeinbase(a->mantissa, 10) + (long)mpz_sizeinbase(b->mantissa, 10) + 1;
	for (;; power--) {
		mpz_t denominator;
		mpz_init_set(denominator, b->mantissa);
		mpz_set(numerator, a->mantissa);
		if (power >= 0)
			raise_ten(numerator, (uint32_t)power);
		else
			raise_ten(denominator, (uint32_t)-power);
		/* half away from zero: (2N + D) / 2D */
		mpz_mul_2exp(numerator, numerator, 1);
		mpz_add(numerator, numerator, denominator);
		mpz_mul_2exp(denominator, denominator, 1);
		mpz_tdiv_qr(quotient, rest, numerator, denominator);
		mpz_clear(denominator);
		if (mpz_cmp(quotient, limit) < 0)
			break;
	}
	char *text = plain_text(quotient, power + (long)a->scale - (long)b->scale);
	mpz_clear(numerator);
	mpz_clear(quotient);
	mpz_clear(rest);
	mpz_clear(limit);
	return text;
}

int exact_bind(sqlite3_stmt *stmt, int index, const struct exact *e)
{
	char *text = exact_text(e);
	struct decimal d;
	int rc;
	if (decimal_parse(&d, text, strlen(text), NULL))
		rc = decimal_bind(stmt, index, &d, false);
	else
		rc = sqlite3_bind_text(stmt, index, text, -1, SQLITE_TRANSIENT);
	free(text);
	return rc;
}

/* Plain text of any length, as exact_text makes it. */
static bool set_text(struct exact *e, const char *text)
{
	size_t len = strlen(text);
	char *digits = malloc(len + 1);
	if (!digits)
		abort();
	const char *point = strchr(text, '.');
	size_t integer = point ? (size_t)(point - text) : len;
	memcpy(digits, text, integer);
	memcpy(digits + integer, text + integer + (point != NULL), len - integer + (point == NULL));
	bool ok = digits[0] >= '0' && digits[0] <= '9' && mpz_set_str(e->mantissa, digits, 10) == 0;
	e->scale = point ? (uint32_t)(len - integer - 1) : 0;
	free(digits);
	return ok;
}

bool exact_column(sqlite3_stmt *stmt, int column, struct exact *e)
{
	if (sqlite3_column_type(stmt, column) == SQLITE_TEXT) {
		const char *text = (const char *)sqlite3_column_text(stmt, column);
		return text && set_text(e, text);
	}
	struct decimal d;
	bool negative;
	if (!decimal_column(stmt, column, &d, &negative) || negative)
		return false;
	set_limbs(e->mantissa, &d);
	e->scale = d.scale;
	return true;
}
