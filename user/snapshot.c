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
#include "clock.h"
#include "log.h"
#include "snapshot.h"
#include "tree.h"

#define OWNERS_MAX 65536 /* bytes read per call: the kernel's seq_file hands out a page or more */
#define RETRIES    3

static size_t page_round(size_t n)
{
	size_t page = (size_t)getpagesize();

	return (n + page - 1) / page * page;
}

int snapshot_init(struct snapshot *sn, struct session *s)
{
	struct bpf_map *nodes = s->skel->maps.snap_nodes, *ready = s->skel->maps.snap_ready;

	memset(sn, 0, sizeof(*sn));
	sn->s = s;
	sn->nodes_max = bpf_map__max_entries(nodes);
	sn->nodes = mmap(NULL, page_round(sn->nodes_max * sizeof(*sn->nodes)), PROT_READ,
			 MAP_SHARED, bpf_map__fd(nodes), 0);
	sn->ready = mmap(NULL, page_round(SNAP_READY_MAX * sizeof(u64)), PROT_READ, MAP_SHARED,
			 bpf_map__fd(ready), 0);
	if (sn->nodes == MAP_FAILED || sn->ready == MAP_FAILED)
		return -errno;
	return 0;
}

void snapshot_free(struct snapshot *sn)
{
	if (!sn->s)
		return;
	if (sn->nodes && sn->nodes != MAP_FAILED)
		munmap(sn->nodes, page_round(sn->nodes_max * sizeof(*sn->nodes)));
	if (sn->ready && sn->ready != MAP_FAILED)
		munmap(sn->ready, page_round(SNAP_READY_MAX * sizeof(u64)));
	free(sn->tree);
	free(sn->index);
	free(sn->links);
	memset(sn, 0, sizeof(*sn));
}

/* Kernels from 6.1 on can visit one process alone (f0d74c4da1f0). */
static struct bpf_link *iter_link(struct session *s, u32 tgid)
{
	union bpf_iter_link_info info = { .task.pid = tgid };
	LIBBPF_OPTS(bpf_iter_attach_opts, opts, .link_info = &info, .link_info_len = sizeof(info));
	struct bpf_program *prog = s->skel->progs.snapshot_loop;
	struct bpf_link *link = NULL;

	if (bpf_program__fd(prog) < 0)
		prog = s->skel->progs.snapshot_short;
	if (tgid)
		link = bpf_program__attach_iter(prog, &opts);
	if (!link)
		link = bpf_program__attach_iter(prog, NULL);
	return link;
}

