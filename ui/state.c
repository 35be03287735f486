/* SPDX-License-Identifier: GPL-2.0 */
#include <string.h>
#include "cells.h"
#include "keys.h"
#include "state.h"

void state_init(struct state *st)
{
	memset(st, 0, sizeof(*st));
	for (int i = 0; i < LIST_COUNT; i++)
		st->list[i].sort = SORT_NATURAL;
	st->list[LIST_TREE].scrolls = true;
	st->list[LIST_HIST].scrolls = true;
	st->list[LIST_HELP].scrolls = true;
	st->list[LIST_LOG].scrolls = true;
}

enum list_id state_body_list(const struct state *st)
{
	static const enum list_id of_tab[TAB_COUNT] = {
		[TAB_TREE] = LIST_TREE,     [TAB_READY] = LIST_READY, [TAB_ITEMS] = LIST_ITEMS,
		[TAB_WAKERS] = LIST_WAKERS, [TAB_HIST] = LIST_HIST,
	};

	if (st->screen == SCREEN_OVERVIEW)
		return LIST_INSTANCES;
	if (st->tab == TAB_WAKERS && st->threads_focus)
		return LIST_THREADS;
	return of_tab[st->tab];
}

enum list_id state_list(const struct state *st)
{
	switch (st->overlay) {
	case OVERLAY_HELP:
		return LIST_HELP;
	case OVERLAY_LOG:
		return LIST_LOG;
	case OVERLAY_SORT:
		return LIST_SORT;
	default:
		return state_body_list(st);
	}
}

static int clamp(int v, int low, int high)
{
	if (v > high)
		v = high;
	return v < low ? low : v;
}

void list_sync(struct list *l, const u64 *ids, int rows, int page, int ncols)
{
	l->rows = rows;
	l->page = page < 1 ? 1 : page;
	l->ncols = ncols;
	l->skip = clamp(l->skip, 0, ncols - 1);
	if (l->scrolls) {
		l->top = clamp(l->top, 0, rows - l->page);
		return;
	}
	if (ids && l->sel_id && !l->moved)
		for (int i = 0; i < rows; i++)
			if (ids[i] == l->sel_id)
				l->sel = i;
	l->sel = clamp(l->sel, 0, rows - 1);
	l->sel_id = ids && rows > 0 ? ids[l->sel] : l->sel_id;
	l->moved = false;
	if (l->sel < l->top)
		l->top = l->sel;
	if (l->sel >= l->top + l->page)
		l->top = l->sel - l->page + 1;
	l->top = clamp(l->top, 0, rows - l->page);
}

/* Moves the selection, or what is shown where there is none, by n rows. */
static enum action list_move(struct list *l, int n)
{
	if (l->scrolls) {
		l->top = clamp(l->top + n, 0, l->rows - l->page);
		return ACT_REDRAW;
	}
	l->sel = clamp(l->sel + n, 0, l->rows - 1);
	l->moved = true;
	return ACT_REDRAW;
}

static enum action list_sort_step(struct list *l, int step)
{
	if (l->ncols < 1)
		return ACT_NONE;
	/* The list's own order is one stop of the round. */
	l->sort = (l->sort + 1 + step + l->ncols + 1) % (l->ncols + 1) - 1;
	l->reverse = false;
	return ACT_REDRAW;
}

static enum action filter_key(struct state *st, u32 key)
{
	char *filter = st->list[state_body_list(st)].filter;
	size_t len = strlen(filter);

	switch (key) {
	case UIKEY_ESC:
		filter[0] = '\0';
		st->editing = false;
		return ACT_REDRAW;
	case UIKEY_ENTER:
		st->editing = false;
		return ACT_REDRAW;
	case UIKEY_BACKSPACE:
		while (len > 0 && ((unsigned char)filter[--len] & 0xc0) == 0x80)
			;
		filter[len] = '\0';
		return ACT_REDRAW;
	case UIKEY_F10:
		return ACT_QUIT;
	default:
		if (key < ' ' || key >= UIKEY_FIRST || len + 4 >= FILTER_LEN)
			return ACT_NONE;
		filter[len + utf8_put(key, filter + len)] = '\0';
		return ACT_REDRAW;
	}
}

/* Keys that move within the list. */
static enum action move_key(struct state *st, u32 key)
{
	struct list *l = &st->list[state_list(st)];

	switch (key) {
	case UIKEY_UP:
	case 'k':
		return list_move(l, -1);
	case UIKEY_DOWN:
	case 'j':
		return list_move(l, 1);
	case UIKEY_PAGE_UP:
		return list_move(l, -l->page);
	case UIKEY_PAGE_DOWN:
		return list_move(l, l->page);
	case UIKEY_HOME:
	case 'g':
		return list_move(l, -l->rows);
	case UIKEY_END:
	case 'G':
		return list_move(l, l->rows);
	default:
		return ACT_NONE;
	}
}

static enum action overlay_open(struct state *st, enum overlay overlay)
{
	const struct list *body = &st->list[state_body_list(st)];
	enum overlay was = st->overlay;

	st->overlay = was == overlay ? OVERLAY_NONE : overlay;
	if (st->overlay == OVERLAY_SORT) {
		if (body->ncols < 1)
			st->overlay = was;
		/* Row 0 of that menu is the list's own order. */
		st->list[LIST_SORT].sel = body->sort + 1;
		st->list[LIST_SORT].moved = true;
	}
	return ACT_REDRAW;
}

