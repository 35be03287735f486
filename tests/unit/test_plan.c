/* SPDX-License-Identifier: GPL-2.0 */
/* What each kernel gets when nothing is asked for. */
#include "test_plan_facts.h"
#include "preempt.h"

/* All that is the same on every distribution kernel. */
static void expect_common(const struct plan *p)
{
	expect(p, HOOK_CREATE, TIER_FULL, "fexit do_epoll_create");
	expect(p, HOOK_CTL, TIER_FULL, "fentry, fexit do_epoll_ctl");
	expect(p, HOOK_ITEM, TIER_FULL, "fentry ep_ptable_queue_proc");
	expect_reason(p, HOOK_ITEM, "first choice");
	expect(p, HOOK_CALLBACK, TIER_FULL, "fentry ep_poll_callback");
	expect(p, HOOK_WAKE, TIER_FULL, "fentry, fexit ep_autoremove_wake_function");
	expect(p, HOOK_WAIT, TIER_FULL, "fentry, fexit do_epoll_wait");
	expect_reason(p, HOOK_WAIT, "first choice");
	expect(p, HOOK_DELIVER, TIER_FULL, "the user's event array at return");
	expect(p, HOOK_RELEASE, TIER_FULL, "fentry eventpoll_release_file");
	expect(p, HOOK_DESTROY, TIER_FULL, "fentry ep_eventpoll_release");
	expect(p, HOOK_EXIT, TIER_BASIC, "sched_process_exit");
}

static void on_5_10(void **state)
{
	struct facts f = facts_of(&v5_10);
	struct plan p;

	(void)state;
	make(&p, &f, NULL);
	expect_common(&p);
	expect(&p, HOOK_SEND, TIER_FULL, "fexit ep_send_events_proc");
	expect_reason(&p, HOOK_SEND, "ep_done_scan is not a function");
	expect(&p, HOOK_SNAPSHOT, TIER_FULL, "iter/task in short passes");
	expect_reason(&p, HOOK_SNAPSHOT, "bpf_loop is not a function");
}

static void since_6_1(void **state)
{
	static const struct kernel *const kernels[] = { &v6_1, &v6_12, &v6_18, &v7_2 };

	(void)state;
	for (size_t i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++) {
		struct facts f = facts_of(kernels[i]);
		struct plan p;

		make(&p, &f, NULL);
		expect_common(&p);
		expect(&p, HOOK_SEND, TIER_FULL, "fentry ep_done_scan");
		expect_reason(&p, HOOK_SEND, "first choice");
		expect(&p, HOOK_SNAPSHOT, TIER_FULL, "iter/task with bpf_loop");
		/* io_uring's ways of their own: a wait since 6.15, an epoll_ctl since 7.2 */
		assert_int_equal(plan_uses(&p, "uring_fentry"), i >= 2);
		assert_int_equal(plan_uses(&p, "ctl_file_fexit"), i >= 3);
		assert_int_equal(plan_uses(&p, "uring_complete_tp"), i >= 3);
		assert_true(plan_uses(&p, "compat_exit")); /* of waits under way */
		assert_false(plan_uses(&p, "compat_enter"));
		assert_true(plan_uses(&p, "wait_exit_tp"));
		assert_true(plan_uses(&p, "switch_tp"));
		assert_false(plan_uses(&p, "fork_tp"));
	}
}

