/* SPDX-License-Identifier: GPL-2.0 */
/* The last lines: messages, and what the function keys do. */
#include <string.h>
#include "message.h"
#include "pane.h"

struct key_label {
	const char *key, *label;
	u8 rank; /* the higher, the earlier it gives way */
};

static const struct key_label overview_keys[] = {
	{ "F1", "Help", 1 },     { "F2", "Log", 4 },   { "F4", "Filter", 2 },
	{ "F6", "Sort", 2 },     { "I", "Invert", 5 }, { "Enter", "Open", 0 },
	{ "Space", "Pause", 3 }, { "s", "Save", 4 },   { "F10", "Quit", 0 },
};

static const struct key_label detail_keys[] = {
	{ "F1", "Help", 1 },     { "F2", "Log", 5 },   { "F4", "Filter", 2 },
	{ "F6", "Sort", 2 },     { "Tab", "Next", 4 }, { "Esc", "Back", 0 },
	{ "Space", "Pause", 3 }, { "s", "Save", 4 },   { "F10", "Quit", 0 },
};

static const struct key_label overlay_keys[] = {
	{ "Esc", "Close", 0 },
	{ "PgUp/PgDn", "Scroll", 1 },
	{ "F10", "Quit", 0 },
};

static const struct key_label menu_keys[] = {
	{ "Enter", "Sort by it", 0 },
	{ "Esc", "Close", 0 },
	{ "F10", "Quit", 0 },
};

static const struct key_label filter_keys[] = {
	{ "Enter", "Keep", 0 },
	{ "Esc", "Clear", 0 },
	{ "F10", "Quit", 0 },
};

static const struct key_label *keys_now(const struct state *st, size_t *n)
{
#define KEYS(table) (*n = sizeof(table) / sizeof((table)[0]), (table))
	if (st->editing)
		return KEYS(filter_keys);
	if (st->overlay == OVERLAY_SORT)
		return KEYS(menu_keys);
	if (st->overlay != OVERLAY_NONE)
		return KEYS(overlay_keys);
	return st->screen == SCREEN_DETAIL ? KEYS(detail_keys) : KEYS(overview_keys);
#undef KEYS
}

static int key_width(const struct key_label *k)
{
	return (int)strlen(k->key) + (int)strlen(k->label) + 2;
}

void pane_keys_draw(struct canvas *cv, const struct frame *f)
{
	size_t n;
	const struct key_label *keys = keys_now(f->st, &n);
	int rank = UINT8_MAX, width, x = 0;

	/* Whole ranks give way until the rest fits. */
	do {
		width = 0;
		for (size_t i = 0; i < n; i++)
			width += keys[i].rank < rank ? key_width(&keys[i]) : 0;
	} while (width > cv->area.w && --rank > 0);
	for (size_t i = 0; i < n; i++) {
		if (keys[i].rank >= rank)
			continue;
		x = canvas_put(cv, 0, x, ST_KEY, keys[i].key);
		x = canvas_printf(cv, 0, x, ST_KEY_LABEL, "%s ", keys[i].label) + 1;
	}
}

bool pane_message_wanted(const struct frame *f)
{
	const struct list *l = &f->st->list[state_body_list(f->st)];

	return f->st->editing || l->filter[0] || f->end_text[0] || message_fresh(f->now_ns);
}

static void draw_filter(struct canvas *cv, const struct state *st)
{
	const struct list *l = &st->list[state_body_list(st)];
	int x = canvas_put(cv, 0, 1, ST_WARN, "filter: ");

	x = canvas_put(cv, 0, x, ST_STRONG, l->filter);
	if (st->editing)
		x = canvas_put(cv, 0, x, ST_KEY_LABEL, " ");
	canvas_printf(cv, 0, x + 2, ST_DIM, "%d row%s", l->rows, l->rows == 1 ? "" : "s");
}

void pane_message_draw(struct canvas *cv, const struct frame *f)
{
	const struct message *msg = message_fresh(f->now_ns);
	static const enum style styles[] = { ST_BAD, ST_WARN, ST_GOOD, ST_DIM };
	bool filtered = f->st->list[state_body_list(f->st)].filter[0] != '\0';

	if (f->st->editing) {
		draw_filter(cv, f->st);
	} else if (msg) {
		canvas_put_fit(cv, 0, 1, cv->area.w - 2, styles[msg->level], msg->text);
	} else if (f->end_text[0] && !filtered) {
		/* The bar tells of the end too; nothing else tells that rows are hidden. */
		canvas_style_row(cv, 0, ST_BAR_WARN);
		canvas_put_fit(cv, 0, 1, cv->area.w - 2, ST_BAR_WARN, f->end_text);
	} else {
		draw_filter(cv, f->st);
	}
}