static enum action overlay_key(struct state *st, u32 key)
{
	struct list *body = &st->list[state_body_list(st)];

	switch (key) {
	case UIKEY_ENTER:
		if (st->overlay == OVERLAY_SORT) {
			body->sort = st->list[LIST_SORT].sel - 1;
			body->reverse = false;
		}
		/* fall through */
	case UIKEY_ESC:
	case UIKEY_BACKSPACE:
	case 'q':
		st->overlay = OVERLAY_NONE;
		return ACT_REDRAW;
	default:
		return ACT_NONE;
	}
}

static enum action tab_open(struct state *st, int tab)
{
	st->tab = (enum tab)((tab + TAB_COUNT) % TAB_COUNT);
	return ACT_REDRAW;
}

/* Enter on the overview, or a tab chosen there: opens the selected instance. */
static enum action instance_open(struct state *st)
{
	u64 id = st->list[LIST_INSTANCES].sel_id;

	if (!id || !st->list[LIST_INSTANCES].rows)
		return ACT_NONE;
	if (id != st->inst) {
		/* What was selected in another instance means nothing here; sort orders stay. */
		for (int i = LIST_TREE; i <= LIST_HIST; i++) {
			st->list[i].sel = st->list[i].top = 0;
			st->list[i].sel_id = 0;
		}
	}
	st->inst = id;
	st->screen = SCREEN_DETAIL;
	return ACT_REDRAW;
}

/* Esc: first undoes the filter, then goes back. */
static enum action go_back(struct state *st)
{
	struct list *l = &st->list[state_body_list(st)];

	if (l->filter[0]) {
		l->filter[0] = '\0';
		return ACT_REDRAW;
	}
	if (st->screen == SCREEN_OVERVIEW)
		return ACT_NONE;
	st->screen = SCREEN_OVERVIEW;
	return ACT_REDRAW;
}

static enum action detail_key(struct state *st, u32 key)
{
	struct list *l = &st->list[state_body_list(st)];

	switch (key) {
	case UIKEY_TAB:
		return tab_open(st, (int)st->tab + 1);
	case UIKEY_BACKTAB:
		return tab_open(st, (int)st->tab - 1);
	case UIKEY_LEFT:
	case 'h':
	case UIKEY_RIGHT:
	case 'l':
		if (st->tab == TAB_WAKERS) {
			st->threads_focus = key == UIKEY_RIGHT || key == 'l';
			return ACT_REDRAW;
		}
		l->skip += key == UIKEY_RIGHT || key == 'l' ? 1 : -1;
		return ACT_REDRAW;
	default:
		return ACT_NONE;
	}
}

static enum action overview_key(struct state *st, u32 key)
{
	struct list *l = &st->list[LIST_INSTANCES];

	switch (key) {
	case UIKEY_ENTER:
	case UIKEY_TAB:
		return instance_open(st);
	case UIKEY_LEFT:
	case 'h':
		l->skip--;
		return ACT_REDRAW;
	case UIKEY_RIGHT:
	case 'l':
		l->skip++;
		return ACT_REDRAW;
	default:
		return ACT_NONE;
	}
}

/* Keys that mean the same in the overview and in every tab. */
static enum action body_key(struct state *st, u32 key)
{
	struct list *l = &st->list[state_body_list(st)];

	switch (key) {
	case UIKEY_ESC:
	case UIKEY_BACKSPACE:
		return go_back(st);
	case '<':
		return list_sort_step(l, -1);
	case '>':
		return list_sort_step(l, 1);
	case 'I':
		l->reverse = !l->reverse;
		return l->ncols > 0 ? ACT_REDRAW : ACT_NONE;
	case '/':
	case UIKEY_F0 + 4:
		st->editing = !l->scrolls;
		return ACT_REDRAW;
	case 'p':
	case ' ':
		st->paused = !st->paused;
		return ACT_REDRAW;
	case 'q':
		return ACT_QUIT;
	case '1':
	case '2':
	case '3':
	case '4':
	case '5':
		if (st->screen == SCREEN_OVERVIEW && instance_open(st) == ACT_NONE)
			return ACT_NONE;
		return tab_open(st, (int)(key - '1'));
	default:
		return st->screen == SCREEN_DETAIL ? detail_key(st, key) : overview_key(st, key);
	}
}

/* Keys that work everywhere, also above help, log and menu. */
static enum action global_key(struct state *st, u32 key)
{
	switch (key) {
	case UIKEY_F10:
	case UIKEY_HANGUP:
		return ACT_QUIT;
	case UIKEY_REDRAW:
		return ACT_REPAINT;
	case 's':
		return ACT_SAVE;
	case '?':
	case UIKEY_F0 + 1:
		return overlay_open(st, OVERLAY_HELP);
	case 'L':
	case UIKEY_F0 + 2:
		return overlay_open(st, OVERLAY_LOG);
	case UIKEY_F0 + 6:
		return overlay_open(st, OVERLAY_SORT);
	default:
		return move_key(st, key);
	}
}

enum action state_key(struct state *st, u32 key)
{
	enum action act;

	if (key == UIKEY_HANGUP)
		return ACT_QUIT;
	if (st->editing)
		return filter_key(st, key);
	act = global_key(st, key);
	if (act != ACT_NONE)
		return act;
	return st->overlay != OVERLAY_NONE ? overlay_key(st, key) : body_key(st, key);
}
