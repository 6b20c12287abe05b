/*
 * Text by hand: a growing buffer, and put_*() that write at a cursor and return the new one. Hand-made because this is the inner loop, and
 * because a decimal here is an integer and a scale: no floating point comes near a price. Any thread; a buffer belongs to one.
 */
#ifndef SIM_TEXT_H
#define SIM_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buf {
	char *p; /* owned */
	size_t len, cap;
};

/* Makes room for more bytes behind len and returns where they go. Out of memory ends the program: it is a test's tool. */
char *buf_room(struct buf *b, size_t more);
void buf_add(struct buf *b, const void *data, size_t len);
void buf_add_text(struct buf *b, const char *text);
void buf_drop(struct buf *b, size_t n); /* forgets the first n bytes */
void buf_release(struct buf *b);

/* An exact number, units / 10^scale; never negative. */
struct dec {
	int64_t units;
	uint8_t scale; /* 0..8 */
};

/* How the exchange may spell one and the same number. */
enum spelling {
	SPELL_PLAIN,  /* 127, 0.5, 0.00000006 */
	SPELL_POINT,  /* 127.0, 0.5 */
	SPELL_PADDED, /* 127.00000000 */
	SPELL_JAVA,   /* 1.16539E8, 7.9276E-4, 5.0E-4; 127.0 between 10^-3 and 10^7 */
	SPELL_SHORT,  /* 6E-8 below 10^-6, else plain */
	SPELLINGS,    /* so many ways a JSON number may look */
	SPELL_FIXED   /* 127.000: all decimals of its scale, as strings have them */
};

#define DEC_MAX 48 /* bytes that put_dec may write */

char *put_dec(char *d, struct dec v, enum spelling how);
char *put_u64(char *d, uint64_t v);
char *put_i64(char *d, int64_t v);
char *put_text(char *d, const char *text);
char *put_2(char *d, int v);
char *put_date(char *d, int64_t time_ms); /* 2026-11-22, UTC */
char *put_time(char *d, int64_t time_ms); /* 03:32:00, UTC */
char *put_date_digits(char *d, int64_t time_ms); /* 20261122 */
char *put_time_digits(char *d, int64_t time_ms); /* 033200 */

#define put_lit(d, s) ((char *)memcpy((d), (s), sizeof(s) - 1) + (sizeof(s) - 1))

#endif
