/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "model_priv.h"
#include "record_check.h"

int array_grow(void *array, u32 *cap, u32 need, size_t size)
{
	void **mem = array, *new;
	u32 n = *cap ? *cap : 8;

	if (need <= *cap)
		return 0;
	while (n < need)
		n = n > UINT32_MAX / 2 ? need : n * 2;
	new = reallocarray(*mem, n, size);
	if (!new)
		return -ENOMEM;
	memset((char *)new + (size_t)*cap *size, 0, (size_t)(n - *cap) * size);
	*mem = new;
	*cap = n;
	return 0;
}

void name_copy(char *dst, const char *src, size_t size)
{
	size_t len = strnlen(src, size - 1);

	memcpy(dst, src, len);
	memset(dst + len, 0, size - len);
}

struct model *model_new(void)
{
	struct model_priv *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->batch = 1;
	p->pub.next_num = 1;
	return &p->pub;
}

void model_free(struct model *m)
{
	struct model_priv *p;

	if (!m)
		return;
	p = model_priv(m);
	for (u32 i = 0; i < m->ninst; i++)
		inst_free(&m->inst[i]);
	free(m->inst);
	map_free(&p->inst_by_id);
	tree_space_free(&p->space);
	actors_free(p);
	free(p);
}

static void fold_meta(struct model *m, const struct rec_meta *rec)
{
	m->meta = *rec;
	name_copy(m->meta.release, rec->release, sizeof(rec->release));
	name_copy(m->meta.version, rec->version, sizeof(rec->version));
	name_copy(m->meta.command, rec->command, sizeof(rec->command));
}

static void fold_plan(struct model *m, const struct rec_plan *rec)
{
	struct rec_plan *plan;

	if (rec->hook >= HOOK_COUNT || rec->tier > TIER_FULL)
		return;
	plan = &m->plan[rec->hook];
	*plan = *rec;
	name_copy(plan->mechanism, rec->mechanism, sizeof(rec->mechanism));
	name_copy(plan->reason, rec->reason, sizeof(rec->reason));
	m->has_plan[rec->hook] = true;
}

static void cost_tick(struct model_priv *p, u64 ts)
{
	struct m_cost *c = &p->pub.cost;

	if (!p->cost_told)
		return;
	if (!c->known)
		c->base_ts = c->mark_ts = p->pub.meta.mono_ns;
	c->known = true;
	c->prev = c->now;
	c->now = p->cost;
	if (ts < c->mark_ts + COST_SPAN_NS)
		return;
	c->base = c->mark;
	c->base_ts = c->mark_ts;
	c->mark = c->now;
	c->mark_ts = ts;
}

static int fold_tick(struct model_priv *p, const struct rec_tick *rec)
{
	int err = inst_tick(p, rec->ts);

	actors_tick(p);
	cost_tick(p, rec->ts);
	p->pub.prev_ts = p->pub.ts;
	p->pub.ts = rec->ts;
	p->pub.ticks++;
	p->batch++;
	return err;
}

int model_fold(void *ctx, const struct rec_hdr *hdr, const void *payload)
{
	struct model *m = ctx;
	struct model_priv *p = model_priv(m);

	if (!record_valid(hdr, payload))
		return 0;
	switch ((enum rec_type)hdr->type) {
	case REC_META:
		fold_meta(m, payload);
		return 0;
	case REC_PLAN:
		fold_plan(m, payload);
		return 0;
	case REC_INSTANCE:
		return inst_fold(p, payload);
	case REC_OWNER:
		return inst_fold_owner(p, payload);
	case REC_LISTS:
		return inst_fold_lists(p, payload);
	case REC_TREE:
		return items_fold_tree(p, payload,
				       (const void *)((const struct snap_tree *)payload + 1));
	case REC_ITEM:
		return items_fold_item(p, payload);
	case REC_FD:
		return items_fold_fd(p, payload);
	case REC_THREAD:
		return actors_fold_thread(p, payload);
	case REC_WAKER:
		return actors_fold_waker(p, payload);
	case REC_TARGET:
		return actors_fold_target(p, payload);
	case REC_EVENT:
		return inst_fold_event(p, payload);
	case REC_LOSS:
		memcpy(m->loss, payload, sizeof(m->loss));
		m->loss[LOSS_ROWS] += p->rows_lost;
		return 0;
	case REC_COST:
		memcpy(&p->cost, payload, sizeof(p->cost));
		p->cost_told = true;
		return 0;
	case REC_TICK:
		return fold_tick(p, payload);
	case REC_END:
		m->ended = true;
		return 0;
	}
	return 0;
}

const struct m_instance *model_instance(const struct model *m, u32 num)
{
	for (u32 i = 0; i < m->ninst; i++)
		if (m->inst[i].num == num)
			return &m->inst[i];
	return NULL;
}

const struct m_instance *model_instance_by_id(const struct model *m, u64 id)
{
	s64 i = map_get(&((const struct model_priv *)m)->inst_by_id, id, 0);

	return i < 0 ? NULL : &m->inst[i];
}

const struct rec_fd *model_fd(const struct m_instance *inst, s32 fd)
{
	s64 i = inst->priv ? map_get(&inst->priv->by_fd, (u32)fd, 0) : -1;

	return i < 0 ? NULL : inst->priv->entries[i].desc;
}

const struct m_thread *model_thread(const struct model *m, u32 tid)
{
	s64 i = map_get(&((const struct model_priv *)m)->thread_by_tid, tid, 0);

	return i < 0 ? NULL : &m->threads[i];
}

enum tier model_tier(const struct model *m, enum hook hook)
{
	return m->has_plan[hook] ? (enum tier)m->plan[hook].tier : TIER_NONE;
}

u64 model_lost(const struct model *m)
{
	u64 sum = 0;

	for (u32 i = 0; i < LOSS_COUNT; i++)
		sum += m->loss[i];
	return sum;
}

bool model_lost_there(const struct model *m, const struct m_instance *inst, u32 loss)
{
	if (loss < LOSS_SKIPPED)
		return inst->now.lost[loss];
	return loss != LOSS_SKIPPED_FORK && m->loss[loss] > 0;
}

bool model_targets_gone(const struct model *m)
{
	for (u32 i = 0; i < m->ntargets; i++)
		if (!m->targets[i].exited)
			return false;
	return m->ntargets > 0;
}
