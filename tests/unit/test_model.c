/* SPDX-License-Identifier: GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "model.h"
#include "test_record_build.h"

#define ID 1

static struct model *m;
static struct sink s;

static int setup(void **state)
{
	(void)state;
	m = model_new();
	s = (struct sink){ .fn = model_fold, .ctx = m };
	put_meta(&s, 10 * SEC);
	put_plans(&s, TIER_FULL);
	return !m;
}

static int teardown(void **state)
{
	(void)state;
	model_free(m);
	return s.err;
}

static struct ep_instance instance(u64 id, u64 waits)
{
	struct ep_instance inst = { .id = id, .ep = 4096 + id, .tgid = 1234, .epfd = 5 };

	inst.st.waits = waits;
	memset(inst.comm, 'x', sizeof(inst.comm)); /* not terminated, as from a damaged file */
	return inst;
}

static void put_instance(u64 id, u64 waits)
{
	struct ep_instance inst = instance(id, waits);

	PUT(&s, REC_INSTANCE, inst);
}

static void put_death(u64 id, u64 died_ns)
{
	struct ep_instance inst = instance(id, 1);

	inst.died_ns = died_ns;
	PUT(&s, REC_INSTANCE, inst);
}

static void test_totals(void **state)
{
	const struct m_instance *inst;

	(void)state;
	put_instance(77, 100);
	put_tick(&s, 11 * SEC);
	inst = model_instance(m, 1);
	assert_non_null(inst);
	assert_ptr_equal(inst, model_instance_by_id(m, 77));
	assert_int_equal(inst->now.st.waits, 100);
	assert_int_equal(inst->prev.st.waits, 0); /* all of it happened in the first interval */
	assert_int_equal(inst->prev_ts, 10 * SEC);
	assert_int_equal(inst->now_ts, 11 * SEC);
	assert_int_equal(strlen(inst->now.comm), COMM_LEN - 1);

	put_instance(77, 130);
	put_instance(77, 140); /* twice in a batch: still one interval */
	put_tick(&s, 12 * SEC);
	inst = model_instance(m, 1);
	assert_int_equal(inst->now.st.waits, 140);
	assert_int_equal(inst->prev.st.waits, 100);
	assert_int_equal(inst->first.st.waits, 100);

	put_tick(&s, 13 * SEC); /* not mentioned: nothing happened */
	inst = model_instance(m, 1);
	assert_int_equal(inst->now.st.waits, 140);
	assert_int_equal(inst->prev.st.waits, 140);
	assert_int_equal(inst->prev_ts, 12 * SEC);
	assert_int_equal(m->ticks, 3);
	assert_int_equal(m->prev_ts, 12 * SEC);
	assert_null(model_instance(m, 2));
	assert_null(model_instance_by_id(m, 78));
}

static void test_order_and_death(void **state)
{
	static const u32 order[] = { 3, 4, 5, 6, 2, 1 };

	(void)state;
	for (u64 id = 1; id <= 4; id++)
		put_instance(id, 1);
	put_tick(&s, 11 * SEC);
	put_death(2, 11 * SEC + 5);
	put_instance(5, 1);
	put_tick(&s, 12 * SEC);
	put_death(1, 12 * SEC + 5);
	put_instance(6, 1);
	put_tick(&s, 13 * SEC);
	assert_int_equal(m->ninst, 6);
	for (u32 i = 0; i < 6; i++)
		assert_int_equal(m->inst[i].num, order[i]);
	assert_true(m->inst[4].dead);
	assert_int_equal(m->inst[4].dead_ts, 12 * SEC);
	assert_int_equal(m->inst[5].dead_ts, 13 * SEC);
	assert_int_equal(model_instance_by_id(m, 1)->num, 1);
}

/* More deaths than are kept: each is there at one tick, then the earliest go. */
static void test_many_deaths(void **state)
{
	(void)state;
	for (u64 id = 1; id <= 1000; id++)
		put_death(id, 10 * SEC + id);
	put_instance(2000, 1);
	put_tick(&s, 11 * SEC);
	assert_int_equal(m->ninst, 1001);
	put_tick(&s, 12 * SEC);
	assert_int_equal(m->ninst, MODEL_MAX_DEAD + 1);
	assert_int_equal(m->dropped, 1000 - MODEL_MAX_DEAD);
	assert_null(model_instance_by_id(m, 1));
	assert_non_null(model_instance_by_id(m, 1000));
	assert_int_equal(m->inst[0].now.id, 2000);
	put_death(1, 10 * SEC + 1); /* said again: it is not taken for a new one */
	put_tick(&s, 13 * SEC);
	assert_int_equal(m->ninst, MODEL_MAX_DEAD + 1);
	assert_int_equal(m->next_num, 1002);
}

