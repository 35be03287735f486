/* SPDX-License-Identifier: GPL-2.0 */
/* ui/cells.c and ui/utf8.c: text into the screen in memory. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include "cells.h"

static struct cells screen;

static struct canvas canvas(int rows, int cols, const struct glyphs *glyphs)
{
	assert_int_equal(cells_resize(&screen, rows, cols), 0);
	return (struct canvas){ &screen, { 0, 0, rows, cols }, glyphs, true };
}

static int free_screen(void **state)
{
	(void)state;
	cells_free(&screen);
	return 0;
}

static void assert_row(int y, const char *expect)
{
	char text[1024];

	cells_row_text(&screen, y, text, sizeof(text));
	assert_string_equal(text, expect);
}

static void text_is_clipped(void **state)
{
	struct canvas cv = canvas(3, 10, &glyphs_unicode);
	struct canvas part = canvas_part(&cv, (struct rect){ 1, 2, 1, 4 });

	(void)state;
	assert_int_equal(canvas_put(&part, 0, 1, ST_BAD, "abcdefgh"), 9);
	assert_row(1, "   abc");
	assert_int_equal(cells_style(&screen, 1, 3), ST_BAD);
	assert_int_equal(cells_style(&screen, 1, 6), ST_NORMAL);
	canvas_put(&part, 0, -2, ST_NORMAL, "xyz");
	assert_row(1, "  zabc");
	canvas_put(&part, 1, 0, ST_NORMAL, "below");
	canvas_put(&part, -1, 0, ST_NORMAL, "above");
	assert_row(0, "");
	assert_row(2, "");
}

static void parts_stay_inside(void **state)
{
	struct canvas cv = canvas(4, 10, &glyphs_unicode);
	struct canvas part = canvas_part(&cv, (struct rect){ -2, 8, 10, 10 });
	struct canvas none = canvas_part(&cv, (struct rect){ 9, 20, 3, 3 });

	(void)state;
	assert_int_equal(part.area.y, 0);
	assert_int_equal(part.area.h, 4);
	assert_int_equal(part.area.w, 2);
	assert_int_equal(none.area.h, 0);
	assert_int_equal(none.area.w, 0);
	canvas_put(&none, 0, 0, ST_NORMAL, "x");
	canvas_style_row(&none, 0, ST_BAD);
	for (int y = 0; y < 4; y++)
		assert_row(y, "");
}

static void wide_characters(void **state)
{
	struct canvas cv = canvas(2, 6, &glyphs_unicode);

	(void)state;
	assert_int_equal(canvas_put(&cv, 0, 0, ST_NORMAL,
				    "a\xe6\xbc\xa2"
				    "b"),
			 4);
	assert_row(0, "a\xe6\xbc\xa2"
		      "b");
	/* Half of it overwritten: the other half must go. */
	canvas_put(&cv, 0, 2, ST_NORMAL, "x");
	assert_row(0, "a xb");
	/* No room for both halves at the edge. */
	canvas_put(&cv, 1, 5, ST_NORMAL, "\xe6\xbc\xa2");
	assert_row(1, "");
	assert_int_equal(text_width("a\xe6\xbc\xa2"
				    "b"),
			 4);
	/* A combining accent takes no column. */
	assert_int_equal(text_width("e\xcc\x81"), 1);
}

static void strangers_cannot_control_the_terminal(void **state)
{
	struct canvas cv = canvas(4, 30, &glyphs_unicode);
	struct canvas plain = cv;

	(void)state;
	canvas_put(&cv, 0, 0, ST_NORMAL, "a\033[2Jb\nc\x7f");
	assert_row(0, "a?[2Jb?c?");
	canvas_put(&cv, 1, 0, ST_NORMAL, "x\xe2\x80\xaey");
	assert_row(1, "x?y");
	canvas_put(&cv, 2, 0, ST_NORMAL, "bad \xff\xc3(\xed\xa0\x80|");
	assert_row(2, "bad \xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd|");
	plain.glyphs = &glyphs_ascii;
	canvas_put(&plain, 3, 0, ST_NORMAL, "caf\xc3\xa9 \xff");
	assert_row(3, "caf? ?");
}

static void fitting_and_alignment(void **state)
{
	struct canvas cv = canvas(4, 20, &glyphs_unicode);

	(void)state;
	canvas_put_fit(&cv, 0, 0, 6, ST_NORMAL, "abcdefgh");
	assert_row(0, "abcde\xe2\x80\xa6");
	canvas_put_fit(&cv, 1, 0, 8, ST_NORMAL, "abcdefgh");
	assert_row(1, "abcdefgh");
	canvas_put_right(&cv, 2, 5, 6, ST_NORMAL, "12");
	assert_row(2, "         12");
	cv.glyphs = &glyphs_ascii;
	canvas_put_right(&cv, 3, 0, 4, ST_NORMAL, "123456");
	assert_row(3, "123~");
}

static void utf8_both_ways(void **state)
{
	static const u32 points[] = { 'a', 0x7f, 0x80, 0x7ff, 0x800, 0xffff, 0x10000, 0x10ffff };
	const char *overlong = "\xc0\xaf", *end = "";

	(void)state;
	for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
		char buf[5] = "";
		const char *s = buf;

		buf[utf8_put(points[i], buf)] = '\0';
		assert_int_equal(utf8_next(&s), points[i]);
		assert_int_equal(*s, '\0');
	}
	assert_int_equal(utf8_next(&overlong), 0xfffd);
	assert_int_equal(utf8_next(&end), 0);
}

static void resize_blanks(void **state)
{
	struct canvas cv = canvas(2, 5, &glyphs_unicode);

	(void)state;
	canvas_put(&cv, 0, 0, ST_BAD, "hello");
	canvas(3, 8, &glyphs_unicode);
	assert_row(0, "");
	assert_int_equal(cells_style(&screen, 0, 0), ST_NORMAL);
	assert_int_equal(cells_style(&screen, 99, 0), ST_NORMAL);
}

static void row_text_never_overflows(void **state)
{
	struct canvas cv = canvas(1, 20, &glyphs_unicode);
	char text[8];

	(void)state;
	canvas_put(&cv, 0, 0, ST_NORMAL, "abcdefghijkl");
	assert_true(cells_row_text(&screen, 0, text, sizeof(text)) < sizeof(text));
	assert_string_equal(text, "abcd");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(text_is_clipped, free_screen),
		cmocka_unit_test_teardown(parts_stay_inside, free_screen),
		cmocka_unit_test_teardown(wide_characters, free_screen),
		cmocka_unit_test_teardown(strangers_cannot_control_the_terminal, free_screen),
		cmocka_unit_test_teardown(fitting_and_alignment, free_screen),
		cmocka_unit_test_teardown(utf8_both_ways, free_screen),
		cmocka_unit_test_teardown(resize_blanks, free_screen),
		cmocka_unit_test_teardown(row_text_never_overflows, free_screen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
