/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The model: folds records into what views show. A view gets a const struct model after each tick
 * and never changes it. Arrays are owned by the model and valid until the next model_fold().
 */
#ifndef EPSCOPE_MODEL_H
#define EPSCOPE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include "records.h"

#define SPARK_LEN 256 /* samples of the ready list kept per instance */
/* A figure that this tier or this kernel cannot know: "-" on screen, empty in CSV. */
#define UNKNOWN_S64 INT64_MIN

struct m_owner {
	u32 tgid;
	s32 fd;
	u64 id;
	char comm[COMM_LEN];
};

struct m_item {
	struct item_key key;
	struct item_stats st;   /* now */
	struct item_stats prev; /* at the tick before; zeros if it was added since */
	bool has_stats;         /* false: only the tree knows it */
	bool in_tree;           /* in the last tree snapshot */
	u32 events;             /* registered mask */
	u64 data;
	u32 ready_pos; /* as snap_node.ready, at the last snapshot */
	u32 depth;     /* in the tree, root is 1; 0: not known */
	bool black;
	s32 left, right, parent;   /* indices into m_instance.items of the tree, -1: none */
	const struct rec_fd *desc; /* what the descriptor is, NULL: not known */
	bool has_prev;             /* prev is of the very tick before: rates can be told */
};

/* Shape of the tree, derived from the last snapshot by tree_shape() (user/tree.c). */
struct m_tree {
	bool known; /* false: no snapshot yet */
	bool torn;  /* violates the invariants: shown as not true */
	bool moved; /* does not, but changed while it was read: what was there all the time is in it */
	bool scanning;   /* a scan was running: the ready list was its own */
	bool ready_torn; /* the ready list changed while it was read: places on it are not known */
	u64 ts;
	u32 items;
	u32 depth;        /* nodes on the longest path, 0: empty */
	u32 black_height; /* black nodes on each path from the root */
	u32 reds;
	s32 root;            /* index into items, -1: empty */
	u32 level_nodes[64]; /* nodes per level, level 0 is the root */
	u32 level_reds[64];
};

struct m_instance {
	u32 num;                  /* 1, 2, 3 ... in the order of appearance: what users see */
	struct ep_instance now;   /* totals at this tick */
	struct ep_instance prev;  /* totals at the tick before; zeros in its first interval */
	struct ep_instance first; /* totals when it was first seen */
	u64 now_ts, prev_ts;      /* when these were read */
	bool dead;                /* destroyed: last figures */
	struct m_owner *owners;   /* at the last snapshot; the first is the one to name */
	u32 nowners;
	struct m_item *items; /* in the order of the tree, then those the tree lacks */
	u32 nitems;           /* length of that array (the tree's nodes are the first tree.items) */
	s64 items_now;        /* items in ep->rbr, UNKNOWN_S64 */
	s64 ready_now;        /* items on rdllist at the last snapshot, UNKNOWN_S64 */
	s64 overflow_now;
	s64 waiters_now;
	struct m_tree tree;
	u32 spark[SPARK_LEN];      /* ring of ready_now, one per tick */
	u32 spark_len, spark_head; /* entries used; index of the next to write */
	bool uncounted;            /* no REC_INSTANCE yet: its counters are unknown, not 0 */
	u64 since_ts; /* tick (or start) from which its totals count: begin of its first interval */
	u64 dead_ts;  /* tick at which its end was learned, 0: it lives */
	struct inst_priv *priv; /* the model's own bookkeeping (model_priv.h) */
};

struct m_thread {
	u32 tid;
	struct thread_state now, prev;
	bool gone;
};

struct m_waker {
	struct waker_key key;
	struct waker_stats now, prev;
	bool gone; /* one of the two threads has ended */
};

struct m_target {
	u32 tgid;
	bool exited;
	char comm[COMM_LEN];
};

/* What epscope costs: totals since the start, as told. */
struct m_cost {
	bool known; /* false: the source does not tell */
	struct rec_cost now,
		prev;         /* at this tick and the one before; zeros in the first interval */
	struct rec_cost base; /* some seconds ago: compared with now steady enough to be read */
	u64 base_ts;
	struct rec_cost mark; /* becomes base when it is old enough */
	u64 mark_ts;
};

struct model {
	struct rec_meta meta;
	struct rec_plan plan[HOOK_COUNT];
	bool has_plan[HOOK_COUNT];
	struct m_instance *inst; /* living ones in order of num, then dead ones */
	u32 ninst;
	struct m_thread *threads;
	u32 nthreads;
	struct m_waker *wakers; /* sorted by count, highest first */
	u32 nwakers;
	struct m_target *targets;
	u32 ntargets;
	u64 loss[LOSS_COUNT];
	struct m_cost cost;
	u64 ts, prev_ts; /* of the last two ticks, 0: none yet */
	u64 ticks;
	u64 events[EV_COUNT]; /* streamed events seen */
	bool ended;           /* REC_END was seen, or the replay is over */
	u32 next_num;         /* number that the next instance seen will get */
	u64 dropped; /* instances no longer kept: long dead, or above MODEL_MAX_INSTANCES */
};

#define COST_SPAN_NS        3000000000ULL /* base is at least so old, but after the start */
#define MODEL_MAX_DEAD      256 /* destroyed instances kept, the latest; more until the next tick */
#define MODEL_MAX_INSTANCES 16384

/* Makes an empty model; NULL when out of memory. Free with model_free(). */
struct model *model_new(void);
/* Accepts NULL. */
void model_free(struct model *m);
/*
 * A record_fn: folds one record into the model (ctx is the struct model). Returns 0 or -ENOMEM;
 * records of unknown type or wrong length are ignored.
 */
int model_fold(void *ctx, const struct rec_hdr *hdr, const void *payload);
/* The instance with that number or id, NULL: none. */
const struct m_instance *model_instance(const struct model *m, u32 num);
const struct m_instance *model_instance_by_id(const struct model *m, u64 id);
/* What descriptor fd registered with that instance is, NULL: not known. */
const struct rec_fd *model_fd(const struct m_instance *inst, s32 fd);
/* The thread of that number, NULL: it never waited. */
const struct m_thread *model_thread(const struct model *m, u32 tid);
/* Tier that answers a hook; TIER_NONE: its figures are unknown. */
enum tier model_tier(const struct model *m, enum hook hook);
/* Whether it is known, and the tree of one moment. */
static inline bool tree_exact(const struct m_tree *t)
{
	return t->known && !t->torn && !t->moved;
}

/* Whether each item's place on the ready list is known, 0: on none. */
static inline bool ready_known(const struct m_tree *t)
{
	return !t->scanning && !t->ready_torn;
}

/* All losses, of whatever kind. */
u64 model_lost(const struct model *m);
/* Whether figures of that instance may be too low for what was lost there (an enum loss). A skipped call
 * may have been on any instance; a skipped fork was on none. */
bool model_lost_there(const struct model *m, const struct m_instance *inst, u32 loss);
/* True when every target that was named has exited. */
bool model_targets_gone(const struct model *m);

#endif
