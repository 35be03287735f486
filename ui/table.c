/* SPDX-License-Identifier: GPL-2.0 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "alloc.h"
#include "table.h"

#define GAP    1 /* between columns */
#define CLOSED " closed"

/* A figure that this kernel cannot know gives way before all that it knows. */
static int col_rank(const struct table *t, int i, const struct column *col, const struct model *m)
{
	bool unknown =
		m && col && col->hook >= 0 && model_tier(m, (enum hook)col->hook) == TIER_NONE;

	return t->cols[i].rank && unknown ? t->cols[i].rank + 100 : t->cols[i].rank;
}

static void columns_find(const struct table *t, const struct model *m, struct table_fit *fit)
{
	memset(fit, 0, sizeof(*fit));
	for (int i = 0; i < t->ncols; i++) {
		fit->col[i] = column_by_name(t->kind, t->cols[i].name);
		fit->rank[i] = col_rank(t, i, fit->col[i], m);
	}
}

static int col_width(const struct table *t, const struct table_fit *fit, int i)
{
	int width = t->cols[i].width, title;

	if (!fit->col[i])
		return 0;
	title = text_width(fit->col[i]->title);
	if (!width)
		width = fit->col[i]->width;
	return width > title ? width : title;
}

static int width_of(const struct table *t, const struct table_fit *fit)
{
	int width = fit->rest ? fit->rest + GAP : 0;

	for (int i = 0; i < t->ncols; i++)
		width += fit->shown[i] ? fit->shown[i] + GAP : 0;
	return width ? width - GAP : 0;
}

/* Column of the highest rank that is shown: the next to give way; the rightmost of equals. */
static int col_to_drop(const struct table *t, const struct table_fit *fit)
{
	int drop = -1;

	for (int i = 0; i < t->ncols; i++)
		if (fit->shown[i] && fit->rank[i] && (drop < 0 || fit->rank[i] >= fit->rank[drop]))
			drop = i;
	return drop;
}

void table_fit(const struct table *t, const struct model *m, int width, int skip,
	       struct table_fit *fit)
{
	int drop, spare, grows = -1;

	columns_find(t, m, fit);
	for (int i = 0; i < t->ncols; i++) {
		/* What is scrolled out on the left makes room on the right; the names stay. */
		bool out = t->cols[i].rank && skip-- > 0;

		fit->shown[i] = out ? 0 : col_width(t, fit, i);
		if (fit->shown[i] && t->cols[i].grows)
			grows = i;
	}
	fit->rest = t->extra.least;
	while (width_of(t, fit) > width && (drop = col_to_drop(t, fit)) >= 0) {
		if (fit->rest && t->extra.rank >= fit->rank[drop])
			fit->rest = 0;
		else
			fit->shown[drop] = 0;
	}
	spare = width - width_of(t, fit);
	if (fit->rest) {
		int more = t->extra.most - fit->rest;

		more = more < spare ? more : spare;
		fit->rest += more;
		spare -= more;
	}
	if (grows >= 0 && fit->shown[grows] && spare > 0)
		fit->shown[grows] += spare;
}

static bool text_contains(const char *text, const char *part)
{
	size_t len = strlen(part);

	for (; *text; text++)
		if (strncasecmp(text, part, len) == 0)
			return true;
	return len == 0;
}

/* A row passes when one of its names or numbers has the filter in it. */
static bool row_passes(const struct table *t, const struct table_fit *fit, const struct row *row,
		       const char *filter)
{
	for (int i = 0; i < t->ncols; i++) {
		const struct column *col = fit->col[i];
		struct value v;
		char text[160];

		if (!col)
			continue;
		column_value(col, row, &v);
		if (v.kind != VAL_TEXT && v.kind != VAL_INT &&
		    !(v.kind == VAL_UINT && col->hook < 0))
			continue;
		value_screen(&v, text, sizeof(text));
		if (text_contains(text, filter))
			return true;
	}
	return false;
}

