/* SPDX-License-Identifier: GPL-2.0 */
/* Between view_stat.c (CSV, JSON) and view_stat_text.c. */
#ifndef EPSCOPE_VIEW_STAT_H
#define EPSCOPE_VIEW_STAT_H

#include "view_table.h"

struct stat {
	struct view_opts opts;
	struct out out;
	struct table table; /* CSV and JSON */
	struct table text, text_items, text_summary;
	const struct column *sort;      /* of instances, NULL: by number */
	const struct column *sort_item; /* NULL: as in the tree */
	u64 loss[LOSS_COUNT];           /* counters as told so far */
	bool meta_done;
};

/*
 * The instances to show at this tick, sorted: the living and those that died in its interval.
 * The caller frees *rows, also after an error. Returns 0 or -ENOMEM.
 */
int stat_rows(const struct stat *s, const struct model *m, struct row **rows, size_t *n);
/* The items of one instance, sorted; freed by the caller. NULL: none, or out of memory. */
struct row *stat_item_rows(const struct stat *s, const struct model *m,
			   const struct m_instance *inst);
/* The instance as if its whole time had been one interval. */
void stat_whole_time(const struct m_instance *inst, struct m_instance *whole);
/* What epscope cost in the last interval, or in the whole time until this tick. */
void stat_cost(const struct model *m, enum stat_kind kind, struct stat_row *stat);
int stat_text_tables(struct stat *s);
int stat_text_tick(struct stat *s, const struct model *m);
int stat_text_end(struct stat *s, const struct model *m);

#endif
