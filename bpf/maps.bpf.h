/* SPDX-License-Identifier: GPL-2.0 */
/* All maps, all knobs, all globals of the BPF side; nothing else. User space sizes the maps. */
#ifndef EPSCOPE_MAPS_BPF_H
#define EPSCOPE_MAPS_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "contract.h"

/* Knobs: set between open and load, so that the verifier removes what they switch off. */
/*
 * Numbers of processes and threads: maps of threads are keyed by the kernel's own (task->pid), which
 * are unique. What is asked for and shown are those that the caller sees: of his PID namespace.
 */
const volatile u32 self_tgid; /* never traced: the ring buffer's reader would feed itself */
const volatile u32 self_seen; /* the same as the caller sees it */
const volatile u32 pid_level; /* of the caller's PID namespace; 0: the first one, no difference */
const volatile u64 pid_ns;    /* its struct pid_namespace */
const volatile u64 ep_fops;   /* address of eventpoll_fops: how an epoll file is told from others */
const volatile u32 hardirq_mask;   /* of the preempt count: serving a hard interrupt */
const volatile u32 ovflink_offset; /* of the ovflist link inside struct epitem */
const volatile u32
	user_regs_offset;      /* of a thread's user registers in its stack: bpf/probe.bpf.c */
const volatile u32 call_hooks; /* bit per enum hook that is one of single system calls */
const volatile bool all_targets;
const volatile bool follow;                /* children of targets too */
const volatile char target_name[COMM_LEN]; /* -n: whose leader has this comm; empty without */
const volatile bool seeds; /* a snapshot tells what was there before; counting starts with it */
const volatile bool derive_put_back; /* no scan hook: from the delivered items' masks */
const volatile bool sees_destroy;    /* hook destroy is a function */
const volatile bool add_resets_item; /* no release hook: an ADD may meet a closed item's entry */
const volatile bool ctl_by_file; /* io_uring calls do_epoll_ctl_file(), after it took the files */
const volatile bool counts_adds; /* hook ctl is there: items are booked as lost at their ADD */

/* Bit per enum ev_type: what is streamed. Changed while running. */
volatile u32 stream_mask;

struct snap_control snap;
struct ask ask;

/* Entries that the map of instances ever got: user space looks after them in time. */
u64 learned;

/* The same for the instances that have ended, for threads, and for the pairs of wakers: a map that has got
 * none since it was read last need not be read whole. Counted after they were entered. */
u64 buried;
u64 threads_entered;
u64 paired;

/* Waits that were under way when we came and have not returned: see user/demand.c. */
u64 late_waits;

/* Returns found out to be missing: see lose_missed(). */
u64 returns_missed;

/* See user/demand.h: 32-bit processes that the last snapshot met, and 64-bit code found in a 32-bit call. */
u64 compat_seen;
u64 compat_calls;

/* Each lost datum counts in exactly one slot. */
u64 losses[LOSS_COUNT];

/* What a new map value starts as; the 512 bytes of stack cannot hold these. */
const volatile struct ep_instance zero_instance;
const volatile struct thread_state zero_thread;
const volatile struct item_stats zero_item;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

/*
 * Processes to watch: tgid as the caller sees it -> when it was entered, by user space or by
 * target_enter(). The number may be another's right after the process has ended, so that on_exit
 * removes it.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, u32);
	__type(value, u64);
} targets SEC(".maps");

/* address of struct eventpoll -> its figures, while it lives */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, u64);
	__type(value, struct ep_instance);
} instances SEC(".maps");

/*
 * address of an instance that found no room there -> the pass that met it last, or ran last: what is
 * in here is counted as lost already
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, u64);
	__type(value, struct unseen_instance);
} unseen SEC(".maps");

/* id -> final figures of a destroyed instance, until user space has taken them */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, u64);
	__type(value, struct ep_instance);
} dead SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, struct item_key);
	__type(value, struct item_stats);
} items SEC(".maps");

/* The kernel hands back user data alone; this finds the item. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, struct data_key);
	__type(value, struct data_index);
} by_data SEC(".maps");

/* tid -> state of a thread that has waited; deleted at its exit */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, u32);
	__type(value, struct thread_state);
} threads SEC(".maps");

/*
 * Whether a thread of that number, but for its upper bits, ever had a state: most that are switched to,
 * woken or seen in a call are other people's, and need no look into the map.
 */
#define THREADS_SEEN 65536
u8 threads_seen[THREADS_SEEN];

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, struct waker_key);
	__type(value, struct waker_stats);
} wakers SEC(".maps");

/* mmap()ed by user space: owners, or the nodes of a tree, and rb_node addresses in rdllist order. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, union snap_slot);
} snap_slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, SNAP_READY_MAX);
	__type(key, u32);
	__type(value, u64);
} snap_ready SEC(".maps");

struct owner_key {
	u64 ep;
	u32 tgid; /* as the caller sees it */
	u32 pad;
};

/*
 * instance and process -> a task with the table that has a descriptor of it, as met last; it may have
 * ended since. The least used go for new ones, and come back with the next look at their process.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct owner_key);
	__type(value, u64);
} owner_tasks SEC(".maps");

/* tid and instance of the wakeup that this CPU performs: entry to return of the wake function. */
struct wake_slot {
	u64 ep;
	u32 tid;
	u32 ctx; /* enum context */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct wake_slot);
} wake_slots SEC(".maps");

#endif
