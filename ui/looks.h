/* SPDX-License-Identifier: GPL-2.0 */
/* How each style looks: with 256 colours, with 8, and without any. For ui/term.c. */
#ifndef EPSCOPE_UI_LOOKS_H
#define EPSCOPE_UI_LOOKS_H

#include "cells.h"

enum look_attr {
	LOOK_BOLD = 1,
	LOOK_DIM = 2,
	LOOK_REVERSE = 4,
	LOOK_UNDERLINE = 8,
};

/* Colour numbers as in terminfo's setaf; -1: the terminal's own. */
struct look {
	short fg256, bg256, fg8, bg8;
	u8 attr256, attr8, mono; /* enum look_attr */
};

extern const struct look looks[ST_COUNT];

#endif
