/* SPDX-License-Identifier: GPL-2.0 */
/* A tree too large to draw: how many nodes each level has, and how full it is. */
#include <stdio.h>
#include "pane.h"
#include "table.h"

#define NUMBERS 40 /* columns left of the bars */

static u32 widest_level(const struct m_tree *t)
{
	u32 most = 1;

	for (u32 i = 0; i < t->depth && i < 64; i++)
		if (t->level_nodes[i] > most)
			most = t->level_nodes[i];
	return most;
}

/* Part of a bar; what is not 0 is seen. */
static int bar_part(u32 n, u32 most, int width)
{
	int part = (int)((u64)n * (u64)width / most);

	return n && !part ? 1 : part;
}

static void draw_level(struct canvas *cv, int y, const struct m_tree *t, u32 level, u32 most)
{
	u32 nodes = t->level_nodes[level], reds = t->level_reds[level];
	int width = cv->area.w - NUMBERS - 2, x = NUMBERS, black;
	/* Level 0 has room for one node, each further level for twice as many. */
	double full = level < 63 ? 100.0 * nodes / (double)(1ULL << level) : 0;
	char share[16];

	snprintf(share, sizeof(share), full >= 0.1 ? "%.1f%%" : "%.0e%%", full);
	canvas_printf(cv, y, 1, ST_NORMAL, "%5u %9u %9u", level + 1, nodes, reds);
	canvas_put_right(cv, y, 27, 10, ST_DIM, full >= 99.95 ? "full" : share);
	black = bar_part(nodes - reds, most, width);
	x = canvas_repeat(cv, y, x, black, ST_BLACK, cv->color ? cv->glyphs->full : "b");
	canvas_repeat(cv, y, x, bar_part(reds, most, width - black > 0 ? width : 1), ST_RED,
		      cv->color ? cv->glyphs->full : "r");
}

void pane_shape_draw(struct canvas *cv, int y, const struct frame *f)
{
	const struct m_tree *t = &f->inst->tree;
	struct list *l = &f->st->list[LIST_TREE];
	int page = cv->area.h - y - 1;
	struct canvas head = canvas_part(cv, (struct rect){ y, 0, 1, cv->area.w });

	list_sync(l, NULL, (int)t->depth, page, 0);
	canvas_style_row(&head, 0, ST_HEAD);
	canvas_printf(&head, 0, 1, ST_HEAD, "%5s %9s %9s %10s", "LEVEL", "NODES", "RED", "FILLED");
	canvas_put(&head, 0, NUMBERS, ST_HEAD, "BLACK AND RED NODES");
	for (int i = 0; i < page && l->top + i < (int)t->depth; i++)
		draw_level(cv, y + 1 + i, t, (u32)(l->top + i), widest_level(t));
	scrollbar_draw(cv, y + 1, page, l->top, page, (int)t->depth);
}
