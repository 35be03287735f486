/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A made-up target for the tests of the dashboard: emits the records of one sample after the other,
 * each a pure function of its number, so that every figure on screen can be computed by hand.
 */
#ifndef EPSCOPE_TEST_UI_FIXTURE_H
#define EPSCOPE_TEST_UI_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "model.h"

#define FX_MS    1000000ULL
#define FX_START (1000 * FX_MS)   /* CLOCK_MONOTONIC of the first record */
#define FX_STEP  (100 * FX_MS)    /* between samples */
#define FX_ID(i) (100 + (u64)(i)) /* ep_instance.id of instance i, from 0 */

struct fx {
	record_fn fn;
	void *ctx;
	u32 instances; /* that many, each with an owner and a thread */
	u32 items;     /* registered with instance 0; the others have 3 */
	u32 ready;     /* on the ready list of instance 0 at even samples, half of it at odd ones */
	bool basic;    /* no hook on callbacks and items, wakeups from tracepoints */
	u64 lost;      /* records lost in the ring */
	u64 wasted;    /* wakeups for nothing per sample of instance 0 */
	bool exited;
	bool refused; /* the kernel does not account */
};

static inline void fx_emit(const struct fx *fx, u32 type, const void *payload, size_t len)
{
	struct rec_hdr hdr = { type, (u32)len };

	fx->fn(fx->ctx, &hdr, payload);
}

static inline u64 fx_time(u64 sample)
{
	return FX_START + sample * FX_STEP;
}

static inline void fx_plan(const struct fx *fx)
{
	struct rec_meta meta = { .mono_ns = FX_START, .ncpu = 4, .interval_ms = 100 };

	meta.wall_ns = 1700000000000000000ULL;
	strcpy(meta.release, "6.12.0-test");
	strcpy(meta.version, "1");
	fx_emit(fx, REC_META, &meta, sizeof(meta));
	for (u32 h = 0; h < HOOK_COUNT; h++) {
		struct rec_plan plan = { .hook = h, .tier = TIER_FULL };
		bool none = h == HOOK_CALLBACK || h == HOOK_ITEM;

		strcpy(plan.mechanism, "fentry");
		if (fx->basic && h != HOOK_SNAPSHOT && h != HOOK_EXIT)
			plan.tier = none ? TIER_NONE : TIER_BASIC;
		if (plan.tier == TIER_BASIC)
			strcpy(plan.mechanism, "tracepoint");
		if (plan.tier == TIER_NONE) {
			strcpy(plan.mechanism, "none");
			strcpy(plan.reason, "no function hooks on this kernel");
		}
		fx_emit(fx, REC_PLAN, &plan, sizeof(plan));
	}
}

static inline void fx_name(char *comm, u32 i)
{
	static const char *const names[] = { "redis-server", "nginx", "postgres" };

	snprintf(comm, COMM_LEN, "%s", names[i % 3]);
}

static inline void fx_hist(u64 *slots, int around, u64 n)
{
	for (int d = -2; d <= 3; d++)
		slots[around + d] = n >> (2 * abs(d));
}

static inline void fx_instance(const struct fx *fx, u32 i, u64 sample)
{
	struct ep_instance rec = { .id = FX_ID(i), .ep = 0xffff888100000000ULL + i * 4096 };
	struct ep_stats *st = &rec.st;
	u64 n = (sample + 1) * (i ? 10 : 1000);

	rec.tgid = 1234 + i;
	rec.epfd = (s32)(5 + i);
	rec.born_ns = FX_START;
	fx_name(rec.comm, i);
	st->waits = n;
	st->ret_events = n;
	st->delivered = 3 * n;
	st->callbacks = 4 * n;
	st->cb_ready = 3 * n;
	st->cb_already = n;
	st->woken = n;
	st->wasted = i ? 0 : fx->wasted * (sample + 1);
	st->scans = n;
	st->put_back = n / 2;
	st->adds = i ? 3 : fx->items;
	st->in_wait = 1;
	st->ready_peak = i ? 1 : fx->ready;
	fx_hist(st->hist_ready, 14, n);
	fx_hist(st->hist_blocked, 20, n);
	fx_hist(st->hist_sched, 12, n);
	fx_hist(st->hist_return, 11, n);
	fx_hist(st->hist_handler, i ? 12 : 24, n);
	st->hist_batch[0] = n / 2;
	st->hist_batch[1] = n / 4;
	st->hist_batch[2] = n / 4;
	fx_emit(fx, REC_INSTANCE, &rec, sizeof(rec));
}

