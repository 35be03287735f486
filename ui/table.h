/* SPDX-License-Identifier: GPL-2.0 */
/* A table on screen: rows filtered, sorted and drawn by the column table (user/columns.h). */
#ifndef EPSCOPE_UI_TABLE_H
#define EPSCOPE_UI_TABLE_H

#include "cells.h"
#include "columns.h"
#include "state.h"

/* A column of the screen. */
struct table_col {
	const char *name; /* in the column table */
	u8 rank;    /* 0: always there; the higher, the earlier it gives way on a narrow screen */
	u8 width;   /* on screen, 0: what the column table says */
	bool grows; /* takes what is left over; one per table, text */
};

/* What a pane draws beside the columns, e.g. a sparkline. */
struct table_extra {
	const char *title;
	u8 rank;         /* as of a column */
	int least, most; /* columns it needs, columns it can use; least 0: no extra */
	void (*draw)(struct canvas *cv, int y, int x, int w, enum style style,
		     const struct row *row);
};

struct table {
	enum row_kind kind;
	const struct table_col *cols;
	int ncols;
	const char *sort;  /* column that sorts until the user chooses, NULL: order of the rows */
	const char *empty; /* said when there are no rows */
	struct table_extra extra;
	u64 (*id)(const struct row *row); /* never 0, names the row from frame to frame */
	/* Style of a value that means something, ST_NORMAL for most; may be NULL. */
	enum style (*style)(const char *column, const struct value *v, const struct row *row);
	/* What has ended: such rows stand last in every order, marked "closed"; may be NULL. */
	bool (*closed)(const struct row *row);
	bool passive; /* no selection shown: the keys move another list */
};

/*
 * Draws the rows (reordered in place) into cv: line 0 the titles, below the rows that fit. Tells
 * the list what is there and takes selection, scroll, sort and filter from it. Returns the selected
 * row's place in rows after sorting, -1: none.
 */
int table_draw(struct canvas *cv, const struct table *t, struct row *rows, int n, struct list *l);
/* Sorts and filters as table_draw() does, without drawing; returns the rows that pass. */
int table_arrange(const struct table *t, struct row *rows, int n, const struct list *l);
#define TABLE_MAX_COLS 32

/* A table's columns looked up, and which of them fit. */
struct table_fit {
	const struct column *col[TABLE_MAX_COLS]; /* of t->cols[i]; NULL: no such column */
	int rank[TABLE_MAX_COLS];  /* as in t->cols[i], higher for what is unknown here */
	int shown[TABLE_MAX_COLS]; /* columns on screen of t->cols[i], 0: left out */
	int rest;                  /* columns that the extra gets, 0: none */
};

/* Fits the table into width, its first skip movable columns scrolled out; m may be NULL. */
void table_fit(const struct table *t, const struct model *m, int width, int skip,
	       struct table_fit *fit);

/*
 * Bar at the right edge of cv, lines y to y + h - 1, that says which part of rows is on screen: page
 * of them from top on. Nothing when all are.
 */
void scrollbar_draw(struct canvas *cv, int y, int h, int top, int page, int rows);

#endif
