/* SPDX-License-Identifier: GPL-2.0 */
/* Headline figures, where they come from, and what was lost. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "alarm.h"
#include "masks.h"
#include "pane.h"
#include "plan.h"

struct figure {
	const char *column;
	const char *label;
	bool per_second;
};

/* What a narrow screen has no room for is last. */
static const struct figure figures[] = {
	{ "waits_rate", "waits", true },
	{ "delivered_rate", "delivered", true },
	{ "woken_rate", "woken", true },
	{ "wasted_rate", "wasted", true },
	{ "callbacks_rate", "callbacks", true },
	{ "put_back_rate", "put back", true },
	{ "ready", "ready", false },
	{ "items", "items", false },
	{ "waiters", "waiters", false },
	{ "overflow", "overflow", false },
};

static double value_as_real(const struct value *v)
{
	switch (v->kind) {
	case VAL_INT:
		return (double)v->i;
	case VAL_REAL:
		return v->r;
	default:
		return (double)v->u;
	}
}

/* Time at which the last instance was seen dead when all are and the source is over, else 0. */
static u64 last_end(const struct frame *f)
{
	const struct model *m = f->model;
	u64 last = 0;

	for (u32 i = 0; f->end_text[0] && i < m->ninst; i++) {
		if (!m->inst[i].dead)
			return 0;
		if (m->inst[i].dead_ts > last)
			last = m->inst[i].dead_ts;
	}
	return last;
}

/*
 * Of the open instance, or the sum over all living ones, after the end over those that lived until
 * then; unknown when no instance knows it.
 */
static void figure_value(const struct frame *f, const char *column, struct value *out)
{
	const struct column *col = column_by_name(ROW_INSTANCE, column);
	struct row row = { .model = f->model, .inst = f->inst, .obj = f->inst };
	u64 ended = last_end(f);
	double sum = 0;
	bool known = false;

	memset(out, 0, sizeof(*out));
	if (!col)
		return;
	if (f->st->screen == SCREEN_DETAIL && f->inst) {
		column_value(col, &row, out);
		return;
	}
	for (u32 i = 0; i < f->model->ninst; i++) {
		struct value v;

		row.inst = row.obj = &f->model->inst[i];
		if (row.inst->dead && (!ended || row.inst->dead_ts != ended))
			continue;
		column_value(col, &row, &v);
		if (v.kind == VAL_UNKNOWN)
			continue;
		known = true;
		out->kind = v.kind;
		sum += value_as_real(&v);
	}
	if (!known)
		out->kind = VAL_UNKNOWN;
	else if (out->kind == VAL_REAL)
		out->r = sum;
	else
		out->kind = VAL_INT, out->i = (s64)sum;
}

static enum style headline_style(const struct frame *f, const struct figure *fig,
				 const struct value *v)
{
	double share = wasted_share(f->model, f->st->screen == SCREEN_DETAIL ? f->inst : NULL);

	if (v->kind == VAL_UNKNOWN)
		return ST_DIM;
	if (strcmp(fig->column, "overflow") == 0 && v->i > 0)
		return ST_WARN;
	if (strcmp(fig->column, "wasted_rate") != 0)
		return ST_STRONG;
	if (share > 0.3)
		return ST_BAD;
	return share > 0.05 ? ST_WARN : ST_GOOD;
}

static void draw_figures(struct canvas *cv, const struct frame *f)
{
	int x = 1;

	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
		const struct figure *fig = &figures[i];
		int width = text_width(fig->label) < 7 ? 7 : text_width(fig->label);
		char text[64], with_unit[72];
		struct value v;

		if (x + width > cv->area.w)
			return;
		figure_value(f, fig->column, &v);
		value_screen(&v, text, sizeof(text));
		snprintf(with_unit, sizeof(with_unit), "%s%s", text,
			 fig->per_second && v.kind != VAL_UNKNOWN ? "/s" : "");
		canvas_put_right(cv, 0, x, width, headline_style(f, fig, &v), with_unit);
		canvas_put_right(cv, 1, x, width, ST_DIM, fig->label);
		x += width + 2;
	}
}

/* Share of wakeups for nothing as a bar, at the right end where there is room for it. */
static void draw_waste(struct canvas *cv, const struct frame *f)
{
	double share = wasted_share(f->model, f->st->screen == SCREEN_DETAIL ? f->inst : NULL);
	enum style style = share > 0.3 ? ST_BAD : share > 0.05 ? ST_WARN : ST_GOOD;
	int width = 22, x = cv->area.w - width - 1;

	if (cv->area.w < 125 || share < 0)
		return;
	canvas_repeat(cv, 0, x, width, ST_DIM, cv->glyphs->bar_empty);
	canvas_repeat(cv, 0, x, (int)(share * width + 0.5), style, cv->glyphs->full);
	canvas_printf(cv, 1, x, ST_DIM, "%3.0f%% of wakeups wasted", share * 100);
}

static enum style tier_style(enum tier tier)
{
	static const enum style styles[] = { ST_BAD, ST_WARN, ST_GOOD };

	return styles[tier];
}

