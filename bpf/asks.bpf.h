/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What user space asks for by running a program once (BPF_PROG_TEST_RUN): what only the kernel can
 * tell, and changes of maps that have a body here already. Question and answer are in `ask`. User
 * space asks one thing at a time.
 */
#ifndef EPSCOPE_ASKS_BPF_H
#define EPSCOPE_ASKS_BPF_H

#include "on_item.bpf.h"
#include "on_life.bpf.h"

/* No process has the instance: if its file is no more either, it has ended. */
SEC("?raw_tp/sys_enter")
int ask_instance_bury(void *ctx)
{
	struct ep_instance *inst = instance_get(ask.ep);

	if (!inst || inst->id != ask.key.id || file_is((void *)inst->file, ask.ep))
		return 0;
	if (sees_destroy && !(inst->flags & EPI_MISSING)) /* the hook may be on its way */
		inst->flags |= EPI_MISSING;
	else
		instance_bury(ask.ep, ask.key.id, bpf_ktime_get_ns(), BURY_IF_GONE);
	return 0;
}

/* The item has left its tree, unless it has been added again since user space read it. */
SEC("?raw_tp/sys_enter")
int ask_item_forget(void *ctx)
{
	struct item_key key = ask.key;
	struct item_stats *item = bpf_map_lookup_elem(&items, &key);

	if (item && item->added_ns == ask.added_ns)
		item_forget(&key);
	return 0;
}

/* The thread is no more. */
SEC("?raw_tp/sys_enter")
int ask_thread_forget(void *ctx)
{
	u32 tid = ask.tid;
	struct thread_state *ts = thread_get(tid);

	if (ts)
		thread_forget(tid, ts);
	return 0;
}

#endif
