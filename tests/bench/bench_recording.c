/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Writes a long recording for tests/bench/replay.sh: bench_recording FILE EVENTS. A server as it
 * might be: instances with items, threads that wait on them in turn, a burst of one to four
 * callbacks out of an interrupt per wait; in between samples with all counters and trees, as
 * `epscope record` takes them. The same arguments give the same bytes.
 */
#include <errno.h>
#include "../unit/test_record_build.h"
#include "parse_num.h"
#include "record.h"

#define INSTANCES  16
#define ITEMS      100   /* in each */
#define THREADS    32    /* two on each instance */
#define ROUND_NS   16000 /* all of it: half a million events per second */
#define SAMPLE_NS  SEC
#define BURST_MAX  4
#define TGID       1234
#define EVENTS_MAX 1000000000

/* What was written, to be told by the counters of the next sample. */
static struct ep_instance instances[INSTANCES];
static struct item_stats items[INSTANCES][ITEMS];
static struct thread_state threads[THREADS];
static u64 wakes[INSTANCES];
static u64 now = 100 * SEC;
static u64 written; /* events */

static u64 id_of(u32 i)
{
	return 4096 * (i + 1ULL);
}

static u64 ep_of(u32 i)
{
	return 0xffff888000000000ULL + id_of(i);
}

static struct item_key key_of(u32 i, u32 item)
{
	struct item_key key = build_key(id_of(i), item);

	key.fd += (s32)(i * ITEMS);
	key.file += i * ITEMS * 256ULL;
	return key;
}

static void event_put(struct sink *s, u32 i, u32 thread, u32 type, struct ev ev)
{
	ev.ts = now;
	ev.id = id_of(i);
	ev.ep = ep_of(i);
	ev.tgid = TGID;
	ev.tid = TGID + 1 + thread;
	ev.epfd = (s32)i + 5;
	ev.type = (u8)type;
	ev.cpu = (u16)(thread % 4);
	snprintf(ev.comm, sizeof(ev.comm), "worker/%u", thread);
	PUT(s, REC_EVENT, ev);
	written++;
	now += 100;
}

static void callback_put(struct sink *s, u32 i, u32 thread, u32 item)
{
	struct item_stats *st = &items[i][item];

	event_put(s, i, thread, EV_CALLBACK,
		  (struct ev){ .fd = key_of(i, item).fd,
			       .mask = 0x41,
			       .data = (u64)key_of(i, item).fd,
			       .op = CB_READY,
			       .ctx = CTX_SOFTIRQ });
	st->callbacks++;
	st->ready_ns = st->last_cb_ns = now;
	instances[i].st.callbacks++;
	instances[i].st.cb_ready++;
}

static void deliver_put(struct sink *s, u32 i, u32 thread, u32 item, u32 index)
{
	struct item_stats *st = &items[i][item];
	u64 since = now - st->ready_ns;

	event_put(s, i, thread, EV_DELIVER,
		  (struct ev){ .fd = key_of(i, item).fd,
			       .mask = 1,
			       .data = (u64)key_of(i, item).fd,
			       .op = index,
			       .ctx = CTX_TASK,
			       .dur_ns = (s64)since });
	st->delivered++;
	st->ready_n++;
	st->ready_sum_ns += since;
	st->last_delivered_ns = now;
	st->ready_ns = 0;
	instances[i].st.hist_ready[12]++;
}

static void wait_counted(u32 i, u32 thread, u32 burst)
{
	struct ep_stats *st = &instances[i].st;

	st->waits++;
	st->ret_events++;
	st->delivered += burst;
	st->woken++;
	st->scans++;
	st->hist_blocked[13]++;
	st->hist_batch[burst > 1]++;
	threads[thread].waits++;
	threads[thread].delivered += burst;
	threads[thread].woken++;
	wakes[i]++;
}

/* A thread waits, its instance becomes ready, it is woken and takes all. */
static void round_put(struct sink *s, u32 round)
{
	u32 thread = round % THREADS, i = thread % INSTANCES;
	u32 burst = (round + round / THREADS) % BURST_MAX + 1; /* not the same one on each */
	u32 first = round / THREADS * BURST_MAX % ITEMS;
	u64 begin = now;

	event_put(s, i, thread, EV_WAIT,
		  (struct ev){ .fd = -1, .op = 64, .ctx = CTX_TASK, .dur_ns = -1 });
	now += 10000;
	for (u32 k = 0; k < burst; k++)
		callback_put(s, i, thread, (first + k) % ITEMS);
	event_put(s, i, thread, EV_WAKE,
		  (struct ev){ .fd = -1, .peer = TGID + 1 + thread, .ctx = CTX_SOFTIRQ });
	event_put(s, i, thread, EV_SCAN, (struct ev){ .fd = -1, .ctx = CTX_TASK });
	for (u32 k = 0; k < burst; k++)
		deliver_put(s, i, thread, (first + k) % ITEMS, k);
	event_put(s, i, thread, EV_RETURN,
		  (struct ev){ .fd = -1,
			       .op = 64,
			       .result = (s32)burst,
			       .peer = 1,
			       .ctx = CTX_TASK,
			       .dur_ns = (s64)(now - begin) });
	wait_counted(i, thread, burst);
	now = begin + ROUND_NS;
}

