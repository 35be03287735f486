/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where no hook sees the close of a registered file (basic tier), its item stays in the BPF side's
 * maps. A whole tree tells which items there are; what it lacks, and was added before it was read,
 * is removed.
 */
#ifndef EPSCOPE_SWEEP_H
#define EPSCOPE_SWEEP_H

#include <stdbool.h>
#include "model_map.h"
#include "records.h"

struct sweep {
	struct item_key *keys; /* hash set of the items of all trees of a pass; file 0: free */
	u32 nkeys, size;       /* size is a power of two, or 0 */
	u64 *trees;            /* time of each */
	u32 ntrees, trees_size;
	struct map by_id; /* of instances: index of their trees */
};

/* Forgets the last pass. */
void sweep_begin(struct sweep *sw);
/* Takes a tree that is whole; 0 or -ENOMEM. */
int sweep_tree(struct sweep *sw, const struct snap_tree *tree);
/* Whether its tree was read, and it was not in it, though it had been added before. */
bool sweep_gone(const struct sweep *sw, const struct item_key *key, const struct item_stats *st);
void sweep_free(struct sweep *sw);

#endif
