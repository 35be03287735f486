/* SPDX-License-Identifier: GPL-2.0 */
/* ep_poll_callback(): a registered file says that it became ready; and the wakeup that follows. */
#ifndef EPSCOPE_ON_CALLBACK_BPF_H
#define EPSCOPE_ON_CALLBACK_BPF_H

#include "aggregate.bpf.h"

/*
 * What ep_poll_callback() will do with this item, read just before it takes ep->lock: the same
 * tests in the same order. Another CPU may start or end a scan in between; see LIMITS in the man page.
 */
static __always_inline u32 cb_predict(struct epitem *epi, struct eventpoll *ep, u32 events, u32 key)
{
	if (!(events & ~EP_PRIVATE_BITS) || (key && !(key & events)))
		return CB_IGNORED;
	if (is_scanning(ep))
		return epi_ovflink(epi) == EP_UNACTIVE_PTR_VALUE ? CB_OVERFLOW : CB_ALREADY;
	return epi_linked(epi) ? CB_ALREADY : CB_READY;
}

static __always_inline void cb_count(struct ep_stats *st, u32 outcome)
{
	count(st->callbacks);
	if (outcome == CB_READY)
		count(st->cb_ready);
	else if (outcome == CB_ALREADY)
		count(st->cb_already);
	else if (outcome == CB_OVERFLOW)
		count(st->cb_overflow);
	else
		count(st->cb_ignored);
}

/*
 * Since when an item has been ready. A return is booked some time after its scan, and the item may be
 * linked anew meanwhile; an older mark may also be of readiness that was gone before anyone looked. So
 * the last two are kept, and deliver_since() knows which of them the scan of a return has taken.
 */
static __always_inline void cb_mark(struct item_stats *item, u32 outcome, u64 now)
{
	u32 overflow = outcome == CB_OVERFLOW;

	if (!item->ready_ns) {
		item->marks = overflow ? MARK_READY_OVERFLOW : 0;
		item->again_ns = 0;
		item->ready_ns = now;
	} else if (outcome == CB_READY || overflow) {
		mark_shift(item);
		item->marks |= overflow ? MARK_AGAIN_OVERFLOW : 0;
		item->again_ns = now;
	}
}

static __always_inline void cb_item(struct ep_instance *inst, struct item_key *key,
				    struct epitem *epi, u32 outcome, u32 events, u64 now)
{
	struct item_stats *item = item_get_or_met(key, inst);

	if (!item)
		return;
	count(item->callbacks);
	item->last_cb_ns = now;
	item->epi = (u64)epi;
	item->events = events;
	if (outcome != CB_IGNORED)
		cb_mark(item, outcome, now);
}

static __always_inline void on_callback(struct wait_queue_entry *wait, u32 poll_key)
{
	struct eppoll_entry *entry;
	struct ep_instance *inst;
	struct item_key key;
	struct epitem *epi;
	u32 events, outcome;
	struct ev *ev;
	u64 ep, now;

	entry = (void *)wait - bpf_core_field_offset(struct eppoll_entry, wait);
	epi = FIELD(entry, base);
	ep = (u64)FIELD(epi, ep);
	inst = instance_counting(ep);
	if (!inst)
		return;
	now = bpf_ktime_get_ns();
	events = FIELD(epi, event.events);
	outcome = cb_predict(epi, (void *)ep, events, poll_key);
	item_key_of_epi(&key, inst->id, epi);
	cb_count(&inst->st, outcome);
	cb_item(inst, &key, epi, outcome, events, now);
	if (!streams(EV_CALLBACK))
		return;
	ev = ev_start(EV_CALLBACK, now, ep, key.id);
	if (!ev)
		return;
	ev->fd = key.fd;
	ev->mask = poll_key;
	ev->op = outcome;
	ev->ctx = context_now();
	ev->data = BPF_CORE_READ(epi, event.data);
	ev_submit(ev);
}

/* Steps of 65 us: nobody gets the number of a thread that began so shortly ago. */
static __always_inline u32 task_born(struct task_struct *task)
{
	return FIELD(task, start_time) >> 16;
}

/*
 * Who woke whom. The waker is 0 in a hard interrupt or on top of us, where the thread that runs is
 * a bystander.
 */
static __always_inline void wake_count_pair(struct ep_instance *inst, struct thread_state *ts,
					    struct task_struct *woken, u32 ctx, u64 now)
{
	struct waker_key key = { .id = inst->id, .ctx = ctx };
	struct waker_stats new = {};
	struct waker_stats *w;

	key.woken_tid = FIELD(woken, pid);
	key.born = task_born(woken);
	if (ctx != CTX_HARDIRQ && !self_calls())
		key.waker_tid = tid_now();
	if (key.waker_tid)
		key.born =
			key.born << 16 ^ key.born >> 16 ^ task_born((void *)bpf_get_current_task());
	ts->waker_tid = key.waker_tid;
	ts->waker_born = key.born;
	w = bpf_map_lookup_elem(&wakers, &key);
	if (w) {
		count(w->count);
		w->last_ns = now;
		return;
	}
	new.count = 1;
	new.last_ns = now;
	new.woken_tid = task_tid_seen(woken);
	if (key.waker_tid) {
		new.waker_tid = tid_now_seen();
		new.waker_tgid = tgid_now_seen();
		comm_now(new.comm);
	}
	if (bpf_map_update_elem(&wakers, &key, &new, BPF_ANY))
		lose_in(inst, LOSS_WAKERS);
	else
		count(paired);
}

