/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every program that epscope may attach. Each only unpacks arguments and calls the body that its
 * hook's mechanisms share (on_*.bpf.h); those of ctl and wait, which have the most, are in
 * hooks_*.bpf.h. All are optional ("?"): user/plan.c switches on what this
 * kernel has; the table there names each of them.
 */
#include "on_item.bpf.h"
#include "on_callback.bpf.h"
#include "on_wait.bpf.h"
#include "on_send.bpf.h"
#include "on_life.bpf.h"
#include "snapshot.bpf.h"
#include "asks.bpf.h"
#include "ask_file.bpf.h"
#include "hooks_ctl.bpf.h"
#include "hooks_wait.bpf.h"
#include "hooks_uring.bpf.h"
#include "hooks_compat.bpf.h"

char LICENSE[] SEC("license") = "GPL";

/* ---- create ---- */

SEC("?fexit/do_epoll_create")
int BPF_PROG(create_fexit, int flags, int ret)
{
	on_create(ret);
	return 0;
}

SEC("?kretprobe/do_epoll_create")
int BPF_KRETPROBE(create_kretprobe, int ret)
{
	on_create(ret);
	return 0;
}

/* In 5.10 epoll_create has do_epoll_create() inlined, unlike epoll_create1. */
SEC("?fexit/__x64_sys_epoll_create")
int BPF_PROG(create_x64_fexit, void *regs, long ret)
{
	on_create_call((int)ret);
	return 0;
}

SEC("?kretprobe/__x64_sys_epoll_create")
int BPF_KRETPROBE(create_x64_kretprobe, long ret)
{
	on_create_call((int)ret);
	return 0;
}

SEC("?fexit/__ia32_sys_epoll_create")
int BPF_PROG(create_ia32_fexit, void *regs, long ret)
{
	on_create_call((int)ret);
	return 0;
}

SEC("?kretprobe/__ia32_sys_epoll_create")
int BPF_KRETPROBE(create_ia32_kretprobe, long ret)
{
	on_create_call((int)ret);
	return 0;
}

SEC("?tracepoint/syscalls/sys_exit_epoll_create")
int create_tp(struct trace_event_raw_sys_exit *ctx)
{
	on_create((int)ctx->ret);
	return 0;
}

SEC("?tracepoint/syscalls/sys_exit_epoll_create1")
int create1_tp(struct trace_event_raw_sys_exit *ctx)
{
	on_create((int)ctx->ret);
	return 0;
}

/* ---- item ---- */

static __always_inline void item_queue(void *pt)
{
	/* pt is the first member of struct ep_pqueue */
	on_queue(BPF_CORE_READ((struct ep_pqueue *)pt, epi));
}

SEC("?fentry/ep_ptable_queue_proc")
int BPF_PROG(item_fentry, void *file, void *whead, void *pt)
{
	item_queue(pt);
	return 0;
}

SEC("?kprobe/ep_ptable_queue_proc")
int BPF_KPROBE(item_kprobe, void *file, void *whead, void *pt)
{
	item_queue(pt);
	return 0;
}

/* ---- callback ---- */

SEC("?fentry/ep_poll_callback")
int BPF_PROG(callback_fentry, void *wait, unsigned int mode, int sync, void *key)
{
	on_callback(wait, (u32)(u64)key);
	return 0;
}

SEC("?kprobe/ep_poll_callback")
int BPF_KPROBE(callback_kprobe, void *wait, unsigned int mode, int sync, void *key)
{
	on_callback(wait, (u32)(u64)key);
	return 0;
}

/* ---- wake ---- */

SEC("?fentry/ep_autoremove_wake_function")
int BPF_PROG(wake_fentry, void *entry)
{
	on_wake_entry(entry);
	return 0;
}

SEC("?fexit/ep_autoremove_wake_function")
int BPF_PROG(wake_fexit, void *entry, unsigned int mode, int sync, void *key, int ret)
{
	if (!ret)
		on_wake_failed();
	return 0;
}

SEC("?kprobe/ep_autoremove_wake_function")
int BPF_KPROBE(wake_kprobe, void *entry)
{
	on_wake_entry(entry);
	return 0;
}

SEC("?kretprobe/ep_autoremove_wake_function")
int BPF_KRETPROBE(wake_kretprobe, int ret)
{
	if (!ret)
		on_wake_failed();
	return 0;
}

