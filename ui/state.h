/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the dashboard shows, as a pure function of the keys: view, selection, scroll, sort, filter,
 * pause, help. Drawing tells each list how many rows and columns it has (list_sync()); keys move
 * within that.
 */
#ifndef EPSCOPE_UI_STATE_H
#define EPSCOPE_UI_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include "contract.h"

#define FILTER_LEN 40

enum screen {
	SCREEN_OVERVIEW,
	SCREEN_DETAIL,
};

enum overlay {
	OVERLAY_NONE,
	OVERLAY_HELP,
	OVERLAY_LOG,
	OVERLAY_SORT,
};

enum tab {
	TAB_TREE,
	TAB_READY,
	TAB_ITEMS,
	TAB_WAKERS,
	TAB_HIST,
	TAB_COUNT,
};

/* Each has a selection or scroll position of its own. */
enum list_id {
	LIST_INSTANCES,
	LIST_TREE,
	LIST_READY,
	LIST_ITEMS,
	LIST_WAKERS,
	LIST_THREADS,
	LIST_HIST,
	LIST_HELP,
	LIST_LOG,
	LIST_SORT,
	LIST_COUNT,
};

#define SORT_NATURAL (-1)

struct list {
	int sel;        /* selected row; in a list that only scrolls (scrolls) not used */
	int top;        /* first row shown */
	int rows, page; /* rows there are; rows that fit; from the last drawing */
	int skip;       /* columns scrolled out on the left */
	int ncols;      /* columns there are, from the last drawing */
	int sort;       /* column that sorts, SORT_NATURAL: the list's own order */
	bool reverse;   /* against the column's own first direction */
	bool scrolls;   /* no selection: keys move top */
	bool moved;     /* a key moved sel: sel_id follows it, else sel follows sel_id */
	u64 sel_id;     /* what is selected, 0: nothing yet */
	char filter[FILTER_LEN];
};

struct state {
	enum screen screen;
	enum overlay overlay;
	enum tab tab;
	bool threads_focus; /* tab wakers: keys go to the list of threads */
	bool paused;
	bool editing; /* keys go to the filter of the list */
	u64 inst;     /* ep_instance.id that is open, 0: none */
	struct list list[LIST_COUNT];
};

/* What a key asks for beyond a change of state. */
enum action {
	ACT_NONE, /* the key means nothing here */
	ACT_REDRAW,
	ACT_QUIT,
	ACT_SAVE,    /* write the screen and the tables to a file */
	ACT_REPAINT, /* send every cell again */
};

void state_init(struct state *st);
/* Applies one key (ui/keys.h). */
enum action state_key(struct state *st, u32 key);
/* The list that keys move now. */
enum list_id state_list(const struct state *st);
/* The list of the tab or the overview, even under an overlay. */
enum list_id state_body_list(const struct state *st);

/*
 * Tells a list what was found for it: rows, how many fit, and how many columns could sort. ids[i]
 * names row i (NULL: a list without selection). Afterwards 0 <= top <= sel < top + page holds for
 * what is there, and the selection stays on the same thing when rows come, go or change places.
 */
void list_sync(struct list *l, const u64 *ids, int rows, int page, int ncols);

#endif
