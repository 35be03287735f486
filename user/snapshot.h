/* SPDX-License-Identifier: GPL-2.0 */
/* Has the BPF side read the kernel's own structures, and turns what it read into records. */
#ifndef EPSCOPE_SNAPSHOT_H
#define EPSCOPE_SNAPSHOT_H

#include "records.h"
#include "session.h"
#include "tree.h"

struct snapshot {
	struct session *s;
	struct snap_control *ctl; /* question and answer, in the BPF side's memory */
	union snap_slot *slots;   /* the BPF side's buffer, mapped */
	u64 *ready;               /* rb_node addresses in rdllist order, mapped */
	u32 slots_max;
	struct snap_tree *tree; /* record under construction: header and nodes, grows */
	size_t tree_size;
	struct tree_space space; /* of the check */
	u64 walks_ns;            /* that the last pass took for trees */
};

/* Maps the buffers. Returns 0 or a negative errno. */
int snapshot_init(struct snapshot *sn, struct session *s);
void snapshot_free(struct snapshot *sn);
/*
 * Looks through the descriptors of tgid (0: of all tasks): emits REC_OWNER for each that is an
 * instance of a target, or one that is known; unknown ones are entered into map "instances".
 * Returns 0 or a negative errno.
 */
int snapshot_discover(struct snapshot *sn, u32 tgid, record_fn fn, void *ctx);
/*
 * Every instance of that map as it is now: emits REC_LISTS for each or, if walk means it (an id or
 * WALK_ALL; 0: none) and where it was not read before, REC_TREE. A tree that changed while it was read is
 * read again, and after RETRIES tries marked SNAP_TORN or SNAP_MOVED; a list that was never twice the same
 * is marked SNAP_READY_TORN or SNAP_WAITERS_TORN. Returns 0 or a negative errno.
 */
int snapshot_instances(struct snapshot *sn, u64 walk, record_fn fn, void *ctx);

#endif
