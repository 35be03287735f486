/* SPDX-License-Identifier: GPL-2.0 */
/* Beginnings and ends: instances, threads, and children of targets. */
#ifndef EPSCOPE_ON_LIFE_BPF_H
#define EPSCOPE_ON_LIFE_BPF_H

#include "on_wait.bpf.h"

static __always_inline bool never_used(const struct ep_instance *inst)
{
	const struct ep_stats *st = &inst->st;

	return !(st->waits | st->adds | st->mods | st->dels | st->ctl_errors | st->in_wait |
		 inst->found);
}

/* Learned by a snapshot, and nothing has come of it. */
static __always_inline bool met_in_vain(const struct ep_instance *inst)
{
	return inst->flags & EPI_SEEN_LATE && never_used(inst);
}

#define BURY_IF_GONE 1u /* not if a new instance, with the same file, took the entry over */
#define BURY_UNTOLD  2u /* nobody needs its figures */

static __always_inline void instance_remove(u64 ep, u64 id, u64 now, u32 how)
{
	struct ep_instance *inst = bpf_map_lookup_elem(&instances, &ep), *last;
	long err;

	if (!inst || inst->id != id)
		return;
	err = bpf_map_update_elem(&dead, &id, inst, BPF_NOEXIST);
	if (err == -EEXIST)
		return;
	inst = bpf_map_lookup_elem(&instances, &ep); /* now that no other CPU can remove it */
	if (!inst || inst->id != id ||
	    (how & BURY_IF_GONE && file_is((struct file *)inst->file, ep))) {
		if (!err)
			bpf_map_delete_elem(&dead, &id);
		return;
	}
	if (!met_in_vain(inst))
		how &= ~BURY_UNTOLD; /* its maker took it over since */
	if (bpf_map_delete_elem(&instances, &ep) && err)
		return; /* without a claim: another CPU did, and counts it */
	last = err ? NULL : bpf_map_lookup_elem(&dead, &id);
	if (last && !(how & BURY_UNTOLD)) {
		last->died_ns = now;
		count(buried);
	} else if (!err) {
		bpf_map_delete_elem(&dead, &id);
	} else if (!(how & BURY_UNTOLD)) {
		lose(LOSS_DEAD);
	}
}

/*
 * The end of an instance. Its final figures move to a map by id, since its address may be in use again
 * at once. What is in that map without died_ns is the claim of the CPU that removes it, so that no
 * other one removes what has its address then; user space leaves it there, and who made it completes it
 * or gives it up. The maker of the next one at this address waits for that (instance_entered()): where
 * the kernel can be asked, the CPU is kept until then.
 */
static __always_inline void instance_bury(u64 ep, u64 id, u64 now, u32 how)
{
	preempt_off();
	instance_remove(ep, id, now, how);
	preempt_on();
}

/*
 * A snapshot may meet a new instance before its maker has returned from epoll_create(), which may
 * take a while (preempted): its entry is the new one's own. Where no hook sees the end of an
 * instance, it may also be that of an old one at the same address: then it has been used, or nothing
 * is lost by taking it for the new one's.
 */
static __always_inline bool instance_met(const struct ep_instance *inst, u64 file, int epfd,
					 u32 tgid)
{
	return inst->flags & EPI_SEEN_LATE && inst->file == file && inst->epfd == epfd &&
	       inst->tgid == tgid && (sees_destroy || never_used(inst));
}

#define ENTER_TURNS (CHUNK * 32) /* tens of us; to enter an instance, or to remove it, takes one */

__attribute__((noinline)) bool instance_entered_soon(u64 ep)
{
	struct ep_instance *inst = bpf_map_lookup_elem(&instances, &ep);
	u64 id;
	int i;

	for (i = 0; inst && i < CHUNK; i++) {
		id = *(volatile u64 *)&inst->id;
		if (id && !bpf_map_lookup_elem(&dead, &id))
			return true;
	}
	return !inst;
}

