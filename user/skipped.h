/* SPDX-License-Identifier: GPL-2.0 */
/* Programs that the kernel did not run although what they hook happened. */
#ifndef EPSCOPE_SKIPPED_H
#define EPSCOPE_SKIPPED_H

#include "session.h"

/*
 * Sets the places from LOSS_SKIPPED on, each the sum over its hook's programs. The kernel skips a
 * program in two ways, and counts each if it is new enough:
 * - recursion_misses (5.12, 9ed9e9ba2337): the same program, or for kprobes and tracepoints (counted
 *   from 6.7 on, dd8657894c11) any program or bpf(2) operation on a map, is under way on this CPU
 *   and was interrupted;
 * - missed of a kprobe's link (6.7, 3acf8ace6823): another kprobe is being handled, or too many
 *   calls for a kretprobe's instances are under way.
 */
void skipped_read(const struct session *s, u64 loss[LOSS_COUNT]);

#endif
