/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every program that epscope may attach. Each only unpacks arguments and calls the body that its
 * hook's mechanisms share (on_*.bpf.h). All are optional ("?"): user/plan.c switches on what this
 * kernel has; the table there names each of them.
 */
#include "on_item.bpf.h"
#include "on_callback.bpf.h"
#include "on_wait.bpf.h"
#include "on_send.bpf.h"
#include "on_life.bpf.h"
#include "snapshot.bpf.h"

char LICENSE[] SEC("license") = "GPL";

/* What the tracepoints' two halves need of each other is kept in the thread's state. */
static __always_inline bool self_calls(void)
{
	return bpf_get_current_pid_tgid() >> 32 == self_tgid;
}

static __always_inline s64 timeout_of_ms(int ms)
{
	return ms < 0 ? -1 : (s64)ms * 1000000;
}

static __always_inline s64 timespec_ns(s64 sec, s64 nsec)
{
	const s64 most = 0x7fffffffffffffffLL / 1000000000 - 1;

	return sec > most ? most * 1000000000 : sec * 1000000000 + nsec;
}

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

/* ---- ctl ---- */

/* ev is a kernel copy here; the system call fills it for ADD and MOD alone. */
static __always_inline void ctl_kernel(int epfd, int op, int fd, const void *ev, long ret)
{
	struct epoll_event_user copy = {};

	if (op != EPOLL_CTL_DEL && ev)
		bpf_probe_read_kernel(&copy, sizeof(copy), ev);
	on_ctl(file_of(epfd), epfd, file_of(fd), op, fd, copy.events, copy.data, ret);
}

static __always_inline void ctl_save(int epfd, int op, int fd, u64 event)
{
	struct thread_state *ts;

	if (self_calls())
		return;
	if (!is_target(bpf_get_current_pid_tgid() >> 32) &&
	    !instance_get(ep_of_file(file_of(epfd))))
		return;
	ts = thread_get_or_new((u32)bpf_get_current_pid_tgid());
	if (!ts)
		return;
	ts->ctl_epfd = epfd;
	ts->ctl_op = op;
	ts->ctl_fd = fd;
	ts->ctl_event = event;
	ts->ctl_file = (u64)file_of(fd);
}

SEC("?fexit/do_epoll_ctl")
int BPF_PROG(ctl_fexit, int epfd, int op, int fd, void *epds, bool nonblock, int ret)
{
	if (!self_calls())
		ctl_kernel(epfd, op, fd, epds, ret);
	return 0;
}

SEC("?kprobe/do_epoll_ctl")
int BPF_KPROBE(ctl_kprobe, int epfd, int op, int fd, void *epds)
{
	ctl_save(epfd, op, fd, (u64)epds);
	return 0;
}

SEC("?kretprobe/do_epoll_ctl")
int BPF_KRETPROBE(ctl_kretprobe, int ret)
{
	struct thread_state *ts = thread_get((u32)bpf_get_current_pid_tgid());

	if (ts && ts->ctl_op) {
		ctl_kernel(ts->ctl_epfd, ts->ctl_op, ts->ctl_fd, (void *)ts->ctl_event, ret);
		ts->ctl_op = 0;
	}
	return 0;
}

SEC("?tracepoint/syscalls/sys_enter_epoll_ctl")
int ctl_enter_tp(struct trace_event_raw_sys_enter *ctx)
{
	ctl_save((int)ctx->args[0], (int)ctx->args[1], (int)ctx->args[2], ctx->args[3]);
	return 0;
}

SEC("?tracepoint/syscalls/sys_exit_epoll_ctl")
int ctl_exit_tp(struct trace_event_raw_sys_exit *ctx)
{
	struct thread_state *ts = thread_get((u32)bpf_get_current_pid_tgid());
	struct epoll_event_user copy = {};

	if (!ts || !ts->ctl_op)
		return 0;
	if (ts->ctl_op != EPOLL_CTL_DEL &&
	    bpf_probe_read_user(&copy, sizeof(copy), (void *)ts->ctl_event) && !ctx->ret)
		lose(LOSS_READ);
	on_ctl(file_of(ts->ctl_epfd), ts->ctl_epfd, (void *)ts->ctl_file, ts->ctl_op, ts->ctl_fd,
	       copy.events, copy.data, ctx->ret);
	ts->ctl_op = 0;
	return 0;
}

