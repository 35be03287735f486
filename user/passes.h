/* SPDX-License-Identifier: GPL-2.0 */
/*
 * When snapshots are taken, over which processes, and what they tell beyond their records: what a
 * descriptor is, which items are closed, which instances are no more.
 */
#ifndef EPSCOPE_PASSES_H
#define EPSCOPE_PASSES_H

#include "descs.h"
#include "live_maps.h"
#include "snapshot.h"

/* Items of a tree that are looked up one by one: for more, or without it, all of the map are passed. */
#define SHOWN_MAX 512

struct passes {
	struct session *s;
	struct live_maps *maps;
	u32 walk_share; /* see passes_init() */
	struct snapshot sn;
	struct descs descs;
	bool all_items; /* describe the items of all instances, else those of focus */
	bool one_shown; /* no tree is shown but that of focus */
	u64 focus;
	struct item_key shown[SHOWN_MAX]; /* its items, if this sample read its tree whole */
	u32 nshown;
	bool shown_known;
	struct sweep sweep;
	bool sweeping; /* this sample */
	bool young;    /* it met an instance that no look has seen yet */
	u64 next_sweep, next_bury, next_discover, next_lists, next_items;
	u64 next_walk, next_focus, next_young;
	u64 focus_ns; /* that the last walk of focus alone took, 0: there was none */
	u64 *seen;    /* ids that the last pass read, for live_maps_missing() */
	size_t nseen, seen_size;
	u64 learned;  /* instances that had been learned when it began */
	record_fn fn; /* where records of the running call go */
	void *ctx;
};

/* walk_share: trees are read for at most one part in so many of the time, 0: the default. Returns 0 or a
 * negative errno. */
int passes_init(struct passes *p, struct session *s, struct live_maps *maps, u32 walk_share);
void passes_free(struct passes *p);
/* The next sample has to be exact. */
void passes_hurry(struct passes *p);
/* The instance whose items are described and counted from the next sample on; 0: none. */
void passes_focus(struct passes *p, u64 id);
/*
 * The snapshot of a sample, unless the last ones cost too much. scope: the only process that is
 * watched, 0: several. Returns 0 or a negative errno.
 */
int passes_sample(struct passes *p, u32 scope, record_fn fn, void *ctx);
/*
 * The counters of its items, or of all items; those of focus unless reading them cost too much last
 * time. After live_maps_instances(). Returns 0 or a negative errno.
 */
int passes_items(struct passes *p, record_fn fn, void *ctx);
/* Between samples: looks for instances that are no more before their map is full. */
int passes_tend(struct passes *p, record_fn fn, void *ctx);

#endif
