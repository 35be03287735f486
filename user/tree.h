/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From the nodes of a snapshot to a tree that can be drawn. The kernel's tree is read without a
 * lock, so nothing is believed: every rule of a red-black tree is checked here. Pure.
 */
#ifndef EPSCOPE_TREE_H
#define EPSCOPE_TREE_H

#include "model.h"
#include "node_index.h"

#define TREE_MAX_DEPTH 64 /* 2^32 nodes are at most this deep */

/* A node's place; indices into the array of nodes, -1: none. */
struct tree_link {
	s32 left, right, parent;
	u32 depth; /* root is 1, 0: not reached from the root */
	bool black;
};

/*
 * Room to work in, kept from one tree to the next. Begins as zeros. What is in it is of the last tree,
 * and valid as long as the nodes of that are.
 */
struct tree_space {
	struct tree_link *links; /* of the last tree: one per node */
	u32 size;                /* how many fit */
	struct node_index index; /* of its nodes */
};

/*
 * Fills the space's links and *shape (all but ts) from n nodes (at most INT32_MAX) in key order and the
 * address of the root's rb_node (0: empty). What comes out is a tree in any case: no cycle, no node
 * reached twice, no path longer than TREE_MAX_DEPTH; links that break this are left out. shape->torn is
 * set when the nodes are not one complete red-black tree sorted by (file, fd). Returns 0 or -ENOMEM.
 */
int tree_shape(struct tree_space *space, const struct snap_node *nodes, u32 n, u64 root,
	       struct m_tree *shape);
void tree_space_free(struct tree_space *space);

#endif
