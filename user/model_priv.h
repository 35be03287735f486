/* SPDX-License-Identifier: GPL-2.0 */
/* Inside of the model, for user/model*.c alone. */
#ifndef EPSCOPE_MODEL_PRIV_H
#define EPSCOPE_MODEL_PRIV_H

#include "model.h"
#include "model_map.h"
#include "tree.h"

#define MODEL_MAX_THREADS 65536
#define MODEL_MAX_GONE    256 /* ended threads kept, and pairs of wakers */
#define MODEL_MAX_WAKERS  65536
#define MODEL_MAX_TARGETS 65536

/* What is known under one (file, fd) of an instance; keeps its place while items are reordered. */
struct item_entry {
	u64 file;
	s32 fd;
	s32 item;            /* index into m_instance.items, -1: none */
	s32 next;            /* the same in the array that is being made */
	u32 batch;           /* of the last REC_ITEM, 0: none yet */
	struct rec_fd *desc; /* NULL: not known */
};

struct inst_priv {
	u32 batch;       /* of the last REC_INSTANCE */
	u32 owner_batch; /* of the last REC_OWNER */
	u32 touched;     /* batch of the last REC_TREE or REC_ITEM */
	u32 tree_batch;  /* of the last REC_TREE */
	bool buried;     /* dead, and in its place behind the living */
	u32 owner_cap, item_cap;
	struct m_item *spare; /* second array of items, swapped at each REC_TREE */
	u32 spare_cap;
	struct item_entry *entries;
	u32 nentries, entry_cap;
	struct map by_key; /* (file, fd) -> entry */
	struct map by_fd;  /* (fd, 0) -> entry with the latest descriptor of that number */
	/* Size of the tree at the last snapshot, and what had been added less removed by then. */
	bool base_known;
	u32 base_change; /* snap_tree.change of it */
	s64 base_items;
	s64 ready; /* last known value for the spark line, UNKNOWN_S64: never */
};

struct model_priv {
	struct model pub; /* first: what users of the model hold */
	u32 batch;        /* number of the batch that is being folded, from 1 */
	u32 inst_cap, thread_cap, waker_cap, target_cap;
	struct map inst_by_id, thread_by_tid, waker_by_key, target_by_tgid;
	u32 *thread_batch; /* of the last REC_THREAD, beside pub.threads */
	u32 *waker_batch;
	struct tree_space space; /* of the tree that is being folded */
	bool rearrange;          /* instances came or died in this batch */
	struct rec_cost cost;    /* of the batch that is being folded */
	bool cost_told;
	u64 rows_lost;       /* see LOSS_ROWS */
	u64 dropped_died_ns; /* latest death among the dropped ones */
};

static inline struct model_priv *model_priv(struct model *m)
{
	return (struct model_priv *)m;
}

/* Grows *array of size-byte elements to hold need; new ones are zero. Returns 0 or -ENOMEM. */
int array_grow(void *array, u32 *cap, u32 need, size_t size);
/* Copies a name from a record, always terminated: a damaged recording need not be. */
void name_copy(char *dst, const char *src, size_t size);

/* model_instance.c. The instance of that id, made if there is none; NULL: no memory or too many. */
struct m_instance *inst_get_or_new(struct model_priv *p, u64 id);
struct m_instance *inst_get(struct model_priv *p, u64 id);
int inst_fold(struct model_priv *p, const struct ep_instance *rec);
int inst_fold_owner(struct model_priv *p, const struct snap_owner *rec);
int inst_fold_lists(struct model_priv *p, const struct snap_tree *rec);
int inst_fold_event(struct model_priv *p, const struct ev *ev);
/* A snapshot found so many items in the tree. */
void inst_set_base(struct m_instance *inst, u32 items, u32 change);
/* Figures of the ready list, the overflow list and the waiters, as far as the snapshot knows. */
void inst_set_lists(struct model_priv *p, struct m_instance *inst, const struct snap_tree *rec);
int inst_tick(struct model_priv *p, u64 ts);
void inst_free(struct m_instance *inst);

/* model_items.c */
int items_fold_tree(struct model_priv *p, const struct snap_tree *rec,
		    const struct snap_node *nodes);
int items_fold_item(struct model_priv *p, const struct rec_item *rec);
int items_fold_fd(struct model_priv *p, const struct rec_fd *rec);
void items_tick(struct model_priv *p, struct m_instance *inst);
void items_free(struct m_instance *inst);

/* model_actors.c: threads, wakers, targets */
int actors_fold_thread(struct model_priv *p, const struct rec_thread *rec);
int actors_fold_waker(struct model_priv *p, const struct rec_waker *rec);
int actors_fold_target(struct model_priv *p, const struct rec_target *rec);
void actors_tick(struct model_priv *p);
void actors_free(struct model_priv *p);

#endif
