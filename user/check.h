/* SPDX-License-Identifier: GPL-2.0 */
/* `epscope check`: what this kernel offers, and what the plan makes of it. */
#ifndef EPSCOPE_CHECK_H
#define EPSCOPE_CHECK_H

#include "exit_codes.h"
#include "options.h"

/* Loads and attaches as a run would, prints the plan with reasons, and takes everything back. */
enum exit_code check(const struct options *o);

#endif
