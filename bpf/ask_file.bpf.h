/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the file of an item is, read as memory. /proc would tell the same, but holds the file while it
 * answers: if the program closes it just then, its item stays in the tree, and the program gets an
 * event of a descriptor that it has closed.
 */
#ifndef EPSCOPE_ASK_FILE_BPF_H
#define EPSCOPE_ASK_FILE_BPF_H

#include "on_item.bpf.h"

/* The item that user space asks about, while its instance is there; else 0. */
static __always_inline u64 asked_item(void)
{
	u64 ep = ask.ep;
	struct ep_instance *inst = instance_get(ep);

	if (!inst || inst->id != ask.key.id || !file_is((void *)inst->file, ep))
		return 0;
	return tree_find(ep, ask.key.file, ask.key.fd);
}

/* Of an eventfd, a timerfd, a signalfd, a BPF map: as if it were each of them. */
static __always_inline void facts_private(struct file_facts *out, void *private)
{
	struct signalfd_ctx *signalfd = private;
	struct eventfd_ctx *eventfd = private;
	struct timerfd_ctx *timerfd = private;
	struct bpf_map *map = private;

	if (bpf_core_field_exists(eventfd->count)) {
		out->eventfd_count = BPF_CORE_READ(eventfd, count);
		out->known |= FACT_EVENTFD_COUNT;
	}
	if (bpf_core_field_exists(eventfd->id)) {
		out->eventfd_id = BPF_CORE_READ(eventfd, id);
		out->known |= FACT_EVENTFD_ID;
	}
	if (bpf_core_field_exists(timerfd->clockid)) {
		out->clock = BPF_CORE_READ(timerfd, clockid);
		out->known |= FACT_CLOCK;
	}
	if (bpf_core_field_exists(signalfd->sigmask)) {
		out->signals = ~BPF_CORE_READ(signalfd, sigmask.sig[0]);
		out->known |= FACT_SIGNALS;
	}
	if (bpf_core_field_exists(map->id)) {
		out->map_id = BPF_CORE_READ(map, id);
		out->known |= FACT_MAP_ID;
	}
}

/* Of a pidfd. One whose process is gone has no number any more. */
static __always_inline void facts_pid(struct file_facts *out, struct pid *pid)
{
	if (bpf_core_field_exists(pid->tasks) && !BPF_CORE_READ(pid, tasks[0].first))
		return;
	out->pid = pid_seen(pid);
	out->known |= FACT_PID;
}

static __always_inline void facts_read(struct file_facts *out, struct file *file)
{
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	void *private = BPF_CORE_READ(file, private_data);

	__builtin_memset(out, 0, sizeof(*out));
	out->ino = BPF_CORE_READ(inode, i_ino);
	out->mode = BPF_CORE_READ(inode, i_mode);
	out->magic = BPF_CORE_READ(inode, i_sb, s_magic);
	out->flags = BPF_CORE_READ(file, f_flags);
	out->known = FACT_FLAGS;
	bpf_probe_read_kernel_str(out->name, sizeof(out->name),
				  BPF_CORE_READ(file, f_path.dentry, d_name.name));
	facts_private(out, private);
	/* A file system of its own since 6.9 (cb12fd8e0dab) */
	facts_pid(out, out->magic == PIDFS_MAGIC ? BPF_CORE_READ(inode, i_private) : private);
}

/* What that descriptor of the asked process is, by the table of this task; NULL: nothing. Where a task
 * has ended there is none of this process, or one without a table. */
static __always_inline struct file *asked_descriptor(struct task_struct *task)
{
	return task_tgid_seen(task) == ask.tgid ? task_file(task, ask.key.fd) : NULL;
}

/* See struct file_facts and enum file_answer. The item is in its tree before and after. */
SEC("?raw_tp/sys_enter")
int ask_file(void *ctx)
{
	struct owner_key owner = { .ep = ask.ep, .tgid = ask.tgid };
	u64 *task = bpf_map_lookup_elem(&owner_tasks, &owner);
	u64 epi = asked_item();
	bool here;

	ask.answer = FILE_UNKNOWN;
	if (!task || !epi)
		return 0;
	facts_read(&ask.facts, (struct file *)ask.key.file);
	here = (u64)asked_descriptor((void *)*task) == ask.key.file;
	if (asked_item() == epi)
		ask.answer = here ? FILE_HERE : FILE_ELSEWHERE;
	return 0;
}

#endif
