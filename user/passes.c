/* SPDX-License-Identifier: GPL-2.0 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "clock.h"
#include "passes.h"
#include "snapshot_fdinfo.h"

/* Trees are read as often as the interval says, but, unless another share is asked for, never for more
 * than 1/WALK_SHARE of the time. */
#define WALK_SHARE 40
/* The same for passes over the descriptors alone: with many processes they are many. */
#define PASS_SHARE 10
/* How often items that are no more are looked for: those of closed files that no hook sees ... */
#define SWEEP_NS 1000000000ULL
/* ... and where one does, those that a callback or a snapshot entered again while they went. */
#define SWEEP_REST_NS 10000000000ULL
/* An early pass once this share of the map of instances has been learned since the last one. */
#define EARLY_SHARE 8

int passes_init(struct passes *p, struct session *s, struct live_maps *maps, u32 walk_share)
{
	p->walk_share = walk_share ? walk_share : WALK_SHARE;
	p->s = s;
	p->maps = maps;
	return snapshot_init(&p->sn, s);
}

void passes_free(struct passes *p)
{
	snapshot_free(&p->sn);
	descs_free(&p->descs);
	sweep_free(&p->sweep);
	free(p->seen);
	p->seen = NULL;
}

void passes_hurry(struct passes *p)
{
	p->next_pass = 0;
	p->next_walk = 0;
}

static int seen_add(struct passes *p, u64 id)
{
	u64 *more;

	if (p->nseen == p->seen_size) {
		more = realloc(p->seen, (p->seen_size * 2 + 64) * sizeof(*more));
		if (!more)
			return -ENOMEM;
		p->seen = more;
		p->seen_size = p->seen_size * 2 + 64;
	}
	p->seen[p->nseen++] = id;
	return 0;
}

static int on_tree(struct passes *p, const struct rec_tree *tree)
{
	int ret = 0;

	if (p->sweeping && !(tree->flags & SNAP_TORN))
		ret = sweep_tree(&p->sweep, tree);
	if (!ret && (p->all_items || tree->id == p->focus))
		ret = descs_emit(&p->descs, tree, p->fn, p->ctx);
	return ret;
}

/* What a snapshot emits passes through here. */
static int on_snapshot(void *ctx, const struct rec_hdr *hdr, const void *payload)
{
	struct passes *p = ctx;
	int ret = 0;

	if (hdr->type == REC_OWNER) {
		ret = seen_add(p, ((const struct snap_owner *)payload)->id);
		descs_owner(&p->descs, payload);
	}
	if (!ret)
		ret = p->fn(p->ctx, hdr, payload);
	if (!ret && hdr->type == REC_TREE)
		ret = on_tree(p, payload);
	return ret;
}

/* Where no hook sees the end of an instance: what a pass does not find may have ended. */
static int bury(struct passes *p, u64 before_ns)
{
	const struct mechanism *destroy = p->s->plan.mech[HOOK_DESTROY];

	if (!destroy || destroy->need != NEED_NOTHING)
		return 0;
	return live_maps_missing(p->maps, p->seen, p->nseen, before_ns);
}

static int pass(struct passes *p, u32 scope, bool walk, u64 now)
{
	u32 first = p->sn.pass + 1;
	int ret;

	p->nseen = 0;
	p->s->skel->bss->compat_seen = 0; /* the pass looks, see user/demand.h */
	p->learned = p->s->skel->bss->learned;
	if (session_walks(p->s))
		ret = snapshot_pass(&p->sn, scope, walk, on_snapshot, p);
	else
		ret = snapshot_fdinfo(p->maps->instances, on_snapshot, p);
	if (!ret)
		ret = bury(p, now);
	if (!ret && session_walks(p->s))
		ret = live_maps_unseen(p->maps, first);
	p->next_pass = now + (clock_mono_ns() - now) * PASS_SHARE;
	return ret;
}

int passes_sample(struct passes *p, u32 scope, record_fn fn, void *ctx)
{
	const struct mechanism *const *mech = p->s->plan.mech;
	u64 now = clock_mono_ns();
	bool walk = now >= p->next_walk;
	int ret;

	p->sweeping = false;
	if (!mech[HOOK_SNAPSHOT] || now < p->next_pass)
		return 0;
	p->fn = fn;
	p->ctx = ctx;
	/* Reading every item costs more than a pass: not each time, unless all are read anyhow. */
	if (walk && (now >= p->next_sweep || (p->all_items && !mech[HOOK_RELEASE]))) {
		p->next_sweep = now + (mech[HOOK_RELEASE] ? SWEEP_REST_NS : SWEEP_NS);
		p->sweeping = true;
		sweep_begin(&p->sweep);
	}
	ret = pass(p, scope, walk, now);
	if (walk)
		p->next_walk = now + p->sn.cost_ns * p->walk_share;
	return ret;
}

int passes_tend(struct passes *p, u32 scope, record_fn fn, void *ctx)
{
	const struct mechanism *const *mech = p->s->plan.mech;
	u64 now = clock_mono_ns(), most = bpf_map__max_entries(p->s->skel->maps.instances);

	if (!mech[HOOK_SNAPSHOT] || now < p->next_pass || !mech[HOOK_DESTROY] ||
	    mech[HOOK_DESTROY]->need != NEED_NOTHING ||
	    p->s->skel->bss->learned - p->learned < most / EARLY_SHARE)
		return 0;
	p->fn = fn;
	p->ctx = ctx;
	return pass(p, scope, false, now);
}
