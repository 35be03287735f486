/* SPDX-License-Identifier: GPL-2.0 */
/* Counting: lookup or create with the loss counted when a map is full; log2 histograms; events. */
#ifndef EPSCOPE_AGGREGATE_BPF_H
#define EPSCOPE_AGGREGATE_BPF_H

#include "kernel.bpf.h"

/* Several CPUs count in one value. The result is never used: 5.10 has no atomic with fetch. */
#define count_add(counter, n) ((void)__sync_fetch_and_add(&(counter), (n)))
#define count(counter)        count_add(counter, 1)

/*
 * Loops on kernels without bpf_loop() (5.17): the verifier walks every turn, in each program that has
 * the loop. What a turn does is therefore a global function, which is verified once, and a long loop
 * is one of chunks, a global function each: 32 + 64 turns to walk in place of 2048.
 */
#define CHUNK 64

static __always_inline void lose(enum loss what)
{
	count(losses[what]);
}

/* The same, and its figures there are lower bounds from now on. */
static __always_inline void lose_in(struct ep_instance *inst, enum loss what)
{
	lose(what);
	inst->lost[what] = 1;
}

/*
 * A kretprobe has few instances for calls that sleep (maxactive), and missed a return. Since 6.7 the
 * kernel tells how often: see user/skipped.c. inst: NULL if not known.
 */
static __always_inline void lose_return(struct ep_instance *inst)
{
	if (bpf_core_field_exists(((struct bpf_link_info *)0)->perf_event.kprobe.missed))
		return;
	if (inst)
		lose_in(inst, LOSS_RETURN);
	else
		lose(LOSS_RETURN);
}

/*
 * A wait ended, and its return was not seen: found out later. inst: NULL if it has ended, too. How many
 * of these the kernel counts as skipped runs of a program itself is for user/skipped.c to say.
 */
static __always_inline void lose_missed(struct ep_instance *inst)
{
	count(returns_missed);
	if (inst)
		inst->lost[LOSS_RETURN] = 1;
}

/* A global function, which is verified once: inline, each histogram has its 64 ways through it. */
__attribute__((noinline)) u32 log2_slot(u64 v)
{
	u32 slot = 0;

	if (v >> 32)
		slot += 32, v >>= 32;
	if (v >> 16)
		slot += 16, v >>= 16;
	if (v >> 8)
		slot += 8, v >>= 8;
	if (v >> 4)
		slot += 4, v >>= 4;
	if (v >> 2)
		slot += 2, v >>= 2;
	slot += v >> 1;
	return slot < HIST_SLOTS ? slot : HIST_SLOTS - 1;
}

static __always_inline void hist_count(u64 *hist, u64 *max, u64 v)
{
	u32 slot = log2_slot(v);

	if (v > *max)
		*max = v;
	if (slot < HIST_SLOTS) /* the verifier forgets the bound above */
		count(hist[slot]);
}

#define hist_add(stats, name, v) hist_count((stats).hist_##name, &(stats).max_##name, v)

/* The call is epscope's own. */
static __always_inline bool self_calls(void)
{
	return bpf_get_current_pid_tgid() >> 32 == self_tgid;
}

/* tgid: as the caller sees it. With -a that is every process in sight. */
static __always_inline bool is_target(u32 tgid)
{
	if (!tgid || tgid == self_seen)
		return false;
	return all_targets || bpf_map_lookup_elem(&targets, &tgid);
}

/* NULL if unknown, or if another CPU is just making it. */
static __always_inline struct ep_instance *instance_get(u64 ep)
{
	struct ep_instance *inst = bpf_map_lookup_elem(&instances, &ep);

	return inst && inst->id ? inst : NULL;
}

/*
 * The same, once counting has begun: an instance that is older than our knowledge of it begins to
 * count when a snapshot has told its items, so that no event of an unknown item is half counted.
 */
static __always_inline struct ep_instance *instance_counting(u64 ep)
{
	struct ep_instance *inst = instance_get(ep);

	return inst && inst->seeded == SEED_DONE ? inst : NULL;
}

/* A number that never comes back: 16 ns steps, and the CPU that made it. */
static __always_inline u64 instance_new_id(u64 now)
{
	return (now >> 4) << 10 | (bpf_get_smp_processor_id() & 1023);
}

/*
 * No room for an instance: counted once for each, not once for each call that meets it. Only if even
 * the map of these is full it may count again. A snapshot may meet it before its maker has returned; but
 * where no hook sees the end of an instance, that may have been an old one at the same address.
 */
