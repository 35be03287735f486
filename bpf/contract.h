/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The contract between the BPF side and user space: keys and values of the maps, records of the
 * ring buffer, and what a snapshot delivers. Both sides include this file and nothing else of the
 * other side. Fixed-width types only; the size asserts at the end catch what a compiler changes.
 *
 * All times are nanoseconds of CLOCK_MONOTONIC (bpf_ktime_get_ns()).
 */
#ifndef EPSCOPE_CONTRACT_H
#define EPSCOPE_CONTRACT_H

#ifndef __bpf__
#include <stdint.h>
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef int32_t s32;
typedef uint64_t u64;
typedef int64_t s64;
#endif

#define COMM_LEN 16
/* Slot i of a histogram counts values v with floor(log2(v)) == i; 0 counts in slot 0. */
#define HIST_SLOTS 40
/* The kernel's mark for "no scan is running" in eventpoll.ovflist and epitem.next. */
#define EP_UNACTIVE_PTR_VALUE (~0ULL)

/* Logical hooks: a question each, answered by one of several mechanisms (user/plan.c). */
enum hook {
	HOOK_CREATE,
	HOOK_CTL,
	HOOK_ITEM,
	HOOK_CALLBACK,
	HOOK_WAKE,
	HOOK_SEND,
	HOOK_WAIT,
	HOOK_DELIVER,
	HOOK_RELEASE,
	HOOK_DESTROY,
	HOOK_EXIT,
	HOOK_SNAPSHOT,
	HOOK_COUNT,
};

/*
 * Where data was lost, and what one loss is. Each counts in exactly one place, so that what was
 * counted and what was lost there is what happened.
 */
enum loss {
	LOSS_RING,      /* ring buffer full: a row of the trace */
	LOSS_INSTANCES, /* map of instances full: an instance, see instance_unseen() */
	LOSS_ITEMS,     /* map of items full: a registration, whose item has no counts of its own */
	LOSS_THREADS,   /* map of threads full: a wait, or an epoll_ctl seen in two halves */
	LOSS_WAKERS,    /* map of wakers full: a wakeup that has no waker */
	LOSS_DATA, /* map from user data to item full: a registration, whose events lack their item */
	LOSS_DEAD,         /* map of destroyed instances full: the final figures of one */
	LOSS_UNATTRIBUTED, /* a delivered event whose item could not be told (see data_index) */
	LOSS_LIST, /* a list too long to count: put_back, left_over, overflowed are lower bounds */
	LOSS_READ, /* memory that should have been readable was not */
	LOSS_TARGETS, /* map of targets full: a process watched late or not */
	LOSS_RETURN,  /* a return not seen (maxactive; another program came or went), or too late */
	LOSS_ROWS,    /* more instances in one sample than are kept: the row of one that ended */
	LOSS_SKIPPED, /* and a place per enum hook: a program that the kernel did not run */
	/* the same of fork_tp and rename_tp, which are of no hook */
	LOSS_SKIPPED_FORK = LOSS_SKIPPED + HOOK_COUNT,
	LOSS_COUNT,
};
/* Room for the places before LOSS_SKIPPED, in ep_instance.lost. */
#define LOSS_OF_INSTANCE 16

/* Context that a callback or wakeup ran in. */
enum context {
	CTX_UNKNOWN,
	CTX_TASK,
	CTX_SOFTIRQ,
	CTX_HARDIRQ,
};

/*
 * Counters and histograms of one instance (struct eventpoll). All only grow, except in_wait; waits and
 * woken may be one too high for a moment, until the kernel turns out not to do what was booked.
 * What the tier cannot count stays 0 here and is shown as unknown: user space knows from the plan.
 */
