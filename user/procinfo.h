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
/* Its living children: at most size of them into pids. Returns how many. */
int procinfo_children(u32 tgid, u32 *pids, int size);
/* Processes whose name is name: at most size of them into pids. Returns how many. */
int procinfo_by_name(const char *name, u32 *pids, int size);

#endif
