/* SPDX-License-Identifier: GPL-2.0 */
/* Registered descriptors of one instance: the nodes of ep->rbr. */
#include <stdlib.h>
#include <string.h>
#include "alarm.h"
#include "alloc.h"
#include "pane.h"
#include "rates.h"
#include "tables.h"

static const struct table_col cols[] = {
	{ "fd", 0, 6, false },
	{ "type", 1, 8, false },
	{ "mask", 1, 14, false },
	{ "callbacks", 3, 7, false },
	{ "callbacks_rate", 7, 6, false },
	{ "delivered", 2, 7, false },
	{ "delivered_rate", 6, 7, false },
	{ "ready_pos", 5, 5, false },
	{ "ready_avg_ns", 6, 7, false },
	{ "mods", 4, 5, false },
	{ "revents", 8, 10, false },
	{ "color", 9, 5, false },
	{ "depth", 9, 5, false },
	{ "detail", 2, 22, true },
};

u64 item_row_id(const struct row *row)
{
	const struct m_item *it = row->obj;

	/* An address is never odd: no item gets 0, and two fds of one file differ. */
	return (it->key.file ^ (u64)(u32)it->key.fd << 48) | 1;
}

static enum style item_style(const char *column, const struct value *v, const struct row *row)
{
	const struct m_item *it = row->obj;

	if (strcmp(column, "fd") == 0)
		return ST_ACCENT;
	if (strcmp(column, "color") == 0)
		return it->black ? ST_NORMAL : ST_RED;
	return figure_style(column, v, row);
}

/* Time since something happened to the item. */
static void draw_ago(struct canvas *cv, int y, int x, int w, enum style style,
		     const struct row *row)
{
	const struct m_item *it = row->obj;
	u64 last = it->st.last_cb_ns;
	struct value v = { .kind = VAL_NS };
	char text[32];

	if (it->st.last_delivered_ns > last)
		last = it->st.last_delivered_ns;
	v.u = total_diff(row->inst->now_ts, last);
	if (!last)
		v.kind = VAL_UNKNOWN;
	value_screen(&v, text, sizeof(text));
	if (style != ST_SELECTED)
		style = last ? ST_NORMAL : ST_DIM;
	canvas_put_right(cv, y, x, w, style, text);
}

const struct table table_items = {
	.kind = ROW_ITEM,
	.cols = cols,
	.ncols = sizeof(cols) / sizeof(cols[0]),
	.sort = "delivered",
	.empty = "No item is known yet.",
	.extra = { .title = "  LAST", .rank = 3, .least = 6, .most = 6, .draw = draw_ago },
	.id = item_row_id,
	.style = item_style,
};

/*
 * The counters of an item stay a while after it was removed. What the last whole snapshot did not
 * have is registered only if it was added since.
 */
static bool item_is_registered(const struct m_instance *inst, const struct m_item *it)
{
	const struct m_tree *t = &inst->tree;

	return it->in_tree || !t->known || t->torn || it->st.added_ns > t->ts;
}

struct row *item_rows(const struct model *m, const struct m_instance *inst, int *n)
{
	struct row *rows = ui_alloc(inst->nitems, sizeof(*rows));

	*n = 0;
	for (u32 i = 0; i < inst->nitems; i++)
		if (item_is_registered(inst, &inst->items[i]))
			rows[(*n)++] =
				(struct row){ .model = m, .inst = inst, .obj = &inst->items[i] };
	return rows;
}

void pane_items_draw(struct canvas *cv, const struct frame *f)
{
	int n;
	struct row *rows = item_rows(f->model, f->inst, &n);

	table_draw(cv, &table_items, rows, n, &f->st->list[LIST_ITEMS]);
	free(rows);
}
