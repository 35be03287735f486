/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What short lives leave in maps of limited size is taken out before it fills them, also where
 * samples are an hour apart.
 */
#ifndef EPSCOPE_TEND_H
#define EPSCOPE_TEND_H

#include <stddef.h>
#include "live_maps.h"

struct tend {
	u64 next_ns; /* when tend() is due */
	u64 next_age, next_ended;
	u64 paired; /* pairs that had ever been entered at the last sample ... */
	u32 pairs;  /* ... and how many it found */
};

/* Between samples: the dead, and pairs of threads that have ended. Returns 0 or a negative errno. */
int tend(struct tend *t, struct live_maps *lm, u64 now, record_fn fn, void *ctx);
/* Threads and wakers of a sample. */
int tend_threads(struct tend *t, struct live_maps *lm, u64 now, record_fn fn, void *ctx);

#endif
