/* SPDX-License-Identifier: GPL-2.0 */
/* What epscope itself costs: a few figures for the header, all of them for the log. */
#include <stddef.h>
#include <stdio.h>
#include "cost_rates.h"
#include "pane.h"

/* Room for the figures of a frame as text. */
struct cost_texts {
	char bpf[16], runs[16], run[16], accounted[16], cpu[16], bytes[16], events[16];
};

static void cost_texts(const struct rec_cost *prev, u64 since, const struct model *m,
		       struct cost_texts *t)
{
	struct rec_cost diff;
	struct cost_rates r;

	cost_diff(&m->cost.now, prev, &diff);
	cost_rates(&diff, m->ts > since ? m->ts - since : 0, &r);
	cost_percent(r.bpf, t->bpf, sizeof(t->bpf));
	cost_percent(r.accounted, t->accounted, sizeof(t->accounted));
	cost_percent(r.cpu, t->cpu, sizeof(t->cpu));
	cost_figure(r.runs, "", t->runs, sizeof(t->runs));
	cost_figure(r.run_ns, "ns", t->run, sizeof(t->run));
	cost_figure(r.bytes, "", t->bytes, sizeof(t->bytes));
	cost_figure(r.events, "", t->events, sizeof(t->events));
}

void pane_cost_draw_short(struct canvas *cv, int y, int x, const struct frame *f)
{
	const struct m_cost *c = &f->model->cost;
	char brief[48], wide[112];
	const char *text = wide;
	struct cost_texts t;
	int room = cv->area.w - 1 - x - 2;

	if (!c->known)
		return;
	cost_texts(&c->base, c->base_ts, f->model, &t);
	snprintf(brief, sizeof(brief), "cost BPF %s CPU %s", t.bpf, t.cpu);
	snprintf(wide, sizeof(wide), "%s  %s runs/s  %s bytes/s", brief, t.runs, t.bytes);
	if (text_width(wide) > room)
		text = brief;
	if (text_width(text) <= room)
		canvas_put(cv, y, cv->area.w - 1 - text_width(text), ST_DIM, text);
}

static void draw_line(struct canvas *cv, int y, const char *name, const char *now,
		      const char *whole, const char *how)
{
	canvas_put(cv, y, 1, ST_ACCENT, name);
	canvas_put_right(cv, y, 11, 7, ST_NORMAL, now);
	canvas_put_right(cv, y, 20, 7, ST_NORMAL, whole);
	canvas_put_fit(cv, y, 29, cv->area.w - 31, ST_DIM, how);
}

static void draw_lost(struct canvas *cv, int y, const struct model *m)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)model_lost(m));
	draw_line(cv, y, "lost", "", text, "what found no room, or could not be read");
}

/* Below the title; text is where struct cost_texts has it. */
static const struct cost_line {
	const char *name;
	size_t text;
	const char *how;
} lines[] = {
	{ "BPF", offsetof(struct cost_texts, bpf),
	  "of a core, inside hooked programs; getting there is not in it" },
	{ "runs/s", offsetof(struct cost_texts, runs), "of these programs" },
	{ "per run", offsetof(struct cost_texts, run), "time inside, by the kernel's clock" },
	{ "accounted", offsetof(struct cost_texts, accounted),
	  "of the time the kernel measures these three" },
	{ "own CPU", offsetof(struct cost_texts, cpu), "of a core, epscope's process" },
	{ "bytes/s", offsetof(struct cost_texts, bytes), "of records, as in a recording" },
	{ "events/s", offsetof(struct cost_texts, events), "streamed one by one" },
};
#define NLINES ((int)(sizeof(lines) / sizeof(lines[0])))

int pane_cost_rows(void)
{
	return 1 + NLINES + 1; /* title, and what was lost */
}

void pane_cost_draw_row(struct canvas *cv, int y, int row, const struct frame *f)
{
	static const struct rec_cost none;
	const struct m_cost *c = &f->model->cost;
	const struct cost_line *line;
	struct cost_texts now, whole;

	if (!row) {
		canvas_style_row(cv, y, ST_HEAD);
		canvas_put(cv, y, 1, ST_HEAD, "COST          NOW    WHOLE  HOW");
		return;
	}
	if (!c->known) {
		canvas_put(cv, y, 1, ST_DIM, row == 1 ? "not told" : "");
		return;
	}
	if (row > NLINES) {
		draw_lost(cv, y, f->model);
		return;
	}
	cost_texts(&c->base, c->base_ts, f->model, &now);
	cost_texts(&none, f->model->meta.mono_ns, f->model, &whole);
	line = &lines[row - 1];
	draw_line(cv, y, line->name, (const char *)&now + line->text,
		  (const char *)&whole + line->text, line->how);
}
