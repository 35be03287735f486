/* SPDX-License-Identifier: GPL-2.0 */
/* A row per interval and instance, and at the end of each instance one over its whole time. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "cost_rates.h"
#include "log.h"
#include "view_stat.h"

/* Of the dead the time ends with them. */
void stat_whole_time(const struct m_instance *inst, struct m_instance *whole)
{
	*whole = *inst;
	memset(&whole->prev.st, 0, sizeof(whole->prev.st));
	whole->prev_ts = inst->since_ts;
	if (inst->dead && inst->now.died_ns > inst->since_ts)
		whole->now_ts = inst->now.died_ns;
}

static int put_row(struct stat *s, const struct model *m, const struct stat_row *stat,
		   const struct m_instance *inst, const struct row *item)
{
	struct row self = { .model = m, .obj = stat };
	struct row row = { .model = m, .inst = item ? item->inst : inst };
	struct line line = { 0 };

	line.rows[ROW_STAT] = &self;
	line.rows[SLOT_IDENT] = row.inst ? &row : NULL;
	line.rows[ROW_INSTANCE] = inst ? &row : NULL;
	line.rows[ROW_ITEM] = item;
	return table_row(&s->table, &s->out, s->opts.format, &line);
}

static int put_items(struct stat *s, const struct model *m, const struct m_instance *inst)
{
	struct stat_row stat = { .kind = STAT_ITEM, .ts = m->ts };
	struct row *rows;
	int err;

	rows = stat_item_rows(s, m, inst);
	if (!rows)
		return inst->nitems ? -ENOMEM : 0;
	err = 0;
	for (u32 i = 0; i < inst->nitems && !err; i++)
		err = put_row(s, m, &stat, NULL, &rows[i]);
	free(rows);
	return err;
}

struct row *stat_item_rows(const struct stat *s, const struct model *m,
			   const struct m_instance *inst)
{
	struct row *rows = inst->nitems ? calloc(inst->nitems, sizeof(*rows)) : NULL;

	if (!rows)
		return NULL;
	for (u32 i = 0; i < inst->nitems; i++)
		rows[i] = (struct row){ .model = m, .inst = inst, .obj = &inst->items[i] };
	if (rows_sort(rows, inst->nitems, s->sort_item)) {
		free(rows);
		return NULL;
	}
	return rows;
}

int stat_rows(const struct stat *s, const struct model *m, struct row **rows, size_t *n)
{
	*n = 0;
	*rows = calloc(m->ninst + 1ULL, sizeof(**rows));
	if (!*rows)
		return -ENOMEM;
	for (u32 i = 0; i < m->ninst; i++) {
		const struct m_instance *inst = &m->inst[i];

		/* A dead one had its last interval when its end was learned. */
		if (!inst->dead || inst->dead_ts == m->ts)
			(*rows)[(*n)++] = (struct row){ .model = m, .inst = inst };
	}
	return rows_sort(*rows, *n, s->sort);
}

static int put_summary(struct stat *s, const struct model *m, const struct m_instance *inst)
{
	struct stat_row stat = { .kind = STAT_SUMMARY };
	struct m_instance *whole = malloc(sizeof(*whole));
	int err;

	if (!whole)
		return -ENOMEM;
	stat_whole_time(inst, whole);
	stat.ts = whole->now_ts;
	err = put_row(s, m, &stat, whole, NULL);
	free(whole);
	return err;
}

static int put_intervals(struct stat *s, const struct model *m)
{
	struct stat_row stat = { .kind = STAT_INTERVAL, .ts = m->ts };
	struct row *rows;
	size_t n;
	int err = stat_rows(s, m, &rows, &n);

	for (size_t i = 0; i < n && !err; i++) {
		err = put_row(s, m, &stat, rows[i].inst, NULL);
		if (!err && s->opts.items)
			err = put_items(s, m, rows[i].inst);
		/* At its death: it may not be kept until the end. */
		if (!err && rows[i].inst->dead)
			err = put_summary(s, m, rows[i].inst);
	}
	free(rows);
	return err;
}

static int put_losses(struct stat *s, const struct model *m)
{
	struct stat_row stat = { .kind = STAT_LOST, .ts = m->ts };
	int err = 0;

	for (u32 i = 0; i < LOSS_COUNT && !err; i++) {
		if (m->loss[i] <= s->loss[i])
			continue;
		stat.where = i;
		stat.lost = m->loss[i] - s->loss[i];
		s->loss[i] = m->loss[i];
		err = put_row(s, m, &stat, NULL, NULL);
	}
	return err;
}

