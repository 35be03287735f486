/* SPDX-License-Identifier: GPL-2.0 */
/* Title bar: what is watched, where, and whether the figures are live. */
#include <inttypes.h>
#include <stdio.h>
#include "pane.h"

static const char *owner_comm(const struct m_instance *inst)
{
	return inst->nowners ? inst->owners[0].comm : inst->now.comm;
}

/* The processes by name, as many as there is room for; without any, what was asked for. */
static int draw_targets(struct canvas *cv, int x, const struct frame *f)
{
	const struct model *m = f->model;
	int limit = cv->area.w / 2;

	if (!m->ntargets)
		return canvas_put(cv, 0, x, ST_BAR,
				  m->meta.command[0] ? m->meta.command : f->title);
	for (u32 i = 0; i < m->ntargets; i++) {
		if (i && x > limit)
			return canvas_printf(cv, 0, x, ST_BAR, "+%u more", m->ntargets - i);
		x = canvas_printf(cv, 0, x, ST_BAR, "%.15s(%u)%s ", m->targets[i].comm,
				  m->targets[i].tgid, m->targets[i].exited ? " exited" : "");
	}
	return x - 1;
}

/* Returns the column behind the name of what is watched. */
static int draw_subject(struct canvas *cv, int x, const struct frame *f)
{
	const struct m_instance *inst = f->inst;
	u32 tgid, others;
	s32 fd;

	if (f->st->screen == SCREEN_OVERVIEW)
		return draw_targets(cv, x, f);
	if (!inst)
		return canvas_put(cv, 0, x, ST_BAR, "instance is gone");
	tgid = inst->nowners ? inst->owners[0].tgid : inst->now.tgid;
	fd = inst->nowners ? inst->owners[0].fd : inst->now.epfd;
	others = inst->nowners > 1 ? inst->nowners - 1 : 0;
	x = canvas_printf(cv, 0, x, ST_BAR, "#%u %.15s(%u) epfd %d", inst->num, owner_comm(inst),
			  tgid, fd);
	if (others)
		x = canvas_printf(cv, 0, x, ST_BAR, " +%u more descriptor%s", others,
				  others > 1 ? "s" : "");
	return inst->dead ? canvas_put(cv, 0, x, ST_BAR_BAD, " closed ") : x;
}

static void elapsed_text(const struct model *m, char *buf, size_t size)
{
	u64 s = m->ts > m->meta.mono_ns ? (m->ts - m->meta.mono_ns) / 1000000000ULL : 0;

	if (s >= 3600)
		snprintf(buf, size, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64, s / 3600, s / 60 % 60,
			 s % 60);
	else
		snprintf(buf, size, "%02" PRIu64 ":%02" PRIu64, s / 60, s % 60);
}

static const char *run_text(enum run_state run, enum style *style)
{
	static const struct {
		const char *text;
		enum style style;
	} states[] = {
		[RUN_LIVE] = { "LIVE", ST_BAR_GOOD },
		[RUN_REPLAY] = { "REPLAY", ST_BAR_GOOD },
		[RUN_PAUSED] = { "PAUSED", ST_BAR_WARN },
		[RUN_ENDED] = { "ENDED", ST_BAR_BAD },
	};

	*style = states[run].style;
	return states[run].text;
}

static void draw_kernel(struct canvas *cv, int from, int to, const struct frame *f)
{
	const struct rec_meta *meta = &f->model->meta;
	char text[200];
	int len;

	if (!f->model->ticks)
		return;
	snprintf(text, sizeof(text), "%s%sLinux %s  every %u ms", f->host, *f->host ? "  " : "",
		 meta->release, meta->interval_ms);
	len = text_width(text);
	if (len > to - from) {
		snprintf(text, sizeof(text), "%s", meta->release);
		len = text_width(text);
	}
	if (len <= to - from)
		canvas_put(cv, 0, to - len, ST_BAR, text);
}

/* State, and that something was lost: help and log cover the header, but never this. */
static int draw_state(struct canvas *cv, const struct frame *f)
{
	enum style style;
	const char *run = run_text(f->run, &style);
	int right = cv->area.w - text_width(run) - 2;

	canvas_printf(cv, 0, right, style, " %s ", run);
	if (!anything_lost(f->model))
		return right;
	canvas_put(cv, 0, right - 6, ST_BAR_BAD, " LOST ");
	return right - 6;
}

void pane_bar_draw(struct canvas *cv, const struct frame *f)
{
	struct canvas left;
	char elapsed[32];
	int x, right;

	canvas_style_row(cv, 0, ST_BAR);
	right = draw_state(cv, f) - 1;
	left = canvas_part(cv, (struct rect){ 0, 0, 1, right });
	x = canvas_printf(&left, 0, 1, ST_TAB_ON, " epscope ") + 1;
	x = draw_subject(&left, x, f);
	elapsed_text(f->model, elapsed, sizeof(elapsed));
	right -= text_width(elapsed);
	if (right <= x)
		return;
	canvas_put(cv, 0, right, ST_BAR, elapsed);
	draw_kernel(cv, x + 2, right - 2, f);
}
