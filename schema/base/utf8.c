#include "schema/base/utf8.h"

uint32_t utf8_take(const char **p)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	const unsigned char *s = (const unsigned char *)*p;
	(*p)++;
	if (s[0] < 0x80)
		return s[0];
	int more = s[0] >= 0xC2 && s[0] < 0xE0 ? 1 : s[0] >= 0xE0 && s[0] < 0xF0 ? 2 : s[0] >= 0xF0 && s[0] < 0xF5 ? 3 : 0;
	if (more == 0)
		return UTF8_BAD + s[0];
	uint32_t c = s[0] & (0x3FU >> more);
	for (int i = 1; i <= more; i++) {
		if ((s[i] & 0xC0) != 0x80)
			return UTF8_BAD + s[0];
		c = c << 6 | (s[i] & 0x3F);
	}
	if (c < least[more] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
		return UTF8_BAD + s[0];
	*p += more;
	return c;
}
