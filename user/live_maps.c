/* SPDX-License-Identifier: GPL-2.0 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "clock.h"
#include "live_maps.h"
#include "undisturbed.h"

#define ENTERED_NS 10000000ULL /* an id is taken before its entry is there: see instance_enter() */

_Static_assert(sizeof(struct waker_key) <= sizeof(struct item_key), "the largest key");
_Static_assert(sizeof(struct waker_stats) <= sizeof(struct ep_instance), "the largest value");

int live_maps_init(struct live_maps *lm)
{
	return hash_room_init(&lm->room, sizeof(struct item_key), sizeof(struct ep_instance));
}

void live_maps_free(struct live_maps *lm)
{
	hash_room_free(&lm->room);
	hash_keys_free(&lm->known_threads);
	hash_keys_free(&lm->known_wakers);
	free(lm->alive);
	memset(lm, 0, sizeof(*lm));
}

/* Every entry of a map. */
static int each(struct live_maps *lm, int fd, size_t key_size, size_t value_size, entry_fn fn,
		void *ctx)
{
	const struct hash_map map = { fd, key_size, value_size };

	return hash_map_each(&lm->room, &map, fn, ctx);
}

struct visit {
	struct live_maps *lm;
	record_fn fn;
	void *ctx;
	u64 id;                   /* items: of which instance */
	const struct sweep *gone; /* items: what has left its tree */
	const u64 *seen;          /* missing: ids that are there */
	size_t nseen;
	u64 before_ns;
	u32 pass;
	bool age;   /* threads that have ended, and pairs of them, are dropped */
	bool ended; /* pairs: only those are emitted */
	int count, dropped;
};

static int id_compare(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return (x > y) - (x < y);
}

static bool id_in(u64 id, const u64 *ids, size_t n)
{
	return bsearch(&id, ids, n, sizeof(*ids), id_compare);
}

static int record(const struct visit *v, u32 type, const void *payload, size_t len)
{
	struct rec_hdr hdr = { .type = type, .len = (u32)len };

	return v->fn ? v->fn(v->ctx, &hdr, payload) : 0;
}

static int alive_add(struct live_maps *lm, u64 id)
{
	u64 *more;

	if (lm->nalive == lm->alive_size) {
		more = realloc(lm->alive, (lm->alive_size * 2 + 64) * sizeof(*more));
		if (!more)
			return -ENOMEM;
		lm->alive = more;
		lm->alive_size = lm->alive_size * 2 + 64;
	}
	lm->alive[lm->nalive++] = id;
	return 0;
}

static int visit_instance(void *ctx, const void *key, const void *value)
{
	const struct ep_instance *inst = value;
	struct visit *v = ctx;

	(void)key;
	if (!inst->id)
		return 0; /* just being made */
	if (alive_add(v->lm, inst->id))
		return -ENOMEM;
	return record(v, REC_INSTANCE, inst, sizeof(*inst));
}

static int visit_dead(void *ctx, const void *key, const void *value)
{
	const struct ep_instance *inst = value;
	struct visit *v = ctx;

	if (!inst->died_ns)
		return 0; /* just being removed: see instance_bury() */
	bpf_map_delete_elem(v->lm->dead, key);
	v->lm->sweep = 1;
	v->lm->dead_ns = clock_mono_ns();
	v->count++;
	return record(v, REC_INSTANCE, inst, sizeof(*inst));
}

/* Without fn only the list of the living is refreshed. */
static int living(struct live_maps *lm, record_fn fn, void *ctx)
{
	struct visit v = { .lm = lm, .fn = fn, .ctx = ctx };
	int ret;

	lm->nalive = 0;
	lm->alive_ns = clock_mono_ns() - ENTERED_NS;
	ret = each(lm, lm->instances, sizeof(u64), sizeof(struct ep_instance), visit_instance, &v);
	if (lm->nalive)
		qsort(lm->alive, lm->nalive, sizeof(*lm->alive), id_compare);
	return ret;
}

/* Returns how many, or a negative errno. */
static int take_dead(struct live_maps *lm, record_fn fn, void *ctx)
{
	struct visit v = { .lm = lm, .fn = fn, .ctx = ctx };
	u64 buried = __atomic_load_n(lm->buried, __ATOMIC_ACQUIRE); /* these at least are met */
	int ret;

	if (buried == lm->taken)
		return 0;
	ret = each(lm, lm->dead, sizeof(u64), sizeof(struct ep_instance), visit_dead, &v);
	if (ret)
		return ret;
	lm->taken = buried;
	return v.count;
}

