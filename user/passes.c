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
/* The same for the lists of the instances alone: there may be many. */
#define LISTS_SHARE 20
/* And for a look through the descriptors, which finds what no hook tells: who else has an instance. */
#define DISCOVER_SHARE 50
/* The dashboard, which shows little of the other instances, does both for 1/OTHERS_SHARE, unless what it
 * shows would get older than OTHERS_NS by that: who has them, their depths and, where no hook sees the end
 * of an item, how many they have. */
#define OTHERS_SHARE 400
#define OTHERS_NS    500000000ULL
/* And to read the counters of one instance's items: all of the map are passed on the way to them. */
#define ITEMS_SHARE 20
/* How often items that are no more are looked for: those of closed files that no hook sees ... */
#define SWEEP_NS 1000000000ULL
/* ... and where one does, those that a callback or a snapshot entered again while they went. */
#define SWEEP_REST_NS 10000000000ULL
/* How often instances are looked for whose end no hook saw, where one should. */
#define BURY_NS 1000000000ULL
/* An early pass once this share of the map of instances has been learned since the last one. */
#define EARLY_SHARE 8

/* What a file is, for the descriptions: fddesc.ask. */
static int on_ask(void *ctx, u32 tgid, const struct fddesc_item *item, struct file_facts *out)
{
	struct passes *p = ctx;

	return asks_file(&p->maps->asks, tgid, item->ep, &item->key, out);
}

int passes_init(struct passes *p, struct session *s, struct live_maps *maps, u32 walk_share)
{
	p->walk_share = walk_share ? walk_share : WALK_SHARE;
	p->s = s;
	p->maps = maps;
	p->descs.fddesc.ask = on_ask;
	p->descs.fddesc.ask_ctx = p;
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
	p->next_discover = p->next_lists = p->next_walk = p->next_focus = p->next_items = 0;
}

