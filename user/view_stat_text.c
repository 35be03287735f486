/* SPDX-License-Identifier: GPL-2.0 */
/* `stat` for people without a terminal that can be painted: a small table per interval. */
#include <errno.h>
#include <stdlib.h>
#include "cost_rates.h"
#include "masks.h"
#include "view_stat.h"

/* Each at most 120 columns wide. */
static const char *const interval_columns =
	"instance,comm,tgid,epfd,items,ready,ready_peak,waits_rate,callbacks_rate,delivered_rate,"
	"woken_rate,wasted_rate,put_back_rate,ready_p99_ns,handler_p99_ns";
static const char *const summary_columns =
	"instance,comm,tgid,epfd,items,ready_peak,waits,callbacks,delivered,woken,wasted,put_back,"
	"ready_p50_ns,ready_p99_ns,handler_p99_ns";
static const char *const item_columns =
	"fd,type,detail,mask,ready_pos,callbacks_rate,delivered_rate,ready_avg_ns,ready_age_ns";

int stat_text_tables(struct stat *s)
{
	int err;

	if (table_add(&s->text, ROW_STAT, "row", "ts_ns", "") ||
	    table_add(&s->text, ROW_INSTANCE, NULL, NULL, "") ||
	    table_add(&s->text_summary, ROW_STAT, "row", "ts_ns", "") ||
	    table_add(&s->text_summary, ROW_INSTANCE, NULL, NULL, "") ||
	    table_add(&s->text_items, ROW_ITEM, NULL, NULL, "") ||
	    table_select(&s->text_items, item_columns))
		return -ENOMEM;
	if (s->opts.format != FORMAT_TEXT)
		return 0;
	err = table_select(&s->text, s->opts.columns ? s->opts.columns : interval_columns);
	if (err)
		return err;
	return table_select(&s->text_summary, s->opts.columns ? s->opts.columns : summary_columns);
}

static void put_instance(const struct table *t, struct out *o, const struct row *row,
			 enum stat_kind kind)
{
	struct stat_row stat = { .kind = kind, .ts = row->inst->now_ts };
	struct row self = { .model = row->model, .obj = &stat };
	struct line line = { 0 };

	line.rows[ROW_STAT] = &self;
	line.rows[ROW_INSTANCE] = row;
	table_text(t, o, &line);
}

static void put_start(struct stat *s, const struct model *m)
{
	char tiers[128];

	if (s->meta_done)
		return;
	s->meta_done = true;
	tiers_text(m, tiers, sizeof(tiers));
	out_printf(&s->out, "epscope %s, kernel %s\ntiers: %s (-: not known)\n", m->meta.version,
		   m->meta.release, tiers);
}

static void put_losses(struct stat *s, const struct model *m)
{
	for (u32 i = 0; i < LOSS_COUNT; i++) {
		if (m->loss[i] <= s->loss[i])
			continue;
		out_printf(&s->out, "lost: %llu (%s): %s\n",
			   (unsigned long long)(m->loss[i] - s->loss[i]), loss_name(i),
			   loss_help(i));
		s->loss[i] = m->loss[i];
	}
}

static int put_items(struct stat *s, const struct model *m, const struct m_instance *inst)
{
	struct row *rows = stat_item_rows(s, m, inst);
	struct line line = { 0 };

	if (!rows)
		return inst->nitems ? -ENOMEM : 0;
	table_titles(&s->text_items, &s->out);
	for (u32 i = 0; i < inst->nitems; i++) {
		line.rows[ROW_ITEM] = &rows[i];
		table_text(&s->text_items, &s->out, &line);
	}
	free(rows);
	return 0;
}

int stat_text_tick(struct stat *s, const struct model *m)
{
	u64 prev = m->prev_ts ? m->prev_ts : m->meta.mono_ns;
	struct row *rows;
	size_t n;
	int err = stat_rows(s, m, &rows, &n);

	put_start(s, m);
	out_printf(&s->out, "\nat %.3f s, over %.3f s%s\n", (double)(m->ts - m->meta.mono_ns) / 1e9,
		   (double)(m->ts - prev) / 1e9, n ? ":" : ": no epoll instance in sight");
	if (n)
		table_titles(&s->text, &s->out);
	for (size_t i = 0; i < n && !err; i++) {
		put_instance(&s->text, &s->out, &rows[i], STAT_INTERVAL);
		if (s->opts.items)
			err = put_items(s, m, rows[i].inst);
	}
	free(rows);
	put_losses(s, m);
	return err ? err : out_row(&s->out);
}

/* Of the whole time. */
static void put_cost(struct stat *s, const struct model *m)
{
	char bpf[16], runs[16], accounted[16], cpu[16], bytes[16], events[16];
	struct stat_row stat;
	struct cost_rates r;

	if (!m->cost.known)
		return;
	stat_cost(m, STAT_COST_SUMMARY, &stat);
	cost_rates(&stat.cost, stat.over_ns, &r);
	cost_percent(r.bpf, bpf, sizeof(bpf));
	cost_percent(r.accounted, accounted, sizeof(accounted));
	cost_percent(r.cpu, cpu, sizeof(cpu));
	cost_figure(r.runs, "", runs, sizeof(runs));
	cost_figure(r.bytes, "", bytes, sizeof(bytes));
	cost_figure(r.events, "", events, sizeof(events));
	out_printf(&s->out, "\ncost: BPF %s of a core", bpf);
	if (r.run_ns >= 0)
		out_printf(&s->out, ", %s runs/s of %.0fns", runs, r.run_ns);
	if (r.accounted >= 0)
		out_printf(&s->out, " (accounted %s of the time)", accounted);
	out_printf(&s->out, "; own CPU %s\n      %s bytes/s, %s events/s, lost %llu\n", cpu, bytes,
		   events, (unsigned long long)model_lost(m));
}

int stat_text_end(struct stat *s, const struct model *m)
{
	struct m_instance *whole = malloc(sizeof(*whole));
	struct row row = { .model = m, .inst = whole };

	if (!whole)
		return -ENOMEM;
	put_start(s, m);
	put_losses(s, m);
	out_printf(&s->out, "\nsummary over %.3f s:%s\n",
		   m->ts ? (double)(m->ts - m->meta.mono_ns) / 1e9 : 0,
		   m->ninst ? "" : " no epoll instance was seen");
	if (m->ninst)
		table_titles(&s->text_summary, &s->out);
	for (u32 i = 0; i < m->ninst; i++) {
		stat_whole_time(&m->inst[i], whole);
		put_instance(&s->text_summary, &s->out, &row, STAT_SUMMARY);
	}
	free(whole);
	if (m->dropped)
		out_printf(&s->out, "and %llu that ended earlier; --format csv keeps them all\n",
			   (unsigned long long)m->dropped);
	put_cost(s, m);
	return out_row(&s->out);
}