int live_maps_instances(struct live_maps *lm, record_fn fn, void *ctx)
{
	int ret = living(lm, fn, ctx);

	if (!ret)
		ret = take_dead(lm, fn, ctx);
	return ret < 0 ? ret : 0;
}

int live_maps_tend(struct live_maps *lm, record_fn fn, void *ctx)
{
	int ret = take_dead(lm, fn, ctx), dead = ret;

	if (ret < 0 || (!ret && !lm->sweep))
		return ret;
	ret = living(lm, NULL, NULL);
	if (!ret)
		ret = live_maps_items(lm, 0, NULL, fn, ctx);
	return ret ? ret : dead;
}

void live_maps_swept(struct live_maps *lm)
{
	if (lm->alive_ns >= lm->dead_ns)
		lm->sweep = 0;
}

/* Not among the living, and not younger than our list of them (see instance_new_id()). */
static bool id_gone(const struct live_maps *lm, u64 id)
{
	return id < (lm->alive_ns >> 4) << 10 && !id_in(id, lm->alive, lm->nalive);
}

static int visit_item(void *ctx, const void *key, const void *value)
{
	struct visit *v = ctx;
	struct rec_item rec;

	memcpy(&rec.key, key, sizeof(rec.key));
	memcpy(&rec.st, value, sizeof(rec.st));
	if (v->lm->sweep && id_gone(v->lm, rec.key.id)) {
		bpf_map_delete_elem(v->lm->items, key);
		return 0;
	}
	if (v->gone && sweep_gone(v->gone, &rec.key, &rec.st)) {
		asks_item_forget(&v->lm->asks, &rec.key, &rec.st);
		return 0;
	}
	if (v->id != ~0ULL && v->id != rec.key.id)
		return 0;
	return record(v, REC_ITEM, &rec, sizeof(rec));
}

static int visit_data(void *ctx, const void *key, const void *value)
{
	const struct data_key *k = key;
	struct visit *v = ctx;

	(void)value;
	if (id_gone(v->lm, k->id))
		bpf_map_delete_elem(v->lm->by_data, key);
	return 0;
}

int live_maps_items(struct live_maps *lm, u64 id, const struct sweep *gone, record_fn fn, void *ctx)
{
	struct visit v = { .lm = lm, .fn = fn, .ctx = ctx, .id = id, .gone = gone };
	int ret = 0;

	if (!id && !lm->sweep && !gone)
		return 0;
	ret = each(lm, lm->items, sizeof(struct item_key), sizeof(struct item_stats), visit_item,
		   &v);
	if (!ret && lm->sweep)
		ret = each(lm, lm->by_data, sizeof(struct data_key), sizeof(struct data_index),
			   visit_data, &v);
	return ret;
}

int live_maps_items_at(struct live_maps *lm, const struct item_key *keys, u32 n, record_fn fn,
		       void *ctx)
{
	struct visit v = { .lm = lm, .fn = fn, .ctx = ctx };
	struct rec_item rec;
	int ret = 0;

	undisturbed_begin();
	for (u32 i = 0; i < n && !ret; i++) {
		rec.key = keys[i];
		if (!bpf_map_lookup_elem(lm->items, &rec.key, &rec.st))
			ret = record(&v, REC_ITEM, &rec, sizeof(rec));
	}
	undisturbed_end();
	return ret;
}

/* By its number as we see it. */
static bool thread_lives(u32 tid)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%u", tid);
	return !access(path, F_OK) || errno != ENOENT;
}

static int visit_thread(void *ctx, const void *key, const void *value)
{
	struct rec_thread rec = { .tid = *(const u32 *)key };
	struct visit *v = ctx;

	memcpy(&rec.st, value, sizeof(rec.st));
	rec.tid = rec.st.tid;
	if (v->age && rec.tid && !thread_lives(rec.tid))
		asks_thread_forget(&v->lm->asks, *(const u32 *)key);
	/* 0: it is outside of our PID namespace */
	return rec.tid ? record(v, REC_THREAD, &rec, sizeof(rec)) : 0;
}

