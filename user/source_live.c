/* SPDX-License-Identifier: GPL-2.0 */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "clock.h"
#include "cost.h"
#include "demand.h"
#include "live_maps.h"
#include "live_meta.h"
#include "log.h"
#include "passes.h"
#include "session.h"
#include "signals.h"
#include "skipped.h"
#include "source_live.h"
#include "targets.h"
#include "tend.h"

#define DRAIN_NS 10000000ULL /* how often the ring buffer is emptied while events stream */
/* At a limit that was set, a last sample younger than this share of the interval is the end. */
#define FLUSH_SHARE 20

struct live {
	const struct options *o;
	struct live_opts lo;
	struct session s;
	struct live_maps maps;
	struct passes passes;
	struct targets targets;
	struct ring_buffer *ring;
	u64 due, last; /* last: when the last sample was taken */
	struct tend tend;
	struct cost cost;
	u64 returns_lost; /* LOSS_RETURN as told last */
	u64 targets_lost; /* both losses of processes to watch, as of the last sample */
	bool started, gone;
	record_fn fn; /* where records of the running call go */
	void *ctx;
	u64 budget; /* events that the running drain may still take */
	int err;    /* of fn inside the ring buffer's callback */
};

/* A record_fn (ctx is the struct live): all records pass here on their way out. */
static int hand_on(void *ctx, const struct rec_hdr *hdr, const void *payload)
{
	struct live *l = ctx;

	cost_record(&l->cost, hdr);
	return l->fn(l->ctx, hdr, payload);
}

static int emit(struct live *l, u32 type, const void *payload, size_t len)
{
	struct rec_hdr hdr = { .type = type, .len = (u32)len };

	return hand_on(l, &hdr, payload);
}

static int ring_event(void *ctx, void *data, size_t len)
{
	struct live *l = ctx;

	if (!l->err)
		l->err = emit(l, REC_EVENT, data, len);
	/* libbpf goes on while the producer does: it must come back for samples and signals. */
	return l->err || !--l->budget ? -ECANCELED : 0;
}

static int ring_drain(struct live *l)
{
	l->budget = (u64)l->o->ring_kb * 1024 / (sizeof(struct ev) + 8) + 1; /* a full ring */
	if (l->ring)
		ring_buffer__consume(l->ring);
	return l->err;
}

/* A process alone can be visited cheaply on newer kernels; several are visited in one pass. */
static u32 snapshot_scope(const struct live *l)
{
	u32 only = 0;
	size_t i;

	if (l->o->all)
		return 0;
	for (i = 0; i < l->targets.n; i++) {
		if (l->targets.list[i].exited)
			continue;
		if (only)
			return 0;
		only = l->targets.list[i].tgid;
	}
	return only;
}

static int batch_end(struct live *l)
{
	struct rec_loss loss;
	struct rec_cost cost;
	struct rec_tick tick = { .ts = clock_mono_ns() };
	u64 targets_lost;
	int ret;

	memcpy(loss.count, (void *)l->s.skel->bss->losses, sizeof(loss.count));
	skipped_read(&l->s, loss.count);
	if (loss.count[LOSS_RETURN] < l->returns_lost) /* skipped, and not yet found missing */
		loss.count[LOSS_RETURN] = l->returns_lost;
	l->returns_lost = loss.count[LOSS_RETURN];
	targets_lost = loss.count[LOSS_TARGETS] + loss.count[LOSS_SKIPPED_FORK];
	if (targets_lost != l->targets_lost) {
		ret = targets_rescan(&l->targets);
		if (ret)
			return ret;
	}
	l->targets_lost = targets_lost;
	ret = emit(l, REC_LOSS, &loss, sizeof(loss));
	cost_read(&l->cost, &cost);
	if (!ret)
		ret = emit(l, REC_COST, &cost, sizeof(cost));
	return ret ? ret : emit(l, REC_TICK, &tick, sizeof(tick));
}

