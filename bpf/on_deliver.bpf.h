/* SPDX-License-Identifier: GPL-2.0 */
/* What a return of epoll_wait delivered: each event is booked on its item. */
#ifndef EPSCOPE_ON_DELIVER_BPF_H
#define EPSCOPE_ON_DELIVER_BPF_H

#include "aggregate.bpf.h"

/* Events of one return that are mapped to items; more are counted as LOSS_UNATTRIBUTED. */
#define DELIVER_MAX (CHUNK * 32)

static __always_inline void deliver_row(u64 id, int fd, u64 data, u64 mask_index, u64 now,
					u64 since)
{
	struct thread_state *ts;
	struct ev *ev;

	if (!streams(EV_DELIVER))
		return;
	ts = thread_get(tid_now());
	ev = ev_start(EV_DELIVER, now, ts ? ts->last_ep : 0, id);
	if (!ev)
		return;
	ev->fd = fd;
	ev->mask = (u32)mask_index;
	ev->data = data;
	ev->op = mask_index >> 32;
	ev->dur_ns = since;
	ev_submit(ev);
}

/* What deliver_one() tells beside the time. */
#define DELIVER_UNKNOWN (1ULL << 63) /* its item could not be told */
#define DELIVER_LINKED  (1ULL << 62) /* ep_send_events() has put its item back */

/*
 * Times of the scan of a return as differences, for a global function takes five arguments: from its
 * end to now in the upper half; in the lower from when it had not begun for sure, the end of the scan
 * before it or the entry of this wait. 0: none was seen.
 */
static __always_inline u64 scan_pack(const struct thread_state *ts, u64 now)
{
	const u64 most = 0xffffffff;
	u64 before = ts->scan_prev_ns > ts->enter_ns ? ts->scan_prev_ns : ts->enter_ns;
	u64 since = now - ts->scan_ns, between = ts->scan_ns - before;

	if (!ts->scan_ns)
		return 0;
	return (since < most ? since : most) << 32 | (between < most ? between : most);
}

/*
 * Whether that callback had linked its item when the scan of this return began. During a scan they go
 * to ovflist alone, which is what the next scan gets; so a plain one is of before it, or of after.
 */
static __always_inline bool mark_delivered(u64 at, bool overflow, u64 now, u64 scan)
{
	u64 scan_ns = now - (scan >> 32);

	return !scan || at <= (overflow ? scan_ns - (u32)scan : scan_ns);
}

/* For how long the item had been ready (ns), 0: not known. What came after the scan stays. */
static __always_inline u64 deliver_since(struct item_stats *item, u64 now, u64 scan)
{
	u64 at = 0;

	if (item->again_ns &&
	    mark_delivered(item->again_ns, item->marks & MARK_AGAIN_OVERFLOW, now, scan)) {
		/* Linked anew before the scan: the older one was gone before anyone looked. */
		at = item->again_ns;
		item->ready_ns = item->again_ns = 0;
	} else if (item->ready_ns &&
		   mark_delivered(item->ready_ns, item->marks & MARK_READY_OVERFLOW, now, scan)) {
		at = item->ready_ns;
		item->ready_ns = 0;
		mark_shift(item);
	}
	return at && now > at ? now - at : 0;
}

/*
 * One delivered event, by its user data, and its mask with its index in the return in the upper half.
 * Returns for how long its item had been ready (ns, 0: not known), and these flags.
 */
__attribute__((noinline)) u64 deliver_one(u64 id, u64 data, u64 mask_index, u64 now, u64 scan)
{
	struct data_key dkey = { .id = id, .data = data };
	struct item_stats *item = NULL;
	struct data_index *where;
	struct item_key key;
	u64 since, flags = 0;
	int fd = -1;

	where = bpf_map_lookup_elem(&by_data, &dkey);
	if (where && !where->others && where->file) {
		fd = where->fd;
		item_key_init(&key, id, where->file, fd);
		item = bpf_map_lookup_elem(&items, &key);
	}
	if (!item) {
		deliver_row(id, fd, data, mask_index, now, 0);
		return DELIVER_UNKNOWN;
	}
	count(item->delivered);
	item->last_delivered_ns = now;
	item->revents = (u32)mask_index;
	/* ep_send_events() disables a one-shot, and re-links what is not edge-triggered either */
	if (item->events & EPOLLONESHOT)
		item->events &= EP_PRIVATE_BITS;
	else if (!(item->events & EPOLLET))
		flags = DELIVER_LINKED;
	since = deliver_since(item, now, scan);
	if (since) {
		count_add(item->ready_sum_ns, since);
		count(item->ready_n);
	}
	deliver_row(id, fd, data, mask_index, now, since);
	return since | flags;
}

/* Events of one read of user memory, on the stack. */
#define DELIVER_BLOCK 8
/* In words of 32 bit: taken from a packed struct, the compiler would fetch each byte by itself. */
#define UEV_WORDS (sizeof(struct epoll_event_user) / sizeof(u32))
#define UEV_DATA  (__builtin_offsetof(struct epoll_event_user, data) / sizeof(u32))

static __always_inline void deliver_told(struct ep_instance *inst, u64 told)
{
	u64 since = told & ~DELIVER_LINKED;

	if (told & DELIVER_UNKNOWN) {
		lose_in(inst, LOSS_UNATTRIBUTED);
		return;
	}
	if (derive_put_back && told & DELIVER_LINKED)
		count(inst->st.put_back);
	if (since)
		hist_add(inst->st, ready, since);
}

/* Events first to first + DELIVER_BLOCK - 1 of a return of n, which is the upper half. */
__attribute__((noinline)) int deliver_block(u64 ep, u64 uevents, u64 first_n, u64 now, u64 scan)
{
	struct ep_instance *inst = instance_get(ep);
	u32 words[DELIVER_BLOCK * UEV_WORDS];
	u32 i, first = (u32)first_n, left = (u32)(first_n >> 32) - first;
	u64 mask, data;

	if (!inst)
		return 0;
	barrier_var(left); /* or a copy of it is what the verifier sees compared */
	if (left > DELIVER_BLOCK)
		left = DELIVER_BLOCK;
	uevents += first * sizeof(struct epoll_event_user);
	if (bpf_probe_read_user(words, left * sizeof(struct epoll_event_user), (void *)uevents)) {
		count_add(losses[LOSS_READ], left);
		inst->lost[LOSS_READ] = 1;
		return 0;
	}
	for (i = 0; i < DELIVER_BLOCK && i < left; i++) {
		mask = words[i * UEV_WORDS];
		data = words[i * UEV_WORDS + UEV_DATA] | (u64)words[i * UEV_WORDS + UEV_DATA + 1]
								 << 32;
		deliver_told(inst,
			     deliver_one(inst->id, data, mask | (u64)(first + i) << 32, now, scan));
	}
	return 0;
}

/*
 * The events of a return of n behind the first block. A global function, for the kernel to verify its
 * loop once: inline, one that cannot follow precision through calls (as 6.1) verifies each turn anew for
 * each way that leads here, for wait_fexit() 42,596 instructions in all instead of 8,541.
 */
__attribute__((noinline)) int deliver_rest(u64 ep, u64 uevents, u32 n, u64 now, u64 scan)
{
	u32 i;

	for (i = DELIVER_BLOCK; i < DELIVER_MAX && i < n; i += DELIVER_BLOCK)
		deliver_block(ep, uevents, (u64)n << 32 | i, now, scan);
	return 0;
}

#endif
