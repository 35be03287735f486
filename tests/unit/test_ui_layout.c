/* SPDX-License-Identifier: GPL-2.0 */
/* ui/layout.c: panes never overlap or leave the screen, at any size. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include "layout.h"

#define MAX_ROWS 70
#define MAX_COLS 260

static void check_layout(const struct layout_in *in, const struct layout *lay)
{
	static u8 owner[MAX_ROWS][MAX_COLS];

	memset(owner, 0, sizeof(owner));
	for (int p = 0; p < PANE_COUNT; p++) {
		const struct rect *r = &lay->pane[p];

		if (!r->h || !r->w)
			continue;
		assert_true(r->y >= 0 && r->x >= 0 && r->h > 0 && r->w > 0);
		assert_true(r->y + r->h <= in->rows);
		assert_true(r->x + r->w <= in->cols);
		for (int y = r->y; y < r->y + r->h; y++) {
			for (int x = r->x; x < r->x + r->w; x++) {
				assert_int_equal(owner[y][x], 0);
				owner[y][x] = 1;
			}
		}
	}
}

static void check_places(const struct layout_in *in, const struct layout *lay)
{
	const struct rect *keys = &lay->pane[PANE_KEYS], *main = &lay->pane[PANE_MAIN];

	assert_int_equal(lay->pane[PANE_BAR].y, 0);
	assert_int_equal(lay->pane[PANE_BAR].h, 1);
	assert_int_equal(keys->y, in->rows - 1);
	assert_int_equal(keys->h, 1);
	assert_true(main->h >= 3);
	assert_true(main->w >= MIN_COLS / 2);
	assert_int_equal(lay->pane[PANE_MESSAGE].h, in->message);
	assert_int_equal(lay->pane[PANE_TABS].h, in->screen == SCREEN_DETAIL);
	assert_true(lay->pane[PANE_HEADER].h <= in->header_rows);
}

static void check_size(int rows, int cols)
{
	for (int variant = 0; variant < 2 * 2 * 2 * TAB_COUNT * 3; variant++) {
		struct layout_in in = {
			.rows = rows,
			.cols = cols,
			.screen = variant & 1 ? SCREEN_DETAIL : SCREEN_OVERVIEW,
			.message = variant & 2,
			.header_rows = variant & 4 ? 4 : 3,
			.tab = (enum tab)(variant / 8 % TAB_COUNT),
			.table_rows = (int[]){ 1, 7, 5000 }[variant / 8 / TAB_COUNT],
		};
		struct layout lay;

		layout_compute(&in, &lay);
		check_layout(&in, &lay);
		assert_int_equal(lay.too_small, rows < MIN_ROWS || cols < MIN_COLS);
		if (!lay.too_small)
			check_places(&in, &lay);
	}
}

static void no_overlap_at_any_size(void **state)
{
	(void)state;
	for (int rows = 1; rows <= MAX_ROWS; rows++)
		for (int cols = 1; cols <= MAX_COLS; cols += cols < 50 ? 1 : 7)
			check_size(rows, cols);
}

static void too_small_has_no_panes(void **state)
{
	struct layout_in in = { .rows = 9, .cols = 80, .header_rows = 3, .table_rows = 3 };
	struct layout lay;

	(void)state;
	layout_compute(&in, &lay);
	assert_true(lay.too_small);
	for (int p = 0; p < PANE_COUNT; p++)
		assert_int_equal(lay.pane[p].h, 0);
}

static void header_gives_way_first(void **state)
{
	struct layout_in in = {
		.rows = 10, .cols = 40, .screen = SCREEN_DETAIL, .header_rows = 6, .message = true
	};
	struct layout lay;

	(void)state;
	layout_compute(&in, &lay);
	assert_int_equal(lay.pane[PANE_HEADER].h, 3);
	assert_int_equal(lay.pane[PANE_MAIN].h, 3);
}

static void preview_only_where_there_is_room(void **state)
{
	struct layout_in in = { .rows = 24, .cols = 80, .header_rows = 3, .table_rows = 4 };
	struct layout lay;

	(void)state;
	layout_compute(&in, &lay);
	assert_int_equal(lay.pane[PANE_PREVIEW].h, 15);
	in.table_rows = 15;
	layout_compute(&in, &lay);
	assert_int_equal(lay.pane[PANE_PREVIEW].h, 0);
	assert_int_equal(lay.pane[PANE_MAIN].h, 19);
}

static void side_panes_by_width(void **state)
{
	struct layout_in in = {
		.rows = 40, .cols = 100, .screen = SCREEN_DETAIL, .header_rows = 3
	};
	struct layout lay;

	(void)state;
	in.tab = TAB_WAKERS;
	layout_compute(&in, &lay);
	assert_int_equal(lay.pane[PANE_SIDE].x, 0);
	assert_int_equal(lay.pane[PANE_SIDE].w, 100);
	in.cols = 200;
	layout_compute(&in, &lay);
	assert_int_equal(lay.pane[PANE_SIDE].x, 88);
	in.cols = 120;
	in.tab = TAB_TREE;
	layout_compute(&in, &lay);
	assert_int_equal(lay.pane[PANE_SIDE].h, 0);
	in.cols = 200;
	layout_compute(&in, &lay);
	assert_int_equal(lay.pane[PANE_SIDE].w, 66);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_overlap_at_any_size),
		cmocka_unit_test(too_small_has_no_panes),
		cmocka_unit_test(header_gives_way_first),
		cmocka_unit_test(preview_only_where_there_is_room),
		cmocka_unit_test(side_panes_by_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