static inline u64 fx_node(u32 i, u32 k)
{
	return 0xffff888200000000ULL + ((u64)i << 32) + k * 256;
}

static inline u64 fx_file(u32 i, u32 k)
{
	return 0xffff888a00000000ULL + ((u64)i << 32) + k * 512;
}

static inline s32 fx_fd(u32 k, u32 n)
{
	return (s32)(8 + (k * 7) % (n % 7 ? n : n + 1));
}

/*
 * Nodes [first, end) as a subtree as full as can be: its levels are complete but the last, so any
 * set of levels may be red that has no two neighbours and not the root.
 */
static inline u64 fx_subtree(struct snap_node *nodes, u32 i, u32 first, u32 end, u64 parent,
			     u32 level, u32 depth)
{
	u32 n = end - first, left = 0, last, mid;
	u32 full = 1;

	if (!n)
		return 0;
	while (2 * full + 1 <= n)
		full = 2 * full + 1;
	last = n - full; /* nodes on the incomplete level */
	left = full / 2 + (last < full / 2 + 1 ? last : full / 2 + 1);
	mid = first + left;
	nodes[mid].node = fx_node(i, mid);
	nodes[mid].parent_color = parent | !((depth - level) % 2 == 0 && level > 1);
	nodes[mid].left = fx_subtree(nodes, i, first, mid, nodes[mid].node, level + 1, depth);
	nodes[mid].right = fx_subtree(nodes, i, mid + 1, end, nodes[mid].node, level + 1, depth);
	return nodes[mid].node;
}

static inline u32 fx_depth(u32 n)
{
	u32 depth = 0;

	while (n >> depth)
		depth++;
	return depth;
}

static inline u32 fx_ready(const struct fx *fx, u32 i, u64 sample)
{
	u32 ready = i ? 1 : fx->ready;

	return sample % 2 ? ready / 2 : ready;
}

static inline void fx_tree(const struct fx *fx, u32 i, u64 sample)
{
	u32 n = i ? 3 : fx->items, ready = fx_ready(fx, i, sample);
	size_t len = sizeof(struct snap_tree) + n * sizeof(struct snap_node);
	struct snap_tree *rec = calloc(1, len);
	struct snap_node *nodes = (struct snap_node *)(rec + 1);
	struct snap_owner owner = { .id = FX_ID(i), .tgid = 1234 + i };

	rec->id = FX_ID(i);
	rec->ts = fx_time(sample);
	rec->items = n;
	rec->change = n; /* all of them were added before our eyes */
	rec->ready = ready;
	rec->waiters = 1;
	rec->root = fx_subtree(nodes, i, 0, n, 0, 1, fx_depth(n));
	for (u32 k = 0; k < n; k++) {
		nodes[k].file = fx_file(i, k);
		nodes[k].fd = fx_fd(k, n);
		nodes[k].events = k % 3 ? 0x80000001u : 0x2001u;
		nodes[k].ready = k < ready ? k + 1 : 0;
	}
	owner.fd = (s32)(5 + i);
	rec->flags = SNAP_WALKED;
	fx_name(owner.comm, i);
	fx_emit(fx, REC_OWNER, &owner, sizeof(owner));
	fx_emit(fx, REC_TREE, rec, len);
	free(rec);
}

static inline void fx_desc(const struct fx *fx, u32 i, u32 k, u32 n)
{
	struct rec_fd fd = { .id = FX_ID(i), .file = fx_file(i, k), .fd = fx_fd(k, n) };

	strcpy(fd.type, k % 5 ? "tcp" : "eventfd");
	if (k % 5)
		snprintf(fd.detail, sizeof(fd.detail), "127.0.0.1:6379 -> 127.0.0.1:%u", 40000 + k);
	fx_emit(fx, REC_FD, &fd, sizeof(fd));
}

