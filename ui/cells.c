/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cells.h"

static const struct cell blank = { .ch = ' ', .style = ST_NORMAL, .width = 1 };

int cells_resize(struct cells *c, int rows, int cols)
{
	struct cell *cell = calloc((size_t)rows * (size_t)cols, sizeof(*cell));

	if (!cell)
		return -ENOMEM;
	free(c->cell);
	c->cell = cell;
	c->rows = rows;
	c->cols = cols;
	cells_clear(c);
	return 0;
}

void cells_free(struct cells *c)
{
	free(c->cell);
	memset(c, 0, sizeof(*c));
}

void cells_clear(struct cells *c)
{
	size_t n = (size_t)c->rows * (size_t)c->cols;

	for (size_t i = 0; i < n; i++)
		c->cell[i] = blank;
}

static struct cell *cell_at(const struct cells *c, int y, int x)
{
	return &c->cell[(size_t)y * (size_t)c->cols + (size_t)x];
}

size_t cells_row_text(const struct cells *c, int y, char *buf, size_t size)
{
	size_t len = 0, used = 0;

	for (int x = 0; x < c->cols && len + 4 < size; x++) {
		u32 ch = cell_at(c, y, x)->ch;

		if (!ch)
			continue;
		len += utf8_put(ch, buf + len);
		if (ch != ' ')
			used = len;
	}
	buf[used] = '\0';
	return used;
}

enum style cells_style(const struct cells *c, int y, int x)
{
	if (y < 0 || x < 0 || y >= c->rows || x >= c->cols)
		return ST_NORMAL;
	return (enum style)cell_at(c, y, x)->style;
}

/* Half of a wide character alone cannot be shown: what it belonged to becomes blank. */
static void cell_unpair(struct cells *c, int y, int x)
{
	struct cell *cell = cell_at(c, y, x);

	if (cell->width == 0 && x > 0)
		cell_at(c, y, x - 1)->ch = ' ', cell_at(c, y, x - 1)->width = 1;
	if (cell->width == 2 && x + 1 < c->cols)
		cell_at(c, y, x + 1)->ch = ' ', cell_at(c, y, x + 1)->width = 1;
}

static void cell_set(struct cells *c, int y, int x, u32 ch, enum style style, int width)
{
	struct cell *cell = cell_at(c, y, x);

	cell_unpair(c, y, x);
	cell->ch = ch;
	cell->style = (u8)style;
	cell->width = (u8)width;
	if (width < 2)
		return;
	cell_unpair(c, y, x + 1);
	cell_at(c, y, x + 1)->ch = 0;
	cell_at(c, y, x + 1)->style = (u8)style;
	cell_at(c, y, x + 1)->width = 0;
}

struct canvas canvas_part(const struct canvas *cv, struct rect r)
{
	struct canvas part = *cv;

	if (r.y < 0)
		r.h += r.y, r.y = 0;
	if (r.x < 0)
		r.w += r.x, r.x = 0;
	if (r.h > cv->area.h - r.y)
		r.h = cv->area.h - r.y;
	if (r.w > cv->area.w - r.x)
		r.w = cv->area.w - r.x;
	part.area = (struct rect){ cv->area.y + r.y, cv->area.x + r.x, r.h < 0 ? 0 : r.h,
				   r.w < 0 ? 0 : r.w };
	return part;
}

static u32 char_safe(u32 ch, bool plain)
{
	bool control = ch < 0x20 || (ch >= 0x7f && ch < 0xa0);
	/* Marks that turn the direction of the text would reorder the columns of the screen. */
	bool bidi = (ch >= 0x200e && ch <= 0x200f) || (ch >= 0x202a && ch <= 0x202e) ||
		    (ch >= 0x2066 && ch <= 0x2069);

	return control || bidi || (plain && ch >= 0x7f) ? '?' : ch;
}

/* Puts text between columns x and limit of the canvas; returns the column behind it. */
static int put_clipped(struct canvas *cv, int y, int x, int limit, enum style style,
		       const char *text)
{
	u32 ch;

	if (limit > cv->area.w)
		limit = cv->area.w;
	while ((ch = utf8_next(&text))) {
		int width;

		ch = char_safe(ch, cv->glyphs->plain);
		width = char_width(ch);
		if (width && y >= 0 && y < cv->area.h && x >= 0 && x + width <= limit)
			cell_set(cv->cells, cv->area.y + y, cv->area.x + x, ch, style, width);
		x += width;
	}
	return x;
}

int canvas_put(struct canvas *cv, int y, int x, enum style style, const char *text)
{
	return put_clipped(cv, y, x, cv->area.w, style, text);
}

int canvas_put_fit(struct canvas *cv, int y, int x, int width, enum style style, const char *text)
{
	int mark;

	if (text_width(text) <= width)
		return canvas_put(cv, y, x, style, text);
	mark = text_width(cv->glyphs->ellipsis);
	if (width < mark)
		return x;
	put_clipped(cv, y, x, x + width - mark, style, text);
	return canvas_put(cv, y, x + width - mark, style, cv->glyphs->ellipsis);
}

void canvas_put_right(struct canvas *cv, int y, int x, int width, enum style style,
		      const char *text)
{
	int len = text_width(text);

	canvas_put_fit(cv, y, len < width ? x + width - len : x, width, style, text);
}

int canvas_printf(struct canvas *cv, int y, int x, enum style style, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return canvas_put(cv, y, x, style, text);
}

int canvas_repeat(struct canvas *cv, int y, int x, int n, enum style style, const char *glyph)
{
	for (int i = 0; i < n; i++)
		x = canvas_put(cv, y, x, style, glyph);
	return x;
}

void canvas_style_row(struct canvas *cv, int y, enum style style)
{
	if (y < 0 || y >= cv->area.h)
		return;
	for (int x = 0; x < cv->area.w; x++)
		cell_at(cv->cells, cv->area.y + y, cv->area.x + x)->style = (u8)style;
}
