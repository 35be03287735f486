/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reading the kernel's own structures: every difference between kernels is settled here, by asking
 * for the field (CO-RE), never for a version.
 */
#ifndef EPSCOPE_KERNEL_BPF_H
#define EPSCOPE_KERNEL_BPF_H

#include "maps.bpf.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

extern void *bpf_rdonly_cast(const void *obj,
			     u32 btf_id) __ksym __weak; /* since 6.2 (a35b9af4ec2c) */

/*
 * A field, in what runs often. Where the kernel takes an address for a typed pointer if it is told the
 * type, that is a load that cannot fault, and else a helper call: some 15 times as long.
 */
#define FIELD(ptr, path)                                                                \
	({                                                                              \
		typeof((ptr)->path) value;                                              \
                                                                                        \
		if (bpf_rdonly_cast)                                                    \
			value = ((typeof(ptr))bpf_rdonly_cast(                          \
					 ptr, bpf_core_type_id_kernel(typeof(*(ptr))))) \
					->path;                                         \
		else                                                                    \
			bpf_core_read(&value, sizeof(value), &(ptr)->path);             \
		value;                                                                  \
	})

#define TASK_INTERRUPTIBLE  1
#define PREEMPT_SOFTIRQ_BIT 0x100 /* serving a softirq; 0x200 is only "bottom halves disabled" */

/*
 * Per-CPU preempt count of x86: one of the two exists, see struct pcpu_hot. Only programs of the full
 * tier may use it: a kernel without data symbols in kallsyms (no CONFIG_KALLSYMS_ALL) refuses to
 * load a program that names it.
 */
extern const int __preempt_count __ksym __weak;
extern const struct pcpu_hot pcpu_hot __ksym __weak;

static __always_inline u32 context_now(void)
{
	int count;

	if (&__preempt_count)
		count = *(const int *)bpf_this_cpu_ptr(&__preempt_count);
	else if (&pcpu_hot)
		count = ((const struct pcpu_hot *)bpf_this_cpu_ptr(&pcpu_hot))->preempt_count;
	else
		return CTX_UNKNOWN;
	if (count & hardirq_mask)
		return CTX_HARDIRQ;
	return count & PREEMPT_SOFTIRQ_BIT ? CTX_SOFTIRQ : CTX_TASK;
}

/* The struct file behind a descriptor of a task, without a reference; NULL: none, or no table. */
static __always_inline struct file *task_file(struct task_struct *task, int fd)
{
	struct files_struct *files = FIELD(task, files);
	struct fdtable *fdt = files ? FIELD(files, fdt) : NULL;
	struct file **table, *file = NULL;

	if (!fdt || fd < 0 || (u32)fd >= FIELD(fdt, max_fds))
		return NULL;
	table = FIELD(fdt, fd);
	bpf_probe_read_kernel(&file, sizeof(file), table + fd);
	return file;
}

/* The same of the current process. */
static __always_inline struct file *file_of(int fd)
{
	return task_file((void *)bpf_get_current_task(), fd);
}

/* Whether exec would close that descriptor of the current process: its bit in fdt->close_on_exec. */
static __always_inline bool fd_cloexec(u32 fd)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	unsigned long *bits = BPF_CORE_READ(task, files, fdt, close_on_exec);
	unsigned long word = 0;

	bpf_probe_read_kernel(&word, sizeof(word), bits + fd / 64);
	return word >> (fd % 64) & 1;
}

/* The instance behind a file, 0 if the file is not an epoll descriptor. */
static __always_inline u64 ep_of_file(struct file *file)
{
	if (!file || (u64)FIELD(file, f_op) != ep_fops)
		return 0;
	return (u64)FIELD(file, private_data);
}

/* Somebody holds the file: a descriptor, a call that runs, a Unix socket that carries it. */
static __always_inline bool file_held(struct file *file)
{
	struct file___f_count *counted = (void *)file;  /* up to 6.12 */
	struct file___f_ref *referenced = (void *)file; /* since 6.13 (08ef26ea9ab3) */

	if (bpf_core_field_exists(referenced->f_ref))
		return BPF_CORE_READ(referenced, f_ref.refcnt.counter) >= 0;
	return BPF_CORE_READ(counted, f_count.counter) > 0;
}

/*
 * Nobody here holds a reference, since the program may close the file at any time and must not notice
 * us: whether it still is that of this instance is asked after what was read.
 */
static __always_inline bool file_is(struct file *file, u64 ep)
{
	return file_held(file) && ep_of_file(file) == ep;
}

/* The item's link of ovflist. Its offset is a knob: see bpf/probe.bpf.c. */
static __always_inline u64 epi_ovflink(struct epitem *epi)
{
	u64 link = 0;

	bpf_probe_read_kernel(&link, sizeof(link), (void *)epi + ovflink_offset);
	return link;
}

static __always_inline bool epi_linked(struct epitem *epi)
{
	u64 link = (u64)epi + bpf_core_field_offset(struct epitem, rdllink);

	return (u64)FIELD(epi, rdllink.next) != link;
}

/* ep_start_scan() has taken the ready list: what becomes ready goes to ovflist. */
static __always_inline bool is_scanning(struct eventpoll *ep)
{
	return (u64)FIELD(ep, ovflist) != EP_UNACTIVE_PTR_VALUE;
}

static __always_inline struct epitem *epi_of_node(u64 node)
{
	return (void *)(node - bpf_core_field_offset(struct epitem, rbn));
}

