/* SPDX-License-Identifier: GPL-2.0 */
/* What a descriptor of a process is, asked of the kernel's memory, or of /proc. */
#ifndef EPSCOPE_FDDESC_H
#define EPSCOPE_FDDESC_H

#include "netinfo.h"
#include "records.h"

/* An item of an instance. */
struct fddesc_item {
	u64 ep; /* address of the instance */
	struct item_key key;
	u64 ino; /* inode number that its file must have, 0: any */
};

/* All zero is a valid start. */
struct fddesc {
	const char *proc; /* folder where /proc is mounted; NULL: "/proc" */
	/*
	 * Tells what the item's file is, as asks_file(). NULL, or a negative errno: /proc is asked,
	 * which takes a reference to the file while it answers. If its process closes it just then,
	 * the item stays in its tree until the answer has come.
	 */
	int (*ask)(void *ctx, u32 tgid, const struct fddesc_item *item, struct file_facts *out);
	void *ask_ctx;
	struct netinfo net;
};

enum fddesc_result {
	FDDESC_DONE,
	FDDESC_VAGUE, /* a socket without addresses yet: ask again after a while */
	FDDESC_GONE,  /* the number is closed, or is another file now; out says so */
	FDDESC_LATER, /* the item moves, or tables are too old and may not be read yet; no answer in out */
};

/*
 * Describes descriptor item->key.fd of process tgid: tgid, fd, type and detail of out; id and file are
 * left alone. since_ns, now_ns (CLOCK_MONOTONIC): when the descriptor was seen, and now. Control bytes in names become '?', too long names lose their
 * beginning.
 */
enum fddesc_result fddesc_read(struct fddesc *f, u32 tgid, const struct fddesc_item *item,
			       u64 since_ns, u64 now_ns, struct rec_fd *out);
void fddesc_free(struct fddesc *f);

#endif