static void without_probes(void **state)
{
	struct facts f = facts_without_probes();
	struct plan p;

	(void)state;
	make(&p, &f, NULL);
	expect(&p, HOOK_CREATE, TIER_BASIC, "sys_exit_epoll_create, _create1");
	expect_reason(&p, HOOK_CREATE, NO_FENTRY);
	expect(&p, HOOK_CTL, TIER_BASIC, "sys_enter/exit_epoll_ctl");
	expect_reason(&p, HOOK_CTL, "io_uring");
	assert_true(plan_uses(&p, "uring_complete_tp"));
	assert_true(plan_uses(&p, "compat_enter"));
	expect_reason(&p, HOOK_CTL, NO_FENTRY);
	expect(&p, HOOK_ITEM, TIER_BASIC, "lookup in the tree after epoll_ctl");
	expect(&p, HOOK_CALLBACK, TIER_NONE, "none");
	expect_reason(&p, HOOK_CALLBACK, NO_FENTRY);
	expect(&p, HOOK_WAKE, TIER_BASIC, "sched_waking of threads in a wait");
	expect(&p, HOOK_SEND, TIER_BASIC, "derived from delivered events");
	expect(&p, HOOK_WAIT, TIER_BASIC, "sys_enter/exit_epoll_wait, _pwait, _pwait2");
	expect(&p, HOOK_DELIVER, TIER_BASIC, "the user's event array at return");
	expect(&p, HOOK_RELEASE, TIER_NONE, "none");
	expect(&p, HOOK_DESTROY, TIER_BASIC, "missing from the next snapshot");
	expect(&p, HOOK_EXIT, TIER_BASIC, "sched_process_exit");
	expect(&p, HOOK_SNAPSHOT, TIER_FULL, "iter/task with bpf_loop");
}

static void kprobes_where_fentry_fails(void **state)
{
	struct facts f = facts_of(&v6_12);
	struct plan p;

	(void)state;
	f.fentry = false;
	make(&p, &f, NULL);
	expect(&p, HOOK_CREATE, TIER_FULL, "kretprobe do_epoll_create");
	expect(&p, HOOK_CTL, TIER_FULL, "kprobe and kretprobe do_epoll_ctl");
	expect(&p, HOOK_ITEM, TIER_FULL, "kprobe ep_ptable_queue_proc");
	expect(&p, HOOK_CALLBACK, TIER_FULL, "kprobe ep_poll_callback");
	expect(&p, HOOK_WAKE, TIER_FULL, "kprobe, kretprobe ep_autoremove_wake_function");
	expect(&p, HOOK_SEND, TIER_FULL, "kprobe ep_done_scan");
	expect(&p, HOOK_WAIT, TIER_FULL, "kprobe do_epoll_wait, sys_exit_epoll_*");
	expect_reason(&p, HOOK_WAIT, NO_FENTRY);
	expect(&p, HOOK_RELEASE, TIER_FULL, "kprobe eventpoll_release_file");
	expect(&p, HOOK_DESTROY, TIER_FULL, "kprobe ep_eventpoll_release");
}

/* Where the kernel preempts, fentry serves only what runs with interrupts off. */
static void where_the_kernel_preempts(void **state)
{
	struct facts f = facts_of(&v7_2);
	const struct wishes fentry = { .force_all = "fentry" };
	struct plan p;

	(void)state;
	f.preempts = true;
	make(&p, &f, NULL); /* what kprobes miss there is not counted */
	expect(&p, HOOK_WAIT, TIER_FULL, "fentry, fexit do_epoll_wait");
	f.counts_missed = true;
	f.multi = true;
	make(&p, &f, NULL);
	expect(&p, HOOK_CALLBACK, TIER_FULL, "fentry ep_poll_callback");
	expect(&p, HOOK_WAKE, TIER_FULL, "fentry, fexit ep_autoremove_wake_function");
	expect(&p, HOOK_CREATE, TIER_FULL, "kretprobe do_epoll_create");
	expect(&p, HOOK_CTL, TIER_FULL, "kprobe and kretprobe do_epoll_ctl");
	expect(&p, HOOK_SEND, TIER_FULL, "kprobe ep_done_scan");
	expect(&p, HOOK_WAIT, TIER_FULL, "kprobe, kretprobe.multi do_epoll_wait");
	expect(&p, HOOK_DESTROY, TIER_FULL, "kprobe ep_eventpoll_release");
	expect_reason(&p, HOOK_WAIT, "fentry would miss calls: this kernel preempts");
	expect(&p, HOOK_EXIT, TIER_BASIC, "sched_process_exit through perf");
	expect_reason(&p, HOOK_EXIT, "tp_btf would miss calls: this kernel preempts");
	assert_true(plan_uses(&p, "uring_fentry"));
	assert_non_null(plan_extra(&p, EXTRA_LATE)); /* it hooks the entry, too */
	f.multi = false;
	make(&p, &f, NULL);
	expect(&p, HOOK_WAIT, TIER_FULL, "kprobe do_epoll_wait, sys_exit_epoll_*");
	make(&p, &f, &fentry); /* who asks for it gets it */
	expect(&p, HOOK_WAIT, TIER_FULL, "fentry, fexit do_epoll_wait");
	f.kprobe = false; /* better than the basic tier */
	make(&p, &f, NULL);
	expect(&p, HOOK_WAIT, TIER_FULL, "fentry, fexit do_epoll_wait");
}

