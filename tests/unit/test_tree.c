/* SPDX-License-Identifier: GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "test_record_build.h"
#include "tree.h"

#define MAX 2048

static struct snap_node nodes[MAX];
static struct tree_space space;
static const struct tree_link *links; /* of the last run */
static struct m_tree shape;

static u64 build(u32 n)
{
	memset(nodes, 0, sizeof(nodes));
	return build_tree(nodes, n);
}

static void run(u32 n, u64 root)
{
	assert_int_equal(tree_shape(&space, nodes, n, root, &shape), 0);
	links = space.links;
	assert_true(shape.known);
}

/* What a view relies on, for every input: each node hangs once, on a node above it. */
static void check_forest(u32 n)
{
	u32 reached = 0, level = 0;

	for (u32 i = 0; i < n; i++) {
		s32 up = links[i].parent;

		assert_true(links[i].depth <= TREE_MAX_DEPTH);
		assert_true(links[i].left < (s32)n && links[i].right < (s32)n && up < (s32)n);
		if (links[i].left >= 0)
			assert_int_equal(links[links[i].left].parent, i);
		if (links[i].right >= 0)
			assert_int_equal(links[links[i].right].parent, i);
		if (up >= 0) {
			assert_int_equal(links[up].depth + 1, links[i].depth);
			assert_true(links[up].left == (s32)i || links[up].right == (s32)i);
		}
		reached += links[i].depth > 0;
	}
	for (u32 k = 0; k < TREE_MAX_DEPTH; k++)
		level += shape.level_nodes[k];
	assert_int_equal(reached, level);
}

static void test_empty(void **state)
{
	(void)state;
	run(0, 0);
	assert_false(shape.torn);
	assert_int_equal(shape.depth, 0);
	assert_int_equal(shape.root, -1);
	run(0, build_addr(0)); /* a root that is not there */
	assert_true(shape.torn);
}

static void test_one(void **state)
{
	u64 root = build(1);

	(void)state;
	run(1, root);
	assert_false(shape.torn);
	assert_int_equal(shape.depth, 1);
	assert_int_equal(shape.black_height, 1);
	assert_int_equal(shape.root, 0);
	nodes[0].parent_color = 0; /* red root */
	run(1, root);
	assert_true(shape.torn);
}

static void test_all_sizes(void **state)
{
	u64 root;
	u32 depth;

	(void)state;
	for (u32 n = 1; n <= 300; n++) {
		root = build(n);
		run(n, root);
		assert_false(shape.torn);
		check_forest(n);
		depth = 32 - (u32)__builtin_clz(n);
		assert_int_equal(shape.depth, depth);
		assert_int_equal(shape.items, n);
		assert_int_equal(links[shape.root].parent, -1);
		assert_int_equal(shape.level_nodes[0], 1);
	}
}

static void test_links(void **state)
{
	u64 root = build(7);

	(void)state;
	run(7, root);
	assert_int_equal(shape.root, 3);
	assert_int_equal(links[3].left, 1);
	assert_int_equal(links[3].right, 5);
	assert_int_equal(links[1].parent, 3);
	assert_int_equal(links[0].parent, 1);
	assert_int_equal(links[0].depth, 3);
	assert_int_equal(shape.reds, 4);
	assert_int_equal(shape.black_height, 2);
	assert_int_equal(shape.level_reds[2], 4);
}

/* Each single rule, broken alone, is found. */
static void test_broken_rules(void **state)
{
	u64 root;

	(void)state;
	root = build(7);
	nodes[1].parent_color &= ~1ULL; /* red below which hang reds */
	run(7, root);
	assert_true(shape.torn);
	root = build(7);
	nodes[0].parent_color |= 1; /* one path with more black nodes */
	run(7, root);
	assert_true(shape.torn);
	root = build(7);
	nodes[4].parent_color = nodes[1].node | (nodes[4].parent_color & 1);
	run(7, root);
	assert_true(shape.torn);
	root = build(7);
	nodes[1].left = 0; /* node 0 is not reached */
	run(7, root);
	assert_true(shape.torn);
	assert_int_equal(links[0].depth, 0);
	root = build(7);
	nodes[2].file = nodes[4].file; /* out of order */
	run(7, root);
	assert_true(shape.torn);
	root = build(7);
	nodes[1].node = nodes[0].node; /* an address twice */
	run(7, root);
	assert_true(shape.torn);
	root = build(7);
	run(6, root); /* a node is missing */
	assert_true(shape.torn);
}

