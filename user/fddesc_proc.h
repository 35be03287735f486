/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What /proc tells of a descriptor, in the form in which the kernel's memory tells it. The kernel holds
 * the file while it answers, for the whole of fdinfo's text: only where memory does not tell.
 */
#ifndef EPSCOPE_FDDESC_PROC_H
#define EPSCOPE_FDDESC_PROC_H

#include <limits.h>
#include <stdbool.h>
#include "contract.h"

#define ANON "anon_inode:" /* how links of anonymous inodes begin */

/* A descriptor that is being described. */
struct fddesc_query {
	char path[512];          /* of its link */
	char link[PATH_MAX + 1]; /* what ls(1) shows */
	struct file_facts facts; /* ino, mode, magic, name: 0 and empty where not known */
};

/* The link alone: held for a moment inside proc_fd_link(). Returns false if there is none. */
bool fddesc_proc_link(struct fddesc_query *q);
/* Link and facts, but for magic and name. proc: folder where /proc is mounted. The same. */
bool fddesc_proc_read(struct fddesc_query *q, const char *proc, u32 tgid, s32 fd);
/* The name of a socket's protocol, into facts.name. */
void fddesc_proc_protocol(struct fddesc_query *q);

#endif
