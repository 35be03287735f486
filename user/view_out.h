/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Output of a view: rows are put together in memory and written whole, one buffer for all. The
 * first error stays and is what every later call returns.
 */
#ifndef EPSCOPE_VIEW_OUT_H
#define EPSCOPE_VIEW_OUT_H

#include <stdio.h>
#include "contract.h"

struct out {
	FILE *file; /* not ours */
	char *buf;
	size_t len, cap;
	int err; /* first error, negative errno */
};

void out_init(struct out *o, FILE *file);
void out_free(struct out *o);
void out_char(struct out *o, char c);
void out_bytes(struct out *o, const char *s, size_t len);
void out_text(struct out *o, const char *s);
void out_printf(struct out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Decimal, without printf: a trace has millions of them. */
void out_uint(struct out *o, u64 u);
void out_int(struct out *o, s64 i);
/* 0x... */
void out_hex(struct out *o, u64 u);
/* Spaces until the line that began at buf + start has that width. */
void out_pad(struct out *o, size_t start, size_t width);
/* The end of a row: writes if much has gathered. Returns 0 or a negative errno. */
int out_row(struct out *o);
/* Writes all, so that the reader of a pipe has it. Returns 0 or a negative errno. */
int out_flush(struct out *o);

#endif
