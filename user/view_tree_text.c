/* SPDX-License-Identifier: GPL-2.0 */
/* The tree drawn on its side, smallest key on top, and its items as a list. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "tree.h"
#include "view_tree.h"

#define DRAW_MAX 255 /* nodes; more are shown as nodes per level */

#define RED   "\033[31m"
#define PLAIN "\033[0m"

void tree_text_head(struct tree_view *t, const struct model *m)
{
	char tiers[128];
	u32 living = 0;

	tiers_text(m, tiers, sizeof(tiers));
	out_printf(&t->out, "epscope %s, kernel %s\ntiers: %s (-: not known)\n", m->meta.version,
		   m->meta.release, tiers);
	for (u32 i = 0; i < m->ninst; i++)
		living += !m->inst[i].dead;
	if (!living)
		out_text(&t->out, "no epoll instance in sight\n");
}

/* "name 5" of a column of the instance, "name -" if it is not known. */
static void put_figure(struct tree_view *t, const struct model *m, const struct m_instance *inst,
		       const char *name)
{
	struct row row = { .model = m, .inst = inst };
	char text[128];
	struct value v;

	column_value(column_by_name(ROW_INSTANCE, name), &row, &v);
	value_screen(&v, text, sizeof(text));
	out_printf(&t->out, ", %s %s", name, text);
}

static void put_title(struct tree_view *t, const struct model *m, const struct m_instance *inst)
{
	static const char *const figures[] = { "tgid",         "epfd",  "items",    "depth",
					       "black_height", "ready", "overflow", "waiters" };
	struct row row = { .model = m, .inst = inst };
	char comm[128];
	struct value v;

	column_value(column_by_name(ROW_INSTANCE, "comm"), &row, &v);
	value_screen(&v, comm, sizeof(comm));
	out_printf(&t->out, "\ninstance %u: %s", inst->num, comm);
	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
		put_figure(t, m, inst, figures[i]);
	out_char(&t->out, '\n');
}

/*
 * The branches left of a node. An ancestor's own branch goes on past this line if the line lies
 * between that ancestor and its parent: below it if it is a left child, above if it is a right one.
 */
static void put_branches(struct tree_view *t, const struct m_item *items, s32 i)
{
	s32 path[TREE_MAX_DEPTH];
	u32 depth = items[i].depth;
	bool is_left, next_left;

	for (u32 k = depth; k; k--) {
		path[k - 1] = i;
		i = items[i].parent;
	}
	for (u32 k = 1; k + 1 < depth; k++) {
		is_left = items[path[k - 1]].left == path[k];
		next_left = items[path[k]].left == path[k + 1];
		out_text(&t->out, is_left != next_left ? "|   " : "    ");
	}
	if (depth > 1)
		out_text(&t->out, items[path[depth - 2]].left == path[depth - 1] ? ".-- " : "`-- ");
}

static void put_node(struct tree_view *t, const struct model *m, const struct m_instance *inst,
		     u32 i)
{
	const struct m_item *item = &inst->items[i];
	struct row row = { .model = m, .inst = inst, .obj = item };
	bool color = t->opts.color && !item->black;
	char text[128];
	struct value v;

	put_branches(t, inst->items, (s32)i);
	out_printf(&t->out, "%s%s fd %d%s", color ? RED : "", item->black ? "B" : "R", item->key.fd,
		   color ? PLAIN : "");
	if (item->desc) {
		column_value(column_by_name(ROW_ITEM, "type"), &row, &v);
		value_screen(&v, text, sizeof(text));
		out_printf(&t->out, " %s", text);
	}
	column_value(column_by_name(ROW_ITEM, "mask"), &row, &v);
	out_printf(&t->out, " %s", v.text);
	if (item->ready_pos == READY_POS_UNKNOWN)
		out_text(&t->out, " *ready");
	else if (item->ready_pos)
		out_printf(&t->out, " *ready %u", item->ready_pos);
	out_char(&t->out, '\n');
}

/* 2 log2(n + 1), rounded down: no red-black tree of n nodes is deeper. */
static int depth_limit(u32 n)
{
	u64 square = (n + 1ULL) * (n + 1ULL);

	return square ? 63 - __builtin_clzll(square) : 64;
}

static void put_shape(struct tree_view *t, const struct m_tree *tree)
{
	out_printf(&t->out, "%u nodes, %u red; depth %u of at most %d = 2 log2(n + 1)\n",
		   tree->items, tree->reds, tree->depth, depth_limit(tree->items));
	for (u32 k = 0; k < tree->depth && k < TREE_MAX_DEPTH; k++)
		out_printf(&t->out, "level %2u: %8u nodes %8u red\n", k + 1, tree->level_nodes[k],
			   tree->level_reds[k]);
}

static void put_tree(struct tree_view *t, const struct model *m, const struct m_instance *inst)
{
	const struct m_tree *tree = &inst->tree;

	if (!tree->known) {
		out_text(&t->out, "its tree is not known: no exact snapshot (iter/task) of it\n");
		return;
	}
	if (!tree_exact(tree))
		out_text(&t->out,
			 "torn: the tree changed while it was read; its shape is not exact\n");
	if (!ready_known(tree))
		out_text(&t->out,
			 "the ready list is not known: it was moving, or a scan had taken it\n");
	if (tree->items > DRAW_MAX) {
		put_shape(t, tree);
		return;
	}
	for (u32 i = 0; i < tree->items; i++)
		if (inst->items[i].depth)
			put_node(t, m, inst, i);
}

int tree_text(struct tree_view *t, const struct model *m, const struct m_instance *inst)
{
	struct row *rows = tree_rows(t, m, inst);
	struct line line = { 0 };

	if (!rows)
		return -ENOMEM;
	put_title(t, m, inst);
	put_tree(t, m, inst);
	if (inst->nitems) {
		out_char(&t->out, '\n');
		table_titles(&t->text, &t->out);
	}
	for (u32 i = 0; i < inst->nitems; i++) {
		line.rows[SLOT_IDENT] = &rows[i];
		line.rows[ROW_ITEM] = &rows[i];
		table_text(&t->text, &t->out, &line);
	}
	free(rows);
	return out_row(&t->out);
}
