/* SPDX-License-Identifier: GPL-2.0 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include "log.h"
#include "record.h"
#include "source_replay.h"
#include "test_record_build.h"
#include "view.h"

#define MAX 65536

static u8 good[MAX], file[MAX]; /* a recording that is whole, and what is made of it */
static size_t good_len;
static char path[64], said[512];
static int fd;

static void keep_message(enum log_level level, const char *line)
{
	(void)level;
	snprintf(said, sizeof(said), "%s", line);
}

static void put_batch(struct sink *s, u64 k)
{
	struct snap_node nodes[8] = { 0 };
	struct snap_tree tree = { .id = 1, .items = 7, .ready = 1 };
	struct ep_instance inst = { .id = 1, .tgid = 2, .epfd = 3 };
	struct ev ev = { .id = 1, .type = EV_WAIT, .ts = k * SEC };
	struct rec_item item = { .key = build_key(1, 3) };
	struct rec_fd desc = { .id = 1, .file = item.key.file, .fd = item.key.fd, .type = "tcp" };
	struct rec_thread thread = { .tid = 9 };
	struct rec_waker waker = { .key = { .id = 1, .woken_tid = 9 } };
	struct rec_loss loss = { .count = { k } };
	struct rec_target target = { .tgid = 2 };

	tree.root = build_tree(nodes, 7);
	inst.st.waits = 10 * k;
	PUT(s, REC_EVENT, ev);
	PUT(s, REC_TARGET, target);
	put_owner(s, 1, 2, 3, "x");
	put_tree(s, &tree, nodes);
	PUT(s, REC_INSTANCE, inst);
	PUT(s, REC_ITEM, item);
	PUT(s, REC_FD, desc);
	PUT(s, REC_THREAD, thread);
	PUT(s, REC_WAKER, waker);
	PUT(s, REC_LOSS, loss);
	put_tick(s, k * SEC);
}

static int make_good(void **state)
{
	struct sink s = { .fn = recorder_write };
	struct recorder *rec;

	(void)state;
	fd = memfd_create("recording", MFD_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fd < 0 || recorder_open(&rec, path))
		return 1;
	s.ctx = rec;
	put_meta(&s, SEC / 2);
	put_plans(&s, TIER_FULL);
	for (u64 k = 1; k <= 3; k++)
		put_batch(&s, k);
	if (recorder_close(rec) || s.err)
		return 1;
	good_len = (size_t)pread(fd, good, MAX, 0);
	log_set_sink(keep_message);
	return 0;
}

static void file_write(const void *data, size_t len)
{
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(pwrite(fd, data, len, 0), len);
	said[0] = 0;
}

/* What a replay of the file gave. */
struct seen {
	u32 records, ticks, trees;
	int stop_after; /* ticks, 0: never */
};

static int count(void *ctx, const struct rec_hdr *hdr, const void *payload)
{
	struct seen *seen = ctx;

	assert_true(record_valid(hdr, payload));
	assert_int_equal((uintptr_t)payload % 8, 0);
	seen->records++;
	seen->ticks += hdr->type == REC_TICK;
	seen->trees += hdr->type == REC_TREE;
	return seen->stop_after && seen->ticks >= (u32)seen->stop_after ? -28 : 0;
}

/* Replays all; returns what next() said last. */
static int replay_all(struct seen *seen, bool paced, bool *damaged)
{
	struct source src;
	int ret;

	*seen = (struct seen){ .stop_after = seen->stop_after };
	assert_int_equal(source_replay_open(&src, path, paced), EXIT_OK);
	do
		ret = src.next(&src, -1, count, seen);
	while (ret == 0 || ret == 1);
	*damaged = source_replay_damaged(&src);
	src.close(&src);
	return ret;
}

static void test_whole(void **state)
{
	struct seen seen = { 0 };
	bool damaged;

	(void)state;
	file_write(good, good_len);
	assert_int_equal(replay_all(&seen, false, &damaged), SOURCE_END);
	assert_false(damaged);
	assert_int_equal(seen.ticks, 3);
	assert_int_equal(seen.trees, 3);
	assert_int_equal(seen.records, 1 + HOOK_COUNT + 3 * 11 + 1);
	assert_string_equal(said, "");
	seen.stop_after = 2; /* the consumer's error ends it */
	assert_int_equal(replay_all(&seen, false, &damaged), -28);
}

/* Cut off anywhere: what came before is there, and it is said. */
static void test_cut(void **state)
{
	struct seen seen = { 0 }, whole = { 0 };
	bool damaged;

	(void)state;
	file_write(good, good_len);
	replay_all(&whole, false, &damaged);
	for (size_t len = sizeof(struct record_file); len < good_len; len += 61) {
		file_write(good, len);
		assert_int_equal(replay_all(&seen, false, &damaged), SOURCE_END);
		assert_true(damaged);
		assert_non_null(strstr(said, "damaged"));
		assert_true(seen.records < whole.records);
	}
	file_write(good, good_len - sizeof(struct rec_hdr)); /* only its end mark is missing */
	assert_int_equal(replay_all(&seen, true, &damaged), SOURCE_END);
	assert_true(damaged);
	assert_int_equal(seen.ticks, 3);
}

static void check_refused(const char *why)
{
	struct source src;

	assert_int_equal(source_replay_open(&src, path, false), EXIT_RECORDING);
	assert_non_null(strstr(said, why));
	assert_false(source_replay_damaged(&src));
	src.close(&src); /* as the runner may */
}

