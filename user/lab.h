/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The lab: experiments that show one idea of epoll each. An experiment is a real program of
 * tests/server/ that runs under observation, a text, and a verdict: what must come out, compared
 * with the kernel's own figures. To add one: a program, a file user/lab_NAME.c, a row in
 * user/lab_table.c.
 */
#ifndef EPSCOPE_LAB_H
#define EPSCOPE_LAB_H

#include "exit_codes.h"
#include "lab_verdict.h"
#include "options.h"

struct experiment {
	const char *name;  /* [a-z0-9-] */
	const char *title; /* one line, no full stop */
	/* What goes on, what to look at, and which kernel function does it. Paragraphs are separated
	 * by an empty line, and wrapped where they are shown. */
	const char *text;
	const char *program; /* its file name beside the other programs of the lab */
	bool output;         /* takes --output FILE (-o): a plot */
	void (*verdict)(struct lab_run *run);
};

/* All of them, in the order in which they teach; sets *count. */
const struct experiment *const *experiments(size_t *count);

/* What the options ask for: the list, one experiment, or all of them one after the other. */
enum exit_code lab(struct options *o);

#endif
