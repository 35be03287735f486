/* SPDX-License-Identifier: GPL-2.0 */
/* epoll_wait in all variants: entry and return. */
#ifndef EPSCOPE_ON_WAIT_BPF_H
#define EPSCOPE_ON_WAIT_BPF_H

#include "on_deliver.bpf.h"

/* What the thread is in from now on. */
static __always_inline void wait_set(struct ep_instance *inst, struct thread_state *ts, u64 now,
				     u64 uevents, int maxevents, s64 timeout_ns, int epfd)
{
	ts->return_ns = 0;
	ts->enter_ns = now;
	ts->woken_ns = 0;
	ts->run_ns = 0;
	ts->uevents = uevents;
	ts->timeout_ns = timeout_ns;
	ts->maxevents = maxevents;
	ts->epfd = epfd;
	ts->pending = 0;
	ts->wakes = 0;
	ts->scan_ns = ts->scan_prev_ns = 0;
	ts->scan_put_back = ts->scan_left = ts->scan_overflow = 0;
	ts->id = inst->id;
	ts->last_id = inst->id;
	ts->last_ep = inst->ep;
	ts->tgid = tgid_now_seen();
	ts->tid = tid_now_seen();
	comm_now(ts->comm);
	ts->ep = inst->ep;
}

/*
 * A wait of this thread is open whose return was not seen. It was seeded while it left (late); or
 * somebody attached to do_epoll_wait() or detached while it slept, and the kernel then skips all fexit
 * programs of the calls that are under way (bpf_tramp_image_put()).
 */
static __always_inline void wait_drop(struct thread_state *ts)
{
	struct ep_instance *inst = wait_close(ts);

	if (ts->enter_ns)
		lose_missed(inst);
}

static __always_inline void wait_row(const struct ep_instance *inst, const struct thread_state *ts)
{
	struct ev *ev;

	if (!streams(EV_WAIT))
		return;
	ev = ev_start(EV_WAIT, ts->enter_ns, inst->ep, inst->id);
	if (!ev)
		return;
	ev->epfd = ts->epfd;
	ev->op = ts->maxevents;
	ev->dur_ns = ts->timeout_ns;
	ev_submit(ev);
}

/* The return of a wait that is not counted must not be taken for that of one still open. */
static __always_inline void wait_uncounted(void)
{
	struct thread_state *ts = thread_get(tid_now());

	if (!ts || !ts->ep)
		return;
	wait_drop(ts);
	ts->ep = 0;
}

/* Entry of a wait. timeout_ns: -1 endless. */
static __always_inline void on_wait(struct file *file, int epfd, u64 uevents, int maxevents,
				    s64 timeout_ns)
{
	struct ep_instance *inst;
	struct thread_state *ts;
	u64 now;

	inst = instance_of_call(file, epfd);
	if (!inst || inst->seeded != SEED_DONE) {
		wait_uncounted();
		return;
	}
	now = bpf_ktime_get_ns();
	ts = thread_get_or_new(tid_now());
	if (!ts) {
		lose_in(inst, LOSS_THREADS);
		return;
	}
	if (ts->ep)
		wait_drop(ts);
	if (ts->return_ns && ts->last_id == inst->id)
		hist_add(inst->st, handler, now - ts->return_ns);
	wait_set(inst, ts, now, uevents, maxevents, timeout_ns, epfd);
	ts->waits++;
	count(inst->st.waits);
	count(inst->st.in_wait);
	wait_row(inst, ts);
}

static __always_inline void return_events(struct ep_instance *inst, struct thread_state *ts, int n,
					  u64 now)
{
	u64 ep = inst->ep, uevents = ts->uevents, ready = (u32)n + (u32)ts->scan_left;
	u64 scan = scan_pack(ts, now);

	if (ready > inst->st.ready_peak)
		inst->st.ready_peak = ready;
	count(inst->st.ret_events);
	count_add(inst->st.delivered, n);
	if (n == ts->maxevents)
		count(inst->st.ret_full);
	hist_add(inst->st, batch, n);
	count_add(ts->delivered, n);
	if (!uevents) {
		count_add(losses[LOSS_UNATTRIBUTED], n);
		inst->lost[LOSS_UNATTRIBUTED] = 1;
		return;
	}
	deliver_block(ep, uevents, (u64)(u32)n << 32, now, scan);
	if (n > DELIVER_BLOCK)
		deliver_rest(ep, uevents, (u32)n, now, scan);
	if (n > DELIVER_MAX) {
		count_add(losses[LOSS_UNATTRIBUTED], n - DELIVER_MAX);
		inst->lost[LOSS_UNATTRIBUTED] = 1;
	}
}

/* Times of a wait that slept and was woken: until it ran, and from there to the return. */
static __always_inline void return_times(struct ep_instance *inst, struct thread_state *ts, u64 now)
{
	if (ts->enter_ns)
		hist_add(inst->st, blocked, now - ts->enter_ns);
	if (!ts->woken_ns || ts->run_ns < ts->woken_ns || now < ts->run_ns)
		return;
	hist_add(inst->st, sched, ts->run_ns - ts->woken_ns);
	hist_add(inst->st, return, now - ts->run_ns);
}

