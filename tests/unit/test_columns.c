/* SPDX-License-Identifier: GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include "columns.h"
#include "plan.h"
#include "test_record_build.h"

#define ID 1

static struct model *m;
static struct sink s;

static int setup(void **state)
{
	struct ep_instance inst = { .id = ID, .tgid = 1234, .epfd = 5, .comm = "server" };
	struct snap_node nodes[3] = { 0 };
	struct snap_tree tree = { .id = ID, .ts = 11 * SEC, .items = 3, .ready = 1, .waiters = 2 };

	(void)state;
	m = model_new();
	s = (struct sink){ .fn = model_fold, .ctx = m };
	put_meta(&s, 10 * SEC);
	put_plans(&s, TIER_FULL);
	inst.st.waits = 500;
	inst.st.callbacks = 100;
	inst.st.scans = 30;
	inst.st.put_back = 20;
	inst.st.ready_peak = 4;
	inst.st.hist_ready[10] = 10;
	PUT(&s, REC_INSTANCE, inst);
	tree.root = build_tree(nodes, 3);
	nodes[1].ready = 1;
	put_tree(&s, &tree, nodes);
	put_tick(&s, 12 * SEC);
	return !m;
}

static int teardown(void **state)
{
	(void)state;
	model_free(m);
	return s.err;
}

static const char *exact(enum row_kind kind, const char *name, const void *obj)
{
	static char text[160];
	struct row row = { .model = m, .inst = model_instance(m, 1), .obj = obj };
	const struct column *col = column_by_name(kind, name);
	struct value v;

	assert_non_null(col);
	column_value(col, &row, &v);
	value_exact(&v, text, sizeof(text));
	return text;
}

#define INST(name) exact(ROW_INSTANCE, name, NULL)

static void test_instance(void **state)
{
	(void)state;
	assert_string_equal(INST("instance"), "1");
	assert_string_equal(INST("comm"), "server");
	assert_string_equal(INST("tgid"), "1234");
	assert_string_equal(INST("epfd"), "5");
	assert_string_equal(INST("interval_ns"), "2000000000");
	assert_string_equal(INST("waits"), "500");
	assert_string_equal(INST("waits_rate"), "250.000");
	assert_string_equal(INST("items"), "3");
	assert_string_equal(INST("depth"), "2");
	assert_string_equal(INST("ready"), "1");
	assert_string_equal(INST("waiters"), "2");
	assert_string_equal(INST("ready_p50_ns"), "1536");
	assert_string_equal(INST("handler_p50_ns"), ""); /* no value in this interval */
	assert_string_equal(INST("scans"), "30");
	assert_string_equal(INST("died_ns"), "");
}

/* What a hook that is not there would have told is unknown, not 0. */
static void test_tiers(void **state)
{
	(void)state;
	put_plan(&s, HOOK_CALLBACK, TIER_NONE);
	assert_string_equal(INST("callbacks"), "");
	assert_string_equal(INST("callbacks_rate"), "");
	assert_string_equal(INST("cb_overflow"), "");
	assert_string_equal(INST("ready_p50_ns"), "");
	assert_string_equal(INST("waits"), "500");
	put_plan(&s, HOOK_SEND, TIER_BASIC); /* derived at wait */
	assert_string_equal(INST("put_back"), "20");
	assert_string_equal(INST("scans"), "");
	assert_string_equal(INST("left_over"), "");
	assert_string_equal(INST("overflowed"), "");
	assert_string_equal(INST("ready_peak"), "4");
	put_plan(&s, HOOK_SNAPSHOT, TIER_BASIC);
	assert_string_equal(INST("ready_peak"), "");
	put_plan(&s, HOOK_SNAPSHOT, TIER_NONE);
	assert_string_equal(INST("depth"), "");
	assert_string_equal(INST("ready"), "");
	put_plan(&s, HOOK_WAKE, TIER_NONE);
	assert_string_equal(INST("woken"), "");
	assert_string_equal(INST("wasted"), "");
	put_plan(&s, HOOK_RELEASE, TIER_NONE);
	assert_string_equal(INST("released"), "");
	put_plan(&s, HOOK_WAIT, TIER_NONE);
	assert_string_equal(INST("waits"), "");
}

static void test_tiers_text(void **state)
{
	char buf[128];

	(void)state;
	tiers_text(m, buf, sizeof(buf));
	assert_string_equal(buf, "full");
	put_plan(&s, HOOK_CALLBACK, TIER_NONE);
	put_plan(&s, HOOK_SEND, TIER_BASIC);
	put_plan(&s, HOOK_WAKE, TIER_BASIC);
	tiers_text(m, buf, sizeof(buf));
	assert_string_equal(buf, "none=callback basic=wake,send");
	for (u32 h = 0; h < HOOK_COUNT; h++)
		put_plan(&s, h, h % 2 ? TIER_NONE : TIER_BASIC);
	tiers_text(m, buf, sizeof(buf));
	assert_non_null(strstr(buf, "basic="));
	assert_non_null(strstr(buf, hook_name(HOOK_COUNT - 1))); /* the longest text fits */
	tiers_text(m, buf, 10);
	assert_int_equal(strlen(buf), 9);
}

