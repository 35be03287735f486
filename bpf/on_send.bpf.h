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

/* Longest list that is counted to its end; a longer one counts as LOSS_LIST. */
#define LIST_MAX (CHUNK * 16)

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

/* Entries of a list_head list. */
static __always_inline int list_count(u64 head)
{
	u64 link = head;
	int n;

	for (n = 0; n < LIST_MAX; n += CHUNK) {
		link = list_chunk(link, head);
		if (link < CHUNK)
			return n + (int)link;
	}
	lose(LOSS_LIST);
	return n;
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
	u64 epi = (u64)BPF_CORE_READ(ep, ovflist);
	int n;

	for (n = 0; n < LIST_MAX; n += CHUNK) {
		epi = ovflist_chunk(epi);
		if (epi < CHUNK)
			return n + (int)epi;
	}
	lose(LOSS_LIST);
	return n;
}

/*
 * The lists are apart now: count them. Only for the scan of the wait that this thread runs: a poll()
 * of a nested instance scans too, delivers nothing, and is none of this.
 */
static __always_inline void on_scan(u64 ep, u64 txlist)
{
	struct thread_state *ts = thread_get(tid_now());
	struct ep_instance *inst;
	struct ev *ev;

	if (!ts || ts->ep != ep)
		return;
	inst = instance_get(ep);
	if (!inst)
		return;
	ts->scan_put_back = list_count(ep + bpf_core_field_offset(struct eventpoll, rdllist));
	ts->scan_left = list_count(txlist);
	ts->scan_overflow = ovflist_count((void *)ep);
	count(inst->st.scans);
	count_add(inst->st.put_back, ts->scan_put_back);
	count_add(inst->st.left_over, ts->scan_left);
	count_add(inst->st.overflowed, ts->scan_overflow);
	if (ts->scan_put_back >= LIST_MAX || ts->scan_left >= LIST_MAX ||
	    ts->scan_overflow >= LIST_MAX)
		inst->lost[LOSS_LIST] = 1;
	if (!streams(EV_SCAN))
		return;
	ev = ev_start(EV_SCAN, bpf_ktime_get_ns(), ep, inst->id);
	if (!ev)
		return;
	ev->op = ts->scan_left;
	ev->result = ts->scan_put_back;
	ev->peer = ts->scan_overflow;
	ev_submit(ev);
}

/* Where entry and return are seen apart: the list is an argument, and only full at the return. */
static __always_inline void on_scan_entry(u64 ep, u64 txlist)
{
	struct thread_state *ts = thread_get(tid_now());

	if (!ts || ts->ep != ep)
		return;
	if (ts->scan_list)
		lose_return(instance_get(ep));
	ts->scan_list = txlist;
}

static __always_inline void on_scan_return(void)
{
	struct thread_state *ts = thread_get(tid_now());
	u64 list;

	if (!ts || !ts->scan_list)
		return;
	list = ts->scan_list;
	ts->scan_list = 0;
	on_scan(ts->ep, list);
}

#endif
