/* SPDX-License-Identifier: GPL-2.0 */
/* What the descriptors of items are: asked of /proc once per item, emitted as REC_FD. */
#ifndef EPSCOPE_DESCS_H
#define EPSCOPE_DESCS_H

#include "procinfo.h"
#include "records.h"

struct descs_owner {
	u64 id;
	u32 tgid;
};

struct descs {
	struct procinfo *proc; /* made on first use */
	struct item_key *known; /* hash set of items already described */
	u32 nknown, size;
	struct descs_owner *owners; /* a process that holds each instance, newest last */
	u32 nowners, owners_size;
};

void descs_owner(struct descs *d, const struct snap_owner *o);
/* Emits REC_FD for items of this tree that were not described yet, at most a few hundred a call. */
int descs_emit(struct descs *d, const struct rec_tree *tree, record_fn fn, void *ctx);
void descs_free(struct descs *d);

#endif
