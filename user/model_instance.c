/* SPDX-License-Identifier: GPL-2.0 */
/* Instances: their totals, owners, sizes, birth and death. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "model_priv.h"

struct m_instance *inst_get(struct model_priv *p, u64 id)
{
	s64 i = map_get(&p->inst_by_id, id, 0);

	return i < 0 ? NULL : &p->pub.inst[i];
}

/* Cannot fail: there is room for all of them. */
static void inst_index(struct model_priv *p)
{
	map_clear(&p->inst_by_id);
	for (u32 i = 0; i < p->pub.ninst; i++)
		map_put(&p->inst_by_id, p->pub.inst[i].now.id, 0, i);
}

struct m_instance *inst_get_or_new(struct model_priv *p, u64 id)
{
	struct m_instance *inst = inst_get(p, id);
	struct model *m = &p->pub;
	struct inst_priv *x;

	if (inst)
		return inst;
	if (m->ninst >= MODEL_MAX_INSTANCES)
		return NULL;
	if (array_grow(&m->inst, &p->inst_cap, m->ninst + 1, sizeof(*m->inst)) ||
	    map_put(&p->inst_by_id, id, 0, m->ninst))
		return NULL;
	x = calloc(1, sizeof(*x));
	if (!x) {
		inst_index(p);
		return NULL;
	}
	inst = &m->inst[m->ninst++];
	memset(inst, 0, sizeof(*inst));
	p->rearrange = true;
	inst->priv = x;
	inst->num = m->next_num++;
	inst->now.id = inst->prev.id = inst->first.id = id;
	inst->uncounted = true;
	inst->since_ts = inst->prev_ts = inst->now_ts = m->ts ? m->ts : m->meta.mono_ns;
	inst->items_now = inst->ready_now = inst->overflow_now = inst->waiters_now = UNKNOWN_S64;
	inst->tree.root = -1;
	x->ready = UNKNOWN_S64;
	return inst;
}

/* Out of memory is an error, too many is not: they are counted and left out. */
static int inst_missing(struct model_priv *p)
{
	if (p->pub.ninst < MODEL_MAX_INSTANCES)
		return -ENOMEM;
	p->pub.dropped++;
	return 0;
}

int inst_fold(struct model_priv *p, const struct ep_instance *rec)
{
	struct m_instance *inst;

	/* Older than the dead that were dropped: it may be one of these. */
	if (rec->died_ns && rec->died_ns <= p->dropped_died_ns && !inst_get(p, rec->id))
		return 0;
	inst = inst_get_or_new(p, rec->id);
	if (!inst) {
		p->rows_lost += rec->died_ns != 0;
		return inst_missing(p);
	}
	if (inst->uncounted) {
		inst->uncounted = false;
		inst->prev = *rec;
		memset(&inst->prev.st, 0, sizeof(inst->prev.st));
		inst->first = *rec;
	} else if (inst->priv->batch != p->batch) {
		inst->prev = inst->now;
	}
	inst->now = *rec;
	name_copy(inst->now.comm, rec->comm, sizeof(rec->comm));
	inst->priv->batch = p->batch;
	if (rec->died_ns && !inst->dead) {
		inst->dead = true;
		p->rearrange = true;
	}
	return 0;
}

/* What can be said of an instance before its first REC_INSTANCE. */
static void inst_describe(struct m_instance *inst, u64 ep, u32 tgid, s32 epfd, const char *comm)
{
	if (!inst->uncounted || inst->now.ep)
		return;
	inst->now.ep = ep;
	inst->now.tgid = tgid;
	inst->now.epfd = epfd;
	name_copy(inst->now.comm, comm, COMM_LEN);
	inst->prev = inst->first = inst->now;
}

/* Items added less those removed: differences of it are meant, modulo 2^32. */
static u32 inst_change(const struct m_instance *inst)
{
	const struct ep_stats *st = &inst->now.st;

	return (u32)(st->adds - st->dels - st->released);
}

void inst_set_base(struct m_instance *inst, u32 items, u32 change)
{
	inst->priv->base_known = true;
	inst->priv->base_items = items;
	inst->priv->base_change = change;
}