static __always_inline void instance_unseen(u64 ep, bool created)
{
	struct unseen_instance *known = bpf_map_lookup_elem(&unseen, &ep);
	bool counted = known && (!created || (sees_destroy && known->met));
	struct unseen_instance now = { .pass = snap.pass, .met = !created };

	bpf_map_update_elem(&unseen, &ep, &now, BPF_ANY);
	if (!counted)
		lose(LOSS_INSTANCES);
}

int instance_seed(u64 ep); /* seed.bpf.h */

extern void bpf_preempt_disable(void) __ksym __weak; /* since 6.10 (fc7566ad0a82) */
extern void bpf_preempt_enable(void) __ksym __weak;

/* Where the kernel preempts a program (by default since 6.18), it can be asked not to. */
static __always_inline void preempt_off(void)
{
	if (bpf_preempt_disable)
		bpf_preempt_disable();
}

static __always_inline void preempt_on(void)
{
	if (bpf_preempt_enable)
		bpf_preempt_enable();
}

/*
 * Makes the entry of an instance; NULL with *err if it cannot. Who makes it must not lose the CPU
 * before it has its id, since others wait for that: see instance_entered().
 */
static __always_inline struct ep_instance *instance_enter(u64 ep, u64 file, int epfd, u32 tgid,
							  u32 flags, long *err)
{
	struct ep_instance *inst = NULL;
	u64 now;

	preempt_off();
	now = bpf_ktime_get_ns();
	*err = bpf_map_update_elem(&instances, &ep, (void *)&zero_instance, BPF_NOEXIST);
	if (!*err)
		inst = bpf_map_lookup_elem(&instances, &ep);
	if (inst) {
		inst->ep = ep;
		inst->file = file;
		inst->born_ns = now;
		inst->tgid = tgid;
		inst->epfd = epfd;
		inst->flags = flags & ~EPI_SEED;
		inst->seeded = !seeds ? SEED_DONE : flags & EPI_SEED ? SEED_RUNNING : SEED_NOT;
		inst->id = instance_new_id(now); /* last: instance_get() tells by it */
	}
	preempt_on();
	return inst;
}

static __always_inline void owner_met(u64 ep, u32 tgid, u64 task)
{
	struct owner_key key = { .ep = ep, .tgid = tgid };
	u64 *known = bpf_map_lookup_elem(&owner_tasks, &key);

	if (!known || *known != task)
		bpf_map_update_elem(&owner_tasks, &key, &task, BPF_ANY);
}

/* The current process has that instance: what its items are can be asked there from now on. A look at
 * who has what may come much later; it is epscope's own, and tells by itself. */
__attribute__((noinline)) int user_met(u64 ep)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);

	if (self_calls())
		return 0;
	/* The leader lives longest, unless it has ended already or has another table. */
	if (FIELD(leader, files) == FIELD(task, files))
		task = leader;
	owner_met(ep, tgid_now_seen(), (u64)task);
	return 0;
}

/* Starts counting an instance. flags: EPI_SEEN_LATE if it is older, EPI_SEED if its maker seeds. */
static __always_inline struct ep_instance *instance_learn(u64 ep, u64 file, int epfd, u32 tgid,
							  const char *comm, u32 flags)
{
	struct ep_instance *inst;
	long err;

	inst = instance_enter(ep, file, epfd, tgid, flags, &err);
	if (err) {
		inst = instance_get(ep);
		if (!inst && err != -EEXIST) /* then another CPU is making it */
			instance_unseen(ep, !(flags & EPI_SEEN_LATE));
		return inst;
	}
	if (!inst)
		return NULL;
	bpf_map_delete_elem(&unseen, &ep);
	count(learned);
	user_met(scalar((void *)ep));
	bpf_probe_read_kernel(inst->comm, COMM_LEN, comm);
	if (seeds && flags & EPI_SEED)
		instance_seed(scalar((void *)ep));
	return inst;
}

/*
 * The instance of a call by the current process; a target's unknown one is learned. Until the first
 * snapshot that is what was there before us.
 */
static __always_inline struct ep_instance *instance_of_call(struct file *file, int epfd)
{
	u64 ep = ep_of_file(file);
	struct ep_instance *inst;
	struct task_struct *task;
	u32 tgid;

	if (!ep)
		return NULL;
	inst = instance_get(ep);
	if (inst)
		return inst;
	tgid = tgid_now_seen();
	if (!is_target(tgid))
		return NULL;
	task = (void *)bpf_get_current_task();
	return instance_learn(ep, (u64)file, epfd, tgid,
			      (void *)task + bpf_core_field_offset(struct task_struct, comm),
			      EPI_SEEN_LATE | (snap.pass ? EPI_SEED : 0));
}

