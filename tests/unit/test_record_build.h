/* SPDX-License-Identifier: GPL-2.0 */
/* Records written by hand, for unit tests and for the recordings of tests/replay. */
#ifndef TEST_RECORD_BUILD_H
#define TEST_RECORD_BUILD_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "records.h"

#define SEC 1000000000ULL

/* Where records go: the model, a recorder, a view. */
struct sink {
	record_fn fn;
	void *ctx;
	int err; /* first error */
};

static inline void put(struct sink *s, u32 type, const void *payload, size_t len)
{
	struct rec_hdr hdr = { .type = type, .len = (u32)len };

	if (!s->err)
		s->err = s->fn(s->ctx, &hdr, payload);
}

#define PUT(s, type, payload) put(s, type, &(payload), sizeof(payload))

static inline void put_meta(struct sink *s, u64 mono_ns)
{
	struct rec_meta meta = { .mono_ns = mono_ns,
				 .wall_ns = mono_ns + 1700000000 * SEC,
				 .ncpu = 4,
				 .interval_ms = 1000,
				 .release = "6.12.0-test",
				 .version = "1.0-test",
				 .command = "-p 1234" };

	PUT(s, REC_META, meta);
}

static inline void put_plan(struct sink *s, u32 hook, u32 tier)
{
	struct rec_plan plan = { .hook = hook, .tier = tier, .mechanism = "by hand" };

	PUT(s, REC_PLAN, plan);
}

static inline void put_plans(struct sink *s, u32 tier)
{
	for (u32 hook = 0; hook < HOOK_COUNT; hook++)
		put_plan(s, hook, tier);
}

/* Cost after k seconds; accounted: by the kernel, in the first two of them. */
static inline void put_cost(struct sink *s, u32 k, bool accounted)
{
	struct rec_cost cost = { .cpu_ns = 4000000ULL * k,
				 .bytes = 1500ULL * k,
				 .events = 7ULL * k };
	u64 windows = k > 2 ? 2 : k;

	if (accounted) {
		cost.accounted_ns = windows * 25000000;
		cost.bpf_ns = windows * 312500;
		cost.bpf_runs = windows * 1000;
	}
	PUT(s, REC_COST, cost);
}

static inline void put_tick(struct sink *s, u64 ts)
{
	struct rec_tick tick = { .ts = ts };

	PUT(s, REC_TICK, tick);
}

static inline void put_owner(struct sink *s, u64 id, u32 tgid, s32 fd, const char *comm)
{
	struct snap_owner o = {
		.id = id, .ep = 0xffff888000000000ULL + id, .tgid = tgid, .fd = fd
	};

	snprintf(o.comm, sizeof(o.comm), "%s", comm);
	PUT(s, REC_OWNER, o);
}

/* The key of the i-th item in the order of the tree. */
static inline struct item_key build_key(u64 id, u32 i)
{
	return (struct item_key){ .id = id,
				  .file = 0xffff888100000000ULL + i * 256,
				  .fd = (s32)i + 6 };
}

static inline u64 build_addr(u32 i)
{
	return 0xffff888200000000ULL + i * 128;
}

/*
 * Links nodes [lo, hi) as a balanced subtree at that depth and returns the address of its root.
 * Red are the nodes of the lowest level, which alone may be incomplete.
 */
static inline u64 build_subtree(struct snap_node *nodes, u32 lo, u32 hi, u32 depth, u32 last)
{
	u32 mid = lo + (hi - lo) / 2;
	struct snap_node *node = &nodes[mid];

	if (lo >= hi)
		return 0;
	node->node = build_addr(mid);
	node->left = build_subtree(nodes, lo, mid, depth + 1, last);
	node->right = build_subtree(nodes, mid + 1, hi, depth + 1, last);
	if (node->left)
		nodes[lo + (mid - lo) / 2].parent_color |= node->node;
	if (node->right)
		nodes[mid + 1 + (hi - mid - 1) / 2].parent_color |= node->node;
	node->parent_color |= depth != last || depth == 1; /* bit 0: black */
	return node->node;
}

/* A correct red-black tree of n zeroed nodes; returns the address of the root. */
static inline u64 build_tree(struct snap_node *nodes, u32 n)
{
	u32 last = 0;

	while ((2ULL << last) <= n)
		last++;
	for (u32 i = 0; i < n; i++) {
		struct item_key key = build_key(1, i);

		nodes[i].file = key.file;
		nodes[i].fd = key.fd;
		nodes[i].data = (u64)key.fd;
		nodes[i].events = 0x80000019; /* IN|ERR|HUP|ET */
	}
	return build_subtree(nodes, 0, n, 1, last + 1);
}

/* REC_TREE with its nodes; rec->items says how many. */
static inline void put_tree(struct sink *s, const struct snap_tree *rec,
			    const struct snap_node *nodes)
{
	size_t len = sizeof(*rec) + rec->items * sizeof(*nodes);
	char *payload = malloc(len);

	if (!payload)
		abort();
	memcpy(payload, rec, sizeof(*rec));
	if (rec->items)
		memcpy(payload + sizeof(*rec), nodes, rec->items * sizeof(*nodes));
	put(s, REC_TREE, payload, len);
	free(payload);
}

#endif
