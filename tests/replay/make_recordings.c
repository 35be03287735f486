/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Writes the recordings that tests/replay/run.sh replays: make_recordings FOLDER. Every byte is
 * given here, so what the views print can be compared byte for byte.
 */
#include <errno.h>
#include <unistd.h>
#include "../unit/test_record_build.h"
#include "record.h"

#define START   (100 * SEC)
#define EP(id)  (0xffff888000000000ULL + (id))
#define ID      4096000
#define ID_DEAD 8192000

static struct recorder *recorder;

static void fail(const char *what, int err)
{
	fprintf(stderr, "make_recordings: %s: %s\n", what, strerror(-err));
	exit(1);
}

static struct sink recording_open(const char *name)
{
	int err = recorder_open(&recorder, name);

	if (err)
		fail(name, err);
	return (struct sink){ .fn = recorder_write, .ctx = recorder };
}

static void recording_close(const struct sink *s, const char *name)
{
	int err = recorder_close(recorder);

	if (s->err || err)
		fail(name, s->err ? s->err : err);
}

static void put_target(struct sink *s, u32 state)
{
	struct rec_target target = { .tgid = 1234, .state = state, .comm = "epserver" };

	PUT(s, REC_TARGET, target);
}

/* Totals after k seconds: k hundred waits, with a few of every other kind. */
static struct ep_instance instance_at(u64 id, u32 k)
{
	struct ep_instance inst = { .id = id,
				    .ep = EP(id),
				    .file = 0xffff888300000000ULL,
				    .born_ns = START - 5 * SEC,
				    .tgid = 1234,
				    .epfd = 5,
				    .flags = EPI_SEEN_LATE,
				    .comm = "ep,\"srv" };
	struct ep_stats *st = &inst.st;

	st->waits = 100ULL * k;
	st->ret_events = 90ULL * k;
	st->ret_timeout = 8ULL * k;
	st->ret_signal = k;
	st->ret_error = k;
	st->ret_full = 2ULL * k;
	st->delivered = 250ULL * k;
	st->callbacks = 300ULL * k;
	st->cb_ready = 240ULL * k;
	st->cb_already = 40ULL * k;
	st->cb_overflow = 12ULL * k;
	st->cb_ignored = 8ULL * k;
	st->woken = 85ULL * k;
	st->wasted = 5ULL * k;
	st->scans = 95ULL * k;
	st->put_back = 50ULL * k;
	st->left_over = 3ULL * k;
	st->overflowed = 12ULL * k;
	st->adds = k;
	st->mods = 20ULL * k;
	st->dels = k > 2;
	st->ctl_errors = k;
	st->in_wait = 1;
	st->ready_peak = 3 + k;
	st->hist_ready[14] = 200ULL * k; /* 16 to 33 us */
	st->hist_ready[17] = 50ULL * k;
	st->hist_blocked[20] = 100ULL * k;
	st->hist_sched[12] = 85ULL * k;
	st->hist_return[13] = 85ULL * k;
	st->hist_handler[18] = 99ULL * k;
	st->hist_batch[1] = 90ULL * k;
	st->max_ready = 200000;
	st->max_blocked = 1500000;
	st->max_sched = 6000;
	st->max_return = 9000;
	st->max_handler = 300000;
	st->max_batch = 3;
	return inst;
}

/* Came and went between two ticks. */
static void put_dead(struct sink *s)
{
	struct ep_instance inst = { .id = ID_DEAD,
				    .ep = EP(ID_DEAD),
				    .born_ns = START + SEC + SEC / 4,
				    .died_ns = START + SEC + SEC / 2,
				    .tgid = 1234,
				    .epfd = 9,
				    .comm = "epserver" };

	inst.st.waits = inst.st.ret_timeout = 3;
	inst.st.adds = 2;
	PUT(s, REC_INSTANCE, inst);
}

static void put_item(struct sink *s, u32 i, u64 callbacks, u64 ready_ns)
{
	struct rec_item item = { .key = build_key(ID, i) };

	item.st.epi = 0xffff888400000000ULL + i * 256;
	item.st.data = (u64)item.key.fd;
	item.st.added_ns = i ? START - SEC : 0;
	item.st.callbacks = callbacks;
	item.st.delivered = callbacks / 2;
	item.st.ready_ns = ready_ns;
	item.st.last_cb_ns = START + callbacks;
	item.st.last_delivered_ns = callbacks / 2 ? START + callbacks : 0;
	item.st.ready_sum_ns = callbacks / 2 * 20000;
	item.st.ready_n = callbacks / 2;
	item.st.events = i == 3 ? 0x10000019 : 0x80000019;
	item.st.revents = 1;
	item.st.queues = 1;
	item.st.tgid = 1234;
	PUT(s, REC_ITEM, item);
}