/* If another CPU is just entering it (a snapshot), or removing an old one at its address: waits for
 * that. False if it takes too long. */
__attribute__((noinline)) bool instance_entered(u64 ep)
{
	int i;

	for (i = 0; i < ENTER_TURNS; i += CHUNK)
		if (instance_entered_soon(ep))
			return true;
	return false;
}

/* False: another CPU came in between, or there is no room (then it is in `unseen`). Else the entry is
 * that of the new instance, if it is a target's. */
__attribute__((noinline)) bool instance_take(u64 ep, u64 file, int epfd, u32 tgid)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	u64 now = bpf_ktime_get_ns(), id, over = 0;
	struct ep_instance *inst;

	if (!instance_entered(ep))
		return false;
	inst = instance_get(ep);
	id = inst ? inst->id : 0;
	if (inst && !instance_met(inst, file, epfd, tgid)) {
		instance_bury(ep, id, now, 0);
		over = id;
		inst = NULL;
	}
	if (!is_target(tgid))
		return true;
	if (!inst)
		inst = instance_learn(
			ep, file, epfd, tgid,
			(void *)task + bpf_core_field_offset(struct task_struct, comm), 0);
	if (!inst || inst->file != file || inst->id == over)
		return false;
	if (inst->flags & EPI_SEEN_LATE) { /* by a snapshot, in vain waited for or not */
		inst->flags &= ~(EPI_SEEN_LATE | EPI_MISSING);
		inst->born_ns = now;
	}
	return true;
}

/* The entry of a new instance, whoever makes it: a stranger would count into an old one. NULL: not a
 * target's, or no room. */
static __always_inline struct ep_instance *instance_made(u64 ep, struct file *file, int epfd,
							 u32 tgid)
{
	u64 at = scalar((void *)ep), file_at = scalar(file);
	bool taken = instance_take(at, file_at, epfd, tgid);

	if (!is_target(tgid))
		return NULL;
	if (!taken && !bpf_map_lookup_elem(&unseen, &ep)) {
		taken = instance_take(at, file_at, epfd, tgid);
		if (!taken && !bpf_map_lookup_elem(&unseen, &ep))
			lose(LOSS_INSTANCES);
	}
	return taken ? instance_get(ep) : NULL;
}

/* epoll_create() returned this descriptor. */
static __always_inline void on_create(int epfd)
{
	struct ep_instance *inst;
	struct file *file;
	struct ev *ev;
	u64 ep;

	file = epfd < 0 ? NULL : file_of(epfd);
	ep = ep_of_file(file);
	if (!ep)
		return;
	inst = instance_made(ep, file, epfd, tgid_now_seen());
	if (!inst)
		return;
	inst->seeded = SEED_DONE; /* it is empty */
	if (!streams(EV_CREATE))
		return;
	ev = ev_start(EV_CREATE, inst->born_ns, ep, inst->id);
	if (!ev)
		return;
	ev->epfd = epfd;
	ev->result = epfd;
	ev->mask = fd_cloexec((u32)epfd) ? EPOLL_CLOEXEC : 0;
	ev_submit(ev);
}

/* The same of the system call epoll_create, unless do_epoll_create() has told already. */
static __always_inline void on_create_call(int epfd)
{
	struct file *file = epfd < 0 ? NULL : file_of(epfd);
	struct ep_instance *inst = instance_get(ep_of_file(file));

	if (!inst || inst->file != (u64)file || inst->flags & EPI_SEEN_LATE)
		on_create(epfd);
}

