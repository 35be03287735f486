/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rows of one output, made of columns of several tables: `stat` has columns of the row itself, of
 * its instance and of its item. A row leaves out what it does not have.
 */
#ifndef EPSCOPE_VIEW_TABLE_H
#define EPSCOPE_VIEW_TABLE_H

#include "columns.h"
#include "view.h"
#include "view_out.h"

#define ROW_KINDS (ROW_STAT + 1)
/* Columns of ROW_INSTANCE that name it: rows of its items have them, but not its counts. */
#define SLOT_IDENT ROW_KINDS
#define SLOTS      (ROW_KINDS + 1)

struct cell {
	const struct column *col;
	u32 slot;      /* enum row_kind, or SLOT_IDENT */
	char name[32]; /* the column's, with the prefix of its table */
};

struct table {
	struct cell *cells;
	size_t n;
};

/* What a row is made of: the struct row of each table that it has, NULL for the others. */
struct line {
	const struct row *rows[SLOTS];
};

/* Adds the columns of a table with names in [first, last]; NULL: from its begin, to its end. */
int table_add(struct table *t, u32 slot, const char *first, const char *last, const char *prefix);
/*
 * Keeps the columns named in a list like "a,b,c", in that order; NULL: all. Returns 0, -ENOMEM, or
 * -EINVAL after log_error() if there is no such column.
 */
int table_select(struct table *t, const char *names);
void table_free(struct table *t);
/* CSV: the header row. Other formats have none. */
void table_header(const struct table *t, struct out *o, enum format format);
/* One row as CSV or JSON. Returns 0 or a negative errno. */
int table_row(const struct table *t, struct out *o, enum format format, const struct line *line);
/* For people: titles, and a row below them, each cell as wide as its column. */
void table_titles(const struct table *t, struct out *o);
void table_text(const struct table *t, struct out *o, const struct line *line);
/*
 * Sorts rows by a column, in its own direction; equal ones keep their order. NULL: as they are.
 * Returns 0 or -ENOMEM.
 */
int rows_sort(struct row *rows, size_t n, const struct column *col);

#endif
