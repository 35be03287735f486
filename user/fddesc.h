/* SPDX-License-Identifier: GPL-2.0 */
/* What a descriptor of a process is, asked of /proc. */
#ifndef EPSCOPE_FDDESC_H
#define EPSCOPE_FDDESC_H

#include "netinfo.h"
#include "records.h"

/* All zero is a valid start. */
struct fddesc {
	const char *proc; /* folder where /proc is mounted; NULL: "/proc" */
	struct netinfo net;
};

enum fddesc_result {
	FDDESC_DONE,
	FDDESC_VAGUE, /* a socket without addresses yet: ask again after a while */
	FDDESC_GONE,  /* the number is closed, or is another file now; out says so */
	FDDESC_LATER, /* not known before the tables may be read again; out is not filled in */
};

/*
 * Describes descriptor fd of process tgid: tgid, fd, type and detail of out; id and file are left
 * alone. ino: the inode number that it must have, 0: any. since_ns, now_ns (CLOCK_MONOTONIC): when
 * the descriptor was seen, and now. Control bytes in names become '?', too long names lose their
 * beginning.
 */
enum fddesc_result fddesc_read(struct fddesc *f, u32 tgid, s32 fd, u64 ino, u64 since_ns,
			       u64 now_ns, struct rec_fd *out);
void fddesc_free(struct fddesc *f);

#endif
