/* SPDX-License-Identifier: GPL-2.0 */
/* Values as text, and in order. */
#include <inttypes.h>
#include <stdio.h>
#include "columns_priv.h"

static double value_number(const struct value *v)
{
	if (v->kind == VAL_INT)
		return (double)v->i;
	return v->kind == VAL_REAL ? v->r : (double)v->u;
}

static bool value_is_unsigned(const struct value *v)
{
	return v->kind == VAL_UINT || v->kind == VAL_NS || v->kind == VAL_HEX;
}

int value_compare(const struct value *a, const struct value *b)
{
	double x, y;

	if (a->kind == VAL_UNKNOWN || b->kind == VAL_UNKNOWN)
		return (a->kind == VAL_UNKNOWN) - (b->kind == VAL_UNKNOWN);
	if (a->kind == VAL_TEXT || b->kind == VAL_TEXT)
		return a->kind == b->kind ? strcmp(a->text, b->text)
					  : (a->kind == VAL_TEXT ? 1 : -1);
	if (value_is_unsigned(a) && value_is_unsigned(b))
		return (a->u > b->u) - (a->u < b->u);
	if (a->kind == VAL_INT && b->kind == VAL_INT)
		return (a->i > b->i) - (a->i < b->i);
	x = value_number(a);
	y = value_number(b);
	return (x > y) - (x < y);
}

/* Three digits and a suffix: 0.95 12.3 456 and so on, each step 1000. */
static void scaled(double x, const char *const *suffix, int steps, char *buf, size_t size)
{
	int i = 0;

	while (__builtin_fabs(x) >= 999.5 && i + 1 < steps) {
		x /= 1000;
		i++;
	}
	if (!i)
		snprintf(buf, size, "%.0f%s", x, suffix[0]);
	else
		snprintf(buf, size, "%.*f%s",
			 __builtin_fabs(x) < 9.995   ? 2
			 : __builtin_fabs(x) < 99.95 ? 1
						     : 0,
			 x, suffix[i]);
}

static void screen_rate(double r, char *buf, size_t size)
{
	static const char *const suffix[] = { "", "k", "M", "G", "T" };

	if (r > 0 && r < 9.95)
		snprintf(buf, size, "%.1f", r);
	else
		scaled(r, suffix, 5, buf, size);
}

static void screen_number(s64 i, char *buf, size_t size)
{
	static const char *const suffix[] = { "", "k", "M", "G", "T", "P", "E" };

	if (i > -1000000 && i < 1000000)
		snprintf(buf, size, "%" PRId64, i);
	else
		scaled((double)i, suffix, 7, buf, size);
}

/* Names come from other processes: nothing of theirs may control the terminal. */
static void screen_text(const char *text, char *buf, size_t size)
{
	size_t i;

	for (i = 0; text[i] && i + 1 < size; i++)
		buf[i] = (unsigned char)text[i] < 0x20 || text[i] == 0x7f ? '?' : text[i];
	buf[i] = 0;
}

void value_screen(const struct value *v, char *buf, size_t size)
{
	static const char *const ns_suffix[] = { "ns", "us", "ms", "s", "ks", "Ms" };

	switch (v->kind) {
	case VAL_UNKNOWN:
		snprintf(buf, size, "-");
		return;
	case VAL_INT:
		screen_number(v->i, buf, size);
		return;
	case VAL_UINT:
		screen_number(v->u > INT64_MAX ? INT64_MAX : (s64)v->u, buf, size);
		return;
	case VAL_REAL:
		screen_rate(v->r, buf, size);
		return;
	case VAL_NS:
		scaled((double)v->u, ns_suffix, 6, buf, size);
		return;
	case VAL_HEX:
		snprintf(buf, size, "0x%" PRIx64, v->u);
		return;
	case VAL_TEXT:
		screen_text(v->text, buf, size);
		return;
	}
}

/* Three decimals with a point: printf() would take the locale's comma. */
static void exact_real(double r, char *buf, size_t size)
{
	bool negative = r < 0;
	double abs = negative ? -r : r;
	u64 milli = abs < 1e15 ? (u64)(abs * 1000 + 0.5) : (u64)1e18;

	snprintf(buf, size, "%s%" PRIu64 ".%03u", negative ? "-" : "", milli / 1000,
		 (unsigned)(milli % 1000));
}

void value_exact(const struct value *v, char *buf, size_t size)
{
	switch (v->kind) {
	case VAL_UNKNOWN:
		buf[0] = 0;
		return;
	case VAL_INT:
		snprintf(buf, size, "%" PRId64, v->i);
		return;
	case VAL_UINT:
	case VAL_NS:
		snprintf(buf, size, "%" PRIu64, v->u);
		return;
	case VAL_REAL:
		exact_real(v->r, buf, size);
		return;
	case VAL_HEX:
		snprintf(buf, size, "0x%" PRIx64, v->u);
		return;
	case VAL_TEXT:
		snprintf(buf, size, "%s", v->text);
		return;
	}
}
