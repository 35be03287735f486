/* SPDX-License-Identifier: GPL-2.0 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include "asks.h"
#include "clock.h"
#include "log.h"
#include "snapshot.h"
#include "tree.h"

#define RETRIES 3

static size_t page_round(size_t n)
{
	size_t page = (size_t)getpagesize();

	return (n + page - 1) / page * page;
}

int snapshot_init(struct snapshot *sn, struct session *s)
{
	struct bpf_map *slots = s->skel->maps.snap_slots, *ready = s->skel->maps.snap_ready;

	memset(sn, 0, sizeof(*sn));
	sn->s = s;
	sn->ctl = (struct snap_control *)&s->skel->bss->snap;
	sn->slots_max = bpf_map__max_entries(slots);
	sn->slots = mmap(NULL, page_round(sn->slots_max * sizeof(*sn->slots)),
			 PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(slots), 0);
	sn->ready = mmap(NULL, page_round(SNAP_READY_MAX * sizeof(u64)), PROT_READ, MAP_SHARED,
			 bpf_map__fd(ready), 0);
	if (sn->slots == MAP_FAILED || sn->ready == MAP_FAILED)
		return -errno;
	return 0;
}

void snapshot_free(struct snapshot *sn)
{
	if (!sn->s)
		return;
	if (sn->slots && sn->slots != MAP_FAILED)
		munmap(sn->slots, page_round(sn->slots_max * sizeof(*sn->slots)));
	if (sn->ready && sn->ready != MAP_FAILED)
		munmap(sn->ready, page_round(SNAP_READY_MAX * sizeof(u64)));
	free(sn->tree);
	tree_space_free(&sn->space);
	memset(sn, 0, sizeof(*sn));
}

static int emit(record_fn fn, void *ctx, u32 type, const void *payload, size_t len)
{
	struct rec_hdr hdr = { .type = type, .len = (u32)len };

	return fn(ctx, &hdr, payload);
}

/* Of two programs the one that this kernel takes: with bpf_loop(), else without. */
static struct bpf_program *loaded(struct bpf_program *loop, struct bpf_program *brief)
{
	return bpf_program__fd(loop) >= 0 ? loop : brief;
}

/* tgid: visit that process alone, which kernels from 6.1 on can (f0d74c4da1f0); NULL on others. */
static struct bpf_link *iter_link(struct session *s, u32 tgid)
{
	union bpf_iter_link_info info = { .task.pid = tgid };
	LIBBPF_OPTS(bpf_iter_attach_opts, opts, .link_info = &info, .link_info_len = sizeof(info));

	return bpf_program__attach_iter(
		loaded(s->skel->progs.discover_loop, s->skel->progs.discover_short),
		tgid ? &opts : NULL);
}

/* Runs the iterator once: what it finds is in the slots. It writes nothing. */
static int iter_run(struct bpf_link *link)
{
	char none;
	ssize_t got = -1;
	int fd = bpf_iter_create(bpf_link__fd(link)), err;

	if (fd < 0)
		return -errno;
	do /* EAGAIN: after a million tasks the kernel takes a break */
		got = read(fd, &none, sizeof(none));
	while (got < 0 && (errno == EINTR || errno == EAGAIN));
	err = got < 0 ? -errno : 0;
	close(fd);
	return err;
}

int snapshot_discover(struct snapshot *sn, u32 tgid, record_fn fn, void *ctx)
{
	struct bpf_link *link = tgid ? iter_link(sn->s, tgid) : NULL;
	int ret = 0;

	if (!link)
		link = iter_link(sn->s, 0);
	if (!link)
		return -errno;
	sn->ctl->pass++;
	sn->ctl->tgid = tgid;
	sn->ctl->tid = sn->ctl->fd = 0;
	do {
		sn->ctl->owners = sn->ctl->more = 0;
		ret = iter_run(link);
		for (u32 i = 0; i < sn->ctl->owners && !ret; i++)
			ret = emit(fn, ctx, REC_OWNER, &sn->slots[i].owner,
				   sizeof(sn->slots[i].owner));
	} while (sn->ctl->more && !ret);
	bpf_link__destroy(link);
	return ret;
}

static int tree_reserve(struct snapshot *sn, size_t nodes)
{
	size_t need = sizeof(*sn->tree) + nodes * sizeof(struct snap_node);
	void *more;

	if (need <= sn->tree_size)
		return 0;
	need += need / 2;
	more = realloc(sn->tree, need);
	if (!more)
		return -ENOMEM;
	sn->tree = more;
	sn->tree_size = need;
	return 0;
}