void stat_cost(const struct model *m, enum stat_kind kind, struct stat_row *stat)
{
	static const struct rec_cost none;
	bool whole = kind == STAT_COST_SUMMARY;
	u64 from = !whole && m->prev_ts ? m->prev_ts : m->meta.mono_ns;

	*stat = (struct stat_row){ .kind = kind, .ts = m->ts };
	stat->over_ns = m->ts > from ? m->ts - from : 0;
	cost_diff(&m->cost.now, whole ? &none : &m->cost.prev, &stat->cost);
}

static int put_cost(struct stat *s, const struct model *m, enum stat_kind kind)
{
	struct stat_row stat;

	if (!m->cost.known)
		return 0;
	stat_cost(m, kind, &stat);
	return put_row(s, m, &stat, NULL, NULL);
}

/* Once, when the plan is known. */
static int put_meta(struct stat *s, const struct model *m)
{
	struct stat_row stat = { .kind = STAT_META, .ts = m->meta.mono_ns };

	if (s->meta_done)
		return 0;
	s->meta_done = true;
	return put_row(s, m, &stat, NULL, NULL);
}

static int stat_begin(struct view *v)
{
	struct stat *s = v->priv;

	table_header(&s->table, &s->out, s->opts.format);
	return out_flush(&s->out);
}

static int stat_record(struct view *v, const struct model *m, const struct rec_hdr *h,
		       const void *p)
{
	(void)v;
	(void)m;
	(void)h;
	(void)p;
	return 0;
}

static int stat_tick(struct view *v, const struct model *m)
{
	struct stat *s = v->priv;
	int err;

	if (s->opts.format == FORMAT_TEXT) {
		err = stat_text_tick(s, m);
	} else {
		err = put_meta(s, m);
		if (!err)
			err = put_intervals(s, m);
		if (!err)
			err = put_losses(s, m);
		if (!err)
			err = put_cost(s, m, STAT_COST);
	}
	return err ? err : out_flush(&s->out);
}

static int stat_end(struct view *v, const struct model *m)
{
	struct stat *s = v->priv;
	int err = 0;

	if (s->opts.format == FORMAT_TEXT) {
		err = stat_text_end(s, m);
		return err ? err : out_flush(&s->out);
	}
	if (m->meta.mono_ns)
		err = put_meta(s, m);
	for (u32 i = 0; i < m->ninst && !err; i++)
		if (!m->inst[i].dead_ts)
			err = put_summary(s, m, &m->inst[i]);
	if (!err)
		err = put_losses(s, m);
	if (!err)
		err = put_cost(s, m, STAT_COST_SUMMARY);
	return err ? err : out_flush(&s->out);
}

static void stat_free(struct view *v)
{
	struct stat *s = v->priv;

	if (!s)
		return;
	table_free(&s->table);
	table_free(&s->text);
	table_free(&s->text_items);
	table_free(&s->text_summary);
	out_free(&s->out);
	free(s);
	v->priv = NULL;
}

static int stat_tables(struct stat *s)
{
	bool items = s->opts.items;
	int err;

	if (table_add(&s->table, ROW_STAT, "row", "ts_ns", "") ||
	    table_add(&s->table, SLOT_IDENT, "instance", "epfd", "") ||
	    table_add(&s->table, ROW_INSTANCE, "owners", NULL, "") ||
	    (items && table_add(&s->table, ROW_ITEM, "fd", NULL, "item_")) ||
	    table_add(&s->table, ROW_STAT, "lost", NULL, ""))
		return -ENOMEM;
	err = stat_text_tables(s);
	return err ? err : table_select(&s->table, s->opts.columns);
}

static int stat_sort(struct stat *s, const char *name)
{
	if (!name)
		return 0;
	s->sort = column_by_name(ROW_INSTANCE, name);
	if (s->opts.items && !strncmp(name, "item_", 5))
		s->sort_item = column_by_name(ROW_ITEM, name + 5);
	if (s->sort || s->sort_item)
		return 0;
	log_error("cannot sort by '%s': no such column here; `epscope schema` lists them", name);
	return -EINVAL;
}

int view_stat_init(struct view *v, const struct view_opts *o)
{
	struct stat *s = calloc(1, sizeof(*s));
	int err;

	*v = (struct view){
		.priv = s,
		.begin = stat_begin,
		.record = stat_record,
		.tick = stat_tick,
		.end = stat_end,
		.free = stat_free,
	};
	if (!s)
		return -ENOMEM;
	s->opts = *o;
	out_init(&s->out, o->out);
	err = stat_tables(s);
	if (!err)
		err = stat_sort(s, o->sort);
	if (err)
		stat_free(v);
	return err;
}
