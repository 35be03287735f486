/* SPDX-License-Identifier: GPL-2.0 */
/* Key 's': the screen as text, and every figure behind it, into a file. */
#ifndef EPSCOPE_UI_SAVE_H
#define EPSCOPE_UI_SAVE_H

#include <stdio.h>
#include "pane.h"

#define SAVE_NAME_LEN 40

/*
 * Writes epscope-YYYYmmdd-HHMMSS.txt, a new file in the current directory, and puts its name into
 * name. 0 or a negative errno; then there is no such file, or it is not from us (-EEXIST).
 */
int save_file(const struct cells *c, const struct frame *f, char name[SAVE_NAME_LEN]);
/* The same text to out: screen, then all columns of all rows. */
void save_text(FILE *out, const struct cells *c, const struct frame *f);

#endif
