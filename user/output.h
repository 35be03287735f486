/* SPDX-License-Identifier: GPL-2.0 */
/* Where rows go, and the file that tells others that everything is attached. */
#ifndef EPSCOPE_OUTPUT_H
#define EPSCOPE_OUTPUT_H

#include <stdio.h>
#include "exit_codes.h"

struct output {
	FILE *file;
	const char *name; /* for messages */
};

/*
 * path NULL or "-": stdout. Returns 0, or a negative errno after one line of error. What the file
 * holds stays until output_begin(): a run that cannot start must not cost an earlier result.
 */
int output_open(struct output *out, const char *path);
void output_begin(struct output *out);
/* Everything to the disk; 0 or the negative errno of whatever could not be written. */
int output_finish(struct output *out);
/* The status after text that went to stdout alone; one line of error if it is not written whole. */
enum exit_code output_told(void);
/* Accepts one that was never opened. */
void output_close(struct output *out);
/* Removes what an earlier run left there. NULL: nothing. A device, a pipe or a link is nobody's leftover:
 * a negative errno after one line of error. */
int output_ready_clear(const char *path);
/* Makes the file in one step, so that whoever waits for it never sees it half. NULL: nothing. */
int output_ready_file(const char *path);

#endif
