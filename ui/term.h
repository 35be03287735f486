/* SPDX-License-Identifier: GPL-2.0 */
/* The terminal. ui/term.c is the only file of the project that includes curses. */
#ifndef EPSCOPE_UI_TERM_H
#define EPSCOPE_UI_TERM_H

#include "cells.h"

struct term_info {
	int rows, cols;
	bool color;
	const struct glyphs *glyphs; /* what it can show, by locale and TERM */
};

/*
 * Takes the screen over (stdin and stdout) and fills *info. Returns 0, or -ENOTTY when there is no
 * usable terminal, said through log_error() with the remedy. From then on the screen is given back
 * by term_stop(), at exit(), and when a fatal signal ends the process.
 */
int term_start(bool no_color, struct term_info *info);
/* Gives the screen back; may be called at any time and more than once. */
void term_stop(void);
/* Sends the cells that differ from what was sent before. */
void term_flush(const struct cells *c);
/* Forgets what was sent: the next term_flush() sends everything. */
void term_repaint(void);
/* Asks the terminal for its size again, after SIGWINCH. */
void term_resize(struct term_info *info);
/* Next key (ui/keys.h), UIKEY_NONE: none waits. Never blocks. */
u32 term_key(void);
/* Ctrl-Z: gives the screen back, stops the process, takes the screen again when it goes on. */
void term_suspend(void);

#endif
