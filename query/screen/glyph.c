#include "query/screen/glyph.h"

#include "schema/base/utf8.h"

#include <locale.h>
#include <pthread.h>
#include <stdbool.h>
#include <utf8proc.h>
#include <wchar.h>

#define REPLACEMENT 0xFFFD

/* Turns the direction of writing, joins, or cannot be seen: what makes one name look like another. */
static bool steers(uint32_t c)
{
	switch (utf8proc_category((utf8proc_int32_t)c)) {
	case UTF8PROC_CATEGORY_CF: /* of format */
	case UTF8PROC_CATEGORY_ZL: /* separators of lines and paragraphs */
	case UTF8PROC_CATEGORY_ZP:
		return true;
	default:
		return c >= 0xE0000 && c <= 0xE0FFF; /* tags, and variants of ideographs */
	}
}

static locale_t utf8;

static void make_locale(void)
{
	utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0); /* glibc 2.35 has it built in; else the present locale stays */
}

/* By the C library, as the terminal counts; libutf8proc gives Hangul that is written in parts a column too many. */
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
	text[utf8proc_encode_char(columns < 0 ? '?' : (utf8proc_int32_t)c, (utf8proc_uint8_t *)text)] = '\0';
	return columns < 0 ? 1 : columns;
}
