/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "sweep.h"

void sweep_begin(struct sweep *sw)
{
	sw->nkeys = 0;
	sw->ntrees = 0;
	map_clear(&sw->by_id);
	if (sw->keys)
		memset(sw->keys, 0, sw->size * sizeof(*sw->keys));
}

void sweep_free(struct sweep *sw)
{
	free(sw->keys);
	free(sw->trees);
	map_free(&sw->by_id);
	memset(sw, 0, sizeof(*sw));
}

static u32 slot_of(const struct sweep *sw, u64 id, u64 file, s32 fd)
{
	u64 h = (id ^ file * 0x9e3779b97f4a7c15ULL ^ (u64)(u32)fd << 7) * 0xff51afd7ed558ccdULL;
	u32 at = (u32)(h >> 32) & (sw->size - 1);

	while (sw->keys[at].file &&
	       (sw->keys[at].id != id || sw->keys[at].file != file || sw->keys[at].fd != fd))
		at = (at + 1) & (sw->size - 1);
	return at;
}

static int keys_grow(struct sweep *sw, u32 more)
{
	struct sweep bigger = { .size = sw->size ? sw->size : 256 };
	u32 i;

	while (bigger.size < (sw->nkeys + more) * 2)
		bigger.size *= 2;
	if (bigger.size == sw->size)
		return 0;
	bigger.keys = calloc(bigger.size, sizeof(*bigger.keys));
	if (!bigger.keys)
		return -ENOMEM;
	for (i = 0; i < sw->size; i++)
		if (sw->keys[i].file)
			bigger.keys[slot_of(&bigger, sw->keys[i].id, sw->keys[i].file,
					    sw->keys[i].fd)] = sw->keys[i];
	free(sw->keys);
	sw->keys = bigger.keys;
	sw->size = bigger.size;
	return 0;
}

int sweep_tree(struct sweep *sw, const struct snap_tree *tree)
{
	const struct snap_node *n = (const struct snap_node *)(tree + 1);
	void *more;
	u32 i, at;

	if (sw->ntrees == sw->trees_size) {
		more = realloc(sw->trees, (sw->trees_size * 2 + 16) * sizeof(*sw->trees));
		if (!more)
			return -ENOMEM;
		sw->trees = more;
		sw->trees_size = sw->trees_size * 2 + 16;
	}
	if (keys_grow(sw, tree->items) || map_put(&sw->by_id, tree->id, 0, sw->ntrees))
		return -ENOMEM;
	sw->trees[sw->ntrees++] = tree->ts;
	for (i = 0; i < tree->items; i++) {
		at = slot_of(sw, tree->id, n[i].file, n[i].fd);
		sw->nkeys += !sw->keys[at].file;
		sw->keys[at] =
			(struct item_key){ .id = tree->id, .file = n[i].file, .fd = n[i].fd };
	}
	return 0;
}

bool sweep_gone(const struct sweep *sw, const struct item_key *key, const struct item_stats *st)
{
	s64 i = map_get(&sw->by_id, key->id, 0);

	if (i < 0 || !key->file || st->added_ns >= sw->trees[i] || st->last_cb_ns >= sw->trees[i])
		return false;
	return !sw->size || !sw->keys[slot_of(sw, key->id, key->file, key->fd)].file;
}
