/* SPDX-License-Identifier: GPL-2.0 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "hash_map.h"
#include "undisturbed.h"

#define BATCH 512 /* entries per call */
/* A lookup costs a system call, reading the map whole about as much per 50 of its buckets. */
#define KNOWN_MAX 128

int hash_room_init(struct hash_room *room, size_t key_size, size_t value_size)
{
	room->keys = malloc(BATCH * key_size);
	room->values = malloc(BATCH * value_size);
	return room->keys && room->values ? 0 : -ENOMEM;
}

void hash_room_free(struct hash_room *room)
{
	free(room->keys);
	free(room->values);
	room->keys = room->values = NULL;
}

void hash_keys_free(struct hash_keys *known)
{
	free(known->keys);
	*known = (struct hash_keys){ 0 };
}

int hash_map_each(struct hash_room *room, const struct hash_map *map, entry_fn fn, void *ctx)
{
	u32 cursor, next, n, i;
	bool first = true;
	int err, ret = 0;

	do {
		n = BATCH;
		undisturbed_begin();
		err = bpf_map_lookup_batch(map->fd, first ? NULL : &cursor, &next, room->keys,
					   room->values, &n, NULL);
		if (err && err != -ENOENT)
			n = 0;
		for (i = 0; i < n && !ret; i++)
			ret = fn(ctx, (char *)room->keys + i * map->key_size,
				 (char *)room->values + i * map->value_size);
		undisturbed_end(); /* here, since fn may delete or look up, too */
		if (err && err != -ENOENT)
			return err == -ENOSPC ? -ENOMEM : err;
		cursor = next;
		first = false;
	} while (!err && !ret);
	return ret;
}

/* Passes entries on, and keeps their keys. */
struct keeper {
	struct hash_keys *known;
	size_t key_size;
	entry_fn fn;
	void *ctx;
};

static int keep(void *ctx, const void *key, const void *value)
{
	struct keeper *k = ctx;
	struct hash_keys *known = k->known;

	if (!known->keys)
		known->keys = malloc(KNOWN_MAX * k->key_size);
	if (!known->keys || known->n == KNOWN_MAX)
		known->all = false;
	else
		memcpy((char *)known->keys + known->n++ * k->key_size, key, k->key_size);
	return k->fn(k->ctx, key, value);
}

static int known_each(struct hash_room *room, const struct hash_map *map,
		      const struct hash_keys *known, entry_fn fn, void *ctx)
{
	const char *key = known->keys;
	int ret = 0;
	u32 i;

	undisturbed_begin();
	for (i = 0; i < known->n && !ret; i++, key += map->key_size)
		if (!bpf_map_lookup_elem(map->fd, key, room->values))
			ret = fn(ctx, key, room->values);
	undisturbed_end();
	return ret;
}

int hash_map_again(struct hash_room *room, const struct hash_map *map, struct hash_keys *known,
		   u64 entered, entry_fn fn, void *ctx)
{
	struct keeper k = { .known = known, .key_size = map->key_size, .fn = fn, .ctx = ctx };
	int ret;

	if (known->all && known->entered == entered)
		return known_each(room, map, known, fn, ctx);
	known->n = 0;
	known->all = true;
	known->entered = entered;
	ret = hash_map_each(room, map, keep, &k);
	known->all = known->all && !ret;
	return ret;
}
