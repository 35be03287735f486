/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An instance that is older than our knowledge of it: its items and its waiters are entered before
 * anything counts. A snapshot does so for what was there when we came; an instance that a target was
 * handed since then (SCM_RIGHTS, pidfd_getfd()) is seeded by the target's first call.
 */
#ifndef EPSCOPE_SEED_BPF_H
#define EPSCOPE_SEED_BPF_H

#include "on_item.bpf.h"

/* More are left to the next snapshot: a caller must not wait for long, nor the verifier. */
#define SEED_ITEMS   (CHUNK * 16)
#define SEED_WAITERS (CHUNK * 16)

static __always_inline u64 rb_left(u64 node)
{
	return (u64)FIELD((struct rb_node *)node, rb_left);
}

static __always_inline u64 rb_right(u64 node)
{
	return (u64)FIELD((struct rb_node *)node, rb_right);
}

static __always_inline u64 rb_parent(u64 node)
{
	return FIELD((struct rb_node *)node, __rb_parent_color) & ~3ULL;
}

/* In-order successor, 0 at the end: the kernel's rb_next(). */
static __always_inline u64 tree_next(u64 node)
{
	u64 next = rb_right(node);
	int i;

	if (next) {
		for (i = 0; i < TREE_DEPTH_MAX; i++) {
			node = next;
			next = rb_left(node);
			if (!next)
				return node;
		}
		return 0;
	}
	for (i = 0; i < TREE_DEPTH_MAX; i++) {
		next = rb_parent(node);
		if (!next || rb_right(next) != node)
			return next;
		node = next;
	}
	return 0;
}

__attribute__((noinline)) int item_seed(u64 ep, u64 id, u64 node)
{
	struct epitem *epi = epi_of_node(node);
	struct ep_instance *inst = instance_get(ep);
	bool again = snap.retry && snap.seed_id == id;
	struct item_stats *item;
	struct item_key key;

	if (!inst || inst->id != id)
		return 0;
	item_key_of_epi(&key, id, epi);
	/* A tree that is read again: what it lost at first is counted already. */
	if (again && bpf_map_lookup_elem(&items, &key))
		return 0;
	item = item_get_or_new(&key);
	if (!item && !again)
		lose_in(inst, LOSS_ITEMS);
	if (!item || item->added_ns || item->named)
		return 0;
	inst->found++;
	item->events = BPF_CORE_READ(epi, event.events);
	item->epi = (u64)epi;
	data_learn(inst, &key, item, BPF_CORE_READ(epi, event.data));
	return 0;
}

/*
 * A thread that waits already has no entry of its own to tell us: make its state. link: on ep->wq. False
 * if there is no room for it.
 */
__attribute__((noinline)) int waiter_seed(u64 ep, u64 id, u64 link)
{
	u64 entry = link - bpf_core_field_offset(struct wait_queue_entry, entry);
	struct task_struct *task = BPF_CORE_READ((struct wait_queue_entry *)entry, private);
	u32 tid = BPF_CORE_READ(task, pid);
	struct ep_instance *inst = instance_get(ep);
	struct wait_args args = { .epfd = -1 };
	struct thread_state *ts;

	if (!inst || inst->id != id || !tid)
		return 1;
	ts = thread_get_or_new(tid);
	if (!ts)
		return 0;
	if (ts->ep)
		return 1;
	ts->tgid = task_tgid_seen(task);
	ts->tid = task_tid_seen(task);
	ts->id = ts->last_id = id;
	ts->last_ep = ep;
	ts->enter_ns = ts->woken_ns = ts->run_ns = ts->scan_ns = 0;
	ts->pending = ts->wakes = 0;
	task_wait_args(task, &args); /* without, what this wait delivers has no descriptors */
	ts->epfd = args.epfd;
	ts->maxevents = args.maxevents;
	ts->uevents = args.uevents;
	bpf_probe_read_kernel(ts->comm, COMM_LEN,
			      (void *)task + bpf_core_field_offset(struct task_struct, comm));
	if (*(volatile u64 *)&ts->ep) /* it has returned meanwhile, and waits again */
		return 1;
	ts->ep = ep;
	count(inst->st.in_wait);
	count(late_waits);
	return 1;
}

static __always_inline void waiter_lost(u64 ep)
{
	struct ep_instance *inst = instance_get(ep);

	if (inst)
		lose_in(inst, LOSS_THREADS);
}

__attribute__((noinline)) u64 node_after(u64 node)
{
	return scalar((void *)tree_next(node));
}

/* CHUNK items from this one on; returns the next, 0 at the end. */
__attribute__((noinline)) u64 items_seed_chunk(u64 ep, u64 id, u64 node)
{
	int i;

	for (i = 0; i < CHUNK && node; i++) {
		item_seed(ep, id, node);
		node = node_after(node);
	}
	return node;
}

static __always_inline bool items_seed(u64 ep, u64 id)
{
	u64 node = (u64)BPF_CORE_READ((struct eventpoll *)ep, rbr.rb_leftmost);
	int i;

	for (i = 0; i < SEED_ITEMS && node; i += CHUNK)
		node = items_seed_chunk(ep, id, node);
	return !node;
}

/* CHUNK waiters from the one behind this link on; returns the last link, head at the end. */
__attribute__((noinline)) u64 waiters_seed_chunk(u64 ep, u64 id, u64 link)
{
	u64 head = ep + bpf_core_field_offset(struct eventpoll, wq.head);
	int i;

	for (i = 0; i < CHUNK; i++) {
		if (bpf_probe_read_kernel(&link, sizeof(link), (void *)link) || link == head)
			return head;
		if (!waiter_seed(ep, id, link))
			waiter_lost(ep);
	}
	return link;
}

/* False if there were more: nobody will see these return. */
static __always_inline bool waiters_seed(u64 ep, u64 id)
{
	u64 head = ep + bpf_core_field_offset(struct eventpoll, wq.head), link = head;
	int i;

	for (i = 0; i < SEED_WAITERS; i += CHUNK) {
		link = waiters_seed_chunk(ep, id, link);
		if (link == head)
			return true;
	}
	return (u64)BPF_CORE_READ((struct list_head *)link, next) == head;
}

/* By the call that learned it, which alone does so. */
__attribute__((noinline)) int instance_seed(u64 ep)
{
	struct ep_instance *inst = instance_get(ep);
	bool all;
	u64 id;

	if (!inst)
		return 0;
	id = inst->id;
	all = items_seed(ep, id);
	inst = instance_get(ep);
	if (!inst || inst->id != id)
		return 0;
	inst->seeded = all ? SEED_DONE : SEED_NOT;
	if (!all || waiters_seed(ep, id)) /* after that, as in snap_read() */
		return 0;
	inst = instance_get(ep);
	if (inst && inst->id == id)
		lose_in(inst, LOSS_THREADS);
	return 0;
}

#endif