static inline void fx_items(const struct fx *fx, u32 i, u64 sample)
{
	u32 n = i ? 3 : fx->items;

	for (u32 k = 0; k < n; k++) {
		struct rec_item rec = { .key = { FX_ID(i), fx_file(i, k), fx_fd(k, n), 0 } };

		rec.st.callbacks = (sample + 1) * (k + 1);
		rec.st.delivered = (sample + 1) * k;
		rec.st.mods = k % 2;
		rec.st.events = k % 3 ? 0x80000001u : 0x2001u;
		rec.st.revents = 1;
		rec.st.ready_sum_ns = (sample + 1) * k * 15000;
		rec.st.ready_n = rec.st.delivered;
		rec.st.last_cb_ns = fx_time(sample) - k * FX_MS;
		rec.st.last_delivered_ns = k ? rec.st.last_cb_ns : 0;
		rec.st.ready_ns =
			k < fx_ready(fx, i, sample) ? fx_time(sample) - (k + 1) * FX_MS : 0;
		fx_emit(fx, REC_ITEM, &rec, sizeof(rec));
		if (!sample)
			fx_desc(fx, i, k, n);
	}
}

static inline void fx_actors(const struct fx *fx, u32 i, u64 sample)
{
	struct rec_thread thread = { .tid = 1234 + i };
	struct rec_waker waker = { .key = { FX_ID(i), 4000 + i, 1234 + i, CTX_TASK, 0 } };
	u64 n = (sample + 1) * (i ? 10 : 1000);

	thread.st.tgid = 1234 + i;
	thread.st.ep = i % 2 ? 0 : 0xffff888100000000ULL + i * 4096;
	thread.st.id = thread.st.last_id = FX_ID(i);
	thread.st.enter_ns = fx_time(sample) - 2 * FX_MS;
	thread.st.waits = n;
	thread.st.delivered = 3 * n;
	thread.st.woken = n;
	thread.st.wasted = i ? 0 : fx->wasted * (sample + 1);
	fx_name(thread.st.comm, i);
	fx_emit(fx, REC_THREAD, &thread, sizeof(thread));
	waker.st.count = n - n / 4;
	waker.st.last_ns = fx_time(sample) - FX_MS;
	waker.st.waker_tgid = 4000 + i;
	strcpy(waker.st.comm, "client");
	fx_emit(fx, REC_WAKER, &waker, sizeof(waker));
	waker.key.waker_tid = 0;
	waker.key.ctx = CTX_SOFTIRQ;
	waker.st.count = n / 4;
	fx_emit(fx, REC_WAKER, &waker, sizeof(waker));
}

/* All records of sample number n, from 0. */
static inline void fx_sample(const struct fx *fx, u64 sample)
{
	struct rec_target target = { .tgid = 1234, .state = TARGET_RUNNING };
	struct rec_loss loss = { { fx->lost } };
	struct rec_tick tick = { fx_time(sample) };
	u64 n = sample + 1;
	struct rec_cost cost = { .cpu_ns = n * FX_MS / 2, .bytes = n * 2000 };

	if (!fx->refused) {
		cost.accounted_ns = n * FX_MS;
		cost.bpf_ns = n * 12500;
		cost.bpf_runs = n * 40;
	}
	if (!sample)
		fx_plan(fx);
	if (fx->exited)
		target.state = TARGET_EXITED;
	strcpy(target.comm, "redis-server");
	fx_emit(fx, REC_TARGET, &target, sizeof(target));
	for (u32 i = 0; i < fx->instances; i++) {
		fx_tree(fx, i, sample);
		fx_instance(fx, i, sample);
		fx_items(fx, i, sample);
		fx_actors(fx, i, sample);
	}
	fx_emit(fx, REC_LOSS, &loss, sizeof(loss));
	fx_emit(fx, REC_COST, &cost, sizeof(cost));
	fx_emit(fx, REC_TICK, &tick, sizeof(tick));
}

#endif
