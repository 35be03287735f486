/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The stream of records between a source (live kernel or recording) and what consumes it (model,
 * trace view, recorder). A recording is this stream, byte for byte, behind a file header.
 *
 * A source emits one batch per sample: any records, closed by REC_TICK. Values in INSTANCE, ITEM,
 * THREAD, WAKER, LOSS and COST are totals since the start, never differences: a lost batch loses nothing.
 */
#ifndef EPSCOPE_RECORDS_H
#define EPSCOPE_RECORDS_H

#include "contract.h"

enum rec_type {
	REC_META = 1, /* struct rec_meta, first record of a stream */
	REC_PLAN,     /* struct rec_plan, one per hook, after META */
	REC_INSTANCE, /* struct ep_instance; died_ns set: last figures of a destroyed one */
	REC_OWNER,    /* struct snap_owner: a descriptor of an instance, at this sample */
	REC_LISTS,    /* struct snap_tree alone: its nodes were not read */
	REC_TREE,     /* struct snap_tree + its snap_nodes */
	REC_ITEM,     /* struct rec_item */
	REC_THREAD,   /* struct rec_thread */
	REC_WAKER,    /* struct rec_waker */
	REC_FD,       /* struct rec_fd: what a descriptor is */
	REC_EVENT,    /* struct ev */
	REC_LOSS,     /* struct rec_loss */
	REC_TARGET,   /* struct rec_target */
	REC_COST,     /* struct rec_cost, one per batch */
	REC_TICK,     /* struct rec_tick: end of a batch */
	REC_END,      /* no payload: the stream was closed properly */
};

struct rec_hdr {
	u32 type; /* enum rec_type; unknown ones are skipped by their length */
	u32 len;  /* bytes of payload that follow */
};

struct rec_meta {
	u64 mono_ns; /* CLOCK_MONOTONIC ... */
	u64 wall_ns; /* ... and CLOCK_REALTIME at the same moment */
	u32 ncpu;
	u32 interval_ms;   /* between samples */
	char release[64];  /* uname -r */
	char version[32];  /* of epscope */
	char command[128]; /* what was asked for, for titles */
};

/* Mechanism of one hook, as decided by user/plan.c. */
struct rec_plan {
	u32 hook;           /* enum hook */
	u32 tier;           /* enum tier */
	char mechanism[48]; /* e.g. "fentry ep_poll_callback"; "none" */
	char reason[160];
};

enum tier {
	TIER_NONE, /* the hook's figures are unknown */
	TIER_BASIC,
	TIER_FULL,
};

struct rec_item {
	struct item_key key;
	struct item_stats st;
};

struct rec_thread {
	u32 tid;
	u32 pad;
	struct thread_state st;
};

struct rec_waker {
	struct waker_key key;
	struct waker_stats st;
};

/* type: "tcp", "tcp6", "udp", "unix", "pipe", "eventfd", "timerfd", "signalfd", "inotify",
 * "epoll", "pidfd", "file", "other"; detail: "127.0.0.1:80 -> 127.0.0.1:5000", path, inode. */
struct rec_fd {
	u64 id;   /* ep_instance.id the descriptor is registered with */
	u64 file; /* address of struct file, as in item_key */
	s32 fd;
	u32 tgid;
	char type[16];
	char detail[104];
};

struct rec_loss {
	u64 count[LOSS_COUNT];
};

enum target_state {
	TARGET_RUNNING,
	TARGET_EXITED,
};

struct rec_target {
	u32 tgid;
	u32 state; /* enum target_state */
	char comm[COMM_LEN];
};

/* What epscope itself costs (user/cost.h). */
struct rec_cost {
	u64 cpu_ns;       /* CPU time of its process */
	u64 bpf_ns;       /* time inside programs that are hooked, while accounted */
	u64 bpf_runs;     /* runs of these, while accounted */
	u64 accounted_ns; /* for how long the kernel accounted; 0: those two are unknown */
	u64 bytes;        /* of records, with their headers, before this one */
	u64 events;       /* records REC_EVENT */
};

struct rec_tick {
	u64 ts; /* CLOCK_MONOTONIC at which the batch was read */
};

/*
 * Consumer of a stream. Returns 0, or a negative errno that ends the stream (a full disk). The
 * payload belongs to the caller and lives until the call returns; it is aligned to 8 bytes.
 */
typedef int (*record_fn)(void *ctx, const struct rec_hdr *hdr, const void *payload);

/* Both sides of a stream: a live source and a replay offer the same. */
struct source {
	void *priv;
	/*
	 * Emits the next batch to fn, waiting up to timeout_ms (-1: for ever) for its time to come.
	 * In between, streamed events are emitted as they arrive. Returns 1 when a batch was closed,
	 * 0 when timeout or a signal came first, SOURCE_END when nothing more will come,
	 * or a negative errno (of fn, or of the source).
	 */
	int (*next)(struct source *src, int timeout_ms, record_fn fn, void *ctx);
	/* Emits what happened since the last batch as a batch of its own, at the end; may be NULL. */
	int (*flush)(struct source *src, record_fn fn, void *ctx);
	/* Milliseconds until next() has something to do, 0: now. What a dashboard may sleep for keys. */
	int (*due_ms)(struct source *src);
	/* Tells the source what the viewer looks at: items and tree of that instance (id), 0: none. */
	void (*focus)(struct source *src, u64 id);
	void (*close)(struct source *src);
};
#define SOURCE_END 2

_Static_assert(sizeof(struct rec_hdr) == 8, "rec_hdr");
_Static_assert(sizeof(struct rec_meta) == 248, "rec_meta");
_Static_assert(sizeof(struct rec_plan) == 216, "rec_plan");
_Static_assert(sizeof(struct rec_item) == 144, "rec_item");
_Static_assert(sizeof(struct rec_thread) == 248, "rec_thread");
_Static_assert(sizeof(struct rec_waker) == 72, "rec_waker");
_Static_assert(sizeof(struct rec_fd) == 144, "rec_fd");
_Static_assert(sizeof(struct rec_loss) == LOSS_COUNT * 8, "rec_loss");
_Static_assert(sizeof(struct rec_target) == 24, "rec_target");
_Static_assert(sizeof(struct rec_cost) == 48, "rec_cost");

#endif