/* Whether both threads are still there. Of a waker out of our sight nobody can tell. */
static bool threads_live(struct live_maps *lm, const struct rec_waker *rec)
{
	struct thread_state ts;

	if (bpf_map_lookup_elem(lm->threads, &rec->key.woken_tid, &ts))
		return false;
	return !rec->st.waker_tid || thread_lives(rec->st.waker_tid);
}

static bool pair_ended(const struct visit *v, const struct rec_waker *rec)
{
	if (!v->lm->sweep && !v->age)
		return false;
	return id_gone(v->lm, rec->key.id) || (v->age && !threads_live(v->lm, rec));
}

static int visit_waker(void *ctx, const void *key, const void *value)
{
	struct visit *v = ctx;
	struct rec_waker rec;

	memcpy(&rec.key, key, sizeof(rec.key));
	memcpy(&rec.st, value, sizeof(rec.st));
	v->count++;
	if (pair_ended(v, &rec)) {
		bpf_map_delete_elem(v->lm->wakers, key);
		v->dropped++;
	} else if (v->ended) {
		return 0;
	}
	rec.key.waker_tid = rec.st.waker_tid;
	rec.key.woken_tid = rec.st.woken_tid;
	return record(v, REC_WAKER, &rec, sizeof(rec));
}

int live_maps_threads(struct live_maps *lm, bool age, record_fn fn, void *ctx)
{
	const struct hash_map map = { lm->threads, sizeof(u32), sizeof(struct thread_state) };
	struct visit v = { .lm = lm, .fn = fn, .ctx = ctx, .age = age };

	return hash_map_again(&lm->room, &map, &lm->known_threads,
			      __atomic_load_n(lm->threads_entered, __ATOMIC_ACQUIRE), visit_thread,
			      &v);
}

static int wakers(struct live_maps *lm, struct visit *v)
{
	const struct hash_map map = { lm->wakers, sizeof(struct waker_key),
				      sizeof(struct waker_stats) };

	return hash_map_again(&lm->room, &map, &lm->known_wakers,
			      __atomic_load_n(lm->paired, __ATOMIC_ACQUIRE), visit_waker, v);
}

int live_maps_wakers(struct live_maps *lm, bool age, record_fn fn, void *ctx)
{
	struct visit v = { .lm = lm, .fn = fn, .ctx = ctx, .age = age };
	int ret = wakers(lm, &v);

	return ret ? ret : v.count;
}

int live_maps_wakers_ended(struct live_maps *lm, record_fn fn, void *ctx)
{
	struct visit v = { .lm = lm, .fn = fn, .ctx = ctx, .age = true, .ended = true };
	int ret = wakers(lm, &v);

	return ret ? ret : v.dropped;
}

static int visit_missing(void *ctx, const void *key, const void *value)
{
	struct ep_instance inst;
	struct visit *v = ctx;

	(void)key;
	memcpy(&inst, value, sizeof(inst));
	if (!inst.id || inst.born_ns >= v->before_ns || id_in(inst.id, v->seen, v->nseen))
		return 0;
	/* It may be on its way in a Unix socket, or a call holds it, or it was moved meanwhile. */
	asks_instance_bury(&v->lm->asks, &inst);
	return 0;
}

int live_maps_missing(struct live_maps *lm, u64 *seen, size_t n, u64 before_ns)
{
	struct visit v = { .lm = lm, .seen = seen, .nseen = n, .before_ns = before_ns };

	if (n)
		qsort(seen, n, sizeof(*seen), id_compare);
	return each(lm, lm->instances, sizeof(u64), sizeof(struct ep_instance), visit_missing, &v);
}

static int visit_unseen(void *ctx, const void *key, const void *value)
{
	struct visit *v = ctx;

	if (((const struct unseen_instance *)value)->pass < v->pass)
		bpf_map_delete_elem(v->lm->unseen, key);
	return 0;
}

int live_maps_unseen(struct live_maps *lm, u32 pass)
{
	struct visit v = { .lm = lm, .pass = pass };
	u64 key;

	if (bpf_map_get_next_key(lm->unseen, NULL, &key))
		return 0; /* as nearly always */
	return each(lm, lm->unseen, sizeof(u64), sizeof(struct unseen_instance), visit_unseen, &v);
}