/* What each hook's figures are called in a sentence. */
static const char *const figures_of[HOOK_COUNT] = {
	[HOOK_CREATE] = "new instances", [HOOK_CTL] = "epoll_ctl",
	[HOOK_ITEM] = "items",           [HOOK_CALLBACK] = "callbacks",
	[HOOK_WAKE] = "wakeups",         [HOOK_SEND] = "scans",
	[HOOK_WAIT] = "waits",           [HOOK_DELIVER] = "deliveries",
	[HOOK_RELEASE] = "releases",     [HOOK_DESTROY] = "closes",
	[HOOK_EXIT] = "exits",           [HOOK_SNAPSHOT] = "snapshots",
};

/* The tier of most hooks that count; exits have no better hook than a tracepoint. */
static enum tier main_tier(const struct model *m)
{
	int n[TIER_FULL + 1] = { 0 };
	enum tier most = TIER_FULL;

	for (int h = 0; h < HOOK_COUNT; h++)
		n[model_tier(m, (enum hook)h)] += h != HOOK_EXIT && h != HOOK_SNAPSHOT;
	for (int tier = TIER_NONE; tier < TIER_FULL; tier++)
		if (n[tier] > n[most])
			most = (enum tier)tier;
	return most;
}

/* The hook is of that tier, and its figures are worse than the main tier lets one expect. */
static bool is_exception(const struct model *m, enum hook hook, enum tier tier, enum tier most)
{
	enum tier expected = most;

	if (hook == HOOK_SNAPSHOT)
		expected = TIER_FULL;
	else if (hook == HOOK_EXIT)
		expected = TIER_BASIC;
	return model_tier(m, hook) == tier && tier < expected;
}

static int exceptions_count(const struct model *m, enum tier tier, enum tier most)
{
	int n = 0;

	for (int h = 0; h < HOOK_COUNT; h++)
		n += is_exception(m, (enum hook)h, tier, most);
	return n;
}

/* The exceptions of one tier, by name or as a number; returns the column behind them. */
static int draw_exceptions(struct canvas *cv, int y, int x, const struct model *m, enum tier tier,
			   bool named)
{
	enum tier most = main_tier(m);
	int n = exceptions_count(m, tier, most), left = n;

	if (!n)
		return x;
	x = canvas_put(cv, y, x, ST_DIM,
		       tier == TIER_BASIC && exceptions_count(m, TIER_NONE, most) ? "; " : ": ");
	if (!named)
		x = canvas_printf(cv, y, x, ST_DIM, "%d hook%s", n, n == 1 ? "" : "s");
	for (int h = 0; named && h < HOOK_COUNT; h++)
		if (is_exception(m, (enum hook)h, tier, most))
			x = canvas_printf(cv, y, x, ST_DIM, "%s%s", figures_of[h],
					  --left ? ", " : "");
	return canvas_put(cv, y, x, tier_style(tier), tier == TIER_NONE ? " not known" : " basic");
}

/* Columns that the exceptions take by name. */
static int exceptions_width(const struct model *m)
{
	enum tier most = main_tier(m);
	int width = 0;

	for (int h = 0; h < HOOK_COUNT; h++)
		if (is_exception(m, (enum hook)h, model_tier(m, (enum hook)h), most))
			width += text_width(figures_of[h]) + 2;
	width += exceptions_count(m, TIER_NONE, most) ? text_width(" not known") : 0;
	return width + (exceptions_count(m, TIER_BASIC, most) ? text_width("; basic") : 0);
}

static void draw_tiers(struct canvas *cv, int y, const struct frame *f)
{
	const struct model *m = f->model;
	enum tier most = main_tier(m);
	int x = 1;
	bool named;

	if (!m->ticks) {
		canvas_put(cv, y, x, ST_DIM, "waiting for the first sample");
		return;
	}
	if (most == TIER_NONE) {
		canvas_put(cv, y, x, tier_style(most), "no hooks: see 'epscope check'");
		return;
	}
	x = canvas_printf(cv, y, x, tier_style(most), "%s tier", tier_name(most));
	named = x + exceptions_width(m) <= cv->area.w;
	x = draw_exceptions(cv, y, x, m, TIER_NONE, named);
	x = draw_exceptions(cv, y, x, m, TIER_BASIC, named);
	pane_cost_draw_short(cv, y, x, f);
}

bool anything_lost(const struct model *m)
{
	return model_lost(m) || m->dropped;
}

static void draw_losses(struct canvas *cv, int y, const struct frame *f)
{
	const struct model *m = f->model;
	int x;

	canvas_style_row(cv, y, ST_ALERT);
	x = canvas_put(cv, y, 1, ST_ALERT, "LOST");
	for (u32 i = 0; i < LOSS_COUNT; i++)
		if (m->loss[i])
			x = canvas_printf(cv, y, x, ST_ALERT, "  %s %" PRIu64, loss_name(i),
					  m->loss[i]);
	if (m->dropped)
		canvas_printf(cv, y, x, ST_ALERT, "  instances not kept %" PRIu64, m->dropped);
}

int pane_header_rows(const struct frame *f)
{
	return anything_lost(f->model) ? 4 : 3;
}

void pane_header_draw(struct canvas *cv, const struct frame *f)
{
	bool lost = anything_lost(f->model);

	/* What must not be missed comes first when there is no room for all. */
	if (lost)
		draw_losses(cv, 0, f);
	if (cv->area.h >= 3 + lost) {
		struct canvas below = canvas_part(cv, (struct rect){ lost, 0, 3, cv->area.w });

		draw_figures(&below, f);
		draw_waste(&below, f);
		draw_tiers(&below, 2, f);
	} else if (cv->area.h > lost) {
		draw_tiers(cv, lost, f);
	}
}
