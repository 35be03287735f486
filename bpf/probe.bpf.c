/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Asks the kernel some questions before anything is attached, by running once in our own context
 * (BPF_PROG_TEST_RUN of a raw tracepoint, 5.10): who are we in the kernel's own PID numbers, in which
 * PID namespace, what do the operations of an epoll file look like, and are the fields that we cannot
 * do without there.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

int epfd = -1;     /* in: an epoll descriptor of ours */
u32 tgid;          /* out */
u32 pid_level;     /* out: how deep our PID namespace is, 0: the first one */
u64 pid_ns;        /* out: its struct pid_namespace */
u64 ep_fops;       /* out: its file->f_op, 0 if it could not be found */
u32 has_eventpoll; /* out: struct eventpoll is as we know it */
/*
 * out: where struct epitem has its ovflist link. A CO-RE access to a field that is not there becomes
 * an invalid instruction; it must stay in the branch that is not taken, and inside a loop the compiler
 * moves it out of there. So it is asked here, and volatile keeps the two branches apart.
 */
volatile u32 ovflink_offset;

/*
 * out: where user registers lie from task->stack on. THREAD_SIZE differs (KASAN), and FRED keeps some
 * words above them (65c9cc9e2c14, 6.9). Before the helper (5.15) there was neither here.
 */
u32 user_regs_offset;

bool counts_missed; /* out: the kernel counts what kprobes miss */

static __always_inline u32 regs_offset(struct task_struct *task)
{
	const u32 thread_size = 16384;

	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
		return (u64)bpf_task_pt_regs(bpf_get_current_task_btf()) -
		       (u64)BPF_CORE_READ(task, stack);
	return thread_size - bpf_core_type_size(struct pt_regs);
}

SEC("raw_tp/sys_enter")
int probe_kernel(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct eventpoll *ep = NULL;
	struct pid *pid;
	u64 upid;
	struct file **table;
	struct file *file = NULL;

	tgid = bpf_get_current_pid_tgid() >> 32;
	pid = BPF_CORE_READ(task, thread_pid); /* as task_active_pid_ns() */
	pid_level = BPF_CORE_READ(pid, level);
	upid = (u64)pid + bpf_core_field_offset(struct pid, numbers) +
	       pid_level * bpf_core_type_size(struct upid);
	pid_ns = (u64)BPF_CORE_READ((struct upid *)upid, ns);
	has_eventpoll = bpf_core_field_exists(ep->rbr) && bpf_core_field_exists(ep->rdllist) &&
			bpf_core_field_exists(ep->ovflist) && bpf_core_field_exists(ep->wq);
	if (bpf_core_field_exists(((struct epitem___ovflist_next *)0)->ovflist_next))
		ovflink_offset = bpf_core_field_offset(struct epitem___ovflist_next, ovflist_next);
	else
		ovflink_offset = bpf_core_field_offset(struct epitem, next);
	user_regs_offset = regs_offset(task);
	counts_missed =
		bpf_core_field_exists(((struct bpf_link_info *)0)->perf_event.kprobe.missed);
	table = BPF_CORE_READ(task, files, fdt, fd);
	if (epfd >= 0 && !bpf_probe_read_kernel(&file, sizeof(file), table + epfd) && file)
		ep_fops = (u64)BPF_CORE_READ(file, f_op);
	return 0;
}
