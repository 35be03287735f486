/* SPDX-License-Identifier: GPL-2.0 */
/* epoll_wait in all variants: entry, return, and what the return delivered. */
#ifndef EPSCOPE_ON_WAIT_BPF_H
#define EPSCOPE_ON_WAIT_BPF_H

#include "aggregate.bpf.h"

/* Events of one return that are mapped to items; more are counted as LOSS_UNATTRIBUTED. */
#define DELIVER_MAX (CHUNK * 32)

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
	ts->scan_put_back = ts->scan_left = ts->scan_overflow = 0;
	ts->id = inst->id;
	ts->last_id = inst->id;
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

	if (inst && ts->enter_ns)
		lose_in(inst, LOSS_RETURN);
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

/* Entry of a wait. timeout_ns: -1 endless. */
static __always_inline void on_wait(struct file *file, int epfd, u64 uevents, int maxevents,
				    s64 timeout_ns)
{
	struct ep_instance *inst;
	struct thread_state *ts;
	u64 now;

	inst = instance_of_call(file, epfd);
	if (!inst || inst->seeded != SEED_DONE)
		return;
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

static __always_inline void deliver_row(u64 ep, u64 id, int fd, u64 data, u64 mask_index, u64 now,
					u64 since)
{
	struct ev *ev;

	if (!streams(EV_DELIVER))
		return;
	ev = ev_start(EV_DELIVER, now, ep, id);
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
 * One delivered event, by its user data, and its mask with its index in the return in the upper half.
 * Returns for how long its item had been ready (ns, 0: not known), and these flags.
 */
__attribute__((noinline)) u64 deliver_one(u64 ep, u64 id, u64 data, u64 mask_index, u64 now)
{
	struct data_key dkey = { .id = id, .data = data };
	struct item_stats *item = NULL;
	struct data_index *where;
	struct item_key key;
	u64 since = 0, flags = 0;
	int fd = -1;

	where = bpf_map_lookup_elem(&by_data, &dkey);
	if (where && !where->others && where->file) {
		fd = where->fd;
		item_key_init(&key, id, where->file, fd);
		item = bpf_map_lookup_elem(&items, &key);
	}
	if (!item) {
		deliver_row(ep, id, fd, data, mask_index, now, 0);
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
	if (item->ready_ns && now > item->ready_ns) {
		since = now - item->ready_ns;
		count_add(item->ready_sum_ns, since);
		count(item->ready_n);
		item->ready_ns = 0;
	}
	deliver_row(ep, id, fd, data, mask_index, now, since);
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

/* Events first to first + DELIVER_BLOCK - 1 of a return of n. */
__attribute__((noinline)) int deliver_block(u64 ep, u64 uevents, u32 first, u32 n, u64 now)
{
	struct ep_instance *inst = instance_get(ep);
	u32 words[DELIVER_BLOCK * UEV_WORDS];
	u32 i, left = n - first;
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
			     deliver_one(ep, inst->id, data, mask | (u64)(first + i) << 32, now));
	}
	return 0;
}

/* Events first to first + CHUNK - 1 of a return of n. */
__attribute__((noinline)) int deliver_chunk(u64 ep, u64 uevents, u32 first, u32 n, u64 now)
{
	u32 i;

	for (i = 0; i < CHUNK && first + i < n; i += DELIVER_BLOCK)
		deliver_block(ep, uevents, first + i, n, now);
	return 0;
}

static __always_inline void return_events(struct ep_instance *inst, struct thread_state *ts, int n,
					  u64 now)
{
	u64 ep = inst->ep, uevents = ts->uevents, ready = (u32)n + (u32)ts->scan_left;
	u32 i;

	if (ready > inst->st.ready_peak)
		inst->st.ready_peak = ready;
	count(inst->st.ret_events);
	count_add(inst->st.delivered, n);
	if (n == ts->maxevents)
		count(inst->st.ret_full);
	hist_add(inst->st, batch, n);
	count_add(ts->delivered, n);
	if (!uevents || inst->died_ns) { /* of a dead one nobody knows the items any more */
		count_add(losses[LOSS_UNATTRIBUTED], n);
		inst->lost[LOSS_UNATTRIBUTED] = 1;
		return;
	}
	for (i = 0; i < DELIVER_MAX && i < (u32)n; i += CHUNK)
		deliver_chunk(ep, uevents, i, (u32)n, now);
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

	return inst && inst->id == id ? inst : bpf_map_lookup_elem(&dead, &id);
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
	struct ep_instance *inst = wait_leave(ts);

	if (!inst)
		return;
	count_add(inst->st.in_wait, -1);
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
	if (!inst || inst->seeded != SEED_DONE)
		return;
	ts = thread_get_or_new(tid_now());
	if (!ts) {
		lose_in(inst, LOSS_THREADS);
		return;
	}
	if (ts->ep)
		wait_drop(ts);
	wait_set(inst, ts, bpf_ktime_get_ns(), uevents, maxevents, -1, -1);
}

static __always_inline void on_tried(long ret, bool book)
{
	struct thread_state *ts = thread_get(tid_now());
	struct ep_instance *inst = wait_leave(ts);

	if (!inst || !ret || !book)
		return;
	ts->waits++;
	count(inst->st.waits);
	wait_row(inst, ts);
	return_row(inst, ts, ret, bpf_ktime_get_ns(), 0);
	return_count(inst, ts, ret, bpf_ktime_get_ns());
}

#endif
