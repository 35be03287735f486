/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which node of a snapshot has an address: open addressing, 8 to 16 bytes per node, so that of a large
 * tree more of it stays in the CPU's cache than of a struct map. The memory is kept from one tree to the
 * next: fresh pages cost more than the search.
 */
#ifndef EPSCOPE_NODE_INDEX_H
#define EPSCOPE_NODE_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include "contract.h"

struct node_index {
	const struct snap_node *nodes;
	u32 *slots;  /* position + 1, 0: free */
	size_t room; /* slots allocated */
	size_t used; /* of these, what the last tree took: a power of two, at least twice its nodes */
};

/*
 * Enters n nodes (at most INT32_MAX), which must stay as they are while they are looked for. *twice is
 * set if an address came twice; the first one is found. Returns 0 or -ENOMEM.
 */
int node_index_build(struct node_index *x, const struct snap_node *nodes, u32 n, bool *twice);
/* Position of the node at this address, -1: there is none. */
s32 node_index_find(const struct node_index *x, u64 addr);
void node_index_free(struct node_index *x);

#endif
