/* Text as a terminal shows it, one character of UTF-8 after the other: East Asian wide ones take two columns, combining
 * marks none, and nothing passes that could steer the terminal.  Whatever the locale.  Any thread. */
#ifndef QUERY_SCREEN_GLYPH_H
#define QUERY_SCREEN_GLYPH_H

#define GLYPH_SIZE 5 /* of one character, and NUL */

/* The character at *p, which must not be at its end and moves on; as text that may be shown: '?' in place of what steers or
 * cannot be shown.  Returns its columns: 0, 1 or 2. */
int glyph_take(const char **p, char text[static GLYPH_SIZE]);

#endif
