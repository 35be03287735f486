/* SPDX-License-Identifier: GPL-2.0 */
/* Runs the iterator and turns what it wrote into records. */
#ifndef EPSCOPE_SNAPSHOT_H
#define EPSCOPE_SNAPSHOT_H

#include "records.h"
#include "session.h"
#include "tree.h"

struct snapshot {
	struct session *s;
	struct snap_node *nodes; /* the BPF side's buffer, mapped */
	u64 *ready;              /* rb_node addresses in rdllist order, mapped */
	u32 nodes_max;
	struct rec_tree *tree; /* record under construction: header and nodes, grows */
	size_t tree_size;
	u32 *index; /* node address -> position + 1, open addressing; for ready positions */
	size_t index_size;
	struct tree_link *links; /* scratch of the check */
	u32 links_size;
	u32 pass;
	u64 cost_ns; /* of the last pass with trees */
	u64 pass_ns; /* of the last pass of any kind */
	u32 owners;  /* descriptors that the last pass found */
};

/* Maps the buffers. Returns 0 or a negative errno. */
int snapshot_init(struct snapshot *sn, struct session *s);
void snapshot_free(struct snapshot *sn);
/*
 * One pass over the descriptors of tgid (0: of all targets): emits REC_OWNER for each and, with
 * walk, REC_TREE once per instance; without, its counts alone come with REC_OWNER. A tree that
 * changed while it was read is read again, and after RETRIES tries marked SNAP_TORN.
 * Returns 0 or a negative errno.
 */
int snapshot_pass(struct snapshot *sn, u32 tgid, bool walk, record_fn fn, void *ctx);

#endif
