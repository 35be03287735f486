/* SPDX-License-Identifier: GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include "test_model_fixture.h"

static void put_instance(u64 adds, u64 dels, u64 released, u32 flags)
{
	struct ep_instance inst = { .id = ID, .tgid = 1, .epfd = 3, .flags = flags };

	inst.st.adds = adds;
	inst.st.dels = dels;
	inst.st.released = released;
	PUT(&s, REC_INSTANCE, inst);
}

static u32 change; /* what put_instance() had told when the tree was read */

static void put_snapshot(u32 n, u32 ready, u32 flags)
{
	struct snap_tree tree = {
		.id = ID,
		.ts = 11 * SEC,
		.items = n,
		.ready = ready,
		.flags = flags,
		.change = change,
	};

	memset(nodes, 0, (n + 1) * sizeof(*nodes));
	tree.root = build_tree(nodes, n);
	if (n)
		nodes[0].ready = ready;
	put_tree(&s, &tree, nodes);
}

static void test_merge(void **state)
{
	const struct m_instance *inst;

	(void)state;
	put_item(2, 5); /* before the tree, and after it, in one batch */
	put_snapshot(7, 1, 0);
	put_item(3, 6);
	put_fd(2, "tcp");
	put_new_item(9, 1000 * SEC); /* not in the tree yet */
	put_new_item(10, 1);         /* not any more: its counters outlived it */
	inst = tick(11);
	assert_int_equal(inst->tree.items, 7);
	assert_int_equal(inst->nitems, 8);
	assert_false(inst->tree.torn);
	for (u32 i = 0; i < 7; i++) {
		assert_int_equal(inst->items[i].key.fd, build_key(ID, i).fd);
		assert_true(inst->items[i].in_tree);
		assert_int_equal(inst->items[i].has_stats, i == 2 || i == 3);
	}
	assert_int_equal(inst->items[2].st.callbacks, 5);
	assert_int_equal(inst->items[2].prev.callbacks, 5);
	assert_string_equal(inst->items[2].desc->type, "tcp");
	assert_int_equal(strlen(inst->items[2].desc->detail), 103);
	assert_ptr_equal(model_fd(inst, build_key(ID, 2).fd), inst->items[2].desc);
	assert_null(model_fd(inst, 999));
	assert_false(inst->items[7].in_tree);
	assert_int_equal(inst->items[7].depth, 0);
	assert_int_equal(inst->items[0].ready_pos, 1);
	assert_int_equal(inst->items[3].depth, 1);
	assert_int_equal(inst->items[3].left, 1);
}

/* The mask: of the snapshot where there is one, else of the last call. */
static void test_mask(void **state)
{
	struct rec_item item = { .key = build_key(ID, 2) };
	u32 disabled;

	(void)state;
	put_snapshot(7, 0, 0);
	item.st.events = 0x40000019;
	PUT(&s, REC_ITEM, item);
	disabled = tick(11)->items[2].events;
	assert_int_not_equal(disabled, 0x40000019);
	PUT(&s, REC_ITEM, item); /* a batch without a snapshot */
	assert_int_equal(tick(12)->items[2].events, 0x40000019);
}

static void test_next_tree(void **state)
{
	const struct m_instance *inst;

	(void)state;
	put_snapshot(7, 0, 0);
	for (u32 i = 0; i < 7; i++)
		put_item(i, i);
	put_fd(6, "pipe");
	tick(11);
	put_snapshot(5, 0, 0); /* two are gone */
	for (u32 i = 0; i < 5; i++)
		put_item(i, i + 10);
	inst = tick(12);
	assert_int_equal(inst->nitems, 5);
	for (u32 i = 0; i < 5; i++) {
		assert_int_equal(inst->items[i].st.callbacks, i + 10);
		assert_int_equal(inst->items[i].prev.callbacks, i);
	}
	put_snapshot(7, 0, 0); /* and back, without counters so far */
	inst = tick(13);
	assert_int_equal(inst->nitems, 7);
	assert_false(inst->items[6].has_stats);
	assert_string_equal(inst->items[6].desc->type, "pipe");
	assert_int_equal(inst->items[4].prev.callbacks, 14);
	put_snapshot(0, 0, 0);
	inst = tick(14);
	assert_int_equal(inst->nitems, 0);
	assert_true(inst->tree.known);
	assert_int_equal(inst->items_now, 0);
}

/* Added in this interval: all its callbacks were in it too. */
static void test_new_item(void **state)
{
	struct rec_item item = { .key = build_key(ID, 5) };

	(void)state;
	tick(11);
	item.st.added_ns = 11 * SEC + 1;
	item.st.callbacks = 40;
	PUT(&s, REC_ITEM, item);
	tick(12);
	assert_true(m->inst[0].items[0].has_prev);
	assert_int_equal(m->inst[0].items[0].prev.callbacks, 0);
}

/* Items of the counters alone: there while the counters have them. */
static void test_no_tree(void **state)
{
	const struct m_instance *inst;

	(void)state;
	for (u32 i = 0; i < 200; i++)
		put_item(i, 1);
	inst = tick(11);
	assert_int_equal(inst->nitems, 200);
	inst = tick(12); /* not asked for in this batch */
	assert_int_equal(inst->nitems, 200);
	put_item(150, 2);
	inst = tick(13);
	assert_int_equal(inst->nitems, 1);
	assert_int_equal(inst->items[0].key.fd, build_key(ID, 150).fd);
	assert_int_equal(inst->items[0].st.callbacks, 2);
	assert_false(inst->items[0].has_prev); /* two ticks ago: no rate can be told */
	put_item(10, 1);
	put_item(150, 3);
	inst = tick(14);
	assert_int_equal(inst->nitems, 2);
}