static void tree_put(struct sink *s, u32 i)
{
	static struct snap_node nodes[ITEMS];
	struct snap_tree tree = { .id = id_of(i), .ts = now, .items = ITEMS, .waiters = 2 };

	memset(nodes, 0, sizeof(nodes));
	tree.root = build_tree(nodes, ITEMS);
	for (u32 k = 0; k < ITEMS; k++) {
		nodes[k].file = key_of(i, k).file;
		nodes[k].fd = key_of(i, k).fd;
		nodes[k].data = (u64)nodes[k].fd;
	}
	put_owner(s, id_of(i), TGID, (s32)i + 5, "server");
	put_tree(s, &tree, nodes);
}

static void item_put(struct sink *s, u32 i, u32 k)
{
	struct rec_item item = { .key = key_of(i, k), .st = items[i][k] };
	struct rec_fd fd = {
		.id = item.key.id, .file = item.key.file, .fd = item.key.fd, .tgid = TGID
	};

	item.st.data = (u64)item.key.fd;
	item.st.events = 0x80000019;
	item.st.queues = 1;
	item.st.tgid = TGID;
	snprintf(fd.type, sizeof(fd.type), "tcp");
	snprintf(fd.detail, sizeof(fd.detail), "127.0.0.1:80 -> 127.0.0.1:%u",
		 5000 + i * ITEMS + k);
	PUT(s, REC_FD, fd);
	PUT(s, REC_ITEM, item);
}

static void actors_put(struct sink *s)
{
	for (u32 t = 0; t < THREADS; t++) {
		struct rec_thread thread = { .tid = TGID + 1 + t, .st = threads[t] };

		thread.st.ep = ep_of(t % INSTANCES);
		thread.st.id = thread.st.last_id = id_of(t % INSTANCES);
		thread.st.tgid = TGID;
		snprintf(thread.st.comm, COMM_LEN, "worker/%u", t);
		PUT(s, REC_THREAD, thread);
	}
	for (u32 i = 0; i < INSTANCES; i++) {
		struct rec_waker waker = {
			.key = { .id = id_of(i), .woken_tid = TGID + 1 + i, .ctx = CTX_SOFTIRQ },
			.st = { .count = wakes[i], .last_ns = now }
		};

		PUT(s, REC_WAKER, waker);
	}
}

static void sample_put(struct sink *s)
{
	struct rec_loss loss = { .count = { 0 } };

	for (u32 i = 0; i < INSTANCES; i++) {
		tree_put(s, i);
		PUT(s, REC_INSTANCE, instances[i]);
		for (u32 k = 0; k < ITEMS; k++)
			item_put(s, i, k);
	}
	actors_put(s);
	PUT(s, REC_LOSS, loss);
	put_tick(s, now);
}

static void instances_init(void)
{
	for (u32 i = 0; i < INSTANCES; i++)
		instances[i] = (struct ep_instance){ .id = id_of(i),
						     .ep = ep_of(i),
						     .born_ns = now,
						     .tgid = TGID,
						     .epfd = (s32)i + 5,
						     .flags = EPI_SEEN_LATE,
						     .comm = "server" };
}

static void recording_put(struct sink *s, u64 events)
{
	struct rec_target target = { .tgid = TGID, .state = TARGET_RUNNING, .comm = "server" };
	u64 due = now;

	put_meta(s, now);
	put_plans(s, TIER_FULL);
	PUT(s, REC_TARGET, target);
	instances_init();
	for (u32 round = 0; written < events && !s->err; round++) {
		if (now >= due) {
			sample_put(s);
			due += SAMPLE_NS;
		}
		round_put(s, round);
	}
	sample_put(s);
}

int main(int argc, char **argv)
{
	struct sink s = { .fn = recorder_write };
	struct recorder *recorder;
	u64 events;
	int err;

	if (argc != 3 || parse_u64(argv[2], 1, EVENTS_MAX, &events)) {
		fprintf(stderr, "usage: bench_recording FILE EVENTS\n");
		return 2;
	}
	err = recorder_open(&recorder, argv[1]);
	if (!err) {
		s.ctx = recorder;
		recording_put(&s, events);
		err = s.err;
	}
	err = recorder_close(recorder) ?: err;
	if (err) {
		fprintf(stderr, "bench_recording: %s: %s\n", argv[1], strerror(-err));
		return 1;
	}
	printf("events=%llu\n", (unsigned long long)written);
	return 0;
}
