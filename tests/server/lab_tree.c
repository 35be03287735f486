/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two trees grow. In one all items are duplicates of one file, so the key (file, fd) rises with each:
 * the order that turns a tree without balance into a list. In the other each has a file of its own,
 * somewhere in memory. On the way: what does an epoll_ctl cost?
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lab.h"

#define PAIRS   1001 /* odd: the median is one of them */
#define FILES   100
#define MOST    16000
#define SPARE   64 /* other descriptors, at most */
#define MOST_MS 6000
#define GAP_NS  (100 * NS_PER_MS)

static const int sizes[] = { 1, 10, 100, 1000, MOST };

static int event_new(void)
{
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	if (fd < 0)
		die_errno("cannot create an eventfd");
	return fd;
}

/* At the first free number from that one on. */
static int duplicate(int fd, int from)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, from);

	if (copy < 0)
		die_errno("cannot duplicate a descriptor");
	return copy;
}

/*
 * Broken: "epoll has it now, the descriptor is not needed any more". Of a duplicate the item stays,
 * and the next one gets the same number, so that its key is there already: EEXIST, which nobody looks
 * at. A file of its own is gone with its only descriptor, and its item, too.
 */
static void add(int epfd, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	if (!lab_broken) {
		lab_add(epfd, fd, EPOLLIN);
	} else {
		epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &ev);
		close(fd);
	}
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Median time of adding and deleting one more, nanoseconds. */
static int64_t pair_cost(int epfd, int fd)
{
	int64_t took[PAIRS], begin;

	for (int i = 0; i < PAIRS; i++) {
		begin = now_ns();
		lab_add(epfd, fd, EPOLLIN);
		lab_del(epfd, fd);
		took[i] = now_ns() - begin;
	}
	qsort(took, PAIRS, sizeof(took[0]), by_size);
	return took[PAIRS / 2];
}

/*
 * What is now is that phase. epscope rests for 40 times as long as reading the trees took, so that a
 * large one is seen late: a millisecond for each item is enough on a slow machine, too. Whoever
 * begins to read at the very end still finds it as it was.
 */
static void hold(const char *phase, int items)
{
	lab_phase(phase);
	lab_hold();
	sleep_ns(items < MOST_MS ? items * NS_PER_MS : MOST_MS * NS_PER_MS);
	lab_phase("between");
	sleep_ns(GAP_NS);
}

static void duplicates_grow(void)
{
	int epfd = lab_epoll("duplicates"), event = event_new(), n = 0;
	int more = duplicate(event, MOST + FILES + SPARE); /* behind all others */
	int64_t cost;
	char name[32];

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		for (; n < sizes[i]; n++)
			add(epfd, duplicate(event, 0));
		cost = pair_cost(epfd, more);
		lab_say("%5d items: %6d ns for one more and one less", sizes[i], (int)cost);
		snprintf(name, sizeof(name), "cost_%d", sizes[i]);
		lab_number(name, cost);
		snprintf(name, sizeof(name), "n%d", sizes[i]);
		hold(name, sizes[i]);
	}
}

static void files_grow(void)
{
	int epfd = lab_epoll("files");

	for (int n = 0; n < FILES; n++)
		add(epfd, event_new());
}

int main(int argc, char **argv)
{
	lab_init("Two trees grow: of duplicates of one file, and of many files.", NULL, argc, argv);
	nofile_need(MOST + FILES + 2 * SPARE);
	lab_number("pairs", PAIRS * (int64_t)ARRAY_SIZE(sizes));
	lab_number("files", FILES);
	files_grow();
	duplicates_grow();
	lab_done();
	return 0;
}
