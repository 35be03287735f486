/* SPDX-License-Identifier: GPL-2.0 */
/* The ready list in the kernel's order. */
#include <stdlib.h>
#include <string.h>
#include "alarm.h"
#include "alloc.h"
#include "pane.h"
#include "tables.h"

#define MS 1000000ULL

static const struct table_col cols[] = {
	{ "ready_pos", 0, 5, false }, { "fd", 0, 6, false },           { "type", 2, 8, false },
	{ "mask", 1, 14, false },     { "ready_age_ns", 1, 7, false }, { "callbacks", 3, 8, false },
	{ "delivered", 3, 8, false }, { "detail", 4, 20, true },
};

/* How long something has been ready and nobody took it. */
static enum style ready_style(const char *column, const struct value *v, const struct row *row)
{
	if (strcmp(column, "ready_age_ns") == 0 && v->u >= 50 * MS)
		return ST_BAD;
	if (strcmp(column, "ready_age_ns") == 0 && v->u >= 5 * MS)
		return ST_WARN;
	if (strcmp(column, "fd") == 0)
		return ST_ACCENT;
	return figure_style(column, v, row);
}

const struct table table_ready = {
	.kind = ROW_ITEM,
	.cols = cols,
	.ncols = sizeof(cols) / sizeof(cols[0]),
	.empty = "Nothing was on the ready list at the last snapshot.",
	.id = item_row_id,
	.style = ready_style,
};

static int by_position(const void *a, const void *b)
{
	u32 x = ((const struct m_item *)((const struct row *)a)->obj)->ready_pos;
	u32 y = ((const struct m_item *)((const struct row *)b)->obj)->ready_pos;

	return (x > y) - (x < y);
}

struct row *ready_rows(const struct model *m, const struct m_instance *inst, int *n)
{
	struct row *rows = ui_alloc(inst->tree.items, sizeof(*rows));

	*n = 0;
	for (u32 i = 0; i < inst->tree.items; i++)
		if (inst->items[i].ready_pos)
			rows[(*n)++] =
				(struct row){ .model = m, .inst = inst, .obj = &inst->items[i] };
	qsort(rows, (size_t)*n, sizeof(*rows), by_position);
	return rows;
}

void pane_ready_draw(struct canvas *cv, const struct frame *f)
{
	struct table t = table_ready;
	int n;
	struct row *rows = ready_rows(f->model, f->inst, &n);

	t.passive = f->st->tab != TAB_READY;
	if (f->inst->ready_now > 0 && !n)
		t.empty = "The items on it were not read with this snapshot.";
	if (f->inst->ready_now == UNKNOWN_S64)
		t.empty =
			model_tier(f->model, HOOK_SNAPSHOT) == TIER_FULL
				? "Not known this time: it was moving, or a scan had taken it."
				: "Not known here: the ready list is only seen by snapshots of the kernel.";
	table_draw(cv, &t, rows, n, &f->st->list[LIST_READY]);
	free(rows);
}
