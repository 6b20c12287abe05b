/* UTF-8, one character after the other, by libutf8proc.  Pure; any thread. */
#ifndef SCHEMA_BASE_UTF8_H
#define SCHEMA_BASE_UTF8_H

#include <stdint.h>

#define UTF8_BAD 0x110000U /* plus the byte: one that belongs to no character */

/* The character at *p, which moves on. */
uint32_t utf8_take(const char **p);

#endif
