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
	VAL_INT,     /* i */
	VAL_UINT,    /* u */
	VAL_REAL,    /* r: rates, per second */
	VAL_NS,      /* u: nanoseconds; scaled on screen (12.3us), integer in CSV */
	VAL_HEX,     /* u: 0x... */
	VAL_TEXT,    /* text */
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
	ROW_ITEM,     /* item view: struct m_item, with its instance */
	ROW_EVENT,    /* trace: struct ev */
	ROW_THREAD,   /* struct m_thread */
	ROW_WAKER,    /* struct m_waker */
	ROW_STAT,     /* what a row of `stat` says about itself: struct stat_row */
};

/* In struct ev.type of a row that is no event: the first row of a trace, with the wall-clock offset. */
#define EV_META EV_COUNT

/* Kinds of rows that `stat` writes. */
enum stat_kind {
	STAT_META,
	STAT_INTERVAL,
	STAT_ITEM,
	STAT_LOST,
	STAT_SUMMARY,
	STAT_COST,
	STAT_COST_SUMMARY,
	STAT_KINDS
};

struct stat_row {
	enum stat_kind kind;
	u64 ts;
	u64 lost;             /* STAT_LOST: how many ... */
	u32 where;            /* ... and where: enum loss */
	u64 over_ns;          /* STAT_COST, STAT_COST_SUMMARY: how long ... */
	struct rec_cost cost; /* ... and what came in that time */
};

struct row {
	const struct model *model;
	const struct m_instance *inst; /* NULL for ROW_THREAD, ROW_WAKER */
	const void *obj;               /* m_item, ev, m_thread, m_waker; ignored for ROW_INSTANCE */
};

struct column {
	const char *name;  /* CSV and JSON name: lower case, [a-z0-9_] */
	const char *title; /* on screen, short */
	const char *unit;  /* "", "ns", "1/s", "mask" ... */
	const char *help;  /* one sentence: what it is, and the kernel's own name for it */
	u8 width;          /* on screen, 0: not on the overview */
	bool left;         /* aligned left on screen */
	bool descending;   /* first sort direction */
	s32 hook;          /* enum hook the figure comes from, -1: always known */
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
/* "interval", "summary" ... and what such a row is. */
const char *stat_kind_name(enum stat_kind kind);
const char *stat_kind_help(enum stat_kind kind);
/*
 * Which tier answers each hook, in one text: "full" if all are full, else those that are not:
 * "none=callback basic=wake,send". 128 bytes hold the longest.
 */
void tiers_text(const struct model *m, char *buf, size_t size);
/* Text for the screen: scaled with a unit suffix, at most size - 1 bytes, "-" if unknown. */
void value_screen(const struct value *v, char *buf, size_t size);
/* Exact text for CSV: no scaling, "" if unknown; not quoted. */
void value_exact(const struct value *v, char *buf, size_t size);

#endif
