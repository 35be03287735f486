/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CSV as in RFC 4180, but for the line end: a single newline, as pipes want it and every reader of
 * CSV takes it.
 */
#ifndef EPSCOPE_CSV_H
#define EPSCOPE_CSV_H

#include "columns.h"
#include "view_out.h"

/* Quoted if it holds a comma, a quote or a line break. */
void csv_text(struct out *o, const char *s);
/* Exact, as value_exact(); nothing if unknown. */
void csv_value(struct out *o, const struct value *v);

#endif
