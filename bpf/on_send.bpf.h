/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Scans of the ready list. ep_send_events() takes all of rdllist to a private list, delivers from
 * it, and re-links LT items to rdllist; ep_done_scan() then adds what came meanwhile (ovflist) and
 * what did not fit. At its entry all three are apart, and ep->mtx keeps them so:
 * rdllist = put back, the private list = left over, ovflist = overflow.
 */
#ifndef EPSCOPE_ON_SEND_BPF_H
#define EPSCOPE_ON_SEND_BPF_H

#include "aggregate.bpf.h"

/* Longest list that is counted to its end; a longer one counts as LIST_CUT and as LOSS_LIST. */
#define LIST_MAX (CHUNK * 16)
#define LIST_CUT (LIST_MAX + 1)

/* CHUNK entries on: where it stands then, or less than CHUNK: so many were left. */
__attribute__((noinline)) u64 list_chunk(u64 link, u64 head)
{
	u32 i;

	for (i = 0; i < CHUNK; i++) {
		if (bpf_probe_read_kernel(&link, sizeof(link), (void *)link)) {
			lose(LOSS_READ);
			return i;
		}
		if (link == head)
			return i;
	}
	return link;
}

/* Entries of a list_head list. Most are empty or have one: these take no helper call, see FIELD(). */
static __always_inline int list_count(u64 head)
{
	u64 first = (u64)FIELD((struct list_head *)head, next);
	u64 link = head;
	int n;

	if (first == head)
		return 0;
	if ((u64)FIELD((struct list_head *)first, next) == head)
		return 1;
	for (n = 0; n < LIST_MAX; n += CHUNK) {
		link = list_chunk(link, head);
		if (link < CHUNK)
			return n + (int)link;
	}
	if (!list_chunk(link, head))
		return LIST_MAX;
	lose(LOSS_LIST);
	return LIST_CUT;
}

/* The same of ovflist, which is linked through the items and ended by NULL. */
__attribute__((noinline)) u64 ovflist_chunk(u64 epi)
{
	u32 i;

	for (i = 0; i < CHUNK; i++) {
		if (!epi || epi == EP_UNACTIVE_PTR_VALUE)
			return i;
		epi = epi_ovflink((void *)epi);
	}
	return epi ? epi : EP_UNACTIVE_PTR_VALUE; /* 0 would mean that none was left at first */
}

static __always_inline int ovflist_count(struct eventpoll *ep)
{
	u64 epi = (u64)FIELD(ep, ovflist);
	int n;

	if (!epi || epi == EP_UNACTIVE_PTR_VALUE)
		return 0;
	epi = scalar((void *)epi);
	for (n = 0; n < LIST_MAX; n += CHUNK) {
		epi = ovflist_chunk(epi);
		if (epi < CHUNK)
			return n + (int)epi;
	}
	if (epi == EP_UNACTIVE_PTR_VALUE)
		return LIST_MAX;
	lose(LOSS_LIST);
	return LIST_CUT;
}

/* The lists are apart now: count them. */
static __always_inline void scan_count(struct thread_state *ts, u64 txlist)
{
	struct ep_instance *inst = instance_get(ts->ep);
	u64 ep = ts->ep;
	struct ev *ev;

	if (!inst)
		return;
	ts->scan_put_back = list_count(ep + bpf_core_field_offset(struct eventpoll, rdllist));
	ts->scan_left = list_count(txlist);
	ts->scan_overflow = ovflist_count((void *)ep);
	ts->scan_prev_ns = inst->scan_ns; /* ep->mtx is held: one scan after the other */
	ts->scan_ns = inst->scan_ns = bpf_ktime_get_ns();
	count(inst->st.scans);
	count_add(inst->st.put_back, ts->scan_put_back);
	count_add(inst->st.left_over, ts->scan_left);
	count_add(inst->st.overflowed, ts->scan_overflow);
	if (ts->scan_put_back > LIST_MAX || ts->scan_left > LIST_MAX ||
	    ts->scan_overflow > LIST_MAX)
		inst->lost[LOSS_LIST] = 1;
	if (!streams(EV_SCAN))
		return;
	ev = ev_start(EV_SCAN, ts->scan_ns, ep, inst->id);
	if (!ev)
		return;
	ev->op = ts->scan_left;
	ev->result = ts->scan_put_back;
	ev->peer = ts->scan_overflow;
	ev_submit(ev);
}

/* A poll(), as by an instance that watches this one: it delivers nothing, and empties ovflist. */
static __always_inline void scan_other(u64 ep)
{
	struct ep_instance *inst = instance_get(ep);

	if (inst)
		inst->scan_ns = bpf_ktime_get_ns();
}

/*
 * Only the scan of the wait that this thread runs counts: a poll() of a nested instance scans too,
 * delivers nothing, and is none of this. Where entry and return are seen apart the private list is
 * known at the entry, and only full at the return.
 */
static __always_inline struct thread_state *on_scan_entry(u64 ep, u64 txlist)
{
	struct thread_state *ts = thread_get(tid_now());

	if (!ts)
		return NULL; /* most are: other processes' waits pay for no look at the instance */
	if (ts->ep != ep) {
		scan_other(ep);
		return NULL;
	}
	if (ts->scan_list)
		lose_return(instance_get(ts->ep));
	ts->scan_list = txlist;
	return ts;
}

static __always_inline void on_scan_return(struct thread_state *ts)
{
	/* Not what the compiler knows it to be: in a map the kernel's pointer has become a number. */
	u64 list = ts ? *(volatile u64 *)&ts->scan_list : 0;

	if (!list)
		return;
	ts->scan_list = 0;
	scan_count(ts, list);
}

/* Both in one. */
static __always_inline void on_scan(u64 ep, u64 txlist)
{
	on_scan_return(on_scan_entry(ep, txlist));
}

#endif