static int batch(struct live *l)
{
	u64 now = clock_mono_ns();
	int ret;

	l->last = now;
	ret = targets_update(&l->targets, hand_on, l);
	if (targets_gone(&l->targets)) { /* the last sample of all */
		passes_hurry(&l->passes);
		cost_close(&l->cost);
	}
	if (!ret)
		ret = passes_sample(&l->passes, snapshot_scope(l), hand_on, l);
	demand_update(&l->s);
	if (!ret)
		ret = ring_drain(l);
	if (!ret)
		ret = live_maps_instances(&l->maps, hand_on, l);
	if (!ret)
		ret = passes_items(&l->passes, hand_on, l);
	if (!ret)
		ret = tend_threads(&l->tend, &l->maps, now, hand_on, l);
	live_maps_swept(&l->maps);
	return ret ? ret : batch_end(l);
}

/* The next sample on the clock's grid; samples that could not be taken in time are left out. */
static void due_next(struct live *l, u64 now)
{
	u64 step = l->o->interval_ms * 1000000ULL;

	l->due += step;
	if (l->due <= now)
		l->due = now + step - (now - l->due) % step;
}

/* What was to be done until then may have become due while other things were done. */
static void nap(u64 now, u64 until)
{
	u64 ns = until > now ? until - now : 0;
	struct timespec ts = { .tv_sec = (time_t)(ns / 1000000000),
			       .tv_nsec = (long)(ns % 1000000000) };

	nanosleep(&ts, NULL); /* a signal ends it early, as wanted */
}

static int tend_all(struct live *l, u64 now)
{
	int ret = passes_tend(&l->passes, hand_on, l);

	return ret ? ret : tend(&l->tend, &l->maps, now, hand_on, l);
}

/* Waits for the next sample, emptying the ring meanwhile. Returns 1 when it is due. */
static int wait_due(struct live *l, int timeout_ms)
{
	u64 end = timeout_ms < 0 ? ~0ULL : clock_mono_ns() + (u64)timeout_ms * 1000000;
	u64 now, until;
	int ret;

	for (;;) {
		ret = ring_drain(l);
		now = clock_mono_ns();
		if (!ret && now >= l->tend.next_ns)
			ret = tend_all(l, now);
		if (l->last && !stop_requested) /* a single sample needs none */
			cost_tend(&l->cost, now);
		if (ret || now >= l->due)
			return ret ? ret : 1;
		if (now >= end || stop_requested)
			return 0;
		until = l->due < end ? l->due : end;
		until = l->tend.next_ns < until ? l->tend.next_ns : until;
		until = l->cost.next_ns < until ? l->cost.next_ns : until;
		if (l->ring && until > now + DRAIN_NS)
			until = now + DRAIN_NS;
		nap(now, until);
	}
}

static int live_next(struct source *src, int timeout_ms, record_fn fn, void *ctx)
{
	struct live *l = src->priv;
	int ret = 0;

	if (l->gone)
		return SOURCE_END;
	l->fn = fn;
	l->ctx = ctx;
	if (!l->started) {
		cost_begin(&l->cost);
		ret = live_meta_emit(l->o, &l->s.plan, hand_on, l);
		l->started = true;
	}
	if (!ret)
		ret = wait_due(l, timeout_ms);
	if (ret <= 0)
		return ret;
	ret = batch(l);
	if (ret)
		return ret;
	due_next(l, clock_mono_ns());
	l->gone = targets_gone(&l->targets);
	return 1;
}

static int live_flush(struct source *src, record_fn fn, void *ctx)
{
	struct live *l = src->priv;
	u64 young;

	l->fn = fn;
	l->ctx = ctx;
	passes_hurry(&l->passes);
	young = l->o->interval_ms * 1000000ULL / FLUSH_SHARE;
	if (l->gone || !l->started || (!stop_requested && clock_mono_ns() - l->last < young))
		return 0;
	cost_close(&l->cost);
	return batch(l);
}

