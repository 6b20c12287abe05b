#include "query/screen/grid.h"

#include "support.h"

#include <locale.h>
#include <string.h>

static struct grid g;

static int begin(void **state)
{
	(void)state;
	setlocale(LC_CTYPE, "C.UTF-8");
	return grid_init(&g, 3, 20, true) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	grid_release(&g);
	return 0;
}

static const char *line(int row)
{
	static char text[20 * 4 + 1];
	grid_line(&g, row, text);
	return text;
}

static void wide_characters_take_two_columns(void **state)
{
	(void)state;
	assert_int_equal(text_columns("\u6bd4\u7279\u5e01-KRW", true), 10);
	assert_int_equal(grid_text(&g, 0, 0, 20, 0, "\u6bd4\u7279\u5e01-KRW"), 10);
	grid_text(&g, 0, 10, 1, 0, "|");
	assert_string_equal(line(0), "\u6bd4\u7279\u5e01-KRW|");
	/* cut: half of one never stands there */
	assert_int_equal(grid_text(&g, 1, 0, 6, 0, "\u6bd4\u7279\u5e01-KRW"), 5);
	assert_string_equal(line(1), "\u6bd4\u7279\u2026");
}

static void nothing_that_steers_a_terminal_gets_through(void **state)
{
	(void)state;
	grid_text(&g, 0, 0, 20, 0, "A\033[2JB\a\x7f\r\nC");
	assert_string_equal(line(0), "A?[2JB????C");
	grid_text(&g, 1, 0, 20, 0, "\xc2\x9b" "x\u202ey\u200bz\ufeff."); /* CSI as one character; turned writing; unseen */
	assert_string_equal(line(1), "?x?y?z?.");
	grid_text(&g, 2, 0, 20, 0, "\xff\xc0\x80\xed\xa0\x80|");      /* no UTF-8 */
	assert_null(strchr(line(2), '\xff'));
	assert_null(strstr(line(2), "\xed\xa0\x80"));
}

static void accents_without_a_cell_of_their_own_are_left_out(void **state)
{
	(void)state;
	assert_int_equal(grid_text(&g, 0, 0, 20, 0, "e\u0301\u0301\u0301x"), 2);
	assert_string_equal(line(0), "ex");
}

static void where_the_locale_is_not_utf8_all_is_ascii(void **state)
{
	(void)state;
	g.utf8 = false;
	grid_text(&g, 0, 0, 20, 0, "KRW-\u6bd4\u7279");
	grid_glyph(&g, 0, 8, 0, "\u2588", '#');
	grid_text(&g, 1, 0, 4, 0, "too long");
	assert_string_equal(line(0), "KRW-??  #");
	assert_string_equal(line(1), "too~");
}

static void nothing_is_drawn_outside(void **state)
{
	(void)state;
	assert_int_equal(grid_text(&g, -1, 0, 5, 0, "x"), 0);
	assert_int_equal(grid_text(&g, 3, 0, 5, 0, "x"), 0);
	assert_int_equal(grid_text(&g, 0, 20, 5, 0, "x"), 0);
	assert_int_equal(grid_text(&g, 0, 0, -3, 0, "x"), 0);
	assert_int_equal(grid_text(&g, 0, 18, 50, 0, "abc"), 2);
	grid_glyph(&g, 2, 99, 0, "x", 'x');
	grid_set_style(&g, 9, STYLE_BOLD);
	grid_set_style(&g, 2, STYLE_BOLD);
	assert_int_equal(grid_at(&g, 2, 19)->style, STYLE_BOLD);
	assert_string_equal(line(0), "                  a\u2026");
}

static void right_is_at_the_right_edge_and_cut_at_its_end(void **state)
{
	(void)state;
	grid_right(&g, 0, 2, 8, 0, "145.5");
	grid_right(&g, 1, 2, 8, 0, "145000000.5");
	assert_string_equal(line(0), "     145.5");
	assert_string_equal(line(1), "  1450000\u2026");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(wide_characters_take_two_columns, begin, end),
		cmocka_unit_test_setup_teardown(nothing_that_steers_a_terminal_gets_through, begin, end),
		cmocka_unit_test_setup_teardown(accents_without_a_cell_of_their_own_are_left_out, begin, end),
		cmocka_unit_test_setup_teardown(where_the_locale_is_not_utf8_all_is_ascii, begin, end),
		cmocka_unit_test_setup_teardown(nothing_is_drawn_outside, begin, end),
		cmocka_unit_test_setup_teardown(right_is_at_the_right_edge_and_cut_at_its_end, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
