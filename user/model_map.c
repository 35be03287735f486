/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "model_map.h"

/* Keys are kernel addresses, whose low bits are all alike: mix well (the finalizer of murmur3). */
static u32 key_hash(u64 a, u64 b)
{
	u64 h = a ^ (b * 0x9e3779b97f4a7c15ULL);

	h ^= h >> 33;
	h *= 0xff51afd7ed558ccdULL;
	h ^= h >> 33;
	h *= 0xc4ceb9fe1a85ec53ULL;
	h ^= h >> 33;
	return (u32)h;
}

/* The slot of (a, b), or the free one where it belongs. The map is never full. */
static struct map_slot *slot_find(const struct map *m, u64 a, u64 b)
{
	u32 i = key_hash(a, b) & (m->cap - 1);

	while (m->slots[i].val && (m->slots[i].a != a || m->slots[i].b != b))
		i = (i + 1) & (m->cap - 1);
	return &m->slots[i];
}

s64 map_get(const struct map *m, u64 a, u64 b)
{
	return m->cap ? (s64)slot_find(m, a, b)->val - 1 : -1;
}

int map_reserve(struct map *m, u32 n)
{
	struct map old = *m;
	u32 cap = m->cap ? m->cap : 16;

	while (cap / 4 * 3 < n) {
		if (cap > UINT32_MAX / 2)
			return -ENOMEM;
		cap *= 2;
	}
	if (cap == m->cap)
		return 0;
	m->slots = calloc(cap, sizeof(*m->slots));
	if (!m->slots) {
		m->slots = old.slots;
		return -ENOMEM;
	}
	m->cap = cap;
	for (u32 i = 0; i < old.cap; i++)
		if (old.slots[i].val)
			*slot_find(m, old.slots[i].a, old.slots[i].b) = old.slots[i];
	free(old.slots);
	return 0;
}

int map_put(struct map *m, u64 a, u64 b, u32 val)
{
	struct map_slot *slot;

	if (map_reserve(m, m->used + 1))
		return -ENOMEM;
	slot = slot_find(m, a, b);
	if (!slot->val)
		m->used++;
	*slot = (struct map_slot){ .a = a, .b = b, .val = val + 1 };
	return 0;
}

void map_clear(struct map *m)
{
	if (m->used)
		memset(m->slots, 0, m->cap * sizeof(*m->slots));
	m->used = 0;
}

void map_free(struct map *m)
{
	free(m->slots);
	*m = (struct map){ 0 };
}
