/* SPDX-License-Identifier: GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "sweep.h"

#define ID      7
#define READ_NS 1000

static struct snap_tree *tree_of(u32 n)
{
	struct snap_tree *t = calloc(1, sizeof(*t) + n * sizeof(struct snap_node));
	struct snap_node *nodes = (struct snap_node *)(t + 1);
	u32 i;

	assert_non_null(t);
	t->id = ID;
	t->ts = READ_NS;
	t->items = n;
	for (i = 0; i < n; i++) {
		nodes[i].file = 0xffff888000000000ULL + i * 64;
		nodes[i].fd = (s32)i;
	}
	return t;
}

static bool gone(const struct sweep *sw, u64 id, u64 file, s32 fd, u64 added, u64 callback)
{
	struct item_key key = { .id = id, .file = file, .fd = fd };
	struct item_stats st = { .added_ns = added, .last_cb_ns = callback };

	return sweep_gone(sw, &key, &st);
}

static void only_what_left_its_tree(void **state)
{
	struct snap_tree *t = tree_of(1000);
	struct sweep sw = { 0 };
	u64 file = 0xffff888000000000ULL;
	u32 i;

	(void)state;
	assert_int_equal(sweep_tree(&sw, t), 0);
	for (i = 0; i < 1000; i++)
		assert_false(gone(&sw, ID, file + i * 64, (s32)i, 1, 1));
	assert_true(gone(&sw, ID, file, 1, 1, 1)); /* same file, another number */
	assert_true(gone(&sw, ID, file + 8, 0, 1, 1));
	assert_true(gone(&sw, ID, file + 8, 0, 0, 0));            /* older than our knowledge */
	assert_false(gone(&sw, ID, file + 8, 0, READ_NS, 1));     /* added while it was read */
	assert_false(gone(&sw, ID, file + 8, 0, 1, READ_NS + 1)); /* alive after */
	assert_false(gone(&sw, ID + 1, file + 8, 0, 1, 1));       /* tree of another instance */
	free(t);
	sweep_free(&sw);
}

static void a_new_pass_forgets(void **state)
{
	struct snap_tree *t = tree_of(3), *empty = tree_of(0);
	struct sweep sw = { 0 };

	(void)state;
	assert_int_equal(sweep_tree(&sw, t), 0);
	sweep_begin(&sw);
	assert_false(gone(&sw, ID, 0xffff888000000000ULL, 0, 1, 1)); /* no tree was read */
	assert_int_equal(sweep_tree(&sw, empty), 0);
	assert_true(gone(&sw, ID, 0xffff888000000000ULL, 0, 1, 1));
	free(t);
	free(empty);
	sweep_free(&sw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_left_its_tree),
		cmocka_unit_test(a_new_pass_forgets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