static int rows_filter(const struct table *t, struct row *rows, int n, const char *filter)
{
	struct table_fit fit;
	int kept = 0;

	if (!filter[0])
		return n;
	columns_find(t, NULL, &fit);
	for (int i = 0; i < n; i++)
		if (row_passes(t, &fit, &rows[i], filter))
			rows[kept++] = rows[i];
	return kept;
}

/* Index in t->cols of the column that sorts, -1: none. */
static int sort_column(const struct table *t, const struct list *l)
{
	if (l->sort >= 0 && l->sort < t->ncols)
		return l->sort;
	for (int i = 0; t->sort && i < t->ncols; i++)
		if (strcmp(t->cols[i].name, t->sort) == 0)
			return i;
	return -1;
}

struct sort_key {
	struct value value;
	struct row row;
	int place; /* before sorting: equal rows keep their order */
};

static int key_compare(const void *a, const void *b, void *arg)
{
	const struct sort_key *x = *(const struct sort_key *const *)a;
	const struct sort_key *y = *(const struct sort_key *const *)b;
	bool descending = *(const bool *)arg;
	int cmp = value_compare(&x->value, &y->value);
	bool unknown = x->value.kind == VAL_UNKNOWN || y->value.kind == VAL_UNKNOWN;

	if (cmp == 0)
		return (x->place > y->place) - (x->place < y->place);
	/* The unknown stands last in both directions. */
	return descending && !unknown ? -cmp : cmp;
}

static void rows_sort(const struct table *t, struct row *rows, int n, const struct list *l)
{
	int by = sort_column(t, l);
	const struct column *col = by < 0 ? NULL : column_by_name(t->kind, t->cols[by].name);
	bool descending = col && col->descending != l->reverse;
	struct sort_key *keys, **order;

	if (!col || n < 2)
		return;
	keys = ui_alloc((size_t)n, sizeof(*keys));
	order = ui_alloc((size_t)n, sizeof(struct sort_key *));
	for (int i = 0; i < n; i++) {
		column_value(col, &rows[i], &keys[i].value);
		keys[i].row = rows[i];
		keys[i].place = i;
		order[i] = &keys[i];
	}
	qsort_r(order, (size_t)n, sizeof(struct sort_key *), key_compare, &descending);
	for (int i = 0; i < n; i++)
		rows[i] = order[i]->row;
	free(order);
	free(keys);
}

/* Living rows before those that have ended; otherwise the order stays. */
static void rows_sink_closed(const struct table *t, struct row *rows, int n)
{
	struct row *closed;
	int nclosed = 0, kept = 0;

	if (!t->closed || n < 2)
		return;
	closed = ui_alloc((size_t)n, sizeof(*closed));
	for (int i = 0; i < n; i++)
		if (t->closed(&rows[i]))
			closed[nclosed++] = rows[i];
		else
			rows[kept++] = rows[i];
	for (int i = 0; i < nclosed; i++)
		rows[kept + i] = closed[i];
	free(closed);
}

int table_arrange(const struct table *t, struct row *rows, int n, const struct list *l)
{
	n = rows_filter(t, rows, n, l->filter);
	rows_sort(t, rows, n, l);
	rows_sink_closed(t, rows, n);
	return n;
}

static void put_aligned(struct canvas *cv, const struct column *col, int y, int x, int width,
			enum style style, const char *text)
{
	if (col->left)
		canvas_put_fit(cv, y, x, width, style, text);
	else
		canvas_put_right(cv, y, x, width, style, text);
}

static enum style title_style(const struct column *col, const struct model *m, bool sorts)
{
	if (sorts)
		return ST_HEAD_SORT;
	if (m && col->hook >= 0 && model_tier(m, (enum hook)col->hook) == TIER_BASIC)
		return ST_HEAD_BASIC;
	return ST_HEAD;
}

static void draw_titles(struct canvas *cv, const struct table *t, const struct list *l,
			const struct table_fit *fit, const struct model *m)
{
	int by = sort_column(t, l), x = 0;

	canvas_style_row(cv, 0, ST_HEAD);
	for (int i = 0; i < t->ncols; i++) {
		enum style style;

		if (!fit->shown[i])
			continue;
		style = title_style(fit->col[i], m, i == by);
		if (i == by)
			canvas_repeat(cv, 0, x, fit->shown[i], style, " ");
		put_aligned(cv, fit->col[i], 0, x, fit->shown[i], style, fit->col[i]->title);
		x += fit->shown[i] + GAP;
	}
	if (fit->rest)
		canvas_put_fit(cv, 0, x, fit->rest, ST_HEAD, t->extra.title);
}

