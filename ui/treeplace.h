/* SPDX-License-Identifier: GPL-2.0 */
/* Columns for the nodes of a tree on screen. Pure. */
#ifndef EPSCOPE_UI_TREEPLACE_H
#define EPSCOPE_UI_TREEPLACE_H

#include "model.h"

struct tree_place {
	int *x;     /* column of the middle of node i, -1: not reached from the root */
	int step_y; /* lines from one level to the next */
};

/*
 * Places the nodes of the last snapshot in order, each in a column of its own, labels (at most
 * label columns wide) never touching on a level. Returns false when that takes more than rows lines
 * or cols columns; else p is to be freed.
 */
bool tree_place(const struct m_instance *inst, int label, int rows, int cols, struct tree_place *p);
void tree_place_free(struct tree_place *p);

#endif
