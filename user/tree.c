/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "tree.h"

/* rb_node.__rb_parent_color: the address of the parent, bit 0 set for black. */
#define RB_BLACK 1ULL
#define RB_FLAGS 3ULL

struct walk {
	const struct snap_node *nodes;
	u32 n;
	const struct node_index *index;
	struct tree_link *out;
	struct m_tree *shape;
	u32 seen;   /* nodes visited so far, which is the in-order position of the next */
	s32 blacks; /* black nodes on each path, -1: no path ended yet */
};

/* Index of the node at that address, -1 if it is NULL or not among the nodes (then torn). */
static s32 node_at(struct walk *w, u64 addr)
{
	s32 i;

	if (!addr)
		return -1;
	i = node_index_find(w->index, addr);
	if (i < 0)
		w->shape->torn = true;
	return i;
}

static bool node_black(const struct snap_node *node)
{
	return node->parent_color & RB_BLACK;
}

/* As the kernel's ep_cmp_ffd(): by address of struct file, then by descriptor. */
static bool key_below(const struct snap_node *a, const struct snap_node *b)
{
	return a->file < b->file || (a->file == b->file && a->fd < b->fd);
}

static void walk_init(struct walk *w)
{
	for (u32 i = 0; i < w->n; i++) {
		w->out[i] = (struct tree_link){ -1, -1, -1, 0, node_black(&w->nodes[i]) };
		if (i && !key_below(&w->nodes[i - 1], &w->nodes[i]))
			w->shape->torn = true;
		w->shape->reds += !w->out[i].black;
	}
}

/* Every path from the root to a missing child has the same number of black nodes. */
static void path_end(struct walk *w, u32 blacks)
{
	if (w->blacks < 0)
		w->blacks = (s32)blacks;
	else if (w->blacks != (s32)blacks)
		w->shape->torn = true;
}

/* Hangs child i below parent; -1 if it must not be: no such node, seen before, or too deep. */
static s32 node_hang(struct walk *w, s32 i, s32 parent, u32 depth, u32 blacks)
{
	const struct snap_node *node;

	if (i < 0) {
		path_end(w, blacks);
		return -1;
	}
	node = &w->nodes[i];
	if (w->out[i].depth || depth > TREE_MAX_DEPTH) {
		w->shape->torn = true;
		return -1;
	}
	if ((node->parent_color & ~RB_FLAGS) != (parent < 0 ? 0 : w->nodes[parent].node))
		w->shape->torn = true;
	if (!w->out[i].black && (parent < 0 || !w->out[parent].black))
		w->shape->torn = true; /* red root, or red below red */
	w->out[i].parent = parent;
	w->out[i].depth = depth;
	if (depth > w->shape->depth)
		w->shape->depth = depth;
	w->shape->level_nodes[depth - 1]++;
	w->shape->level_reds[depth - 1] += !w->out[i].black;
	return i;
}

/*
 * In-order walk from node i with a path instead of recursion. The path holds the nodes whose right
 * side is still to come, so it is never longer than the depth limit.
 */
static void walk_run(struct walk *w, s32 i)
{
	struct {
		s32 node;
		u32 blacks;
	} path[TREE_MAX_DEPTH];
	u32 len = 0, blacks = 0;

	for (;;) {
		while (i >= 0) {
			blacks += w->out[i].black;
			path[len].node = i;
			path[len++].blacks = blacks;
			w->out[i].left = node_hang(w, node_at(w, w->nodes[i].left), i,
						   w->out[i].depth + 1, blacks);
			i = w->out[i].left;
		}
		if (!len)
			return;
		i = path[--len].node;
		blacks = path[len].blacks;
		if ((u32)i != w->seen++) /* the array is in key order: so must be the walk */
			w->shape->torn = true;
		w->out[i].right =
			node_hang(w, node_at(w, w->nodes[i].right), i, w->out[i].depth + 1, blacks);
		i = w->out[i].right;
	}
}

static int links_reserve(struct tree_space *space, u32 n)
{
	if (space->links && n <= space->size)
		return 0;
	free(space->links);
	space->size = n + n / 2 + 64;
	space->links = malloc(space->size * sizeof(*space->links));
	if (!space->links)
		space->size = 0;
	return space->links ? 0 : -ENOMEM;
}

int tree_shape(struct tree_space *space, const struct snap_node *nodes, u32 n, u64 root,
	       struct m_tree *shape)
{
	struct walk w = { .nodes = nodes, .n = n, .shape = shape, .blacks = -1 };

	*shape = (struct m_tree){ .known = true, .items = n, .root = -1 };
	if (links_reserve(space, n) || node_index_build(&space->index, nodes, n, &shape->torn))
		return -ENOMEM;
	w.out = space->links;
	w.index = &space->index;
	walk_init(&w);
	shape->root = node_hang(&w, node_at(&w, root), -1, 1, 0);
	walk_run(&w, shape->root);
	if (w.seen != n)
		shape->torn = true;
	shape->black_height = w.blacks > 0 ? (u32)w.blacks : 0;
	return 0;
}

void tree_space_free(struct tree_space *space)
{
	free(space->links);
	node_index_free(&space->index);
	*space = (struct tree_space){ 0 };
}