static void modes_of_preemption(void **state)
{
	(void)state;
	assert_true(preempts_by("full (lazy) \n", "#1 SMP PREEMPT_DYNAMIC Debian 7.2.13-1"));
	assert_true(preempts_by("none voluntary (full)\n", ""));
	assert_false(preempts_by("none (voluntary) full \n", "#1 SMP PREEMPT_DYNAMIC"));
	assert_false(preempts_by("(none) voluntary full \n", "#1 SMP PREEMPT_DYNAMIC"));
	assert_true(preempts_by("", "#1 SMP PREEMPT Debian"));
	assert_true(preempts_by("", "#1 SMP PREEMPT_DYNAMIC")); /* not told: the safe guess */
	assert_false(preempts_by("", "#1 SMP Debian 5.10.262-1"));
}

static void refused_ones_are_passed_over(void **state)
{
	struct facts f = facts_of(&v6_18);
	struct plan p;

	(void)state;
	make(&p, &f, NULL);
	assert_true(plan_refuse(&p, &f, "wait_fexit", "EBUSY"));
	make(&p, &f, NULL);
	expect(&p, HOOK_WAIT, TIER_FULL, "kprobe do_epoll_wait, sys_exit_epoll_*");
	expect_reason(&p, HOOK_WAIT, "the kernel refused it: wait_fexit: EBUSY");
	assert_true(plan_refuse(&p, &f, "wait_kprobe", "later"));
	make(&p, &f, NULL);
	expect(&p, HOOK_WAIT, TIER_BASIC, "sys_enter/exit_epoll_wait, _pwait, _pwait2");
	expect_reason(&p, HOOK_WAIT, "EBUSY"); /* what stood in the way of the best */
	expect(&p, HOOK_CTL, TIER_FULL, "fentry, fexit do_epoll_ctl");
	assert_false(plan_refuse(&p, &f, "wait_fexit", "no longer wanted"));
	f = facts_without_probes();
	make(&p, &f, NULL);
	assert_true(plan_refuse(&p, &f, "ctl_exit_tp", "E2BIG"));
	make(&p, &f, NULL);
	expect(&p, HOOK_CTL, TIER_NONE, "none");
	expect_reason(&p, HOOK_CTL, "the kernel refused it: ctl_exit_tp: E2BIG");
	assert_false(plan_refuse(&p, &f, "nothing", "unknown"));
}

/* One program that is refused costs the one figure that it is for, and is said. */
static void refused_extras_are_left_out(void **state)
{
	static const struct {
		const char *prog;
		enum hook hook;
		const char *title, *cost;
	} cases[] = {
		{ "uring_fexit", HOOK_WAIT, "fentry, fexit do_epoll_wait",
		  "first choice; waits through io_uring are not seen: the kernel refused "
		  "uring_fexit: E2BIG" },
		{ "pwait2_exit_tp", HOOK_WAIT, "fentry, fexit do_epoll_wait",
		  "waits that had begun before are not seen to return" },
		{ "ctl_file_fexit", HOOK_CTL, "fentry, fexit do_epoll_ctl",
		  "found by the next snapshot" },
		{ "switch_tp", HOOK_WAKE, "fentry, fexit ep_autoremove_wake_function", "running" },
		{ "fork_tp", HOOK_EXIT, "sched_process_exit", "new children are not watched" },
	};
	struct wishes w = { .follow = true };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct facts f = facts_of(&v7_2);
		struct plan p, before;

		make(&before, &f, &w);
		assert_true(plan_uses(&before, cases[i].prog));
		assert_true(plan_refuse(&before, &f, cases[i].prog, "E2BIG"));
		make(&p, &f, &w);
		assert_false(plan_uses(&p, cases[i].prog));
		assert_memory_equal(p.mech, before.mech, sizeof(p.mech));
		expect_reason(&p, cases[i].hook, cases[i].cost);
		expect_reason(&p, cases[i].hook, "the kernel refused");
		assert_int_equal(__builtin_popcount(before.extras ^ p.extras), 1);
	}
}

