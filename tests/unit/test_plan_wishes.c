/* SPDX-License-Identifier: GPL-2.0 */
/* What --tier and --mech make of the plan. */
#include "test_plan_facts.h"

static void basic_as_wished(void **state)
{
	struct facts f = facts_of(&v6_18);
	struct wishes w = { .basic = true };
	struct plan p;

	(void)state;
	make(&p, &f, &w);
	expect(&p, HOOK_CREATE, TIER_BASIC, "sys_exit_epoll_create, _create1");
	expect_reason(&p, HOOK_CREATE, "basic tier asked for");
	expect(&p, HOOK_CALLBACK, TIER_NONE, "none");
	expect_reason(&p, HOOK_CALLBACK, "the basic tier has no way to see it");
	expect(&p, HOOK_WAKE, TIER_BASIC, "sched_waking of threads in a wait");
	expect(&p, HOOK_WAIT, TIER_BASIC, "sys_enter/exit_epoll_wait, _pwait, _pwait2");
	expect(&p, HOOK_DELIVER, TIER_BASIC, "the user's event array at return");
	expect(&p, HOOK_RELEASE, TIER_NONE, "none");
	expect(&p, HOOK_SNAPSHOT, TIER_FULL, "iter/task with bpf_loop");
}

static void one_hook_forced(void **state)
{
	struct facts f = facts_of(&v6_18);
	struct wishes w = { 0 };
	struct plan p;

	(void)state;
	w.force[HOOK_WAIT] = "kprobe";
	w.force[HOOK_SEND] = "derived";
	w.force[HOOK_CALLBACK] = "none";
	make(&p, &f, &w);
	expect(&p, HOOK_WAIT, TIER_FULL, "kprobe do_epoll_wait, sys_exit_epoll_*");
	expect_reason(&p, HOOK_WAIT, "asked for");
	expect(&p, HOOK_SEND, TIER_BASIC, "derived from delivered events");
	expect_reason(&p, HOOK_SEND, "asked for; put back is known");
	expect(&p, HOOK_CALLBACK, TIER_NONE, "none");
	expect_reason(&p, HOOK_CALLBACK, "switched off as asked for");
	expect(&p, HOOK_CTL, TIER_FULL, "fentry, fexit do_epoll_ctl");
}

static void all_hooks_forced(void **state)
{
	struct facts f = facts_of(&v6_18);
	struct wishes w = { .force_all = "kprobe" };
	struct plan p;

	(void)state;
	w.force[HOOK_WAKE] = "tracepoint"; /* the nearer wish wins */
	make(&p, &f, &w);
	expect(&p, HOOK_WAIT, TIER_FULL, "kprobe do_epoll_wait, sys_exit_epoll_*");
	expect(&p, HOOK_WAKE, TIER_BASIC, "sched_waking of threads in a wait");
	expect(&p, HOOK_EXIT, TIER_BASIC, "sched_process_exit"); /* has no kprobe */
	expect(&p, HOOK_SNAPSHOT, TIER_FULL, "iter/task with bpf_loop");

	w = (struct wishes){ .force_all = "tracepoint" };
	make(&p, &f, &w);
	expect(&p, HOOK_WAIT, TIER_BASIC, "sys_enter/exit_epoll_wait, _pwait, _pwait2");
	expect(&p, HOOK_CALLBACK, TIER_FULL, "fentry ep_poll_callback"); /* has no tracepoint */
}

static void forced_and_not_there(void **state)
{
	struct facts f = facts_without_probes();
	struct wishes w = { 0 };
	char err[256] = "";
	struct plan p;

	(void)state;
	w.force[HOOK_CALLBACK] = "kprobe";
	assert_int_equal(plan_make(&p, &f, &w, err, sizeof(err)), -ENOENT);
	assert_string_equal(err, "--mech callback=kprobe: " NO_KPROBE);

	w = (struct wishes){ 0 };
	w.force[HOOK_CALLBACK] = "tracepoint";
	assert_int_equal(plan_make(&p, &f, &w, err, sizeof(err)), -ENOENT);
	assert_string_equal(err, "--mech callback=tracepoint: this hook has no such mechanism");

	w = (struct wishes){ .force_all = "fentry" };
	assert_int_equal(plan_make(&p, &f, &w, err, sizeof(err)), -ENOENT);
	assert_string_equal(err, "no way to see epoll_wait on this kernel: " NO_FENTRY);
}

/* Switched off on purpose, waits may be unseen; deliveries, which are read at return, go too. */
static void waits_switched_off(void **state)
{
	struct facts f = facts_of(&v6_18);
	struct wishes w = { 0 };
	struct plan p;

	(void)state;
	w.force[HOOK_WAIT] = "none";
	make(&p, &f, &w);
	expect(&p, HOOK_WAIT, TIER_NONE, "none");
	expect(&p, HOOK_DELIVER, TIER_NONE, "none");
	expect(&p, HOOK_CALLBACK, TIER_FULL, "fentry ep_poll_callback");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(basic_as_wished),    cmocka_unit_test(one_hook_forced),
		cmocka_unit_test(all_hooks_forced),   cmocka_unit_test(forced_and_not_there),
		cmocka_unit_test(waits_switched_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
