/* SPDX-License-Identifier: GPL-2.0 */
/* One run: opens the source that was asked for, feeds the view, and says how it ended. */
#ifndef EPSCOPE_RUN_H
#define EPSCOPE_RUN_H

#include "exit_codes.h"
#include "model.h"
#include "options.h"

/* Changes in *o what depends on where the output goes: text of top comes once a second. */
enum exit_code run(struct options *o);

/* The dashboard on that source: the only way from user/ to ui/. */
enum exit_code run_dashboard(struct source *src, struct model *m, const struct options *o);

#endif
