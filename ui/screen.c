/* SPDX-License-Identifier: GPL-2.0 */
/* Puts the panes together. */
#include <stdio.h>
#include "pane.h"
#include "tables.h"

typedef void (*pane_fn)(struct canvas *cv, const struct frame *f);

static void draw_in(struct canvas *cv, const struct layout *lay, enum pane pane, pane_fn draw,
		    const struct frame *f)
{
	struct canvas part = canvas_part(cv, lay->pane[pane]);

	if (part.area.h > 0 && part.area.w > 0)
		draw(&part, f);
}

static void draw_gone(struct canvas *cv, const struct frame *f)
{
	(void)f;
	canvas_put(cv, 1, 2, ST_DIM, "This instance is no longer known - Esc goes back.");
}

static void draw_detail(struct canvas *cv, const struct layout *lay, const struct frame *f)
{
	static const struct {
		pane_fn main, side;
	} tabs[TAB_COUNT] = {
		[TAB_TREE] = { pane_tree_draw, pane_ready_draw },
		[TAB_READY] = { pane_ready_draw, NULL },
		[TAB_ITEMS] = { pane_items_draw, NULL },
		[TAB_WAKERS] = { pane_wakers_draw, pane_threads_draw },
		[TAB_HIST] = { pane_hist_draw, NULL },
	};

	draw_in(cv, lay, PANE_TABS, pane_tabs_draw, f);
	if (!f->inst) {
		draw_in(cv, lay, PANE_MAIN, draw_gone, f);
		return;
	}
	draw_in(cv, lay, PANE_MAIN, tabs[f->st->tab].main, f);
	if (tabs[f->st->tab].side)
		draw_in(cv, lay, PANE_SIDE, tabs[f->st->tab].side, f);
}

/* Help, log and menu take the place of everything between the bar and the last lines. */
static void draw_overlay(struct canvas *cv, const struct layout *lay, const struct frame *f)
{
	static const pane_fn overlays[] = {
		[OVERLAY_HELP] = pane_help_draw,
		[OVERLAY_LOG] = pane_log_draw,
		[OVERLAY_SORT] = pane_sort_draw,
	};
	int bottom = lay->pane[PANE_MESSAGE].h ? lay->pane[PANE_MESSAGE].y : lay->pane[PANE_KEYS].y;
	struct canvas part = canvas_part(cv, (struct rect){ 1, 0, bottom - 1, cv->area.w });

	overlays[f->st->overlay](&part, f);
}

/* What is needed comes on a second line where there is no room for all on one. */
static void draw_too_small(struct canvas *cv)
{
	char needs[32];
	int x;

	snprintf(needs, sizeof(needs), "needs %dx%d", MIN_COLS, MIN_ROWS);
	x = canvas_printf(cv, 0, 0, ST_NORMAL, "terminal too small (%dx%d), ", cv->area.w,
			  cv->area.h);
	if (x + text_width(needs) <= cv->area.w)
		canvas_put(cv, 0, x, ST_NORMAL, needs);
	else
		canvas_put(cv, 1, 0, ST_NORMAL, needs);
}

void screen_draw(struct cells *c, const struct frame *f, const struct glyphs *glyphs, bool color)
{
	struct canvas cv = { c, { 0, 0, c->rows, c->cols }, glyphs, color };
	struct layout_in in = {
		.rows = c->rows,
		.cols = c->cols,
		.screen = f->st->screen,
		.tab = f->st->tab,
		.header_rows = pane_header_rows(f),
		.table_rows = (int)f->model->ninst + 1,
		.message = pane_message_wanted(f),
	};
	struct layout lay;

	layout_compute(&in, &lay);
	cells_clear(c);
	if (lay.too_small) {
		draw_too_small(&cv);
		return;
	}
	draw_in(&cv, &lay, PANE_BAR, pane_bar_draw, f);
	if (f->st->overlay != OVERLAY_NONE) {
		draw_overlay(&cv, &lay, f);
	} else {
		draw_in(&cv, &lay, PANE_HEADER, pane_header_draw, f);
		if (f->st->screen == SCREEN_OVERVIEW) {
			draw_in(&cv, &lay, PANE_MAIN, pane_overview_draw, f);
			draw_in(&cv, &lay, PANE_PREVIEW, pane_preview_draw, f);
		} else {
			draw_detail(&cv, &lay, f);
		}
	}
	draw_in(&cv, &lay, PANE_MESSAGE, pane_message_draw, f);
	draw_in(&cv, &lay, PANE_KEYS, pane_keys_draw, f);
}