static void test_item(void **state)
{
	struct m_instance *inst = (struct m_instance *)model_instance(m, 1);
	const struct m_item *item = &inst->items[1];

	(void)state;
	assert_string_equal(exact(ROW_ITEM, "fd", item), "7");
	assert_string_equal(exact(ROW_ITEM, "mask", item), "IN|ERR|HUP|ET");
	assert_string_equal(exact(ROW_ITEM, "mask_bits", item), "0x80000019");
	assert_string_equal(exact(ROW_ITEM, "node", item), "1");
	assert_string_equal(exact(ROW_ITEM, "left", item), "0");
	assert_string_equal(exact(ROW_ITEM, "parent", item), "");
	assert_string_equal(exact(ROW_ITEM, "color", item), "black");
	assert_string_equal(exact(ROW_ITEM, "ready_pos", item), "1");
	inst->tree.ready_torn = true;
	assert_string_equal(exact(ROW_ITEM, "ready_pos", item), "");
	inst->tree.ready_torn = false;
	inst->tree.scanning = true;
	assert_string_equal(exact(ROW_ITEM, "ready_pos", item), "");
	inst->tree.scanning = false;
	assert_string_equal(exact(ROW_ITEM, "callbacks", item), ""); /* the tree alone knows it */
	assert_string_equal(exact(ROW_ITEM, "type", item), "");
	assert_string_equal(exact(ROW_ITEM, "snapshot", item), "exact");
}

static void test_event(void **state)
{
	struct ev ev = { .ts = 5,
			 .id = ID,
			 .tid = 7,
			 .type = EV_RETURN,
			 .result = -EINTR,
			 .op = 64,
			 .dur_ns = 1000,
			 .epfd = -1,
			 .fd = -1 };

	(void)state;
	memset(ev.comm, 'c', sizeof(ev.comm));
	assert_string_equal(exact(ROW_EVENT, "type", &ev), "return");
	assert_string_equal(exact(ROW_EVENT, "result", &ev), "-4");
	assert_string_equal(exact(ROW_EVENT, "error", &ev), "EINTR");
	assert_string_equal(exact(ROW_EVENT, "maxevents", &ev), "64");
	assert_string_equal(exact(ROW_EVENT, "inside_ns", &ev), "1000");
	assert_string_equal(exact(ROW_EVENT, "timeout_ns", &ev), "");
	assert_string_equal(exact(ROW_EVENT, "fd", &ev), "");
	assert_string_equal(exact(ROW_EVENT, "mask", &ev), "");
	assert_string_equal(exact(ROW_EVENT, "comm", &ev), "cccccccccccccccc");
	ev.type = EV_WAIT;
	ev.dur_ns = -1;
	assert_string_equal(exact(ROW_EVENT, "timeout_ns", &ev), "-1");
	ev.dur_ns = 5000000;
	assert_string_equal(exact(ROW_EVENT, "timeout_ns", &ev), "5000000");
	ev.type = EV_DELIVER;
	ev.dur_ns = 0;
	assert_string_equal(exact(ROW_EVENT, "ready_ns", &ev), "");
	ev.type = EV_LOST;
	ev.op = LOSS_RING;
	ev.data = 12;
	assert_string_equal(exact(ROW_EVENT, "lost", &ev), "12");
	assert_string_equal(exact(ROW_EVENT, "where", &ev), "ring");
	assert_string_equal(exact(ROW_EVENT, "tid", &ev), "");
	ev.type = EV_META;
	assert_string_equal(exact(ROW_EVENT, "wall_offset_ns", &ev), "1700000000000000000");
	assert_string_equal(exact(ROW_EVENT, "tiers", &ev), "full");
	ev.type = 255; /* from a damaged file */
	assert_string_equal(exact(ROW_EVENT, "type", &ev), "?");
	assert_string_equal(exact(ROW_EVENT, "result", &ev), "");
}

/* Every table: names that CSV can bear, each once, help, and a getter. */
static void test_tables(void **state)
{
	size_t n;

	(void)state;
	for (int kind = ROW_INSTANCE; kind <= ROW_STAT; kind++) {
		const struct column *cols = columns((enum row_kind)kind, &n);

		assert_true(n > 0);
		for (size_t i = 0; i < n; i++) {
			assert_true(strspn(cols[i].name, "abcdefghijklmnopqrstuvwxyz0123456789_") ==
				    strlen(cols[i].name));
			assert_ptr_equal(column_by_name((enum row_kind)kind, cols[i].name),
					 &cols[i]);
			assert_true(strlen(cols[i].help) > 5);
			assert_true(strlen(cols[i].title) > 0);
			assert_non_null(cols[i].unit);
			assert_non_null(cols[i].get);
			assert_in_range(cols[i].hook + 1, 0, HOOK_COUNT);
		}
	}
	assert_null(column_by_name(ROW_INSTANCE, "nonsense"));
}

static void test_threads_and_wakers(void **state)
{
	struct rec_thread t = { .tid = 42 };
	struct rec_waker w = { .key = { .id = ID, .waker_tid = 9, .woken_tid = 42 } };

	(void)state;
	t.st.id = ID;
	t.st.ep = 1;
	t.st.enter_ns = 12 * SEC;
	t.st.waits = 10;
	strcpy(t.st.comm, "worker");
	w.st.count = 8;
	PUT(&s, REC_THREAD, t);
	PUT(&s, REC_WAKER, w);
	put_tick(&s, 14 * SEC);
	assert_string_equal(exact(ROW_THREAD, "state", &m->threads[0]), "waiting");
	assert_string_equal(exact(ROW_THREAD, "instance", &m->threads[0]), "1");
	assert_string_equal(exact(ROW_THREAD, "wait_ns", &m->threads[0]), "2000000000");
	assert_string_equal(exact(ROW_THREAD, "waits_rate", &m->threads[0]), "5.000");
	assert_string_equal(exact(ROW_WAKER, "woken_comm", &m->wakers[0]), "worker");
	assert_string_equal(exact(ROW_WAKER, "rate", &m->wakers[0]), "4.000");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_instance),
		TEST(test_tiers),
		TEST(test_tiers_text),
		TEST(test_item),
		TEST(test_event),
		TEST(test_tables),
		TEST(test_threads_and_wakers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