static void test_too_many(void **state)
{
	struct rec_loss loss = { 0 };

	(void)state;
	for (u64 id = 1; id <= MODEL_MAX_INSTANCES + 10; id++)
		put_owner(&s, id, 1, 3, "x");
	put_tick(&s, 11 * SEC);
	assert_int_equal(m->ninst, MODEL_MAX_INSTANCES);
	assert_int_equal(m->dropped, 10);
	put_death(MODEL_MAX_INSTANCES + 5, 10 * SEC); /* its last row finds no room either */
	PUT(&s, REC_LOSS, loss);
	assert_int_equal(m->loss[LOSS_ROWS], 1);
}

static void test_owners(void **state)
{
	const struct m_instance *inst;

	(void)state;
	put_owner(&s, ID, 1, 3, "init");
	put_owner(&s, ID, 1234, 5, "server");
	put_owner(&s, ID, 1234, 5, "server");
	put_instance(ID, 1);
	put_owner(&s, ID, 1234, 6, "server");
	put_tick(&s, 11 * SEC);
	inst = model_instance(m, 1);
	assert_int_equal(inst->nowners, 3);
	assert_false(inst->uncounted);
	put_owner(&s, ID, 1, 3, "init");
	put_owner(&s, ID, 1234, 5, "server"); /* the creator is the one to name */
	put_tick(&s, 12 * SEC);
	inst = model_instance(m, 1);
	assert_int_equal(inst->nowners, 2);
	assert_int_equal(inst->owners[0].tgid, 1234);
	put_tick(&s, 13 * SEC); /* no snapshot in this batch */
	assert_int_equal(model_instance(m, 1)->nowners, 2);
}

/* An event may come before the sample that tells of its instance. */
static void test_event_first(void **state)
{
	struct ev ev = { .id = 9, .type = EV_CREATE, .result = 4, .tgid = 7, .epfd = -1 };

	(void)state;
	assert_int_equal(m->next_num, 1);
	PUT(&s, REC_EVENT, ev);
	assert_int_equal(model_instance_by_id(m, 9)->num, 1);
	assert_int_equal(model_instance_by_id(m, 9)->now.epfd, 4);
	assert_true(model_instance_by_id(m, 9)->uncounted);
	ev.type = EV_DESTROY;
	PUT(&s, REC_EVENT, ev);
	ev.id = 10; /* nothing was known of it, and it is gone */
	PUT(&s, REC_EVENT, ev);
	ev.type = 200;
	PUT(&s, REC_EVENT, ev);
	put_tick(&s, 11 * SEC);
	assert_int_equal(m->ninst, 1);
	assert_true(m->inst[0].dead);
	assert_int_equal(m->events[EV_DESTROY], 2);
}

static void test_wrong_records(void **state)
{
	struct snap_tree tree = { .id = ID, .items = 1000000 };
	char junk[64] = { 0 };
	struct rec_plan plan = { .hook = 99, .tier = TIER_FULL };

	(void)state;
	put_instance(ID, 1);
	put(&s, 9999, junk, sizeof(junk));
	put(&s, 0, junk, sizeof(junk));
	put(&s, REC_INSTANCE, junk, sizeof(junk));
	put(&s, REC_TREE, &tree, sizeof(tree)); /* says more nodes than it has */
	put(&s, REC_TREE, junk, 8);
	put(&s, REC_TICK, junk, 4);
	PUT(&s, REC_PLAN, plan);
	assert_int_equal(m->ticks, 0);
	put_tick(&s, 11 * SEC);
	assert_int_equal(m->ninst, 1);
	assert_false(m->inst[0].tree.known);
}

static void test_plan_and_targets(void **state)
{
	struct rec_target one = { .tgid = 1 }, two = { .tgid = 2 };

	(void)state;
	put_plan(&s, HOOK_WAKE, TIER_NONE);
	assert_int_equal(model_tier(m, HOOK_WAKE), TIER_NONE);
	assert_int_equal(model_tier(m, HOOK_WAIT), TIER_FULL);
	assert_false(model_targets_gone(m)); /* nobody was named */
	PUT(&s, REC_TARGET, one);
	PUT(&s, REC_TARGET, two);
	one.state = two.state = TARGET_EXITED;
	PUT(&s, REC_TARGET, one);
	assert_false(model_targets_gone(m));
	PUT(&s, REC_TARGET, two);
	assert_true(model_targets_gone(m));
	assert_int_equal(m->ntargets, 2);
	put(&s, REC_END, NULL, 0);
	assert_true(m->ended);
}

static void put_thread(u32 tid, u64 waits)
{
	struct rec_thread t = { .tid = tid };

	t.st.waits = waits;
	PUT(&s, REC_THREAD, t);
}

