/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A view turns a stream into rows of text. The runner (user/run.c) calls begin once, record for
 * each record (before the model folds it), tick after each REC_TICK with the model up to date,
 * end once. Each returns 0 or a negative errno, which ends the run; -EPIPE means that the reader
 * of the output went away, and ends it quietly.
 */
#ifndef EPSCOPE_VIEW_H
#define EPSCOPE_VIEW_H

#include <stdio.h>
#include "model.h"

enum format {
	FORMAT_TEXT,
	FORMAT_CSV,
	FORMAT_JSON
};

struct view_opts {
	FILE *out; /* not closed by the view */
	enum format format;
	bool items; /* stat: a row per item as well (ROW_ITEM table) */
	bool color;
	const char *columns; /* comma-separated names, NULL: all */
	const char *sort;    /* column, NULL: the table's default */
	u32 event_mask;      /* trace: bit per enum ev_type that is shown, 0: all */
};

struct view {
	void *priv;
	int (*begin)(struct view *v);
	int (*record)(struct view *v, const struct model *m, const struct rec_hdr *h,
		      const void *p);
	int (*tick)(struct view *v, const struct model *m);
	int (*end)(struct view *v, const struct model *m);
	void (*free)(struct view *v);
};

/* Each fills *v; returns 0, -ENOMEM, or -EINVAL for an unknown column (said through log_error). */
int view_trace_init(struct view *v, const struct view_opts *o); /* a row per event */
int view_stat_init(struct view *v, const struct view_opts *o); /* a row per interval and instance */
int view_tree_init(struct view *v, const struct view_opts *o); /* the tree, once */

#endif
