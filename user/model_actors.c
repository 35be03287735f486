/* SPDX-License-Identifier: GPL-2.0 */
/* Threads, wakers and targets. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "model_priv.h"

int actors_fold_thread(struct model_priv *p, const struct rec_thread *rec)
{
	struct model *m = &p->pub;
	s64 i = map_get(&p->thread_by_tid, rec->tid, 0);
	u32 cap = p->thread_cap;
	struct m_thread *t;

	if (i < 0) {
		if (m->nthreads >= MODEL_MAX_THREADS)
			return 0;
		if (array_grow(&p->thread_batch, &cap, m->nthreads + 1, sizeof(u32)) ||
		    array_grow(&m->threads, &p->thread_cap, m->nthreads + 1, sizeof(*t)) ||
		    map_put(&p->thread_by_tid, rec->tid, 0, m->nthreads))
			return -ENOMEM;
		i = m->nthreads++;
		m->threads[i] = (struct m_thread){ .tid = rec->tid };
		p->thread_batch[i] = p->batch;
	}
	t = &m->threads[i];
	/* The number was given to another thread; one wait may have been taken back. */
	if (t->gone || rec->st.waits + 1 < t->now.waits)
		*t = (struct m_thread){ .tid = rec->tid };
	else if (p->thread_batch[i] != p->batch)
		t->prev = t->now;
	t->now = rec->st;
	name_copy(t->now.comm, rec->st.comm, COMM_LEN);
	p->thread_batch[i] = p->batch;
	return 0;
}

static u64 waker_key_a(const struct waker_key *key)
{
	return key->id ^ (u64)key->ctx << 60 ^ key->born * 0x9e3779b97f4a7c15ULL;
}

static u64 waker_key_b(const struct waker_key *key)
{
	return (u64)key->waker_tid << 32 | key->woken_tid;
}

int actors_fold_waker(struct model_priv *p, const struct rec_waker *rec)
{
	struct model *m = &p->pub;
	u64 a = waker_key_a(&rec->key), b = waker_key_b(&rec->key);
	s64 i = map_get(&p->waker_by_key, a, b);
	u32 cap = p->waker_cap;
	struct m_waker *w;

	if (i < 0) {
		if (m->nwakers >= MODEL_MAX_WAKERS)
			return 0;
		if (array_grow(&p->waker_batch, &cap, m->nwakers + 1, sizeof(u32)) ||
		    array_grow(&m->wakers, &p->waker_cap, m->nwakers + 1, sizeof(*w)) ||
		    map_put(&p->waker_by_key, a, b, m->nwakers))
			return -ENOMEM;
		i = m->nwakers++;
		m->wakers[i] = (struct m_waker){ .key = rec->key };
	} else if (p->waker_batch[i] != p->batch) {
		m->wakers[i].prev = m->wakers[i].now;
	}
	w = &m->wakers[i];
	w->now = rec->st;
	w->gone = false;
	name_copy(w->now.comm, rec->st.comm, COMM_LEN);
	p->waker_batch[i] = p->batch;
	return 0;
}

int actors_fold_target(struct model_priv *p, const struct rec_target *rec)
{
	struct model *m = &p->pub;
	s64 i = map_get(&p->target_by_tgid, rec->tgid, 0);

	if (i < 0) {
		if (m->ntargets >= MODEL_MAX_TARGETS)
			return 0;
		if (array_grow(&m->targets, &p->target_cap, m->ntargets + 1, sizeof(*m->targets)) ||
		    map_put(&p->target_by_tgid, rec->tgid, 0, m->ntargets))
			return -ENOMEM;
		i = m->ntargets++;
		m->targets[i].tgid = rec->tgid;
	}
	m->targets[i].exited = rec->state == TARGET_EXITED;
	name_copy(m->targets[i].comm, rec->comm, COMM_LEN);
	return 0;
}

/* Forgets threads that ended before this batch, once they are many. */
static void threads_compact(struct model_priv *p)
{
	struct model *m = &p->pub;
	u32 n = 0, gone = 0;

	for (u32 i = 0; i < m->nthreads; i++)
		gone += m->threads[i].gone;
	if (gone <= MODEL_MAX_GONE)
		return;
	map_clear(&p->thread_by_tid);
	for (u32 i = 0; i < m->nthreads; i++) {
		if (m->threads[i].gone && p->thread_batch[i] + 1 < p->batch)
			continue;
		m->threads[n] = m->threads[i];
		p->thread_batch[n] = p->thread_batch[i];
		map_put(&p->thread_by_tid, m->threads[n].tid, 0, n);
		n++;
	}
	m->nthreads = n;
}

static void threads_tick(struct model_priv *p)
{
	struct m_thread *t;

	for (u32 i = 0; i < p->pub.nthreads; i++) {
		t = &p->pub.threads[i];
		if (p->thread_batch[i] == p->batch)
			continue;
		t->prev = t->now;
		t->gone = true; /* each batch tells of all threads that there are */
	}
	threads_compact(p);
}

static int waker_compare(const void *a, const void *b)
{
	const struct m_waker *x = a, *y = b;

	if (x->now.count != y->now.count)
		return x->now.count > y->now.count ? -1 : 1;
	if (x->key.id != y->key.id)
		return x->key.id < y->key.id ? -1 : 1;
	if (x->key.woken_tid != y->key.woken_tid)
		return x->key.woken_tid < y->key.woken_tid ? -1 : 1;
	if (x->key.waker_tid != y->key.waker_tid)
		return x->key.waker_tid < y->key.waker_tid ? -1 : 1;
	if (x->key.born != y->key.born)
		return x->key.born < y->key.born ? -1 : 1;
	return x->key.ctx < y->key.ctx ? -1 : x->key.ctx > y->key.ctx;
}

static void wakers_tick(struct model_priv *p)
{
	struct model *m = &p->pub;
	u32 n = 0, gone = 0;

	for (u32 i = 0; i < m->nwakers; i++)
		gone += m->wakers[i].gone;
	for (u32 i = 0; i < m->nwakers; i++) {
		if (!inst_get(p, m->wakers[i].key.id)) /* dropped long after its death */
			continue;
		if (m->wakers[i].gone && gone > MODEL_MAX_GONE)
			continue;
		if (p->waker_batch[i] != p->batch) {
			m->wakers[i].prev = m->wakers[i].now;
			m->wakers[i].gone = true; /* each batch tells of all that there are */
		}
		m->wakers[n++] = m->wakers[i];
	}
	m->nwakers = n;
	if (n)
		qsort(m->wakers, n, sizeof(*m->wakers), waker_compare);
	map_clear(&p->waker_by_key);
	for (u32 i = 0; i < n; i++) {
		map_put(&p->waker_by_key, waker_key_a(&m->wakers[i].key),
			waker_key_b(&m->wakers[i].key), i);
		p->waker_batch[i] = p->batch;
	}
}

void actors_tick(struct model_priv *p)
{
	threads_tick(p);
	wakers_tick(p);
}

void actors_free(struct model_priv *p)
{
	free(p->pub.threads);
	free(p->pub.wakers);
	free(p->pub.targets);
	free(p->thread_batch);
	free(p->waker_batch);
	map_free(&p->thread_by_tid);
	map_free(&p->waker_by_key);
	map_free(&p->target_by_tgid);
}