static void put_fd(struct sink *s, u32 i, const char *type, const char *detail)
{
	struct item_key key = build_key(ID, i);
	struct rec_fd fd = { .id = ID, .file = key.file, .fd = key.fd, .tgid = 1234 };

	snprintf(fd.type, sizeof(fd.type), "%s", type);
	snprintf(fd.detail, sizeof(fd.detail), "%s", detail);
	PUT(s, REC_FD, fd);
}

static void put_snapshot(struct sink *s, u32 k, u32 items, u32 flags)
{
	struct snap_node *nodes = calloc(items + 1, sizeof(*nodes));
	struct snap_tree tree = {
		.id = ID, .ts = START + k * SEC, .items = items, .change = k - (k > 2)
	};

	if (!nodes)
		fail("nodes", -ENOMEM);
	tree.root = build_tree(nodes, items);
	tree.ready = 2;
	tree.waiters = 1;
	tree.flags = flags;
	if (items > 3) {
		nodes[2].ready = 1;
		nodes[0].ready = 2;
		nodes[0].linked = nodes[2].linked = 1;
		nodes[3].events = 0x10000019;
	}
	if (flags & SNAP_TORN)
		nodes[items - 1].parent_color ^= 128; /* a parent that is not its parent */
	put_owner(s, ID, 1234, 5, "ep,\"srv");
	put_tree(s, &tree, nodes);
	free(nodes);
}

static struct ev *ev_new(struct ev *ev, u32 type, u64 ms)
{
	*ev = (struct ev){ .ts = START + ms * 1000000,
			   .id = ID,
			   .ep = EP(ID),
			   .tgid = 1234,
			   .tid = 1235,
			   .epfd = 5,
			   .fd = -1,
			   .type = (u8)type,
			   .ctx = CTX_TASK,
			   .cpu = 2,
			   .comm = "ep,\"srv" };
	return ev;
}

static void put_ctl(struct sink *s)
{
	struct ev ev;

	ev_new(&ev, EV_CTL, 101)->fd = 7;
	ev.op = 1;
	ev.mask = 0x80002001;
	ev.data = 7;
	PUT(s, REC_EVENT, ev);
	ev_new(&ev, EV_CTL, 102)->fd = 7;
	ev.op = 1;
	ev.mask = 1;
	ev.data = 7;
	ev.result = -EEXIST;
	PUT(s, REC_EVENT, ev);
	ev_new(&ev, EV_CTL, 103)->fd = 8;
	ev.op = 2;
	PUT(s, REC_EVENT, ev);
	ev_new(&ev, EV_RELEASE, 104)->fd = 9;
	PUT(s, REC_EVENT, ev);
}

static void put_round(struct sink *s)
{
	struct ev ev;

	ev_new(&ev, EV_WAIT, 110)->op = 64;
	ev.dur_ns = -1;
	PUT(s, REC_EVENT, ev);
	ev_new(&ev, EV_CALLBACK, 120)->fd = 7;
	ev.epfd = -1;
	ev.mask = 0x41;
	ev.data = 7;
	ev.op = CB_READY;
	ev.ctx = CTX_SOFTIRQ;
	ev.tid = 77;
	ev.tgid = 77;
	snprintf(ev.comm, sizeof(ev.comm), "swapper/2");
	PUT(s, REC_EVENT, ev);
	ev.type = EV_WAKE;
	ev.fd = -1;
	ev.mask = ev.op = 0;
	ev.data = 0;
	ev.peer = 1235;
	PUT(s, REC_EVENT, ev);
	ev_new(&ev, EV_SCAN, 121)->result = 1;
	ev.op = 2;
	ev.peer = 3;
	PUT(s, REC_EVENT, ev);
	ev_new(&ev, EV_DELIVER, 121)->fd = 7;
	ev.mask = 1;
	ev.data = 7;
	ev.dur_ns = 21500;
	PUT(s, REC_EVENT, ev);
	ev_new(&ev, EV_RETURN, 121)->op = 64;
	ev.result = 1;
	ev.peer = 1;
	ev.dur_ns = 11000000;
	PUT(s, REC_EVENT, ev);
	ev_new(&ev, EV_WAIT, 130)->op = 1;
	ev.dur_ns = 250000000;
	PUT(s, REC_EVENT, ev);
	ev_new(&ev, EV_RETURN, 140)->op = 1;
	ev.result = -EINTR;
	ev.dur_ns = 10000000;
	PUT(s, REC_EVENT, ev);
}

