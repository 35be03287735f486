/* SPDX-License-Identifier: GPL-2.0 */
/* Overview: one row per instance. */
#include <stdlib.h>
#include "alarm.h"
#include "alloc.h"
#include "pane.h"
#include "spark.h"
#include "tables.h"

static const struct table_col cols[] = {
	{ "instance", 0, 3, false },
	{ "comm", 0, 12, false },
	{ "tgid", 5, 7, false },
	{ "epfd", 0, 4, false },
	{ "items", 1, 6, false },
	{ "depth", 6, 5, false },
	{ "ready", 1, 5, false },
	{ "ready_peak", 11, 5, false },
	{ "overflow", 16, 4, false },
	{ "waiters", 14, 7, false },
	{ "waits_rate", 2, 6, false },
	{ "callbacks_rate", 7, 6, false },
	{ "delivered_rate", 2, 7, false },
	{ "woken_rate", 8, 7, false },
	{ "wasted_rate", 3, 7, false },
	{ "put_back_rate", 13, 7, false },
	{ "ready_p50_ns", 15, 6, false },
	{ "ready_p99_ns", 10, 6, false },
	{ "handler_p50_ns", 15, 6, false },
	{ "handler_p99_ns", 4, 6, false },
};

static u64 instance_id(const struct row *row)
{
	return row->inst->now.id;
}

static bool instance_closed(const struct row *row)
{
	return row->inst->dead;
}

static void draw_spark(struct canvas *cv, int y, int x, int w, enum style style,
		       const struct row *row)
{
	spark_draw(cv, y, x, w, row->inst->dead && style != ST_SELECTED ? ST_DIM : style,
		   row->inst);
}

const struct table table_instances = {
	.kind = ROW_INSTANCE,
	.cols = cols,
	.ncols = sizeof(cols) / sizeof(cols[0]),
	.empty =
		"No epoll instance yet: one appears as soon as a watched process makes or uses it.",
	.extra = { .title = "READY LIST", .rank = 9, .least = 10, .most = 60, .draw = draw_spark },
	.id = instance_id,
	.style = figure_style,
	.closed = instance_closed,
};

struct row *instance_rows(const struct model *m, int *n)
{
	struct row *rows = ui_alloc(m->ninst, sizeof(*rows));

	*n = (int)m->ninst;
	for (u32 i = 0; i < m->ninst; i++)
		rows[i] = (struct row){ .model = m, .inst = &m->inst[i], .obj = &m->inst[i] };
	return rows;
}

void pane_overview_draw(struct canvas *cv, const struct frame *f)
{
	struct table t = table_instances;
	int n;
	struct row *rows = instance_rows(f->model, &n);

	if (!f->model->ticks)
		t.empty = "";
	table_draw(cv, &t, rows, n, &f->st->list[LIST_INSTANCES]);
	free(rows);
}