static __always_inline void return_wasted(struct ep_instance *inst, struct thread_state *ts,
					  long ret)
{
	if (ts->pending && ret <= 0) {
		count(inst->st.wasted);
		count(ts->wasted);
	}
	ts->pending = 0;
}

static __always_inline void return_row(const struct ep_instance *inst,
				       const struct thread_state *ts, long ret, u64 now, s64 inside)
{
	struct ev *ev;

	if (!streams(EV_RETURN))
		return;
	ev = ev_start(EV_RETURN, now, inst->ep, inst->id);
	if (!ev)
		return;
	ev->epfd = ts->epfd;
	ev->op = ts->maxevents;
	ev->result = (s32)ret;
	ev->peer = ts->wakes;
	ev->dur_ns = inside;
	ev_submit(ev);
}

static __always_inline void return_count(struct ep_instance *inst, struct thread_state *ts,
					 long ret, u64 now)
{
	if (ret > 0)
		return_events(inst, ts, (int)ret, now);
	else if (ret == 0)
		count(inst->st.ret_timeout);
	else if (ret == -EINTR)
		count(inst->st.ret_signal);
	else
		count(inst->st.ret_error);
}

/* The instance of the wait that the thread is in. Its last file may have gone with the wait itself:
 * do_epoll_wait() puts it before it returns. */
static __always_inline struct ep_instance *wait_instance(struct thread_state *ts)
{
	struct ep_instance *inst = instance_get(ts->ep);
	u64 id = ts->id;

	if (inst && inst->id == id)
		return inst;
	ts->uevents = 0; /* of a dead one nobody knows the items any more */
	return bpf_map_lookup_elem(&dead, &id);
}

/* Leaves the wait that the current thread is in. NULL if it is in none, or its instance is gone. */
static __always_inline struct ep_instance *wait_leave(struct thread_state *ts)
{
	struct ep_instance *inst;

	if (!ts || !ts->ep)
		return NULL;
	inst = wait_instance(ts);
	ts->ep = 0;
	if (ts->scan_list) {
		ts->scan_list = 0;
		lose_return(inst);
	}
	if (!inst)
		lose(LOSS_RETURN);
	return inst;
}

/* Return of a wait, by whichever mechanism. */
static __always_inline void on_return(long ret)
{
	struct thread_state *ts = thread_get(tid_now());
	struct ep_instance *inst;
	u64 now;

	if (!ts)
		return;
	now = bpf_ktime_get_ns();
	if (ts->ep && !ts->enter_ns)
		count_add(late_waits, -1);
	inst = wait_leave(ts);
	if (!inst)
		return;
	count_add(inst->st.in_wait, -1);
	return_times(inst, ts, now);
	return_wasted(inst, ts, ret);
	return_row(inst, ts, ret, now, ts->enter_ns ? now - ts->enter_ns : 0);
	return_count(inst, ts, ret, now);
	ts->return_ns = bpf_ktime_get_ns();
}

/* The system call failed before it came to wait: what on_wait() booked was none. */
static __always_inline void on_no_wait(void)
{
	struct thread_state *ts = thread_get(tid_now());
	bool late = ts && ts->ep && !ts->enter_ns; /* not booked at all: seeded while it left */
	struct ep_instance *inst = wait_leave(ts);

	if (late)
		count_add(late_waits, -1);
	if (!inst)
		return;
	count_add(inst->st.in_wait, -1);
	if (late)
		return;
	count_add(inst->st.waits, -1);
	ts->waits--;
}

/*
 * io_uring's wait. The request never sleeps on ep->wq: it tries, is put on ep->poll_wait if there is
 * nothing, and tries again when the instance became ready. So it is booked, as a wait and as its
 * return, when a try delivered or failed; how long it was pending is not known here.
 */
static __always_inline void on_try(struct file *file, u64 uevents, int maxevents)
{
	struct ep_instance *inst;
	struct thread_state *ts;

	inst = instance_of_call(file, -1);
	if (!inst || inst->seeded != SEED_DONE) {
		wait_uncounted();
		return;
	}
	ts = thread_get_or_new(tid_now());
	if (!ts) {
		lose_in(inst, LOSS_THREADS);
		return;
	}
	if (ts->ep)
		wait_drop(ts);
	wait_set(inst, ts, bpf_ktime_get_ns(), uevents, maxevents, -1, -1);
	count(inst->st.in_wait);
}

static __always_inline void on_tried(long ret, bool book)
{
	struct thread_state *ts = thread_get(tid_now());
	struct ep_instance *inst = wait_leave(ts);

	if (!inst)
		return;
	count_add(inst->st.in_wait, -1);
	if (!ret || !book)
		return;
	ts->waits++;
	count(inst->st.waits);
	wait_row(inst, ts);
	return_row(inst, ts, ret, bpf_ktime_get_ns(), 0);
	return_count(inst, ts, ret, bpf_ktime_get_ns());
}

#endif
