/* SPDX-License-Identifier: GPL-2.0 */
#include "clock.h"
#include "tend.h"

#define AGE_NS  1000000000ULL /* pairs of wakers: whether a thread has ended is asked of /proc */
#define TEND_NS 100000000ULL
#define SOON_NS 10000000ULL
#define MANY    512 /* then look again soon */
/* Asking that of many pairs that live takes long: at most one part in so many of the time. */
#define ENDED_SHARE 20

/* Returns how many pairs went, or a negative errno. */
static int tend_pairs(struct tend *t, struct live_maps *lm, u64 now, record_fn fn, void *ctx)
{
	u64 paired = __atomic_load_n(lm->paired, __ATOMIC_ACQUIRE);
	int ret;

	if (t->pairs + (paired - t->paired) <= MANY || now < t->next_ended)
		return 0;
	ret = live_maps_wakers_ended(lm, fn, ctx);
	t->next_ended = now + (clock_mono_ns() - now) * ENDED_SHARE;
	return ret;
}

int tend(struct tend *t, struct live_maps *lm, u64 now, record_fn fn, void *ctx)
{
	int dead = live_maps_tend(lm, fn, ctx), pairs;

	/* Pairs of the dead go with the next sample that ages them, or below if they are many. */
	live_maps_swept(lm);
	pairs = dead < 0 ? dead : tend_pairs(t, lm, now, fn, ctx);
	t->next_ns = now + (dead > MANY || pairs > 0 ? SOON_NS : TEND_NS);
	return pairs < 0 ? pairs : 0;
}

int tend_threads(struct tend *t, struct live_maps *lm, u64 now, record_fn fn, void *ctx)
{
	u64 paired = __atomic_load_n(lm->paired, __ATOMIC_ACQUIRE);
	bool age = now >= t->next_age || t->pairs > MANY;
	/* Hook exit drops them; the kernel may have skipped it, which is counted. */
	int ret = live_maps_threads(lm, age, fn, ctx);

	if (!ret)
		ret = live_maps_wakers(lm, age, fn, ctx);
	if (ret < 0)
		return ret;
	if (age)
		t->next_age = now + AGE_NS;
	t->pairs = (u32)ret;
	t->paired = paired;
	return 0;
}
