/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Programs of hook ctl. What the two halves of a mechanism that sees entry and return apart need of
 * each other is kept in the thread's state.
 */
#ifndef EPSCOPE_HOOKS_CTL_BPF_H
#define EPSCOPE_HOOKS_CTL_BPF_H

#include "on_item.bpf.h"

/* ev is a kernel copy here; the system call fills it for ADD and MOD alone. */
static __always_inline void ctl_kernel(int epfd, int op, int fd, const void *ev, long ret)
{
	struct epoll_event_user copy = {};

	/* io_uring tries first without sleeping, and again from a worker */
	if (ret == -EAGAIN)
		return;
	if (op != EPOLL_CTL_DEL && ev)
		bpf_probe_read_kernel(&copy, sizeof(copy), ev);
	on_ctl(file_of(epfd), epfd, file_of(fd), op, fd, copy.events, copy.data, ret);
}

static __always_inline void ctl_save(int epfd, int op, int fd, u64 event)
{
	struct ep_instance *inst;
	struct thread_state *ts;

	if (self_calls())
		return;
	inst = instance_get(ep_of_file(file_of(epfd)));
	if (!inst && !is_target(tgid_now_seen()))
		return;
	ts = thread_get_or_new(tid_now());
	if (!ts && inst)
		lose_in(inst, LOSS_THREADS);
	else if (!ts)
		lose(LOSS_THREADS);
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
	struct thread_state *ts = thread_get(tid_now());

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
	struct thread_state *ts = thread_get(tid_now());
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

#endif