/* ---- item ---- */

SEC("?fexit/ep_insert")
int BPF_PROG(item_insert, void *ep, void *event, void *tfile, int fd, int full_check, int ret)
{
	if (!ret)
		on_insert((u64)ep, (u64)tfile, fd);
	return 0;
}

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

SEC("?tp_btf/sched_waking")
int BPF_PROG(wake_sched, struct task_struct *task)
{
	on_sched_waking(task);
	return 0;
}

/* ---- send ---- */

SEC("?fexit/ep_send_events")
int BPF_PROG(send_fexit, void *ep, void *events, int maxevents, int ret)
{
	send_count((u64)ep, ret);
	return 0;
}

SEC("?fentry/ep_done_scan")
int BPF_PROG(lists_fentry, void *ep, void *txlist)
{
	send_lists((u64)ep, (u64)txlist);
	return 0;
}

SEC("?kprobe/ep_done_scan")
int BPF_KPROBE(lists_kprobe, void *ep, void *txlist)
{
	send_lists((u64)ep, (u64)txlist);
	return 0;
}

/* No ep_send_events() to tell how many were delivered: the end of the scan is all there is. */
SEC("?fentry/ep_done_scan")
int BPF_PROG(scan_fentry, void *ep, void *txlist)
{
	send_lists((u64)ep, (u64)txlist);
	send_count((u64)ep, 0);
	return 0;
}

SEC("?kprobe/ep_done_scan")
int BPF_KPROBE(scan_kprobe, void *ep, void *txlist)
{
	send_lists((u64)ep, (u64)txlist);
	send_count((u64)ep, 0);
	return 0;
}

/* 5.10: the callback of ep_scan_ready_list(); head holds what is left at its return. */
SEC("?fexit/ep_send_events_proc")
int BPF_PROG(proc_fexit, void *ep, void *head, void *priv, int ret)
{
	send_lists((u64)ep, (u64)head);
	send_count((u64)ep, ret);
	return 0;
}

/* ---- wait ---- */

/* The fourth argument was "int timeout" (ms) up to 5.10, a struct timespec64 * (NULL: endless) since
 * 5.11 (7cdf7c20e971), and there a relative time was made absolute: the deadline, CLOCK_MONOTONIC. */
const volatile bool wait_timeout_is_ms;

static __always_inline s64 wait_timeout(u64 arg)
{
	struct timespec64 *to = (void *)arg;
	s64 sec, nsec, left;

	if (wait_timeout_is_ms)
		return timeout_of_ms((int)arg);
	if (!to)
		return -1;
	sec = BPF_CORE_READ(to, tv_sec);
	nsec = BPF_CORE_READ(to, tv_nsec);
	if (!sec && !nsec)
		return 0; /* ep_timeout_to_timespec() leaves "do not wait" as it is */
	left = timespec_ns(sec, nsec) - (s64)bpf_ktime_get_ns();
	return left > 0 ? left : 0;
}

SEC("?fentry/do_epoll_wait")
int BPF_PROG(wait_fentry, int epfd, void *events, int maxevents, u64 timeout)
{
	if (!self_calls())
		on_wait(file_of(epfd), epfd, (u64)events, maxevents, wait_timeout(timeout));
	return 0;
}

SEC("?fexit/do_epoll_wait")
int BPF_PROG(wait_fexit, int epfd, void *events, int maxevents, u64 timeout, int ret)
{
	on_return(ret);
	return 0;
}

