/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hash map from a key of two 64-bit words to a 32-bit index, open addressing. Entries are never
 * removed one by one: whoever compacts its array clears the map and puts the rest again.
 */
#ifndef EPSCOPE_MODEL_MAP_H
#define EPSCOPE_MODEL_MAP_H

#include "contract.h"

struct map_slot {
	u64 a, b;
	u32 val; /* index + 1, 0: free */
};

struct map {
	struct map_slot *slots;
	u32 cap; /* power of two, 0: nothing allocated */
	u32 used;
};

/* Index stored under (a, b), or -1. */
s64 map_get(const struct map *m, u64 a, u64 b);
/* Stores val (below UINT32_MAX) under (a, b), replacing what was there. Returns 0 or -ENOMEM. */
int map_put(struct map *m, u64 a, u64 b, u32 val);
/* Makes room for n entries, so that as many map_put() cannot fail. Returns 0 or -ENOMEM. */
int map_reserve(struct map *m, u32 n);
void map_clear(struct map *m);
void map_free(struct map *m);

#endif
