/* SPDX-License-Identifier: GPL-2.0 */
/* History of the ready list as a line or a chart. */
#ifndef EPSCOPE_UI_SPARK_H
#define EPSCOPE_UI_SPARK_H

#include "cells.h"
#include "model.h"

/* Sample i ticks before the last one; 0 when there is none so old. */
u32 spark_sample(const struct m_instance *inst, int i);
/* Highest of the last n samples. */
u32 spark_max(const struct m_instance *inst, int n);
/* One line of w columns, the newest sample on the right, scaled to the highest one shown. */
void spark_draw(struct canvas *cv, int y, int x, int w, enum style style,
		const struct m_instance *inst);
/* The same over the h lines of r. */
void spark_chart(struct canvas *cv, struct rect r, enum style style, const struct m_instance *inst);

#endif
