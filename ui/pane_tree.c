/* SPDX-License-Identifier: GPL-2.0 */
/* The tree of one instance, drawn from its real nodes while they fit. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "alloc.h"
#include "pane.h"
#include "treeplace.h"

#define HEAD_LINES 2 /* verdict and a free line */

/* What holds for every red-black tree of n nodes. */
static double depth_bound(u32 n)
{
	return 2 * log2((double)n + 1);
}

static void draw_verdict(struct canvas *cv, const struct frame *f)
{
	const struct m_tree *t = &f->inst->tree;
	bool exact = tree_exact(t);
	const char *mark = exact ? cv->glyphs->check : cv->glyphs->cross;
	char bound[64];
	int x;

	x = canvas_printf(cv, 0, 1, exact ? ST_GOOD : ST_WARN, "%s ", mark);
	if (!exact) {
		canvas_put_fit(cv, 0, x, cv->area.w - x, ST_WARN,
			       "changed while it was read: not a true picture, wait for the next");
		return;
	}
	x = canvas_put(cv, 0, x, ST_GOOD, "red-black rules hold");
	x = canvas_printf(cv, 0, x + 2, ST_NORMAL, "%u node%s, %u red", t->items,
			  t->items == 1 ? "" : "s", t->reds);
	x = canvas_printf(cv, 0, x + 2, ST_NORMAL, "depth %u", t->depth);
	x = canvas_printf(cv, 0, x + 2, ST_NORMAL, "black height %u", t->black_height);
	snprintf(bound, sizeof(bound), "depth limit %s = %.1f", cv->glyphs->log2_bound,
		 depth_bound(t->items));
	if (x + 2 + text_width(bound) < cv->area.w)
		canvas_put(cv, 0, x + 2, ST_DIM, bound);
	else
		canvas_printf(cv, 0, x + 2, ST_DIM, "(<= %.1f)", depth_bound(t->items));
}

/* Says why there is nothing to draw. */
static void draw_nothing(struct canvas *cv, const struct frame *f)
{
	const struct rec_plan *plan = &f->model->plan[HOOK_SNAPSHOT];

	if (f->inst->tree.known)
		canvas_put(cv, 1, 2, ST_DIM, "The tree is empty: nothing is registered.");
	else if (model_tier(f->model, HOOK_SNAPSHOT) == TIER_FULL)
		canvas_put(cv, 1, 2, ST_DIM, "No snapshot of this tree yet.");
	else
		canvas_printf(cv, 1, 2, ST_DIM, "The nodes cannot be read here: %s", plan->reason);
}

static void node_label(const struct canvas *cv, const struct m_item *it, char *buf, size_t size)
{
	const char *ready = it->ready_pos ? "*" : "";

	if (cv->color)
		snprintf(buf, size, " %d%s", it->key.fd, *ready ? ready : " ");
	else
		snprintf(buf, size, "%d%s%s", it->key.fd, it->black ? "b" : "r", ready);
}

/* Line from a node at column x to the column of its child, with the corner above the child. */
static void draw_arm(struct canvas *cv, int y, int x, int child)
{
	bool left = child < x;

	canvas_repeat(cv, y, left ? child : x, abs(x - child), ST_DIM, cv->glyphs->hline);
	canvas_put(cv, y, child, ST_DIM, left ? cv->glyphs->corner_left : cv->glyphs->corner_right);
}

static void draw_node(struct canvas *cv, const struct tree_place *p, const struct m_item *items,
		      s32 i, int y0)
{
	const struct m_item *it = &items[i];
	int x = p->x[i], y = y0 + ((int)it->depth - 1) * p->step_y;
	s32 child[2] = { it->left, it->right };
	char label[32];

	for (int k = 0; k < 2; k++) {
		if (child[k] < 0 || p->x[child[k]] < 0)
			continue;
		draw_arm(cv, y, x, p->x[child[k]]);
		for (int line = 1; line < p->step_y; line++)
			canvas_put(cv, y + line, p->x[child[k]], ST_DIM, cv->glyphs->vline);
	}
	node_label(cv, it, label, sizeof(label));
	canvas_put(cv, y, x - text_width(label) / 2, it->black ? ST_NODE_BLACK : ST_NODE_RED,
		   label);
}

static int label_width(const struct canvas *cv, const struct m_instance *inst)
{
	int widest = 0;

	for (u32 i = 0; i < inst->tree.items; i++) {
		char label[32];

		node_label(cv, &inst->items[i], label, sizeof(label));
		if (text_width(label) > widest)
			widest = text_width(label);
	}
	return widest;
}

static void draw_legend(struct canvas *cv, const struct frame *f)
{
	int y = cv->area.h - 1, x = 1;

	if (cv->color) {
		x = canvas_put(cv, y, x, ST_NODE_RED, " fd ") + 1;
		x = canvas_put(cv, y, x, ST_DIM, "red") + 2;
		x = canvas_put(cv, y, x, ST_NODE_BLACK, " fd ") + 1;
		x = canvas_put(cv, y, x, ST_DIM, "black") + 2;
	} else {
		x = canvas_put(cv, y, x, ST_DIM, "r red  b black") + 2;
	}
	x = canvas_put(cv, y, x, ST_DIM,
		       ready_known(&f->inst->tree) ? "* on the ready list"
						   : "ready list not known") +
	    2;
	canvas_put_fit(cv, y, x, cv->area.w - x, ST_DIM,
		       "order: address of struct file, then descriptor");
}

void pane_tree_draw(struct canvas *cv, const struct frame *f)
{
	const struct m_instance *inst = f->inst;
	struct list *l = &f->st->list[LIST_TREE];
	struct rect room = { HEAD_LINES, 0, cv->area.h - HEAD_LINES - 1, cv->area.w };
	struct tree_place place;

	if (!inst->tree.known || inst->tree.root < 0) {
		draw_nothing(cv, f);
		list_sync(l, NULL, 0, cv->area.h, 0);
		return;
	}
	draw_verdict(cv, f);
	/* Most trees that do not fit have far too many nodes: no need to measure each. */
	if ((int)inst->tree.items > room.w ||
	    !tree_place(inst, label_width(cv, inst), room.h, room.w, &place)) {
		pane_shape_draw(cv, HEAD_LINES, f);
		return;
	}
	for (u32 i = 0; i < inst->tree.items; i++)
		if (place.x[i] >= 0)
			draw_node(cv, &place, inst->items, (s32)i, room.y);
	tree_place_free(&place);
	draw_legend(cv, f);
	list_sync(l, NULL, 0, cv->area.h, 0);
}
