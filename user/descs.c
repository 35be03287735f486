/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "clock.h"
#include "descs.h"

#define SECOND      1000000000ULL
#define SWEEP_NS    (10 * SECOND)
#define RETRY_S_MAX 64

static u64 now_ns(const struct descs *d)
{
	return d->now ? d->now() : clock_mono_ns();
}

/* ---- instances ---- */

static void instance_free(struct descs_instance *in)
{
	map_free(&in->index);
	free(in->items);
}

static struct descs_instance *instance_get(const struct descs *d, u64 id)
{
	s64 at = map_get(&d->by_id, id, 0);

	return at < 0 ? NULL : &d->list[at];
}

/* NULL without memory: the instance is then not described, and tried again at the next sample. */
static struct descs_instance *instance_new(struct descs *d, u64 id)
{
	struct descs_instance *more;

	if (d->n == d->size) {
		more = realloc(d->list, (d->size * 2 + 16) * sizeof(*more));
		if (!more)
			return NULL;
		d->list = more;
		d->size = d->size * 2 + 16;
	}
	if (map_put(&d->by_id, id, 0, d->n))
		return NULL;
	d->list[d->n] = (struct descs_instance){ .id = id };
	return &d->list[d->n++];
}

/*
 * Forgets instances that no sample named for a while. Nothing tells where a sample ends, so the
 * time is taken from the longest pause between calls of late: the interval of samples.
 */
static void sweep(struct descs *d, u64 now)
{
	u64 limit = SWEEP_NS + 3 * d->gap_ns;
	u32 i, kept = 0;

	for (i = 0; i < d->n; i++) {
		if (now - d->list[i].seen_ns > limit)
			instance_free(&d->list[i]);
		else
			d->list[kept++] = d->list[i];
	}
	d->gap_ns /= 2;
	d->sweep_ns = now + SWEEP_NS;
	if (kept == d->n)
		return;
	d->n = kept;
	map_clear(&d->by_id);
	for (i = 0; i < kept; i++)
		map_put(&d->by_id, d->list[i].id, 0, i); /* had room for more */
}

/* Puts tgid first; when all places are taken, the one named longest ago goes. */
static void tgid_add(struct descs_instance *in, u32 tgid)
{
	u32 i = 0;

	while (i < DESCS_OWNERS - 1 && in->tgids[i] && in->tgids[i] != tgid)
		i++;
	memmove(in->tgids + 1, in->tgids, i * sizeof(in->tgids[0]));
	in->tgids[0] = tgid;
}

void descs_owner(struct descs *d, const struct snap_owner *o)
{
	struct descs_instance *in;
	u64 now = now_ns(d);

	if (d->called_ns && now - d->called_ns > d->gap_ns)
		d->gap_ns = now - d->called_ns;
	d->called_ns = now;
	if (now >= d->sweep_ns)
		sweep(d, now);
	in = instance_get(d, o->id);
	if (!in)
		in = instance_new(d, o->id);
	if (!in)
		return;
	in->ep = o->ep;
	in->seen_ns = now;
	tgid_add(in, o->tgid);
}

bool descs_known(const struct descs *d, u64 id)
{
	return instance_get(d, id);
}

/* ---- items ---- */

/* Tries the owners in turn: an item of a shared instance is a descriptor of the one that added it. */
static enum fddesc_result describe(struct descs *d, const struct descs_instance *in,
				   const struct snap_node *node, u64 since, u64 now,
				   struct rec_fd *rec)
{
	const struct fddesc_item item = {
		.ep = in->ep,
		.key = { .id = in->id, .file = node->file, .fd = node->fd },
		.ino = node->ino
	};
	enum fddesc_result res = FDDESC_LATER;
	u32 i;

	for (i = 0; i < DESCS_OWNERS && in->tgids[i]; i++) {
		res = fddesc_read(&d->fddesc, in->tgids[i], &item, since, now, rec);
		if (res != FDDESC_GONE)
			break;
	}
	return res;
}

/*
 * Describes one node. old: what is known of it, NULL: nothing. Returns 1 with *item filled in if
 * it is known now, 0 if not, or the error of fn. What is asked again is emitted only once it is clear.
 */
static int node_emit(struct descs *d, const struct descs_instance *in, const struct snap_node *node,
		     u64 since, const struct descs_item *old, struct descs_item *item, record_fn fn,
		     void *ctx)
{
	struct rec_hdr hdr = { .type = REC_FD, .len = sizeof(struct rec_fd) };
	struct rec_fd rec = { .id = in->id, .file = node->file };
	u64 now = now_ns(d);
	enum fddesc_result res = describe(d, in, node, since, now, &rec);
	int ret = 0;

	if (res == FDDESC_LATER && old)
		*item = *old;
	if (res == FDDESC_LATER)
		return old != NULL;
	*item = (struct descs_item){ .file = node->file, .ino = node->ino, .fd = node->fd };
	if (res != FDDESC_DONE) {
		item->retry_s = old ? old->retry_s * 2 : 1;
		if (item->retry_s > RETRY_S_MAX)
			item->retry_s = RETRY_S_MAX;
		item->retry_ns = now + item->retry_s * SECOND;
	}
	if (res == FDDESC_DONE || !old)
		ret = fn(ctx, &hdr, &rec);
	return ret ? ret : 1;
}

static int items_emit(struct descs *d, const struct descs_instance *in,
		      const struct snap_tree *tree, struct descs_item *items, u32 *n, record_fn fn,
		      void *ctx)
{
	const struct snap_node *nodes = (const struct snap_node *)(tree + 1);
	const struct descs_item *old;
	u32 i, asked = 0;
	u64 now = now_ns(d);
	int ret;
	s64 at;

	for (i = 0; i < tree->items; i++) {
		at = map_get(&in->index, nodes[i].file, (u32)nodes[i].fd);
		old = at < 0 ? NULL : &in->items[at];
		if (old && old->ino != nodes[i].ino)
			old = NULL;
		if (old && (!old->retry_ns || now < old->retry_ns || asked >= DESCS_PER_CALL)) {
			items[(*n)++] = *old;
			continue;
		}
		if (asked++ >= DESCS_PER_CALL)
			continue;
		ret = node_emit(d, in, &nodes[i], old ? now : tree->ts, old, &items[*n], fn, ctx);
		if (ret < 0)
			return ret;
		*n += (u32)ret;
	}
	return 0;
}

int descs_emit(struct descs *d, const struct snap_tree *tree, record_fn fn, void *ctx)
{
	struct descs_instance *in = instance_get(d, tree->id);
	struct descs_item *items;
	u32 i, n = 0;
	int ret;

	if (!in)
		return 0;
	in->seen_ns = now_ns(d);
	items = malloc(((size_t)tree->items + 1) * sizeof(*items));
	if (!items)
		return -ENOMEM;
	ret = items_emit(d, in, tree, items, &n, fn, ctx);
	if (!ret)
		ret = map_reserve(&in->index, n);
	if (ret) {
		free(items);
		return ret;
	}
	free(in->items);
	in->items = items;
	in->n = n;
	map_clear(&in->index);
	for (i = 0; i < n; i++)
		map_put(&in->index, items[i].file, (u32)items[i].fd, i);
	return 0;
}

void descs_free(struct descs *d)
{
	u32 i;

	for (i = 0; i < d->n; i++)
		instance_free(&d->list[i]);
	free(d->list);
	map_free(&d->by_id);
	fddesc_free(&d->fddesc);
	memset(d, 0, sizeof(*d));
}
