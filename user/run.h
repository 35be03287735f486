/* SPDX-License-Identifier: GPL-2.0 */
/* One run: opens the source that was asked for, feeds the view, and says how it ended. */
#ifndef EPSCOPE_RUN_H
#define EPSCOPE_RUN_H

#include "exit_codes.h"
#include "options.h"

enum exit_code run(const struct options *o);

#endif