SEC("?tp_btf/sched_switch")
int BPF_PROG(switch_tp, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	on_switch(next);
	return 0;
}

SEC("?tp_btf/sched_waking")
int BPF_PROG(wake_sched, struct task_struct *task)
{
	on_sched_waking(task);
	return 0;
}

/* ---- send ---- */

SEC("?fentry/ep_done_scan")
int BPF_PROG(scan_fentry, void *ep, void *txlist)
{
	on_scan((u64)ep, (u64)txlist);
	return 0;
}

SEC("?kprobe/ep_done_scan")
int BPF_KPROBE(scan_kprobe, void *ep, void *txlist)
{
	on_scan((u64)ep, (u64)txlist);
	return 0;
}

/* 5.10: the callback of ep_scan_ready_list(); head holds what is left at its return. */
SEC("?fexit/ep_send_events_proc")
int BPF_PROG(proc_fexit, void *ep, void *head, void *priv, int ret)
{
	on_scan((u64)ep, (u64)head);
	return 0;
}

SEC("?kprobe/ep_send_events_proc")
int BPF_KPROBE(proc_kprobe, void *ep, void *head)
{
	on_scan_entry((u64)ep, (u64)head);
	return 0;
}

SEC("?kretprobe/ep_send_events_proc")
int BPF_KRETPROBE(proc_kretprobe)
{
	on_scan_return(thread_get(tid_now()));
	return 0;
}

/* ---- release, destroy, exit, children ---- */

SEC("?fentry/eventpoll_release_file")
int BPF_PROG(release_fentry, struct file *file)
{
	on_release(file);
	return 0;
}

SEC("?kprobe/eventpoll_release_file")
int BPF_KPROBE(release_kprobe, struct file *file)
{
	on_release(file);
	return 0;
}

SEC("?fentry/ep_eventpoll_release")
int BPF_PROG(destroy_fentry, void *inode, struct file *file)
{
	on_destroy(file);
	return 0;
}

SEC("?kprobe/ep_eventpoll_release")
int BPF_KPROBE(destroy_kprobe, void *inode, struct file *file)
{
	on_destroy(file);
	return 0;
}

SEC("?tp_btf/sched_process_exit")
int BPF_PROG(exit_tp, struct task_struct *task)
{
	on_exit();
	target_forget(task);
	return 0;
}

SEC("?tp_btf/sched_process_exec")
int BPF_PROG(exec_tp, struct task_struct *task, int old_tid)
{
	on_exec(task, old_tid);
	return 0;
}

SEC("?tracepoint/sched/sched_process_exit")
int exit_perf_tp(void *ctx)
{
	on_exit();
	target_forget((void *)bpf_get_current_task());
	return 0;
}

SEC("?tracepoint/sched/sched_process_exec")
int exec_perf_tp(struct trace_event_raw_sched_process_exec *ctx)
{
	on_exec((void *)bpf_get_current_task(), ctx->old_pid);
	return 0;
}

SEC("?tp_btf/sched_process_fork")
int BPF_PROG(fork_tp, struct task_struct *parent, struct task_struct *child)
{
	on_fork(parent, child);
	return 0;
}

SEC("?tp_btf/task_rename")
int BPF_PROG(rename_tp, struct task_struct *task, const char *comm)
{
	on_rename(task, comm);
	return 0;
}

/* ---- snapshot ---- */

SEC("?iter/task")
int discover_loop(struct bpf_iter__task *ctx)
{
	discover(ctx->task, true);
	return 0;
}

SEC("?iter/task")
int discover_short(struct bpf_iter__task *ctx)
{
	discover(ctx->task, false);
	return 0;
}

/* Run by user space, like the questions of asks.bpf.h. */
SEC("?raw_tp/sys_enter")
int snapshot_loop(void *ctx)
{
	snapshot(true);
	return 0;
}

SEC("?raw_tp/sys_enter")
int snapshot_short(void *ctx)
{
	snapshot(false);
	return 0;
}

SEC("?raw_tp/sys_enter")
int verify_loop(void *ctx)
{
	verify(true);
	return 0;
}

SEC("?raw_tp/sys_enter")
int verify_short(void *ctx)
{
	verify(false);
	return 0;
}
