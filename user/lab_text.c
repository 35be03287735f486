/* SPDX-License-Identifier: GPL-2.0 */
#include <inttypes.h>
#include <string.h>
#include "json.h"
#include "lab_text.h"

#define WIDTH 80

static const char *const figures[] = { "waits",     "ret_events", "delivered", "put_back",
				       "callbacks", "woken",      "wasted" };
#define FIGURES (sizeof(figures) / sizeof(figures[0]))

/* One paragraph from text on; returns where the next begins. */
static const char *wrap_paragraph(struct out *o, const char *text, size_t width)
{
	size_t column = 0, len;

	while (*text && strncmp(text, "\n\n", 2)) {
		text += *text == ' ' || *text == '\n';
		len = strcspn(text, " \n");
		if (column && column + 1 + len > width) {
			out_char(o, '\n');
			column = 0;
		}
		out_printf(o, "%s%.*s", column ? " " : "  ", (int)len, text);
		column += len + (column ? 1 : 2);
		text += len;
	}
	out_char(o, '\n');
	return text + strspn(text, "\n");
}

void lab_wrap(struct out *o, const char *text, size_t width)
{
	while (*text) {
		text = wrap_paragraph(o, text, width);
		if (*text)
			out_char(o, '\n');
	}
}

void lab_intro(struct out *o, const struct experiment *e, bool broken)
{
	out_printf(o, "%s: %s\n\n", e->name, e->title);
	lab_wrap(o, e->text, WIDTH - 2);
	out_char(o, '\n');
	if (broken)
		out_text(
			o,
			"  Broken on purpose: the program violates the rule, and some figures below have\n"
			"  to come out WRONG.\n\n");
}

void lab_list(struct out *o, bool json)
{
	const struct experiment *const *all;
	size_t n;

	all = experiments(&n);
	for (size_t i = 0; i < n; i++) {
		if (!json) {
			out_printf(o, "%-14s %s\n", all[i]->name, all[i]->title);
			continue;
		}
		out_text(o, "{\"name\":");
		json_text(o, all[i]->name);
		out_text(o, ",\"title\":");
		json_text(o, all[i]->title);
		out_printf(o, ",\"program\":\"%s\",\"output\":%s}\n", all[i]->program,
			   all[i]->output ? "true" : "false");
	}
}

/* As wide as its title, so that all fit into 80 columns. */
static int figure_width(size_t k)
{
	size_t len = strlen(figures[k]);

	return (int)(len < 7 ? 7 : len);
}

static void figure_cell(struct out *o, size_t k, s64 n)
{
	if (n == UNKNOWN_S64 || n == LAB_MISSING)
		out_printf(o, " %*s", figure_width(k), "-");
	else
		out_printf(o, " %*" PRId64, figure_width(k), n);
}

static void figures_row(struct out *o, const struct lab_run *run, const char *name)
{
	char inexact[128];

	out_printf(o, "%-15s", name);
	for (size_t k = 0; k < FIGURES; k++)
		figure_cell(o, k, lab_figure(run, name, figures[k]));
	out_char(o, '\n');
	lab_inexact(run, name, inexact, sizeof(inexact));
	if (inexact[0])
		out_printf(o, "%-15s   (lower bounds, lost: %s)\n", "", inexact);
}

static void figures_table(struct out *o, const struct lab_run *run)
{
	if (!run->truth->ninstances)
		return;
	out_printf(o, "%-15s", "instance");
	for (size_t k = 0; k < FIGURES; k++)
		out_printf(o, " %*s", figure_width(k), figures[k]);
	out_char(o, '\n');
	for (size_t i = 0; i < run->truth->ninstances; i++)
		figures_row(o, run, run->truth->instances[i].name);
	out_char(o, '\n');
}

static const char *const holds_words[] = {
	[LAB_WRONG] = "WRONG",
	[LAB_HOLDS] = "ok",
	[LAB_UNKNOWN] = "unknown",
};

static void verdict_table(struct out *o, const struct lab_run *run)
{
	out_printf(o, "%-45s %13s %11s  %s\n", "verdict", "expected", "measured", "");
	for (size_t i = 0; i < run->nrows; i++)
		out_printf(o, "%-45s %13s %11s  %s\n", run->rows[i].what, run->rows[i].expected,
			   run->rows[i].measured, holds_words[run->rows[i].holds]);
}

void lab_report(struct out *o, const struct experiment *e, const struct lab_run *run)
{
	size_t unknown, wrong = lab_wrong(run, &unknown);

	for (size_t i = 0; i < run->truth->nsays; i++)
		out_printf(o, "%s\n", run->truth->says[i]);
	if (run->truth->nsays)
		out_char(o, '\n');
	figures_table(o, run);
	verdict_table(o, run);
	out_printf(o, "\n%s: ", e->name);
	if (wrong)
		out_printf(o, "%zu of %zu figures are not as expected", wrong, run->nrows);
	else
		out_printf(o, "%zu figures as expected", run->nrows - unknown);
	if (unknown)
		out_printf(o, ", %zu unknown in this tier", unknown);
	out_text(o, "\n");
}

/* A number as such; null for what is unknown or missing; "at least 3" as text. */
static void json_number(struct out *o, const char *text)
{
	if (!strcmp(text, "-") || !strcmp(text, "missing"))
		out_text(o, "null");
	else if (text[strspn(text, "-0123456789")])
		json_text(o, text);
	else
		out_text(o, text);
}

void lab_report_json(struct out *o, const struct experiment *e, const struct lab_run *run)
{
	static const char *const words[] = { "false", "true", "null" };

	for (size_t i = 0; i < run->nrows; i++) {
		out_text(o, "{\"experiment\":");
		json_text(o, e->name);
		out_text(o, ",\"figure\":");
		json_text(o, run->rows[i].what);
		out_text(o, ",\"expected\":");
		json_number(o, run->rows[i].expected);
		out_text(o, ",\"measured\":");
		json_number(o, run->rows[i].measured);
		out_printf(o, ",\"holds\":%s}\n", words[run->rows[i].holds]);
	}
}
