/* SPDX-License-Identifier: GPL-2.0 */
#ifndef EPSCOPE_SCHEMA_H
#define EPSCOPE_SCHEMA_H

#include <stdio.h>

/* The schema document in Markdown, from the column tables that also make the rows. */
void schema_print(FILE *out);

#endif
