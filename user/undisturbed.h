/* SPDX-License-Identifier: GPL-2.0 */
/*
 * While a thread reads a BPF map by system call, the kernel runs no program of a kprobe or a system
 * call tracepoint on its CPU (bpf_disable_instrumentation()), so as not to deadlock. On a kernel that
 * preempts, a reader can lose the CPU in the middle, and what happens on it until it runs again is
 * not counted. Hence it runs before all ordinary threads for the moment of each read.
 */
#ifndef EPSCOPE_UNDISTURBED_H
#define EPSCOPE_UNDISTURBED_H

/*
 * From begin to end the calling thread is SCHED_FIFO; then it is what it was before. Not to be
 * nested, and not to last: other threads of that CPU wait. Without the right to (CAP_SYS_NICE, or
 * no real-time budget in its cgroup) both do nothing, and the kernel counts what it skips.
 */
void undisturbed_begin(void);
void undisturbed_end(void);

#endif