void inst_set_lists(struct model_priv *p, struct m_instance *inst, const struct snap_tree *rec)
{
	/* /proc/PID/fdinfo tells the items alone. */
	if (model_tier(&p->pub, HOOK_SNAPSHOT) != TIER_FULL)
		return;
	/* During a scan the ready items are on the scan's own list, which hangs on no instance. */
	inst->ready_now = rec->flags & (SNAP_SCANNING | SNAP_READY_CUT | SNAP_READY_TORN)
				  ? UNKNOWN_S64
				  : (s64)rec->ready;
	inst->overflow_now = rec->overflow;
	inst->waiters_now = rec->flags & (SNAP_WAITERS_CUT | SNAP_WAITERS_TORN) ? UNKNOWN_S64
										: (s64)rec->waiters;
	if (inst->ready_now != UNKNOWN_S64)
		inst->priv->ready = inst->ready_now;
}

int inst_fold_lists(struct model_priv *p, const struct snap_tree *rec)
{
	struct m_instance *inst = inst_get(p, rec->id);

	if (!inst)
		return 0;
	inst_set_lists(p, inst, rec);
	/* Of the BPF side REC_TREE tells, once it is known whether the tree was torn. */
	if (model_tier(&p->pub, HOOK_SNAPSHOT) == TIER_BASIC)
		inst_set_base(inst, rec->items, rec->change);
	return 0;
}

static int owner_add(struct m_instance *inst, const struct snap_owner *rec)
{
	struct m_owner owner = { .tgid = rec->tgid, .fd = rec->fd, .id = rec->id }, other;

	for (u32 i = 0; i < inst->nowners; i++)
		if (inst->owners[i].tgid == rec->tgid && inst->owners[i].fd == rec->fd)
			return 0;
	if (array_grow(&inst->owners, &inst->priv->owner_cap, inst->nowners + 1, sizeof(owner)))
		return -ENOMEM;
	name_copy(owner.comm, rec->comm, COMM_LEN);
	inst->owners[inst->nowners++] = owner;
	/* The one that made it is the one to name. */
	if (owner.tgid == inst->now.tgid && owner.fd == inst->now.epfd) {
		other = inst->owners[0];
		inst->owners[0] = owner;
		inst->owners[inst->nowners - 1] = other;
	}
	return 0;
}

int inst_fold_owner(struct model_priv *p, const struct snap_owner *rec)
{
	struct m_instance *inst;

	if (!rec->id)
		return 0;
	inst = inst_get_or_new(p, rec->id);
	if (!inst)
		return inst_missing(p);
	inst_describe(inst, rec->ep, rec->tgid, rec->fd, rec->comm);
	if (inst->priv->owner_batch != p->batch)
		inst->nowners = 0;
	inst->priv->owner_batch = p->batch;
	return owner_add(inst, rec);
}

int inst_fold_event(struct model_priv *p, const struct ev *ev)
{
	struct m_instance *inst;
	s32 epfd = ev->type == EV_CREATE ? ev->result : ev->epfd;

	if (ev->type >= EV_COUNT)
		return 0;
	p->pub.events[ev->type]++;
	if (!ev->id)
		return 0;
	inst = inst_get(p, ev->id);
	if (inst) {
		/* One that was never counted has no REC_INSTANCE to tell its death. */
		if (ev->type == EV_DESTROY && inst->uncounted && !inst->dead) {
			inst->dead = true;
			p->rearrange = true;
		}
		return 0;
	}
	if (ev->type >= EV_RELEASE)
		return 0;
	inst = inst_get_or_new(p, ev->id);
	if (!inst)
		return inst_missing(p);
	/* The thread of a callback or wakeup is the waker, not the owner. */
	if (ev->type != EV_CALLBACK && ev->type != EV_WAKE)
		inst_describe(inst, ev->ep, ev->tgid, epfd, ev->comm);
	return 0;
}

static void spark_push(struct m_instance *inst, s64 ready)
{
	if (ready == UNKNOWN_S64)
		return;
	inst->spark[inst->spark_head] = ready > UINT32_MAX ? UINT32_MAX : (u32)ready;
	inst->spark_head = (inst->spark_head + 1) % SPARK_LEN;
	if (inst->spark_len < SPARK_LEN)
		inst->spark_len++;
}

