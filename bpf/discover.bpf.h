/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who has which instance: the descriptor tables of the tasks, read without a reference to a file. One
 * held for only a moment would keep a file alive that its program closes just then, and with it its
 * items: the program would get events of a descriptor that it has closed.
 */
#ifndef EPSCOPE_DISCOVER_BPF_H
#define EPSCOPE_DISCOVER_BPF_H

#include "on_life.bpf.h"

/* Chunks of a table, with bpf_loop() and without. */
#define TABLE_MAX   (1u << 20)
#define TABLE_SHORT 256

/* Part of a table: struct fdtable has room for a multiple of 64. */
static u64 files[CHUNK];

/* A 32-bit process is one with a small address space. */
static __always_inline void compat_look(struct task_struct *task)
{
	u64 size = BPF_CORE_READ(task, mm, task_size);

	if (size && !(size >> 32))
		compat_seen++;
}

/*
 * The file that an instance was learned by was closed meanwhile: nobody may see the end of what was
 * learned too late. What its maker has entered, or taken over, has its own end.
 */
static __always_inline void instance_unlearn(u64 ep, u64 file_at)
{
	struct ep_instance *inst = instance_get(ep);
	u64 id = inst ? inst->id : 0;

	if (inst && inst->file == file_at && met_in_vain(inst))
		instance_bury(ep, id, bpf_ktime_get_ns(), BURY_IF_GONE | BURY_UNTOLD);
}

/* A file of an instance, in the table of this task. Returns 1 if there is no room for it. */
__attribute__((noinline)) int file_found(u64 task_at, u64 file_at, int fd)
{
	struct task_struct *task = (void *)task_at;
	struct file *file = (void *)file_at;
	u64 ep = ep_of_file(file);
	struct ep_instance *inst = instance_get(ep);
	u64 id = inst ? inst->id : 0;
	u32 at = snap.owners, tgid = task_tgid_seen(task);
	const char *comm = (void *)task + bpf_core_field_offset(struct task_struct, comm);
	bool known = false;
	struct snap_owner *o;

	/* After the look at inst: whose file is another one, it is over. */
	if (!file_is(file, ep) || (!inst && !is_target(tgid)))
		return 0;
	o = bpf_map_lookup_elem(&snap_slots, &at);
	if (!o)
		return 1;
	if (inst && inst->file != file_at)
		instance_bury(ep, id, bpf_ktime_get_ns(), BURY_IF_GONE); /* it has one file */
	else
		known = inst;
	if (!known) {
		if (!is_target(tgid)) /* at the address of a target's that has ended */
			return 0;
		inst = instance_learn(ep, file_at, fd, tgid, comm, EPI_SEEN_LATE);
	}
	if (!inst || inst->file != file_at) /* the next one at its address, entered by its maker */
		return 0;
	if (!known && !file_is(file, ep)) {
		instance_unlearn(ep, file_at);
		return 0;
	}
	id = inst->id;
	owner_met(ep, tgid, task_at);
	if (!is_target(tgid)) /* who else has a target's instance: asked, not told */
		return 0;
	o->id = id;
	o->ep = ep;
	o->tgid = tgid;
	o->fd = fd;
	bpf_probe_read_kernel(o->comm, COMM_LEN, comm);
	snap.owners = at + 1;
	return 0;
}

/* CHUNK descriptors from snap.fd on. Returns 1 to stop: the end, or no more room. */
__attribute__((noinline)) int table_chunk(void)
{
	u32 fd = snap.fd, i;
	struct file *file;

	if (fd >= snap.fd_max)
		return 1;
	if (bpf_probe_read_kernel(files, sizeof(files), (void *)(snap.fd_table + fd * 8ULL))) {
		snap.fd = snap.fd_max;
		return 1;
	}
	for (i = 0; i < CHUNK; i++) {
		file = (void *)files[i];
		if (!file || (u64)FIELD(file, f_op) != ep_fops)
			continue;
		if (file_found(snap.task, files[i], (int)(fd + i)))
			return 1;
	}
	snap.fd = fd + CHUNK;
	return 0;
}

static long table_loop(u32 i, void *ctx)
{
	return table_chunk() != 0;
}

/* All tasks come, in the order of their numbers; or those of one process, its leader first. Threads
 * share the table of their process. */
static __always_inline bool task_has_table(struct task_struct *task)
{
	struct files_struct *table = BPF_CORE_READ(task, files);

	return table && (BPF_CORE_READ(task, pid) == BPF_CORE_READ(task, tgid) ||
			 table != BPF_CORE_READ(task, group_leader, files));
}

static __always_inline void discover(struct task_struct *task, bool loop)
{
	u32 tid, tgid;
	int i;

	if (!task || snap.more || !task_has_table(task))
		return;
	tid = task_tid_seen(task);
	tgid = task_tgid_seen(task);
	if (tid < snap.tid || tgid == self_seen || (snap.tgid && snap.tgid != tgid))
		return;
	compat_look(task);
	snap.task = (u64)task;
	snap.fd = tid == snap.tid ? snap.fd & ~(CHUNK - 1) : 0;
	snap.tid = tid;
	snap.fd_max = BPF_CORE_READ(task, files, fdt, max_fds);
	snap.fd_table = (u64)BPF_CORE_READ(task, files, fdt, fd);
	if (loop)
		bpf_loop(TABLE_MAX, table_loop, NULL, 0);
	for (i = 0; !loop && i < TABLE_SHORT; i++)
		if (table_chunk())
			break;
	snap.more = snap.fd < snap.fd_max;
}

#endif
