/* SPDX-License-Identifier: GPL-2.0 */
/* Tabs of one instance, each with how much it holds. */
#include <stdio.h>
#include "pane.h"

static void tab_count(const struct frame *f, enum tab tab, char *buf, size_t size)
{
	const struct m_instance *inst = f->inst;
	s64 n = UNKNOWN_S64;

	if (inst && tab == TAB_READY)
		n = inst->ready_now;
	else if (inst && tab == TAB_ITEMS)
		n = inst->items_now;
	buf[0] = '\0';
	if (n != UNKNOWN_S64)
		snprintf(buf, size, " %lld", (long long)n);
}

void pane_tabs_draw(struct canvas *cv, const struct frame *f)
{
	static const char *const names[TAB_COUNT] = { "Tree", "Ready list", "Items", "Wakers",
						      "Histograms" };
	int x = 1;

	canvas_style_row(cv, 0, ST_TAB);
	for (int i = 0; i < TAB_COUNT; i++) {
		char count[32];

		tab_count(f, (enum tab)i, count, sizeof(count));
		x = canvas_printf(cv, 0, x, (int)f->st->tab == i ? ST_TAB_ON : ST_TAB, " %d %s%s ",
				  i + 1, names[i], count) +
		    1;
	}
}
