/* SPDX-License-Identifier: GPL-2.0 */
/* Characters for lines and bars, by what the terminal can show. */
#ifndef EPSCOPE_UI_GLYPHS_H
#define EPSCOPE_UI_GLYPHS_H

#include <stdbool.h>

#define SPARK_STEPS 8

struct glyphs {
	bool plain;                                             /* ASCII only */
	const char *hline, *vline, *corner_left, *corner_right; /* arms of the tree, going down */
	const char *full;                                       /* a full block of a bar */
	const char *half_bar[2];            /* left half of a block: empty, half */
	const char *spark[SPARK_STEPS + 1]; /* from nothing to full height */
	const char *ellipsis, *check, *cross;
	const char *bar_empty;  /* ground of a bar */
	const char *log2_bound; /* 2 log2(n+1) as text */
};

extern const struct glyphs glyphs_ascii;   /* any locale */
extern const struct glyphs glyphs_unicode; /* UTF-8 */
extern const struct glyphs glyphs_console; /* UTF-8 with the 512 characters of a Linux console */

#endif
