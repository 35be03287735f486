/* SPDX-License-Identifier: GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include "test_model_fixture.h"

/* A tree of those of KEYS items whose bit is set, each with counters that tell item and round. */
#define KEYS 24
#define GONE 3 /* the counters know it, no tree has it */

static void put_subset(u32 present, u32 round)
{
	struct snap_tree tree = { .id = ID,
				  .ts = (10 + round) * SEC,
				  .items = (u32)__builtin_popcount(present) };
	u32 at = 0;

	memset(nodes, 0, KEYS * sizeof(*nodes));
	tree.root = build_tree(nodes, tree.items);
	for (u32 key = 0; key < KEYS; key++) {
		if (!(present >> key & 1))
			continue;
		nodes[at].file = build_key(ID, key).file;
		nodes[at].fd = build_key(ID, key).fd;
		nodes[at].ready = (round + key) % 5;
		nodes[at].events = round;
		nodes[at++].data = round * 100 + key;
	}
	put_tree(&s, &tree, nodes);
	for (u32 key = 0; key < KEYS; key++)
		if (present >> key & 1)
			put_item(key, round * 100 + key);
	if (round % 3)
		put_new_item(KEYS + GONE, tree.ts + 1);
	if (round % 7 == 0)
		put_fd(round % KEYS, "pipe");
}

/* Any tree after any other, and often the same: each item keeps what is its own. */
static void test_any_trees(void **state)
{
	u32 before = 0, present = 0;
	const struct m_instance *inst;
	const struct m_item *item;

	(void)state;
	srand(1);
	for (u32 round = 1; round < 400; round++, before = present) {
		if (rand() % 2)
			present ^= rand() % 4 ? 1u << rand() % KEYS : (u32)rand() % (1u << KEYS);
		put_subset(present, round);
		inst = tick(10 + round);
		item = inst->items;
		assert_int_equal(inst->nitems, __builtin_popcount(present) + !!(round % 3));
		assert_int_equal(inst->tree.items, __builtin_popcount(present));
		assert_false(inst->tree.torn);
		for (u32 key = 0; key < KEYS; key++) {
			if (!(present >> key & 1))
				continue;
			assert_int_equal(item->key.fd, build_key(ID, key).fd);
			assert_int_equal(item->data, round * 100 + key);
			assert_int_equal(item->ready_pos, (round + key) % 5);
			assert_int_equal(item->events, round);
			assert_int_equal(item->parent < 0, item == inst->items + inst->tree.root);
			if (item->left >= 0)
				assert_int_equal(inst->items[item->left].depth, item->depth + 1);
			assert_int_equal(item->st.callbacks, round * 100 + key);
			assert_int_equal(item->has_prev, before >> key & 1);
			if (item->has_prev)
				assert_int_equal(item->prev.callbacks, (round - 1) * 100 + key);
			assert_true(item++->in_tree);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(test_any_trees) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
