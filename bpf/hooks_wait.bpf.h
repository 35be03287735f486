/* SPDX-License-Identifier: GPL-2.0 */
/* Programs of hook wait: epoll_wait in all variants, by function and by system call. */
#ifndef EPSCOPE_HOOKS_WAIT_BPF_H
#define EPSCOPE_HOOKS_WAIT_BPF_H

#include "on_wait.bpf.h"

static __always_inline s64 timeout_of_ms(int ms)
{
	return ms < 0 ? -1 : (s64)ms * 1000000;
}

static __always_inline s64 timespec_ns(s64 sec, s64 nsec)
{
	const s64 most = 0x7fffffffffffffffLL / 1000000000 - 1;

	return sec > most ? most * 1000000000 : sec * 1000000000 + nsec;
}

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

SEC("?kretprobe.multi/do_epoll_wait")
int BPF_KRETPROBE(wait_multi, int ret)
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

#endif