static void put_life(struct sink *s)
{
	struct ev ev;

	ev_new(&ev, EV_CREATE, 1250)->result = 9;
	ev.id = ID_DEAD;
	ev.ep = EP(ID_DEAD);
	ev.epfd = -1;
	ev.mask = 02000000;
	PUT(s, REC_EVENT, ev);
	ev_new(&ev, EV_DESTROY, 1500)->id = ID_DEAD;
	ev.ep = EP(ID_DEAD);
	ev.epfd = 9;
	PUT(s, REC_EVENT, ev);
	ev_new(&ev, EV_EXIT, 1600)->id = 0;
	ev.ep = 0;
	ev.epfd = -1;
	PUT(s, REC_EVENT, ev);
}

static void put_actors(struct sink *s, u32 k)
{
	struct rec_thread thread = { .tid = 1235 };
	struct rec_waker waker = { .key = { .id = ID, .woken_tid = 1235, .ctx = CTX_SOFTIRQ } };

	thread.st.ep = EP(ID);
	thread.st.id = thread.st.last_id = ID;
	thread.st.tgid = 1234;
	thread.st.waits = 100ULL * k;
	snprintf(thread.st.comm, COMM_LEN, "worker");
	PUT(s, REC_THREAD, thread);
	waker.st.count = 80ULL * k;
	waker.st.last_ns = START + k * SEC - 1000;
	PUT(s, REC_WAKER, waker);
}

static void put_batch(struct sink *s, u32 k, u64 lost, bool accounted)
{
	struct ep_instance inst = instance_at(ID, k);
	struct rec_loss loss = { .count = { [LOSS_RING] = lost } };

	PUT(s, REC_INSTANCE, inst);
	put_actors(s, k);
	PUT(s, REC_LOSS, loss);
	put_cost(s, k, accounted);
	put_tick(s, START + k * SEC);
}

static void put_items(struct sink *s, u32 k)
{
	put_fd(s, 0, "tcp", "127.0.0.1:80 -> 127.0.0.1:5000");
	put_fd(s, 1, "tcp", "127.0.0.1:80 -> 127.0.0.1:5001");
	put_fd(s, 2, "eventfd", "count, \"quoted\"");
	for (u32 i = 0; i < 7; i++)
		put_item(s, i, i * 10ULL * k, i == 2 ? START + k * SEC - 1500 : 0);
}

/* Everything, in the full tier. */
static void make_full(const char *name)
{
	struct sink s = recording_open(name);

	put_meta(&s, START);
	put_plans(&s, TIER_FULL);
	put_target(&s, TARGET_RUNNING);
	put_ctl(&s);
	put_round(&s);
	put_snapshot(&s, 1, 7, 0);
	put_items(&s, 1);
	put_batch(&s, 1, 0, true);
	put_life(&s);
	put_dead(&s);
	put_batch(&s, 2, 120, true);
	put_snapshot(&s, 3, 7, 0);
	put_items(&s, 3);
	put_target(&s, TARGET_EXITED);
	put_batch(&s, 3, 120, true);
	recording_close(&s, name);
}

/* Tracepoints and fdinfo alone: what they cannot know must come out empty. */
static void make_basic(const char *name)
{
	struct sink s = recording_open(name);

	put_meta(&s, START);
	put_plans(&s, TIER_BASIC);
	put_plan(&s, HOOK_ITEM, TIER_NONE);
	put_plan(&s, HOOK_CALLBACK, TIER_NONE);
	put_target(&s, TARGET_RUNNING);
	put_plan(&s, HOOK_SNAPSHOT, TIER_NONE);
	put_owner(&s, ID, 1234, 5, "epserver");
	put_item(&s, 0, 0, 0);
	put_batch(&s, 1, 0, false);
	put_batch(&s, 2, 0, false);
	recording_close(&s, name);
}

static void make_tree(const char *name, u32 items, u32 flags)
{
	struct sink s = recording_open(name);

	put_meta(&s, START);
	put_plans(&s, TIER_FULL);
	put_snapshot(&s, 1, items, flags);
	put_batch(&s, 1, 0, false);
	recording_close(&s, name);
}

static void make_empty(const char *name)
{
	struct sink s = recording_open(name);

	put_meta(&s, START);
	put_plans(&s, TIER_FULL);
	put_tick(&s, START + SEC);
	recording_close(&s, name);
}

int main(int argc, char **argv)
{
	if (argc != 2 || chdir(argv[1])) {
		fprintf(stderr, "usage: make_recordings FOLDER (which exists)\n");
		return 2;
	}
	make_full("full.eps");
	make_basic("basic.eps");
	make_tree("torn.eps", 9, SNAP_TORN);
	make_tree("wide.eps", 400, 0);
	make_empty("empty.eps");
	return 0;
}
