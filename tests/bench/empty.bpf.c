/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Programs that do nothing, where epscope's hot ones are (bpf/epscope.bpf.c, with the same names
 * behind empty_): what the mechanism itself costs there.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

#define EMPTY(name, section)        \
	SEC("?" section)            \
	int empty_##name(void *ctx) \
	{                           \
		return 0;           \
	}

EMPTY(ctl_fentry, "fentry/do_epoll_ctl")
EMPTY(ctl_fexit, "fexit/do_epoll_ctl")
EMPTY(ctl_kprobe, "kprobe/do_epoll_ctl")
EMPTY(ctl_kretprobe, "kretprobe/do_epoll_ctl")
EMPTY(ctl_enter_tp, "tracepoint/syscalls/sys_enter_epoll_ctl")
EMPTY(ctl_exit_tp, "tracepoint/syscalls/sys_exit_epoll_ctl")
EMPTY(callback_fentry, "fentry/ep_poll_callback")
EMPTY(callback_kprobe, "kprobe/ep_poll_callback")
EMPTY(wake_fentry, "fentry/ep_autoremove_wake_function")
EMPTY(wake_fexit, "fexit/ep_autoremove_wake_function")
EMPTY(wake_kprobe, "kprobe/ep_autoremove_wake_function")
EMPTY(wake_kretprobe, "kretprobe/ep_autoremove_wake_function")
EMPTY(wake_sched, "tp_btf/sched_waking")
EMPTY(switch_tp, "tp_btf/sched_switch")
EMPTY(scan_fentry, "fentry/ep_done_scan")
EMPTY(scan_kprobe, "kprobe/ep_done_scan")
EMPTY(wait_fentry, "fentry/do_epoll_wait")
EMPTY(wait_fexit, "fexit/do_epoll_wait")
EMPTY(wait_kprobe, "kprobe/do_epoll_wait")
EMPTY(wait_multi, "kretprobe.multi/do_epoll_wait")
EMPTY(wait_enter_tp, "tracepoint/syscalls/sys_enter_epoll_wait")
EMPTY(wait_exit_tp, "tracepoint/syscalls/sys_exit_epoll_wait")
EMPTY(pwait_enter_tp, "tracepoint/syscalls/sys_enter_epoll_pwait")
EMPTY(pwait_exit_tp, "tracepoint/syscalls/sys_exit_epoll_pwait")
EMPTY(pwait2_enter_tp, "tracepoint/syscalls/sys_enter_epoll_pwait2")
EMPTY(pwait2_exit_tp, "tracepoint/syscalls/sys_exit_epoll_pwait2")
