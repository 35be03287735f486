/* SPDX-License-Identifier: GPL-2.0 */
/* Menu of the columns that can sort the list below it, with what each means. */
#include <stdlib.h>
#include "alloc.h"
#include "pane.h"
#include "tables.h"

const struct table *table_of_list(enum list_id list)
{
	switch (list) {
	case LIST_INSTANCES:
		return &table_instances;
	case LIST_READY:
		return &table_ready;
	case LIST_ITEMS:
		return &table_items;
	case LIST_WAKERS:
		return &table_wakers;
	case LIST_THREADS:
		return &table_threads;
	default:
		return NULL;
	}
}

static void draw_choice(struct canvas *cv, int y, const struct table *t, int i, bool selected)
{
	const struct column *col = i ? column_by_name(t->kind, t->cols[i - 1].name) : NULL;
	enum style title = selected ? ST_SELECTED : ST_ACCENT;
	enum style help = selected ? ST_SELECTED : ST_DIM;

	if (selected)
		canvas_style_row(cv, y, ST_SELECTED);
	canvas_put(cv, y, 1, title, col ? col->title : "default");
	canvas_put_fit(cv, y, 12, cv->area.w - 14, help,
		       col ? col->help : "The order that the list has by itself.");
}

void pane_sort_draw(struct canvas *cv, const struct frame *f)
{
	const struct table *t = table_of_list(state_body_list(f->st));
	struct list *l = &f->st->list[LIST_SORT];
	int page = cv->area.h - 1;

	if (!t)
		return;
	list_sync(l, NULL, t->ncols + 1, page, 0);
	canvas_style_row(cv, 0, ST_HEAD);
	canvas_put(cv, 0, 1, ST_HEAD, "SORT BY");
	for (int i = 0; i < page && l->top + i < l->rows; i++)
		draw_choice(cv, 1 + i, t, l->top + i, l->top + i == l->sel);
	scrollbar_draw(cv, 1, page, l->top, page, l->rows);
}
