/* SPDX-License-Identifier: GPL-2.0 */
/*
 * System calls of 32-bit code: the tracepoints of single system calls leave them out
 * (arch_trace_is_compat_syscall()), those of all system calls do not. They slow every call of every
 * program a little, so these are attached only while a watched process has 32-bit code: user/demand.h.
 */
#ifndef EPSCOPE_HOOKS_COMPAT_BPF_H
#define EPSCOPE_HOOKS_COMPAT_BPF_H

#include "hooks_ctl.bpf.h"
#include "hooks_wait.bpf.h"
#include "on_life.bpf.h"

static __always_inline void compat_wait(struct pt_regs *regs, long nr)
{
	int epfd = (int)BPF_CORE_READ(regs, bx), maxevents = (int)BPF_CORE_READ(regs, dx);
	u64 events = (u32)BPF_CORE_READ(regs, cx), timeout = (u32)BPF_CORE_READ(regs, si);

	on_wait(file_of(epfd), epfd, events, maxevents,
		nr == NR_IA32_EPOLL_PWAIT2 ? timeout_of_user(timeout)
					   : timeout_of_ms((int)timeout));
}

static __always_inline void compat_ctl(struct pt_regs *regs)
{
	ctl_save((int)BPF_CORE_READ(regs, bx), (int)BPF_CORE_READ(regs, cx),
		 (int)BPF_CORE_READ(regs, dx), (u32)BPF_CORE_READ(regs, si));
}

SEC("?tp_btf/sys_enter")
int BPF_PROG(compat_enter, struct pt_regs *regs, long nr)
{
	if (!task_calls_compat((void *)bpf_get_current_task()) || self_calls())
		return 0;
	switch (nr) {
	case NR_IA32_EPOLL_CTL:
		if (call_hooks & 1u << HOOK_CTL)
			compat_ctl(regs);
		break;
	case NR_IA32_EPOLL_WAIT:
	case NR_IA32_EPOLL_PWAIT:
	case NR_IA32_EPOLL_PWAIT2:
		if (call_hooks & 1u << HOOK_WAIT)
			compat_wait(regs, nr);
		break;
	}
	return 0;
}

static __always_inline void compat_return(struct pt_regs *regs, long nr, long ret)
{
	struct wait_extra x = {
		.sigmask = (u32)BPF_CORE_READ(regs, di),
		.sigsetsize = (u32)BPF_CORE_READ(regs, bp),
		.timespec = nr == NR_IA32_EPOLL_PWAIT2 ? (u32)BPF_CORE_READ(regs, si) : 0,
	};

	if (nr != NR_IA32_EPOLL_WAIT && wait_never_began(&x, ret))
		on_no_wait();
	else
		on_return(ret);
}

/* Also for waits hooked by their function, whose return that hook may not see. */
SEC("?tp_btf/sys_exit")
int BPF_PROG(compat_exit, struct pt_regs *regs, long ret)
{
	long nr;

	if (!task_calls_compat((void *)bpf_get_current_task()) || self_calls())
		return 0;
	nr = (long)BPF_CORE_READ(regs, orig_ax);
	switch (nr) {
	case NR_IA32_EPOLL_CREATE:
	case NR_IA32_EPOLL_CREATE1:
		if (call_hooks & 1u << HOOK_CREATE)
			on_create((int)ret);
		break;
	case NR_IA32_EPOLL_CTL:
		if (call_hooks & 1u << HOOK_CTL)
			ctl_leave(ret);
		break;
	case NR_IA32_EPOLL_WAIT:
	case NR_IA32_EPOLL_PWAIT:
	case NR_IA32_EPOLL_PWAIT2:
		compat_return(regs, nr, ret);
		break;
	}
	return 0;
}

#endif
