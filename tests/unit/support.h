/* What the unit tests share: cmocka with what it wants included first, a folder of their own, seeded numbers, and
 * numbers read by another way than the programs read them. */
#ifndef TESTS_UNIT_SUPPORT_H
#define TESTS_UNIT_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "schema/value/decimal.h"

#include <gmp.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

/* A new folder; in_folder("tape.db") names a file in it, valid until the eighth call after. */
const char *folder_make(void);
const char *in_folder(const char *name);
void folder_remove(void);
int folder_setup(void **state);    /* both as cmocka wants them */
int folder_teardown(void **state);

off_t file_size(const char *path); /* -1: there is none */
void file_write(const char *path, const char *bytes, size_t len);
void file_copy(const char *from, const char *to);
char *file_read(const char *path, size_t *len); /* malloc'd, with a NUL behind */

/* Seeded: the same numbers in every run. */
struct rng {
	uint64_t state;
};
uint64_t rng_next(struct rng *r);
uint64_t rng_below(struct rng *r, uint64_t limit);

/* The value of a JSON number, without schema/value/decimal.c. */
void mpq_from_text(mpq_t q, const char *text);
void mpq_from_decimal(mpq_t q, const struct decimal *d);

/* SQL that must work; a single value as text ("" for NULL), malloc'd. */
void sql_run(sqlite3 *db, const char *sql);
char *sql_text(sqlite3 *db, const char *sql);
int64_t sql_int(sqlite3 *db, const char *sql);

struct decimal dec(const char *text);

/* The programs' wall clock goes on from that second of today, UTC: for what depends on the hour. */
void clock_set_second_of_day(int64_t second);

/* What `call` writes to the descriptor, up to 64 KiB; malloc'd. */
char *captured(int fd, void (*call)(void *arg), void *arg);

#define assert_contains(text, part) \
	do { \
		if (!strstr((text), (part))) \
			fail_msg("\"%s\" is not in \"%s\"", (part), (text)); \
	} while (0)

#endif