SEC("?kprobe/do_epoll_wait")
int BPF_KPROBE(wait_kprobe, int epfd, void *events, int maxevents, u64 timeout)
{
	if (!self_calls())
		on_wait(file_of(epfd), epfd, (u64)events, maxevents, wait_timeout(timeout));
	return 0;
}

SEC("?kretprobe/do_epoll_wait")
int BPF_KRETPROBE(wait_kretprobe, int ret)
{
	on_return(ret);
	return 0;
}

/* epoll_wait and epoll_pwait: the same first four arguments. */
static __always_inline void wait_enter(struct trace_event_raw_sys_enter *ctx)
{
	int epfd = (int)ctx->args[0];

	if (!self_calls())
		on_wait(file_of(epfd), epfd, ctx->args[1], (int)ctx->args[2],
			timeout_of_ms((int)ctx->args[3]));
}

SEC("?tracepoint/syscalls/sys_enter_epoll_wait")
int wait_enter_tp(struct trace_event_raw_sys_enter *ctx)
{
	wait_enter(ctx);
	return 0;
}

SEC("?tracepoint/syscalls/sys_exit_epoll_wait")
int wait_exit_tp(struct trace_event_raw_sys_exit *ctx)
{
	on_return(ctx->ret);
	return 0;
}

SEC("?tracepoint/syscalls/sys_enter_epoll_pwait")
int pwait_enter_tp(struct trace_event_raw_sys_enter *ctx)
{
	wait_enter(ctx);
	return 0;
}

SEC("?tracepoint/syscalls/sys_exit_epoll_pwait")
int pwait_exit_tp(struct trace_event_raw_sys_exit *ctx)
{
	on_return(ctx->ret);
	return 0;
}

SEC("?tracepoint/syscalls/sys_enter_epoll_pwait2")
int pwait2_enter_tp(struct trace_event_raw_sys_enter *ctx)
{
	struct {
		s64 sec, nsec;
	} to = {};
	int epfd = (int)ctx->args[0];
	s64 timeout = -1;

	if (self_calls())
		return 0;
	if (ctx->args[3] && !bpf_probe_read_user(&to, sizeof(to), (void *)ctx->args[3]))
		timeout = timespec_ns(to.sec, to.nsec);
	on_wait(file_of(epfd), epfd, ctx->args[1], (int)ctx->args[2], timeout);
	return 0;
}

SEC("?tracepoint/syscalls/sys_exit_epoll_pwait2")
int pwait2_exit_tp(struct trace_event_raw_sys_exit *ctx)
{
	on_return(ctx->ret);
	return 0;
}

/* io_uring's epoll_wait (6.15+): never sleeps here, so both halves at once. */
SEC("?fentry/epoll_sendevents")
int BPF_PROG(uring_fentry, struct file *file, void *events, int maxevents)
{
	on_wait(file, -1, (u64)events, maxevents, 0);
	return 0;
}

SEC("?fexit/epoll_sendevents")
int BPF_PROG(uring_fexit, struct file *file, void *events, int maxevents, int ret)
{
	on_return(ret);
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
	return 0;
}

SEC("?tp_btf/sched_process_fork")
int BPF_PROG(fork_tp, struct task_struct *parent, struct task_struct *child)
{
	on_fork(parent, child);
	return 0;
}

/* ---- snapshot ---- */

static __always_inline int snapshot(struct bpf_iter__task_file *ctx, bool loop)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	u32 tgid;

	if (!task || !file)
		return 0;
	tgid = BPF_CORE_READ(task, tgid);
	if (tgid == self_tgid || (snap.tgid && snap.tgid != tgid))
		return 0;
	if (!is_target(tgid) && !instance_get(ep_of_file(file)))
		return 0;
	snap_descriptor(ctx->meta->seq, task, (int)ctx->fd, file, loop);
	return 0;
}

SEC("?iter/task_file")
int snapshot_loop(struct bpf_iter__task_file *ctx)
{
	return snapshot(ctx, true);
}

SEC("?iter/task_file")
int snapshot_short(struct bpf_iter__task_file *ctx)
{
	return snapshot(ctx, false);
}
