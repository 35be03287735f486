/* SPDX-License-Identifier: GPL-2.0 */
/* JSON values; a view writes one object per line. */
#ifndef EPSCOPE_JSON_H
#define EPSCOPE_JSON_H

#include "columns.h"
#include "view_out.h"

/* A string with quotes. Bytes that are not UTF-8 become U+FFFD: names may hold anything. */
void json_text(struct out *o, const char *s);
/* Numbers as numbers, addresses and masks as strings "0x...", null if unknown. */
void json_value(struct out *o, const struct value *v);

#endif