static void test_foreign(void **state)
{
	struct record_file *head = (struct record_file *)file;
	struct source src;

	(void)state;
	file_write("", 0);
	check_refused("not a recording");
	file_write("EPSCOPE\n", 8);
	check_refused("byte order");
	file_write("row,ts_ns,instance\nmeta,1,2,,\n", 30);
	check_refused("not a recording");
	memcpy(file, good, good_len);
	head->version++;
	file_write(file, good_len);
	check_refused("version");
	memcpy(file, good, good_len);
	head->sizes[REC_INSTANCE] += 8;
	file_write(file, good_len);
	check_refused("another build");
	assert_int_equal(source_replay_open(&src, "/nonexistent", false), EXIT_RECORDING);
	assert_non_null(strstr(said, "/nonexistent"));
	assert_int_equal(source_replay_open(&src, "/", false), EXIT_RECORDING);
}

/* A length beyond all reason, and one that only the file's end belies: no memory is taken for it. */
static void test_lengths(void **state)
{
	struct rec_hdr *hdr = (struct rec_hdr *)(file + sizeof(struct record_file));
	struct seen seen = { 0 };
	bool damaged;

	(void)state;
	memcpy(file, good, good_len);
	hdr->len = UINT32_MAX;
	file_write(file, good_len);
	replay_all(&seen, false, &damaged);
	assert_true(damaged);
	assert_int_equal(seen.records, 0);
	hdr->len = 1 << 30;
	file_write(file, good_len);
	replay_all(&seen, true, &damaged);
	assert_true(damaged);
	assert_int_equal(seen.records, 0);
}

/* A type of a later version is stepped over. */
static void test_unknown_type(void **state)
{
	struct rec_hdr *hdr = (struct rec_hdr *)(file + sizeof(struct record_file));
	struct seen seen = { 0 };
	bool damaged;

	(void)state;
	memcpy(file, good, good_len);
	hdr->type = 4711;
	file_write(file, good_len);
	assert_int_equal(replay_all(&seen, false, &damaged), SOURCE_END);
	assert_false(damaged);
	assert_int_equal(seen.records, HOOK_COUNT + 3 * 11 + 1);
}

static u64 mono_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (u64)ts.tv_sec * SEC + (u64)ts.tv_nsec;
}

/* Batches with the time that was between them: here a second, of which we wait for a part. */
static void test_paced(void **state)
{
	struct seen seen = { 0 };
	struct source src;
	u64 begin = mono_ns();

	(void)state;
	file_write(good, good_len);
	assert_int_equal(source_replay_open(&src, path, true), EXIT_OK);
	assert_int_equal(src.next(&src, -1, count, &seen), 1); /* the first at once */
	assert_int_equal(seen.ticks, 1);
	assert_int_equal(src.next(&src, 20, count, &seen), 0); /* read, but not due */
	assert_int_equal(seen.ticks, 1);
	assert_in_range(src.due_ms(&src), 1, 1000);
	src.focus(&src, 1);
	assert_int_equal(src.next(&src, -1, count, &seen), 1);
	assert_int_equal(seen.ticks, 2);
	assert_true(mono_ns() - begin > SEC * 9 / 10);
	src.close(&src);
}

/* All that a run does with a recording: every view and the model. */
struct run {
	struct model *model;
	struct view views[3];
	FILE *null;
};

static int run_record(void *ctx, const struct rec_hdr *hdr, const void *payload)
{
	struct run *r = ctx;
	int err = 0;

	for (int i = 0; i < 3 && !err; i++)
		err = r->views[i].record(&r->views[i], r->model, hdr, payload);
	if (!err)
		err = model_fold(r->model, hdr, payload);
	for (int i = 0; i < 3 && !err && hdr->type == REC_TICK; i++)
		err = r->views[i].tick(&r->views[i], r->model);
	return err;
}

static void run_file(enum format format)
{
	struct run r = { .model = model_new(), .null = fopen("/dev/null", "w") };
	struct view_opts o = { .out = r.null, .format = format, .items = true, .color = true };
	struct source src;
	int ret = 1;

	if (source_replay_open(&src, path, false)) {
		model_free(r.model);
		fclose(r.null);
		return;
	}
	assert_int_equal(view_trace_init(&r.views[0], &o), 0);
	assert_int_equal(view_stat_init(&r.views[1], &o), 0);
	assert_int_equal(view_tree_init(&r.views[2], &o), 0);
	while (ret == 1)
		ret = src.next(&src, -1, run_record, &r);
	for (int i = 0; i < 3; i++) {
		r.views[i].end(&r.views[i], r.model);
		r.views[i].free(&r.views[i]);
	}
	src.close(&src);
	model_free(r.model);
	fclose(r.null);
}

/* 2,000 recordings with a few wrong bytes, words or pieces: nothing may crash or hang. */
static void test_mutations(void **state)
{
	(void)state;
	srand(7);
	for (int round = 0; round < 2000; round++) {
		size_t len = good_len;

		memcpy(file, good, good_len);
		for (int k = rand() % 6; k >= 0; k--) {
			size_t at = (size_t)rand() % len;

			if (at < sizeof(struct record_file) && rand() % 8)
				at += sizeof(struct record_file);
			switch (rand() % 4) {
			case 0:
				file[at] = (u8)rand();
				break;
			case 1:
				memset(file + (at & ~7UL), rand() % 2 ? 0xff : 0, 8);
				break;
			case 2: /* a piece from elsewhere, aligned as records are */
				memmove(file + (at & ~7UL), file + ((size_t)rand() % len & ~7UL),
					(size_t)rand() % 256);
				break;
			default:
				if (!(rand() % 4))
					len = at + 1;
				break;
			}
		}
		file_write(file, len);
		run_file((enum format)(round % 3));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),        cmocka_unit_test(test_cut),
		cmocka_unit_test(test_foreign),      cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_unknown_type), cmocka_unit_test(test_paced),
		cmocka_unit_test(test_mutations),
	};

	return cmocka_run_group_tests(tests, make_good, NULL);
}
