#include "text.h"

#include <stdio.h>
#include <stdlib.h>

#include "clock.h"

char *buf_room(struct buf *b, size_t more)
{
	if (b->cap - b->len < more) {
		size_t cap = b->cap ? b->cap : 4096;

		while (cap - b->len < more)
			cap *= 2;
		b->p = realloc(b->p, cap);
		if (!b->p) {
			fputs("simexchange: out of memory\n", stderr);
			abort();
		}
		b->cap = cap;
	}
	return b->p + b->len;
}

void buf_add(struct buf *b, const void *data, size_t len)
{
	char *d = buf_room(b, len + 1); /* + 1: never NULL for memcpy, even when empty */

	if (len)
		memcpy(d, data, len);
	b->len += len;
}

void buf_add_text(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

void buf_drop(struct buf *b, size_t n)
{
	if (n < b->len)
		memmove(b->p, b->p + n, b->len - n);
	b->len -= n;
}

void buf_release(struct buf *b)
{
	free(b->p);
	*b = (struct buf){ 0 };
}

char *put_u64(char *d, uint64_t v)
{
	char digits[20];
	size_t n = sizeof digits;

	do {
		digits[--n] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	memcpy(d, digits + n, sizeof digits - n);
	return d + (sizeof digits - n);
}

char *put_i64(char *d, int64_t v)
{
	if (v < 0) {
		*d++ = '-';
		return put_u64(d, (uint64_t)-v);
	}
	return put_u64(d, (uint64_t)v);
}

char *put_text(char *d, const char *text)
{
	size_t n = strlen(text);

	memcpy(d, text, n);
	return d + n;
}

/* The digits of units with the point in front of the last `scale` of them. */
static char *put_fixed(char *d, uint64_t units, unsigned scale)
{
	static const uint64_t power[] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000 };
	uint64_t frac = units % power[scale];

	d = put_u64(d, units / power[scale]);
	if (scale) {
		*d = '.';
		for (unsigned i = scale; i > 0; i--, frac /= 10)
			d[i] = (char)('0' + frac % 10);
		d += scale + 1;
	}
	return d;
}

/* d.dddE-x of units * 10^-scale; `point`: always with a fraction, as Java writes a double. */
static char *put_exponent(char *d, uint64_t units, int scale, int point)
{
	char digits[20];
	size_t n = (size_t)(put_u64(digits, units) - digits);
	int exponent = (int)n - 1 - scale;

	while (n > 1 && digits[n - 1] == '0')
		n--;
	*d++ = digits[0];
	if (n > 1 || point) {
		*d++ = '.';
		if (n > 1) {
			memcpy(d, digits + 1, n - 1);
			d += n - 1;
		} else {
			*d++ = '0';
		}
	}
	*d++ = 'E';
	return put_i64(d, exponent);
}

char *put_dec(char *d, struct dec v, enum spelling how)
{
	uint64_t units = (uint64_t)v.units;
	unsigned scale = v.scale;

	if (how == SPELL_PADDED) {
		d = put_fixed(d, units, scale);
		if (!scale)
			*d++ = '.';
		for (; scale < 8; scale++)
			*d++ = '0';
		return d;
	}
	if (how == SPELL_FIXED)
		return put_fixed(d, units, scale);
	while (scale && units % 10 == 0) {
		units /= 10;
		scale--;
	}
	if (units && (how == SPELL_JAVA || how == SPELL_SHORT)) {
		uint64_t whole = units, limit = how == SPELL_JAVA ? 3 : 6;
		unsigned digits = 1;

		while (whole >= 10) {
			whole /= 10;
			digits++;
		}
		/* the first digit stands at 10^(digits - 1 - scale) */
		if ((int)digits - 1 - (int)scale < -(int)limit || (how == SPELL_JAVA && (int)digits - (int)scale > 7))
			return put_exponent(d, units, (int)scale, how == SPELL_JAVA);
	}
	d = put_fixed(d, units, scale);
	if (!scale && (how == SPELL_POINT || how == SPELL_JAVA))
		d = put_lit(d, ".0");
	return d;
}

char *put_2(char *d, int v)
{
	d[0] = (char)('0' + v / 10 % 10);
	d[1] = (char)('0' + v % 10);
	return d + 2;
}

static char *put_day(char *d, int64_t time_ms, const char *mark)
{
	struct civil c = civil_from_ms(time_ms);

	d = put_2(d, c.year / 100);
	d = put_2(d, c.year % 100);
	d = put_text(d, mark);
	d = put_2(d, c.month);
	d = put_text(d, mark);
	return put_2(d, c.day);
}

static char *put_clock(char *d, int64_t time_ms, const char *mark)
{
	int64_t s = time_ms / 1000 % 86400;

	if (s < 0)
		s += 86400;
	d = put_2(d, (int)(s / 3600));
	d = put_text(d, mark);
	d = put_2(d, (int)(s / 60 % 60));
	d = put_text(d, mark);
	return put_2(d, (int)(s % 60));
}

char *put_date(char *d, int64_t time_ms)
{
	return put_day(d, time_ms, "-");
}

char *put_time(char *d, int64_t time_ms)
{
	return put_clock(d, time_ms, ":");
}

char *put_date_digits(char *d, int64_t time_ms)
{
	return put_day(d, time_ms, "");
}

char *put_time_digits(char *d, int64_t time_ms)
{
	return put_clock(d, time_ms, "");
}
