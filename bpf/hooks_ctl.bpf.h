/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Programs of hook ctl. What the two halves of a mechanism that sees entry and return apart need of
 * each other is kept in the thread's state.
 */
#ifndef EPSCOPE_HOOKS_CTL_BPF_H
#define EPSCOPE_HOOKS_CTL_BPF_H

#include "on_item.bpf.h"

/* ev is a kernel copy here; the system call fills it for ADD and MOD alone. */
static __always_inline void ctl_kernel(struct file *epfile, int epfd, struct file *tfile, int op,
				       int fd, const void *ev, long ret)
{
	struct epoll_event_user copy = {};

	/* io_uring tries first without sleeping, and again from a worker */
	if (ret == -EAGAIN)
		return;
	if (op != EPOLL_CTL_DEL && ev)
		bpf_probe_read_kernel(&copy, sizeof(copy), ev);
	on_ctl(epfile, epfd, tfile, op, fd, copy.events, copy.data, ret);
}

/* The thread's state, if what it does with this instance is of interest. */
static __always_inline struct thread_state *ctl_thread(struct file *epfile)
{
	struct ep_instance *inst;
	struct thread_state *ts;

	if (self_calls())
		return NULL;
	inst = instance_get(ep_of_file(epfile));
	if (!inst && !is_target(tgid_now_seen()))
		return NULL;
	ts = thread_get_or_new(tid_now());
	if (ts && !ts->tid) { /* it has not waited yet; user space looks after it by these */
		ts->tgid = tgid_now_seen();
		ts->tid = tid_now_seen();
		comm_now(ts->comm);
	}
	if (!ts && inst)
		lose_in(inst, LOSS_THREADS);
	else if (!ts)
		lose(LOSS_THREADS);
	return ts;
}

static __always_inline void ctl_keep(struct thread_state *ts, struct file *epfile, int epfd,
				     struct file *tfile, int op, int fd, u64 event, u32 in)
{
	if (ts->ctl_in)
		lose_return(instance_get(ep_of_file(epfile)));
	ts->ctl_epfile = (u64)epfile;
	ts->ctl_epfd = epfd;
	ts->ctl_file = (u64)tfile;
	ts->ctl_op = op;
	ts->ctl_fd = fd;
	ts->ctl_event = event;
	ts->ctl_in = in;
}

/*
 * The descriptors are looked up at the entry: at the return another thread may have closed them. The
 * item's only if the instance is of interest: most calls that come here are of other processes.
 */
static __always_inline void ctl_save(int epfd, int op, int fd, u64 event)
{
	struct file *epfile = file_of(epfd);
	struct thread_state *ts = ctl_thread(epfile);

	if (ts)
		ctl_keep(ts, epfile, epfd, file_of(fd), op, fd, event, CTL_IN_CALL);
}

/* The end of what ctl_save() saw begin, event in the kernel's memory. */
static __always_inline void ctl_saved(long ret, u32 in)
{
	struct thread_state *ts = thread_get(tid_now());

	if (!ts || ts->ctl_in != in)
		return;
	ts->ctl_in = CTL_NOT_IN;
	ctl_kernel((void *)ts->ctl_epfile, ts->ctl_epfd, (void *)ts->ctl_file, ts->ctl_op,
		   ts->ctl_fd, (void *)ts->ctl_event, ret);
}

/* Whether do_epoll_ctl_file() was called by do_epoll_ctl(), which tells more. */
static __always_inline bool ctl_nested(void)
{
	struct thread_state *ts = thread_get(tid_now());

	return ts && ts->ctl_in == CTL_IN_CALL;
}

SEC("?fentry/do_epoll_ctl")
int BPF_PROG(ctl_fentry, int epfd, int op, int fd, void *epds)
{
	ctl_save(epfd, op, fd, (u64)epds);
	return 0;
}

SEC("?fexit/do_epoll_ctl")
int BPF_PROG(ctl_fexit, int epfd, int op, int fd, void *epds, bool nonblock, int ret)
{
	ctl_saved(ret, CTL_IN_CALL);
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
	ctl_saved(ret, CTL_IN_CALL);
	return 0;
}

/*
 * io_uring's way since 7.2: io_epoll_ctl() takes the files itself and calls do_epoll_ctl_file(), which
 * do_epoll_ctl() calls too. Before, it called do_epoll_ctl(). No descriptor of the instance here.
 */
SEC("?fexit/do_epoll_ctl_file")
int BPF_PROG(ctl_file_fexit, struct file *epfile, int op, struct epoll_key *tf, void *epds,
	     bool nonblock, int ret)
{
	if (!self_calls() && !ctl_nested())
		ctl_kernel(epfile, -1, BPF_CORE_READ(tf, file), op, BPF_CORE_READ(tf, fd), epds,
			   ret);
	return 0;
}

SEC("?kprobe/do_epoll_ctl_file")
int BPF_KPROBE(ctl_file_kprobe, struct file *epfile, int op, struct epoll_key *tf, void *epds)
{
	struct thread_state *ts = ctl_nested() ? NULL : ctl_thread(epfile);

	if (ts)
		ctl_keep(ts, epfile, -1, BPF_CORE_READ(tf, file), op, BPF_CORE_READ(tf, fd),
			 (u64)epds, CTL_IN_FILE);
	return 0;
}

SEC("?kretprobe/do_epoll_ctl_file")
int BPF_KRETPROBE(ctl_file_kretprobe, int ret)
{
	ctl_saved(ret, CTL_IN_FILE);
	return 0;
}

SEC("?tracepoint/syscalls/sys_enter_epoll_ctl")
int ctl_enter_tp(struct trace_event_raw_sys_enter *ctx)
{
	ctl_save((int)ctx->args[0], (int)ctx->args[1], (int)ctx->args[2], ctx->args[3]);
	return 0;
}

/* -EFAULT: the event could not be copied, so do_epoll_ctl() was not called. */
static __always_inline void ctl_leave(long ret)
{
	struct thread_state *ts = thread_get(tid_now());
	struct epoll_event_user copy = {};

	if (!ts || !ts->ctl_in)
		return;
	ts->ctl_in = CTL_NOT_IN;
	if (ts->ctl_op != EPOLL_CTL_DEL &&
	    bpf_probe_read_user(&copy, sizeof(copy), (void *)ts->ctl_event) && !ret)
		lose(LOSS_READ);
	if (ret != -EFAULT)
		on_ctl((void *)ts->ctl_epfile, ts->ctl_epfd, (void *)ts->ctl_file, ts->ctl_op,
		       ts->ctl_fd, copy.events, copy.data, ret);
}

SEC("?tracepoint/syscalls/sys_exit_epoll_ctl")
int ctl_exit_tp(struct trace_event_raw_sys_exit *ctx)
{
	ctl_leave(ctx->ret);
	return 0;
}

#endif
