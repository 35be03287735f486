/* SPDX-License-Identifier: GPL-2.0 */
/* Below the overview, where there is room: more of the selected instance. */
#include <stdio.h>
#include <string.h>
#include "alarm.h"
#include "pane.h"
#include "rates.h"
#include "spark.h"

#define TIMES_WIDTH  36
#define COUNTS_WIDTH 24

struct time_line {
	const char *label, *p50, *p99;
};

static const struct time_line times[] = {
	{ "ready to delivered", "ready_p50_ns", "ready_p99_ns" },
	{ "handler", "handler_p50_ns", "handler_p99_ns" },
	{ "blocked in the wait", "blocked_p50_ns", "blocked_p99_ns" },
	{ "run queue", "sched_p50_ns", "sched_p99_ns" },
	{ "run to return", "return_p50_ns", "return_p99_ns" },
	{ "events per return", "events_p50", "events_p99" },
};

struct count_line {
	const char *label, *column;
};

static const struct count_line returns[] = {
	{ "with events", "ret_events" }, { "timeout", "ret_timeout" }, { "signal", "ret_signal" },
	{ "error", "ret_error" },        { "array full", "ret_full" }, { "scans", "scans" },
};

static const struct count_line callbacks[] = {
	{ "to ready list", "cb_ready" },  { "was on it", "cb_already" },
	{ "to overflow", "cb_overflow" }, { "ignored", "cb_ignored" },
	{ "left over", "left_over" },     { "overflowed", "overflowed" },
};

static const struct count_line ctls[] = {
	{ "added", "adds" },        { "modified", "mods" },     { "removed", "dels" },
	{ "failed", "ctl_errors" }, { "released", "released" }, { "descriptors", "owners" },
};
#define NLINES 6

static void draw_value(struct canvas *cv, int y, int x, int width, const struct row *row,
		       const char *column)
{
	const struct column *col = column_by_name(ROW_INSTANCE, column);
	struct value v;
	char text[64];

	if (!col)
		return;
	column_value(col, row, &v);
	value_screen(&v, text, sizeof(text));
	canvas_put_right(cv, y, x, width, figure_style(column, &v, row), text);
}

static void draw_times(struct canvas *cv, const struct row *row)
{
	canvas_printf(cv, 0, 0, ST_DIM, "%-19s %7s %7s", "last interval", "p50", "p99");
	for (int i = 0; i < NLINES; i++) {
		canvas_put(cv, 1 + i, 0, ST_NORMAL, times[i].label);
		draw_value(cv, 1 + i, 20, 7, row, times[i].p50);
		draw_value(cv, 1 + i, 28, 7, row, times[i].p99);
	}
}

static void draw_counts(struct canvas *cv, const char *title, const struct count_line *lines,
			const struct row *row)
{
	canvas_put(cv, 0, 0, ST_DIM, title);
	for (int i = 0; i < NLINES; i++) {
		canvas_put(cv, 1 + i, 0, ST_NORMAL, lines[i].label);
		draw_value(cv, 1 + i, 13, 8, row, lines[i].column);
	}
}

static void draw_chart(struct canvas *cv, const struct m_instance *inst)
{
	int width = cv->area.w < SPARK_LEN ? cv->area.w : SPARK_LEN;

	if (!inst->spark_len) {
		canvas_put(cv, 0, 0, ST_DIM, "ready list: not known here");
		return;
	}
	canvas_printf(cv, 0, 0, ST_DIM, "ready list, highest %u", spark_max(inst, width));
	spark_chart(cv, (struct rect){ 1, 0, cv->area.h - 1, width }, ST_GRAPH, inst);
}

static void draw_title(struct canvas *cv, const struct m_instance *inst)
{
	const char *comm = inst->nowners ? inst->owners[0].comm : inst->now.comm;

	canvas_repeat(cv, 0, 0, cv->area.w, ST_DIM, cv->glyphs->hline);
	canvas_printf(cv, 0, 2, ST_ACCENT, " #%u %.15s ", inst->num, comm);
}

/* Takes width columns from the right end of *room. */
static struct canvas take_right(struct canvas *room, int width)
{
	struct canvas part =
		canvas_part(room, (struct rect){ 0, room->area.w - width, room->area.h, width });

	room->area.w -= width + 2;
	return part;
}

void pane_preview_draw(struct canvas *cv, const struct frame *f)
{
	const struct m_instance *inst =
		model_instance_by_id(f->model, f->st->list[LIST_INSTANCES].sel_id);
	struct row row = { .model = f->model, .inst = inst, .obj = inst };
	struct canvas room, part;

	if (!inst)
		return;
	draw_title(cv, inst);
	room = canvas_part(cv, (struct rect){ 1, 1, cv->area.h - 1, cv->area.w - 2 });
	if (room.area.w >= TIMES_WIDTH + 3 * COUNTS_WIDTH + 45) {
		part = take_right(&room, COUNTS_WIDTH - 2);
		draw_counts(&part, "epoll_ctl", ctls, &row);
	}
	if (room.area.w >= TIMES_WIDTH + 2 * COUNTS_WIDTH + 45) {
		part = take_right(&room, COUNTS_WIDTH - 2);
		draw_counts(&part, "callbacks", callbacks, &row);
	}
	if (room.area.w >= TIMES_WIDTH + COUNTS_WIDTH + 30) {
		part = take_right(&room, COUNTS_WIDTH - 2);
		draw_counts(&part, "returns", returns, &row);
	}
	if (room.area.w >= TIMES_WIDTH + 20) {
		part = take_right(&room, TIMES_WIDTH);
		draw_times(&part, &row);
	}
	draw_chart(&room, inst);
}