static struct snap_node *tree_nodes(struct snapshot *sn)
{
	return (struct snap_node *)(sn->tree + 1);
}

static int tree_append(struct snapshot *sn)
{
	u32 n = sn->ctl->tree.items;
	int ret = n > sn->slots_max ? -ERANGE : tree_reserve(sn, sn->tree->items + n);

	for (u32 i = 0; i < n && !ret; i++)
		tree_nodes(sn)[sn->tree->items + i] = sn->slots[i].node;
	if (!ret)
		sn->tree->items += n;
	return ret;
}

/* Has the program read the instance at sn->ctl->ep; its answer is in sn->ctl. */
static int instance_ask(struct snapshot *sn, bool again, const struct snap_node *after)
{
	struct epscope_bpf *skel = sn->s->skel;
	struct bpf_program *prog = loaded(skel->progs.snapshot_loop, skel->progs.snapshot_short);

	sn->ctl->again = again;
	sn->ctl->after_file = after ? after->file : 0;
	sn->ctl->after_fd = after ? after->fd : -1;
	return asks_run(bpf_program__fd(prog));
}

/* Reads on where the buffer or the loop bound ended a tree. The lists are those of the last step. */
static int tree_resume(struct snapshot *sn)
{
	const struct snap_tree *step = &sn->ctl->tree;
	int ret = 0;

	while (step->flags & SNAP_MORE && step->items && !ret) {
		ret = instance_ask(sn, true, &tree_nodes(sn)[sn->tree->items - 1]);
		if (ret || !sn->ctl->read)
			return ret;
		sn->tree->ready = step->ready;
		sn->tree->overflow = step->overflow;
		sn->tree->waiters = step->waiters;
		sn->tree->flags = (sn->tree->flags & ~SNAP_MORE) | step->flags;
		ret = tree_append(sn);
	}
	return ret;
}

/* Not the list of one moment after all: no item has a place on it. */
static void ready_unknown(struct snapshot *sn)
{
	sn->tree->flags |= SNAP_READY_TORN;
	for (u32 i = 0; i < sn->tree->items; i++)
		tree_nodes(sn)[i].ready = 0;
}

/* Copies the order of rdllist into the nodes, by the index that the check has made of them. */
static void ready_positions(struct snapshot *sn)
{
	u32 i, listed = sn->ctl->ready_used;
	s32 at;

	for (i = 0; i < listed; i++) {
		at = node_index_find(&sn->space.index, sn->ready[i]);
		if (at < 0) {
			sn->tree->flags |= SNAP_TORN;
			continue;
		}
		if (tree_nodes(sn)[at].ready) { /* twice on it */
			ready_unknown(sn);
			return;
		}
		tree_nodes(sn)[at].ready = i + 1;
	}
}

/* Whether more items are ready than were listed: each node knows whether it is linked. */
static bool ready_is_long(const struct snapshot *sn)
{
	return !(sn->tree->flags & (SNAP_SCANNING | SNAP_READY_TORN)) &&
	       (sn->tree->flags & SNAP_READY_CUT || sn->tree->ready > sn->ctl->ready_used);
}

static void ready_recount(struct snapshot *sn)
{
	u32 i, n = 0;

	for (i = 0; i < sn->tree->items; i++) {
		if (!tree_nodes(sn)[i].linked)
			continue;
		n++;
		if (!tree_nodes(sn)[i].ready)
			tree_nodes(sn)[i].ready = READY_POS_UNKNOWN;
	}
	if (!(sn->tree->flags & SNAP_READY_CUT) && n != sn->tree->ready)
		ready_unknown(sn);
	sn->tree->ready = n;
	sn->tree->flags &= ~SNAP_READY_CUT;
}

/* The record of what was just read, and of what is left of it. */
static int tree_build(struct snapshot *sn)
{
	int ret = tree_reserve(sn, sn->ctl->tree.items + 1);

	if (ret)
		return ret;
	*sn->tree = sn->ctl->tree;
	sn->tree->items = 0;
	ret = tree_append(sn);
	return ret ? ret : tree_resume(sn);
}

/* How the ready list orders the nodes. During a scan the linked ones are on its own list. */
static void ready_mark(struct snapshot *sn)
{
	if (sn->tree->flags & SNAP_READY_TORN)
		return;
	ready_positions(sn);
	if (ready_is_long(sn))
		ready_recount(sn);
}