/* ep_eventpoll_release(): the last reference to an instance's file is gone. */
static __always_inline void on_destroy(struct file *file)
{
	u64 ep = (u64)BPF_CORE_READ(file, private_data);
	struct ep_instance *inst = instance_get(ep);
	u64 now = bpf_ktime_get_ns();
	struct ev *ev;
	u64 id;

	if (!inst) {
		bpf_map_delete_elem(&unseen, &ep);
		return;
	}
	id = inst->id;
	if (streams(EV_DESTROY) && inst->seeded == SEED_DONE) {
		ev = ev_start(EV_DESTROY, now, ep, id);
		if (ev)
			ev_submit(ev);
	}
	instance_bury(ep, id, now, 0);
}

/* The last thread of a process ends: from now on its number may be another's. */
static __always_inline void target_forget(struct task_struct *task)
{
	u32 tgid;

	/* do_exit() takes itself off before the tracepoint */
	if (BPF_CORE_READ(task, signal, live.counter) > 0)
		return;
	tgid = task_tgid_seen(task);
	bpf_map_delete_elem(&targets, &tgid);
}

/*
 * exec() by another thread than the first: it becomes the first one, and gets its number. Its old
 * number ends without an exit.
 */
static __always_inline void on_exec(struct task_struct *task, u32 old_tid)
{
	struct thread_state *ts;

	if (old_tid == (u32)BPF_CORE_READ(task, pid))
		return;
	ts = thread_get(old_tid);
	if (!ts)
		return;
	if (ts->ep)
		wait_drop(ts);
	bpf_map_delete_elem(&threads, &old_tid);
}

/* Its wait, if it is in one, ends without a return. */
static __always_inline void thread_forget(u32 tid, struct thread_state *ts)
{
	wait_close(ts);
	bpf_map_delete_elem(&threads, &tid);
}

/* The current thread ends by itself, and not in the wait that it is said to be in: see wait_drop(). */
static __always_inline void wait_left(struct thread_state *ts)
{
	struct ep_instance *inst = ts->ep ? instance_get(ts->ep) : NULL;
	struct wait_args args = {};

	if (ts->ep && ts->enter_ns && !task_wait_args((void *)bpf_get_current_task(), &args))
		lose_missed(inst && inst->id == ts->id ? inst : NULL);
}

/* The current thread ends. */
static __always_inline void on_exit(void)
{
	u32 tid = tid_now();
	struct thread_state *ts = thread_get(tid);
	struct ev *ev;
	u64 id;

	if (!ts)
		return;
	id = ts->last_id;
	wait_left(ts);
	thread_forget(tid, ts);
	if (!streams(EV_EXIT))
		return;
	ev = ev_start(EV_EXIT, bpf_ktime_get_ns(), 0, id);
	if (ev)
		ev_submit(ev);
}

static __always_inline void target_enter(u32 tgid)
{
	u64 now = bpf_ktime_get_ns();

	if (tgid && bpf_map_update_elem(&targets, &tgid, &now, BPF_ANY))
		lose(LOSS_TARGETS);
}

static __always_inline bool name_wanted(const char *comm)
{
	char name[COMM_LEN] = {};
	int i;

	if (!target_name[0] || bpf_probe_read_kernel_str(name, COMM_LEN, comm) < 0)
		return false;
	for (i = 0; i < COMM_LEN; i++) {
		if (name[i] != target_name[i])
			return false;
		if (!name[i])
			break;
	}
	return true;
}

static __always_inline void on_fork(struct task_struct *parent, struct task_struct *child)
{
	u32 from = task_tgid_seen(parent), to = task_tgid_seen(child);

	if (from == to)
		return;
	if ((follow && bpf_map_lookup_elem(&targets, &from)) || name_wanted(child->comm))
		target_enter(to);
}

/* __set_task_comm(): by exec, by prctl(PR_SET_NAME) or through /proc/PID/comm. */
static __always_inline void on_rename(struct task_struct *task, const char *comm)
{
	u32 tgid = task_tgid_seen(task);

	if (tgid == task_tid_seen(task) && name_wanted(comm) &&
	    !bpf_map_lookup_elem(&targets, &tgid))
		target_enter(tgid);
}

#endif
