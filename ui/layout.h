/* SPDX-License-Identifier: GPL-2.0 */
/* Where each pane goes: a pure function of the size of the screen and of what is shown. */
#ifndef EPSCOPE_UI_LAYOUT_H
#define EPSCOPE_UI_LAYOUT_H

#include "cells.h"
#include "state.h"

#define MIN_ROWS 10
#define MIN_COLS 40

enum pane {
	PANE_BAR,    /* title bar, first line */
	PANE_HEADER, /* headline figures, tiers, losses */
	PANE_TABS,
	PANE_MAIN,    /* table of instances, or what the tab shows */
	PANE_SIDE,    /* second pane of a tab, right of PANE_MAIN or below it */
	PANE_PREVIEW, /* overview: the selected instance, if there is room */
	PANE_MESSAGE,
	PANE_KEYS, /* last line */
	PANE_COUNT,
};

struct layout_in {
	int rows, cols;
	enum screen screen;
	enum tab tab;
	int header_rows; /* lines the header wants */
	int table_rows;  /* rows the overview wants, with its title */
	bool message;    /* a line for a message is needed */
};

struct layout {
	bool too_small;               /* below MIN_ROWS or MIN_COLS: nothing has a place */
	struct rect pane[PANE_COUNT]; /* height 0: not shown */
};

/* Rectangles never overlap and stay on the screen; PANE_MAIN has at least 3 lines. */
void layout_compute(const struct layout_in *in, struct layout *out);

#endif
