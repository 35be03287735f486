/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The mechanisms of each hook, best first, and the extras. To add one: a program in bpf/, a row here.
 */
#include "plan.h"

#define TP_ENTER_EXIT_WAIT                                                      \
	"sys_enter_epoll_wait", "sys_exit_epoll_wait", "sys_enter_epoll_pwait", \
		"sys_exit_epoll_pwait", "sys_enter_epoll_pwait2", "sys_exit_epoll_pwait2"

/* A mechanism reads as a block of a few lines. */
/* clang-format off */
static const struct mechanism table[] = {
	{ HOOK_CREATE, TIER_FULL, NEED_FENTRY, "fentry", "fexit do_epoll_create", NULL,
	  { "do_epoll_create" }, { "create_fexit" }, MECH_PREEMPTED },
	{ HOOK_CREATE, TIER_FULL, NEED_KPROBE, "kprobe", "kretprobe do_epoll_create", NULL,
	  { "do_epoll_create" }, { "create_kretprobe" }, 0 },
	{ HOOK_CREATE, TIER_BASIC, NEED_TRACEPOINT, "tracepoint", "sys_exit_epoll_create, _create1",
	  NULL, { "sys_exit_epoll_create", "sys_exit_epoll_create1" },
	  { "create_tp", "create1_tp" }, 0 },

	/*
	 * do_epoll_ctl() and not what it calls: every kernel has it, it sees EBADF, and it is told the
	 * instance's descriptor. io_uring called it until 7.2; since then it calls
	 * do_epoll_ctl_file(): see the extras.
	 */
	{ HOOK_CTL, TIER_FULL, NEED_FENTRY, "fentry", "fentry, fexit do_epoll_ctl", NULL,
	  { "do_epoll_ctl" }, { "ctl_fentry", "ctl_fexit" }, MECH_PREEMPTED },
	{ HOOK_CTL, TIER_FULL, NEED_KPROBE, "kprobe", "kprobe and kretprobe do_epoll_ctl", NULL,
	  { "do_epoll_ctl" }, { "ctl_kprobe", "ctl_kretprobe" }, 0 },
	{ HOOK_CTL, TIER_BASIC, NEED_TRACEPOINT, "tracepoint", "sys_enter/exit_epoll_ctl",
	  "io_uring's requests are seen at their completion, before 6.0 not at all",
	  { "sys_enter_epoll_ctl", "sys_exit_epoll_ctl" }, { "ctl_enter_tp", "ctl_exit_tp" }, 0 },

	/* ep_insert(), which would say it too, is inlined in every distribution's kernel */
	{ HOOK_ITEM, TIER_FULL, NEED_FENTRY, "fentry", "fentry ep_ptable_queue_proc", NULL,
	  { "ep_ptable_queue_proc" }, { "item_fentry" }, MECH_PREEMPTED },
	{ HOOK_ITEM, TIER_FULL, NEED_KPROBE, "kprobe", "kprobe ep_ptable_queue_proc", NULL,
	  { "ep_ptable_queue_proc" }, { "item_kprobe" }, 0 },
	{ HOOK_ITEM, TIER_BASIC, NEED_NOTHING, "lookup", "lookup in the tree after epoll_ctl",
	  "the number of wait queues of an item is unknown", { NULL }, { NULL }, 0 },

	{ HOOK_CALLBACK, TIER_FULL, NEED_FENTRY, "fentry", "fentry ep_poll_callback", NULL,
	  { "ep_poll_callback" }, { "callback_fentry" }, 0 },
	{ HOOK_CALLBACK, TIER_FULL, NEED_KPROBE, "kprobe", "kprobe ep_poll_callback",
	  /* bpf_prog_active: trace_call_bpf() counts what it skips since 6.7 (dd8657894c11) */
	  "in interrupts some are skipped, which kernels before 6.7 do not count",
	  { "ep_poll_callback" }, { "callback_kprobe" }, 0 },

	{ HOOK_WAKE, TIER_FULL, NEED_FENTRY, "fentry", "fentry, fexit ep_autoremove_wake_function",
	  NULL, { "ep_autoremove_wake_function" }, { "wake_fentry", "wake_fexit" }, 0 },
	{ HOOK_WAKE, TIER_FULL, NEED_KPROBE, "kprobe",
	  "kprobe, kretprobe ep_autoremove_wake_function", NULL,
	  { "ep_autoremove_wake_function" }, { "wake_kprobe", "wake_kretprobe" }, 0 },
	{ HOOK_WAKE, TIER_BASIC, NEED_TP_BTF, "tracepoint", "sched_waking of threads in a wait",
	  "the context is unknown", { "sched_waking" }, { "wake_sched" }, 0 },

	/* No kernel has both: ep_done_scan() came with 5.11, and the other went */
	{ HOOK_SEND, TIER_FULL, NEED_FENTRY, "fentry", "fentry ep_done_scan", NULL,
	  { "ep_done_scan" }, { "scan_fentry" }, MECH_PREEMPTED },
	{ HOOK_SEND, TIER_FULL, NEED_FENTRY, "fentry", "fexit ep_send_events_proc", NULL,
	  { "ep_send_events_proc" }, { "proc_fexit" }, MECH_PREEMPTED },
	{ HOOK_SEND, TIER_FULL, NEED_KPROBE, "kprobe", "kprobe ep_done_scan", NULL,
	  { "ep_done_scan" }, { "scan_kprobe" }, 0 },
	{ HOOK_SEND, TIER_FULL, NEED_KPROBE, "kprobe", "kprobe, kretprobe ep_send_events_proc",
	  NULL, { "ep_send_events_proc" }, { "proc_kprobe", "proc_kretprobe" }, 0 },
	{ HOOK_SEND, TIER_BASIC, NEED_NOTHING, "derived", "derived from delivered events",
	  "put back is known, scans and what they left over are not", { NULL }, { NULL }, 0 },

	{ HOOK_WAIT, TIER_FULL, NEED_FENTRY, "fentry", "fentry, fexit do_epoll_wait", NULL,
	  { "do_epoll_wait" }, { "wait_fentry", "wait_fexit" }, MECH_PREEMPTED },
	{ HOOK_WAIT, TIER_FULL, NEED_MULTI, "multi", "kprobe, kretprobe.multi do_epoll_wait", NULL,
	  { "do_epoll_wait" }, { "wait_kprobe", "wait_multi" }, 0 },
	/*
	 * Not a kretprobe: each sleeping call holds one of its few instances (maxactive: about two per
	 * CPU, and perf cannot ask for more), so returns would be missed with many waiting threads.
	 */
	{ HOOK_WAIT, TIER_FULL, NEED_KPROBE, "kprobe", "kprobe do_epoll_wait, sys_exit_epoll_*",
	  NULL, { "do_epoll_wait" },
	  { "wait_kprobe", "wait_exit_tp", "pwait_exit_tp", "pwait2_exit_tp" }, MECH_SYS_EXIT },
	{ HOOK_WAIT, TIER_BASIC, NEED_TRACEPOINT, "tracepoint",
	  "sys_enter/exit_epoll_wait, _pwait, _pwait2", "io_uring's are seen at their completion",
	  { TP_ENTER_EXIT_WAIT },
	  { "wait_enter_tp", "wait_exit_tp", "pwait_enter_tp", "pwait_exit_tp", "pwait2_enter_tp",
	    "pwait2_exit_tp" }, 0 },

	{ HOOK_DELIVER, TIER_FULL, NEED_NOTHING, "array", "the user's event array at return", NULL,
	  { NULL }, { NULL }, 0 },

	{ HOOK_RELEASE, TIER_FULL, NEED_FENTRY, "fentry", "fentry eventpoll_release_file", NULL,
	  { "eventpoll_release_file" }, { "release_fentry" }, MECH_PREEMPTED },
	{ HOOK_RELEASE, TIER_FULL, NEED_KPROBE, "kprobe", "kprobe eventpoll_release_file", NULL,
	  { "eventpoll_release_file" }, { "release_kprobe" }, 0 },

	{ HOOK_DESTROY, TIER_FULL, NEED_FENTRY, "fentry", "fentry ep_eventpoll_release", NULL,
	  { "ep_eventpoll_release" }, { "destroy_fentry" }, MECH_PREEMPTED },
	{ HOOK_DESTROY, TIER_FULL, NEED_KPROBE, "kprobe", "kprobe ep_eventpoll_release", NULL,
	  { "ep_eventpoll_release" }, { "destroy_kprobe" }, 0 },
	{ HOOK_DESTROY, TIER_BASIC, NEED_NOTHING, "snapshot", "missing from the next snapshot",
	  NULL, { NULL }, { NULL }, 0 },

	{ HOOK_EXIT, TIER_BASIC, NEED_TP_BTF, "tracepoint", "sched_process_exit", NULL,
	  { "sched_process_exit", "sched_process_exec" }, { "exit_tp", "exec_tp" },
	  MECH_PREEMPTED },
	{ HOOK_EXIT, TIER_BASIC, NEED_TRACEPOINT, "perf", "sched_process_exit through perf", NULL,
	  { "sched_process_exit", "sched_process_exec" }, { "exit_perf_tp", "exec_perf_tp" }, 0 },

	{ HOOK_SNAPSHOT, TIER_FULL, NEED_ITER, "iter", "iter/task with bpf_loop", NULL,
	  { "bpf_loop" }, { "discover_loop", "snapshot_loop", "verify_loop" }, 0 },
	{ HOOK_SNAPSHOT, TIER_FULL, NEED_ITER, "passes", "iter/task in short passes", NULL,
	  { NULL }, { "discover_short", "snapshot_short", "verify_short" }, 0 },
	{ HOOK_SNAPSHOT, TIER_BASIC, NEED_NOTHING, "fdinfo", "/proc/PID/fdinfo",
	  "items alone: the tree, the ready list and the waiters are unknown", { NULL }, { NULL }, 0 },
};

