/* SPDX-License-Identifier: GPL-2.0 */
#ifndef EPSCOPE_UI_ALLOC_H
#define EPSCOPE_UI_ALLOC_H

#include <stddef.h>

/*
 * Zeroed memory for n things of that size, never NULL; free with free(). Without memory there is
 * nothing left to draw: the process ends with a message, through exit(), which restores the screen.
 */
void *ui_alloc(size_t n, size_t size);

/* That end. Does not return. */
void ui_out_of_memory(void) __attribute__((noreturn));

#endif
