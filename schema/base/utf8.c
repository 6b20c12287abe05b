#include "schema/base/utf8.h"

#include <utf8proc.h>

uint32_t utf8_take(const char **p)
{
	utf8proc_int32_t c;
	utf8proc_ssize_t len = utf8proc_iterate((const utf8proc_uint8_t *)*p, -1, &c); /* -1: a NUL ends it */
	uint32_t taken = len > 0 ? (uint32_t)c : UTF8_BAD + (unsigned char)**p;
	*p += len > 0 ? len : 1;
	return taken;
}