static int live_due_ms(struct source *src)
{
	struct live *l = src->priv;
	u64 now = clock_mono_ns(), due = l->due;

	if (l->last && l->cost.next_ns < due)
		due = l->cost.next_ns;
	if (l->gone || now >= due)
		return 0;
	return (int)((due - now) / 1000000) + 1;
}

static void live_focus(struct source *src, u64 id)
{
	struct live *l = src->priv;

	passes_focus(&l->passes, id);
}

static void live_close(struct source *src)
{
	struct live *l = src->priv;

	if (!l)
		return;
	cost_close(&l->cost);
	ring_buffer__free(l->ring);
	targets_close(&l->targets);
	passes_free(&l->passes);
	live_maps_free(&l->maps);
	session_close(&l->s);
	free(l);
	src->priv = NULL;
}

static int live_setup(struct live *l)
{
	struct epscope_bpf *skel = l->s.skel;
	int ret;

	l->maps.instances = bpf_map__fd(skel->maps.instances);
	l->maps.dead = bpf_map__fd(skel->maps.dead);
	l->maps.unseen = bpf_map__fd(skel->maps.unseen);
	l->maps.items = bpf_map__fd(skel->maps.items);
	l->maps.by_data = bpf_map__fd(skel->maps.by_data);
	l->maps.threads = bpf_map__fd(skel->maps.threads);
	l->maps.wakers = bpf_map__fd(skel->maps.wakers);
	l->maps.asks = (struct asks){
		.ask = (struct ask *)&skel->bss->ask,
		.instance_bury = bpf_program__fd(skel->progs.ask_instance_bury),
		.item_forget = bpf_program__fd(skel->progs.ask_item_forget),
		.thread_forget = bpf_program__fd(skel->progs.ask_thread_forget),
		.file = bpf_program__fd(skel->progs.ask_file),
	};
	l->maps.losses = (u64 *)skel->bss->losses;
	l->maps.buried = &skel->bss->buried;
	l->maps.threads_entered = &skel->bss->threads_entered;
	l->maps.paired = &skel->bss->paired;
	ret = live_maps_init(&l->maps);
	if (!ret)
		ret = passes_init(&l->passes, &l->s, &l->maps, l->lo.walk_share);
	if (!ret && l->lo.stream_mask) {
		l->ring = ring_buffer__new(bpf_map__fd(skel->maps.ring), ring_event, l, NULL);
		if (!l->ring)
			ret = -errno;
	}
	if (!ret)
		ret = targets_attach(&l->targets, bpf_map__fd(skel->maps.targets),
				     (u64 *)skel->bss->losses);
	l->due = clock_mono_ns();
	return ret;
}

enum exit_code source_live_open(struct source *src, const struct options *o,
				const struct live_opts *lo)
{
	struct live *l = calloc(1, sizeof(*l));
	enum exit_code code;
	int ret;

	if (!l) {
		log_error("out of memory");
		return EXIT_FAILED;
	}
	memset(src, 0, sizeof(*src));
	src->priv = l;
	src->next = live_next;
	src->flush = live_flush;
	src->due_ms = live_due_ms;
	src->focus = live_focus;
	src->close = live_close;
	l->o = o;
	l->lo = *lo;
	l->passes.all_items = lo->all_items;
	l->passes.one_shown = lo->one_shown;
	l->targets.map_fd = -1;
	cost_init(&l->cost, &l->s);
	code = targets_init(&l->targets, o, lo->child_output);
	if (!code)
		code = session_open(&l->s, o, lo->stream_mask);
	if (!code) {
		session_settle(&l->s);
		ret = live_setup(l);
		if (ret) {
			log_error("cannot prepare the maps: %s", strerror(-ret));
			code = EXIT_FAILED;
		}
	}
	if (!code)
		code = targets_go(&l->targets);
	if (code)
		live_close(src);
	return code;
}
