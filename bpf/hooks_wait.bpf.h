/* SPDX-License-Identifier: GPL-2.0 */
/* Programs of hook wait: epoll_wait in all variants, by function and by system call. */
#ifndef EPSCOPE_HOOKS_WAIT_BPF_H
#define EPSCOPE_HOOKS_WAIT_BPF_H

#include "on_wait.bpf.h"

/* Only rows of the trace show a timeout: to find it out takes a look at the clock, or at user memory. */
static __always_inline bool timeout_shown(void)
{
	return streams(EV_WAIT);
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

/* The fourth argument was "int timeout" (ms) up to 5.10, a struct timespec64 * (NULL: endless) since
 * 5.11 (7cdf7c20e971), and there a relative time was made absolute: the deadline, CLOCK_MONOTONIC. */
const volatile bool wait_timeout_is_ms;

static __always_inline s64 wait_timeout(u64 arg)
{
	struct timespec64 *to = (void *)arg;
	s64 sec, nsec, left;

	if (wait_timeout_is_ms)
		return timeout_of_ms((int)arg);
	if (!to || !timeout_shown())
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

/* epoll_pwait2: a struct __kernel_timespec of the user, NULL: endless. */
static __always_inline s64 timeout_of_user(u64 timespec)
{
	struct {
		s64 sec, nsec;
	} to = {};

	if (!timespec || !timeout_shown() || bpf_probe_read_user(&to, sizeof(to), (void *)timespec))
		return -1;
	return timespec_ns(to.sec, to.nsec);
}

/* What epoll_pwait and epoll_pwait2 read of the user before they come to do_epoll_wait(). */
struct wait_extra {
	u64 sigmask, sigsetsize;
	u64 timespec; /* of epoll_pwait2 */
};

/* Whether it is that which failed: the instance was then not asked, and the call is no wait. */
static __always_inline bool wait_never_began(const struct wait_extra *x, long ret)
{
	u64 mask;
	struct {
		s64 sec, nsec;
	} to = {};
	bool mask_bad, time_bad;

	if (ret != -EFAULT && ret != -EINVAL)
		return false;
	mask_bad = x->sigmask && bpf_probe_read_user(&mask, sizeof(mask), (void *)x->sigmask);
	time_bad = x->timespec && bpf_probe_read_user(&to, sizeof(to), (void *)x->timespec);
	if (ret == -EFAULT)
		return mask_bad || time_bad;
	if (x->sigmask && x->sigsetsize != sizeof(mask))
		return true;
	return x->timespec && !time_bad && (to.sec < 0 || to.nsec < 0 || to.nsec >= 1000000000);
}

/* Return of epoll_pwait (ms) or epoll_pwait2, by the registers that the call came with. */
static __always_inline void pwait_leave(long ret, bool ms)
{
	struct pt_regs *regs;
	struct wait_extra x;

	if (ret == -EFAULT || ret == -EINVAL) {
		regs = task_user_regs((void *)bpf_get_current_task());
		x.timespec = ms ? 0 : BPF_CORE_READ(regs, r10);
		x.sigmask = BPF_CORE_READ(regs, r8);
		x.sigsetsize = BPF_CORE_READ(regs, r9);
		if (wait_never_began(&x, ret)) {
			on_no_wait();
			return;
		}
	}
	on_return(ret);
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
	pwait_leave(ctx->ret, true);
	return 0;
}

SEC("?tracepoint/syscalls/sys_enter_epoll_pwait2")
int pwait2_enter_tp(struct trace_event_raw_sys_enter *ctx)
{
	int epfd = (int)ctx->args[0];

	if (!self_calls())
		on_wait(file_of(epfd), epfd, ctx->args[1], (int)ctx->args[2],
			timeout_of_user(ctx->args[3]));
	return 0;
}

SEC("?tracepoint/syscalls/sys_exit_epoll_pwait2")
int pwait2_exit_tp(struct trace_event_raw_sys_exit *ctx)
{
	pwait_leave(ctx->ret, false);
	return 0;
}

#endif
