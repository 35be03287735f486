/* SPDX-License-Identifier: GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>
#include "fdinfo.h"

static const char *const real = "pos:\t0\nflags:\t02\nmnt_id:\t15\nino:\t1056\n"
				"tfd:        5 events: 8000001d data: deadbeefcafebabe"
				"  pos:0 ino:61af sdev:7\n"
				"tfd:       64 events:       19 data:               40"
				"  pos:-1 ino:2c2fc sdev:a\n";

static void items_as_the_kernel_prints_them(void **state)
{
	struct fdinfo_item it[2];

	(void)state;
	assert_int_equal(fdinfo_items(real, it, 2), 2);
	assert_int_equal(it[0].tfd, 5);
	assert_int_equal(it[0].events, 0x8000001d);
	assert_true(it[0].data == 0xdeadbeefcafebabeULL);
	assert_true(it[0].pos == 0);
	assert_true(it[0].ino == 0x61af);
	assert_int_equal(it[0].sdev, 7);
	assert_int_equal(it[1].tfd, 64);
	assert_true(it[1].pos == -1);
	assert_true(it[1].ino == 0x2c2fc);
}

static void more_items_than_room(void **state)
{
	struct fdinfo_item it[1] = { { 0 } };

	(void)state;
	assert_int_equal(fdinfo_items(real, it, 1), 2);
	assert_int_equal(it[0].tfd, 5);
	assert_int_equal(fdinfo_items(real, NULL, 0), 2);
}

static void foreign_lines_are_no_items(void **state)
{
	static const char *const bad[] = {
		"",
		"\n\n",
		"tfd:",
		"tfd: 5",
		"tfd: 5 events: 1 data: 2 pos:0 ino:1 sdev:",
		"tfd: 5 events: 1 data: 2 pos:0 ino:1 sdev:\n7",
		"tfd: 5 events: 1 data: 2 pos:0 ino:1 sdev:zz",
		"tfd: -5 events: 1 data: 2 pos:0 ino:1 sdev:1",
		"tfd: 99999999999 events: 1 data: 2 pos:0 ino:1 sdev:1",
		"tfd: 5 events: 123456789 data: 2 pos:0 ino:1 sdev:1",
		"tfd: 5 events: 0x1 data: 2 pos:0 ino:1 sdev:1",
		"tfd: 5 events: 1 data: 10000000000000000 pos:0 ino:1 sdev:1",
		"tfd: 5 events: 1 data: 2 pos:- ino:1 sdev:1",
		"tfd: 5 events: 1 data: 2 pos:0 ino:-1 sdev:1",
		"tfd 5 events 1 data 2 pos 0 ino 1 sdev 1",
		"inotify wd:1 ino:5 sdev:7 mask:1 ignored_mask:0",
		"\xff\xfe tfd: 1",
	};
	struct fdinfo_item it;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(fdinfo_items(bad[i], &it, 1), 0);
	assert_int_equal(fdinfo_items("junk\ntfd: 5 events: 1 data: 2 pos:0 ino:1 sdev:1", &it, 1),
			 1);
	assert_int_equal(it.tfd, 5);
}

/* Every beginning of a real text, and every single byte of it damaged, in memory of its own. */
static void damaged_text_stays_in_bounds(void **state)
{
	size_t len = strlen(real), i;
	struct fdinfo_item it[2];
	char *text;

	(void)state;
	for (i = 0; i <= len; i++) {
		text = strndup(real, i);
		assert_true(fdinfo_items(text, it, 2) <= 2);
		free(text);
		text = strdup(real);
		if (i < len)
			text[i] = (char)(i * 37);
		assert_true(fdinfo_items(text, it, 2) <= 2);
		free(text);
	}
}

static void values_of_the_head(void **state)
{
	u64 val = 7;

	(void)state;
	assert_true(fdinfo_value(real, "ino", 10, &val));
	assert_true(val == 1056);
	assert_true(fdinfo_value("a:\t1\neventfd-count:               1f\n", "eventfd-count", 16,
				 &val));
	assert_true(val == 0x1f);
	val = 7;
	assert_false(fdinfo_value(real, "eventfd-count", 16, &val));
	assert_false(fdinfo_value("Pid:\t-1\n", "Pid", 10, &val));
	assert_false(fdinfo_value("Pid:\n3\n", "Pid", 10, &val));
	assert_false(fdinfo_value("Pi", "Pid", 10, &val));
	assert_true(val == 7);
}

static void this_kernel(void **state)
{
	int ep = epoll_create1(0), fd = eventfd(3, 0), file;
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET, .data.u64 = 0x123456789abcdefULL };
	struct fdinfo_item it[2];
	char path[64], text[4096];
	struct stat st;
	ssize_t len;

	(void)state;
	assert_int_equal(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev), 0);
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", ep);
	file = open(path, O_RDONLY);
	len = read(file, text, sizeof(text) - 1);
	assert_true(len > 0);
	text[len] = 0;
	assert_int_equal(fdinfo_items(text, it, 2), 1);
	assert_int_equal(it[0].tfd, fd);
	assert_true(it[0].data == ev.data.u64);
	/* ep_insert() adds EPOLLERR and EPOLLHUP */
	assert_int_equal(it[0].events, EPOLLIN | EPOLLET | EPOLLERR | EPOLLHUP);
	assert_int_equal(fstat(fd, &st), 0);
	assert_true(it[0].ino == st.st_ino);
	close(file);
	close(fd);
	close(ep);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_as_the_kernel_prints_them),
		cmocka_unit_test(more_items_than_room),
		cmocka_unit_test(foreign_lines_are_no_items),
		cmocka_unit_test(damaged_text_stays_in_bounds),
		cmocka_unit_test(values_of_the_head),
		cmocka_unit_test(this_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
