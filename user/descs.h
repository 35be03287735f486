/* SPDX-License-Identifier: GPL-2.0 */
/* What the descriptors of items are: asked once per item, emitted as REC_FD. */
#ifndef EPSCOPE_DESCS_H
#define EPSCOPE_DESCS_H

#include <stdbool.h>
#include "fddesc.h"
#include "model_map.h"
#include "records.h"

#define DESCS_PER_CALL 400 /* descriptors that one descs_emit() asks for */
#define DESCS_OWNERS   8   /* processes of an instance whose descriptors are tried */

/* An item that was described. */
struct descs_item {
	u64 file;
	u64 ino;      /* another one: the kernel reused the address for a new file */
	u64 retry_ns; /* when to ask again, 0: never */
	s32 fd;
	u32 retry_s; /* seconds waited for that */
};

struct descs_instance {
	u64 id;
	u64 ep;                   /* address of its struct eventpoll */
	u64 seen_ns;              /* last descs_owner() or descs_emit() */
	u32 tgids[DESCS_OWNERS];  /* named last comes first; 0: none */
	struct descs_item *items; /* those of the last tree that are described */
	u32 n;
	struct map index; /* (file, fd) -> items */
};

/* All zero is a valid start. */
struct descs {
	struct fddesc fddesc;
	struct descs_instance *list;
	u32 n, size;
	struct map by_id; /* (id, 0) -> list */
	u64 called_ns;    /* last descs_owner() ... */
	u64 gap_ns;       /* ... and how far apart they come */
	u64 sweep_ns;     /* when to look for instances that are gone */
	u64 (*now)(void); /* CLOCK_MONOTONIC, ns; NULL: the real one. For tests */
};

/* Process o->tgid has a descriptor of instance o->id. Instances not named any more are forgotten. */
void descs_owner(struct descs *d, const struct snap_owner *o);
/* Whether a process of that instance was named, and it is not forgotten. */
bool descs_known(const struct descs *d, u64 id);
/*
 * Emits a REC_FD for each item of this tree that was not described yet, at most DESCS_PER_CALL, and
 * forgets the items that are not in the tree. Returns 0, -ENOMEM, or the error of fn.
 */
int descs_emit(struct descs *d, const struct snap_tree *tree, record_fn fn, void *ctx);
void descs_free(struct descs *d);

#endif
