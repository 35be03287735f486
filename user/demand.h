/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Programs that are attached only while they are needed, since they slow every system call a little:
 * - A wait that was under way when we attached to its function returns unseen by fexit and kretprobe
 *   alike: they hook the entry. The syscall tracepoints see it.
 * - System calls of 32-bit code, which the tracepoints of single system calls leave out. A snapshot
 *   tells whether a watched process has such code.
 */
#ifndef EPSCOPE_DEMAND_H
#define EPSCOPE_DEMAND_H

#include "session.h"

/* Whether the plan has the program as one of these. */
bool demand_prog(const struct session *s, const char *name);
/*
 * Attaches and detaches, after each sample; and before the first, whatever it may find to be needed.
 * As attach_all() in user/session.c.
 */
int demand_update(struct session *s);
void demand_detach(struct session *s);

#endif
