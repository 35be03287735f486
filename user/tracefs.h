/* SPDX-License-Identifier: GPL-2.0 */
/* Ids of tracepoints, also where tracefs is not mounted: a private mount that nobody else sees. */
#ifndef EPSCOPE_TRACEFS_H
#define EPSCOPE_TRACEFS_H

#include <stddef.h>

/*
 * Reads events/GROUP/NAME/id for each of n names into ids (0: no such tracepoint); the group is sched
 * for names that begin with it, else syscalls. Returns 0, or a negative errno when tracefs could not
 * be read at all; why (size bytes) then says it in words.
 */
int tracefs_ids(const char *const *names, int *ids, size_t n, char *why, size_t size);

#endif
