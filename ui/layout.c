/* SPDX-License-Identifier: GPL-2.0 */
#include <string.h>
#include "layout.h"

#define MAIN_LEAST    3
#define PREVIEW_LEAST 9 /* borders, a chart of four lines and its figures */
#define PREVIEW_MOST  18
#define SIDE_TREE     150 /* columns from which the ready list stands beside the tree */
#define SIDE_WAKERS   165 /* columns from which wakers and threads stand side by side */

static void split_overview(const struct layout_in *in, struct rect body, struct layout *out)
{
	int table = in->table_rows < MAIN_LEAST ? MAIN_LEAST : in->table_rows;
	int preview = body.h - table;

	if (preview > PREVIEW_MOST)
		preview = PREVIEW_MOST;
	if (preview < PREVIEW_LEAST)
		preview = 0;
	out->pane[PANE_MAIN] = (struct rect){ body.y, body.x, body.h - preview, body.w };
	out->pane[PANE_PREVIEW] =
		(struct rect){ body.y + body.h - preview, body.x, preview, preview ? body.w : 0 };
}

/* Main and side next to each other, with a free column between them. */
static void split_columns(struct rect body, int side, struct layout *out)
{
	out->pane[PANE_MAIN] = (struct rect){ body.y, body.x, body.h, body.w - side - 1 };
	out->pane[PANE_SIDE] = (struct rect){ body.y, body.x + body.w - side, body.h, side };
}

static void split_rows(struct rect body, struct layout *out)
{
	int below = body.h / 2;

	if (body.h - below < MAIN_LEAST)
		below = 0;
	out->pane[PANE_MAIN] = (struct rect){ body.y, body.x, body.h - below, body.w };
	out->pane[PANE_SIDE] =
		(struct rect){ body.y + body.h - below, body.x, below, below ? body.w : 0 };
}

static void split_detail(const struct layout_in *in, struct rect body, struct layout *out)
{
	out->pane[PANE_MAIN] = body;
	if (in->tab == TAB_WAKERS && body.w >= SIDE_WAKERS)
		split_columns(body, body.w * 56 / 100, out); /* threads have more columns */
	else if (in->tab == TAB_WAKERS)
		split_rows(body, out);
	else if (in->tab == TAB_TREE && body.w >= SIDE_TREE)
		split_columns(body, body.w / 3, out);
}

void layout_compute(const struct layout_in *in, struct layout *out)
{
	int tabs = in->screen == SCREEN_DETAIL;
	int message = in->message;
	int header = in->header_rows, y = 0;
	struct rect body;

	memset(out, 0, sizeof(*out));
	out->too_small = in->rows < MIN_ROWS || in->cols < MIN_COLS;
	if (out->too_small)
		return;
	if (header > in->rows - MAIN_LEAST - tabs - message - 2)
		header = in->rows - MAIN_LEAST - tabs - message - 2;
	out->pane[PANE_BAR] = (struct rect){ y++, 0, 1, in->cols };
	out->pane[PANE_HEADER] = (struct rect){ y, 0, header, in->cols };
	y += header;
	out->pane[PANE_TABS] = (struct rect){ y, 0, tabs, in->cols };
	y += tabs;
	body = (struct rect){ y, 0, in->rows - y - message - 1, in->cols };
	out->pane[PANE_MESSAGE] = (struct rect){ in->rows - 1 - message, 0, message, in->cols };
	out->pane[PANE_KEYS] = (struct rect){ in->rows - 1, 0, 1, in->cols };
	if (in->screen == SCREEN_OVERVIEW)
		split_overview(in, body, out);
	else
		split_detail(in, body, out);
}
