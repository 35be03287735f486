/* SPDX-License-Identifier: GPL-2.0 */
/* Help: keys, colours, and what each column of the list below means. */
#include <string.h>
#include "pane.h"
#include "tables.h"

struct help_line {
	const char *key; /* NULL: a title */
	const char *text;
};

static const struct help_line lines[] = {
	{ NULL, "KEYS" },
	{ "Up Down k j", "move; PgUp PgDn Home End g G: further" },
	{ "Left Right h l", "scroll columns; in Wakers: wakers or threads" },
	{ "Enter", "open the selected instance" },
	{ "Esc Backspace", "clear the filter, then go back" },
	{ "Tab 1 2 3 4 5", "tree, ready list, items, wakers, histograms" },
	{ "F6  < >", "choose the column that sorts; next and previous" },
	{ "I", "sort in the other direction" },
	{ "F4  /", "show only rows with a text in them" },
	{ "Space p", "hold the figures; sampling goes on" },
	{ "s", "save the screen and all tables to a file here" },
	{ "F2  L", "messages, the mechanism of each hook, what epscope costs" },
	{ "F1  ?", "this help" },
	{ "Ctrl-L", "draw all again" },
	{ "F10 q Ctrl-C", "quit" },
	{ "", "" },
	{ NULL, "FIGURES" },
	{ "-", "not known: this kernel or tier cannot tell" },
	{ "yellow title", "basic tier: from tracepoints and snapshots" },
	{ "red", "wasted or lost, or far too slow" },
	{ "yellow", "worth a look" },
	{ "ready", "items on the kernel's ready list: LT items stay until found empty" },
	{ "wasted", "woken, and then nothing was delivered" },
	{ "put back", "LT items linked again after delivery" },
	{ "overflow", "became ready while a scan was running" },
	{ "cost BPF", "share of a core inside epscope's programs in the kernel" },
	{ "cost CPU", "share of a core that epscope itself takes; all of it: F2" },
	{ "", "" },
};
#define NLINES ((int)(sizeof(lines) / sizeof(lines[0])))

static void draw_title(struct canvas *cv, int y, const char *text)
{
	canvas_style_row(cv, y, ST_HEAD);
	canvas_put(cv, y, 1, ST_HEAD, text);
}

static void draw_line(struct canvas *cv, int y, const struct help_line *line)
{
	if (!line->key) {
		draw_title(cv, y, line->text);
		return;
	}
	canvas_put(cv, y, 1, ST_ACCENT, line->key);
	canvas_put_fit(cv, y, 17, cv->area.w - 19, ST_NORMAL, line->text);
}

static void draw_column(struct canvas *cv, int y, const struct column *col)
{
	if (!col)
		return;
	canvas_put(cv, y, 1, ST_ACCENT, col->title);
	canvas_put_fit(cv, y, 17, cv->area.w - 19, ST_NORMAL, col->help);
}

void pane_help_draw(struct canvas *cv, const struct frame *f)
{
	const struct table *t = table_of_list(state_body_list(f->st));
	struct list *l = &f->st->list[LIST_HELP];
	int page = cv->area.h;

	list_sync(l, NULL, NLINES + (t ? 1 + t->ncols : 0), page, 0);
	for (int y = 0; y < page && l->top + y < l->rows; y++) {
		int line = l->top + y;

		if (line < NLINES)
			draw_line(cv, y, &lines[line]);
		else if (line == NLINES)
			draw_title(cv, y, "COLUMNS");
		else
			draw_column(cv, y,
				    column_by_name(t->kind, t->cols[line - NLINES - 1].name));
	}
	scrollbar_draw(cv, 0, page, l->top, page, l->rows);
}