struct ep_stats {
	u64 waits;       /* calls of epoll_wait in all variants */
	u64 ret_events;  /* returns > 0 */
	u64 ret_timeout; /* returns == 0 */
	u64 ret_signal;  /* -EINTR */
	u64 ret_error;   /* other errors */
	u64 ret_full;    /* returns == maxevents: more may be waiting */
	u64 delivered;   /* sum of the returns > 0 */
	u64 callbacks;   /* calls of ep_poll_callback */
	u64 cb_ready;    /* of these: linked to rdllist */
	u64 cb_already;  /* was on rdllist (or in a running scan) already */
	u64 cb_overflow; /* went to ovflist, since a scan was running */
	u64 cb_ignored;  /* no interest in this event, or disabled by EPOLLONESHOT */
	u64 woken;       /* waiters woken */
	u64 wasted;      /* woken, then slept again or returned with nothing */
	u64 scans;       /* scans of the ready list by ep_send_events */
	u64 put_back;    /* LT items re-linked to rdllist by a scan */
	u64 left_over;  /* items a scan left, since the user's array was full (summed over scans) */
	u64 overflowed; /* items found on ovflist at the end of scans */
	u64 adds, mods, dels; /* successful epoll_ctl */
	u64 ctl_errors;       /* failed epoll_ctl */
	u64 released;         /* items removed since their file was closed */
	u64 in_wait;          /* threads inside a wait now */
	u64 ready_peak;       /* highest number of items that one scan or snapshot found ready */
	u64 hist_ready[HIST_SLOTS]; /* ns, first callback of an item -> return that delivered it */
	u64 hist_blocked[HIST_SLOTS]; /* ns, entry -> return of a wait */
	u64 hist_sched[HIST_SLOTS];   /* ns, woken -> running again (sched_switch) */
	u64 hist_return[HIST_SLOTS];  /* ns, running again -> return of the wait */
	u64 hist_handler[HIST_SLOTS]; /* ns, return -> the same thread's next wait here */
	u64 hist_batch[HIST_SLOTS];   /* events per return > 0 */
	/* The largest value of each; two CPUs at once may leave the smaller of theirs. */
	u64 max_ready, max_blocked, max_sched, max_return, max_handler, max_batch;
};

enum seed_state {
	SEED_NOT,
	SEED_DONE,
	SEED_RUNNING,
};

/* Value of map "instances" (key: address of struct eventpoll) and "dead" (key: id). */
struct ep_instance {
	u64 id;   /* unique while the tool runs; addresses are reused by the kernel, ids are not */
	u64 ep;   /* address of struct eventpoll */
	u64 file; /* address of its struct file, 0 if not known */
	u64 born_ns; /* creation, or when it was first seen if flag EPI_SEEN_LATE */
	u64 died_ns; /* 0 while it lives */
	u64 scan_ns; /* end of its last scan, 0: none seen */
	u32 tgid;    /* process that created it or was first seen with it */
	s32 epfd;    /* descriptor in that process */
	u32 flags;
	u32 seeded;    /* enum seed_state: whether the items that existed before are in the maps */
	u32 snap_pass; /* last snapshot pass that read it */
	u32 found;     /* items that its seeding found in its tree */
	char comm[COMM_LEN];
	u8 lost[LOSS_OF_INSTANCE]; /* index enum loss: 1 if it lost something there */
	struct ep_stats st;
};
#define EPI_SEEN_LATE 1u /* existed before it was first seen */
#define EPI_SEED      2u /* its first call seeds it: never in the map */
#define EPI_MISSING   4u /* its file is gone, and no hook has said so yet */

/* The kernel's own key of an item inside its instance (struct epoll_filefd), plus the instance. */
struct item_key {
	u64 id;   /* ep_instance.id */
	u64 file; /* address of struct file */
	s32 fd;   /* number at the time of EPOLL_CTL_ADD */
	u32 pad;
};

