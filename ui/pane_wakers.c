/* SPDX-License-Identifier: GPL-2.0 */
/* Who woke whom, and what the threads that wait get out of it. */
#include <stdlib.h>
#include <string.h>
#include "alarm.h"
#include "alloc.h"
#include "pane.h"
#include "tables.h"

static const struct table_col waker_cols[] = {
	{ "waker_tid", 1, 7, false }, { "waker_comm", 0, 12, false }, { "context", 3, 7, false },
	{ "woken_tid", 0, 7, false }, { "woken_comm", 4, 12, false }, { "count", 2, 9, false },
	{ "rate", 1, 7, false },      { "ago_ns", 5, 7, false },
};

static const struct table_col thread_cols[] = {
	{ "tid", 0, 7, false },       { "comm", 1, 12, false },
	{ "state", 0, 7, false },     { "wait_ns", 4, 7, false },
	{ "waits", 6, 8, false },     { "waits_rate", 2, 6, false },
	{ "delivered", 6, 8, false }, { "delivered_rate", 3, 7, false },
	{ "woken", 3, 8, false },     { "woken_rate", 5, 7, false },
	{ "wasted", 2, 8, false },    { "wasted_rate", 5, 7, false },
};

static u64 waker_id(const struct row *row)
{
	const struct waker_key *key = &((const struct m_waker *)row->obj)->key;

	return (u64)key->waker_tid << 32 | (u64)key->woken_tid << 2 | key->ctx | 1ULL << 63;
}

static u64 thread_id(const struct row *row)
{
	return ((const struct m_thread *)row->obj)->tid | 1ULL << 32;
}

static enum style waker_style(const char *column, const struct value *v, const struct row *row)
{
	if (((const struct m_waker *)row->obj)->gone)
		return ST_DIM;
	if (strcmp(column, "waker_comm") == 0)
		return ST_ACCENT;
	return figure_style(column, v, row);
}

static enum style thread_style(const char *column, const struct value *v, const struct row *row)
{
	const struct m_thread *t = row->obj;

	if (t->gone)
		return ST_DIM;
	if (strcmp(column, "state") == 0)
		return t->now.ep ? ST_DIM : ST_GOOD;
	if (strncmp(column, "wasted", 6) == 0 && t->now.wasted)
		return t->now.wasted * 10 > t->now.woken * 3 ? ST_BAD : ST_WARN;
	return figure_style(column, v, row);
}

const struct table table_wakers = {
	.kind = ROW_WAKER,
	.cols = waker_cols,
	.ncols = sizeof(waker_cols) / sizeof(waker_cols[0]),
	.sort = "count",
	.empty = "Nobody has been woken yet.",
	.id = waker_id,
	.style = waker_style,
};

const struct table table_threads = {
	.kind = ROW_THREAD,
	.cols = thread_cols,
	.ncols = sizeof(thread_cols) / sizeof(thread_cols[0]),
	.empty = "No thread has waited here yet.",
	.id = thread_id,
	.style = thread_style,
};

struct row *waker_rows(const struct model *m, const struct m_instance *inst, int *n)
{
	struct row *rows = ui_alloc(m->nwakers, sizeof(*rows));

	*n = 0;
	/* A count of 0 is left where a timer's wakeup was taken back: nobody was woken. */
	for (u32 i = 0; i < m->nwakers; i++)
		if (m->wakers[i].now.count && (!inst || m->wakers[i].key.id == inst->now.id))
			rows[(*n)++] = (struct row){ .model = m, .obj = &m->wakers[i] };
	return rows;
}

struct row *thread_rows(const struct model *m, const struct m_instance *inst, int *n)
{
	struct row *rows = ui_alloc(m->nthreads, sizeof(*rows));

	*n = 0;
	for (u32 i = 0; i < m->nthreads; i++) {
		const struct thread_state *now = &m->threads[i].now;

		if (!inst || (now->ep ? now->id : now->last_id) == inst->now.id)
			rows[(*n)++] = (struct row){ .model = m, .obj = &m->threads[i] };
	}
	return rows;
}

void pane_wakers_draw(struct canvas *cv, const struct frame *f)
{
	struct table t = table_wakers;
	int n;
	struct row *rows = waker_rows(f->model, f->inst, &n);

	t.passive = f->st->threads_focus;
	if (model_tier(f->model, HOOK_WAKE) == TIER_NONE)
		t.empty = "Not known here: no hook on wakeups, see 'epscope check'.";
	table_draw(cv, &t, rows, n, &f->st->list[LIST_WAKERS]);
	free(rows);
}

void pane_threads_draw(struct canvas *cv, const struct frame *f)
{
	struct table t = table_threads;
	int n;
	struct row *rows = thread_rows(f->model, f->inst, &n);

	t.passive = !f->st->threads_focus;
	table_draw(cv, &t, rows, n, &f->st->list[LIST_THREADS]);
	free(rows);
}
