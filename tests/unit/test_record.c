/* SPDX-License-Identifier: GPL-2.0 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include "record.h"
#include "test_record_build.h"

static char path[64];

static int setup(void **state)
{
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "/tmp/epscope-record-XXXXXX");
	fd = mkstemp(path);
	if (fd < 0)
		return 1;
	return close(fd);
}

static int teardown(void **state)
{
	(void)state;
	return unlink(path);
}

static off_t file_size(void)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

static void test_layout(void **state)
{
	struct record_file file;
	struct recorder *rec;
	struct sink s = { .fn = recorder_write };
	struct rec_hdr hdr;
	FILE *f;

	(void)state;
	assert_int_equal(recorder_open(&rec, path), 0);
	s.ctx = rec;
	put_tick(&s, 5);
	assert_int_equal(file_size(), sizeof(file) + sizeof(hdr) + 8); /* there at the tick */
	put(&s, REC_END, NULL, 0); /* of a replay that is recorded again: one end is enough */
	assert_int_equal(recorder_close(rec), 0);
	assert_int_equal(file_size(), sizeof(file) + 2 * sizeof(hdr) + 8);

	f = fopen(path, "r");
	assert_non_null(f);
	assert_int_equal(fread(&file, sizeof(file), 1, f), 1);
	assert_memory_equal(file.magic, "EPSCOPE\n", 8);
	assert_int_equal(file.version, RECORD_VERSION);
	assert_int_equal(file.sizes[REC_EVENT], sizeof(struct ev));
	assert_int_equal(file.version, 8);
	assert_int_equal(file.sizes[REC_COST], 48);
	assert_int_equal(file.sizes[0], sizeof(struct snap_node));
	assert_int_equal(fread(&hdr, sizeof(hdr), 1, f), 1);
	assert_int_equal(hdr.type, REC_TICK);
	assert_int_equal(hdr.len, 8);
	fclose(f);
}

/* A tree that is larger than the buffer goes past it. */
static void test_large_record(void **state)
{
	static struct snap_node nodes[20000];
	struct snap_tree tree = { .items = 20000 };
	struct recorder *rec;
	struct sink s = { .fn = recorder_write };

	(void)state;
	assert_int_equal(recorder_open(&rec, path), 0);
	s.ctx = rec;
	put_meta(&s, 1);
	put_tree(&s, &tree, nodes);
	put_tick(&s, 5);
	assert_int_equal(s.err, 0);
	assert_int_equal(recorder_close(rec), 0);
	assert_int_equal(file_size(), sizeof(struct record_file) + 4 * sizeof(struct rec_hdr) +
					      sizeof(struct rec_meta) + sizeof(tree) +
					      sizeof(nodes) + 8);
}

static void test_no_such_place(void **state)
{
	struct recorder *rec;

	(void)state;
	assert_int_equal(recorder_open(&rec, "/nonexistent/x"), -ENOENT);
	assert_null(rec);
	assert_int_equal(recorder_close(NULL), 0);
}

static void test_disk_full(void **state)
{
	struct recorder *rec;

	(void)state;
	assert_int_equal(recorder_open(&rec, "/dev/full"), -ENOSPC);
	assert_int_equal(recorder_close(rec), -ENOSPC);
}

/* The disk fills up in the middle: told at once and at the close, and no end mark is written. */
static void test_full_later(void **state)
{
	struct rlimit old, small = { .rlim_cur = 4096 };
	struct sink s = { .fn = recorder_write };
	struct recorder *rec;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small.rlim_max = old.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(recorder_open(&rec, path), 0);
	s.ctx = rec;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	for (u64 i = 0; i < 1000; i++)
		put_tick(&s, i);
	assert_int_equal(s.err, -EFBIG);
	assert_int_equal(recorder_close(rec), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(file_size(), 4096);
}

static void test_valid(void **state)
{
	struct snap_tree tree = { .items = 2 };
	struct rec_hdr hdr = { .type = REC_TREE,
			       .len = sizeof(tree) + 2 * sizeof(struct snap_node) };

	(void)state;
	assert_true(record_valid(&hdr, &tree));
	tree.items = 3;
	assert_false(record_valid(&hdr, &tree));
	tree.items = UINT32_MAX; /* times the size of a node: must not wrap around */
	assert_false(record_valid(&hdr, &tree));
	hdr.len = 8;
	assert_false(record_valid(&hdr, &tree));
	for (u32 type = REC_META; type <= REC_END; type++)
		assert_int_equal(record_size(type) % 8, 0); /* keeps payloads aligned */
	assert_int_equal(record_size(0), -1);
	assert_int_equal(record_size(REC_END + 1), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_layout),    TEST(test_large_record), TEST(test_no_such_place),
		TEST(test_disk_full), TEST(test_full_later),   TEST(test_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