/*
 * A waiter is about to be woken. Runs before try_to_wake_up(), since afterwards the waiter may
 * already have returned on another CPU and the wakeup would be booked on its next wait.
 * Returns the instance, 0 if the thread is not in a wait that we know.
 */
static __always_inline u64 on_wake(struct task_struct *task, u32 ctx)
{
	u32 tid = FIELD(task, pid);
	struct thread_state *ts = thread_get(tid);
	struct ep_instance *inst;
	struct ev *ev;
	u64 now;

	if (!ts || !ts->ep)
		return 0;
	inst = instance_get(ts->ep);
	if (!inst)
		return 0;
	now = bpf_ktime_get_ns();
	count(inst->st.woken);
	count(ts->woken);
	if (ts->pending) { /* woken before in this wait, and slept again with nothing */
		count(inst->st.wasted);
		count(ts->wasted);
	}
	ts->pending = 1;
	ts->wakes++;
	ts->woken_ns = now;
	ts->run_ns = 0;
	wake_count_pair(inst, ts, task, ctx, now);
	if (!streams(EV_WAKE))
		return inst->ep;
	ev = ev_start(EV_WAKE, now, inst->ep, inst->id);
	if (!ev)
		return inst->ep;
	ev->peer = task_tid_seen(task);
	ev->ctx = ctx;
	ev_submit(ev);
	return inst->ep;
}

/* sched_switch: a woken waiter gets its CPU. */
static __always_inline void on_switch(struct task_struct *next)
{
	struct thread_state *ts = thread_get(FIELD(next, pid));

	if (ts && ts->ep && ts->woken_ns && !ts->run_ns)
		ts->run_ns = bpf_ktime_get_ns();
}

/* Entry of ep_autoremove_wake_function(): book the wakeup, and keep what is needed to unbook it. */
static __always_inline void on_wake_entry(struct wait_queue_entry *e)
{
	struct task_struct *task = FIELD(e, private);
	struct wake_slot *slot;
	u32 zero = 0;

	slot = bpf_map_lookup_elem(&wake_slots, &zero);
	if (!slot)
		return;
	slot->tid = FIELD(task, pid);
	slot->ctx = context_now();
	slot->ep = on_wake(task, slot->ctx);
}

/* It returned false: the thread was not asleep (a timeout or signal came first). */
static __always_inline void on_wake_failed(void)
{
	struct thread_state *ts;
	struct ep_instance *inst;
	struct wake_slot *slot;
	u32 zero = 0;

	slot = bpf_map_lookup_elem(&wake_slots, &zero);
	if (!slot || !slot->ep)
		return;
	inst = instance_get(slot->ep);
	ts = thread_get(slot->tid);
	slot->ep = 0; /* once, also if the next entry is not seen */
	if (!inst || !ts)
		return;
	count_add(inst->st.woken, -1);
	count_add(ts->woken, -1);
	waker_uncount(inst->id, ts, slot->tid, slot->ctx);
	ts->pending = 0;
	ts->woken_ns = 0;
	if (ts->wakes)
		ts->wakes--;
}

/*
 * Whether somebody wakes waiters of this instance now: wake_up(&ep->wq) holds the lock of that queue,
 * and nothing else does, since ep_poll() joins and leaves the queue under ep->lock. And whether
 * somebody sleeps there: ep_autoremove_wake_function() unlinks only after the wakeup.
 */
static __always_inline bool ep_wakes(u64 ep)
{
	u64 head = ep + bpf_core_field_offset(struct eventpoll, wq.head);
	u32 lock = 0;

	if (bpf_core_field_exists(((struct spinlock *)0)->rlock)) {
		bpf_probe_read_kernel(&lock, sizeof(lock),
				      (void *)ep +
					      bpf_core_field_offset(struct eventpoll, wq.lock));
		if (!lock)
			return false;
	}
	return (u64)BPF_CORE_READ((struct eventpoll *)ep, wq.head.next) != head;
}

/*
 * sched_waking: fires for every wakeup of a thread in state INTERRUPTIBLE, thus also for the
 * timeout's timer, for signals, and where the thread sleeps elsewhere inside its wait, as when
 * userfaultfd serves its event array. None of these holds the lock of ep->wq.
 */
static __always_inline void on_sched_waking(struct task_struct *task)
{
	struct thread_state *ts;

	if (!(task_state(task) & TASK_INTERRUPTIBLE))
		return;
	ts = thread_get(FIELD(task, pid));
	if (ts && ts->ep && ep_wakes(ts->ep))
		on_wake(task, CTX_UNKNOWN);
}

#endif