static void test_threads(void **state)
{
	(void)state;
	put_thread(1, 10);
	put_thread(2, 20);
	put_tick(&s, 11 * SEC);
	put_thread(1, 15);
	put_tick(&s, 12 * SEC);
	assert_int_equal(m->nthreads, 2);
	assert_int_equal(model_thread(m, 1)->now.waits, 15);
	assert_int_equal(model_thread(m, 1)->prev.waits, 10);
	assert_true(model_thread(m, 2)->gone);
	put_tick(&s, 13 * SEC); /* the last one ended too */
	assert_true(model_thread(m, 1)->gone);
	put_thread(1, 3); /* its number is used again */
	put_tick(&s, 14 * SEC);
	assert_false(model_thread(m, 1)->gone);
	assert_int_equal(model_thread(m, 1)->prev.waits, 0);
	for (u32 tid = 10; tid < 2000; tid++)
		put_thread(tid, 1);
	put_tick(&s, 15 * SEC);
	put_tick(&s, 16 * SEC);
	put_tick(&s, 17 * SEC);
	assert_true(m->nthreads < 300); /* those that ended are not kept for ever */
	assert_null(model_thread(m, 1999));
}

static void put_waker(u32 tid, u64 count)
{
	struct rec_waker w = { .key = { .id = ID, .waker_tid = tid, .woken_tid = 5 } };

	w.st.count = count;
	PUT(&s, REC_WAKER, w);
}

static void test_wakers(void **state)
{
	(void)state;
	put_instance(ID, 1);
	put_waker(1, 10);
	put_waker(2, 30);
	put_waker(3, 20);
	put_tick(&s, 11 * SEC);
	assert_int_equal(m->nwakers, 3);
	assert_int_equal(m->wakers[0].key.waker_tid, 2);
	assert_int_equal(m->wakers[2].key.waker_tid, 1);
	put_waker(1, 50);
	put_tick(&s, 12 * SEC);
	assert_int_equal(m->wakers[0].key.waker_tid, 1);
	assert_int_equal(m->wakers[0].prev.count, 10);
	assert_int_equal(m->wakers[1].prev.count, 30);
	put_tick(&s, 13 * SEC);
	assert_int_equal(m->wakers[0].prev.count, 50);
}

static void test_wakers_gone(void **state)
{
	struct rec_waker again = { .key = { .id = ID, .waker_tid = 1, .woken_tid = 5, .born = 9 },
				   .st.count = 3 };

	(void)state;
	put_instance(ID, 1);
	put_waker(1, 10);
	put_tick(&s, 11 * SEC);
	assert_false(m->wakers[0].gone);
	PUT(&s, REC_WAKER, again); /* the same numbers, but other threads */
	put_tick(&s, 12 * SEC);
	assert_int_equal(m->nwakers, 2);
	assert_int_equal(m->wakers[0].now.count, 10);
	assert_true(m->wakers[0].gone);
	assert_false(m->wakers[1].gone);
	for (u32 tid = 10; tid < 1000; tid++)
		put_waker(tid, 1);
	put_tick(&s, 13 * SEC);
	put_tick(&s, 14 * SEC);
	put_tick(&s, 15 * SEC);
	assert_true(m->nwakers < 300); /* those that ended are not kept for ever */
}

static void test_loss_and_meta(void **state)
{
	struct rec_loss loss = { .count = { [LOSS_RING] = 7 } };

	(void)state;
	PUT(&s, REC_LOSS, loss);
	assert_int_equal(m->loss[LOSS_RING], 7);
	assert_int_equal(m->meta.mono_ns, 10 * SEC);
	assert_string_equal(m->meta.release, "6.12.0-test");
	model_free(NULL);
}

/* Its final figures found no room: it is no ghost among the living, and says what it lacks. */
static void test_vanished(void **state)
{
	struct rec_loss loss = { .count = { [LOSS_DEAD] = 1 } };

	(void)state;
	put_instance(1, 5);
	put_instance(2, 5);
	put_tick(&s, 11 * SEC);
	put_instance(2, 6);
	PUT(&s, REC_LOSS, loss);
	put_tick(&s, 12 * SEC);
	assert_int_equal(m->ninst, 2);
	assert_int_equal(m->inst[0].now.id, 2);
	assert_false(m->inst[0].dead);
	assert_false(m->inst[0].now.lost[LOSS_DEAD]);
	assert_true(m->inst[1].dead);
	assert_true(m->inst[1].now.lost[LOSS_DEAD]);
	assert_int_equal(m->inst[1].dead_ts, 12 * SEC);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_totals),        TEST(test_order_and_death),  TEST(test_many_deaths),
		TEST(test_too_many),      TEST(test_owners),           TEST(test_event_first),
		TEST(test_wrong_records), TEST(test_plan_and_targets), TEST(test_threads),
		TEST(test_wakers),        TEST(test_wakers_gone),      TEST(test_loss_and_meta),
		TEST(test_vanished),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
