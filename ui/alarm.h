/* SPDX-License-Identifier: GPL-2.0 */
/* From figures to meaning: what is fine, what needs attention, what is bad. Pure. */
#ifndef EPSCOPE_UI_ALARM_H
#define EPSCOPE_UI_ALARM_H

#include "cells.h"
#include "columns.h"

/* Style of a figure by the name of its column; used by every table and by the header. */
enum style figure_style(const char *column, const struct value *v, const struct row *row);
/*
 * Share of woken waiters that were woken for nothing in the last interval, 0..1; negative when the
 * hook is missing or nobody was woken. inst NULL: all living instances together.
 */
double wasted_share(const struct model *m, const struct m_instance *inst);

#endif
