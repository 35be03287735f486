/* SPDX-License-Identifier: GPL-2.0 */
/* Whether this kernel takes the CPU away from code that runs in the kernel. */
#ifndef EPSCOPE_PREEMPT_H
#define EPSCOPE_PREEMPT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Where it does, a program at an fentry can be preempted, and until it runs again the kernel skips
 * the same program for every other thread on that CPU (bpf_prog.active): see MECH_PREEMPTED.
 */
bool kernel_preempts(void);
/* The same from the text of debugfs' sched/preempt, "" if there is none, and of uname -v. */
bool preempts_by(const char *modes, const char *version);

#endif
