/* SPDX-License-Identifier: GPL-2.0 */
#include <stdio.h>
#include "columns_priv.h"
#include "plan.h"

const struct column *columns(enum row_kind kind, size_t *count)
{
	switch (kind) {
	case ROW_INSTANCE:
		*count = columns_instance_count;
		return columns_instance;
	case ROW_ITEM:
		*count = columns_item_count;
		return columns_item;
	case ROW_EVENT:
		*count = columns_event_count;
		return columns_event;
	case ROW_THREAD:
		*count = columns_thread_count;
		return columns_thread;
	case ROW_WAKER:
		*count = columns_waker_count;
		return columns_waker;
	case ROW_STAT:
		break;
	}
	*count = columns_stat_count;
	return columns_stat;
}

const struct column *column_by_name(enum row_kind kind, const char *name)
{
	size_t n;
	const struct column *table = columns(kind, &n);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(table[i].name, name))
			return &table[i];
	return NULL;
}

void column_value(const struct column *col, const struct row *row, struct value *out)
{
	out->text[0] = 0;
	if (col->hook >= 0 && model_tier(row->model, (enum hook)col->hook) == TIER_NONE)
		set_unknown(out);
	else
		col->get(row, out);
}

/* Appends to buf[len]; returns the new length, never above size - 1. */
static size_t text_append(char *buf, size_t len, size_t size, const char *a, const char *b)
{
	int n = snprintf(buf + len, size - len, "%s%s", a, b);

	if (n < 0)
		return len;
	return len + (size_t)n < size ? len + (size_t)n : size - 1;
}

void tiers_text(const struct model *m, char *buf, size_t size)
{
	size_t len = 0;
	bool found;

	buf[0] = 0;
	for (u32 tier = TIER_NONE; tier < TIER_FULL; tier++) {
		found = false;
		for (u32 h = 0; h < HOOK_COUNT; h++) {
			if (model_tier(m, (enum hook)h) != (enum tier)tier)
				continue;
			if (!found)
				len = text_append(buf, len, size, len ? " " : "", tier_name(tier));
			len = text_append(buf, len, size, found ? "," : "=",
					  hook_name((enum hook)h));
			found = true;
		}
	}
	if (!len)
		snprintf(buf, size, "full");
}
