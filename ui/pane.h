/* SPDX-License-Identifier: GPL-2.0 */
/* The panes: each draws one part of the screen from the model and the state, one file each. */
#ifndef EPSCOPE_UI_PANE_H
#define EPSCOPE_UI_PANE_H

#include "cells.h"
#include "layout.h"
#include "model.h"
#include "state.h"

enum run_state {
	RUN_LIVE,
	RUN_REPLAY,
	RUN_PAUSED,
	RUN_ENDED, /* the source is over: last figures */
};

/* All that a pane may look at. */
struct frame {
	const struct model *model;
	const struct m_instance *inst; /* the open one; NULL in the overview, and when it is gone */
	struct state *st;              /* panes change only what list_sync() changes */
	const char *title;             /* what is watched */
	const char *host;              /* name of this machine; "" for a recording */
	enum run_state run;
	const char *end_text; /* why the source is over, "" while it is not; also in a pause */
	u64 now_ns;           /* CLOCK_MONOTONIC, for the age of messages */
};

/* Some loss counter is not 0. */
bool anything_lost(const struct model *m);
/* Lines that the header wants: figures, tiers and, when something was lost, losses. */
int pane_header_rows(const struct frame *f);
void pane_bar_draw(struct canvas *cv, const struct frame *f);
void pane_header_draw(struct canvas *cv, const struct frame *f);
void pane_tabs_draw(struct canvas *cv, const struct frame *f);
void pane_overview_draw(struct canvas *cv, const struct frame *f);
void pane_preview_draw(struct canvas *cv, const struct frame *f);
void pane_tree_draw(struct canvas *cv, const struct frame *f);
/* The tree as nodes per level; lines from y on. */
void pane_shape_draw(struct canvas *cv, int y, const struct frame *f);
void pane_ready_draw(struct canvas *cv, const struct frame *f);
void pane_items_draw(struct canvas *cv, const struct frame *f);
void pane_wakers_draw(struct canvas *cv, const struct frame *f);
void pane_threads_draw(struct canvas *cv, const struct frame *f);
void pane_hist_draw(struct canvas *cv, const struct frame *f);
void pane_help_draw(struct canvas *cv, const struct frame *f);
void pane_log_draw(struct canvas *cv, const struct frame *f);
/* The cost over the last seconds, at the right end of line y, if there is room behind column x. */
void pane_cost_draw_short(struct canvas *cv, int y, int x, const struct frame *f);
/* All of it as a table: how many lines, and each of them at line y. */
int pane_cost_rows(void);
void pane_cost_draw_row(struct canvas *cv, int y, int row, const struct frame *f);
void pane_sort_draw(struct canvas *cv, const struct frame *f);
/* A line for a message, the filter or the end is needed now. */
bool pane_message_wanted(const struct frame *f);
void pane_message_draw(struct canvas *cv, const struct frame *f);
void pane_keys_draw(struct canvas *cv, const struct frame *f);

/* The whole screen: layout, and every pane that has a place. */
void screen_draw(struct cells *c, const struct frame *f, const struct glyphs *glyphs, bool color);

#endif
