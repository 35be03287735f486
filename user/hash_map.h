/* SPDX-License-Identifier: GPL-2.0 */
/* Reading a hash map of the BPF side whole, which costs by its size, or by keys that are known. */
#ifndef EPSCOPE_HASH_MAP_H
#define EPSCOPE_HASH_MAP_H

#include <stddef.h>
#include "../bpf/contract.h"

struct hash_map {
	int fd;
	size_t key_size, value_size;
};

/* Room for what one system call reads, of any map whose keys and values are no larger than these. */
struct hash_room {
	void *keys, *values;
};

/* Called for each entry, which it may delete. Not 0: stop. */
typedef int (*entry_fn)(void *ctx, const void *key, const void *value);

/* 0 or -ENOMEM. Free with hash_room_free() in either case. */
int hash_room_init(struct hash_room *room, size_t key_size, size_t value_size);
void hash_room_free(struct hash_room *room);

/* Visits every entry. Returns what fn returned, or a negative errno. */
int hash_map_each(struct hash_room *room, const struct hash_map *map, entry_fn fn, void *ctx);

/* The keys that a map had when it was read whole; begins as zeros. */
struct hash_keys {
	void *keys;
	u32 n;
	u64 entered;
	bool all; /* they are all it had */
};

void hash_keys_free(struct hash_keys *known);

/*
 * The same, but looks up the keys that are known one by one while there are few and none was entered
 * since. entered: how many entries the map ever got, as read before; counted after each was there.
 */
int hash_map_again(struct hash_room *room, const struct hash_map *map, struct hash_keys *known,
		   u64 entered, entry_fn fn, void *ctx);

#endif
