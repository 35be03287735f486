/* SPDX-License-Identifier: GPL-2.0 */
/* For the tables in columns_*.c: how getters set values. */
#ifndef EPSCOPE_COLUMNS_PRIV_H
#define EPSCOPE_COLUMNS_PRIV_H

#include <string.h>
#include "columns.h"
#include "masks.h"
#include "rates.h"

#define TABLE(kind)                                  \
	extern const struct column columns_##kind[]; \
	extern const size_t columns_##kind##_count

TABLE(instance);
TABLE(item);
TABLE(event);
TABLE(thread);
TABLE(waker);
TABLE(stat);

#define GET(name) static void get_##name(const struct row *row, struct value *out)
/* A column named as its getter: name, title, unit, width on screen, hook, help. */
#define COL(n, t, u, w, h, text)                                                        \
	{                                                                               \
		.name = #n, .title = t, .unit = u, .width = w, .hook = h, .help = text, \
		.descending = true, .get = get_##n                                      \
	}
/* The same for text: aligned left, sorted upwards. */
#define COL_TEXT(n, t, w, h, text)                                                       \
	{                                                                                \
		.name = #n, .title = t, .unit = "", .width = w, .left = true, .hook = h, \
		.help = text, .get = get_##n                                             \
	}

#define ALWAYS (-1) /* struct column.hook: known on every kernel, or the getter decides */

static inline void set_unknown(struct value *v)
{
	v->kind = VAL_UNKNOWN;
}

static inline void set_uint(struct value *v, u64 u)
{
	v->kind = VAL_UINT;
	v->u = u;
}

static inline void set_ns(struct value *v, u64 ns)
{
	v->kind = VAL_NS;
	v->u = ns;
}

static inline void set_hex(struct value *v, u64 u)
{
	v->kind = VAL_HEX;
	v->u = u;
}

static inline void set_int(struct value *v, s64 i)
{
	if (i == UNKNOWN_S64) {
		set_unknown(v);
		return;
	}
	v->kind = VAL_INT;
	v->i = i;
}

/* Descriptors: -1 is none. */
static inline void set_fd(struct value *v, s32 fd)
{
	set_int(v, fd < 0 ? UNKNOWN_S64 : fd);
}

static inline void set_real(struct value *v, double r)
{
	v->kind = VAL_REAL;
	v->r = r;
}

/* At most max bytes of a field of a record, which need not be terminated. */
static inline void set_text(struct value *v, const char *text, size_t max)
{
	size_t len = strnlen(text, max < sizeof(v->text) ? max : sizeof(v->text) - 1);

	v->kind = VAL_TEXT;
	memcpy(v->text, text, len);
	v->text[len] = 0;
}

static inline void set_name(struct value *v, const char *name)
{
	size_t len = strlen(name);

	if (len >= sizeof(v->text))
		len = sizeof(v->text) - 1;
	v->kind = VAL_TEXT;
	memcpy(v->text, name, len);
	v->text[len] = 0;
}

static inline void set_mask(struct value *v, u32 mask)
{
	v->kind = VAL_TEXT;
	mask_text(mask, v->text, sizeof(v->text));
}

/* Per second over the last interval; unknown before there is one. */
static inline void set_rate(struct value *v, u64 now, u64 prev, u64 now_ts, u64 prev_ts)
{
	if (now_ts <= prev_ts) {
		set_unknown(v);
		return;
	}
	set_real(v, rate_per_second(now, prev, now_ts - prev_ts));
}

#endif