struct item_stats {
	u64 epi;      /* address of struct epitem, 0 if not known */
	u64 data;     /* user data of the last ADD/MOD */
	u64 added_ns; /* 0: before we looked */
	u64 callbacks;
	u64 delivered;
	u64 mods;
	u64 ready_ns; /* callback that made it ready, until the delivery of that is booked; 0: none */
	u64 again_ns; /* one that linked it anew before that: see on_callback.bpf.h; 0: none */
	u64 last_cb_ns;
	u64 last_delivered_ns;
	u64 ready_sum_ns; /* sum of ready-to-delivered; divide by ready_n */
	u64 ready_n;
	u32 events;  /* registered mask, with EPOLLET etc. */
	u32 revents; /* mask of the last delivery */
	u32 queues;  /* wait queues this item hangs on (calls of ep_ptable_queue_proc) */
	u32 tgid;    /* process that added it, 0: not known */
	u32 named;   /* it has its share in the data_index of its user data */
	u32 marks;   /* enum item_mark */
};

/* Of ready_ns and again_ns: the callback came during a scan, and put the item on ovflist. */
enum item_mark {
	MARK_READY_OVERFLOW = 1,
	MARK_AGAIN_OVERFLOW = 2,
};

/* Which item a delivered event belongs to: user data is all that the kernel hands back. */
struct data_key {
	u64 id;
	u64 data;
};

struct data_index {
	u64 file; /* 0: one item, but which of those that there were cannot be told */
	s32 fd;
	u32 others; /* that carry the same data: delivered events cannot be told apart */
};

/* Value of map "threads" (key: the kernel's tid). Working state first, then totals. Deleted at thread exit. */
struct thread_state {
	u64 ep; /* instance of the wait that runs, 0 outside */
	u64 enter_ns;
	u64 woken_ns;   /* last wakeup of this wait, 0: none */
	u64 run_ns;     /* when it ran again after that, 0: not yet */
	u64 uevents;    /* user's event array */
	u64 return_ns;  /* last return, 0: none */
	s64 timeout_ns; /* -1: endless */
	u64 ctl_epfile; /* epoll_ctl that runs (mechanisms that see entry and return apart) */
	u64 ctl_file;
	u64 ctl_event;    /* its user or kernel struct epoll_event */
	u64 scan_list;    /* scan that runs (the same): its private list, 0: none */
	u64 scan_ns;      /* end of the scan of this wait, 0: none seen */
	u64 scan_prev_ns; /* and of the one before it of this instance */
	u64 id;           /* ep_instance.id of ep */
	u64 last_id;      /* ep_instance.id of the last wait */
	u64 last_ep;      /* and its address */
	u64 waits, delivered, woken, wasted; /* totals of this thread */
	s32 maxevents;
	s32 epfd;
	s32 ctl_op;
	s32 ctl_fd;
	s32 ctl_epfd;
	u32 pending; /* woken, and nothing delivered yet */
	u32 wakes;   /* wakeups in this wait */
	u32 tgid;
	s32 scan_put_back; /* what the end of the running scan found, see on_send.bpf.h */
	s32 scan_left;
	s32 scan_overflow;
	u32 waker_tid; /* of the last wakeup, as in waker_key */
	u32 waker_born;
	u32 tid;    /* as the caller sees it, like tgid; 0: out of his sight */
	u32 ctl_in; /* enum ctl_in */
	u32 pad;
	char comm[COMM_LEN];
};

/* The function whose epoll_ctl a thread is in. */
enum ctl_in {
	CTL_NOT_IN,
	CTL_IN_CALL, /* do_epoll_ctl(), or the system call */
	CTL_IN_FILE, /* do_epoll_ctl_file() alone */
};

/*
 * Who woke whom, by the kernel's own numbers; in records (REC_WAKER) as the caller sees them.
 * waker_tid is 0 when the wakeup came from a hard interrupt (see ctx). In a soft one it is the thread
 * that the kernel's work was done on: the sender, if it sends to its own machine, or a bystander.
 */
struct waker_key {
	u64 id;
	u32 waker_tid;
	u32 woken_tid;
	u32 ctx;
	u32 born; /* of both threads: numbers are given again */
};

