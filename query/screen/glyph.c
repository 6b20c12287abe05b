#include "query/screen/glyph.h"

#include "schema/base/utf8.h"

#include <locale.h>
#include <pthread.h>
#include <stdbool.h>
#include <wchar.h>

#define REPLACEMENT 0xFFFD

static void encode(uint32_t c, char text[static GLYPH_SIZE])
{
	size_t n = 0;
	if (c < 0x80) {
		text[n++] = (char)c;
	} else if (c < 0x800) {
		text[n++] = (char)(0xC0 | c >> 6);
	} else if (c < 0x10000) {
		text[n++] = (char)(0xE0 | c >> 12);
		text[n++] = (char)(0x80 | (c >> 6 & 0x3F));
	} else {
		text[n++] = (char)(0xF0 | c >> 18);
		text[n++] = (char)(0x80 | (c >> 12 & 0x3F));
		text[n++] = (char)(0x80 | (c >> 6 & 0x3F));
	}
	if (c >= 0x80)
		text[n++] = (char)(0x80 | (c & 0x3F));
	text[n] = '\0';
}

/* Turns the direction of writing, joins, or cannot be seen: what makes one name look like another. */
static bool steers(uint32_t c)
{
	return (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
	       c == 0x061C || c == 0xAD || (c >= 0xE0000 && c <= 0xE0FFF);
}

static locale_t utf8;

static void make_locale(void)
{
	utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0); /* glibc 2.35 has it built in; else the present locale stays */
}

static int columns_of(uint32_t c)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, make_locale);
	locale_t before = uselocale(utf8);
	int columns = wcwidth((wchar_t)c);
	uselocale(before);
	return columns;
}

int glyph_take(const char **p, char text[static GLYPH_SIZE])
{
	uint32_t c = utf8_take(p);
	if (c >= UTF8_BAD)
		c = REPLACEMENT;
	if (c >= 0x20 && c < 0x7F) {
		text[0] = (char)c;
		text[1] = '\0';
		return 1;
	}
	int columns = c < 0xA0 || steers(c) ? -1 : columns_of(c);
	encode(columns < 0 ? '?' : c, text);
	return columns < 0 ? 1 : columns;
}