static __always_inline struct thread_state *thread_get(u32 tid)
{
	if (!threads_seen[tid % THREADS_SEEN])
		return NULL;
	return bpf_map_lookup_elem(&threads, &tid);
}

static __always_inline struct thread_state *thread_get_or_new(u32 tid)
{
	struct thread_state *ts = thread_get(tid);

	if (ts)
		return ts;
	threads_seen[tid % THREADS_SEEN] = 1;
	bpf_map_update_elem(&threads, &tid, (void *)&zero_thread, BPF_NOEXIST);
	count(threads_entered);
	return thread_get(tid);
}

/*
 * The wait that a thread is said to be in ends without a return: none is open any more. Returns its
 * instance; NULL if that is gone, or it is in none.
 */
static __always_inline struct ep_instance *wait_close(struct thread_state *ts)
{
	struct ep_instance *inst = ts->ep ? instance_get(ts->ep) : NULL;

	if (ts->ep && !ts->enter_ns) /* seeded while it left */
		count_add(late_waits, -1);
	if (!inst || inst->id != ts->id)
		return NULL;
	count_add(inst->st.in_wait, -1);
	return inst;
}

/* NULL: no room; whoever registers the item counts that as LOSS_ITEMS. */
static __always_inline struct item_stats *item_get_or_new(struct item_key *key)
{
	struct item_stats *item = bpf_map_lookup_elem(&items, key);

	if (item)
		return item;
	bpf_map_update_elem(&items, key, (void *)&zero_item, BPF_NOEXIST);
	return bpf_map_lookup_elem(&items, key);
}

/* The same where no ADD is seen: on a callback, or when an item hangs itself on a wait queue. */
static __always_inline struct item_stats *item_get_or_met(struct item_key *key,
							  struct ep_instance *inst)
{
	struct item_stats *item = item_get_or_new(key);

	if (!item && !counts_adds)
		lose_in(inst, LOSS_ITEMS);
	return item;
}

/* The second mark of an item takes the place of the first, if there is one. */
static __always_inline void mark_shift(struct item_stats *item)
{
	if (!item->again_ns)
		return;
	item->marks = item->marks & MARK_AGAIN_OVERFLOW ? MARK_READY_OVERFLOW : 0;
	item->ready_ns = item->again_ns;
	item->again_ns = 0;
}

/* Takes the last wakeup of a thread off its waker's account: it turned out to be none. */
static __always_inline void waker_uncount(u64 id, struct thread_state *ts, u32 woken_tid, u32 ctx)
{
	struct waker_key key = { .id = id,
				 .waker_tid = ts->waker_tid,
				 .woken_tid = woken_tid,
				 .ctx = ctx,
				 .born = ts->waker_born };
	struct waker_stats *w = bpf_map_lookup_elem(&wakers, &key);

	if (w)
		count_add(w->count, -1);
	else
		count_add(losses[LOSS_WAKERS], -1);
}

static __always_inline bool streams(enum ev_type type)
{
	return stream_mask & (1u << type);
}

/* A row for the trace, filled with what all types share; NULL if not wanted or no room (counted). */
static __always_inline struct ev *ev_start(enum ev_type type, u64 now, u64 ep, u64 id)
{
	struct ev *ev;

	ev = bpf_ringbuf_reserve(&ring, sizeof(*ev), 0);
	if (!ev) {
		lose(LOSS_RING);
		return NULL;
	}
	__builtin_memset(ev, 0, sizeof(*ev));
	ev->ts = now;
	ev->ep = ep;
	ev->id = id;
	ev->epfd = -1;
	ev->fd = -1;
	ev->type = type;
	ev->ctx = CTX_TASK; /* callbacks and wakeups know better */
	ev->cpu = bpf_get_smp_processor_id();
	/* If that is us: an interrupt came while we ran, and what it did is none of our doing. */
	if (self_calls())
		return ev;
	ev->tgid = tgid_now_seen();
	ev->tid = tid_now_seen();
	comm_now(ev->comm);
	return ev;
}

/* The reader polls by time, so no wakeup: neither its cost nor its epoll. */
static __always_inline void ev_submit(struct ev *ev)
{
	bpf_ringbuf_submit(ev, BPF_RB_NO_WAKEUP);
}

#endif
