/* SPDX-License-Identifier: GPL-2.0 */
/* Processes, as /proc shows them. */
#ifndef EPSCOPE_PROCINFO_H
#define EPSCOPE_PROCINFO_H

#include <stdbool.h>
#include <stddef.h>
#include "contract.h"

/* Folder where /proc is mounted, kept by the caller; NULL: "/proc". For tests. */
void procinfo_set_root(const char *folder);
/* Name of a process into buf; empty when it does not exist. */
void procinfo_comm(u32 tgid, char *buf, size_t size);
/* It exists and is not a zombie. */
bool procinfo_alive(u32 tgid);
/* The process that a thread or process id belongs to, 0: none. */
u32 procinfo_tgid(u32 pid);
struct proc_parent {
	u32 tgid, parent;
};

/*
 * All living processes that are somebody's children. Returns how many, or -ENOMEM; *list is the
 * caller's to free().
 */
int procinfo_parents(struct proc_parent **list);
/* The same for those whose name is name. */
int procinfo_by_name(const char *name, u32 **pids);

#endif