/* Same file, several descriptors (dup): sorted by descriptor, as ep_cmp_ffd() does. */
static void test_same_file(void **state)
{
	u64 root = build(3);

	(void)state;
	nodes[0].file = nodes[1].file = nodes[2].file;
	run(3, root);
	assert_false(shape.torn);
	nodes[1].fd = nodes[0].fd;
	run(3, root);
	assert_true(shape.torn);
}

static void test_cycles(void **state)
{
	u64 root = build(15);

	(void)state;
	nodes[0].left = root;
	nodes[14].right = nodes[14].node;
	nodes[2].right = nodes[12].node;
	run(15, root);
	assert_true(shape.torn);
	check_forest(15);
}

/* A list of 2,000 nodes is no tree, and must not make a view recurse 2,000 deep. */
static void test_too_deep(void **state)
{
	(void)state;
	build(2000);
	for (u32 i = 0; i < 2000; i++) {
		nodes[i].left = 0;
		nodes[i].right = i + 1 < 2000 ? nodes[i + 1].node : 0;
		nodes[i].parent_color = (i ? nodes[i - 1].node : 0) | 1;
	}
	run(2000, nodes[0].node);
	assert_true(shape.torn);
	assert_int_equal(shape.depth, TREE_MAX_DEPTH);
	check_forest(2000);
}

static void test_random_links(void **state)
{
	u64 root;

	(void)state;
	srand(1);
	for (int round = 0; round < 2000; round++) {
		root = build(40);
		for (int k = 0; k < 5; k++) {
			u64 *word = (u64 *)&nodes[rand() % 40] + rand() % 4;

			*word = rand() % 2 ? build_addr((u32)rand() % 45) | (u64)(rand() % 2)
					   : (u64)rand();
		}
		run(40, root);
		check_forest(40);
	}
}

/* Every address is found where it is, and no other one; a smaller tree after it forgets them. */
static void test_index(void **state)
{
	struct node_index x = { 0 };
	bool twice = false;

	(void)state;
	build(2000);
	assert_int_equal(node_index_build(&x, nodes, 2000, &twice), 0);
	for (u32 i = 0; i < 2000; i++)
		assert_int_equal(node_index_find(&x, nodes[i].node), i);
	assert_int_equal(node_index_find(&x, build_addr(2000)), -1);
	assert_int_equal(node_index_build(&x, nodes, 3, &twice), 0);
	assert_int_equal(node_index_find(&x, nodes[2].node), 2);
	assert_int_equal(node_index_find(&x, nodes[3].node), -1);
	assert_false(twice);
	nodes[2].node = nodes[0].node;
	assert_int_equal(node_index_build(&x, nodes, 3, &twice), 0);
	assert_int_equal(node_index_find(&x, nodes[0].node), 0);
	assert_true(twice);
	node_index_free(&x);
}

static int space_free(void **state)
{
	(void)state;
	tree_space_free(&space);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),        cmocka_unit_test(test_one),
		cmocka_unit_test(test_all_sizes),    cmocka_unit_test(test_links),
		cmocka_unit_test(test_broken_rules), cmocka_unit_test(test_same_file),
		cmocka_unit_test(test_cycles),       cmocka_unit_test(test_too_deep),
		cmocka_unit_test(test_random_links), cmocka_unit_test(test_index),
	};

	return cmocka_run_group_tests(tests, NULL, space_free);
}
