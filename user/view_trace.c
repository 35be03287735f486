/* SPDX-License-Identifier: GPL-2.0 */
/* A row per event, in the order in which they come, and a row wherever some were lost. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "log.h"
#include "masks.h"
#include "view_table.h"

struct trace {
	struct view_opts opts;
	struct out out;
	struct table table;        /* CSV and JSON; text with --columns */
	struct table lead, detail; /* text: columns of every row, and name=value of the others */
	u64 loss[LOSS_COUNT];      /* counters as told so far */
	bool meta_done;
};

static const char *const lead_columns = "type,instance,epfd,tid,comm";
static const char *const detail_columns =
	"fd,fd_type,fd_detail,op,mask,data,result,error,maxevents,timeout_ns,inside_ns,ready_ns,"
	"woken_tid,wakes,put_back,left_over,overflowed,lost,where";

/* "inside_ns" is shown scaled, with its unit: the name needs none. */
static size_t name_len(const char *name)
{
	size_t len = strlen(name);

	return len > 3 && !strcmp(name + len - 3, "_ns") ? len - 3 : len;
}

/* Time since the start, then who, then what is known as name=value. */
static void text_row(struct trace *t, const struct line *line)
{
	const struct row *row = line->rows[ROW_EVENT];
	const struct ev *ev = row->obj;
	u64 since = ev->ts > row->model->meta.mono_ns ? ev->ts - row->model->meta.mono_ns : 0;
	char text[128];
	struct value v;

	out_printf(&t->out, "%6llu.%06llu ", (unsigned long long)(since / 1000000000),
		   (unsigned long long)(since / 1000 % 1000000));
	table_text(&t->lead, &t->out, line);
	t->out.len -= t->out.len > 0; /* its newline */
	for (size_t i = 0; i < t->detail.n; i++) {
		const struct cell *cell = &t->detail.cells[i];

		column_value(cell->col, row, &v);
		if (v.kind == VAL_UNKNOWN)
			continue;
		value_screen(&v, text, sizeof(text));
		out_printf(&t->out, " %.*s=%s", (int)name_len(cell->name), cell->name, text);
	}
	/* Then the thread may be a bystander. */
	if (ev->ctx == CTX_SOFTIRQ || ev->ctx == CTX_HARDIRQ)
		out_printf(&t->out, " in %s", context_name(ev->ctx));
	out_char(&t->out, '\n');
}

static int put_event(struct trace *t, const struct model *m, const struct ev *ev)
{
	struct row row = { .model = m, .inst = model_instance_by_id(m, ev->id), .obj = ev };
	struct line line = { .rows = { [ROW_EVENT] = &row } };

	if (t->opts.format != FORMAT_TEXT)
		return table_row(&t->table, &t->out, t->opts.format, &line);
	if (t->opts.columns)
		table_text(&t->table, &t->out, &line);
	else
		text_row(t, &line);
	return out_row(&t->out);
}

/* Once, when the plan is known: before the first row, at the latest at the end. */
static int put_meta(struct trace *t, const struct model *m)
{
	struct ev meta = { .ts = m->meta.mono_ns, .type = EV_META, .epfd = -1, .fd = -1 };
	char tiers[128];

	if (t->meta_done)
		return 0;
	t->meta_done = true;
	if (t->opts.format != FORMAT_TEXT)
		return put_event(t, m, &meta);
	tiers_text(m, tiers, sizeof(tiers));
	out_printf(&t->out,
		   "# epscope %s, kernel %s, tiers: %s; times in seconds since the start\n",
		   m->meta.version, m->meta.release, tiers);
	if (t->opts.columns)
		table_titles(&t->table, &t->out);
	return out_row(&t->out);
}

static int trace_begin(struct view *v)
{
	struct trace *t = v->priv;

	table_header(&t->table, &t->out, t->opts.format);
	return out_flush(&t->out);
}

static int trace_record(struct view *v, const struct model *m, const struct rec_hdr *h,
			const void *p)
{
	struct trace *t = v->priv;
	const struct ev *ev = p;
	int err;

	/* Rows for losses are made of the counters, see trace_tick(). */
	if (h->type != REC_EVENT || h->len != sizeof(*ev) || ev->type >= EV_LOST)
		return 0;
	if (t->opts.event_mask && !(t->opts.event_mask & 1u << ev->type))
		return 0;
	err = put_meta(t, m);
	return err ? err : put_event(t, m, ev);
}

static int put_losses(struct trace *t, const struct model *m)
{
	struct ev lost = { .ts = m->ts, .type = EV_LOST, .epfd = -1, .fd = -1 };
	int err = 0;

	for (u32 i = 0; i < LOSS_COUNT && !err; i++) {
		if (m->loss[i] <= t->loss[i])
			continue;
		lost.op = i;
		lost.data = m->loss[i] - t->loss[i];
		t->loss[i] = m->loss[i];
		err = put_event(t, m, &lost);
	}
	return err;
}

static int trace_tick(struct view *v, const struct model *m)
{
	struct trace *t = v->priv;
	int err = put_meta(t, m);

	if (!err)
		err = put_losses(t, m);
	return err ? err : out_flush(&t->out);
}

static int trace_end(struct view *v, const struct model *m)
{
	struct trace *t = v->priv;
	int err = m->meta.mono_ns ? put_meta(t, m) : 0;

	if (!err)
		err = put_losses(t, m);
	return err ? err : out_flush(&t->out);
}

static void trace_free(struct view *v)
{
	struct trace *t = v->priv;

	if (!t)
		return;
	table_free(&t->table);
	table_free(&t->lead);
	table_free(&t->detail);
	out_free(&t->out);
	free(t);
	v->priv = NULL;
}

static int trace_tables(struct trace *t)
{
	if (table_add(&t->table, ROW_EVENT, NULL, NULL, "") ||
	    table_add(&t->lead, ROW_EVENT, NULL, NULL, "") ||
	    table_add(&t->detail, ROW_EVENT, NULL, NULL, "") ||
	    table_select(&t->lead, lead_columns) || table_select(&t->detail, detail_columns))
		return -ENOMEM;
	return table_select(&t->table, t->opts.columns);
}

int view_trace_init(struct view *v, const struct view_opts *o)
{
	struct trace *t = calloc(1, sizeof(*t));
	int err;

	*v = (struct view){
		.priv = t,
		.begin = trace_begin,
		.record = trace_record,
		.tick = trace_tick,
		.end = trace_end,
		.free = trace_free,
	};
	if (!t)
		return -ENOMEM;
	t->opts = *o;
	out_init(&t->out, o->out);
	err = trace_tables(t);
	if (!err && o->sort) {
		log_error(
			"trace cannot be sorted by '%s': its rows come as the events happen; leave "
			"out --sort, or sort the CSV",
			o->sort);
		err = -EINVAL;
	}
	if (err)
		trace_free(v);
	return err;
}