static void test_items_now(void **state)
{
	(void)state;
	assert_true(tick(11)->items_now == UNKNOWN_S64); /* there before us, not counted yet */
	change = 2;
	put_snapshot(7, 0, 0);
	put_instance(2, 0, 0, EPI_SEEN_LATE);
	assert_int_equal(tick(12)->items_now, 7); /* of this very batch: nothing to add */
	change = 1;
	put_snapshot(7, 0, 0);
	put_instance(2, 0, 0, EPI_SEEN_LATE);
	assert_int_equal(tick(12)->items_now, 8); /* but one between the two */
	change = (u32)-3;
	put_snapshot(2, 0, 0);
	put_instance(2, 0, 0, EPI_SEEN_LATE);
	assert_int_equal(tick(12)->items_now, 7); /* more removed than added before */
	change = 2;
	put_snapshot(7, 0, 0);
	put_instance(5, 1, 0, EPI_SEEN_LATE);
	assert_int_equal(tick(13)->items_now, 7 + 3 - 1);
	put_instance(5, 1, 4, EPI_SEEN_LATE);
	assert_int_equal(tick(14)->items_now, 7 + 3 - 1 - 4);
	put_instance(5, 100, 4, EPI_SEEN_LATE);
	assert_int_equal(tick(15)->items_now, 0); /* never below */
	put_plan(&s, HOOK_RELEASE, TIER_NONE);
	put_instance(9, 1, 0, EPI_SEEN_LATE);
	change = 0;
	assert_int_equal(tick(16)->items_now, 7); /* closes are not seen: the snapshot's number */
}

static void test_items_now_new(void **state)
{
	(void)state;
	put_instance(3, 1, 0, 0); /* we saw it made, so it began empty */
	assert_int_equal(tick(11)->items_now, 2);
}

static void test_lists(void **state)
{
	(void)state;
	assert_true(tick(11)->ready_now == UNKNOWN_S64);
	put_snapshot(7, 3, 0);
	assert_int_equal(tick(12)->ready_now, 3);
	put_snapshot(7, 0, SNAP_SCANNING); /* they are on the scan's own list */
	assert_true(tick(13)->ready_now == UNKNOWN_S64);
	put_snapshot(7, 5, SNAP_READY_TORN); /* a mix of several moments */
	assert_true(tick(14)->ready_now == UNKNOWN_S64);
	assert_true(m->inst[0].tree.ready_torn);
	assert_true(tree_exact(&m->inst[0].tree));
	put_snapshot(7, 2, 0);
	assert_int_equal(tick(15)->ready_now, 2);
	assert_false(m->inst[0].tree.ready_torn);
	assert_int_equal(m->inst[0].spark_len, 4);
	for (int i = 0; i < 3; i++)
		assert_int_equal(m->inst[0].spark[i], 3);
	assert_int_equal(m->inst[0].spark[3], 2);
	for (u64 i = 0; i < SPARK_LEN; i++)
		tick(20 + i);
	assert_int_equal(m->inst[0].spark_len, SPARK_LEN);
	assert_int_equal(m->inst[0].spark_head, 4);
}

static void test_torn(void **state)
{
	const struct m_instance *inst;

	(void)state;
	put_snapshot(7, 0, 0);
	tick(11);
	put_snapshot(5, 0, SNAP_TORN);
	inst = tick(12);
	assert_true(inst->tree.torn);
	assert_int_equal(inst->items_now, 7); /* the last one that was whole */
	assert_false(tree_exact(&inst->tree));
	put_snapshot(5, 0, SNAP_MORE);
	assert_true(tick(13)->tree.torn);
	put_snapshot(5, 0, SNAP_MOVED);
	inst = tick(14);
	assert_false(inst->tree.torn);
	assert_false(tree_exact(&inst->tree));
	assert_int_equal(inst->items_now, 7);
}

/* A key twice, as in a tree that changed while it was read. */
static void test_duplicate_key(void **state)
{
	struct snap_tree tree = { .id = ID, .items = 7 };

	(void)state;
	tree.root = build_tree(nodes, 7);
	nodes[3].file = nodes[2].file;
	nodes[3].fd = nodes[2].fd;
	put_tree(&s, &tree, nodes);
	put_item(2, 4);
	put_tree(&s, &tree, nodes);
	assert_int_equal(tick(11)->nitems, 7);
	assert_true(m->inst[0].tree.torn);
	assert_int_equal(m->inst[0].items[2].st.callbacks, 4);
	assert_false(m->inst[0].items[3].has_stats);
}

static u64 cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (u64)ts.tv_sec * SEC + (u64)ts.tv_nsec;
}

/* Generous, since this also runs under sanitizers on slow machines. */
static void test_speed(void **state)
{
	u64 begin, ns;

	(void)state;
	for (u64 round = 0; round < 3; round++) {
		begin = cpu_ns();
		put_snapshot(20000, 0, 0);
		for (u32 i = 0; i < 20000; i++)
			put_item(i, i + round);
		tick(11 + round);
		ns = cpu_ns() - begin;
		assert_int_equal(m->inst[0].nitems, 20000);
		assert_int_equal(m->inst[0].items[19999].st.callbacks, 19999 + round);
		print_message("20,000 items: %.1f ms\n", (double)ns / 1e6);
		assert_true(ns < SEC);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_merge),         TEST(test_mask),     TEST(test_next_tree),
		TEST(test_no_tree),       TEST(test_new_item), TEST(test_items_now),
		TEST(test_items_now_new), TEST(test_lists),    TEST(test_torn),
		TEST(test_duplicate_key), TEST(test_speed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
