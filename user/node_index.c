/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "node_index.h"

/* The slot of the address, or the free one where it belongs. There are always some. */
static u32 *slot_find(const struct node_index *x, u64 addr)
{
	/* An epitem takes a whole number of cache lines: the low bits are all alike. */
	size_t mask = x->used - 1, at = (addr >> 6) * 0x9e3779b97f4a7c15ULL >> 32 & mask;

	while (x->slots[at] && x->nodes[x->slots[at] - 1].node != addr)
		at = (at + 1) & mask;
	return &x->slots[at];
}

int node_index_build(struct node_index *x, const struct snap_node *nodes, u32 n, bool *twice)
{
	size_t want = 64;
	u32 *slot;

	while (want < n * 2ULL)
		want *= 2;
	if (want > x->room) {
		free(x->slots);
		x->slots = malloc(want * sizeof(*x->slots));
		x->room = x->slots ? want : 0;
		if (!x->slots)
			return -ENOMEM;
	}
	x->nodes = nodes;
	x->used = want;
	memset(x->slots, 0, want * sizeof(*x->slots));
	for (u32 i = 0; i < n; i++) {
		slot = slot_find(x, nodes[i].node);
		if (*slot)
			*twice = true;
		else
			*slot = i + 1;
	}
	return 0;
}

s32 node_index_find(const struct node_index *x, u64 addr)
{
	return (s32)*slot_find(x, addr) - 1;
}

void node_index_free(struct node_index *x)
{
	free(x->slots);
	*x = (struct node_index){ 0 };
}
