/* SPDX-License-Identifier: GPL-2.0 */
/* The items of every living instance as the last snapshot found them, once, at the end. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "log.h"
#include "view_tree.h"

/* The sort column applies inside each instance. */
struct row *tree_rows(const struct tree_view *t, const struct model *m,
		      const struct m_instance *inst)
{
	struct row *rows = calloc(inst->nitems + 1ULL, sizeof(*rows));

	if (!rows)
		return NULL;
	for (u32 i = 0; i < inst->nitems; i++)
		rows[i] = (struct row){ .model = m, .inst = inst, .obj = &inst->items[i] };
	if (rows_sort(rows, inst->nitems, t->sort)) {
		free(rows);
		return NULL;
	}
	return rows;
}

static int put_row(struct tree_view *t, const struct model *m, const struct stat_row *stat,
		   const struct row *item)
{
	struct row self = { .model = m, .obj = stat };
	struct line line = { 0 };

	line.rows[ROW_STAT] = &self;
	line.rows[SLOT_IDENT] = item;
	line.rows[ROW_ITEM] = item;
	return table_row(&t->table, &t->out, t->opts.format, &line);
}

static int put_items(struct tree_view *t, const struct model *m, const struct m_instance *inst)
{
	struct stat_row stat = { .kind = STAT_ITEM,
				 .ts = inst->tree.known ? inst->tree.ts : m->ts };
	struct row *rows = tree_rows(t, m, inst);
	int err = rows ? 0 : -ENOMEM;

	for (u32 i = 0; i < inst->nitems && !err; i++)
		err = put_row(t, m, &stat, &rows[i]);
	free(rows);
	return err;
}

static int put_all(struct tree_view *t, const struct model *m)
{
	struct stat_row meta = { .kind = STAT_META, .ts = m->meta.mono_ns };
	int err = 0;

	if (t->opts.format != FORMAT_TEXT && m->meta.mono_ns)
		err = put_row(t, m, &meta, NULL);
	for (u32 i = 0; i < m->ninst && !err; i++) {
		if (m->inst[i].dead)
			continue;
		err = t->opts.format == FORMAT_TEXT ? tree_text(t, m, &m->inst[i])
						    : put_items(t, m, &m->inst[i]);
	}
	return err;
}

static int tree_begin(struct view *v)
{
	struct tree_view *t = v->priv;

	table_header(&t->table, &t->out, t->opts.format);
	return out_flush(&t->out);
}

static int tree_record(struct view *v, const struct model *m, const struct rec_hdr *h,
		       const void *p)
{
	(void)v;
	(void)m;
	(void)h;
	(void)p;
	return 0;
}

static int tree_tick(struct view *v, const struct model *m)
{
	(void)v;
	(void)m;
	return 0;
}

static int tree_end(struct view *v, const struct model *m)
{
	struct tree_view *t = v->priv;
	int err;

	if (t->opts.format == FORMAT_TEXT)
		tree_text_head(t, m);
	err = put_all(t, m);
	return err ? err : out_flush(&t->out);
}

static void tree_free(struct view *v)
{
	struct tree_view *t = v->priv;

	if (!t)
		return;
	table_free(&t->table);
	table_free(&t->text);
	out_free(&t->out);
	free(t);
	v->priv = NULL;
}

static int tree_tables(struct tree_view *t)
{
	if (table_add(&t->table, ROW_STAT, "row", "ts_ns", "") ||
	    table_add(&t->table, SLOT_IDENT, "instance", "epfd", "") ||
	    table_add(&t->table, ROW_ITEM, NULL, NULL, "") ||
	    table_add(&t->table, ROW_STAT, "wall_offset_ns", "tiers", "") ||
	    table_add(&t->text, SLOT_IDENT, "instance", "epfd", "") ||
	    table_add(&t->text, ROW_ITEM, NULL, NULL, ""))
		return -ENOMEM;
	if (t->opts.format == FORMAT_TEXT)
		return table_select(&t->text, t->opts.columns ? t->opts.columns : TREE_COLUMNS);
	return table_select(&t->table, t->opts.columns);
}

int view_tree_init(struct view *v, const struct view_opts *o)
{
	struct tree_view *t = calloc(1, sizeof(*t));
	int err;

	*v = (struct view){
		.priv = t,
		.begin = tree_begin,
		.record = tree_record,
		.tick = tree_tick,
		.end = tree_end,
		.free = tree_free,
	};
	if (!t)
		return -ENOMEM;
	t->opts = *o;
	out_init(&t->out, o->out);
	err = tree_tables(t);
	if (!err && o->sort) {
		t->sort = column_by_name(ROW_ITEM, o->sort);
		if (!t->sort) {
			log_error(
				"cannot sort by '%s': no such column of items; `epscope schema` lists "
				"them",
				o->sort);
			err = -EINVAL;
		}
	}
	if (err)
		tree_free(v);
	return err;
}
