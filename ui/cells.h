/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The screen in memory. Panes draw into it, ui/term.c sends what changed to the terminal, tests and
 * saved screens read it back as text. Nothing here knows a terminal: a cell carries what it means
 * (enum style), not how it looks.
 */
#ifndef EPSCOPE_UI_CELLS_H
#define EPSCOPE_UI_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include "contract.h"
#include "glyphs.h"

/* What a piece of text means; ui/term.c turns it into colours or, without them, attributes. */
enum style {
	ST_NORMAL,
	ST_DIM,    /* labels, units, what is unknown */
	ST_STRONG, /* headline figures */
	ST_ACCENT, /* names of things one can open */
	ST_GOOD,
	ST_WARN,
	ST_BAD,      /* wasted, lost */
	ST_ALERT,    /* a whole line that must not be missed */
	ST_BAR,      /* title bar */
	ST_BAR_GOOD, /* state in the title bar */
	ST_BAR_WARN,
	ST_BAR_BAD,
	ST_HEAD,          /* titles of columns */
	ST_HEAD_SORT,     /* title of the column that sorts */
	ST_HEAD_BASIC,    /* title of a column whose figures come from the basic tier */
	ST_SELECTED,      /* the selected row */
	ST_SELECTED_WARN, /* in it, what would be ST_WARN or ST_BAD */
	ST_SELECTED_BAD,
	ST_TAB, /* tabs */
	ST_TAB_ON,
	ST_KEY, /* function-key bar: key and what it does */
	ST_KEY_LABEL,
	ST_NODE_RED, /* nodes of the tree */
	ST_NODE_BLACK,
	ST_RED, /* bars in the colours of nodes */
	ST_BLACK,
	ST_GRAPH, /* bars, sparklines */
	ST_COUNT,
};

struct cell {
	u32 ch;   /* code point, 0: second half of a wide character to the left */
	u8 style; /* enum style */
	u8 width; /* columns of ch: 1 or 2; 0: that second half */
	u16 pad;
};

struct rect {
	int y, x, h, w;
};

struct cells {
	int rows, cols;
	struct cell *cell; /* rows * cols, row by row */
};

/* Part of the screen that a pane draws into; its coordinates count from the corner of area. */
struct canvas {
	struct cells *cells;
	struct rect area; /* clips all drawing; within the screen */
	const struct glyphs *glyphs;
	bool color; /* false: meaning must not hang on colour alone */
};

/* Gives c the size (both at least 1) and blanks it. 0 or -ENOMEM, which leaves c as it was. */
int cells_resize(struct cells *c, int rows, int cols);
void cells_free(struct cells *c);
void cells_clear(struct cells *c);
/* Text of row y without trailing blanks, as UTF-8; bytes written without the NUL. */
size_t cells_row_text(const struct cells *c, int y, char *buf, size_t size);
/* Style of the cell at (y, x); ST_NORMAL outside. */
enum style cells_style(const struct cells *c, int y, int x);

/* The part r of the canvas as a canvas of its own; r counts from the corner of cv and is clipped. */
struct canvas canvas_part(const struct canvas *cv, struct rect r);
/*
 * Puts UTF-8 text at (y, x), clipped to the canvas; returns the column behind it (also where
 * clipped). Control characters, wrong UTF-8 and, with plain glyphs, all but ASCII become '?':
 * names of threads and files come from strangers.
 */
int canvas_put(struct canvas *cv, int y, int x, enum style style, const char *text);
/* The same in at most width columns; a text that is longer ends in the ellipsis glyph. */
int canvas_put_fit(struct canvas *cv, int y, int x, int width, enum style style, const char *text);
/* The same aligned right: the last character is at column x + width - 1. */
void canvas_put_right(struct canvas *cv, int y, int x, int width, enum style style,
		      const char *text);
int canvas_printf(struct canvas *cv, int y, int x, enum style style, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
/* n times the same glyph; returns the column behind. */
int canvas_repeat(struct canvas *cv, int y, int x, int n, enum style style, const char *glyph);
/* Gives what stands in row y the style, over the whole width of the canvas. */
void canvas_style_row(struct canvas *cv, int y, enum style style);

/* Columns that the text takes (wide characters 2, combining ones 0). */
int text_width(const char *text);
/* Columns of one code point: 0, 1 or 2. */
int char_width(u32 ch);
/* Next code point of *s, which moves on; 0 at the end, 0xfffd for each wrong byte. */
u32 utf8_next(const char **s);
/* Writes ch as UTF-8 into buf (room for 4 bytes); bytes written. */
size_t utf8_put(u32 ch, char *buf);

#endif
