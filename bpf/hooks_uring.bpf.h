/* SPDX-License-Identifier: GPL-2.0 */
/*
 * io_uring's ways in: IORING_OP_EPOLL_WAIT (6.15+) by the function that it calls, and where there is
 * no function to hook, both it and IORING_OP_EPOLL_CTL by the completion of their requests. All run in the thread that works for the ring: the one that submitted, or the
 * process's iou-wrk or iou-sqp thread.
 */
#ifndef EPSCOPE_HOOKS_URING_BPF_H
#define EPSCOPE_HOOKS_URING_BPF_H

#include "hooks_ctl.bpf.h"
#include "on_wait.bpf.h"

/* What io_uring_complete tells: its third argument is the struct io_uring_cqe (6.15, 072d37b5c1ab), or the
 * fourth is the result. */
const volatile bool uring_cqe;

SEC("?fentry/epoll_sendevents")
int BPF_PROG(uring_fentry, struct file *file, void *events, int maxevents)
{
	on_try(file, (u64)events, maxevents);
	return 0;
}

SEC("?fexit/epoll_sendevents")
int BPF_PROG(uring_fexit, struct file *file, void *events, int maxevents, int ret)
{
	on_tried(ret, !(call_hooks & 1u << HOOK_WAIT));
	return 0;
}

SEC("?kprobe/epoll_sendevents")
int BPF_KPROBE(uring_kprobe, struct file *file, void *events, int maxevents)
{
	on_try(file, (u64)events, maxevents);
	return 0;
}

SEC("?kretprobe/epoll_sendevents")
int BPF_KRETPROBE(uring_kretprobe, int ret)
{
	on_tried(ret, !(call_hooks & 1u << HOOK_WAIT));
	return 0;
}

/* -EFAULT: the event could not be copied. Where functions are hooked they see all but, where
 * io_epoll_ctl() takes the files itself (7.2), a bad descriptor. */
static __always_inline void uring_ctl_done(struct io_epoll *req, s32 ret)
{
	int epfd = BPF_CORE_READ(req, epfd), fd = BPF_CORE_READ(req, fd);

	if (ret == -EFAULT || ret == -ECANCELED ||
	    (!(call_hooks & 1u << HOOK_CTL) && !(ctl_by_file && ret == -EBADF)))
		return;
	on_ctl(file_of(epfd), epfd, file_of(fd), BPF_CORE_READ(req, op), fd,
	       BPF_CORE_READ(req, event.events), BPF_CORE_READ(req, event.data), ret);
}

static __always_inline void uring_wait_done(struct io_epoll_wait *req, s32 ret)
{
	if (ret == -ECANCELED || !bpf_core_type_exists(struct io_epoll_wait))
		return;
	on_try(BPF_CORE_READ(req, file), (u64)BPF_CORE_READ(req, events),
	       BPF_CORE_READ(req, maxevents));
	on_tried(ret, true);
}

SEC("?tp_btf/io_uring_complete")
int uring_complete_tp(u64 *ctx)
{
	struct io_kiocb *req = (void *)ctx[1];
	u8 op;
	s32 ret;

	if (!req || self_calls()) /* no request: a multishot's further completion */
		return 0;
	op = BPF_CORE_READ(req, opcode);
	if (op != IORING_OP_EPOLL_CTL && op != IORING_OP_EPOLL_WAIT)
		return 0;
	ret = uring_cqe ? BPF_CORE_READ((struct io_uring_cqe *)ctx[2], res) : (s32)ctx[3];
	if (op == IORING_OP_EPOLL_CTL)
		uring_ctl_done((void *)req, ret);
	else if (op == IORING_OP_EPOLL_WAIT && call_hooks & 1u << HOOK_WAIT)
		uring_wait_done((void *)req, ret);
	return 0;
}

#endif
