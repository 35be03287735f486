/* SPDX-License-Identifier: GPL-2.0 */
#include <stdlib.h>
#include <string.h>
#include "alloc.h"
#include "treeplace.h"

#define STEP_X_MOST 10
#define STEP_Y_MOST 3
#define PATH_MOST   64 /* as in user/tree.c: no path is longer */

/* Numbers the nodes in order from 0 into x; returns how many the root reaches. */
static int nodes_number(const struct m_instance *inst, int *x)
{
	s32 path[PATH_MOST], node = inst->tree.root;
	int n = 0, depth = 0;

	while (node >= 0 || depth > 0) {
		if (node >= 0 && depth < PATH_MOST) {
			path[depth++] = node;
			node = inst->items[node].left;
			continue;
		}
		node = path[--depth];
		x[node] = n++;
		node = inst->items[node].right;
	}
	return n;
}

static int step_fit(int room, int n, int least, int most)
{
	int step = n > 0 ? room / n : most;

	if (step < least)
		return 0;
	return step > most ? most : step;
}

bool tree_place(const struct m_instance *inst, int label, int rows, int cols, struct tree_place *p)
{
	u32 n = inst->tree.items;
	int reached, step_x, indent;

	/* Neighbours in order are never on one level: two steps must hold a label and a gap. */
	p->x = ui_alloc(n, sizeof(*p->x));
	memset(p->x, 0xff, n * sizeof(*p->x));
	reached = nodes_number(inst, p->x);
	step_x = step_fit(cols - label, reached, label / 2 + 1, STEP_X_MOST);
	p->step_y = step_fit(rows, (int)inst->tree.depth, 1, STEP_Y_MOST);
	if (!step_x || !p->step_y) {
		tree_place_free(p);
		return false;
	}
	indent = (cols - (reached - 1) * step_x) / 2;
	for (u32 i = 0; i < n; i++)
		if (p->x[i] >= 0)
			p->x[i] = indent + p->x[i] * step_x;
	return true;
}

void tree_place_free(struct tree_place *p)
{
	free(p->x);
	p->x = NULL;
}
