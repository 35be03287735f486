/* SPDX-License-Identifier: GPL-2.0 */
/* Histograms of one instance since the start, as horizontal bars. */
#include <inttypes.h>
#include <stdio.h>
#include "columns.h"
#include "histinfo.h"
#include "pane.h"
#include "rates.h"
#include "table.h"

#define COLUMNS_MOST 3
#define COLUMN_WIDTH 38 /* least that one column of histograms needs */
#define GAP          (-1)
#define LABEL        8
#define COUNT        7

#define HIST(n) offsetof(struct ep_stats, hist_##n), offsetof(struct ep_stats, max_##n)

const struct hist_info hist_infos[HIST_COUNT] = {
	{ "ready to delivered", HIST(ready), HOOK_CALLBACK, false },
	{ "handler: return to next wait", HIST(handler), HOOK_WAIT, false },
	{ "blocked in the wait", HIST(blocked), HOOK_WAIT, false },
	{ "run queue: woken to running", HIST(sched), HOOK_WAKE, false },
	{ "running again to return", HIST(return ), HOOK_WAKE, false },
	{ "events per return", HIST(batch), HOOK_WAIT, true },
};

const u64 *hist_slots(const struct hist_info *info, const struct m_instance *inst)
{
	return (const u64 *)(const void *)((const char *)&inst->now.st + info->offset);
}

static const u64 *hist_max(const struct hist_info *info, const struct m_instance *inst)
{
	return (const u64 *)(const void *)((const char *)&inst->now.st + info->max_offset);
}

/*
 * Slots to show, one a line, from the first to the last that has values; GAP stands for more than
 * two empty ones. Returns how many.
 */
static int slots_shown(const u64 *slots, int *shown)
{
	int n = 0, empty = 0;

	for (int i = 0; i < HIST_SLOTS; i++) {
		if (!slots[i]) {
			empty++;
			continue;
		}
		if (n && empty > 2)
			shown[n++] = GAP;
		for (int k = n && empty <= 2 ? i - empty : i; k <= i; k++)
			shown[n++] = k;
		empty = 0;
	}
	return n;
}

static int block_lines(const struct hist_info *info, const struct m_instance *inst)
{
	int shown[HIST_SLOTS];

	/* Title, percentiles, slots, a free line. Of an empty one: title and one that says so. */
	return 2 + slots_shown(hist_slots(info, inst), shown) + 1;
}

static void amount_text(const struct hist_info *info, u64 amount, char *buf, size_t size)
{
	struct value v = { .kind = info->events ? VAL_UINT : VAL_NS, .u = amount };

	value_screen(&v, buf, size);
}

static void count_text(u64 count, char *buf, size_t size)
{
	struct value v = { .kind = VAL_UINT, .u = count };

	value_screen(&v, buf, size);
}

static void draw_percentiles(struct canvas *cv, int y, const struct hist_info *info,
			     const struct m_instance *inst)
{
	static const struct {
		const char *name;
		double share;
	} marks[] = { { "p50", 0.5 }, { "p90", 0.9 }, { "p99", 0.99 } };
	u64 max = *hist_max(info, inst);
	char text[32];
	int x = 0;

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		amount_text(info, hist_percentile(hist_slots(info, inst), marks[i].share, max),
			    text, sizeof(text));
		x = canvas_printf(cv, y, x, ST_DIM, "%s ", marks[i].name);
		x = canvas_printf(cv, y, x, ST_STRONG, "%-7s", text) + 1;
	}
}

static void draw_slot(struct canvas *cv, int y, const struct hist_info *info, int slot, u64 count,
		      u64 most)
{
	int width = cv->area.w - LABEL - COUNT - 3, len;
	char text[32];

	/* Slot 0 holds 0 and 1. */
	amount_text(info, slot ? 1ULL << slot : info->events, text, sizeof(text));
	canvas_put_right(cv, y, 0, LABEL, ST_DIM, text);
	len = (int)(2.0 * (double)width * (double)count / (double)most + 0.5);
	if (count && !len)
		len = 1;
	canvas_put(cv, y, canvas_repeat(cv, y, LABEL + 1, len / 2, ST_GRAPH, cv->glyphs->full),
		   ST_GRAPH, cv->glyphs->half_bar[len % 2]);
	count_text(count, text, sizeof(text));
	canvas_put_right(cv, y, cv->area.w - COUNT - 1, COUNT, count ? ST_NORMAL : ST_DIM, text);
}

static void draw_block(struct canvas *cv, int y, const struct frame *f,
		       const struct hist_info *info)
{
	const u64 *slots = hist_slots(info, f->inst);
	u64 most = 0;
	int shown[HIST_SLOTS], n = slots_shown(slots, shown), x;
	char text[32];

	x = canvas_put(cv, y, 0, ST_ACCENT, info->title);
	if (model_tier(f->model, info->hook) == TIER_NONE) {
		canvas_put(cv, y + 1, 0, ST_DIM, "- not known on this kernel");
		return;
	}
	count_text(hist_sum(slots), text, sizeof(text));
	canvas_printf(cv, y, x, ST_DIM, "  n %s", text);
	if (!n) {
		canvas_put(cv, y + 1, 0, ST_DIM, "no value yet");
		return;
	}
	draw_percentiles(cv, y + 1, info, f->inst);
	for (int i = 0; i < HIST_SLOTS; i++)
		most = slots[i] > most ? slots[i] : most;
	for (int i = 0; i < n; i++) {
		if (shown[i] == GAP)
			canvas_put_right(cv, y + 2 + i, 0, LABEL, ST_DIM, cv->glyphs->ellipsis);
		else
			draw_slot(cv, y + 2 + i, info, shown[i], slots[shown[i]], most);
	}
}

static int shortest(const int *height, int n)
{
	int at = 0;

	for (int i = 1; i < n; i++)
		if (height[i] < height[at])
			at = i;
	return at;
}

void pane_hist_draw(struct canvas *cv, const struct frame *f)
{
	struct list *l = &f->st->list[LIST_HIST];
	int n = (cv->area.w - 2) / COLUMN_WIDTH, height[COLUMNS_MOST] = { 0 }, tallest = 0;
	int column[HIST_COUNT], line[HIST_COUNT], width;

	n = n < 1 ? 1 : n > COLUMNS_MOST ? COLUMNS_MOST : n;
	width = (cv->area.w - 2) / n;
	for (int i = 0; i < HIST_COUNT; i++) {
		column[i] = shortest(height, n);
		line[i] = height[column[i]];
		height[column[i]] += block_lines(&hist_infos[i], f->inst);
		if (height[column[i]] > tallest)
			tallest = height[column[i]];
	}
	list_sync(l, NULL, tallest - 1, cv->area.h, 0);
	for (int i = 0; i < HIST_COUNT; i++) {
		struct canvas part = canvas_part(
			cv, (struct rect){ 0, 1 + column[i] * width, cv->area.h, width - 1 });

		draw_block(&part, line[i] - l->top, f, &hist_infos[i]);
	}
	scrollbar_draw(cv, 0, cv->area.h, l->top, l->page, l->rows);
}
