/* SPDX-License-Identifier: GPL-2.0 */
/* The live dashboard: owns the loop between source, model, keys and screen. */
#ifndef EPSCOPE_UI_DASHBOARD_H
#define EPSCOPE_UI_DASHBOARD_H

#include <signal.h>
#include "exit_codes.h"
#include "model.h"

struct dashboard_opts {
	bool no_color;
	u64 count;                   /* end after as many samples, 0: endless */
	u64 duration_ns;             /* end after that time, 0: endless */
	const char *title;           /* what is watched, for the title bar */
	volatile sig_atomic_t *stop; /* set by the handlers of SIGINT, SIGTERM and SIGHUP */
	bool replay;                 /* src reads a recording */
};

/*
 * Takes the terminal (stdin and stdout), shows m and folds what src emits into it until the user
 * quits, *o->stop is set, or o->count or o->duration_ns is reached. When the source is over the last
 * figures stay on screen until the user quits. Keys draw again, but never cause or shift a sample.
 * The terminal and the sink of the log are given back in every case. Blocks SIGINT, SIGTERM and
 * SIGHUP except while it sleeps; their handlers must be in place before. src and m stay the
 * caller's. Returns the exit status; what went wrong was said through the log.
 */
enum exit_code dashboard_run(struct source *src, struct model *m, const struct dashboard_opts *o);

#endif
