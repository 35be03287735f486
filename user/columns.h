/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The column tables: one row per figure feeds screen titles, CSV header, JSON keys, sorting, help
 * and the schema document. A getter says UNKNOWN for what this tier cannot know.
 */
#ifndef EPSCOPE_COLUMNS_H
#define EPSCOPE_COLUMNS_H

#include "model.h"

enum value_kind {
	VAL_UNKNOWN, /* "-" on screen, empty in CSV, null in JSON */
	VAL_INT, /* i */
	VAL_UINT, /* u */
	VAL_REAL, /* r: rates, per second */
	VAL_NS, /* u: nanoseconds; scaled on screen (12.3us), integer in CSV */
	VAL_HEX, /* u: 0x... */
	VAL_TEXT, /* text */
};

struct value {
	enum value_kind kind;
	union {
		s64 i;
		u64 u;
		double r;
	};
	char text[128];
};

/* Which table a column belongs to: what one row stands for. */
enum row_kind {
	ROW_INSTANCE, /* stat rows and the overview: struct m_instance */
	ROW_ITEM, /* item view: struct m_item, with its instance */
	ROW_EVENT, /* trace: struct ev */
	ROW_THREAD, /* struct m_thread */
	ROW_WAKER, /* struct m_waker */
};

struct row {
	const struct model *model;
	const struct m_instance *inst; /* NULL for ROW_THREAD, ROW_WAKER */
	const void *obj; /* m_item, ev, m_thread, m_waker; ignored for ROW_INSTANCE */
};

struct column {
	const char *name; /* CSV and JSON name: lower case, [a-z0-9_] */
	const char *title; /* on screen, short */
	const char *unit; /* "", "ns", "1/s", "mask" ... */
	const char *help; /* one sentence: what it is, and the kernel's own name for it */
	u8 width; /* on screen, 0: not on the overview */
	bool left; /* aligned left on screen */
	bool descending; /* first sort direction */
	s32 hook; /* enum hook the figure comes from, -1: always known */
	void (*get)(const struct row *row, struct value *out);
};

/* The table of one kind of row; sets *count. Static, never NULL. */
const struct column *columns(enum row_kind kind, size_t *count);
/* The column of that name, NULL: none. */
const struct column *column_by_name(enum row_kind kind, const char *name);
/* The value, VAL_UNKNOWN if the column's hook has no mechanism on this kernel. */
void column_value(const struct column *col, const struct row *row, struct value *out);
/* Three-way comparison for sorting; unknown sorts last in both directions. */
int value_compare(const struct value *a, const struct value *b);
/* Text for the screen: scaled with a unit suffix, at most size - 1 bytes, "-" if unknown. */
void value_screen(const struct value *v, char *buf, size_t size);
/* Exact text for CSV: no scaling, "" if unknown; not quoted. */
void value_exact(const struct value *v, char *buf, size_t size);

#endif