static const struct extra extra_table[] = {
	{ HOOK_CREATE, "fentry", NEED_FENTRY, "__x64_sys_epoll_create",
	  "instances that epoll_create makes may be seen only at their first call",
	  { "create_x64_fexit" }, 0 },
	{ HOOK_CREATE, "kprobe", NEED_KPROBE, "__x64_sys_epoll_create",
	  "instances that epoll_create makes may be seen only at their first call",
	  { "create_x64_kretprobe" }, 0 },
	{ HOOK_CREATE, "fentry", NEED_FENTRY, "__ia32_sys_epoll_create",
	  "instances of 32-bit code may be seen only at their first call",
	  { "create_ia32_fexit" }, 0 },
	{ HOOK_CREATE, "kprobe", NEED_KPROBE, "__ia32_sys_epoll_create",
	  "instances of 32-bit code may be seen only at their first call",
	  { "create_ia32_kretprobe" }, 0 },
	{ HOOK_CTL, "fentry", NEED_FENTRY, "do_epoll_ctl_file",
	  "registrations through io_uring are found by the next snapshot",
	  { "ctl_file_fexit" }, 0 },
	{ HOOK_CTL, "kprobe", NEED_KPROBE, "do_epoll_ctl_file",
	  "registrations through io_uring are found by the next snapshot",
	  { "ctl_file_kprobe", "ctl_file_kretprobe" }, 0 },
	{ HOOK_WAKE, NULL, NEED_TP_BTF, "sched_switch",
	  "from woken to running and from there to the return is unknown", { "switch_tp" }, 0 },
	{ HOOK_WAIT, "fentry", NEED_FENTRY, "epoll_sendevents",
	  "waits through io_uring are not seen", { "uring_fentry", "uring_fexit" }, 0 },
	{ HOOK_WAIT, "multi", NEED_FENTRY, "epoll_sendevents",
	  "waits through io_uring are not seen", { "uring_fentry", "uring_fexit" }, 0 },
	{ HOOK_WAIT, "kprobe", NEED_KPROBE, "epoll_sendevents",
	  "waits through io_uring are not seen", { "uring_kprobe", "uring_kretprobe" }, 0 },
	/* They also tell a scan that is a wait's from others */
	{ HOOK_SEND, "fentry", NEED_FENTRY, "epoll_sendevents",
	  "scans of waits through io_uring are not seen", { "uring_fentry", "uring_fexit" },
	  EXTRA_BY_CALL },
	{ HOOK_SEND, "kprobe", NEED_KPROBE, "epoll_sendevents",
	  "scans of waits through io_uring are not seen", { "uring_kprobe", "uring_kretprobe" },
	  EXTRA_BY_CALL },
	{ HOOK_WAIT, "tracepoint", NEED_COMPLETE, "io_uring_complete",
	  "waits through io_uring are not seen", { "uring_complete_tp" }, 0 },
	{ HOOK_CTL, "tracepoint", NEED_COMPLETE, "io_uring_complete",
	  "registrations through io_uring are found by the next snapshot",
	  { "uring_complete_tp" }, 0 },
	/* Of a bad descriptor do_epoll_ctl_file() never hears */
	{ HOOK_CTL, "fentry", NEED_COMPLETE, "io_uring_complete",
	  "io_uring's EBADF is not counted", { "uring_complete_tp" }, EXTRA_CTL_FILE },
	{ HOOK_CTL, "kprobe", NEED_COMPLETE, "io_uring_complete",
	  "io_uring's EBADF is not counted", { "uring_complete_tp" }, EXTRA_CTL_FILE },
	{ HOOK_WAIT, "tracepoint", NEED_TP_BTF, "sys_enter", "waits of 32-bit code are not seen",
	  { "compat_enter", "compat_exit" }, EXTRA_COMPAT },
	{ HOOK_CTL, "tracepoint", NEED_TP_BTF, "sys_enter",
	  "registrations of 32-bit code are found by the next snapshot",
	  { "compat_enter", "compat_exit" }, EXTRA_COMPAT },
	{ HOOK_CREATE, "tracepoint", NEED_TP_BTF, "sys_exit",
	  "instances of 32-bit code are found by the next snapshot", { "compat_exit" },
	  EXTRA_COMPAT },
	{ HOOK_WAIT, "kprobe", NEED_TP_BTF, "sys_exit",
	  "waits of 32-bit code are not seen to return", { "compat_exit" }, EXTRA_COMPAT },
	{ HOOK_WAIT, "fentry", NEED_TP_BTF, "sys_exit",
	  "waits of 32-bit code that had begun before are not seen to return", { "compat_exit" },
	  EXTRA_COMPAT },
	{ HOOK_WAIT, "multi", NEED_TP_BTF, "sys_exit",
	  "waits of 32-bit code that had begun before are not seen to return", { "compat_exit" },
	  EXTRA_COMPAT },
	/* Where waits are hooked by system calls these are attached for good */
	{ HOOK_WAIT, "fentry", NEED_TRACEPOINT, "sys_exit_epoll_wait",
	  "waits that had begun before are not seen to return",
	  { "wait_exit_tp", "pwait_exit_tp", "pwait2_exit_tp" }, EXTRA_LATE },
	{ HOOK_WAIT, "multi", NEED_TRACEPOINT, "sys_exit_epoll_wait",
	  "waits that had begun before are not seen to return",
	  { "wait_exit_tp", "pwait_exit_tp", "pwait2_exit_tp" }, EXTRA_LATE },
	{ HOOK_EXIT, NULL, NEED_TP_BTF, "sched_process_fork", "new children are not watched",
	  { "fork_tp" }, EXTRA_FOLLOW },
	{ HOOK_EXIT, NULL, NEED_TP_BTF, "task_rename",
	  "new processes of the name are watched from up to a second after their start on",
	  { "fork_tp", "rename_tp" }, EXTRA_NAME },
};
/* clang-format on */

const struct extra *extras(size_t *count)
{
	*count = sizeof(extra_table) / sizeof(extra_table[0]);
	return extra_table;
}

const struct mechanism *mechanisms(size_t *count)
{
	*count = sizeof(table) / sizeof(table[0]);
	return table;
}

size_t mechanism_index(const struct mechanism *m)
{
	return (size_t)(m - table);
}
