#include "schema/value/trade.h"

#include "schema/base/timefmt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ID_TEXT_PREFIX 2 /* how many digits follow, as two digits: makes SQLite's order of texts the numbers' order */

const char *side_name(enum side side)
{
	return side == SIDE_BUY ? "buy" : "sell";
}

int trade_id_compare(const struct trade_id *a, const struct trade_id *b)
{
	/* As the tape's column sorts: integers, then longer numbers, then trades without an id. */
	static const int rank[] = { [TRADE_ID_NUMBER] = 0, [TRADE_ID_LONG] = 1, [TRADE_ID_NONE] = 2 };
	if (a->kind != b->kind)
		return rank[a->kind] - rank[b->kind];
	if (a->kind != TRADE_ID_LONG)
		return (a->number > b->number) - (a->number < b->number);
	size_t a_len = strlen(a->digits), b_len = strlen(b->digits);
	if (a_len != b_len)
		return a_len < b_len ? -1 : 1;
	return strcmp(a->digits, b->digits);
}

int trade_compare(const struct trade *a, const struct trade *b)
{
	if (a->time_us != b->time_us)
		return a->time_us < b->time_us ? -1 : 1;
	return trade_id_compare(&a->id, &b->id);
}

/* What the rule makes of the time alone.  false: beyond an int64. */
static bool id_of_time(int64_t time_us, struct id_rule rule, int64_t *base)
{
	return !__builtin_mul_overflow(time_us / 1000 - rule.epoch_ms, rule.per_ms, base);
}

static int bind_digits(sqlite3_stmt *stmt, int index, const char *digits)
{
	char text[ID_TEXT_PREFIX + TRADE_ID_TEXT_SIZE];
	size_t len = strlen(digits);
	text[0] = (char)('0' + len / 10);
	text[1] = (char)('0' + len % 10);
	memcpy(text + ID_TEXT_PREFIX, digits, len + 1);
	return sqlite3_bind_text(stmt, index, text, (int)(len + ID_TEXT_PREFIX), SQLITE_TRANSIENT);
}

int trade_id_bind(sqlite3_stmt *stmt, int index, const struct trade_id *id, int64_t time_us, struct id_rule rule)
{
	switch (id->kind) {
	case TRADE_ID_NUMBER: {
		int64_t base, relative;
		if (id_of_time(time_us, rule, &base) && !__builtin_sub_overflow(id->number, base, &relative))
			return sqlite3_bind_int64(stmt, index, relative);
		char text[TRADE_ID_TEXT_SIZE];
		trade_id_format(id, text);
		return bind_digits(stmt, index, text);
	}
	case TRADE_ID_LONG:
		return bind_digits(stmt, index, id->digits);
	case TRADE_ID_NONE:
	default: {
		unsigned char ordinal[8];
		for (int i = 0; i < 8; i++)
			ordinal[i] = (unsigned char)((uint64_t)id->number >> (56 - 8 * i));
		/* Two bytes hold what one time ever sees; the length in front keeps longer ones in order. */
		int skip = id->number < 0x8000 ? 6 : 0;
		ordinal[skip] |= skip ? 0 : 0x80;
		return sqlite3_bind_blob(stmt, index, ordinal + skip, 8 - skip, SQLITE_TRANSIENT);
	}
	}
}

bool trade_id_column(sqlite3_stmt *stmt, int column, struct trade_id *id, int64_t time_us, struct id_rule rule)
{
	id->digits[0] = '\0';
	id->number = 0;
	switch (sqlite3_column_type(stmt, column)) {
	case SQLITE_INTEGER: {
		int64_t base;
		id->kind = TRADE_ID_NUMBER;
		return id_of_time(time_us, rule, &base) &&
		       !__builtin_add_overflow(sqlite3_column_int64(stmt, column), base, &id->number);
	}
	case SQLITE_TEXT: {
		const char *text = (const char *)sqlite3_column_text(stmt, column);
		size_t len = text ? strlen(text) : 0;
		if (len <= ID_TEXT_PREFIX || len - ID_TEXT_PREFIX >= sizeof id->digits)
			return false;
		id->kind = TRADE_ID_LONG;
		text += ID_TEXT_PREFIX;
		/* An int64 that the relative integer could not hold is a number all the same. */
		errno = 0;
		char *end;
		id->number = strtoll(text, &end, 10);
		if (errno == 0 && *end == '\0') {
			id->kind = TRADE_ID_NUMBER;
			return true;
		}
		id->number = 0;
		memcpy(id->digits, text, len - ID_TEXT_PREFIX + 1);
		return true;
	}
	case SQLITE_BLOB: {
		const unsigned char *bytes = sqlite3_column_blob(stmt, column);
		int len = sqlite3_column_bytes(stmt, column);
		if (len != 2 && len != 8)
			return false;
		id->kind = TRADE_ID_NONE;
		uint64_t number = 0;
		for (int i = 0; i < len; i++)
			number = number << 8 | (i == 0 && len == 8 ? bytes[i] & 0x7fU : bytes[i]);
		id->number = (int64_t)number;
		return true;
	}
	default:
		return false;
	}
}

size_t trade_id_format(const struct trade_id *id, char text[static TRADE_ID_TEXT_SIZE])
{
	if (id->kind == TRADE_ID_NONE) {
		text[0] = '\0';
		return 0;
	}
	if (id->kind == TRADE_ID_LONG) {
		size_t len = strlen(id->digits);
		memcpy(text, id->digits, len + 1);
		return len;
	}
	char reversed[24];
	size_t count = 0, len = 0;
	uint64_t n = id->number < 0 ? 0 - (uint64_t)id->number : (uint64_t)id->number;
	do
		reversed[count++] = (char)('0' + n % 10);
	while (n /= 10);
	if (id->number < 0)
		text[len++] = '-';
	while (count > 0)
		text[len++] = reversed[--count];
	text[len] = '\0';
	return len;
}

bool trade_column(sqlite3_stmt *stmt, int column, struct id_rule rule, struct trade *t)
{
	bool price_negative, size_negative;
	t->time_us = sqlite3_column_int64(stmt, column);
	if (sqlite3_column_type(stmt, column) != SQLITE_INTEGER || t->time_us < 0 || t->time_us > TIME_US_MAX ||
	    !trade_id_column(stmt, column + 1, &t->id, t->time_us, rule) ||
	    !decimal_column(stmt, column + 2, &t->price, &price_negative) || price_negative ||
	    !decimal_column(stmt, column + 3, &t->size, &size_negative))
		return false;
	t->side = size_negative ? SIDE_SELL : SIDE_BUY;
	t->recv_wall_us = 0;
	if (sqlite3_column_type(stmt, column + 4) == SQLITE_INTEGER &&
	    __builtin_add_overflow(t->time_us, sqlite3_column_int64(stmt, column + 4), &t->recv_wall_us))
		return false;
	return true;
}
