/* SPDX-License-Identifier: GPL-2.0 */
/* Reading the BPF side's maps as records, and sweeping out what belongs to instances that are gone. */
#ifndef EPSCOPE_LIVE_MAPS_H
#define EPSCOPE_LIVE_MAPS_H

#include "asks.h"
#include "hash_map.h"
#include "sweep.h"

struct live_maps {
	int instances, dead, unseen, items, by_data, threads, wakers; /* map descriptors */
	struct asks asks;
	struct hash_room room;
	struct hash_keys known_threads, known_wakers;
	u64 *alive; /* ids of living instances, sorted; refreshed by live_maps_instances() */
	u32 nalive, alive_size;
	u64 alive_ns; /* which are older than that and not in the list are gone */
	/* Of the BPF side: index enum loss; and how many entries these maps ever got */
	u64 *losses;
	const u64 *buried, *threads_entered, *paired;
	u64 taken;   /* of buried, as of when map dead was read last */
	u32 sweep;   /* an instance died: its entries are to be removed */
	u64 dead_ns; /* when the last such was taken */
};

int live_maps_init(struct live_maps *lm);
void live_maps_free(struct live_maps *lm);
/* Emits REC_INSTANCE for the living, then for the dead, which are then removed from their map. */
int live_maps_instances(struct live_maps *lm, record_fn fn, void *ctx);
/*
 * Emits REC_ITEM for the items of instance id (0: of none, ~0: of all). On the way it removes what
 * belongs to dead instances and, with gone (else NULL), items that have left their tree.
 */
int live_maps_items(struct live_maps *lm, u64 id, const struct sweep *gone, record_fn fn,
		    void *ctx);
/* Emits REC_ITEM for those of these n items that have counters. */
int live_maps_items_at(struct live_maps *lm, const struct item_key *keys, u32 n, record_fn fn,
		       void *ctx);
/* To be called once everything was swept: it is to be done again until the list is younger than the dead. */
void live_maps_swept(struct live_maps *lm);
/* With age, threads that are no more are dropped. */
int live_maps_threads(struct live_maps *lm, bool age, record_fn fn, void *ctx);
/*
 * Emits REC_WAKER; pairs of an instance that has ended since the last sample, and with age those of
 * which a thread has, for the last time: they are removed. Returns how many there were, or a negative
 * errno.
 */
int live_maps_wakers(struct live_maps *lm, bool age, record_fn fn, void *ctx);
/* Removes such pairs and emits them alone. Returns how many, or a negative errno. */
int live_maps_wakers_ended(struct live_maps *lm, record_fn fn, void *ctx);
/*
 * Between samples: takes the dead out of their map, as live_maps_instances() does, and removes what
 * belongs to them. Returns how many there were, or a negative errno.
 */
int live_maps_tend(struct live_maps *lm, record_fn fn, void *ctx);
/*
 * Where no hook sees the end of an instance: those that are older than before_ns, not among the n ids
 * in seen (which is sorted on the way), and whose file nobody holds any more, are moved to the dead.
 * Returns 0 or a negative errno.
 */
int live_maps_missing(struct live_maps *lm, u64 *seen, size_t n, u64 before_ns);
/* Instances that found no room, and that no pass from that one on has met, are no more. */
int live_maps_unseen(struct live_maps *lm, u32 pass);

#endif
