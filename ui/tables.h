/* SPDX-License-Identifier: GPL-2.0 */
/* The tables of the dashboard and their rows: for the panes, the sort menu and saved screens. */
#ifndef EPSCOPE_UI_TABLES_H
#define EPSCOPE_UI_TABLES_H

#include "table.h"

extern const struct table table_instances;
extern const struct table table_ready;
extern const struct table table_items;
extern const struct table table_wakers;
extern const struct table table_threads;

/* Rows of each, in the order of the model; *n of them, to be freed with free(). */
struct row *instance_rows(const struct model *m, int *n);
/* Items on rdllist in its order. */
struct row *ready_rows(const struct model *m, const struct m_instance *inst, int *n);
struct row *item_rows(const struct model *m, const struct m_instance *inst, int *n);
/* inst NULL: those of all instances. */
struct row *waker_rows(const struct model *m, const struct m_instance *inst, int *n);
/* Threads that wait on the instance, or did so last; inst NULL: all. */
struct row *thread_rows(const struct model *m, const struct m_instance *inst, int *n);
/* Names an item for the tables that show items: by file and descriptor. */
u64 item_row_id(const struct row *row);
/* The table of a list that has columns, NULL: it has none. */
const struct table *table_of_list(enum list_id list);

#endif
