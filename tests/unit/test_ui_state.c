/* SPDX-License-Identifier: GPL-2.0 */
/* ui/state.c: what each key does, without a terminal. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include "keys.h"
#include "state.h"

static u64 ids[100];

/* A state as after the first drawing: rows instances with ids 1, 2, 3, of which page fit. */
static struct state drawn(int rows, int page)
{
	struct state st;

	for (int i = 0; i < 100; i++)
		ids[i] = (u64)i + 1;
	state_init(&st);
	list_sync(&st.list[LIST_INSTANCES], ids, rows, page, 20);
	return st;
}

static void keys(struct state *st, const u32 *key, size_t n)
{
	for (size_t i = 0; i < n; i++)
		state_key(st, key[i]);
}

#define KEYS(st, ...) \
	keys(st, (const u32[]){ __VA_ARGS__ }, sizeof((const u32[]){ __VA_ARGS__ }) / sizeof(u32))

static void selection_stays_inside(void **state)
{
	struct state st = drawn(30, 10);
	struct list *l = &st.list[LIST_INSTANCES];

	(void)state;
	KEYS(&st, UIKEY_UP);
	assert_int_equal(l->sel, 0);
	KEYS(&st, UIKEY_DOWN, 'j', UIKEY_PAGE_DOWN);
	assert_int_equal(l->sel, 12);
	list_sync(l, ids, 30, 10, 20);
	assert_int_equal(l->top, 3);
	KEYS(&st, UIKEY_END, UIKEY_DOWN);
	list_sync(l, ids, 30, 10, 20);
	assert_int_equal(l->sel, 29);
	assert_int_equal(l->top, 20);
	KEYS(&st, UIKEY_HOME, 'k');
	list_sync(l, ids, 30, 10, 20);
	assert_int_equal(l->sel, 0);
	assert_int_equal(l->top, 0);
}

static void selection_follows_the_thing(void **state)
{
	struct state st = drawn(5, 10);
	struct list *l = &st.list[LIST_INSTANCES];
	const u64 sorted[] = { 3, 1, 5, 2, 4 }, fewer[] = { 5, 4 };

	(void)state;
	KEYS(&st, UIKEY_DOWN);
	list_sync(l, ids, 5, 10, 20);
	assert_int_equal(l->sel_id, 2);
	list_sync(l, sorted, 5, 10, 20);
	assert_int_equal(l->sel, 3);
	assert_int_equal(l->sel_id, 2);
	list_sync(l, fewer, 2, 10, 20);
	assert_int_equal(l->sel, 1);
	assert_int_equal(l->sel_id, 4);
	list_sync(l, NULL, 0, 10, 20);
	assert_int_equal(l->sel, 0);
	assert_int_equal(l->top, 0);
}

static void open_and_back(void **state)
{
	struct state st = drawn(5, 10);

	(void)state;
	KEYS(&st, UIKEY_DOWN);
	list_sync(&st.list[LIST_INSTANCES], ids, 5, 10, 20);
	assert_int_equal(state_key(&st, UIKEY_ENTER), ACT_REDRAW);
	assert_int_equal(st.screen, SCREEN_DETAIL);
	assert_int_equal(st.inst, 2);
	KEYS(&st, UIKEY_TAB, UIKEY_TAB);
	assert_int_equal(st.tab, TAB_ITEMS);
	KEYS(&st, UIKEY_BACKTAB, UIKEY_BACKTAB, UIKEY_BACKTAB);
	assert_int_equal(st.tab, TAB_HIST);
	KEYS(&st, '4');
	assert_int_equal(state_list(&st), LIST_WAKERS);
	KEYS(&st, UIKEY_RIGHT);
	assert_int_equal(state_list(&st), LIST_THREADS);
	KEYS(&st, UIKEY_ESC);
	assert_int_equal(st.screen, SCREEN_OVERVIEW);
	assert_int_equal(state_list(&st), LIST_INSTANCES);
}

static void digit_opens_from_overview(void **state)
{
	struct state st = drawn(5, 10), none = drawn(0, 10);

	(void)state;
	KEYS(&st, '3');
	assert_int_equal(st.screen, SCREEN_DETAIL);
	assert_int_equal(st.tab, TAB_ITEMS);
	KEYS(&none, '3', UIKEY_ENTER);
	assert_int_equal(none.screen, SCREEN_OVERVIEW);
}

static void another_instance_starts_at_the_top(void **state)
{
	struct state st = drawn(5, 10);

	(void)state;
	KEYS(&st, '3');
	list_sync(&st.list[LIST_ITEMS], ids, 50, 10, 14);
	KEYS(&st, UIKEY_END, '>');
	list_sync(&st.list[LIST_ITEMS], ids, 50, 10, 14);
	KEYS(&st, UIKEY_ESC, UIKEY_ENTER);
	assert_int_equal(st.list[LIST_ITEMS].sel, 49);
	KEYS(&st, UIKEY_ESC, UIKEY_DOWN);
	list_sync(&st.list[LIST_INSTANCES], ids, 5, 10, 20);
	KEYS(&st, UIKEY_ENTER);
	assert_int_equal(st.list[LIST_ITEMS].sel, 0);
	assert_int_equal(st.list[LIST_ITEMS].sort, 0);
}