void passes_focus(struct passes *p, u64 id)
{
	if (p->focus != id)
		p->next_focus = p->focus_ns = p->next_lists = p->next_items = 0;
	p->focus = id;
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

/*
 * An instance that no look at who has what has seen yet, and the next one may rest for long: who made it
 * is known, and was met (user_met()), so that its items can be asked for there. They are at the next
 * sample: whoever gets the records knows no instance until its counters have come, and these come last.
 */
static void young_met(struct passes *p, const struct snap_tree *tree)
{
	struct snap_owner owner = { .id = tree->id, .ep = p->sn.ctl->ep };
	struct ep_instance inst;

	if (bpf_map_lookup_elem(p->maps->instances, &owner.ep, &inst) || inst.id != tree->id)
		return;
	owner.tgid = inst.tgid;
	owner.fd = inst.epfd;
	descs_owner(&p->descs, &owner);
	p->young = true;
}

static void shown_set(struct passes *p, const struct snap_tree *tree)
{
	const struct snap_node *nodes = (const struct snap_node *)(tree + 1);

	p->shown_known = tree->items <= SHOWN_MAX && !(tree->flags & (SNAP_TORN | SNAP_MORE));
	p->nshown = p->shown_known ? tree->items : 0;
	for (u32 i = 0; i < p->nshown; i++)
		p->shown[i] = (struct item_key){ .id = tree->id,
						 .file = nodes[i].file,
						 .fd = nodes[i].fd };
}

static int on_tree(struct passes *p, const struct snap_tree *tree)
{
	int ret = 0;

	if (tree->id == p->focus)
		shown_set(p, tree);
	if (p->sweeping && !(tree->flags & SNAP_TORN))
		ret = sweep_tree(&p->sweep, tree);
	if (ret || (!p->all_items && tree->id != p->focus))
		return ret;
	if (descs_known(&p->descs, tree->id))
		return descs_emit(&p->descs, tree, p->fn, p->ctx);
	young_met(p, tree);
	return 0;
}

/* What a snapshot emits passes through here. */
static int on_snapshot(void *ctx, const struct rec_hdr *hdr, const void *payload)
{
	struct passes *p = ctx;
	int ret = 0;

	if (hdr->type == REC_OWNER)
		descs_owner(&p->descs, payload);
	else
		ret = seen_add(p, ((const struct snap_tree *)payload)->id);
	if (!ret)
		ret = p->fn(p->ctx, hdr, payload);
	if (!ret && hdr->type == REC_TREE)
		ret = on_tree(p, payload);
	return ret;
}

/*
 * What a pass does not find may have ended: each time where no hook sees that. Where one does, it may have
 * missed those that ended before it was attached, or that the kernel skipped: if they are missing twice.
 */
static int bury(struct passes *p, u64 before_ns)
{
	const struct mechanism *destroy = p->s->plan.mech[HOOK_DESTROY];

	if (!destroy || (destroy->need != NEED_NOTHING && before_ns < p->next_bury))
		return 0;
	p->next_bury = before_ns + BURY_NS;
	return live_maps_missing(p->maps, p->seen, p->nseen, before_ns);
}

/* After what took so long and tells of all instances. */
static u64 others_rest(const struct passes *p, u64 took, u32 share)
{
	u64 rest = took * share, longer = took * OTHERS_SHARE;

	if (!p->one_shown || rest >= OTHERS_NS)
		return rest;
	return longer < OTHERS_NS ? longer : OTHERS_NS;
}

/* Who has which instance, unless the last look cost too much. */
static int discover(struct passes *p, u32 scope)
{
	u64 now = clock_mono_ns();
	u32 first = p->sn.ctl->pass + 1;
	int ret;

	if (now < p->next_discover)
		return 0;
	p->s->skel->bss->compat_seen = 0; /* the pass looks, see user/demand.h */
	ret = snapshot_discover(&p->sn, scope, on_snapshot, p);
	if (!ret)
		ret = live_maps_unseen(p->maps, first);
	p->next_discover = now + others_rest(p, clock_mono_ns() - now, DISCOVER_SHARE);
	return ret;
}

/* No more than one walk for young ones for each that comes by itself. */
static void walk_young(struct passes *p, u64 now)
{
	u64 *next = p->all_items ? &p->next_walk : &p->next_focus;

	if (p->young && now >= p->next_young) {
		p->next_young = *next;
		*next = 0;
	}
	p->young = false;
}

/* After a walk that took so long: when the next one may come. One of all trees is one of focus, too. */
static void walk_rest(struct passes *p, u64 walk, u64 now, u64 took)
{
	if (walk == WALK_ALL)
		p->next_walk = now + others_rest(p, took, p->walk_share);
	else
		p->focus_ns = took;
	p->next_focus = now + p->focus_ns * p->walk_share;
	walk_young(p, now);
}

/* Which trees are due: an id, WALK_ALL, or 0. One alone comes with the lists of all. */
static u64 walk_due(const struct passes *p, u64 now)
{
	if (now >= p->next_walk)
		return WALK_ALL;
	return now >= p->next_focus && now >= p->next_lists ? p->focus : 0;
}

/* Every instance as it is now. */
static int instances(struct passes *p, u64 walk)
{
	u64 now = clock_mono_ns(), took;
	int ret;

	p->nseen = 0;
	p->learned = p->s->skel->bss->learned;
	if (session_walks(p->s))
		ret = snapshot_instances(&p->sn, walk, on_snapshot, p);
	else
		ret = snapshot_fdinfo(p->maps->instances, on_snapshot, p);
	if (!ret)
		ret = bury(p, now);
	took = clock_mono_ns() - now;
	p->next_lists = now + took * LISTS_SHARE;
	if (walk)
		walk_rest(p, walk, now, session_walks(p->s) ? p->sn.walks_ns : took);
	return ret;
}

int passes_sample(struct passes *p, u32 scope, record_fn fn, void *ctx)
{
	const struct mechanism *const *mech = p->s->plan.mech;
	u64 now = clock_mono_ns();
	u64 walk = walk_due(p, now);
	int ret = 0;

	p->sweeping = p->shown_known = false;
	if (!mech[HOOK_SNAPSHOT])
		return 0;
	p->fn = fn;
	p->ctx = ctx;
	/* Reading every item costs more than a pass: not each time, unless all are read anyhow. */
	if (walk == WALK_ALL && (now >= p->next_sweep || (p->all_items && !mech[HOOK_RELEASE]))) {
		p->next_sweep = now + (mech[HOOK_RELEASE] ? SWEEP_REST_NS : SWEEP_NS);
		p->sweeping = true;
		sweep_begin(&p->sweep);
	}
	if (session_walks(p->s))
		ret = discover(p, scope);
	if (!ret && (walk || now >= p->next_lists))
		ret = instances(p, walk);
	return ret;
}

int passes_items(struct passes *p, record_fn fn, void *ctx)
{
	const struct sweep *gone = p->sweeping ? &p->sweep : NULL;
	u64 now = clock_mono_ns();
	bool passed;
	int ret;

	if (p->all_items)
		return live_maps_items(p->maps, ~0ULL, gone, fn, ctx);
	if (p->shown_known && !gone && !p->maps->sweep)
		return live_maps_items_at(p->maps, p->shown, p->nshown, fn, ctx);
	passed = now >= p->next_items || gone || p->maps->sweep;
	ret = live_maps_items(p->maps, passed ? p->focus : 0, gone, fn, ctx);
	if (passed)
		p->next_items = now + (clock_mono_ns() - now) * ITEMS_SHARE;
	return ret;
}

int passes_tend(struct passes *p, record_fn fn, void *ctx)
{
	const struct mechanism *const *mech = p->s->plan.mech;
	u64 now = clock_mono_ns(), most = bpf_map__max_entries(p->s->skel->maps.instances);

	if (!mech[HOOK_SNAPSHOT] || now < p->next_lists || !mech[HOOK_DESTROY] ||
	    mech[HOOK_DESTROY]->need != NEED_NOTHING ||
	    p->s->skel->bss->learned - p->learned < most / EARLY_SHARE)
		return 0;
	p->fn = fn;
	p->ctx = ctx;
	return instances(p, 0);
}