/* Items in the tree now: of the last snapshot, or that and what was added and removed since. */
static void inst_size(struct model_priv *p, struct m_instance *inst)
{
	struct inst_priv *x = inst->priv;
	bool counted = !inst->uncounted && model_tier(&p->pub, HOOK_CTL) != TIER_NONE &&
		       model_tier(&p->pub, HOOK_RELEASE) != TIER_NONE;
	s64 size;

	if (!x->base_known && counted && !(inst->now.flags & EPI_SEEN_LATE)) {
		x->base_known = true; /* it was empty when we saw it made */
		x->base_items = x->base_change = 0;
	}
	if (!x->base_known)
		return;
	size = x->base_items + (counted ? (s32)(inst_change(inst) - x->base_change) : 0);
	inst->items_now = size < 0 ? 0 : size;
}

/* Living, dead since longer, dead in this batch. */
static int inst_class(const struct m_instance *inst)
{
	return inst->dead ? (inst->priv->buried ? 1 : 2) : 0;
}

static void inst_drop(struct model_priv *p, struct m_instance *inst)
{
	if (inst->now.died_ns > p->dropped_died_ns)
		p->dropped_died_ns = inst->now.died_ns;
	p->pub.dropped++;
	inst_free(inst);
	inst->priv = NULL;
}

/*
 * New ones are appended as they come and the dead stay where they are until the tick. Here: the
 * living by number, then the dead by time of death, of which the earliest are dropped; but each
 * is seen dead at one tick.
 */
static int inst_arrange(struct model_priv *p)
{
	struct model *m = &p->pub;
	struct m_instance *sorted;
	u32 n = 0, dead = 0, old = 0, drop;

	for (u32 i = 0; i < m->ninst; i++) {
		dead += m->inst[i].dead;
		old += inst_class(&m->inst[i]) == 1;
	}
	drop = dead > MODEL_MAX_DEAD ? dead - MODEL_MAX_DEAD : 0;
	p->rearrange = drop > 0;
	p->inst_cap = m->ninst - (drop < old ? drop : old) + 8; /* small again after a burst */
	sorted = calloc(p->inst_cap, sizeof(*sorted));
	if (!sorted)
		return -ENOMEM;
	for (int class = 0; class < 3; class ++) {
		for (u32 i = 0; i < m->ninst; i++) {
			if (!m->inst[i].priv || inst_class(&m->inst[i]) != class)
				continue;
			if (class == 1 && drop) {
				drop--;
				inst_drop(p, &m->inst[i]);
				continue;
			}
			sorted[n++] = m->inst[i];
		}
	}
	free(m->inst);
	m->inst = sorted;
	m->ninst = n;
	for (u32 i = 0; i < n; i++)
		sorted[i].priv->buried = sorted[i].dead;
	inst_index(p);
	return 0;
}

/*
 * Each batch has every living instance and the final figures of the dead. One that is in neither has
 * ended, and its final figures found no room (LOSS_DEAD): what is known of it is a lower bound.
 */
static void inst_vanished(struct model_priv *p, struct m_instance *inst)
{
	if (!p->pub.loss[LOSS_DEAD] || inst->dead || inst->uncounted ||
	    inst->priv->batch == p->batch)
		return;
	inst->dead = true;
	inst->now.lost[LOSS_DEAD] = 1;
	p->rearrange = true;
}

int inst_tick(struct model_priv *p, u64 ts)
{
	struct model *m = &p->pub;
	struct m_instance *inst;

	for (u32 i = 0; i < m->ninst; i++) {
		inst = &m->inst[i];
		if (!inst->uncounted && inst->priv->batch != p->batch)
			inst->prev = inst->now;
		inst->prev_ts = inst->now_ts;
		inst->now_ts = ts;
		inst_vanished(p, inst);
		items_tick(p, inst);
		if (inst->dead) {
			if (!inst->dead_ts)
				inst->dead_ts = ts;
			continue;
		}
		inst_size(p, inst);
		spark_push(inst, inst->priv->ready);
	}
	return p->rearrange ? inst_arrange(p) : 0;
}

void inst_free(struct m_instance *inst)
{
	items_free(inst);
	free(inst->owners);
	free(inst->priv);
}