static void sort_steps_and_menu(void **state)
{
	struct state st = drawn(5, 10);
	struct list *l = &st.list[LIST_INSTANCES];

	(void)state;
	KEYS(&st, '<');
	assert_int_equal(l->sort, 19);
	KEYS(&st, '>');
	assert_int_equal(l->sort, SORT_NATURAL);
	KEYS(&st, '>', '>', 'I');
	assert_int_equal(l->sort, 1);
	assert_true(l->reverse);
	KEYS(&st, UIKEY_F0 + 6);
	assert_int_equal(st.overlay, OVERLAY_SORT);
	assert_int_equal(st.list[LIST_SORT].sel, 2);
	list_sync(&st.list[LIST_SORT], NULL, 21, 10, 0);
	KEYS(&st, UIKEY_DOWN, UIKEY_ENTER);
	assert_int_equal(st.overlay, OVERLAY_NONE);
	assert_int_equal(l->sort, 2);
	assert_false(l->reverse);
}

static void no_menu_without_columns(void **state)
{
	struct state st = drawn(5, 10);

	(void)state;
	KEYS(&st, '1', UIKEY_F0 + 6);
	assert_int_equal(st.overlay, OVERLAY_NONE);
	assert_int_equal(state_key(&st, '>'), ACT_NONE);
}

static void filter_takes_every_key(void **state)
{
	struct state st = drawn(5, 10);
	struct list *l = &st.list[LIST_INSTANCES];

	(void)state;
	KEYS(&st, '/', 'q', '?', ' ', 0xe9);
	assert_true(st.editing);
	assert_false(st.paused);
	assert_string_equal(l->filter, "q? \xc3\xa9");
	KEYS(&st, UIKEY_BACKSPACE, UIKEY_BACKSPACE);
	assert_string_equal(l->filter, "q?");
	KEYS(&st, UIKEY_ENTER);
	assert_false(st.editing);
	assert_string_equal(l->filter, "q?");
	KEYS(&st, UIKEY_ESC);
	assert_string_equal(l->filter, "");
	KEYS(&st, UIKEY_F0 + 4, 'x', UIKEY_ESC);
	assert_string_equal(l->filter, "");
	assert_false(st.editing);
}

static void filter_never_overflows(void **state)
{
	struct state st = drawn(5, 10);
	struct list *l = &st.list[LIST_INSTANCES];

	(void)state;
	KEYS(&st, '/');
	for (int i = 0; i < 100; i++)
		KEYS(&st, 0x20ac, 'a');
	assert_true(strlen(l->filter) < FILTER_LEN);
	for (int i = 0; i < 100; i++)
		KEYS(&st, UIKEY_BACKSPACE);
	assert_string_equal(l->filter, "");
}

static void overlays(void **state)
{
	struct state st = drawn(5, 10);

	(void)state;
	KEYS(&st, '?');
	assert_int_equal(st.overlay, OVERLAY_HELP);
	KEYS(&st, 'L');
	assert_int_equal(st.overlay, OVERLAY_LOG);
	assert_int_equal(state_key(&st, 'q'), ACT_REDRAW);
	assert_int_equal(st.overlay, OVERLAY_NONE);
	KEYS(&st, UIKEY_F0 + 1);
	list_sync(&st.list[LIST_HELP], NULL, 40, 10, 0);
	KEYS(&st, UIKEY_PAGE_DOWN, UIKEY_DOWN);
	assert_int_equal(st.list[LIST_HELP].top, 11);
	KEYS(&st, UIKEY_END);
	assert_int_equal(st.list[LIST_HELP].top, 30);
	assert_int_equal(st.list[LIST_INSTANCES].sel, 0);
	KEYS(&st, UIKEY_F0 + 1);
	assert_int_equal(st.overlay, OVERLAY_NONE);
}

static void actions(void **state)
{
	struct state st = drawn(5, 10);

	(void)state;
	assert_int_equal(state_key(&st, 's'), ACT_SAVE);
	assert_int_equal(state_key(&st, UIKEY_REDRAW), ACT_REPAINT);
	assert_int_equal(state_key(&st, UIKEY_OTHER), ACT_NONE);
	assert_int_equal(state_key(&st, 'Z'), ACT_NONE);
	assert_int_equal(state_key(&st, ' '), ACT_REDRAW);
	assert_true(st.paused);
	KEYS(&st, 'p');
	assert_false(st.paused);
	assert_int_equal(state_key(&st, 'q'), ACT_QUIT);
	assert_int_equal(state_key(&st, UIKEY_F10), ACT_QUIT);
	KEYS(&st, '/');
	assert_int_equal(state_key(&st, UIKEY_F10), ACT_QUIT);
	assert_int_equal(state_key(&st, UIKEY_HANGUP), ACT_QUIT);
}

static void columns_scroll_within_bounds(void **state)
{
	struct state st = drawn(5, 10);
	struct list *l = &st.list[LIST_INSTANCES];

	(void)state;
	KEYS(&st, UIKEY_LEFT);
	list_sync(l, ids, 5, 10, 20);
	assert_int_equal(l->skip, 0);
	for (int i = 0; i < 50; i++)
		KEYS(&st, UIKEY_RIGHT);
	list_sync(l, ids, 5, 10, 20);
	assert_int_equal(l->skip, 19);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(selection_stays_inside),
		cmocka_unit_test(selection_follows_the_thing),
		cmocka_unit_test(open_and_back),
		cmocka_unit_test(digit_opens_from_overview),
		cmocka_unit_test(another_instance_starts_at_the_top),
		cmocka_unit_test(sort_steps_and_menu),
		cmocka_unit_test(no_menu_without_columns),
		cmocka_unit_test(filter_takes_every_key),
		cmocka_unit_test(filter_never_overflows),
		cmocka_unit_test(overlays),
		cmocka_unit_test(actions),
		cmocka_unit_test(columns_scroll_within_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