static enum style style_selected(enum style style)
{
	if (style == ST_BAD)
		return ST_SELECTED_BAD;
	return style == ST_WARN ? ST_SELECTED_WARN : ST_SELECTED;
}

static void draw_cell(struct canvas *cv, const struct table *t, const struct column *col, int y,
		      struct rect at, bool selected, const struct row *row)
{
	enum style style = ST_NORMAL;
	struct value v;
	char text[160];

	column_value(col, row, &v);
	value_screen(&v, text, sizeof(text));
	if (v.kind == VAL_UNKNOWN)
		style = ST_DIM;
	else if (t->style)
		style = t->style(col->name, &v, row);
	if (selected)
		style = style_selected(style);
	if (strcmp(col->name, "comm") == 0 && t->closed && t->closed(row)) {
		at.w -= text_width(CLOSED);
		canvas_put(cv, y, at.x + at.w, style, CLOSED);
	}
	put_aligned(cv, col, y, at.x, at.w, style, text);
}

static void draw_row(struct canvas *cv, const struct table *t, int y, const struct table_fit *fit,
		     bool selected, const struct row *row)
{
	struct rect at = { y, 0, 1, 0 };

	if (selected)
		canvas_style_row(cv, y, ST_SELECTED);
	for (int i = 0; i < t->ncols; i++) {
		at.w = fit->shown[i];
		if (!at.w)
			continue;
		draw_cell(cv, t, fit->col[i], y, at, selected, row);
		at.x += at.w + GAP;
	}
	if (fit->rest)
		t->extra.draw(cv, y, at.x, fit->rest, selected ? ST_SELECTED : ST_GRAPH, row);
}

static void draw_empty(struct canvas *cv, const struct table *t, const struct list *l, int before)
{
	if (l->filter[0] && before > 0)
		canvas_printf(cv, 2, 2, ST_DIM, "none of %d has '%s' in it - Esc shows all", before,
			      l->filter);
	else
		canvas_put(cv, 2, 2, ST_DIM, t->empty);
}

void scrollbar_draw(struct canvas *cv, int y, int h, int top, int page, int rows)
{
	int thumb = rows > 0 ? h * page / rows : h, at;

	if (rows <= page || h < 1)
		return;
	if (thumb < 1)
		thumb = 1;
	at = (h - thumb) * top / (rows - page);
	for (int i = 0; i < h; i++) {
		bool on = i >= at && i < at + thumb;

		canvas_put(cv, y + i, cv->area.w - 1, on ? ST_ACCENT : ST_DIM,
			   on ? cv->glyphs->full : cv->glyphs->vline);
	}
}

int table_draw(struct canvas *cv, const struct table *t, struct row *rows, int n, struct list *l)
{
	int kept = table_arrange(t, rows, n, l), page = cv->area.h - 1;
	u64 *ids = ui_alloc((size_t)kept, sizeof(*ids));
	struct canvas body = *cv;
	struct table_fit fit;

	for (int i = 0; i < kept; i++)
		ids[i] = t->id(&rows[i]);
	list_sync(l, ids, kept, page, t->ncols);
	free(ids);
	if (kept > page)
		body.area.w -= 2;
	table_fit(t, n ? rows[0].model : NULL, body.area.w, l->skip, &fit);
	canvas_style_row(cv, 0, ST_HEAD);
	draw_titles(&body, t, l, &fit, n ? rows[0].model : NULL);
	for (int i = 0; i < page && l->top + i < kept; i++)
		draw_row(&body, t, i + 1, &fit, !t->passive && l->top + i == l->sel,
			 &rows[l->top + i]);
	scrollbar_draw(cv, 1, page, l->top, page, kept);
	if (!kept)
		draw_empty(cv, t, l, n);
	return kept ? l->sel : -1;
}
