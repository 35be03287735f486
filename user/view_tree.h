/* SPDX-License-Identifier: GPL-2.0 */
/* Between view_tree.c (CSV, JSON) and view_tree_text.c. */
#ifndef EPSCOPE_VIEW_TREE_H
#define EPSCOPE_VIEW_TREE_H

#include "view_table.h"

#define TREE_COLUMNS "fd,type,detail,mask,ready_pos,depth,color,callbacks,delivered"

struct tree_view {
	struct view_opts opts;
	struct out out;
	struct table table;        /* CSV and JSON */
	struct table text;         /* the list below the drawing */
	const struct column *sort; /* NULL: in the order of the tree */
};

/* The rows of an instance's items, sorted; freed by the caller. NULL: out of memory. */
struct row *tree_rows(const struct tree_view *t, const struct model *m,
		      const struct m_instance *inst);
void tree_text_head(struct tree_view *t, const struct model *m);
int tree_text(struct tree_view *t, const struct model *m, const struct m_instance *inst);

#endif
