/* SPDX-License-Identifier: GPL-2.0 */
#include <string.h>
#include "csv.h"

void csv_text(struct out *o, const char *s)
{
	const char *quote = s;

	/* Not strpbrk(), which makes a table of the four for each call. */
	while (*quote && *quote != ',' && *quote != '"' && *quote != '\r' && *quote != '\n')
		quote++;
	if (!*quote) {
		out_bytes(o, s, (size_t)(quote - s));
		return;
	}
	out_char(o, '"');
	while ((quote = strchr(s, '"'))) {
		out_bytes(o, s, (size_t)(quote - s) + 1);
		out_char(o, '"');
		s = quote + 1;
	}
	out_text(o, s);
	out_char(o, '"');
}

void csv_value(struct out *o, const struct value *v)
{
	char buf[64];

	switch (v->kind) {
	case VAL_UNKNOWN:
		return;
	case VAL_INT:
		out_int(o, v->i);
		return;
	case VAL_UINT:
	case VAL_NS:
		out_uint(o, v->u);
		return;
	case VAL_HEX:
		out_hex(o, v->u);
		return;
	case VAL_TEXT:
		csv_text(o, v->text);
		return;
	case VAL_REAL:
		value_exact(v, buf, sizeof(buf));
		out_text(o, buf);
		return;
	}
}
