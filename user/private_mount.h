/* SPDX-License-Identifier: GPL-2.0 */
/* Files of a kernel file system that is not mounted here: a mount that nobody else sees. */
#ifndef EPSCOPE_PRIVATE_MOUNT_H
#define EPSCOPE_PRIVATE_MOUNT_H

#include <stddef.h>

/*
 * Runs fill(ctx, buf) in a child process that has mounted fstype at path in a mount namespace of its
 * own, and hands over the len bytes of buf. The mount ends with the child. Returns 0 or a negative
 * errno; buf is then undefined.
 */
int private_mount_read(const char *fstype, const char *path, void (*fill)(void *ctx, void *buf),
		       void *ctx, void *buf, size_t len);

#endif
