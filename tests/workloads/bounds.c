/* SPDX-License-Identifier: GPL-2.0 */
#include <inttypes.h>

#include "bounds.h"
#include "wl.h"

void bounds_add(struct bounds *b, int64_t inner, int64_t outer)
{
	if (!b->count || inner < b->min)
		b->min = inner;
	if (inner > b->max_min)
		b->max_min = inner;
	if (outer > b->max)
		b->max = outer;
	b->count++;
	b->sum_min += inner;
	b->sum_max += outer;
}

void bounds_say(const struct bounds *b)
{
	wl_say("%s_count=%" PRId64, b->name, b->count);
	if (!b->count)
		return;
	wl_say("%s_min_ns=%" PRId64, b->name, b->min);
	wl_say("%s_max_ns=%" PRId64, b->name, b->max);
	wl_say("%s_max_min_ns=%" PRId64, b->name, b->max_min);
	wl_say("%s_sum_min_ns=%" PRId64, b->name, b->sum_min);
	wl_say("%s_sum_max_ns=%" PRId64, b->name, b->sum_max);
}