/* Key of an item in our maps; id comes from the instance. */
static __always_inline void item_key_init(struct item_key *key, u64 id, u64 file, int fd)
{
	key->id = id;
	key->file = file;
	key->fd = fd;
	key->pad = 0;
}

static __always_inline void item_key_of_epi(struct item_key *key, u64 id, struct epitem *epi)
{
	item_key_init(key, id, (u64)FIELD(epi, ffd.file), FIELD(epi, ffd.fd));
}

/*
 * The same number, to the verifier: it takes an fentry program's arguments for pointers, and refuses
 * these where a global function takes a number ("R1 is not a scalar", 5.10 to 6.12).
 */
static __always_inline u64 scalar(const void *pointer)
{
	u64 number = 0;

	bpf_probe_read_kernel(&number, sizeof(number), &pointer);
	return number;
}

/* Number of a struct pid in the caller's PID namespace, 0: it cannot be seen from there. */
static __always_inline u32 pid_seen(struct pid *pid)
{
	struct upid *upid;

	if (BPF_CORE_READ(pid, level) < pid_level)
		return 0;
	upid = (void *)pid + bpf_core_field_offset(struct pid, numbers) +
	       pid_level * bpf_core_type_size(struct upid);
	return (u64)BPF_CORE_READ(upid, ns) == pid_ns ? BPF_CORE_READ(upid, nr) : 0;
}

static __always_inline u32 task_tid_seen(struct task_struct *task)
{
	return pid_level ? pid_seen(BPF_CORE_READ(task, thread_pid)) : BPF_CORE_READ(task, pid);
}

static __always_inline u32 task_tgid_seen(struct task_struct *task)
{
	if (!pid_level)
		return BPF_CORE_READ(task, tgid);
	return pid_seen(BPF_CORE_READ(task, group_leader, thread_pid));
}

/* Name of the current thread, COMM_LEN bytes. Direct loads where the kernel has them, see FIELD(). */
static __always_inline void comm_now(char *comm)
{
	struct task_struct *task;
	const u64 *from;

	if (!bpf_rdonly_cast) {
		bpf_get_current_comm(comm, COMM_LEN);
		return;
	}
	task = bpf_rdonly_cast((void *)bpf_get_current_task(),
			       bpf_core_type_id_kernel(struct task_struct));
	from = (const u64 *)task->comm;
	((u64 *)comm)[0] = from[0];
	((u64 *)comm)[1] = from[1];
}

static __always_inline u32 tid_now(void)
{
	return (u32)bpf_get_current_pid_tgid();
}

static __always_inline u32 tid_now_seen(void)
{
	return pid_level ? task_tid_seen((void *)bpf_get_current_task()) : tid_now();
}

static __always_inline u32 tgid_now_seen(void)
{
	if (!pid_level)
		return bpf_get_current_pid_tgid() >> 32;
	return task_tgid_seen((void *)bpf_get_current_task());
}

/* "state" became "__state" in 5.14 (2f064a59a11f). */
static __always_inline u32 task_state(struct task_struct *task)
{
	struct task_struct___state *old = (void *)task;

	if (bpf_core_field_exists(task->__state))
		return BPF_CORE_READ(task, __state);
	return (u32)BPF_CORE_READ(old, state);
}

/* Registers with which a thread entered the kernel. */
static __always_inline struct pt_regs *task_user_regs(struct task_struct *task)
{
	return BPF_CORE_READ(task, stack) + user_regs_offset;
}

/* The system call that this thread runs was made by 32-bit code, with its numbers and registers. */
static __always_inline bool task_calls_compat(struct task_struct *task)
{
	if (!bpf_core_field_exists(task->thread_info.status))
		return false;
	return BPF_CORE_READ(task, thread_info.status) & TS_COMPAT;
}

/* What a thread that sleeps in epoll_wait asked for. */
struct wait_args {
	int epfd;
	int maxevents;
	u64 uevents;
};

/*
 * Taken only if its user registers look like an epoll_wait, epoll_pwait or epoll_pwait2: nothing is
 * guessed. Returns false then.
 */
static __always_inline bool task_wait_args(struct task_struct *task, struct wait_args *out)
{
#ifdef __TARGET_ARCH_x86
	const u64 user_cs = 0x33, user32_cs = 0x23;
	struct pt_regs *regs = task_user_regs(task);
	u64 nr = BPF_CORE_READ(regs, orig_ax), cs = BPF_CORE_READ(regs, cs);

	if (cs != user_cs && cs != user32_cs)
		return false;
	if (task_calls_compat(task)) {
		if (nr != NR_IA32_EPOLL_WAIT && nr != NR_IA32_EPOLL_PWAIT &&
		    nr != NR_IA32_EPOLL_PWAIT2)
			return false;
		out->epfd = (int)BPF_CORE_READ(regs, bx);
		out->uevents = (u32)BPF_CORE_READ(regs, cx);
	} else {
		if (nr != NR_EPOLL_WAIT && nr != NR_EPOLL_PWAIT && nr != NR_EPOLL_PWAIT2)
			return false;
		out->epfd = (int)BPF_CORE_READ(regs, di);
		out->uevents = BPF_CORE_READ(regs, si);
	}
	out->maxevents = (int)BPF_CORE_READ(regs, dx); /* third of both */
	return true;
#else
	return false;
#endif
}

#endif