/*
 * Marks what was read as torn unless it is one complete red-black tree, and all that is ready belongs
 * to it. last: to be shown in any case, else what is torn is read again.
 */
static int tree_check(struct snapshot *sn, bool last)
{
	struct m_tree shape;
	int ret;

	if (sn->tree->flags & (SNAP_TORN | SNAP_MOVED) && !last)
		return 0;
	ret = tree_shape(&sn->space, tree_nodes(sn), sn->tree->items, sn->tree->root, &shape);
	if (ret)
		return ret;
	ready_mark(sn);
	if (shape.torn)
		sn->tree->flags |= SNAP_TORN;
	return 0;
}

/* Looks at all nodes again, some at a time as they fit into the slots. */
static int tree_verify(struct snapshot *sn)
{
	struct epscope_bpf *skel = sn->s->skel;
	int prog = bpf_program__fd(loaded(skel->progs.verify_loop, skel->progs.verify_short));
	struct snap_control *ctl = sn->ctl;
	u32 done = 0, i;
	int ret;

	ctl->verify_linked = ready_is_long(sn);
	do {
		ctl->verify = sn->tree->items - done;
		if (ctl->verify > sn->slots_max)
			ctl->verify = sn->slots_max;
		for (i = 0; i < ctl->verify; i++)
			sn->slots[i].node = tree_nodes(sn)[done + i];
		ctl->verified = 0;
		do
			ret = asks_run(prog);
		while (!ret && !(ctl->tree.flags & SNAP_MOVED) && ctl->verified < ctl->verify);
		done += ctl->verify;
	} while (!ret && !(ctl->tree.flags & SNAP_MOVED) && done < sn->tree->items);
	sn->tree->flags |= ctl->tree.flags & (SNAP_MOVED | SNAP_READY_TORN);
	return ret;
}

/* The tree that was just read, or if it changed meanwhile the same anew. */
static int tree_settle(struct snapshot *sn)
{
	int tries = 0, ret;

	for (;;) {
		ret = tree_build(sn);
		if (!ret && sn->ctl->read)
			ret = tree_verify(sn);
		if (!ret && sn->ctl->read)
			ret = tree_check(sn, tries == RETRIES);
		if (ret || !sn->ctl->read || !(sn->tree->flags & (SNAP_TORN | SNAP_MOVED)) ||
		    tries++ == RETRIES)
			return ret;
		sn->ctl->retry = 1;
		ret = instance_ask(sn, true, NULL);
		if (ret || !sn->ctl->read)
			return ret;
	}
}

static int instance_emit(struct snapshot *sn, u64 ep, u64 walk, record_fn fn, void *ctx)
{
	u64 begin = clock_mono_ns();
	int ret;

	sn->ctl->ep = ep;
	sn->ctl->walk = walk;
	sn->ctl->seed_id = 0;
	ret = instance_ask(sn, false, NULL);
	if (ret || !sn->ctl->read)
		return ret;
	if (!(sn->ctl->tree.flags & SNAP_WALKED))
		return emit(fn, ctx, REC_LISTS, &sn->ctl->tree, sizeof(sn->ctl->tree));
	ret = tree_settle(sn);
	sn->ctl->retry = 0; /* seeding may come by a call, too */
	if (!ret && sn->ctl->read)
		ret = emit(fn, ctx, REC_TREE, sn->tree,
			   sizeof(*sn->tree) + sn->tree->items * sizeof(struct snap_node));
	if (walk == WALK_ALL || walk == sn->ctl->tree.id) /* else read for its counting to begin */
		sn->walks_ns += clock_mono_ns() - begin;
	return ret;
}

int snapshot_instances(struct snapshot *sn, u64 walk, record_fn fn, void *ctx)
{
	struct bpf_map *map = sn->s->skel->maps.instances;
	u64 begin = clock_mono_ns(), key, next;
	/* If an entry goes while we stand at it, the kernel begins anew. */
	u32 steps = bpf_map__max_entries(map) * 2;
	bool more = !bpf_map_get_next_key(bpf_map__fd(map), NULL, &next);
	int ret = 0;

	sn->ctl->pass++;
	sn->walks_ns = 0;
	while (more && steps-- && !ret) {
		key = next;
		ret = instance_emit(sn, key, walk, fn, ctx);
		more = !bpf_map_get_next_key(bpf_map__fd(map), &key, &next);
	}
	if (walk == WALK_ALL)
		log_debug("snapshot took %llu ns", (unsigned long long)(clock_mono_ns() - begin));
	return ret;
}
