/* SPDX-License-Identifier: GPL-2.0 */
/* The snapshot without iterators: how many items /proc/PID/fdinfo lists, and nothing else. */
#ifndef EPSCOPE_SNAPSHOT_FDINFO_H
#define EPSCOPE_SNAPSHOT_FDINFO_H

#include "records.h"

/*
 * Emits REC_OWNER, and REC_LISTS with the number of items, for each instance in the BPF map "instances"
 * that its process still holds. Reading fdinfo takes ep->mtx, as epoll_ctl does. Returns 0 or a negative errno.
 */
int snapshot_fdinfo(int instances, record_fn fn, void *ctx);

#endif