/* Late waits are found by a snapshot of the kernel's memory alone. */
static void extras_as_needed(void **state)
{
	struct facts f = facts_of(&v7_2);
	struct wishes w = { .follow = true, .name = true };
	struct plan p;

	(void)state;
	make(&p, &f, &w);
	assert_non_null(plan_extra(&p, EXTRA_LATE));
	assert_non_null(plan_extra(&p, EXTRA_FOLLOW));
	assert_non_null(plan_extra(&p, EXTRA_NAME));
	w.force[HOOK_SNAPSHOT] = "fdinfo";
	w.follow = w.name = false;
	make(&p, &f, &w);
	assert_null(plan_extra(&p, EXTRA_LATE));
	assert_null(plan_extra(&p, EXTRA_FOLLOW));
	assert_null(plan_extra(&p, EXTRA_NAME));
	w.force_all = "kprobe";
	make(&p, &f, &w);
	assert_true(plan_uses(&p, "ctl_file_kretprobe"));
	assert_false(plan_uses(&p, "ctl_file_fexit"));
	assert_false(plan_uses(&p, "uring_fentry"));
}

static void no_way_to_wait(void **state)
{
	struct facts f = facts_of(&bare);
	struct wishes w = { 0 };
	char err[256] = "";
	struct plan p;

	(void)state;
	assert_int_equal(plan_make(&p, &f, &w, err, sizeof(err)), -ENOENT);
	assert_string_equal(err, "no way to see epoll_wait on this kernel: do_epoll_wait is not a "
				 "function in this kernel");
	w.basic = true;
	assert_int_equal(plan_make(&p, &f, &w, err, sizeof(err)), -ENOENT);
	assert_string_equal(err, "no way to see epoll_wait on this kernel: " NO_TRACEFS);
}

static void no_iterator(void **state)
{
	struct facts f = facts_of(&v6_18);
	struct plan p;

	(void)state;
	f.iter = false;
	make(&p, &f, NULL);
	expect(&p, HOOK_SNAPSHOT, TIER_BASIC, "/proc/PID/fdinfo");
	expect_reason(&p, HOOK_SNAPSHOT, "items alone");
}

static void names_both_ways(void **state)
{
	(void)state;
	for (int h = 0; h < HOOK_COUNT; h++)
		assert_int_equal(hook_by_name(hook_name((enum hook)h)), h);
	assert_int_equal(hook_by_name("waits"), HOOK_COUNT);
	assert_int_equal(hook_by_name(""), HOOK_COUNT);
}

/* What the code relies on: 64 bits of refusals, grouped by hook, ends of lists, lengths. */
static void table_is_sound(void **state)
{
	const struct mechanism *m;
	struct rec_plan row;
	size_t n;

	(void)state;
	extras(&n);
	assert_true(n <= EXTRAS_MAX);
	m = mechanisms(&n);
	assert_true(n > 0 && n <= 64);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(mechanism_index(&m[i]), i);
		assert_true(!i || m[i - 1].hook <= m[i].hook);
		assert_true(m[i].tier == TIER_BASIC || m[i].tier == TIER_FULL);
		assert_true(strlen(m[i].title) < sizeof(row.mechanism));
		assert_true(m[i].need != NEED_NOTHING || !m[i].progs[0]);
		assert_true(m[i].need == NEED_NOTHING || m[i].progs[0]);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(on_5_10),
		cmocka_unit_test(since_6_1),
		cmocka_unit_test(without_probes),
		cmocka_unit_test(kprobes_where_fentry_fails),
		cmocka_unit_test(where_the_kernel_preempts),
		cmocka_unit_test(modes_of_preemption),
		cmocka_unit_test(refused_ones_are_passed_over),
		cmocka_unit_test(refused_extras_are_left_out),
		cmocka_unit_test(extras_as_needed),
		cmocka_unit_test(no_way_to_wait),
		cmocka_unit_test(no_iterator),
		cmocka_unit_test(names_both_ways),
		cmocka_unit_test(table_is_sound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