struct waker_stats {
	u64 count;
	u64 last_ns;
	u32 waker_tgid; /* these three as the caller sees them */
	u32 waker_tid;
	u32 woken_tid;
	u32 pad;
	char comm[COMM_LEN];
};

/* An instance that found no room. */
struct unseen_instance {
	u32 pass; /* that met it last */
	u32 met;  /* last by another one than its maker */
};

enum ev_type {
	EV_CREATE,
	EV_CTL,
	EV_CALLBACK,
	EV_WAKE,
	EV_SCAN,
	EV_WAIT,    /* a wait begins */
	EV_RETURN,  /* and ends */
	EV_DELIVER, /* one event of a return */
	EV_RELEASE,
	EV_DESTROY,
	EV_EXIT, /* thread end */
	EV_LOST, /* made by user space from the loss counters */
	EV_COUNT,
};

/* Outcome of a callback. */
enum cb_outcome {
	CB_READY,    /* linked to rdllist */
	CB_ALREADY,  /* was linked already */
	CB_OVERFLOW, /* to ovflist */
	CB_IGNORED,  /* not of interest, or disabled */
};

/*
 * One event of the trace; one size for all types. Unused fields: fds -1, others 0.
 *             fd        mask       data     op          result        peer      dur_ns
 * create      -         flags      -        -           epfd          -         -
 * ctl         item's    events     user's   EPOLL_CTL_* 0 or -errno   -         -
 * callback    item's    poll key   user's   cb_outcome  -             -         -
 * wake        -         -          -        -           -             woken tid -
 * scan        -         -          -        left_over   put_back      overflow  -
 * wait        -         -          -        maxevents   -             -         timeout (-1: endless)
 * return      -         -          -        maxevents   n or -errno   wakes     time inside
 * deliver     item's    revents    user's   index       -             -         since ready, 0: not known
 * release     item's    -          -        -           -             -         -
 * destroy     -         -          -        -           -             -         -
 * exit        -         -          -        -           -             -         -
 * lost        -         -          -        enum loss   -             -         data: how many
 */
struct ev {
	u64 ts;
	u64 id; /* ep_instance.id, 0: none */
	u64 ep;
	u64 data;
	s64 dur_ns;
	u32 tgid; /* of the thread that ran; in an interrupt the one interrupted: see ctx */
	u32 tid;
	s32 epfd;
	s32 fd;
	u32 mask;
	s32 result;
	u32 op;
	u32 peer;
	u8 type; /* enum ev_type */
	u8 ctx;  /* enum context */
	u16 cpu;
	u32 pad;
	char comm[COMM_LEN];
};

#include "contract_snap.h"

/* A question of user space, see bpf/asks.bpf.h. */
struct ask {
	u64 ep;
	struct item_key key; /* its id alone: the instance's */
	u64 added_ns;        /* of that item, as user space read it */
	u32 tid;
	u32 tgid; /* as the caller sees it */
	u32 answer;
	u32 pad;
	struct file_facts facts; /* answer of ask_file */
};
_Static_assert(LOSS_SKIPPED <= LOSS_OF_INSTANCE, "ep_instance.lost");
_Static_assert(sizeof(struct item_key) == 24, "item_key");
_Static_assert(sizeof(struct data_key) == 16, "data_key");
_Static_assert(sizeof(struct data_index) == 16, "data_index");
_Static_assert(sizeof(struct item_stats) == 120, "item_stats");
_Static_assert(sizeof(struct waker_key) == 24, "waker_key");
_Static_assert(sizeof(struct thread_state) == 240, "thread_state");
_Static_assert(sizeof(struct waker_stats) == 48, "waker_stats");
_Static_assert(sizeof(struct ev) == 96, "ev");
_Static_assert(sizeof(struct ep_stats) == (31 + 6 * HIST_SLOTS) * 8, "ep_stats");
_Static_assert(sizeof(struct ep_instance) == 104 + sizeof(struct ep_stats), "ep_instance");

#endif
