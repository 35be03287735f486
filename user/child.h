/* SPDX-License-Identifier: GPL-2.0 */
/* The command after "--": started, but held back until everything is attached. */
#ifndef EPSCOPE_CHILD_H
#define EPSCOPE_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

/* Where the command's own output goes. */
enum child_output {
	CHILD_KEEP,      /* as it is */
	CHILD_TO_STDERR, /* its stdout too: ours carries rows */
	CHILD_NOWHERE,   /* and nothing to its stdin: a dashboard owns the terminal */
};

/*
 * Forks; the child waits for child_go(). *go: what child_go() takes. Returns the PID or a negative errno.
 */
pid_t child_start(char **argv, enum child_output output, int *go);
/* Lets it exec; returns 0, or the errno with which exec failed. Closes go. */
int child_go(int go);
/* True once it has ended; *child is then 0. */
bool child_reap(pid_t pid, pid_t *child);
/* SIGTERM, and after two seconds SIGKILL, to the process that child_start() made. */
void child_end(pid_t pid, int go);

#endif