/* Runs the iterator once. owners: array of *n, malloc()ed, the caller's to free. */
static int iter_run(struct snapshot *sn, u32 tgid, struct snap_owner **owners, size_t *n)
{
	struct bpf_link *link = iter_link(sn->s, tgid);
	size_t used = 0, size = 0;
	char *buf = NULL, *more;
	ssize_t got = -1;
	int fd, err = 0;

	if (!link)
		return -errno;
	sn->s->skel->bss->snap.tgid = tgid;
	sn->s->skel->bss->snap.pass = ++sn->pass;
	sn->s->skel->bss->snap.used = 0;
	sn->s->skel->bss->snap.ready_used = 0;
	fd = bpf_iter_create(bpf_link__fd(link));
	while (fd >= 0) {
		if (size - used < OWNERS_MAX) {
			size = size * 2 + OWNERS_MAX;
			more = realloc(buf, size);
			if (!more) {
				err = -ENOMEM;
				break;
			}
			buf = more;
		}
		got = read(fd, buf + used, size - used);
		/* EAGAIN: a million files without one of ours, and the kernel takes a break */
		if (got < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (got <= 0)
			break;
		used += (size_t)got;
	}
	if (fd < 0 || got < 0)
		err = err ? err : -errno;
	if (fd >= 0)
		close(fd);
	bpf_link__destroy(link);
	*owners = (struct snap_owner *)buf;
	*n = used / sizeof(**owners);
	return err;
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

static int tree_append(struct snapshot *sn, const struct snap_owner *o)
{
	int ret;

	if (o->first > sn->nodes_max || o->items > sn->nodes_max - o->first)
		return -ERANGE;
	ret = tree_reserve(sn, sn->tree->items + o->items);
	if (ret)
		return ret;
	memcpy(tree_nodes(sn) + sn->tree->items, sn->nodes + o->first,
	       o->items * sizeof(struct snap_node));
	sn->tree->items += o->items;
	return 0;
}

/* Reads on where the buffer or the loop bound ended a tree. */
static int tree_resume(struct snapshot *sn, u32 tgid, u64 ep)
{
	struct snap_control *c = &sn->s->skel->bss->snap;
	bool more = true;
	int ret = 0;

	while (more && !ret) {
		struct snap_owner *owners = NULL;
		struct snap_node *last;
		size_t n = 0, i;

		last = &tree_nodes(sn)[sn->tree->items - 1];
		c->resume_file = last->file;
		c->resume_fd = last->fd;
		c->resume_ep = ep;
		ret = iter_run(sn, tgid, &owners, &n);
		more = false;
		for (i = 0; i < n && !ret; i++) {
			if (!(owners[i].flags & SNAP_WALKED))
				continue;
			ret = tree_append(sn, &owners[i]);
			sn->tree->flags |= owners[i].flags & SNAP_TORN;
			more = owners[i].flags & SNAP_MORE && owners[i].items;
		}
		free(owners);
	}
	c->resume_ep = 0;
	return ret;
}

static u32 *index_slot(struct snapshot *sn, u64 node)
{
	size_t mask = sn->index_size - 1, at = (node >> 6) * 0x9e3779b97f4a7c15ULL >> 32 & mask;
	while (sn->index[at] && tree_nodes(sn)[sn->index[at] - 1].node != node)
		at = (at + 1) & mask;
	return &sn->index[at];
}

static int index_build(struct snapshot *sn)
{
	size_t want = 64;
	u32 i;

	while (want < sn->tree->items * 2ULL)
		want *= 2;
	if (want > sn->index_size) {
		free(sn->index);
		sn->index = malloc(want * sizeof(u32));
		sn->index_size = sn->index ? want : 0;
		if (!sn->index)
			return -ENOMEM;
	}
	memset(sn->index, 0, sn->index_size * sizeof(u32));
	for (i = 0; i < sn->tree->items; i++)
		*index_slot(sn, tree_nodes(sn)[i].node) = i + 1;
	return 0;
}

/* Copies the order of rdllist into the nodes. first: where this instance begins in sn->ready. */
static int ready_positions(struct snapshot *sn, u32 first, u32 count)
{
	int ret = index_build(sn);
	u32 i, at;

	for (i = 0; !ret && i < count && first + i < SNAP_READY_MAX; i++) {
		at = *index_slot(sn, sn->ready[first + i]);
		if (at)
			tree_nodes(sn)[at - 1].ready = i + 1;
		else
			sn->tree->flags |= SNAP_TORN;
	}
	return ret;
}

/* More ready items than were listed: each node knows whether it is linked. */
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
	sn->tree->ready = n;
	sn->tree->flags &= ~SNAP_READY_CUT;
}

static int tree_build(struct snapshot *sn, const struct snap_owner *o, u32 ready_first)
{
	int ret = tree_reserve(sn, o->items + 1);

	if (ret)
		return ret;
	memset(sn->tree, 0, sizeof(*sn->tree));
	sn->tree->id = o->id;
	sn->tree->ts = o->ts;
	sn->tree->root = o->root;
	sn->tree->ready = o->ready;
	sn->tree->overflow = o->overflow;
	sn->tree->waiters = o->waiters;
	sn->tree->flags = o->flags;
	sn->tree->change = o->change;
	ret = tree_append(sn, o);
	if (!ret && o->flags & SNAP_MORE && o->items)
		ret = tree_resume(sn, o->tgid, o->ep);
	sn->tree->flags &= ~SNAP_MORE;
	if (!ret)
		ret = ready_positions(sn, ready_first, o->ready);
	/* During a scan the linked ones are on its own list. */
	if (!ret && !(o->flags & SNAP_SCANNING) &&
	    (o->flags & SNAP_READY_CUT || o->ready + ready_first > SNAP_READY_MAX))
		ready_recount(sn);
	return ret;
}

static int emit(record_fn fn, void *ctx, u32 type, const void *payload, size_t len)
{
	struct rec_hdr hdr = { .type = type, .len = (u32)len };

	return fn(ctx, &hdr, payload);
}

static int tree_emit(struct snapshot *sn, record_fn fn, void *ctx)
{
	return emit(fn, ctx, REC_TREE, sn->tree,
		    sizeof(*sn->tree) + sn->tree->items * sizeof(struct snap_node));
}

/* Whether what was read is one complete red-black tree. */
static bool tree_whole(struct snapshot *sn)
{
	struct m_tree shape;

	if (sn->tree->flags & SNAP_TORN)
		return false;
	if (sn->links_size < sn->tree->items) {
		free(sn->links);
		sn->links_size = sn->tree->items * 2;
		sn->links = malloc(sn->links_size * sizeof(*sn->links));
		if (!sn->links) {
			sn->links_size = 0;
			return false;
		}
	}
	if (tree_shape(tree_nodes(sn), sn->tree->items, sn->tree->root, sn->links, &shape))
		return false;
	return !shape.torn;
}

/* One instance again, since it changed under the walk. */
static int tree_retry(struct snapshot *sn, u32 tgid, u64 ep)
{
	struct snap_control *c = &sn->s->skel->bss->snap;
	struct snap_owner *owners = NULL;
	size_t n = 0, i;
	int ret;

	c->resume_ep = ep; /* this instance alone, from its first key */
	c->resume_file = 0;
	c->resume_fd = -1;
	ret = iter_run(sn, tgid, &owners, &n);
	c->resume_ep = 0;
	for (i = 0; i < n && !ret; i++)
		if (owners[i].flags & SNAP_WALKED)
			ret = tree_build(sn, &owners[i], 0);
	free(owners);
	return ret;
}

static int tree_settle(struct snapshot *sn, const struct snap_owner *o)
{
	int ret, i;

	for (i = 0; i < RETRIES; i++) {
		ret = tree_retry(sn, o->tgid, o->ep);
		if (ret || tree_whole(sn))
			return ret;
	}
	sn->tree->flags |= SNAP_TORN;
	return 0;
}

/* tree_resume() and tree_retry() overwrite the buffers: trees that need no more passes go first. */
static int trees_emit(struct snapshot *sn, struct snap_owner *owners, size_t n, record_fn fn,
		      void *ctx)
{
	u32 ready_first = 0;
	size_t i;
	int ret = 0;

	for (i = 0; i < n && !ret; i++) {
		if (!(owners[i].flags & SNAP_WALKED))
			continue;
		if (!(owners[i].flags & SNAP_MORE)) {
			ret = tree_build(sn, &owners[i], ready_first);
			if (!ret && tree_whole(sn)) {
				ret = tree_emit(sn, fn, ctx);
				owners[i].flags &= ~SNAP_WALKED;
			}
		}
		ready_first += owners[i].ready;
	}
	for (i = 0; i < n && !ret; i++) {
		if (!(owners[i].flags & SNAP_WALKED))
			continue;
		ret = tree_settle(sn, &owners[i]);
		if (!ret)
			ret = tree_emit(sn, fn, ctx);
	}
	return ret;
}

int snapshot_pass(struct snapshot *sn, u32 tgid, bool walk, record_fn fn, void *ctx)
{
	struct snap_owner *owners = NULL;
	u64 begin = clock_mono_ns();
	size_t n = 0, i;
	int ret;

	sn->s->skel->bss->snap.walk = walk;
	ret = iter_run(sn, tgid, &owners, &n);
	sn->owners = (u32)n;
	for (i = 0; i < n && !ret; i++)
		ret = emit(fn, ctx, REC_OWNER, &owners[i], sizeof(owners[i]));
	if (walk && !ret)
		ret = trees_emit(sn, owners, n, fn, ctx);
	free(owners);
	sn->pass_ns = clock_mono_ns() - begin;
	if (walk) {
		sn->cost_ns = sn->pass_ns;
		log_debug("snapshot took %llu ns", (unsigned long long)sn->cost_ns);
	}
	return ret;
}
