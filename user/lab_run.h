/* SPDX-License-Identifier: GPL-2.0 */
/* One program of the lab under observation. */
#ifndef EPSCOPE_LAB_RUN_H
#define EPSCOPE_LAB_RUN_H

#include "lab.h"

/*
 * Starts the experiment's program, watches it to its end and calls its verdict; then report() sees
 * what came out. o: the options of the lab. dashboard: shows one meanwhile. Errors are said in one
 * line. EXIT_OK also if the verdict does not hold: lab_wrong() tells.
 */
enum exit_code lab_run(const struct experiment *e, const struct options *o, bool dashboard,
		       void (*report)(void *ctx, const struct lab_run *run), void *ctx);

#endif
